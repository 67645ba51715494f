//! Reads the spans of time in responses: a number, a number with a unit, or several of these.

use std::time::{Duration, SystemTime};

/// The longest time limit: a year. The end of a longer one might not be representable, and is a panic of a timer or a clock.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The unit of a number that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Millis,
}

/// Parses a span of time: `30`, `1.5`, `30s`, `500 ms`, `1m0s`, `2 minutes`, `PT1H30M`. A span that is too long is the longest
/// `Duration`.
pub(crate) fn parse(text: &str, unit: Unit) -> Option<Duration> {
    let text = text.trim().to_ascii_lowercase();
    // ISO 8601 has months in front of its `T`, and minutes behind it.
    let mut rest = text.strip_prefix("pt").unwrap_or(&text);
    let mut sum = Duration::ZERO;
    let mut is_first = true;
    while is_first || !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (name, after) = split(after.trim_start(), char::is_alphabetic);
        let (factor, divisor) = match (name, unit) {
            // Only a number that is alone needs no unit.
            ("", _) if !is_first || !after.is_empty() => return None,
            ("", Unit::Seconds) => (1, 1),
            ("", Unit::Millis) => (1, 1_000),
            (name, _) => named(name)?,
        };
        sum = sum.saturating_add(seconds(number)?.saturating_mul(factor) / divisor);
        (rest, is_first) = (after.trim_start(), false);
    }
    Some(sum)
}

/// Parses a span of time, or the HTTP-date at its end. A time in the past is a span of zero.
pub(crate) fn until(text: &str, now: SystemTime) -> Option<Duration> {
    parse(text, Unit::Seconds).or_else(|| {
        let date = httpdate::parse_http_date(text.trim()).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    })
}

/// Parses a number of seconds: digits with at most one point.
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

/// How many seconds a unit has, as a factor and a divisor.
fn named(unit: &str) -> Option<(u32, u32)> {
    Some(match unit {
        "ns" => (1, 1_000_000_000),
        "us" | "µs" | "μs" => (1, 1_000_000),
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => (1, 1_000),
        "s" | "sec" | "secs" | "second" | "seconds" => (1, 1),
        "m" | "min" | "mins" | "minute" | "minutes" => (60, 1),
        "h" | "hr" | "hrs" | "hour" | "hours" => (60 * 60, 1),
        "d" | "day" | "days" => (24 * 60 * 60, 1),
        _ => return None,
    })
}

/// Splits a text after the characters at its start that `belongs` accepts.
fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_parsed_with_and_without_units() {
        let rows: [(&str, Option<u64>); 42] = [
            ("30", Some(30_000)),
            (" 30 ", Some(30_000)),
            ("1.5", Some(1_500)),
            (".1", Some(100)),
            ("30s", Some(30_000)),
            ("30 s", Some(30_000)),
            ("30S", Some(30_000)),
            ("0s", Some(0)),
            ("1.5s", Some(1_500)),
            ("500ms", Some(500)),
            ("20 milliseconds", Some(20)),
            ("1500000us", Some(1_500)),
            ("1500µs", Some(1)),
            ("1000000ns", Some(1)),
            ("1m0s", Some(60_000)),
            ("1m", Some(60_000)),
            ("6m0s", Some(360_000)),
            ("1h2m3s", Some(3_723_000)),
            ("1h2m3.5s", Some(3_723_500)),
            ("1m 30s", Some(90_000)),
            ("2 minutes 30 seconds", Some(150_000)),
            ("1 hour", Some(3_600_000)),
            ("1 sec", Some(1_000)),
            ("2 hrs", Some(7_200_000)),
            ("1d", Some(86_400_000)),
            ("PT30S", Some(30_000)),
            ("PT1H30M", Some(5_400_000)),
            ("", None),
            ("s", None),
            ("PT", None),
            ("P1M", None),
            ("30x", None),
            ("30 30", None),
            ("30s30", None),
            ("1m,30s", None),
            ("-1", None),
            ("-30s", None),
            ("+30", None),
            ("1e9", None),
            ("1.2.3s", None),
            ("NaN", None),
            ("30\u{e9}", None),
        ];
        for (text, millis) in rows {
            let parsed =
                parse(text, Unit::Seconds).map(|span| Duration::from_millis(span.as_millis() as u64));
            assert_eq!(parsed, millis.map(Duration::from_millis), "{text}");
        }
        assert_eq!(parse("250", Unit::Millis), Some(Duration::from_millis(250)));
        assert_eq!(parse("2s", Unit::Millis), Some(Duration::from_secs(2)));
        let forty = "9".repeat(40);
        assert_eq!(parse(&forty, Unit::Seconds), Some(Duration::MAX));
        assert_eq!(parse(&format!("{forty}d{forty}h"), Unit::Seconds), Some(Duration::MAX));
    }
}
