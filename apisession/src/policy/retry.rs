//! Whether and when to try again: a policy, and a pure function over what is known.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName};

use crate::error::Outcome;
use crate::message::headers;

/// How failed attempts are repeated: how long to wait, and which headers of the server to listen to.
///
/// How often is [`max_attempts`](crate::Settings::max_attempts), and after what [`retry_on`](crate::Settings::retry_on)
/// and the error map. A request that is not idempotent is repeated only if the server is known not to have processed it,
/// whatever this says.
///
/// ```
/// use std::time::Duration;
/// use apisession::RetryPolicy;
///
/// let patient = RetryPolicy::new()
///     .max_delay(Duration::from_secs(60))
///     .max_retry_after(Duration::from_secs(300))
///     .should_retry_header("x-should-retry")
///     .retry_after_ms_header("x-acme-retry-in");
/// # let _ = patient;
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    first_delay: Duration,
    throttled_delay: Duration,
    max_delay: Duration,
    pub(crate) max_retry_after: Duration,
    verdict: Option<HeaderName>,
    pub(crate) pauses: Vec<HeaderName>,
    /// The delays of a call, instead of drawn ones.
    schedule: Option<Schedule>,
}

/// The delays between the attempts of one call.
pub(crate) type Delays = Box<dyn Iterator<Item = Duration> + Send + Sync>;

type Schedule = Arc<dyn Fn() -> Delays + Send + Sync>;

/// What holds where nobody says more.
pub(crate) static DEFAULT: RetryPolicy = RetryPolicy::base();

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::base()
    }
}

impl RetryPolicy {
    const fn base() -> Self {
        Self {
            first_delay: Duration::from_millis(100),
            throttled_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(60),
            verdict: None,
            pauses: Vec::new(),
            schedule: None,
        }
    }

    /// The default policy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what the delay before the first retry is drawn from, from zero up; it doubles with each. Default: 100
    /// milliseconds.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// The same after an answer that says that there were too many requests. Default: 1 second.
    #[must_use]
    pub fn throttled_delay(mut self, delay: Duration) -> Self {
        self.throttled_delay = delay;
        self
    }

    /// Limits what a delay is drawn from. Default: 20 seconds.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the delays of a call, as they are, instead of drawing them; where they end the call ends. Each call has a
    /// copy of its own. A pause that the server asks for is kept all the same.
    ///
    /// ```
    /// use std::time::Duration;
    /// use apisession::RetryPolicy;
    ///
    /// let policy = RetryPolicy::new().delays([1, 5, 30].map(Duration::from_secs));
    /// # let _ = policy;
    /// ```
    #[must_use]
    pub fn delays<I>(mut self, delays: I) -> Self
    where
        I: IntoIterator<Item = Duration, IntoIter: Send + Sync + 'static> + Clone + Send + Sync + 'static,
    {
        self.schedule = Some(Arc::new(move || Box::new(delays.clone().into_iter())));
        self
    }

    /// Limits the pause that the server may ask for, as by `Retry-After`. Above it, or past the end of the call, the
    /// call fails at once, and [`Error::retry_at`](crate::Error::retry_at) says when to try again. Default: 60 seconds.
    #[must_use]
    pub fn max_retry_after(mut self, pause: Duration) -> Self {
        self.max_retry_after = pause;
        self
    }

    /// Names a header by which the server says whether to try again, `true` or `false`. Default: none.
    ///
    /// # Panics
    ///
    /// If it is no name for a header, in lower case; it comes from the code of an SDK.
    #[must_use]
    pub fn should_retry_header(mut self, name: &'static str) -> Self {
        self.verdict = Some(HeaderName::from_static(name));
        self
    }

    /// Names a header by which the server says how many milliseconds to wait, before those that are known:
    /// `retry-after-ms`, `x-ms-retry-after-ms`, `retry-after`, and the resets of `ratelimit` and `x-ratelimit-…`.
    ///
    /// # Panics
    ///
    /// If it is no name for a header, in lower case; it comes from the code of an SDK.
    #[must_use]
    pub fn retry_after_ms_header(mut self, name: &'static str) -> Self {
        self.pauses.push(HeaderName::from_static(name));
        self
    }

