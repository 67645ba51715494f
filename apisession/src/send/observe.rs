//! What is seen of the attempts of a call: a span for each, the context of its trace, and what goes on between them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::{HeaderMap, HeaderName, StatusCode, Version};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument, Level, Span, debug, enabled, info_span, trace, warn};

use super::{Reply, Sender};
use crate::describe::{Operation, Place};
use crate::encode::segment::joined;
use crate::error::{Error, Exchange, Head, Result};
use crate::message::Request;
use crate::observe::{
    AttemptEnded, End, RetryPlanned, TARGET, Telemetry, TraceHeaders, error_type, known_method, span_name,
};
use crate::redact::Shown;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// What is seen of one attempt. Observers are told of its end also if it is dropped before.
pub(super) struct Seen {
    telemetry: Arc<Telemetry>,
    operation: Option<&'static Operation>,
    span: Span,
    started: Instant,
    ended: AttemptEnded,
}

impl Seen {
    /// The attempt inside of its span.
    pub(super) fn entered(&self) -> tracing::span::Entered<'_> {
        self.span.enter()
    }
}

impl Sender<'_> {
    /// Begins what is seen of an attempt, and adds the context of its trace to the request.
    pub(super) fn sight(&self, request: &mut Request) -> Option<Box<Seen>> {
        if self.core.telemetry.is_seen() { self.sight_seen(request) } else { None }
    }

    #[cold]
    fn sight_seen(&self, request: &mut Request) -> Option<Box<Seen>> {
        let telemetry = Arc::clone(&self.core.telemetry);
        let (exchange, url) = (&self.exchange, &self.exchange.url);
        let redirects = self.trail.history.count();
        let resends = self.trail.attempts.saturating_add(redirects).saturating_sub(1);
        let span = self.attempt_span(resends);
        // A notice of the server is a warning.
        if span.is_disabled() && !telemetry.is_used() && !enabled!(target: TARGET, Level::WARN) {
            return None;
        }
        let ended = AttemptEnded {
            operation: exchange.operation,
            method: exchange.method.clone(),
            host: self.shown().text(url.host_str().unwrap_or_default()),
            port: url.port_or_known_default(),
            resends,
            end: End::Dropped,
            status: None,
            request_size: request.body.length(),
            response_size: None,
            duration: Duration::ZERO,
        };
        if let Some(context) = telemetry.context().filter(|_| self.continues_trace(&request.headers))
            && let Some(TraceHeaders { parent, state }) = span.in_scope(|| context.current())
        {
            request.headers.insert(TRACEPARENT, parent);
            request.headers.remove(TRACESTATE);
            request.headers.extend(state.map(|state| (TRACESTATE, state)));
        }
        span.in_scope(|| self.trace_request(request));
        let (operation, started) = (exchange.operation, Instant::now());
        Some(Box::new(Seen { telemetry, operation, span, started, ended }))
    }

    /// Whether the trace continues in the server: at the session's origin, unless the call has set a trace itself.
    fn continues_trace(&self, headers: &HeaderMap) -> bool {
        let is_home = !self.trail.off_origin && self.core.base.is_origin_of(&self.exchange.url);
        is_home && !headers.contains_key(TRACEPARENT)
    }

    /// The span of an attempt, by the semantic conventions of OpenTelemetry for HTTP clients.
    fn attempt_span(&self, resends: u32) -> Span {
        let span = info_span!(
            target: TARGET,
            "attempt",
            otel.name = Empty,
            otel.kind = "client",
            http.request.method = Empty,
            http.request.method_original = Empty,
            http.request.resend_count = Empty,
            http.response.status_code = Empty,
            url.full = Empty,
            url.template = Empty,
            server.address = Empty,
            server.port = Empty,
            network.protocol.version = Empty,
            "error.type" = Empty,
            otel.status_code = Empty,
        );
        if span.is_disabled() {
            return span;
        }
        let Exchange { method, url, .. } = &*self.exchange;
        let (known, template, shown) = (known_method(method), self.template(), self.shown());
        span.record("otel.name", span_name(method, template.as_deref()));
        span.record("http.request.method", known);
        if known != method.as_str() {
            span.record("http.request.method_original", method.as_str());
        }
        if resends > 0 {
            span.record("http.request.resend_count", resends);
        }
        span.record("url.full", shown.url(url));
        if let Some(template) = template {
            span.record("url.template", template);
        }
        span.record("server.address", shown.text(url.host_str().unwrap_or_default()));
        if let Some(port) = url.port_or_known_default() {
            span.record("server.port", port);
        }
        span
    }

    /// The template of the path, with those of the endpoints. A URL that the server has named has none.
    fn template(&self) -> Option<String> {
        let operation = self.exchange.operation.filter(|_| self.trail.history.list().is_empty())?;
        let is_own = operation.parameters().all(|parameter| parameter.place() != Place::Url);
        is_own.then(|| joined(self.called.template(), operation.path()))
    }

    /// How the request is shown.
    fn shown(&self) -> Shown<'_> {
        self.exchange.shown(&self.proof.carried)
    }

    /// Logs the request, as far as it may be shown.
    fn trace_request(&self, request: &Request) {
        if enabled!(target: TARGET, Level::TRACE) {
            let shown = self.shown();
            let body = request.body.shown(&shown, &request.headers);
            trace_message("request", &shown, &request.headers, &body);
        }
    }

    /// The attempt, with its end seen.
    pub(super) fn seen<'s>(
        &'s self,
        mut seen: Box<Seen>,
        attempt: BoxFuture<'s, Result<Reply>>,
    ) -> BoxFuture<'s, Result<Reply>> {
        Box::pin(async move {
            let end = attempt.instrument(seen.span.clone()).await;
            seen.end(&end);
            end
        })
    }

    /// Tells about the retry that follows an attempt that failed.
    pub(super) fn announce_retry(&self, error: &Error, delay: Duration) {
        let Self { exchange, trail, .. } = self;
        let attempts = trail.attempts;
        warn!(
            target: TARGET,
            operation = exchange.operation.map(tracing::field::display),
            attempt = attempts,
            ?delay,
            outcome = error.outcome().map(tracing::field::debug),
            reason = %error,
            "an attempt failed, and is made again"
        );
        self.core.telemetry.observers().tell(|observer| {
            observer.retry_planned(&RetryPlanned {
                operation: exchange.operation,
                method: exchange.method.clone(),
                attempts,
                kind: error.kind(),
                status: error.status(),
                outcome: error.outcome(),
                delay,
            });
        });
    }

    /// Tells about a redirect that is followed.
    pub(super) fn announce_redirect(&self, status: StatusCode) {
        debug!(
            target: TARGET,
            status = status.as_u16(),
            url = tracing::field::display(self.shown().url(&self.exchange.url)),
            "a redirect is followed"
        );
    }

    /// Tells about a request that is sent again because its credential was refused.
    pub(super) fn announce_proof(&self, error: &Error) {
        debug!(target: TARGET, reason = %error, "the credential is refused, and the request is sent again");
    }
}

