//! Decodes the body of an error.

use http::header;
use serde::de::DeserializeOwned;

use super::absent::Absent;
use super::json;
use crate::encode::without_bom;
use crate::error::Error;

impl Error {
    /// Decodes the body of the response as JSON. Returns `None` if there is none, or it can't be decoded as `T`.
    ///
    /// An `Option` is `Some(None)` if the body is empty, as after a HEAD, or can't be decoded.
    ///
    /// ```
    /// # use apisession::{ErrorKind, Problem, Response, http::StatusCode};
    /// # let error = Response::new(StatusCode::NOT_FOUND).with_body(r#"{"title":"Not found"}"#)
    /// #     .into_error(ErrorKind::NotFound, "404 Not Found");
    /// let problem: Option<Problem> = error.body_as();
    /// assert_eq!(problem.unwrap().title.as_deref(), Some("Not found"));
    /// ```
    #[must_use]
    pub fn body_as<T: DeserializeOwned>(&self) -> Option<T> {
        let content_type = || self.headers()?.get(header::CONTENT_TYPE);
        let decoded = json::parse(without_bom(self.body()?), content_type);
        decoded.ok().or_else(|| T::deserialize(Absent::Resource).ok())
    }
}
