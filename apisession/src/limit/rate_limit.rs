//! Rate limits, as values.

use std::borrow::Cow;
use std::time::Duration;

use crate::message::duration::LONGEST;

/// Limits how many requests the session sends in a span of time.
///
/// A request that would exceed the limit waits for a slot. It fails at once if it would have to wait past the deadline
/// of its call.
///
/// The limits of all levels apply: that of a session to all its requests, that of an endpoint to those below it, and
/// that of an operation to its own. Limits of the same name share one count, and the windows of all of them apply. The
/// default name is `session`, the struct of the endpoint, the operation, or `call`.
///
/// ```
/// use std::time::Duration;
/// use apisession::prelude::*;
///
/// #[endpoint(path = "/search", rate_limit = RateLimit::new(1, Duration::from_secs(2)))]
/// pub struct Search;
///
/// #[derive(Clone, APISession)]
/// #[session(
///     base_url = "https://api.acme.example/v1",
///     rate_limit = RateLimit::new(10, Duration::from_secs(1)).and(1_000, Duration::from_secs(3_600)),
/// )]
/// pub struct Acme {
///     session: Session,
///     #[endpoint] search: Search,
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    name: Option<Cow<'static, str>>,
    windows: Vec<Window>,
    learned: bool,
    off: bool,
}

/// A window of a rate limit: the number of requests that any span of this length may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The number of requests.
    pub requests: u32,
    /// The length of the span.
    pub span: Duration,
}

impl RateLimit {
    /// Creates a limit of `requests` in any span of this length.
    #[must_use]
    pub fn new(requests: u32, span: Duration) -> Self {
        Self::default().and(requests, span)
    }

    /// Creates a limit that is learned from the server, from the headers that [`Quota`](crate::Quota) reads.
    ///
    /// When the server allows no more requests, they wait until its reset. The default limiter makes them wait for at
    /// most a day.
    #[must_use]
    pub fn learned() -> Self {
        Self::default().and_learned()
    }

    /// Disables the limits of outer levels, and sets none.
    #[must_use]
    pub fn off() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// Adds a limit of `requests` in any span of this length.
    #[must_use]
    pub fn and(mut self, requests: u32, span: Duration) -> Self {
        self.windows.push(Window { requests, span });
        self
    }

    /// Adds the limit that is learned from the server, as of [`learned`](Self::learned).
    #[must_use]
    pub fn and_learned(mut self) -> Self {
        self.learned = true;
        self
    }

    /// Sets the name of the limit. Limits of the same name share one count.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the name of the limit if it has none.
    #[doc(hidden)]
    #[must_use]
    pub fn or_named(self, name: &'static str) -> Self {
        self.or_named_by(|| name)
    }

    pub(crate) fn or_named_by<N: Into<Cow<'static, str>>>(mut self, name: impl FnOnce() -> N) -> Self {
        self.name.get_or_insert_with(|| name().into());
        self
    }

    /// Returns the name of the limit, by which its requests are counted.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("call")
    }

    /// Returns the windows, all of which apply.
    #[must_use]
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    pub(crate) fn is_learned(&self) -> bool {
        self.learned
    }

    pub(crate) fn is_off(&self) -> bool {
        self.off
    }

    /// Merges limits of the same name, since they share one count.
    pub(crate) fn merge(limits: &mut Vec<Self>) {
        if limits.len() < 2 {
            return;
        }
        let mut merged: Vec<Self> = Vec::with_capacity(limits.len());
        for limit in limits.drain(..) {
            match merged.iter_mut().find(|other| other.name() == limit.name()) {
                Some(other) => {
                    other.windows.extend(limit.windows);
                    other.learned |= limit.learned;
                }
                None => merged.push(limit),
            }
        }
        *limits = merged;
    }

    /// Why the limit is invalid.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let is_invalid =
            |window: &Window| window.requests == 0 || window.span.is_zero() || window.span > LONGEST;
        let message =
            "`rate_limit` has no requests, no time, or more than a year; `RateLimit::off()` disables it";
        self.windows.iter().any(is_invalid).then_some(message)
    }
}
