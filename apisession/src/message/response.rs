//! A response: status, headers, and a body that is decoded, raw, or still to be read.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};
use url::Url;

use super::body::Body;
use super::link::{Link, links};
use super::location::{Location, LocationError};
use super::quota::Quota;
use crate::error::{Error, ErrorKind, Head, Loss, Sent};
use crate::redact::Redaction;

/// A response of the server, with its body decoded as `T`, or raw without a `T`.
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
    /// In a box, since a response is moved often.
    pub(super) head: Box<Head>,
    pub(super) body: T,
}

impl Response {
    /// Creates a response, for a transport or a test.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self { head: Box::new(Head::new(status)), body: Body::empty() }
    }

    /// Adds a header.
    ///
    /// # Panics
    ///
    /// Panics if the name or the value is not that of a header; both come from the code of a test.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a header value is visible ASCII");
        self.head.headers.append(HeaderName::from_static(name), value);
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the body if it was read, and `None` while it is a stream.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.body.as_bytes()
    }

    /// Turns the response into an error, for a vendor whose successful status can mean an error.
    ///
    /// The secrets of the request are masked in the message, which may be text of the server: its credential, and the headers and
    /// parameters whose names tell that they are secrets.
    ///
    /// ```
    /// # use apisession::{ErrorKind, Response, http::StatusCode};
    /// let response = Response::new(StatusCode::OK).with_body(r#"{"error":"quota"}"#);
    /// let error = response.into_error(ErrorKind::TooManyRequests, "the quota is used up");
    /// assert_eq!(error.status(), Some(StatusCode::OK));
    /// ```
    #[must_use]
    pub fn into_error(self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let body = self.body.as_bytes().cloned().unwrap_or_default();
        let message = match &self.head.sent {
            Some(_) => self.head.shown_parts().masked(&message.into()),
            None => message.into(),
        };
        let sent =
            self.head.sent.as_ref().map(|sent| (sent.exchange.clone(), sent.attempts, sent.track.clone()));
        let error = Error::new(kind, message).with_head(*self.head, body);
        match sent {
            Some((exchange, attempts, track)) => error.about(&exchange, attempts, &track),
            None => error,
        }
    }

    pub(crate) fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }

    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.head.headers
    }

    /// Adds why the body of an error is not all that the server sent.
    pub(crate) fn with_cut(mut self, cut: Option<Loss>) -> Self {
        if let Some(sent) = &mut self.head.sent {
            sent.cut = cut;
        }
        self
    }

    pub(crate) fn with_sent(mut self, sent: Sent) -> Self {
        self.head.sent = Some(sent);
        self
    }
}

impl<T> Response<T> {
    pub(crate) fn from_parts(head: Head, body: T) -> Self {
        Self { head: Box::new(head), body }
    }

    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns the HTTP version of the response.
    #[must_use]
    pub fn version(&self) -> Version {
        self.head.version
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the URL of the request, after redirects; `None` for a response made by hand.
    #[must_use]
    pub fn url(&self) -> Option<&Url> {
        self.head.sent.as_ref().map(|sent| &sent.exchange.url)
    }

    /// Returns the redirects that were followed, in order, each with the URL that returned it.
    #[must_use]
    pub fn history(&self) -> &[(StatusCode, Url)] {
        self.head.sent.as_ref().map_or(&[], |sent| sent.history.list())
    }

    /// Returns the links in the headers (RFC 8288), in order. Bytes that are not ASCII are read as UTF-8, or else percent-encoded.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        links(self.headers(), self.url(), &self.link_redaction())
    }

    /// Returns the target of the first link with this relation: `response.link("next")`.
    ///
    /// [`Raw::follow`](crate::Raw::follow) calls it, if it has the session's origin. `None` means that the server sent no such
    /// link: a target that is not a URL is returned as well, and following it fails.
    #[must_use]
    pub fn link(&self, relation: &str) -> Option<String> {
        let is_it = |link: &Link| link.relations.iter().any(|other| other.eq_ignore_ascii_case(relation));
        self.links().into_iter().find(is_it).map(|link| link.target)
    }

    /// Returns the `Location` of the response, such as the URL of what it has created. It is `None` if there is no such header, or if it
    /// is not an `http` or `https` URL.
    #[must_use]
    pub fn location(&self) -> Option<Location> {
        self.read_location().ok()
    }

    pub(crate) fn read_location(&self) -> Result<Location, LocationError> {
        Location::read(self.headers(), self.url(), self.link_redaction())
    }

    /// What is not shown of a URL in the response.
    fn link_redaction(&self) -> Redaction {
        self.head.sent.as_ref().map(|sent| sent.exchange.link_redaction()).unwrap_or_default()
    }

    /// Returns the id that the server gave the request, in a header such as `x-request-id`, `x-amzn-requestid`, `x-ms-request-id`,
    /// `x-correlation-id`, `x-trace-id` or `cf-ray`. A session's `request_id_header` adds one, which is looked at first.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id()
    }

    /// Returns how many requests the server still allows, if its headers tell.
    #[must_use]
    pub fn quota(&self) -> Option<Quota> {
        Quota::read(self.headers(), SystemTime::now())?.ok()
    }

    /// Returns the number of attempts that were made; 1 without a retry. A redirect that is followed belongs to its attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.head.sent.as_ref().map_or(1, |sent| sent.attempts)
    }

    /// Returns the time from the start of the call to the end of this response, waits included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.head.sent.as_ref().map_or(Duration::ZERO, |sent| sent.track.elapsed(&sent.exchange))
    }

    /// Returns the decoded body.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.body
    }

    /// Returns the decoded body by value.
    #[must_use]
    pub fn into_value(self) -> T {
        self.body
    }

    /// Replaces the decoded body by what `change` returns for it.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { head: self.head, body: change(self.body) }
    }
}

/// Shows the headers and the parameters of the query that may be shown, and nothing of the body.
impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.head.shown_parts();
        f.debug_struct("Response")
            .field("status", &self.status())
            .field("url", &self.url().map(|url| shown.url(url)))
            .field("headers", &shown.headers(self.headers()).collect::<Vec<_>>())
            .field("attempts", &self.attempts())
            .finish_non_exhaustive()
    }
}
