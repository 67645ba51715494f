//! Whether and when a request is retried: a policy, and the decision as a pure function.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName};

use crate::error::Outcome;
use crate::message::duration::LONGEST;
use crate::message::headers;

/// The delays between attempts, and the headers by which the server controls retries.
///
/// [`max_attempts`](crate::Settings::max_attempts) limits the number of attempts.
/// [`retry_on`](crate::Settings::retry_on) and the error map set which failures are retried. A request that is not
/// idempotent is retried only if the server is known not to have processed it, whatever the policy is.
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
    /// `None` is the first delay.
    throttled_delay: Option<Duration>,
    max_delay: Duration,
    pub(crate) max_retry_after: Duration,
    verdict: Option<HeaderName>,
    pub(crate) pauses: Vec<HeaderName>,
    /// Creates the delays of a call, in place of random ones.
    schedule: Option<Schedule>,
}

/// The delays between the attempts of one call.
pub(crate) type Delays = Box<dyn Iterator<Item = Duration> + Send + Sync>;

type Schedule = Arc<dyn Fn() -> Delays + Send + Sync>;

/// The policy of a call for which none is configured.
pub(crate) static DEFAULT: RetryPolicy = RetryPolicy::base();

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::base()
    }
}

impl RetryPolicy {
    const fn base() -> Self {
        Self {
            first_delay: Duration::from_secs(1),
            throttled_delay: None,
            max_delay: Duration::from_secs(20),
            max_retry_after: Duration::from_secs(60),
            verdict: None,
            pauses: Vec::new(),
            schedule: None,
        }
    }

    /// Creates the default policy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the longest delay before the first retry. Default: 1 second.
    ///
    /// The delay is random, from half of the longest one up to it. The longest one doubles with each further retry. So by default
    /// the first retry is after 0.5 to 1 second, and the second after another 1 to 2 seconds.
    #[must_use]
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay.min(LONGEST);
        self
    }

    /// Sets the longest delay before the first retry if the server reported too many requests, or asks for a pause that can't be
    /// read. Default: as [`first_delay`](Self::first_delay).
    ///
    /// It is random and doubles in the same way.
    #[must_use]
    pub fn throttled_delay(mut self, delay: Duration) -> Self {
        self.throttled_delay = Some(delay.min(LONGEST));
        self
    }

    /// Limits the longest delay, however often it has doubled. Default: 20 seconds.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay.min(LONGEST);
        self
    }

    /// Sets the delays between the attempts of a call, in place of random ones.
    ///
    /// Each call uses its own copy of them. After the last one, a failure ends the call. A pause that the server asks
    /// for replaces the delay.
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

    /// Limits the pause that the server can ask for, as by `Retry-After`. Default: 60 seconds.
    ///
    /// A call fails at once if the pause is longer, or ends after the deadline of the call.
    /// [`Error::retry_at`](crate::Error::retry_at) then returns the end of the pause.
    #[must_use]
    pub fn max_retry_after(mut self, pause: Duration) -> Self {
        self.max_retry_after = pause.min(LONGEST);
        self
    }

    /// Sets the header by which the server decides whether to retry: `true` or `false`. Default: none.
    ///
    /// It overrides the error map. A request that is not idempotent is still retried only if the server has not
    /// processed it.
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a header name in lower case. The name comes from the code of an SDK.
    #[must_use]
    pub fn should_retry_header(mut self, name: &'static str) -> Self {
        self.verdict = Some(HeaderName::from_static(name));
        self
    }

    /// Adds a header by which the server sets the pause, in milliseconds.
    ///
    /// It is read before the known headers: `retry-after-ms`, `x-ms-retry-after-ms`, `retry-after`, and the resets of
    /// `ratelimit` and `x-ratelimit-…`, if no requests are left. All of them may have units, as `1m0s`. If none of those that are
    /// there can be read, the delay is that after too many requests.
    ///
    /// # Panics
    ///
    /// Panics if `name` is not a header name in lower case. The name comes from the code of an SDK.
    #[must_use]
    pub fn retry_after_ms_header(mut self, name: &'static str) -> Self {
        self.pauses.push(HeaderName::from_static(name));
        self
    }

    /// Whether the server asks for a retry; `None` if it does not decide.
    pub(crate) fn verdict(&self, headers: &HeaderMap) -> Option<bool> {
        let verdict = headers::text(headers, self.verdict.as_ref()?)?.trim();
        let is = |word| verdict.eq_ignore_ascii_case(word);
        if is("true") { Some(true) } else { Some(false).filter(|_| is("false")) }
    }

    /// The delay of the policy before the next attempt; `None` if configured delays are used up. A random delay is half of the
    /// longest one, and the part `draw`, from 0 to 1, of the other half.
    ///
    /// A server that restarts is away for about a second. A delay that could be zero would often end all attempts before it is back.
    pub(crate) fn delay(&self, delays: &mut Option<Delays>, facts: &Facts, draw: f64) -> Option<Duration> {
        match &self.schedule {
            Some(schedule) => delays.get_or_insert_with(|| schedule()).next(),
            None => Some(self.ceiling(facts.attempts, facts.throttled).mul_f64(0.5 + draw / 2.0)),
        }
    }

    /// The longest delay after this number of attempts.
    fn ceiling(&self, attempts: u32, throttled: bool) -> Duration {
        let first = self.throttled_delay.filter(|_| throttled).unwrap_or(self.first_delay);
        let doublings = attempts.saturating_sub(1).min(16);
        first.saturating_mul(1 << doublings).min(self.max_delay)
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first_delay, max_delay, max_retry_after, .. } = self;
        let throttled_delay = self.throttled_delay.unwrap_or(*first_delay);
        write!(f, "retry {first_delay:?} {throttled_delay:?} up to {max_delay:?}, pauses {max_retry_after:?}")
    }
}

