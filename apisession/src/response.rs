//! An answer: status, headers, and a body that is raw, decoded, or still on its way.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version, header};
use serde::de::DeserializeOwned;
use url::Url;

use crate::absent::Absent;
use crate::body::Body;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::Exchange;
use crate::link::{self, Link};
use crate::quota::Quota;
use crate::redact;

/// What the server answered, with its body decoded as `T`; without a `T`, with its body as it came.
///
/// ```
/// use apisession::{Response, http::StatusCode};
///
/// let response = Response::new(StatusCode::OK)
///     .with_header("x-request-id", "r-17")
///     .with_body(r#"{"title":"Standup"}"#);
/// let value: serde_json::Value = response.json()?;
/// assert_eq!(value["title"], "Standup");
/// assert_eq!(response.request_id(), Some("r-17"));
/// # Ok::<(), apisession::Error>(())
/// ```
pub struct Response<T = Body> {
    status: StatusCode,
    version: Version,
    headers: HeaderMap,
    body: T,
    sent: Option<Sent>,
}

/// What the loop knows about the way to this answer.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) attempts: u32,
    /// The redirects on the way, with the URLs that answered by them.
    pub(crate) history: Vec<(StatusCode, Url)>,
    pub(crate) elapsed: Duration,
}

impl Response {
    /// An answer made by hand, for a transport or a test.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self { status, version: Version::HTTP_11, headers: HeaderMap::new(), body: Body::empty(), sent: None }
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// If the name or the value can't be a header; both come from the code of a test.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value is visible ASCII");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The body, if it was read; `None` while it is a stream.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_bytes()
    }

    /// Decodes the body as JSON. An empty body is `None` for an `Option`, `()` for a unit, and `Some(())` for an
    /// `Option` of one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the body is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let bytes = self.bytes()?;
        if bytes.is_empty() {
            let empty = T::deserialize(Absent::Content).or_else(|_| T::deserialize(Absent::Body));
            return empty.map_err(|_| self.undecodable("it has no body"));
        }
        serde_json::from_slice(bytes).map_err(|error| self.not_json(&error, place::<T>(bytes)))
    }

    /// The body as text.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] if the body is not UTF-8.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| self.undecodable("it is not UTF-8"))
    }

    /// Turns the answer into an error, for a vendor that answers 200 and means something else.
    ///
    /// ```
    /// # use apisession::{ErrorKind, Response, http::StatusCode};
    /// let response = Response::new(StatusCode::OK).with_body(r#"{"error":"quota"}"#);
    /// let error = response.into_error(ErrorKind::TooManyRequests, "the quota is used up");
    /// assert_eq!(error.status(), Some(StatusCode::OK));
    /// ```
    #[must_use]
    pub fn into_error(self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let sent = self.sent.clone();
        let error = Error::new(kind, message).with_answer(self);
        match sent {
            Some(sent) => error.about(&sent.exchange, sent.attempts),
            None => error,
        }
    }

    pub(crate) fn from_parts(status: StatusCode, version: Version, headers: HeaderMap, body: Body) -> Self {
        Self { status, version, headers, body, sent: None }
    }

    pub(crate) fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }

    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    pub(crate) fn with_sent(mut self, sent: Sent) -> Self {
        self.sent = Some(sent);
        self
    }

    pub(crate) fn bytes(&self) -> Result<&Bytes> {
        self.body.as_bytes().ok_or_else(|| self.undecodable("its body is a stream that was not read"))
    }

    #[cold]
    fn not_json(&self, error: &serde_json::Error, place: Option<String>) -> Error {
        let why = redact::decoding(error);
        // The keys of a map are the body's.
        match place.filter(|_| !self.sent.as_ref().is_some_and(|sent| sent.exchange.restricted)) {
            Some(place) => self.undecodable(&format!("{}: {why}", redact::line(&place))),
            None => self.undecodable(&why),
        }
    }

    #[cold]
    fn undecodable(&self, why: &str) -> Error {
        let content_type =
            self.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("unreadable"));
        let content_type = redact::line(content_type.unwrap_or("none"));
        let message = format!("the answer can't be decoded: {why} (content type: {content_type})");
        self.head().map(|()| self.body.replay()).into_error(ErrorKind::Decode, message)
    }
}

impl<T> Response<T> {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The HTTP version that was spoken.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The URL that answered; `None` for an answer made by hand.
    #[must_use]
    pub fn url(&self) -> Option<&Url> {
        self.sent.as_ref().map(|sent| &sent.exchange.url)
    }

    /// The redirects that were followed, each with the URL that answered by it, in order.
    #[must_use]
    pub fn history(&self) -> &[(StatusCode, Url)] {
        self.sent.as_ref().map_or(&[], |sent| &sent.history)
    }

    /// The links in the headers (RFC 8288), in order.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        link::links(&self.headers, self.url())
    }

    /// Where the first link with this relation leads: `response.link("next")`.
    ///
    /// [`Raw::follow`](crate::Raw::follow) goes there, if it is of the session's origin.
    #[must_use]
    pub fn link(&self, relation: &str) -> Option<String> {
        let is_it = |link: &Link| link.relations.iter().any(|other| other.eq_ignore_ascii_case(relation));
        self.links().into_iter().find(is_it).map(|link| link.target)
    }

    /// The id that the server gave the request: `x-request-id`, `request-id` or `x-correlation-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// How many requests the server says are left.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        Quota::read(&self.headers, SystemTime::now())
    }

    /// How many attempts were made; 1 without a retry. A redirect that is followed belongs to its attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.sent.as_ref().map_or(1, |sent| sent.attempts)
    }

    /// The time from the start of the call to the end of this answer, waits included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.sent.as_ref().map_or(Duration::ZERO, |sent| sent.elapsed)
    }

    /// What was decoded from the body.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.body
    }

    /// What was decoded from the body, by value.
    #[must_use]
    pub fn into_value(self) -> T {
        self.body
    }

    /// The same answer with what `change` makes of its value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        let Self { status, version, headers, body, sent } = self;
        Response { status, version, headers, body: change(body), sent }
    }

    /// A copy of everything but the value.
    pub(crate) fn head(&self) -> Response<()> {
        let Self { status, version, headers, sent, .. } = self;
        Response {
            status: *status,
            version: *version,
            headers: headers.clone(),
            body: (),
            sent: sent.clone(),
        }
    }
}

/// Where in a JSON body the decoding fails: `data[3].title`. It decodes once more, slowly.
#[cold]
fn place<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = serde_path_to_error::deserialize::<_, T>(&mut json).err()?;
    Some(error.path().to_string()).filter(|place| place != ".")
}

/// Shows neither header values nor query values nor the value.
impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("url", &self.sent.as_ref().map(|sent| sent.exchange.shown_url()))
            .field("headers", &redact::names(&self.headers))
            .field("attempts", &self.attempts())
            .finish_non_exhaustive()
    }
}

pub(crate) fn request_id(headers: &HeaderMap) -> Option<&str> {
    ["x-request-id", "request-id", "x-correlation-id"]
        .into_iter()
        .find_map(|name| headers.get(name)?.to_str().ok())
}
