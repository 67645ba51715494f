//! Decodes the body of an error.

use bytes::Bytes;
use http::header;
use serde::de::DeserializeOwned;

use super::absent::Absent;
use super::json;
use super::text::Text;
use crate::encode::without_bom;
use crate::error::Error;
use crate::message::charset;

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

/// A type that is decoded from the body of an error by itself instead of by `Deserialize`, as a field of a typed error.
///
/// [`Text`](crate::Text), [`Bytes`](crate::Bytes) and `Xml<T>` are such types. `Option<T>` takes each body, and is `None` for one that can't be
/// decoded.
///
/// ```
/// use apisession::{Error, FromErrorBody};
///
/// /// The code that this vendor returns in a header.
/// #[derive(Debug)]
/// struct Code(u64);
///
/// impl FromErrorBody for Code {
///     fn from_error_body(error: &Error) -> Option<Self> {
///         error.headers()?.get("x-code")?.to_str().ok()?.parse().ok().map(Self)
///     }
/// }
/// ```
pub trait FromErrorBody: Sized {
    /// Decodes the body of the response, or what else there is of it. Returns `None` if that is not possible.
    fn from_error_body(error: &Error) -> Option<Self>;
}

impl<T: FromErrorBody> FromErrorBody for Option<T> {
    fn from_error_body(error: &Error) -> Option<Self> {
        Some(T::from_error_body(error))
    }
}

impl FromErrorBody for Bytes {
    fn from_error_body(error: &Error) -> Option<Self> {
        error.body().cloned()
    }
}

/// In the charset of the body, as by [`Response::text`](crate::Response::text).
impl FromErrorBody for Text {
    fn from_error_body(error: &Error) -> Option<Self> {
        let content_type = error.headers().and_then(|headers| headers.get(header::CONTENT_TYPE));
        charset::text(error.body()?, content_type).ok().map(|text| Self(text.into_owned()))
    }
}
