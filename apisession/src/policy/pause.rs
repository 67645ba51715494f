//! The pause that a server asks for, in any of the headers that servers use for it.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, header};

use crate::message::duration::{self, Unit};
use crate::message::{Quota, headers, quota};

/// The known headers with a number of milliseconds.
static MILLIS: [HeaderName; 2] =
    [HeaderName::from_static("retry-after-ms"), HeaderName::from_static("x-ms-retry-after-ms")];

/// The pause that a server asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    /// Of this length. Zero is none.
    For(Duration),
    /// It can't be read, or a quota is used up and has no reset. Its length is the policy's own, as after too many requests.
    Unreadable,
}

impl Pause {
    /// Its length, if it can be read.
    pub(crate) fn length(self) -> Option<Duration> {
        match self {
            Self::For(length) => Some(length),
            Self::Unreadable => None,
        }
    }
}

/// The pause that the headers of a response ask for, which arrived at `now`.
///
/// It is read from the first of these that can be parsed: the `named` headers and then the known ones, in milliseconds unless they
/// have a unit; `Retry-After` (RFC 9110 §10.2.3), also with units; and the reset of a quota of which nothing is left. A time in the
/// past is a pause of zero.
pub(crate) fn pause(headers: &HeaderMap, named: &[HeaderName], now: SystemTime) -> Option<Pause> {
    // A time is relative to the clock of the server, which can differ from the local one.
    let date = headers::text(headers, &header::DATE);
    let now = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    let read = |name: &HeaderName, parse: &dyn Fn(&str) -> Option<Duration>| {
        let value = headers.get(name)?;
        Some(value.to_str().ok().and_then(parse).map_or(Pause::Unreadable, Pause::For))
    };
    let millis = |name| read(name, &|text| duration::parse(text, Unit::Millis));
    let mut asked: Vec<_> = named.iter().chain(&MILLIS).filter_map(millis).collect();
    asked.extend(read(&header::RETRY_AFTER, &|text| duration::until(text, now)));
    asked.extend(used_up(headers, now));
    asked.iter().find(|pause| **pause != Pause::Unreadable).or(asked.first()).copied()
}

/// The pause until the reset of a quota that is used up.
fn used_up(headers: &HeaderMap, now: SystemTime) -> Option<Pause> {
    let reset = match Quota::read(headers, now) {
        Some(Ok(quota)) if quota.remaining > 0 => return None,
        Some(Ok(quota)) => quota.reset,
        Some(Err(quota::Unreadable)) => None,
        // Only a pause has this header, and no number of requests.
        None => quota::reset_after(headers)?.ok(),
    };
    Some(reset.map_or(Pause::Unreadable, Pause::For))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use http::HeaderValue;

    use super::*;

    /// Sun, 06 Nov 1994 08:49:37 GMT, the time in the examples of RFC 9110.
    const NOW: u64 = 784_111_777;

    fn pause_of(pairs: &[(&'static str, &'static str)]) -> Option<Pause> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let named = [HeaderName::from_static("x-acme-wait")];
        pause(&headers, &named, UNIX_EPOCH + Duration::from_secs(NOW))
    }

    fn length(pairs: &[(&'static str, &'static str)]) -> Option<Duration> {
        pause_of(pairs).and_then(Pause::length)
    }

    #[test]
    fn retry_after_is_parsed_in_all_its_forms() {
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
            let expected =
                millis.map_or(Pause::Unreadable, |millis| Pause::For(Duration::from_millis(millis)));
            assert_eq!(pause_of(&[("retry-after", text)]), Some(expected), "{text}");
        }
        assert_eq!(length(&[("retry-after", "999999999")]), Some(Duration::from_secs(999_999_999)));
        let forty = "9999999999999999999999999999999999999999";
        assert_eq!(length(&[("retry-after", forty)]), Some(Duration::MAX));
    }

    #[test]
    fn a_date_is_relative_to_the_clock_of_the_server() {
        let later = ("retry-after", "Sun, 06 Nov 1994 09:00:10 GMT");
        assert_eq!(
            length(&[later, ("date", "Sun, 06 Nov 1994 09:00:00 GMT")]),
            Some(Duration::from_secs(10))
        );
        assert_eq!(length(&[later, ("date", "yesterday")]), Some(Duration::from_secs(633)));
    }

    #[test]
    fn headers_are_read_in_their_order_of_precedence() {
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
            assert_eq!(length(headers), expected, "{headers:?}");
        }
        let date = ("date", "Sat, 21 Nov 2026 12:00:00 GMT");
        let reset = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795262430"), date];
        assert_eq!(length(&reset), seconds(30));
        // What is there and can't be read is not nothing.
        type Unread = (&'static [(&'static str, &'static str)], Option<Pause>);
        let rows: [Unread; 9] = [
            (&[("retry-after-ms", "x")], Some(Pause::Unreadable)),
            (&[("x-acme-wait", "x"), ("retry-after", "")], Some(Pause::Unreadable)),
            (&[("ratelimit", "soon")], Some(Pause::Unreadable)),
            (&[("ratelimit", "\"a\";r=0")], Some(Pause::Unreadable)),
            (&[("ratelimit-remaining", "some")], Some(Pause::Unreadable)),
            (&[("ratelimit-remaining", "0")], Some(Pause::Unreadable)),
            (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "soon")], Some(Pause::Unreadable)),
            (&[("x-ratelimit-reset-after", "soon")], Some(Pause::Unreadable)),
            (&[("x-ratelimit-remaining", "7"), ("x-ratelimit-reset", "soon")], None),
        ];
        for (headers, expected) in rows {
            assert_eq!(pause_of(headers), expected, "{headers:?}");
        }
    }
}
