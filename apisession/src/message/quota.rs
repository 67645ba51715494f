//! The number of requests that a server still allows.

use std::cmp::Reverse;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName};

use crate::message::duration::{self, Unit};

/// The headers of the quotas, in their order of precedence.
static FAMILIES: [Family; 3] = [
    Family {
        limit: HeaderName::from_static("ratelimit-limit"),
        remaining: HeaderName::from_static("ratelimit-remaining"),
        reset: HeaderName::from_static("ratelimit-reset"),
        reset_after: HeaderName::from_static("ratelimit-reset-after"),
    },
    Family {
        limit: HeaderName::from_static("x-ratelimit-limit"),
        remaining: HeaderName::from_static("x-ratelimit-remaining"),
        reset: HeaderName::from_static("x-ratelimit-reset"),
        reset_after: HeaderName::from_static("x-ratelimit-reset-after"),
    },
    Family {
        limit: HeaderName::from_static("x-rate-limit-limit"),
        remaining: HeaderName::from_static("x-rate-limit-remaining"),
        reset: HeaderName::from_static("x-rate-limit-reset"),
        reset_after: HeaderName::from_static("x-rate-limit-reset-after"),
    },
];

const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

struct Family {
    limit: HeaderName,
    remaining: HeaderName,
    reset: HeaderName,
    /// The same as `reset`, and always from now on.
    reset_after: HeaderName,
}

/// A header that is there and can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// How many requests the server still allows, from the headers of a response.
///
/// It is read from `RateLimit` (the IETF draft, in its older and its newer form); else from `RateLimit-Limit`,
/// `RateLimit-Remaining`, and `RateLimit-Reset` or `RateLimit-Reset-After`, or the same headers that start with `X-RateLimit-` or
/// `X-Rate-Limit-`. A reset is a number of seconds, a Unix time, an HTTP-date, or a time with units such as `1m0s`.
///
/// Of several policies, it is the one that leaves the fewest requests, and of several that are used up the one that is reset last.
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
    /// Reads the headers of a response that arrived at `now`: the first of them that can be read.
    pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Result<Self, Unreadable>> {
        let list = headers.contains_key(RATELIMIT).then(|| Self::parse_list(headers).ok_or(Unreadable));
        let families = FAMILIES.iter().filter(|family| headers.contains_key(&family.remaining));
        let mut quotas =
            list.into_iter().chain(families.map(|family| family.read(headers, now).ok_or(Unreadable)));
        let first = quotas.next()?;
        if first.is_ok() { Some(first) } else { quotas.find(Result::is_ok).or(Some(first)) }
    }

    /// Parses `limit=100, remaining=0, reset=50` or `"minute";r=9;t=5, "day";r=0;t=50`, on one line or several.
    fn parse_list(headers: &HeaderMap) -> Option<Self> {
        let mut policies: Vec<Vec<(&str, &str)>> = Vec::new();
        for member in lines(headers, &RATELIMIT).flat_map(|line| split(line, ',')) {
            let pairs = split(member, ';').filter_map(|pair| pair.split_once('='));
            let pairs: Vec<_> = pairs.map(|(name, value)| (name.trim(), value)).collect();
            match (&*pairs, policies.last_mut()) {
                // In the older form, each value is a member of the list.
                ([(name, _)], Some(policy))
                    if !member.contains(';') && policy.iter().all(|(other, _)| other != name) =>
                {
                    policy.extend(pairs);
                }
                _ => policies.push(pairs),
            }
        }
        let quotas: Vec<_> = policies.iter().filter_map(|policy| Self::parse_policy(policy)).collect();
        let least =
            quotas.iter().copied().flatten().min_by_key(|quota| (quota.remaining, Reverse(quota.reset)));
        // A policy that can't be read may be the one that is used up.
        least.filter(|least| least.remaining == 0 || quotas.iter().all(Result::is_ok))
    }

    /// The quota of a policy, if it has a number of requests that are left.
    fn parse_policy(pairs: &[(&str, &str)]) -> Option<Result<Self, Unreadable>> {
        let value = |names: [&str; 2]| {
            let pair = pairs.iter().find(|(name, _)| names.contains(name))?;
            Some(pair.1)
        };
        let quota = number(value(["remaining", "r"])?).map(|remaining| Self {
            limit: value(["limit", "q"]).and_then(number),
            remaining,
            reset: value(["reset", "t"]).and_then(|text| duration::parse(text, Unit::Seconds)),
        });
        Some(quota.ok_or(Unreadable))
    }
}

impl Family {
    fn read(&self, headers: &HeaderMap, now: SystemTime) -> Option<Quota> {
        let values = headers.get_all(&self.remaining).iter();
        let left = values.flat_map(|line| line.to_str().unwrap_or_default().split(',')).map(number);
        let left: Vec<_> = left.collect();
        let least = left.iter().copied().flatten().min();
        let remaining = least.filter(|least| *least == 0 || left.iter().all(Option::is_some))?;
        let reset = || time_until(lines(headers, &self.reset).next()?, now);
        Some(Quota {
            limit: lines(headers, &self.limit).next().and_then(number),
            remaining,
            reset: reset_after(headers).and_then(Result::ok).or_else(reset),
        })
    }
}

/// The time until the reset of a quota, if a header has it from now on.
pub(crate) fn reset_after(headers: &HeaderMap) -> Option<Result<Duration, Unreadable>> {
    let name = FAMILIES.iter().map(|family| &family.reset_after).find(|name| headers.contains_key(*name))?;
    let text = lines(headers, name).next();
    Some(text.and_then(|text| duration::parse(text, Unit::Seconds)).ok_or(Unreadable))
}

/// The lines of a header that are visible ASCII.
fn lines<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
}

/// Splits a list, but not within quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split(move |c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    })
}

/// Parses a whole number. Of a list, as in `10, 10;w=1`, it is the first number. A number below zero is zero.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.trim_start_matches('-');
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let number: u64 = digits[..end].parse().ok()?;
    Some(if digits.len() < text.len() { 0 } else { number })
}

/// The time until a reset. The header has it as seconds from now, as a Unix time in seconds or milliseconds, with units, or as an
/// HTTP-date. A number of at least a billion seconds, about thirty years, is a Unix time.
fn time_until(text: &str, now: SystemTime) -> Option<Duration> {
    const MIN_UNIX_SECONDS: Duration = Duration::from_secs(1_000_000_000);
    const MIN_UNIX_MILLIS: Duration = Duration::from_secs(100_000_000_000);
    let Some(reset) = duration::seconds(text).filter(|reset| *reset >= MIN_UNIX_SECONDS) else {
        return duration::until(text, now);
    };
    let reset = if reset < MIN_UNIX_MILLIS { reset } else { reset / 1000 };
    Some(reset.saturating_sub(now.duration_since(UNIX_EPOCH).unwrap_or_default()))
}
