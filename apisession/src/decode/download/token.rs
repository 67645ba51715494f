//! Where a download goes on in another process.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use super::range::range;
use super::validator::Validator;
use crate::error::{Error, Result};

/// Where a download goes on, also in another process: [`Download::resume_token`](crate::Download::resume_token) returns it, and
/// [`Call::resume`](crate::Call::resume) takes it.
///
/// It has the number of bytes so far and what identifies their version, and neither the URL nor a credential. It is stored as its text:
/// [`to_string`](ToString::to_string) and [`parse`](str::parse), or by serde.
///
/// ```
/// use apisession::DownloadToken;
///
/// let token: DownloadToken = "1.4096.65536.ZSJ2MSI".parse()?;
/// assert_eq!(token.position(), 4096);
/// assert_eq!(token.to_string(), "1.4096.65536.ZSJ2MSI");
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DownloadToken {
    pub(super) position: u64,
    pub(super) end: Option<u64>,
    pub(super) validator: Validator,
}

/// The version of the text.
const VERSION: &str = "1";

impl DownloadToken {
    /// Returns the number of bytes before the one with which the download goes on.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The headers that ask for the rest.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let text = |value: HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let mut headers = vec![("range", text(range(self.position, self.end)))];
        headers.extend(self.validator.if_range().map(|value| ("if-range", text(value))));
        headers
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('.');
        let (version, position, end, validator) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if version != VERSION || parts.next().is_some() {
            return None;
        }
        let position = position.parse().ok()?;
        let end = if end.is_empty() { None } else { Some(end.parse().ok()?) };
        let validator = URL_SAFE_NO_PAD.decode(validator).ok()?;
        let (kind, value) = validator.split_first()?;
        let validator = match kind {
            b'e' => Validator::Tag(
                std::str::from_utf8(value)
                    .ok()?
                    .parse()
                    .ok()
                    .filter(|tag: &crate::message::ETag| !tag.is_weak())?,
            ),
            b'd' => Validator::Date(HeaderValue::from_bytes(value).ok()?),
            _ => return None,
        };
        end.is_none_or(|end| position <= end).then_some(Self { position, end, validator })
    }
}

/// The text in which it is stored.
impl fmt::Display for DownloadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut validator = Vec::new();
        match &self.validator {
            Validator::Tag(tag) => {
                validator.push(b'e');
                validator.extend_from_slice(tag.to_string().as_bytes());
            }
            Validator::Date(date) => {
                validator.push(b'd');
                validator.extend_from_slice(date.as_bytes());
            }
        }
        let end = self.end.map(|end| end.to_string()).unwrap_or_default();
        write!(f, "{VERSION}.{}.{end}.{}", self.position, URL_SAFE_NO_PAD.encode(validator))
    }
}

/// # Errors
///
/// If the text is not that of a token.
impl FromStr for DownloadToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text).ok_or_else(|| {
            Error::argument(
                "this is no resume token; pass the text of one that `Download::resume_token` returned",
            )
        })
    }
}

impl Serialize for DownloadToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DownloadToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|error: Error| D::Error::custom(error))
    }
}

/// Shows the number of bytes, and not the entity tag.
impl fmt::Debug for DownloadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadToken")
            .field("position", &self.position)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
