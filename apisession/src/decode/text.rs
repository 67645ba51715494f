//! Decodes the body of a response as text.

use std::fmt;

use super::FromResponse;
use super::failure::Expected;
use crate::error::Result;
use crate::message::Response;

/// A response body of text, for an operation that returns `Call<Text>`. Its `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(pub String);

/// Shows the size, not the text, which can have a secret.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl FromResponse for Text {
    const ACCEPT: &'static str = "text/*";

    fn from_response(response: Response) -> Result<Self> {
        Ok(Self(response.text()?.to_owned()))
    }
}

impl Response {
    /// Returns the body as text.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the body is not UTF-8, or is a stream that was not read.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(self.bytes(Expected::TEXT)?).map_err(|_| {
            let hint = "`Call<Bytes>` returns any body as it is";
            self.decode_error(Expected::TEXT, "it is not UTF-8", Some(hint))
        })
    }
}
