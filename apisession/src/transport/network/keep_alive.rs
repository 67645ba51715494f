//! How long a connection is kept: while it is silent, and while it is idle, for which its server announces a time with
//! `Keep-Alive: timeout=5` over HTTP/1.1.

use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, Version};

use crate::message::duration::{self, Unit};

/// How long a connection is silent before the system asks the other side whether it is still there, and between two such questions.
pub(in crate::transport) const SILENCE: Duration = Duration::from_secs(15);
/// How often the system asks before the connection is lost.
pub(in crate::transport) const PROBES: u32 = 3;
/// How long what was sent may be unacknowledged.
#[cfg(target_os = "linux")]
pub(in crate::transport) const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

static KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// How much earlier than its server a client closes an idle connection, so that no request is under way when the server does. It is half
/// of the server's time if that is less than two seconds.
const MARGIN: Duration = Duration::from_secs(1);

/// How long an idle connection may be kept after a response with this head, if the server announces it.
pub(in crate::transport) fn idle_time(version: Version, headers: &HeaderMap) -> Option<Duration> {
    if !headers.keys().any(|name| *name == KEEP_ALIVE) || !is_persistent(version, headers) {
        return None;
    }
    let values = headers.get_all(&KEEP_ALIVE).iter();
    let parameters = values.flat_map(|value| value.as_bytes().split(|byte| matches!(byte, b',' | b';')));
    let announced = parameters.filter_map(timeout).min()?;
    Some(announced - MARGIN.min(announced / 2))
}

/// The value of a parameter that is `timeout=…`, in seconds.
fn timeout(parameter: &[u8]) -> Option<Duration> {
    let (name, value) = std::str::from_utf8(parameter).ok()?.split_once('=')?;
    let is_timeout = name.trim().eq_ignore_ascii_case("timeout");
    is_timeout.then(|| duration::parse(value.trim().trim_matches('"'), Unit::Seconds))?
}

/// Whether a connection of HTTP/1 persists after a response with this head (RFC 9112 §9.3). For HTTP/2 it is `false`: the pool
/// shares such a connection between calls, so it never leaves the pool, and never returns.
pub(in crate::transport) fn is_persistent(version: Version, headers: &HeaderMap) -> bool {
    let has_option = |option: &[u8]| {
        let values = headers.get_all(CONNECTION).iter();
        let mut options = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        options.any(|value| value.trim_ascii().eq_ignore_ascii_case(option))
    };
    match version {
        Version::HTTP_10 => has_option(b"keep-alive"),
        Version::HTTP_11 => !has_option(b"close"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_time_is_a_second_or_half_below_the_servers() {
        let (http10, http11, http2) = (Version::HTTP_10, Version::HTTP_11, Version::HTTP_2);
        type Fields = &'static [(&'static str, &'static [u8])];
        let rows: [(Version, Fields, Option<u64>); 33] = [
            (http11, &[], None),
            (http11, &[("keep-alive", b"timeout=5")], Some(4_000)),
            (http11, &[("keep-alive", b"timeout=4")], Some(3_000)),
            (http11, &[("keep-alive", b"timeout=3")], Some(2_000)),
            (http11, &[("keep-alive", b"timeout=2")], Some(1_000)),
            (http11, &[("keep-alive", b"timeout=1")], Some(500)),
            (http11, &[("keep-alive", b"timeout=0")], Some(0)),
            (http11, &[("keep-alive", b"timeout=60")], Some(59_000)),
            (http11, &[("keep-alive", b"timeout=1.5")], Some(750)),
            (http11, &[("keep-alive", b"timeout=03")], Some(2_000)),
            (http11, &[("keep-alive", b"timeout=3s")], Some(2_000)),
            (http11, &[("keep-alive", b"timeout=\"3\"")], Some(2_000)),
            (http11, &[("keep-alive", b" Timeout = 3 , max=100")], Some(2_000)),
            (http11, &[("keep-alive", b"max=100, timeout=3")], Some(2_000)),
            (http11, &[("keep-alive", b"timeout=3; max=100")], Some(2_000)),
            (http11, &[("keep-alive", b"timeout=3, timeout=2")], Some(1_000)),
            (http11, &[("keep-alive", b"timeout=3"), ("keep-alive", b"timeout=2")], Some(1_000)),
            (http11, &[("keep-alive", b"max=100"), ("keep-alive", b"timeout=2")], Some(1_000)),
            (http11, &[("keep-alive", b"\xff, timeout=2")], Some(1_000)),
            (http11, &[("keep-alive", b"timeout=x, timeout=2")], Some(1_000)),
            (http11, &[("keep-alive", b"max=1")], None),
            (http11, &[("keep-alive", b"")], None),
            (http11, &[("keep-alive", b"timeout")], None),
            (http11, &[("keep-alive", b"timeout=")], None),
            (http11, &[("keep-alive", b"timeout=-1")], None),
            (http11, &[("keep-alive", b"timeout=+1")], None),
            (http11, &[("keep-alive", b"xtimeout=1")], None),
            (http11, &[("keep-alive", b"3")], None),
            (http11, &[("connection", b"Keep-Alive"), ("keep-alive", b"timeout=3")], Some(2_000)),
            (http11, &[("connection", b"close"), ("keep-alive", b"timeout=3")], None),
            (http10, &[("keep-alive", b"timeout=3")], None),
            (http10, &[("connection", b"keep-alive"), ("keep-alive", b"timeout=3")], Some(2_000)),
            (http2, &[("keep-alive", b"timeout=3")], None),
        ];
        for (version, fields, expected) in rows {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, HeaderValue::from_bytes(value).unwrap());
            }
            let found = idle_time(version, &headers);
            assert_eq!(found, expected.map(Duration::from_millis), "{version:?} {fields:?}");
        }
        for huge in ["18446744073709551615", "99999999999999999999999999", "1e9", "9999999999h"] {
            let headers = [("keep-alive", format!("timeout={huge}"))];
            let headers =
                headers.map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
            let found = idle_time(http11, &headers.into_iter().collect());
            assert!(found.is_none_or(|time| time > Duration::from_secs(1_000_000)), "{huge}: {found:?}");
        }
    }
}
