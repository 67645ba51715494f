//! Formats an error: on one line, as a report, or as the short form of it.

use std::fmt;

use super::attempt::Rounded;
use super::shared::Shared;
use super::{Error, ErrorKind, Head};
use crate::redact::{self, Shown};

impl Error {
    /// Returns the error of another call that caused this error, such as the error of a sign-in, or of a call by a
    /// hook.
    #[must_use]
    pub fn inner(&self) -> Option<&Self> {
        let first = std::error::Error::source(self);
        std::iter::successors(first, |cause| cause.source()).find_map(as_error)
    }

    /// Returns all details of the error, on several lines: the operation and its request, each attempt, the id of the request, the causes,
    /// and what to try next. It is safe to paste into a public ticket. `Debug` is the short form of it.
    ///
    /// ```
    /// use apisession::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Authentication, "no login in the environment");
    /// assert_eq!(
    ///     error.report(),
    ///     "error: no login in the environment\n  \
    ///      kind:       Authentication\n  \
    ///      try next:   check the credential that the session signs in with"
    /// );
    /// ```
    #[must_use]
    pub fn report(&self) -> String {
        format!("error: {}", Report { error: self, is_short: false })
    }

    /// Whether a reader of the error can ask what has become of the request: there is no complete response, or it may have changed
    /// something all the same.
    fn is_in_doubt(&self) -> bool {
        let is_cut = matches!(self.kind(), ErrorKind::Timeout | ErrorKind::Transport);
        is_cut || self.head().is_none() || self.method().is_some_and(|method| !method.is_safe())
    }

    /// `POST https://login.acme.example/token`, if the error belongs to a request.
    fn request_line(&self, shown: &Shown<'_>) -> Option<String> {
        let exchange = self.exchange()?;
        Some(format!("{} {}", exchange.method, shown.url(&exchange.url)))
    }

    /// The first line.
    fn write_line(&self, f: &mut fmt::Formatter<'_>, shown: &Shown<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&self.message_in(shown))
    }

    /// The messages of the errors that caused this one, if it is an outer error.
    fn write_inner(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.inner().filter(|_| self.0.is_outer) {
            Some(inner) => {
                write!(f, ": {}", redact::line(&inner.message_in(&inner.shown())))?;
                inner.write_inner(f)
            }
            None => Ok(()),
        }
    }

    /// The message on one line, without the secrets of the request.
    fn message_in(&self, shown: &Shown<'_>) -> String {
        let masked = shown.masked(&self.0.message);
        if self.kind() == ErrorKind::Configuration {
            // It has no text of a server, but can be a list.
            return masked.split('\n').map(redact::escaped).collect::<Vec<_>>().join("\n");
        }
        redact::escaped(&masked)
    }

    /// The id that the server gave the request, unless it repeats a secret there.
    pub(super) fn shown_request_id(&self, shown: &Shown<'_>) -> Option<String> {
        Some(shown.text(self.head()?.request_id()?))
    }
}

/// The lines of a report.
struct Report<'e> {
    error: &'e Error,
    /// Whether it has what a reader of a program's output needs, and no more.
    is_short: bool,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.error;
        let shown = &error.shown();
        error.write_line(f, shown)?;
        error.write_inner(f)?;
        if !self.is_short {
            if let Some(operation) = error.operation() {
                line(f, "operation", &operation)?;
            }
            line(f, "kind", &format_args!("{:?}", error.kind()))?;
        }
        if let Some(request) = error.request_line(shown) {
            line(f, "request", &request)?;
        }
        self.write_attempts(f)?;
        if let Some(outcome) = error.0.outcome.filter(|_| error.is_in_doubt()) {
            line(f, "outcome", &outcome)?;
        }
        if let Some(id) = error.shown_request_id(shown) {
            line(f, "request id", &id)?;
        }
        if !self.is_short {
            self.write_body(f, shown)?;
        }
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            line(f, "caused by", &Cause { cause, outer: shown })?;
            source = cause.source();
        }
        error.advice().map_or(Ok(()), |advice| line(f, "try next", &advice))
    }
}

