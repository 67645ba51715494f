//! The one error: opaque, one word wide, and safe to paste into a public ticket.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;

use crate::exchange::Exchange;
use crate::login::Shared;
use crate::operation::Operation;
use crate::redact;
use crate::response::Response;

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error of somebody else's.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong with a call, as far as it is known.
///
/// `Display` is one line and [`report`](Self::report) the whole story. Neither shows a header, a query
/// value, or a body: only the request id, the idempotency key, the message that the server's own error document carries, and the
/// keys on the way to what can't be decoded, with control characters escaped; on a restricted path neither
/// message nor keys.
///
/// ```
/// use apisession::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Authentication, "no login in the environment; set ACME_USER");
/// assert_eq!(error.kind(), ErrorKind::Authentication);
/// assert_eq!(error.to_string(), "no login in the environment; set ACME_USER");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    exchange: Option<Arc<Exchange>>,
    operation: Option<&'static Operation>,
    attempts: u32,
    outcome: Option<Outcome>,
    retryable: bool,
    /// How long the server asked to wait, and since when.
    pause: Option<(Duration, SystemTime)>,
    /// Whether the server said that the thing of this call is not there, which some types can express.
    absent: bool,
    /// What the server answered, kept for whoever wants to look.
    answer: Option<Response<Bytes>>,
    source: Option<BoxError>,
}

/// One of ours among causes, also if it is shared by many.
fn own<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    cause.downcast_ref().or_else(|| cause.downcast_ref::<Shared>()?.cause()?.downcast_ref())
}