    /// Whether the server says that another attempt is wanted.
    pub(crate) fn verdict(&self, headers: &HeaderMap) -> Option<bool> {
        match headers::text(headers, self.verdict.as_ref()?)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// How long to wait by itself, drawn at the place `draw` of its range, from 0 to 1; `None` if the delays are over.
    pub(crate) fn delay(&self, delays: &mut Option<Delays>, facts: &Facts, draw: f64) -> Option<Duration> {
        match &self.schedule {
            Some(schedule) => delays.get_or_insert_with(|| schedule()).next(),
            None => Some(self.ceiling(facts.attempts, facts.throttled).mul_f64(draw)),
        }
    }

    /// The longest delay before the attempt after `attempts`. The delay is drawn from all of it, from zero (full jitter).
    fn ceiling(&self, attempts: u32, throttled: bool) -> Duration {
        let first = if throttled { self.throttled_delay } else { self.first_delay };
        let doublings = attempts.saturating_sub(1).min(16);
        first.saturating_mul(1 << doublings).min(self.max_delay)
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first_delay, throttled_delay, max_delay, max_retry_after, .. } = self;
        write!(f, "retry {first_delay:?} {throttled_delay:?} up to {max_delay:?}, pauses {max_retry_after:?}")
    }
}

/// What is known after an attempt that failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// How many attempts were made, this one included.
    pub(crate) attempts: u32,
    /// How many are allowed.
    pub(crate) max_attempts: u32,
    /// Whether sending the request twice does what sending it once does: by its method, or by its key.
    pub(crate) idempotent: bool,
    pub(crate) outcome: Outcome,
    /// Whether another attempt can help.
    pub(crate) retryable: bool,
    /// Whether the server says that there were too many requests.
    pub(crate) throttled: bool,
    /// What the server says of another attempt.
    pub(crate) verdict: Option<bool>,
    /// How long the server asks to wait.
    pub(crate) pause: Option<Duration>,
    /// How much of the call's time is left.
    pub(crate) left: Duration,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The failure is the end.
    Stop,
    /// The server asks for a longer pause than may be waited.
    Later {
        pause: Duration,
    },
    Again {
        after: Duration,
    },
}

