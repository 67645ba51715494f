//! Decodes the body of a response as text.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use http::header;

use super::FromResponse;
use super::failure::Expected;
use crate::describe::ResponseKind;
use crate::error::Result;
use crate::message::{Response, charset};

/// A response body of text, for an operation that returns `Call<Text>`: see [`Response::text`]. Its `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Text {
    /// Returns the text.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Shows the size, not the text, which can have a secret.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl FromResponse for Text {
    const ACCEPT: &'static str = "text/*";
    const KIND: ResponseKind = ResponseKind::Text;

    fn from_response(response: Response) -> Result<Self> {
        Ok(Self(response.text()?.into_owned()))
    }
}

impl Response {
    /// Returns the body as text, without a byte order mark.
    ///
    /// The charset is that of the byte order mark, or else the one that the content type declares, or else UTF-8. The labels of
    /// charsets are those of the [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels), in which `iso-8859-1` is
    /// windows-1252. A body whose charset has an unknown label is read as UTF-8.
    ///
    /// Other charsets than UTF-8 need the feature `charset`, which is on by default. Without it they are an error that names the
    /// feature, unless the body is ASCII.
    ///
    /// ```
    /// use apisession::{Response, http::StatusCode};
    ///
    /// let response = Response::new(StatusCode::OK)
    ///     .with_header("content-type", "text/plain; charset=iso-8859-1")
    ///     .with_body(b"Z\xfcrich".to_vec());
    /// assert_eq!(response.text()?, "Zürich");
    /// # Ok::<(), apisession::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) if a byte of the body is not of its charset, which the error names, or
    /// if the body is a stream that was not read.
    pub fn text(&self) -> Result<Cow<'_, str>> {
        let body = self.bytes(Expected::TEXT)?;
        charset::text(body, self.headers().get(header::CONTENT_TYPE)).map_err(|why| {
            let hint = "`Call<Bytes>` returns any body as it is";
            self.decode_error(Expected::TEXT, &format!("it {why}"), Some(hint))
        })
    }
}
