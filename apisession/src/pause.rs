//! How long a server asks to wait, in any of the headers that servers use for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, header};

use crate::headers;

/// Headers with a number of milliseconds.
const MILLIS: [HeaderName; 2] =
    [HeaderName::from_static("retry-after-ms"), HeaderName::from_static("x-ms-retry-after-ms")];

/// What the headers of an answer that came `now` ask for: first what `named` headers say in milliseconds, then
/// `Retry-After` (RFC 9110 §10.2.3) and its kin, then the reset of a limit that is used up. What can't be read is passed
/// over; an instant in the past is no pause.
pub(crate) fn pause(headers: &HeaderMap, named: &[HeaderName], now: SystemTime) -> Option<Duration> {
    let text = |name: &HeaderName| headers::text(headers, name);
    // The server's own clock counts: what it says is relative to the moment when it said it.
    let now = text(&header::DATE).and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    let in_millis =
        named.iter().chain(&MILLIS).find_map(|name| seconds(text(name)?).map(|pause| pause / 1000));
    in_millis.or_else(|| instant(text(&header::RETRY_AFTER)?, now)).or_else(|| reset(headers, now))
}

/// A number of seconds, or an HTTP-date.
fn instant(text: &str, now: SystemTime) -> Option<Duration> {
    seconds(text).or_else(|| {
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    })
}

/// Digits with at most one point; more than a `Duration` holds is the longest.
fn seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let points = text.bytes().filter(|byte| *byte == b'.').count();
    if digits == 0 || points > 1 || digits + points != text.len() {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(value).unwrap_or(Duration::MAX))
}

/// When a limit that is used up is whole again.
fn reset(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &'static str| headers::text(headers, &HeaderName::from_static(name));
    if let Some(limit) = text("ratelimit") {
        return used_up(limit);
    }
    for (left, reset) in [
        ("ratelimit-remaining", "ratelimit-reset"),
        ("x-ratelimit-remaining", "x-ratelimit-reset"),
        ("x-rate-limit-remaining", "x-rate-limit-reset"),
    ] {
        if text(left).and_then(seconds) == Some(Duration::ZERO) {
            return text(reset).and_then(seconds).map(|reset| relative(reset, now));
        }
    }
    None
}

/// `limit=100, remaining=0, reset=50` or `"default";r=0;t=50` (drafts of `RateLimit` header fields for HTTP).
fn used_up(limit: &str) -> Option<Duration> {
    let member = |names: [&str; 2]| {
        limit.split([',', ';']).find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            names.contains(&name.trim()).then(|| seconds(value)).flatten()
        })
    };
    (member(["remaining", "r"])? == Duration::ZERO).then(|| member(["reset", "t"])).flatten()
}

/// A reset is a number of seconds from now, or of the Unix clock: nobody waits for thirty years.
fn relative(reset: Duration, now: SystemTime) -> Duration {
    const EPOCHS_BEGIN: Duration = Duration::from_secs(1_000_000_000);
    if reset < EPOCHS_BEGIN {
        return reset;
    }
    reset.saturating_sub(now.duration_since(UNIX_EPOCH).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT, the instant of RFC 9110's examples.
    const NOW: u64 = 784_111_777;

    fn asked(pairs: &[(&'static str, &'static str)]) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let named = [HeaderName::from_static("x-acme-wait")];
        pause(&headers, &named, UNIX_EPOCH + Duration::from_secs(NOW))
    }

    #[test]
    fn retry_after_is_read_in_all_its_forms() {
        let rows = [
            ("0", Some(0)),
            ("2", Some(2_000)),
            (" 2 ", Some(2_000)),
            ("1.5", Some(1_500)),
            (".1", Some(100)),
            ("3000", Some(3_000_000)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10_000)),
            ("Sunday, 06-Nov-94 08:49:47 GMT", Some(10_000)),
            ("Sun Nov  6 08:49:47 1994", Some(10_000)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0)),
            ("-1", None),
            ("1e9", None),
            ("1.2.3", None),
            (".", None),
            ("NaN", None),
            ("inf", None),
            ("soon", None),
            ("", None),
        ];
        for (text, millis) in rows {
            assert_eq!(asked(&[("retry-after", text)]), millis.map(Duration::from_millis), "{text}");
        }
        assert_eq!(asked(&[("retry-after", "999999999")]), Some(Duration::from_secs(999_999_999)));
        let forty = "9999999999999999999999999999999999999999";
        assert_eq!(asked(&[("retry-after", forty)]), Some(Duration::MAX));
    }

    #[test]
    fn a_date_is_measured_on_the_servers_clock() {
        let later = ("retry-after", "Sun, 06 Nov 1994 09:00:10 GMT");
        assert_eq!(asked(&[later, ("date", "Sun, 06 Nov 1994 09:00:00 GMT")]), Some(Duration::from_secs(10)));
        assert_eq!(asked(&[later, ("date", "yesterday")]), Some(Duration::from_secs(633)));
    }

    #[test]
    fn other_headers_are_asked_in_order() {
        let seconds = |count| Some(Duration::from_secs(count));
        type Row = (&'static [(&'static str, &'static str)], Option<Duration>);
        let rows: [Row; 13] = [
            (&[("retry-after-ms", "1500"), ("retry-after", "9")], Some(Duration::from_millis(1_500))),
            (&[("x-ms-retry-after-ms", "20")], Some(Duration::from_millis(20))),
            (&[("x-acme-wait", "7"), ("retry-after-ms", "1")], Some(Duration::from_millis(7))),
            (&[("retry-after-ms", "x"), ("retry-after", "9")], seconds(9)),
            (&[("ratelimit", "limit=100, remaining=0, reset=50")], seconds(50)),
            (&[("ratelimit", "\"default\";r=0;t=30")], seconds(30)),
            (&[("ratelimit", "\"default\";r=3;t=30")], None),
            (&[("ratelimit-remaining", "0"), ("ratelimit-reset", "4")], seconds(4)),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "784111780")], seconds(784_111_780)),
            (&[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "4")], None),
            (&[("x-ratelimit-reset", "4")], None),
            (&[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "4")], seconds(4)),
            (&[], None),
        ];
        for (headers, expected) in rows {
            assert_eq!(asked(headers), expected, "{headers:?}");
        }
        let date = ("date", "Sat, 21 Nov 2026 12:00:00 GMT");
        let reset = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795262430"), date];
        assert_eq!(asked(&reset), seconds(30));
    }
}