/// A request is repeated if that can help and can't harm: a write only where the server is known not to have processed
/// it. A pause that the server asks for is kept instead of the policy's own `delay`, and at most a tenth is added to it by
/// `draw`, from 0 to 1, so that not all who were sent away come back at once.
pub(crate) fn decide(
    facts: &Facts,
    delay: Option<Duration>,
    max_retry_after: Duration,
    draw: f64,
) -> Decision {
    let harmless = facts.idempotent || facts.outcome != Outcome::Unknown;
    let helps = facts.verdict.unwrap_or(facts.retryable);
    if facts.attempts >= facts.max_attempts || !helps || !harmless {
        return Decision::Stop;
    }
    let after = match facts.pause.filter(|pause| !pause.is_zero()) {
        Some(pause) if pause > max_retry_after || pause >= facts.left => {
            return Decision::Later { pause };
        }
        Some(pause) => pause + (pause / 10).mul_f64(draw),
        None => match delay {
            Some(delay) => delay,
            None => return Decision::Stop,
        },
    };
    if after >= facts.left { Decision::Stop } else { Decision::Again { after } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: Facts = Facts {
        attempts: 1,
        max_attempts: 3,
        idempotent: true,
        outcome: Outcome::Unknown,
        retryable: true,
        throttled: false,
        verdict: None,
        pause: None,
        left: Duration::from_secs(180),
    };

    fn decided(facts: &Facts, draw: f64) -> Decision {
        let policy = RetryPolicy::new();
        decide(facts, policy.delay(&mut None, facts, draw), policy.max_retry_after, draw)
    }

    #[test]
    fn a_request_is_repeated_only_where_that_can_help_and_not_harm() {
        let write = Facts { idempotent: false, ..FAILED };
        let rows = [
            ("a read that failed somehow", FAILED, true),
            ("a write that failed somehow", write, false),
            ("a write that was never sent", Facts { outcome: Outcome::NotSent, ..write }, true),
            ("a write that was rejected", Facts { outcome: Outcome::Rejected, ..write }, true),
            ("what repetition can't mend", Facts { retryable: false, ..FAILED }, false),
            ("what the server wants again", Facts { retryable: false, verdict: Some(true), ..FAILED }, true),
            ("a write that the server wants again", Facts { verdict: Some(true), ..write }, false),
            ("what the server doesn't want again", Facts { verdict: Some(false), ..FAILED }, false),
            ("the last attempt but one", Facts { attempts: 2, ..FAILED }, true),
            ("the last attempt", Facts { attempts: 3, ..FAILED }, false),
            ("no retries", Facts { max_attempts: 1, ..FAILED }, false),
            ("no time", Facts { left: Duration::from_millis(50), ..FAILED }, false),
        ];
        for (what, facts, again) in rows {
            assert_eq!(decided(&facts, 0.5) != Decision::Stop, again, "{what}");
        }
    }

    #[test]
    fn the_delay_is_drawn_from_a_doubling_range_up_to_20_seconds() {
        let rows = [
            (1, false, 1.0, 100),
            (1, false, 0.0, 0),
            (2, false, 1.0, 200),
            (4, false, 0.5, 400),
            (8, false, 1.0, 12_800),
            (9, false, 1.0, 20_000),
            (u32::MAX - 1, false, 1.0, 20_000),
            (1, true, 1.0, 1_000),
            (3, true, 0.5, 2_000),
            (9, true, 1.0, 20_000),
        ];
        for (attempts, throttled, draw, millis) in rows {
            let facts = Facts { attempts, throttled, max_attempts: u32::MAX, ..FAILED };
            let expected = Decision::Again { after: Duration::from_millis(millis) };
            assert_eq!(decided(&facts, draw), expected, "{attempts}");
        }
    }

    #[test]
    fn a_pause_is_kept_or_the_call_ends_at_once() {
        let seconds = Duration::from_secs;
        let rows = [
            (Some(seconds(2)), 180, 0.0, Decision::Again { after: seconds(2) }),
            (Some(seconds(2)), 180, 1.0, Decision::Again { after: Duration::from_millis(2_200) }),
            (Some(seconds(60)), 180, 0.0, Decision::Again { after: seconds(60) }),
            (Some(seconds(61)), 180, 0.0, Decision::Later { pause: seconds(61) }),
            (Some(Duration::MAX), 180, 1.0, Decision::Later { pause: Duration::MAX }),
            (Some(seconds(5)), 5, 0.0, Decision::Later { pause: seconds(5) }),
            (Some(Duration::ZERO), 180, 0.0, Decision::Again { after: Duration::ZERO }),
        ];
        for (pause, left, draw, expected) in rows {
            let facts = Facts { pause, left: seconds(left), ..FAILED };
            assert_eq!(decided(&facts, draw), expected, "{pause:?}");
        }
    }

    #[test]
    fn delays_of_a_schedule_are_taken_one_by_one() {
        let policy = RetryPolicy::new().delays([Duration::from_secs(7), Duration::from_secs(1)]);
        let mut delays = None;
        let taken = [(); 3].map(|()| policy.delay(&mut delays, &FAILED, 0.5));
        assert_eq!(taken, [Some(Duration::from_secs(7)), Some(Duration::from_secs(1)), None]);
        assert_eq!(policy.delay(&mut None, &FAILED, 0.5), Some(Duration::from_secs(7)));
        assert_eq!(decide(&FAILED, None, Duration::MAX, 0.5), Decision::Stop);
    }
}
