//! Parts of a representation (RFC 9110 §14): what of it a response has, and what is asked for next.

use http::{HeaderMap, HeaderValue, header};

/// What of a representation a download is: bytes from `start` up to `end`, which is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) start: u64,
    /// `None` while it is not known.
    pub(super) end: Option<u64>,
}

/// The value of a `Content-Range`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentRange {
    /// The bytes from the first to the last, of so many if that is known.
    Part { first: u64, last: u64, total: Option<u64> },
    /// No part, but the length of the whole: of a 416.
    Unsatisfied { total: u64 },
}

impl ContentRange {
    /// Reads the header. `None` if there is none, or it is not in bytes, or contradicts itself.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(header::CONTENT_RANGE).iter();
        let value = values.next().filter(|_| values.next().is_none())?;
        Self::parse(value.to_str().ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.trim().split_once(' ')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (range, total) = range.trim().split_once('/')?;
        if range == "*" {
            return Some(Self::Unsatisfied { total: number(total)? });
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let total = if total == "*" { None } else { Some(number(total)?) };
        let is_consistent = first <= last && last < u64::MAX && total.is_none_or(|total| last < total);
        is_consistent.then_some(Self::Part { first, last, total })
    }
}

/// A number of digits alone: no sign and no blanks.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The length that the headers announce.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    number(headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim())
}

/// The value of the `Range` that asks for the bytes from `start` on.
pub(super) fn range(start: u64, end: Option<u64>) -> HeaderValue {
    let text = match end {
        Some(end) => format!("bytes={start}-{}", end.saturating_sub(1)),
        None => format!("bytes={start}-"),
    };
    HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).expect("digits are a header value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_range_is_read_or_is_none() {
        let part = |first, last, total| Some(ContentRange::Part { first, last, total });
        let rows = [
            ("bytes 0-499/1234", part(0, 499, Some(1234))),
            ("BYTES 500-1233/1234", part(500, 1233, Some(1234))),
            ("bytes 5-5/*", part(5, 5, None)),
            ("bytes */1234", Some(ContentRange::Unsatisfied { total: 1234 })),
            ("bytes */*", None),
            ("bytes 9-5/1234", None),
            ("bytes 0-1234/1234", None),
            ("bytes 0-+5/1234", None),
            ("bytes 0 - 5/1234", None),
            ("bytes -5/1234", None),
            ("bytes 0-5", None),
            ("items 0-5/10", None),
            ("bytes 0-18446744073709551615/*", None),
            ("bytes 0-99999999999999999999/*", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(ContentRange::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_range_asks_for_the_rest_or_a_part_of_it() {
        assert_eq!(range(5, None), "bytes=5-");
        assert_eq!(range(5, Some(10)), "bytes=5-9");
    }
}
