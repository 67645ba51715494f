//! Entity tags.

use std::fmt::{self, Write as _};
use std::str::FromStr;
use std::time::SystemTime;

use http::header;

use super::Response;
use crate::error::{Error, Result};

/// An entity tag (RFC 9110 §8.8.3), which names a version of a resource: `"v1"`, or `W/"v1"` if it is weak.
///
/// [`Response::etag`](crate::Response::etag) returns it, and [`Call::if_none_match`](crate::Call::if_none_match) and
/// [`Call::with_if_match`](crate::Call::with_if_match) send it. It is stored as its text: [`to_string`](ToString::to_string) and
/// [`parse`](str::parse). A strong and a weak tag are never equal.
///
/// ```
/// use apisession::ETag;
///
/// let tag: ETag = "W/\"v1\"".parse()?;
/// assert!(tag.is_weak());
/// assert_eq!(tag.to_string(), "W/\"v1\"");
/// assert_ne!(tag, "\"v1\"".parse()?);
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ETag {
    is_weak: bool,
    opaque: Box<str>,
}

impl ETag {
    /// Whether the tag is weak: versions with the same tag mean the same, but may differ in their bytes.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.is_weak
    }
}

impl<T> Response<T> {
    /// Returns the entity tag, if the server sent a valid one.
    #[must_use]
    pub fn etag(&self) -> Option<ETag> {
        self.headers().get(header::ETAG)?.to_str().ok()?.trim().parse().ok()
    }

    /// Returns when the resource was last modified, if the server sent a valid date.
    #[must_use]
    pub fn last_modified(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.headers().get(header::LAST_MODIFIED)?.to_str().ok()?).ok()
    }
}

/// # Errors
///
/// If the text is no entity tag: it needs double quotes, and has none between them.
impl FromStr for ETag {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (is_weak, quoted) = match text.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let opaque = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let is_allowed = |c: char| c > ' ' && c != '"' && c != '\x7f';
        match opaque.filter(|opaque| opaque.chars().all(is_allowed)) {
            Some(opaque) => Ok(Self { is_weak, opaque: opaque.into() }),
            None => Err(Error::argument(
                "this is no entity tag; pass one like `\"v1\"` or `W/\"v1\"`, with its quotes",
            )),
        }
    }
}

/// Shows the tag as it is sent.
impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_weak {
            f.write_str("W/")?;
        }
        f.write_char('"')?;
        f.write_str(&self.opaque)?;
        f.write_char('"')
    }
}

/// Shows whether the tag is weak, and not its value.
impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_weak { "ETag(weak)" } else { "ETag(strong)" })
    }
}
