//! What proves that the rest of a representation belongs to the bytes that were received before.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header};

use crate::message::ETag;

/// A strong validator, which two versions that differ in a byte never share (RFC 9110 §8.8.1). A weak entity tag is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Validator {
    Tag(ETag),
    /// The date of the last change, as the server wrote it.
    Date(HeaderValue),
}

/// How much older than the response a representation must be, so that it can't have changed twice in the second of its date.
const SETTLED: Duration = Duration::from_secs(60);

impl Validator {
    /// That of a response. The date is one only without an entity tag, and if it is a minute old (RFC 9110 §8.8.2.2, §13.1.5).
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        if headers.contains_key(header::ETAG) {
            return tag(headers).filter(|tag| !tag.is_weak()).map(Self::Tag);
        }
        let modified = headers.get(header::LAST_MODIFIED)?;
        let age = date(headers.get(header::DATE)?)?.duration_since(date(modified)?).ok()?;
        (age >= SETTLED).then(|| Self::Date(modified.clone()))
    }

    /// The value of `If-Range`.
    pub(super) fn if_range(&self) -> Option<HeaderValue> {
        match self {
            Self::Tag(tag) => HeaderValue::from_str(&tag.to_string()).ok(),
            Self::Date(date) => Some(date.clone()),
        }
    }

    /// Whether the response is known to have the same version.
    pub(super) fn is_of(&self, headers: &HeaderMap) -> bool {
        match self {
            Self::Tag(own) => tag(headers).is_some_and(|tag| tag == *own),
            Self::Date(date) => {
                !headers.contains_key(header::ETAG) && headers.get(header::LAST_MODIFIED) == Some(date)
            }
        }
    }

    /// Whether the response is known to have another version.
    pub(super) fn contradicts(&self, headers: &HeaderMap) -> bool {
        match self {
            Self::Tag(own) => {
                headers.contains_key(header::ETAG) && tag(headers).is_none_or(|tag| tag != *own)
            }
            Self::Date(date) => headers.get(header::LAST_MODIFIED).is_some_and(|other| other != date),
        }
    }
}

fn tag(headers: &HeaderMap) -> Option<ETag> {
    headers.get(header::ETAG)?.to_str().ok()?.trim().parse().ok()
}

fn date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strong_validator_goes_into_if_range() {
        let (modified, minute_later) = ("Sat, 28 Nov 2026 10:00:00 GMT", "Sat, 28 Nov 2026 10:01:00 GMT");
        let rows = [
            ([("etag", "\"v1\""), ("x", "")], Some("\"v1\"")),
            ([("etag", "W/\"v1\""), ("x", "")], None),
            ([("etag", "v1"), ("x", "")], None),
            // Beside an entity tag the date is not sent.
            ([("etag", "W/\"v1\""), ("last-modified", modified)], None),
            ([("last-modified", modified), ("date", minute_later)], Some(modified)),
            ([("last-modified", modified), ("date", modified)], None),
            ([("last-modified", minute_later), ("date", modified)], None),
            ([("last-modified", modified), ("x", "")], None),
            ([("last-modified", "yesterday"), ("date", minute_later)], None),
        ];
        for (pairs, expected) in rows {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(name, HeaderValue::from_static(value));
            }
            let sent = Validator::of(&headers).and_then(|validator| validator.if_range());
            assert_eq!(sent, expected.map(HeaderValue::from_static), "{pairs:?}");
        }
    }
}
