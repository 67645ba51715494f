//! What a session has for those who look at its calls.

use std::future::Future;
use std::sync::Arc;

use http::Method;
use tokio::time::Instant;
use tracing::{Level, debug, enabled, level_enabled};

use super::context::TraceContext;
use super::name::TARGET;
use super::notice::Noticed;
use super::observer::{CallStarted, Observer, TokenFetched};
use super::observers::Observers;
use super::sdk::Sdk;
use super::watch::Watch;
use crate::describe::Operation;
use crate::error::{Error, Head, Result};

/// What a session has for those who look at its calls: its name, its observers, and where the context of a trace comes from.
pub(crate) struct Telemetry {
    sdk: Sdk,
    observers: Observers,
    context: Option<Arc<dyn TraceContext>>,
    /// Whether there is an observer or a context.
    is_used: bool,
    noticed: Noticed,
}

impl Telemetry {
    pub(crate) fn new(
        sdk: Sdk,
        observers: Vec<Arc<dyn Observer>>,
        context: Option<Arc<dyn TraceContext>>,
    ) -> Self {
        let is_used = !observers.is_empty() || context.is_some();
        Self { sdk, observers: Observers::new(observers), context, is_used, noticed: Noticed::default() }
    }

    /// Whether anybody may look. Every call asks for it, and without a subscriber it is all that a call does for those who look.
    pub(crate) fn is_seen(&self) -> bool {
        level_enabled!(Level::ERROR) || self.is_used
    }

    /// Whether there is an observer, or a trace to continue.
    pub(crate) fn is_used(&self) -> bool {
        self.is_used
    }

    pub(crate) fn observers(&self) -> &Observers {
        &self.observers
    }

    /// Where the context of a trace comes from.
    pub(crate) fn context(&self) -> Option<&dyn TraceContext> {
        self.context.as_deref()
    }

    /// Begins what is seen of a call.
    pub(crate) fn watch(&self, operation: Option<&'static Operation>, method: &Method) -> Option<Box<Watch>> {
        if self.is_seen() { self.watch_seen(operation, method) } else { None }
    }

    #[cold]
    fn watch_seen(&self, operation: Option<&'static Operation>, method: &Method) -> Option<Box<Watch>> {
        let span = Watch::span(&self.sdk, operation, method);
        if span.is_disabled() && self.observers.is_empty() && !enabled!(target: TARGET, Level::ERROR) {
            return None;
        }
        self.observers
            .tell(|observer| observer.call_started(&CallStarted { operation, method: method.clone() }));
        Some(Box::new(Watch::new(self.observers.clone(), span, operation, method.clone())))
    }

    /// Logs what a response announces about the end of an operation, once for each operation.
    pub(crate) fn notice(&self, operation: Option<&'static Operation>, head: &Head) {
        self.noticed.notice(operation, head);
    }

    /// Waits for a credential that is fetched. `is_none` tells that a success is no credential.
    pub(crate) async fn fetched<T>(
        &self,
        fetch: impl Future<Output = Result<T>>,
        is_none: impl Fn(&T) -> bool,
    ) -> Result<T> {
        let started = Instant::now();
        let fetched = fetch.await;
        if !fetched.as_ref().is_ok_and(is_none) {
            let (duration, failure) = (started.elapsed(), fetched.as_ref().err().map(Error::kind));
            match failure {
                None => debug!(target: TARGET, elapsed = ?duration, "signed in"),
                // The calls that wait for it fail with it, and log it.
                Some(kind) => debug!(target: TARGET, elapsed = ?duration, ?kind, "not signed in"),
            }
            self.observers.tell(|observer| observer.token_fetched(&TokenFetched { failure, duration }));
        }
        fetched
    }
}
