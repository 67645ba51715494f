//! The `Location` of a response: the URL of what it has created, of a task, or of a redirect.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use http::{HeaderMap, header};
use url::Url;

use super::headers;
use crate::encode::messages;
use crate::encode::origin::{self, UrlError};
use crate::error::Error;
use crate::redact::Redaction;

/// The longest `Location` that is read, in bytes.
const MAX_LOCATION: usize = 8 * 1024;

/// A URL that the server returned in the header `Location`, for an operation that returns `Call<Location>`.
///
/// It is absolute: it was resolved against the URL of the request. User name, password and fragment are removed. Its query is as
/// the server sent it, and can be a secret, such as the signature of an upload. So its `Debug` does not show the values of the query, and
/// it has neither `Display` nor `Serialize`. [`expose`](Self::expose) returns the URL, to be stored, and `parse` reads it again.
///
/// An operation with `at` makes a request to it: see [`endpoint`](macro@crate::endpoint).
///
/// A location is no permission: what a request to it may carry is decided when it is made, by its origin and by
/// [`AllowedOrigins`](crate::AllowedOrigins).
///
/// ```
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// #[endpoint(path = "/uploads")]
/// pub struct Uploads;
///
/// #[endpoint]
/// impl Uploads {
///     #[post]
///     pub fn start(&self) -> Call<Location>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] uploads: Uploads }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async {
/// #     Ok(Response::new(StatusCode::ACCEPTED).with_header("location", "/uploads/7?state=s3cret"))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let upload = api.uploads().start().await?;
/// assert_eq!(upload.expose(), "https://api.test/uploads/7?state=s3cret");
/// assert_eq!(format!("{upload:?}"), r#"Location("https://api.test/uploads/7?state=[redacted]")"#);
///
/// let stored: String = upload.expose().to_owned();
/// let later: Location = stored.parse()?;
/// assert_eq!(later, upload);
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Location {
    url: Url,
    /// What of it is not shown.
    redaction: Redaction,
}

impl Location {
    /// Returns the URL, with its query.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.as_str()
    }

    /// What of it is not shown.
    pub(crate) fn redaction(&self) -> &Redaction {
        &self.redaction
    }

    /// The `Location` in the headers of a response to `base`.
    pub(crate) fn read(
        headers: &HeaderMap,
        base: Option<&Url>,
        redaction: Redaction,
    ) -> Result<Self, LocationError> {
        let text = text(headers)?;
        let url = Url::options().base_url(base).parse(&text).map_err(UrlError::from)?;
        Ok(Self { url: callable(url)?, redaction })
    }
}

/// A URL that can be called, without what is never sent.
fn callable(mut url: Url) -> Result<Url, UrlError> {
    origin::check(&url)?;
    // They would become a credential. `http` and `https` URLs can have them removed.
    let _ = (url.set_username(""), url.set_password(None));
    url.set_fragment(None);
    Ok(url)
}

/// Parses an absolute `http` or `https` URL, such as a location that was stored. The error, of the kind
/// [`Argument`](crate::ErrorKind::Argument), does not quote it.
impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let url = Url::parse(text).map_err(UrlError::from).and_then(callable);
        let url = url.map_err(|why| Error::argument(format!("the text of a location {why}")))?;
        Ok(Self { url, redaction: Redaction::default() })
    }
}

impl PartialEq for Location {
    fn eq(&self, other: &Self) -> bool {
        self.url == other.url
    }
}

impl Eq for Location {}

/// Shows the URL without the values of its query.
impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Location").field(&self.redaction.shown().url(&self.url)).finish()
    }
}

messages! {
    /// Why a response has no location. It continues a sentence: "the response …".
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum LocationError {
        Missing = "has no `Location`",
        Long = "has a `Location` that is longer than 8 KiB",
        Control = "has a `Location` that contains a control character",
        Url(error: UrlError) = "has a `Location` that {error}",
    }
}

impl From<UrlError> for LocationError {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}

/// The text of the header `Location`.
pub(crate) fn text(headers: &HeaderMap) -> Result<Cow<'_, str>, LocationError> {
    let value = headers.get(header::LOCATION).ok_or(LocationError::Missing)?;
    if value.len() > MAX_LOCATION {
        return Err(LocationError::Long);
    }
    let text = headers::url_text(value);
    if text.chars().any(char::is_control) { Err(LocationError::Control) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_location_is_resolved_and_shows_no_secret() {
        let base = Url::parse("https://api.test/v1/uploads?token=s3cret").unwrap();
        let rows = [
            ("7", Ok("https://api.test/v1/7")),
            ("/7?a=%2f+b&c", Ok("https://api.test/7?a=%2f+b&c")),
            ("?next", Ok("https://api.test/v1/uploads?next")),
            ("", Ok("https://api.test/v1/uploads?token=s3cret")),
            ("//cdn.test/7#top", Ok("https://cdn.test/7")),
            ("http://ana:s3cret@api.test:80/7", Ok("http://api.test/7")),
            ("/Zürich", Ok("https://api.test/Z%C3%BCrich")),
            ("file:///s3cret", Err("has a `Location` that has the scheme `file`")),
            ("javascript:s3cret", Err("has a `Location` that has the scheme `javascript`")),
            ("https://[s3cret", Err("has a `Location` that is not a URL")),
            ("https://api.test:0/", Err("has a `Location` that has port 0")),
            ("/a\tb", Err("has a `Location` that contains a control character")),
        ];
        for (value, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            let found = Location::read(&headers, Some(&base), Redaction::default());
            match (&found, expected) {
                (Ok(location), Ok(expected)) => {
                    assert_eq!(location.expose(), expected, "{value}");
                    assert!(!format!("{location:?}").contains("s3cret"), "{location:?}");
                    assert_eq!(location.expose().parse::<Location>().unwrap(), *location);
                }
                (Err(why), Err(expected)) => {
                    assert!(why.to_string().starts_with(expected), "{value}: {why}");
                    assert!(!why.to_string().contains("s3cret"), "{value}: {why}");
                }
                _ => panic!("{value}: {found:?}"),
            }
        }
        for text in ["/uploads/7", "", "ftp://a.test/s3cret"] {
            let error = text.parse::<Location>().unwrap_err().to_string();
            assert!(error.starts_with("the text of a location ") && !error.contains("s3cret"), "{error}");
        }
    }
}
