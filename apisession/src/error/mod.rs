//! The one error: opaque, one word wide, and safe to paste into a public ticket. It imports `describe` and what
//! is below it.

mod advice;
mod attempt;
mod causes;
mod exchange;
mod head;
mod history;
#[cfg(feature = "streams")]
mod items;
#[cfg(feature = "jobs")]
mod job;
mod kind;
mod outcome;
mod report;
mod shared;
mod status;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

pub use self::attempt::Attempt;
pub(crate) use self::exchange::Exchange;
pub(crate) use self::head::{Head, Loss, Sent, Track};
pub(crate) use self::history::History;
pub use self::kind::ErrorKind;
pub use self::outcome::Outcome;
pub(crate) use self::shared::shared;
pub(crate) use self::status::status_text;
use crate::describe::Operation;
use crate::encode::random::RandomError;
use crate::redact::{Redaction, Shown};

/// A `Result` whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A boxed error of any other type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a call failed.
///
/// `Display` is one line, [`report`](Self::report) has everything that is known, and `Debug` is the short form of it. All are safe to paste
/// into a public ticket. They show of headers, query and body what [`redact_allow`](crate::Settings::redact_allow) allows and what is
/// harmless, and mask the secrets in use. They do show the request id, the idempotency key, and the message in the server's error
/// document. If the body can't be decoded, they show the keys that lead to the place. On a restricted path neither keys nor message are
/// shown, except for what the author's [`Rule::message`](crate::Rule::message) returns. Control characters are escaped.
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
    /// What is known of the call, if there is no response that has it.
    track: Track,
    operation: Option<&'static Operation>,
    attempts: u32,
    outcome: Option<Outcome>,
    /// That of the last attempt, if another one is known less of.
    attempt_outcome: Option<Outcome>,
    retryable: bool,
    /// The pause that the server asked for, and when it did.
    pause: Option<(Duration, SystemTime)>,
    /// Whether the server reported that what this very call asks for does not exist, which `Option` decodes as `None`.
    absent: bool,
    response: Option<(Head, Bytes)>,
    /// How many bytes of a body arrived before its stream failed.
    received: Option<u64>,
    /// How many whole items of a stream were received before it failed.
    items: Option<u64>,
    /// The text by which a job is resumed.
    #[cfg(feature = "jobs")]
    job: Option<String>,
    source: Option<BoxError>,
    /// Whether the error of another call is the cause, with which the message ends.
    is_outer: bool,
}