impl Seen {
    fn end(&mut self, end: &Result<Reply>) {
        match end {
            Ok(Reply::Complete(response) | Reply::Redirect(response)) => {
                self.ended.end = End::Success;
                self.response(response.head(), response.body());
            }
            Err(error) => {
                self.ended.end = End::Failure { kind: error.kind(), outcome: error.outcome() };
                self.span.record("error.type", error_type(error));
                self.span.record("otel.status_code", "ERROR");
                if let Some(head) = error.head() {
                    self.response(head, error.body());
                }
            }
        }
    }

    fn response(&mut self, head: &Head, body: Option<&Bytes>) {
        let Self { telemetry, operation, span, ended, .. } = self;
        ended.status = Some(head.status);
        ended.response_size = body.and_then(|body| u64::try_from(body.len()).ok());
        span.record("http.response.status_code", head.status.as_u16());
        span.record("network.protocol.version", version(head.version));
        span.in_scope(|| {
            if enabled!(target: TARGET, Level::TRACE) {
                let shown = head.shown_parts();
                let body =
                    body.map_or_else(|| "[a stream]".to_owned(), |body| shown.body(&head.headers, body));
                trace_message("response", &shown, &head.headers, &body);
            }
            telemetry.notice(*operation, head);
        });
    }
}

/// Logs a request or a response, with what of its headers may be shown.
fn trace_message(what: &str, shown: &Shown<'_>, headers: &HeaderMap, body: &str) {
    let headers: Vec<_> = shown.headers(headers).collect();
    trace!(target: TARGET, ?headers, body, "{what}");
}

impl Drop for Seen {
    fn drop(&mut self) {
        self.ended.duration = self.started.elapsed();
        self.telemetry.observers().tell(|observer| observer.attempt_ended(&self.ended));
    }
}

/// The version of HTTP, as the conventions have it.
fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    }
}
