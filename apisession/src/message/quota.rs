//! What a server says of how many requests are left.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName};

use crate::message::headers;

/// How many requests the server says are left, in an answer.
///
/// It is read from `RateLimit` (the IETF's draft, in its older and its newer form), `RateLimit-Remaining` and
/// `RateLimit-Reset`, and the same with `X-RateLimit-` and `X-Rate-Limit-`.
///
/// ```
/// # use std::time::Duration;
/// # use apisession::{Response, http::StatusCode};
/// let response = Response::new(StatusCode::OK)
///     .with_header("x-ratelimit-limit", "100")
///     .with_header("x-ratelimit-remaining", "7")
///     .with_header("x-ratelimit-reset", "30");
/// let quota = response.quota().unwrap();
/// assert_eq!((quota.limit, quota.remaining, quota.reset), (Some(100), 7, Some(Duration::from_secs(30))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quota {
    /// How many requests there are in all, if the server says it.
    pub limit: Option<u64>,
    /// How many are left.
    pub remaining: u64,
    /// How long it is until there are all of them again, if the server says it.
    pub reset: Option<Duration>,
}

impl Quota {
    /// What the headers of an answer that came `now` say.
    pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        let text = |name: &'static str| headers::text(headers, &HeaderName::from_static(name));
        if let Some(said) = text("ratelimit") {
            return Self::listed(said);
        }
        [
            ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
            ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
            ["x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"],
        ]
        .into_iter()
        .find_map(|[limit, remaining, reset]| {
            Some(Self {
                limit: text(limit).and_then(number),
                remaining: text(remaining).and_then(number)?,
                reset: text(reset).and_then(seconds).map(|reset| relative(reset, now)),
            })
        })
    }

    /// `limit=100, remaining=0, reset=50` or `"default";r=0;t=50`.
    fn listed(said: &str) -> Option<Self> {
        let member = |names: [&str; 2]| {
            said.split([',', ';']).find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                Some(value).filter(|_| names.contains(&name.trim()))
            })
        };
        Some(Self {
            limit: member(["limit", "q"]).and_then(number),
            remaining: member(["remaining", "r"]).and_then(number)?,
            reset: member(["reset", "t"]).and_then(seconds),
        })
    }
}

/// A whole number; vendors write `10, 10;w=1` as well, of which the first counts.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// Digits with at most one point; more than a `Duration` holds is the longest.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let points = text.bytes().filter(|byte| *byte == b'.').count();
    if digits == 0 || points > 1 || digits + points != text.len() {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(value).unwrap_or(Duration::MAX))
}

/// A reset is a number of seconds from now, or of the Unix clock, in seconds or milliseconds: nobody waits for thirty years.
fn relative(reset: Duration, now: SystemTime) -> Duration {
    const EPOCHS_BEGIN: Duration = Duration::from_secs(1_000_000_000);
    const MILLIS_BEGIN: Duration = Duration::from_secs(100_000_000_000);
    if reset < EPOCHS_BEGIN {
        return reset;
    }
    let reset = if reset < MILLIS_BEGIN { reset } else { reset / 1000 };
    reset.saturating_sub(now.duration_since(UNIX_EPOCH).unwrap_or_default())
}
