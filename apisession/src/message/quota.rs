//! The number of requests that a server still allows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName};

use crate::message::headers;

/// How many requests the server still allows, from the headers of a response.
///
/// It is read from `RateLimit` (the IETF draft, in its older and its newer form); else from `RateLimit-Limit`,
/// `RateLimit-Remaining`, and `RateLimit-Reset`, or the same headers that start with `X-RateLimit-` or `X-Rate-Limit-`.
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
    /// The number of requests in all, if the server returns it.
    pub limit: Option<u64>,
    /// The number of requests that are left.
    pub remaining: u64,
    /// The time until all requests are allowed again, if the server returns it.
    pub reset: Option<Duration>,
}

impl Quota {
    /// Reads the headers of a response that arrived at `now`.
    pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        let text = |name: &'static str| headers::text(headers, &HeaderName::from_static(name));
        if let Some(list) = text("ratelimit") {
            return Self::parse_list(list);
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
                reset: text(reset).and_then(seconds).map(|reset| time_until(reset, now)),
            })
        })
    }

    /// Parses `limit=100, remaining=0, reset=50` or `"default";r=0;t=50`.
    fn parse_list(list: &str) -> Option<Self> {
        let member = |names: [&str; 2]| {
            list.split([',', ';']).find_map(|pair| {
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

/// Parses a whole number. Of a list, as in `10, 10;w=1`, it is the first number.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// Parses a number of seconds: digits with at most one point. A number that is too large is the longest `Duration`.
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

/// The time until a reset. The header has it as seconds from now, or as a Unix time in seconds or milliseconds. A
/// number of at least a billion seconds, about thirty years, is a Unix time.
fn time_until(reset: Duration, now: SystemTime) -> Duration {
    const MIN_UNIX_SECONDS: Duration = Duration::from_secs(1_000_000_000);
    const MIN_UNIX_MILLIS: Duration = Duration::from_secs(100_000_000_000);
    if reset < MIN_UNIX_SECONDS {
        return reset;
    }
    let reset = if reset < MIN_UNIX_MILLIS { reset } else { reset / 1000 };
    reset.saturating_sub(now.duration_since(UNIX_EPOCH).unwrap_or_default())
}