impl Error {
    /// Creates an error, for a hook or a hand-written method.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            exchange: None,
            track: Track::default(),
            operation: None,
            attempts: 0,
            outcome: None,
            attempt_outcome: None,
            retryable: false,
            pause: None,
            absent: false,
            response: None,
            received: None,
            items: None,
            #[cfg(feature = "jobs")]
            job: None,
            source: None,
            is_outer: false,
        }))
    }

    /// The error of a call that failed because another call or the author's code did. It has nothing of the other call's response.
    pub(crate) fn outer(kind: ErrorKind, message: impl Into<String>, inner: Self) -> Self {
        let mut outer = Self::new(kind, message).caused_by(inner.into());
        outer.0.is_outer = true;
        outer
    }

    /// Wraps an error of another type, which stays reachable by [`source`](std::error::Error::source). An `Error` stays as it is.
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
        match source.into().downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => Self::new(ErrorKind::Other, "the session's own code failed").caused_by(source),
        }
    }

    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Argument, message)
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the status of the response, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        Some(self.head()?.status)
    }

    /// Returns the headers of the response, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        Some(&self.head()?.headers)
    }

    /// Returns the body of the response, if there was one. It is not redacted.
    ///
    /// Of an error status it is at most the first 64 KiB, or what `max_error_body` sets. The [report](Self::report) states whether it was
    /// cut.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.0.response.as_ref().map(|(_, body)| body)
    }

    /// Returns how many bytes of the body arrived before its stream failed, for a call whose response is read while it arrives. They are
    /// counted as they were sent, before a content coding is decoded.
    #[must_use]
    pub fn received(&self) -> Option<u64> {
        self.0.received
    }

    /// Returns how many whole items of an [`EventStream`](crate::EventStream) or of [`Lines`](crate::Lines) were received before it failed.
    #[must_use]
    pub fn items(&self) -> Option<u64> {
        self.0.items
    }

    /// Returns the operation that was called.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// Returns the method of the request.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.exchange().map(|exchange| &exchange.method)
    }

    /// Returns the URL of the request, with the values of its query that may be shown.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.exchange().map(|exchange| self.shown().url(&exchange.url))
    }

    /// Returns the time from the start of the call to its failure, waits included. It is zero for an error that is not one of a call.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.exchange().map_or(Duration::ZERO, |exchange| self.track().elapsed(exchange))
    }

    /// Returns the attempts that were made, in order: when each began, how it ended, and how long the call waited after it.
    ///
    /// It is empty for an error that is not one of sending. If the response can't be decoded, the last attempt has the kind of that error.
    #[must_use]
    pub fn attempt_log(&self) -> Vec<Attempt> {
        let mut attempts = self.earlier().map(|earlier| earlier.to_vec()).unwrap_or_default();
        if self.0.attempts as usize > attempts.len() {
            attempts.push(self.attempt(None));
        }
        attempts
    }

    /// Returns the number of attempts that were made. A redirect that is followed belongs to its attempt.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns what is known about the request after all its attempts. It is `None` if the failure was not one of sending, and for a
    /// 4xx: the server's response tells what has become of the request, unless an attempt before it may have been processed.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.0.outcome
    }

    /// Returns when the call can be made again, if the server asked for a pause that the call did not wait for, or a rate
    /// limit of the session has no slot until then. It is that of the [`inner`](Self::inner) error, if this one has none. It is `None`
    /// also if the time can't be represented.
    #[must_use]
    pub fn retry_at(&self) -> Option<SystemTime> {
        match self.0.pause {
            Some((pause, since)) => since.checked_add(pause),
            None => self.inner()?.retry_at(),
        }
    }

    /// Returns the idempotency key of the call, if it had one.
    ///
    /// A new call with the same key, set by [`with_header`](crate::Call::with_header), is the same call to the server.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.exchange()?.key.as_ref()?.to_str().ok()
    }

    /// Returns the id that the server gave the request, in a header such as `x-request-id`, `x-amzn-requestid`, `x-ms-request-id`,
    /// `x-correlation-id`, `x-trace-id` or `cf-ray`. A session's `request_id_header` adds one, which is looked at first.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.head()?.request_id()
    }

    /// Whether the server reported that what was asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether a deadline passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }
}

/// What the send loop knows of its errors.
impl Error {
    /// Whether no connection could be made.
    pub(crate) fn is_unconnected(&self) -> bool {
        self.outcome() == Some(Outcome::NotSent) && self.status().is_none() && self.kind().is_of_connecting()
    }

    pub(crate) fn exchange(&self) -> Option<&Exchange> {
        self.0.exchange.as_deref()
    }

    pub(crate) fn head(&self) -> Option<&Head> {
        self.0.response.as_ref().map(|(head, _)| head)
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether a retry can succeed: by the status and its rule, by the headers of the vendor, or since the connection failed.
    ///
    /// That is not enough for one. A write is repeated only if the server is known not to have processed it: see
    /// [`outcome`](Self::outcome). The session has made the retries that it may make. A later call can succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    pub(crate) fn is_absent(&self) -> bool {
        self.0.absent
    }

    /// The exchange that failed.
    pub(crate) fn shared_exchange(&self) -> Option<&Arc<Exchange>> {
        self.0.exchange.as_ref()
    }

    /// Whether this very exchange failed with the error.
    pub(crate) fn is_about(&self, exchange: &Arc<Exchange>) -> bool {
        self.0.exchange.as_ref().is_some_and(|own| Arc::ptr_eq(own, exchange))
    }

