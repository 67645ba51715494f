//! How many requests may go out in how long: values.

use std::borrow::Cow;
use std::time::Duration;

use super::deadline::LONGEST;

/// How many requests may be sent in how long. It is the session's own promise: a request that would break it waits, or
/// fails at once if it would have to wait longer than its call may.
///
/// Of the limits of all levels each counts: a session's for all its requests, an endpoint's for those below it, an
/// operation's for its own. All that have the same name share one count, and then all their windows count. Without a name it is
/// `session`, the endpoint's struct, the operation, or `call`.
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

/// A number of requests in any span of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many.
    pub requests: u32,
    /// In how long.
    pub span: Duration,
}

impl RateLimit {
    /// At most `requests` in any span of this length.
    #[must_use]
    pub fn new(requests: u32, span: Duration) -> Self {
        Self::default().and(requests, span)
    }

    /// What the server says is left, in the headers that [`Quota`](crate::Quota) reads: when nothing is, requests wait until its
    /// reset.
    #[must_use]
    pub fn learned() -> Self {
        Self::default().and_learned()
    }

    /// No limit, not those of wider levels either.
    #[must_use]
    pub fn off() -> Self {
        Self { off: true, ..Self::default() }
    }

    /// And at most `requests` in any span of this length as well.
    #[must_use]
    pub fn and(mut self, requests: u32, span: Duration) -> Self {
        self.windows.push(Window { requests, span });
        self
    }

    /// And what the server says is left, as [`learned`](Self::learned) has it.
    #[must_use]
    pub fn and_learned(mut self) -> Self {
        self.learned = true;
        self
    }

    /// Names the limit, so that several levels share it.
    #[must_use]
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Names the limit if it has no name.
    #[doc(hidden)]
    #[must_use]
    pub fn or_named(self, name: &'static str) -> Self {
        self.or_named_by(|| name)
    }

    pub(crate) fn or_named_by<N: Into<Cow<'static, str>>>(mut self, name: impl FnOnce() -> N) -> Self {
        self.name.get_or_insert_with(|| name().into());
        self
    }

    /// The name by which it is counted.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("call")
    }

    /// How many requests in how long.
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

    /// Those of the same name as one, since they share one count.
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

    /// Why it can't be kept.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        let never = |window: &Window| window.requests == 0 || window.span.is_zero() || window.span > LONGEST;
        let message =
            "`rate_limit` has no requests, no time, or more than a year; `RateLimit::off()` is no limit";
        self.windows.iter().any(never).then_some(message)
    }
}
