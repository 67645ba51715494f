//! Formats an error: on one line, or as a report.

use std::fmt;

use super::shared::Shared;
use super::{Error, ErrorKind, Head};
use crate::redact;

impl Error {
    /// Returns the error of another call that caused this error, such as the error of a sign-in, or of a call by a
    /// hook.
    #[must_use]
    pub fn inner(&self) -> Option<&Self> {
        let first = std::error::Error::source(self);
        std::iter::successors(first, |cause| cause.source()).find_map(as_error)
    }

    /// Returns all details of the error, on several lines. It is safe to paste into a public ticket.
    #[must_use]
    pub fn report(&self) -> String {
        use std::fmt::Write as _;
        let mut report = format!("error: {self}\n");
        let mut line = |name: &str, value: &dyn fmt::Display| {
            // Writing to a `String` can't fail.
            let _ = writeln!(report, "  {name:<12}{value}");
        };
        line("kind:", &format_args!("{:?}", self.kind()));
        if let Some(exchange) = self.exchange() {
            line("request:", &format_args!("{} {}", exchange.method, self.url().unwrap_or_default()));
        }
        if self.0.attempts > 0 {
            line("attempts:", &self.0.attempts);
        }
        if let Some(outcome) = self.0.outcome.filter(|_| self.is_in_doubt()) {
            line("outcome:", &outcome);
        }
        if let Some(id) = self.shown_request_id() {
            line("request id:", &id);
        }
        if let (Some(why), Some(body)) = (self.head().and_then(Head::cut), self.body()) {
            line("body:", &format_args!("cut after {} bytes: {why}", body.len()));
        }
        if let Some(items) = self.items() {
            line("items:", &format_args!("{items} before the failure"));
        }
        if let Some(bytes) = self.received() {
            line("received:", &format_args!("{bytes} bytes"));
        }
        let is_restricted = self.exchange().is_some_and(|exchange| exchange.redaction.is_restricted());
        if let Some(key) = self.idempotency_key().filter(|_| !is_restricted) {
            line("idempotency:", &redact::line(key));
        }
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let about = as_error(cause).map(Self::request_line).unwrap_or_default();
            line("caused by:", &format_args!("{about}{}", own_line(cause)));
            source = cause.source();
        }
        report.truncate(report.trim_end().len());
        report
    }

    /// Whether a reader of the error can ask what has become of the request: there is no complete response, or it may have changed
    /// something all the same.
    fn is_in_doubt(&self) -> bool {
        let is_cut = matches!(self.kind(), ErrorKind::Timeout | ErrorKind::Transport);
        is_cut || self.head().is_none() || self.method().is_some_and(|method| !method.is_safe())
    }

    /// `POST https://login.acme.example/token, request id 7: `, if the error belongs to a request.
    fn request_line(&self) -> String {
        let Some(exchange) = self.exchange() else { return String::new() };
        let id = self.shown_request_id().map(|id| format!(", request id {id}")).unwrap_or_default();
        format!("{} {}{id}: ", exchange.method, self.url().unwrap_or_default())
    }

    /// The messages of the errors that caused this one, if it is an outer error.
    fn write_inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inner().filter(|_| self.0.is_outer) {
            Some(inner) => {
                write!(f, ": {}", redact::line(inner.message()))?;
                inner.write_inner(f)
            }
            None => Ok(()),
        }
    }

    /// The id that the server gave the request, unless it repeats a secret there.
    fn shown_request_id(&self) -> Option<String> {
        let head = self.head()?;
        Some(head.shown(head.request_id()?))
    }
}

/// The cause as an `Error`, also if several calls share it.
fn as_error<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    cause.downcast_ref().or_else(|| cause.downcast_ref::<Shared>()?.cause()?.downcast_ref())
}

/// A cause without its own causes, on one line.
fn own_line(cause: &(dyn std::error::Error + 'static)) -> String {
    match as_error(cause) {
        Some(Error(inner)) => {
            let operation = inner.operation.map(|operation| format!("{operation}: ")).unwrap_or_default();
            redact::line(&(operation + &inner.message))
        }
        None => redact::line(&cause.to_string()),
    }
}

/// `{}` shows this error, with the message of another call's error that caused it, and `{:#}` all its causes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.0.message)?;
        if !f.alternate() {
            return self.write_inner(f);
        }
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {}", own_line(error))?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Shows nothing that `Display` and [`report`](Error::report) don't show.
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
            .field("request_id", &self.shown_request_id())
            .finish_non_exhaustive()
    }
}
