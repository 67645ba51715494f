//! Responses with given headers.

use std::collections::BTreeMap;

use apisession::prelude::*;

use crate::{Echo, Values};

/// Responses with given headers, and conditional requests.
#[endpoint(tags("Response inspection"))]
pub struct ResponseInspection;

#[endpoint]
impl ResponseInspection {
    /// Responds with 304 to a conditional request.
    #[get("/cache")]
    pub fn cache(&self) -> Call<Echo>;

    /// Responds with a `Cache-Control` of so many seconds.
    #[get("/cache/{seconds}")]
    pub fn cache_for(&self, seconds: u32) -> Call<Echo>;

    /// Responds as a resource with this entity tag does.
    #[get("/etag/{etag}")]
    pub fn etag(&self, etag: &str) -> Call<Echo>;

    /// Responds with these headers, and returns them.
    #[get("/response-headers")]
    pub fn headers(&self, #[query(flatten)] of: &BTreeMap<&str, &str>) -> Call<BTreeMap<String, Values>>;

    /// Responds to a POST with these headers, and returns them.
    #[post("/response-headers")]
    pub fn post(&self, #[query(flatten)] of: &BTreeMap<&str, &str>) -> Call<BTreeMap<String, Values>>;
}