    /// How the error and its exchange are shown.
    pub(crate) fn shown(&self) -> Shown<'_> {
        static DEFAULT: Redaction = Redaction::DEFAULT;
        self.exchange().map_or_else(|| DEFAULT.shown(), |exchange| exchange.shown(&self.track().carried))
    }

    /// What is known of the call.
    fn track(&self) -> &Track {
        self.head().and_then(|head| head.sent.as_ref()).map_or(&self.0.track, |sent| &sent.track)
    }

    /// The attempts before the last one.
    pub(crate) fn earlier(&self) -> Option<&Arc<Vec<Attempt>>> {
        self.track().earlier.as_ref()
    }

    /// The attempt that failed with this error.
    pub(crate) fn attempt(&self, wait: Option<Duration>) -> Attempt {
        let started = self.exchange().map_or(Duration::ZERO, |exchange| self.track().attempted(exchange));
        let own = self.0.attempt_outcome.or(self.0.outcome);
        Attempt {
            started,
            took: self.elapsed().saturating_sub(started),
            kind: self.kind(),
            status: self.status(),
            outcome: own.filter(|own| *own != Outcome::Unknown || !self.is_refusal()),
            request_id: self.request_id().map(|id| self.shown().text(id)),
            wait,
        }
    }

    /// Sets the exchange that failed, unless an inner call has set its own.
    pub(crate) fn about(mut self, exchange: &Arc<Exchange>, attempts: u32, track: &Track) -> Self {
        if self.0.exchange.is_none() {
            self.0.exchange = Some(Arc::clone(exchange));
            (self.0.attempts, self.0.track) = (attempts, track.clone());
            self.0.operation = self.0.operation.or(exchange.operation);
        }
        self
    }

    pub(crate) fn caused_by(mut self, source: BoxError) -> Self {
        self.0.source = Some(source);
        self
    }

    /// What caused it, or the error itself.
    pub(crate) fn into_source(mut self) -> BoxError {
        match self.0.source.take() {
            Some(source) => source,
            None => self.into(),
        }
    }

    pub(crate) fn in_operation(mut self, operation: Option<&'static Operation>) -> Self {
        self.0.operation = self.0.operation.or(operation);
        self
    }

    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = Some(outcome);
        self
    }

    /// Sets the outcome of all attempts, of which the least is known.
    pub(crate) fn with_worst_outcome(mut self, worst: Outcome) -> Self {
        self.0.attempt_outcome = self.0.outcome;
        self.with_outcome(worst)
    }

    /// Whether the server has responded that it does not do what was asked.
    pub(crate) fn is_refusal(&self) -> bool {
        self.status().is_some_and(|status| status.is_client_error())
    }

    pub(crate) fn without_outcome(mut self) -> Self {
        self.0.outcome = None;
        self
    }

    pub(crate) fn with_retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    pub(crate) fn with_pause(mut self, pause: Option<Duration>, since: SystemTime) -> Self {
        self.0.pause = pause.map(|pause| (pause, since)).or(self.0.pause);
        self
    }

    pub(crate) fn with_received(mut self, bytes: u64) -> Self {
        self.0.received = Some(bytes);
        self
    }

    pub(crate) fn with_head(mut self, head: Head, body: Bytes) -> Self {
        self.0.response = Some((head, body));
        self
    }

    /// Marks that the response to this very call is the error, so that a 404 can be decoded as `None`.
    pub(crate) fn marked_absent(mut self) -> Self {
        self.0.absent = self.is_not_found();
        self
    }

    /// Marks that another call failed, whose 404 is not that of this call.
    pub(crate) fn marked_foreign(mut self) -> Self {
        self.0.absent = false;
        self
    }

    /// Adds the reason why there was no other attempt.
    pub(crate) fn ended_by(mut self, reason: &str) -> Self {
        self.0.message.push_str("; ");
        self.0.message.push_str(reason);
        self
    }

    /// Turns the error into the one of a body that can't be sent again.
    pub(crate) fn not_replayable(mut self) -> Self {
        self.0.kind = ErrorKind::BodyNotReplayable;
        self.ended_by("the body is a stream that was already sent (`Body::rewindable` can be sent again)")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<RandomError> for Error {
    fn from(error: RandomError) -> Self {
        Self::configuration(error.to_string())
    }
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
