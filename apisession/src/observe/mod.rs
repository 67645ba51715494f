//! What can be seen of calls from outside: spans and events of `tracing`, the observers of a session, and the context of a trace. It
//! imports `error` and what is below it.

mod context;
mod name;
mod notice;
mod observer;
mod observers;
#[cfg(feature = "opentelemetry")]
mod opentelemetry;
mod sdk;
mod telemetry;
mod watch;

pub use self::context::{TraceContext, TraceHeaders};
pub(crate) use self::name::{TARGET, error_type, known_method, span_name};
pub use self::observer::{
    AttemptEnded, CallEnded, CallStarted, End, ItemReceived, Observer, PageRead, RetryPlanned, TokenFetched,
};
#[cfg(feature = "pages")]
pub(crate) use self::observers::Observers;
#[cfg(feature = "opentelemetry")]
pub use self::opentelemetry::OpenTelemetry;
pub(crate) use self::sdk::Sdk;
pub(crate) use self::telemetry::Telemetry;
pub(crate) use self::watch::Watch;