impl Report<'_> {
    /// How many attempts there were, and if it is a whole report, each of several.
    fn write_attempts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (error, count) = (self.error, self.error.attempts());
        if count == 0 || (self.is_short && count == 1) {
            return Ok(());
        }
        line(f, "attempts", &format_args!("{count} in {}", Rounded(error.elapsed())))?;
        if self.is_short || count == 1 {
            return Ok(());
        }
        let log = error.attempt_log();
        let mut number = count.saturating_sub(u32::try_from(log.len()).unwrap_or(count));
        for attempt in log {
            number += 1;
            write!(f, "\n    {number}. {attempt}")?;
        }
        Ok(())
    }

    /// What arrived of the response, and the key of the call.
    fn write_body(&self, f: &mut fmt::Formatter<'_>, shown: &Shown<'_>) -> fmt::Result {
        let error = self.error;
        for (status, url) in
            error.head().and_then(|head| head.sent.as_ref()).iter().flat_map(|sent| sent.history.list())
        {
            line(f, "redirect", &format_args!("{} of {}", status.as_str(), shown.url(url)))?;
        }
        if let (Some(why), Some(body)) = (error.head().and_then(Head::cut), error.body()) {
            line(f, "body", &format_args!("cut after {} bytes: {why}", body.len()))?;
        }
        if let Some(items) = error.items() {
            line(f, "items", &format_args!("{items} before the failure"))?;
        }
        if let Some(bytes) = error.received() {
            line(f, "received", &format_args!("{bytes} bytes"))?;
        }
        let is_restricted = error.exchange().is_some_and(|exchange| exchange.redaction.is_restricted());
        match error.idempotency_key().filter(|_| !is_restricted) {
            Some(key) => line(f, "key", &shown.text(key)),
            None => Ok(()),
        }
    }
}

/// `  name:       value`.
fn line(f: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display) -> fmt::Result {
    write!(f, "\n  {:<12}{value}", format!("{name}:"))
}

/// The cause as an `Error`, also if several calls share it.
fn as_error<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e Error> {
    cause.downcast_ref().or_else(|| cause.downcast_ref::<Shared>()?.cause()?.downcast_ref())
}

/// A cause without its own causes, on one line, with its request.
struct Cause<'e> {
    cause: &'e (dyn std::error::Error + 'static),
    /// How the error is shown whose secrets the cause may repeat.
    outer: &'e Shown<'e>,
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = as_error(self.cause) {
            let shown = error.shown();
            if let Some(request) = error.request_line(&shown) {
                f.write_str(&request)?;
                if let Some(id) = error.shown_request_id(&shown) {
                    write!(f, ", request id {id}")?;
                }
                f.write_str(": ")?;
            }
        }
        f.write_str(&own_line(self.cause, self.outer))
    }
}

/// A cause without its own causes, on one line.
fn own_line(cause: &(dyn std::error::Error + 'static), outer: &Shown<'_>) -> String {
    match as_error(cause) {
        Some(error) => {
            let operation = error.operation().map(|operation| format!("{operation}: ")).unwrap_or_default();
            redact::line(&(operation + &outer.masked(&error.message_in(&error.shown()))))
        }
        None => outer.text(&cause.to_string()),
    }
}

/// `{}` shows this error, with the message of another call's error that caused it, and `{:#}` all its causes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        self.write_line(f, &shown)?;
        if !f.alternate() {
            return self.write_inner(f);
        }
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {}", own_line(error, &shown))?;
            cause = error.source();
        }
        Ok(())
    }
}

/// `{:?}` is the short form of the [report](Error::report), which `main` prints for an error that it returns, and `{:#?}` the whole of it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Report { error: self, is_short: !f.alternate() })
    }
}