impl Error {
    /// An error of a hook or a hand-written method.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            exchange: None,
            operation: None,
            attempts: 0,
            outcome: None,
            retryable: false,
            pause: None,
            absent: false,
            answer: None,
            source: None,
        }))
    }

    /// Wraps an error of somebody else's, which stays reachable by [`source`](std::error::Error::source).
    ///
    /// ```
    /// use apisession::Error;
    ///
    /// fn read_token() -> apisession::Result<String> {
    ///     std::fs::read_to_string("/nowhere/token").map_err(Error::other)
    /// }
    /// assert!(read_token().unwrap_err().report().contains("caused by"));
    /// ```
    #[must_use]
    pub fn other(source: impl Into<BoxError>) -> Self {
        Self::new(ErrorKind::Other, "the session's own code failed").caused_by(source.into())
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.answer.as_ref().map(Response::status)
    }

    /// The headers of the answer, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.answer.as_ref().map(Response::headers)
    }

    /// The body of the answer: of an error status up to 64 KiB of it, of a success that could not be used all
    /// of it. Unlike the messages it is not redacted.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.answer.as_ref().map(Response::value)
    }

    /// The body of the answer, decoded as `T`; `None` if there is none, or it is something else.
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
        serde_json::from_slice(self.body()?).ok()
    }

    /// The operation that was called.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// The method of the request.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.0.exchange.as_ref().map(|exchange| &exchange.method)
    }

    /// The URL of the request, without the values of its query.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.0.exchange.as_ref().map(|exchange| exchange.shown_url())
    }

    /// How many attempts were made; a redirect that is followed belongs to its attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// What is known about the request, all its attempts together; `None` if the failure is not one of sending.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.0.outcome
    }

    /// When the server may be asked again, if it asked for a pause and the call ended instead, or a rate limit of the
    /// session's own has room again; `None` also if that is beyond the clock's end.
    #[must_use]
    pub fn retry_at(&self) -> Option<SystemTime> {
        let (pause, since) = self.0.pause?;
        since.checked_add(pause)
    }

    /// The idempotency key of the call, if it had one: another call with it, by
    /// [`with_header`](crate::Call::with_header), is the same one to the server.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.exchange.as_ref()?.key.as_ref()?.to_str().ok()
    }

    /// The id that the server gave the request: `x-request-id`, `request-id` or `x-correlation-id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.headers().and_then(crate::response::request_id)
    }

    /// Whether the server said that there is no such thing.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether a deadline passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// The error of another call that caused this one: of a sign-in, of a call that a hook made.
    #[must_use]
    pub fn inner(&self) -> Option<&Self> {
        let first = std::error::Error::source(self);
        std::iter::successors(first, |cause| cause.source()).find_map(own)
    }

    /// The whole story on several lines, safe to paste into a public ticket.
    #[must_use]
    pub fn report(&self) -> String {
        use std::fmt::Write as _;
        let mut report = format!("error: {self}\n");
        let mut line = |name: &str, value: &dyn fmt::Display| {
            // Writing to a `String` can't fail.
            let _ = writeln!(report, "  {name:<12}{value}");
        };
        line("kind:", &format_args!("{:?}", self.kind()));
        if let Some(exchange) = &self.0.exchange {
            line("request:", &format_args!("{} {}", exchange.method, self.url().unwrap_or_default()));
        }
        if self.0.attempts > 0 {
            line("attempts:", &self.0.attempts);
        }
        let unanswered =
            matches!(self.kind(), ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Transport);
        if let (true, Some(outcome)) = (unanswered, self.0.outcome) {
            line("outcome:", &outcome);
        }
        if let Some(id) = self.request_id() {
            line("request id:", &redact::line(id));
        }
        let is_restricted = self.0.exchange.as_ref().is_some_and(|exchange| exchange.restricted);
        if let Some(key) = self.idempotency_key().filter(|_| !is_restricted) {
            line("idempotency:", &redact::line(key));
        }
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let about = own(cause).map(Self::request_line).unwrap_or_default();
            line("caused by:", &format_args!("{about}{}", redact::line(&cause.to_string())));
            source = cause.source();
        }
        report.truncate(report.trim_end().len());
        report
    }

    /// `POST https://login.acme.example/token, request id 7: `, if it is about a request.
    fn request_line(&self) -> String {
        let Some(exchange) = &self.0.exchange else { return String::new() };
        let id = self.request_id().map(|id| format!(", request id {}", redact::line(id))).unwrap_or_default();
        format!("{} {}{id}: ", exchange.method, exchange.shown_url())
    }

    pub(crate) fn caused_by(mut self, source: BoxError) -> Self {
        self.0.source = Some(source);
        self
    }

    pub(crate) fn in_operation(mut self, operation: Option<&'static Operation>) -> Self {
        self.0.operation = self.0.operation.or(operation);
        self
    }

    /// Says which request the error is about; what an inner call said stays.
    pub(crate) fn about(mut self, exchange: &Arc<Exchange>, attempts: u32) -> Self {
        if self.0.exchange.is_none() {
            self.0.exchange = Some(Arc::clone(exchange));
            self.0.attempts = attempts;
            self.0.operation = self.0.operation.or(exchange.operation);
        }
        self
    }

    /// The URL of the request, with all that is in it.
    pub(crate) fn url_asked(&self) -> Option<&url::Url> {
        self.0.exchange.as_ref().map(|exchange| &exchange.url)
    }

    /// Whether this very request has made it.
    pub(crate) fn is_about(&self, exchange: &Arc<Exchange>) -> bool {
        self.0.exchange.as_ref().is_some_and(|own| Arc::ptr_eq(own, exchange))
    }

    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = Some(outcome);
        self
    }

    /// Marks an error that this very call's answer made.
    pub(crate) fn answering(mut self) -> Self {
        self.0.absent = self.is_not_found();
        self
    }

    /// Marks an error that a hook's own call made.
    pub(crate) fn of_a_hook(mut self) -> Self {
        self.0.absent = false;
        self
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.0.absent
    }

    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Says why there was no other attempt.
    pub(crate) fn ended_by(mut self, why: &str) -> Self {
        self.0.message.push_str("; ");
        self.0.message.push_str(why);
        self
    }

    /// Says that there would have been another attempt, and what was in its way.
    pub(crate) fn unrepeatable(mut self) -> Self {
        self.0.kind = ErrorKind::BodyNotReplayable;
        self.ended_by("the body is a stream and was sent already (`Body::rewindable` makes it anew)")
    }

    pub(crate) fn with_pause(mut self, pause: Option<Duration>, since: SystemTime) -> Self {
        self.0.pause = pause.map(|pause| (pause, since)).or(self.0.pause);
        self
    }

    pub(crate) fn with_answer(mut self, response: Response) -> Self {
        self.0.answer = Some(response.map(|body| body.as_bytes().cloned().unwrap_or_default()));
        self
    }

    /// The head of the answer, for an error that is decoded as a value: a 404 as `None`.
    pub(crate) fn head(&self) -> Response<()> {
        match &self.0.answer {
            Some(answer) => answer.head(),
            None => Response::new(StatusCode::NOT_FOUND).head(),
        }
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

/// `{}` is this level only; `{:#}` adds the causes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.message)?;
        let mut cause = std::error::Error::source(self).filter(|_| f.alternate());
        while let Some(error) = cause {
            write!(f, ": {}", redact::line(&error.to_string()))?;
            cause = error.source();
        }
        Ok(())
    }
}

