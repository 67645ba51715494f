//! Redirects.

use apisession::prelude::*;

use crate::Echo;

/// Redirects, and what they lead to.
#[endpoint(tags("Redirects"))]
pub struct Redirects;

#[endpoint]
impl Redirects {
    /// Follows so many redirects, and returns what the last one leads to.
    #[get("/redirect/{n}")]
    pub fn follow(&self, n: u32, absolute: Option<bool>) -> Call<Echo>;

    /// Follows redirects to paths.
    #[get("/relative-redirect/{n}")]
    pub fn relative(&self, n: u32) -> Call<Echo>;

    /// Follows redirects to URLs.
    #[get("/absolute-redirect/{n}")]
    pub fn absolute(&self, n: u32) -> Call<Echo>;

    /// Follows a redirect to this URL or path.
    #[get("/redirect-to")]
    pub fn to(&self, #[query] url: &str, status_code: Option<u16>) -> Call<Echo>;

    /// Returns where a GET is redirected to, and follows nothing.
    #[get("/redirect-to")]
    pub fn location(&self, #[query] url: &str, status_code: Option<u16>) -> Call<Location>;

    /// Follows a redirect of a POST.
    #[post("/redirect-to", redirects = 1)]
    pub fn post(&self, #[query] url: &str, status_code: Option<u16>) -> Call<Echo>;

    /// Follows a redirect of a PUT.
    #[put("/redirect-to", redirects = 1)]
    pub fn put(&self, #[query] url: &str, status_code: Option<u16>) -> Call<Echo>;

    /// Follows a redirect of a PATCH.
    #[patch("/redirect-to", redirects = 1)]
    pub fn patch(&self, #[query] url: &str, status_code: Option<u16>) -> Call<Echo>;

    /// Follows a redirect of a DELETE.
    #[delete("/redirect-to", redirects = 1)]
    pub fn delete(&self, #[query] url: &str, status_code: Option<u16>) -> Call<Echo>;
}