/// The facts that decide whether a failed attempt is retried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    /// The number of attempts that were made, including this one.
    pub(crate) attempts: u32,
    /// The number of attempts that are allowed.
    pub(crate) max_attempts: u32,
    /// Whether sending the request twice has the effect of sending it once, by its method or by its idempotency key.
    pub(crate) idempotent: bool,
    pub(crate) outcome: Outcome,
    /// Whether a retry can succeed.
    pub(crate) retryable: bool,
    /// Whether the server reported too many requests, or asks for a pause that can't be read.
    pub(crate) throttled: bool,
    /// Whether the server asks for a retry; `None` if it does not decide.
    pub(crate) verdict: Option<bool>,
    /// The pause that the server asks for.
    pub(crate) pause: Option<Duration>,
    /// The time until the deadline of the call.
    pub(crate) left: Duration,
}

/// What happens after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The call fails.
    Stop,
    /// The call fails, because the server asks for a pause that is too long.
    Later { pause: Duration },
    /// The request is sent again after a delay.
    Again { after: Duration },
}

/// Decides whether a failed attempt is retried: if a retry can succeed, and is safe. A request that is not idempotent
/// is safe to retry only if the server is known not to have processed it.
///
/// A pause that the server asks for replaces the `delay` of the policy. The part `draw`, from 0 to 1, of a tenth is
/// added to it, so that not all clients retry at the same time.
pub(crate) fn decide(
    facts: &Facts,
    delay: Option<Duration>,
    max_retry_after: Duration,
    draw: f64,
) -> Decision {
    let is_safe = facts.idempotent || facts.outcome != Outcome::Unknown;
    let can_succeed = facts.verdict.unwrap_or(facts.retryable);
    if facts.attempts >= facts.max_attempts || !can_succeed || !is_safe {
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
    fn a_request_is_retried_if_that_can_succeed_and_is_safe() {
        let write = Facts { idempotent: false, ..FAILED };
        let rows = [
            ("a read of which nothing is known", FAILED, true),
            ("a write of which nothing is known", write, false),
            ("a write that was not sent", Facts { outcome: Outcome::NotSent, ..write }, true),
            ("a write that was rejected", Facts { outcome: Outcome::Rejected, ..write }, true),
            ("a failure that a retry can't fix", Facts { retryable: false, ..FAILED }, false),
            (
                "a read for which the server asks again",
                Facts { retryable: false, verdict: Some(true), ..FAILED },
                true,
            ),
            ("a write for which the server asks again", Facts { verdict: Some(true), ..write }, false),
            (
                "a read for which the server does not ask again",
                Facts { verdict: Some(false), ..FAILED },
                false,
            ),
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
    fn a_delay_is_from_the_upper_half_of_one_that_doubles_up_to_20_seconds() {
        let rows = [
            (1, false, 1.0, 1_000),
            (1, false, 0.0, 500),
            (2, false, 1.0, 2_000),
            (2, false, 0.0, 1_000),
            (4, false, 0.5, 6_000),
            (5, false, 1.0, 16_000),
            (6, false, 1.0, 20_000),
            (6, false, 0.0, 10_000),
            (u32::MAX - 1, false, 1.0, 20_000),
            (1, true, 1.0, 1_000),
            (3, true, 0.5, 3_000),
            (9, true, 1.0, 20_000),
        ];
        for (attempts, throttled, draw, millis) in rows {
            let facts = Facts { attempts, throttled, max_attempts: u32::MAX, ..FAILED };
            let expected = Decision::Again { after: Duration::from_millis(millis) };
            assert_eq!(decided(&facts, draw), expected, "{attempts}");
        }
    }

    #[test]
    fn a_pause_is_waited_for_or_the_call_fails_at_once() {
        let seconds = Duration::from_secs;
        let rows = [
            (Some(seconds(2)), 180, 0.0, Decision::Again { after: seconds(2) }),
            (Some(seconds(2)), 180, 1.0, Decision::Again { after: Duration::from_millis(2_200) }),
            (Some(seconds(60)), 180, 0.0, Decision::Again { after: seconds(60) }),
            (Some(seconds(61)), 180, 0.0, Decision::Later { pause: seconds(61) }),
            (Some(Duration::MAX), 180, 1.0, Decision::Later { pause: Duration::MAX }),
            (Some(seconds(5)), 5, 0.0, Decision::Later { pause: seconds(5) }),
            (Some(Duration::ZERO), 180, 1.0, Decision::Again { after: Duration::from_secs(1) }),
        ];
        for (pause, left, draw, expected) in rows {
            let facts = Facts { pause, left: seconds(left), ..FAILED };
            assert_eq!(decided(&facts, draw), expected, "{pause:?}");
        }
    }

    #[test]
    fn configured_delays_are_used_in_order_and_each_call_has_its_own() {
        let policy = RetryPolicy::new().delays([Duration::from_secs(7), Duration::from_secs(1)]);
        let mut delays = None;
        let taken = [(); 3].map(|()| policy.delay(&mut delays, &FAILED, 0.5));
        assert_eq!(taken, [Some(Duration::from_secs(7)), Some(Duration::from_secs(1)), None]);
        assert_eq!(policy.delay(&mut None, &FAILED, 0.5), Some(Duration::from_secs(7)));
        assert_eq!(decide(&FAILED, None, Duration::MAX, 0.5), Decision::Stop);
    }
}