/// As safe as `Display`.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.to_string())
            .field("method", &self.method())
            .field("url", &self.url())
            .field("status", &self.status())
            .field("attempts", &self.attempts())
            .field("outcome", &self.outcome())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// What is known about a request that failed: of all its attempts, the one of which the least is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// Proven: no byte of the request reached the server.
    NotSent,
    /// The server said that it did not process the request.
    Rejected,
    /// The server may have processed the request.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent: the server saw nothing of the request",
            Self::Rejected => "rejected: the server did not process the request",
            Self::Unknown => "unknown: the server may have processed the request",
        })
    }
}

/// The kinds of failure: one for each error status, and one for each way a call fails without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument can't be sent; nothing was.
    Argument,
    /// The `authenticate` hook failed.
    Authentication,
    /// 502.
    BadGateway,
    /// 400.
    BadRequest,
    /// The request would have to be sent again, and its body is a stream that was begun.
    BodyNotReplayable,
    /// The body of the answer is larger than `max_body`.
    BodyTooLarge,
    /// The session can't be built as it was configured.
    Configuration,
    /// The server's certificate has expired.
    CertificateExpired,
    /// The server's certificate is not valid yet.
    CertificateNotYetValid,
    /// The server's key is none that is pinned, or not the one that was met before.
    CertificateNotPinned,
    /// The server's certificate is signed by itself.
    CertificateSelfSigned,
    /// The server's certificate is of an authority that is not known.
    CertificateUnknownIssuer,
    /// The server's certificate is for another name.
    CertificateWrongName,
    /// 409.
    Conflict,
    /// No connection could be made to the server's address.
    Connect,
    /// 413.
    ContentTooLarge,
    /// The answer is not what the operation declares.
    Decode,
    /// The name of the server can't be resolved.
    Dns,
    /// 417.
    ExpectationFailed,
    /// 424.
    FailedDependency,
    /// 403.
    Forbidden,
    /// 504.
    GatewayTimeout,
    /// 410.
    Gone,
    /// 431.
    HeaderFieldsTooLarge,
    /// 505.
    HttpVersionNotSupported,
    /// 418.
    ImATeapot,
    /// A redirect leads from `https` to `http`.
    InsecureRedirect,
    /// 507.
    InsufficientStorage,
    /// 500.
    InternalServerError,
    /// 411.
    LengthRequired,
    /// 423.
    Locked,
    /// 508.
    LoopDetected,
    /// 405.
    MethodNotAllowed,
    /// 421.
    MisdirectedRequest,
    /// 511.
    NetworkAuthenticationRequired,
    /// 406.
    NotAcceptable,
    /// The session isn't built yet, or is gone.
    NotBuilt,
    /// 510.
    NotExtended,
    /// 404.
    NotFound,
    /// 501.
    NotImplemented,
    /// The author's code failed: a hook, or a hand-written method.
    Other,
    /// A 4xx without a kind of its own.
    OtherClientError,
    /// A 5xx without a kind of its own.
    OtherServerError,
    /// 402.
    PaymentRequired,
    /// 412.
    PreconditionFailed,
    /// 428.
    PreconditionRequired,
    /// The answer breaks the rules of HTTP.
    Protocol,
    /// The proxy made no connection: it can't be reached, refuses, or does not answer as a proxy.
    Proxy,
    /// 407.
    ProxyAuthenticationRequired,
    /// 416.
    RangeNotSatisfiable,
    /// A `rate_limit` has no place in the time of the call; nothing was sent to find that out.
    RateLimited,
    /// A 3xx that is not followed.
    Redirect,
    /// 408.
    RequestTimeout,
    /// 503.
    ServiceUnavailable,
    /// A deadline of ours passed.
    Timeout,
    /// No TLS connection could be made, for another reason than the server's certificate.
    Tls,
    /// 425.
    TooEarly,
    /// There are more redirects than `redirects` allows.
    TooManyRedirects,
    /// 429, and 420.
    TooManyRequests,
    /// The connection failed after it was made.
    Transport,
    /// 401.
    Unauthorized,
    /// 451.
    UnavailableForLegalReasons,
    /// A status outside 200 to 599.
    UnexpectedStatus,
    /// 422.
    UnprocessableContent,
    /// The answer has a content coding that was not built in, or more than one.
    UnsupportedEncoding,
    /// 415.
    UnsupportedMediaType,
    /// 426.
    UpgradeRequired,
    /// 414.
    UriTooLong,
    /// 506.
    VariantAlsoNegotiates,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
