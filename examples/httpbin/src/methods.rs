//! Requests of each method.

use apisession::Parts;
use apisession::prelude::*;
use serde::Serialize;

use crate::Echo;

/// Requests of each method, which the server repeats.
#[endpoint(tags("HTTP Methods"))]
pub struct Methods;

#[endpoint]
impl Methods {
    /// Sends a GET with these query parameters.
    #[get("/get")]
    pub fn get(&self, #[query(flatten)] args: Option<&impl Serialize>) -> Call<Echo>;

    /// Posts JSON.
    #[post("/post")]
    pub fn post(&self, #[json] value: &impl Serialize) -> Call<Echo>;

    /// Posts a form.
    #[post("/post")]
    pub fn post_form(&self, #[form] form: &impl Serialize) -> Call<Echo>;

    /// Posts files and fields.
    #[post("/post")]
    pub fn post_files(&self, #[multipart] parts: &Parts) -> Call<Echo>;

    /// Posts text or bytes.
    #[post("/post")]
    pub fn post_body(&self, #[body("application/octet-stream")] body: impl Into<Body>) -> Call<Echo>;

    /// Puts JSON.
    #[put("/put")]
    pub fn put(&self, #[json] value: &impl Serialize) -> Call<Echo>;

    /// Patches with JSON.
    #[patch("/patch")]
    pub fn patch(&self, #[json] value: &impl Serialize) -> Call<Echo>;

    /// Deletes.
    #[delete("/delete")]
    pub fn delete(&self) -> Call<Echo>;
}
