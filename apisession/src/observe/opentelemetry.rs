//! The context of a trace, from `tracing-opentelemetry`.

use opentelemetry::trace::TraceContextExt;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::context::{TraceContext, TraceHeaders};

/// Takes the context of a trace from the layer of `tracing-opentelemetry`, if the program has one. Each attempt is then the parent of what
/// the server does for it.
///
/// ```
/// # use apisession::prelude::*;
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// # fn main() -> Result<()> {
/// let api = Acme::builder().trace_context(apisession::observe::OpenTelemetry).build()?;
/// # let _ = api;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenTelemetry;

impl TraceContext for OpenTelemetry {
    fn current(&self) -> Option<TraceHeaders> {
        let context = Span::current().context();
        let span = context.span();
        let span = span.span_context();
        let (trace, id, flags) = (span.trace_id(), span.span_id(), span.trace_flags());
        let headers = TraceHeaders::new(&format!("00-{trace}-{id}-{:02x}", flags.to_u8()))?;
        Some(headers.with_state(&span.trace_state().header()))
    }
}
