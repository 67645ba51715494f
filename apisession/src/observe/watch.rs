//! What is seen of one call, from its start to the decoded value.

use http::{Method, StatusCode};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Span, debug, error, info_span};

use super::name::{TARGET, error_type};
use super::observer::{CallEnded, End};
use super::observers::Observers;
use super::sdk::Sdk;
use crate::describe::Operation;
use crate::error::{Error, Head, status_text};

/// What is seen of one call. It ends when the value is decoded, or when it is dropped.
pub(crate) struct Watch {
    observers: Observers,
    span: Span,
    operation: Option<&'static Operation>,
    method: Method,
    started: Instant,
    /// What is known of the end.
    end: End,
    /// The class of the error, and the error on one line.
    failure: Option<(String, String)>,
    status: Option<StatusCode>,
    url: Option<String>,
    attempts: u32,
}

impl Watch {
    /// The span of a call.
    pub(super) fn span(sdk: &Sdk, operation: Option<&'static Operation>, method: &Method) -> Span {
        let span = info_span!(
            target: TARGET,
            "call",
            otel.name = Empty,
            otel.kind = "internal",
            apisession.operation = Empty,
            apisession.sdk.name = &*sdk.name,
            apisession.sdk.version = &*sdk.version,
            apisession.attempts = Empty,
            "error.type" = Empty,
            otel.status_code = Empty,
        );
        if !span.is_disabled() {
            let name = operation.map_or_else(|| format!("raw {method}"), ToString::to_string);
            span.record("otel.name", &*name);
            if operation.is_some() {
                span.record("apisession.operation", &*name);
            }
        }
        span
    }

    pub(super) fn new(
        observers: Observers,
        span: Span,
        operation: Option<&'static Operation>,
        method: Method,
    ) -> Self {
        let (started, end) = (Instant::now(), End::Dropped);
        let (failure, status, url, attempts) = (None, None, None, 0);
        Self { observers, span, operation, method, started, end, failure, status, url, attempts }
    }

    /// The span, in which the call goes on.
    pub(crate) fn entered(&self) -> tracing::span::Entered<'_> {
        self.span.enter()
    }

    /// Takes note of the response, or of why there is none.
    pub(crate) fn note(&mut self, end: Result<&Head, &Error>) {
        match end {
            Ok(head) => {
                self.end = End::Success;
                self.status = Some(head.status);
                if let Some(sent) = &head.sent {
                    (self.attempts, self.url) =
                        (sent.attempts, Some(head.shown_parts().url(&sent.exchange.url)));
                }
            }
            Err(error) => {
                (self.attempts, self.url) = (error.attempts(), error.url());
                self.fail(error);
            }
        }
    }

    /// The call has failed: with the error that is noted already, or with another one, as that of a value that can't be decoded.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.end = End::Failure { kind: error.kind(), outcome: error.outcome() };
        self.status = error.status().or(self.status);
        self.failure = Some((error_type(error), error.to_string()));
    }

    /// The call has a value. A 404 can be one.
    pub(crate) fn succeed(&mut self) {
        (self.end, self.failure) = (End::Success, None);
    }
}

/// The end of a call is logged once.
impl Drop for Watch {
    fn drop(&mut self) {
        let Self { observers, span, operation, method, started, end, failure, status, url, attempts } = self;
        let duration = started.elapsed();
        span.record("apisession.attempts", *attempts);
        let _entered = span.enter();
        let (name, url) = (operation.map(tracing::field::display), url.as_deref());
        match (&end, failure) {
            (End::Failure { outcome, .. }, Some((class, message))) => {
                span.record("error.type", &**class);
                span.record("otel.status_code", "ERROR");
                let outcome = outcome.map(tracing::field::debug);
                error!(
                    target: TARGET, operation = name, url, attempts, elapsed = ?duration, outcome, error = &**message,
                    "the call failed"
                );
            }
            (End::Dropped, _) => {
                debug!(target: TARGET, operation = name, elapsed = ?duration, "the call was dropped before it ended");
            }
            _ => {
                let status = status.map(|status| tracing::field::display(status_text(status)));
                debug!(target: TARGET, operation = name, url, status, attempts, elapsed = ?duration, "{method}");
            }
        }
        observers.tell(|observer| {
            observer.call_ended(&CallEnded {
                operation: *operation,
                method: method.clone(),
                end: *end,
                status: *status,
                attempts: *attempts,
                duration,
            });
        });
    }
}
