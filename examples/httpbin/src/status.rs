//! Statuses.

use apisession::prelude::*;
use serde::Deserialize;

/// Responses with a given status.
#[endpoint(path = "/status", tags("Status codes"))]
pub struct Status;

#[endpoint]
impl Status {
    /// Returns this status for a GET.
    #[get("/{code}")]
    pub fn get(&self, code: u16) -> Call<(), StatusError>;

    /// Returns this status for a POST.
    #[post("/{code}")]
    pub fn post(&self, code: u16) -> Call<(), StatusError>;

    /// Returns this status for a PUT.
    #[put("/{code}")]
    pub fn put(&self, code: u16) -> Call<(), StatusError>;

    /// Returns this status for a PATCH.
    #[patch("/{code}")]
    pub fn patch(&self, code: u16) -> Call<(), StatusError>;

    /// Returns this status for a DELETE.
    #[delete("/{code}")]
    pub fn delete(&self, code: u16) -> Call<(), StatusError>;

    /// Returns this status for a TRACE.
    #[request(TRACE, "/{code}")]
    pub fn trace(&self, code: u16) -> Call<(), StatusError>;

    /// Returns one of these statuses, each with a weight: `("200", 3.0)`.
    #[get("/{codes}")]
    pub fn random(&self, #[path(list = "comma", encode_with = weighted)] codes: &[(u16, f32)]) -> Call<()>;
}

fn weighted(codes: &[(u16, f32)]) -> Vec<String> {
    codes.iter().map(|(code, weight)| format!("{code}:{weight}")).collect()
}

/// The statuses that have a body.
#[derive(Debug, ApiError)]
pub enum StatusError {
    /// The media types that an image can have.
    #[status(406)]
    NotAcceptable(NotAcceptable),
    /// A teapot, drawn.
    #[status(418)]
    Teapot(Text),
    /// Any other status, and failures without a response.
    #[other]
    Other(apisession::Error),
}

/// The media types that the server has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NotAcceptable {
    /// The media types.
    pub accept: Vec<String>,
}
