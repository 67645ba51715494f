//! Any request.

use apisession::prelude::*;
use serde::Serialize;

use crate::Echo;

/// Any request, whatever its method and path, which the server repeats.
#[endpoint(path = "/anything", tags("Anything"))]
pub struct Anything;

#[endpoint]
impl Anything {
    /// Sends a GET.
    #[get("/{path+}")]
    pub fn get(&self, path: &str, #[query(flatten)] args: Option<&impl Serialize>) -> Call<Echo>;

    /// Posts JSON.
    #[post("/{path+}")]
    pub fn post(&self, path: &str, #[json] value: &impl Serialize) -> Call<Echo>;

    /// Puts JSON.
    #[put("/{path+}")]
    pub fn put(&self, path: &str, #[json] value: &impl Serialize) -> Call<Echo>;

    /// Patches with JSON.
    #[patch("/{path+}")]
    pub fn patch(&self, path: &str, #[json] value: &impl Serialize) -> Call<Echo>;

    /// Deletes.
    #[delete("/{path+}")]
    pub fn delete(&self, path: &str) -> Call<Echo>;

    /// Traces the request.
    #[request(TRACE, "/{path+}")]
    pub fn trace(&self, path: &str) -> Call<Echo>;
}
