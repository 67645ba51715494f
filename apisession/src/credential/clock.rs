//! The server's clock, by which requests are signed.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header};

use crate::encode::origin::is_plain_remote;
use crate::error::Error;
use crate::message::headers;

/// How far the server's clock is off, as far as that is known.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    ahead: AtomicI64,
}

/// A server's date is trusted between the years 2000 and 2200.
const PLAUSIBLE: Range<Duration> = Duration::from_secs(946_684_800)..Duration::from_secs(7_258_118_400);

impl Clock {
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Sets the clock by the date of an error response if the request, which was signed by a clock `ahead` of this machine's, was off
    /// by more than `tolerated`. Returns whether it did. A response over plain HTTP sets no clock, since anybody on the way could have
    /// written it.
    pub(crate) fn is_corrected(&self, error: &Error, ahead: i64, tolerated: Duration) -> bool {
        if error.full_url().is_none_or(is_plain_remote) {
            return false;
        }
        let Some(date) = error.headers().and_then(date) else { return false };
        let off = |ours: SystemTime| ours.duration_since(date).unwrap_or_else(|error| error.duration());
        let ours = SystemTime::now();
        if off(shifted(ours, ahead)) <= tolerated {
            return false;
        }
        let Ok(amount) = i64::try_from(off(ours).as_millis()) else { return false };
        self.ahead.store(if date > ours { amount } else { -amount }, Ordering::Relaxed);
        true
    }
}

/// When a response was made, unless it is from a cache.
fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let date = httpdate::parse_http_date(headers::text(headers, &header::DATE)?).ok()?;
    let is_plausible = date.duration_since(UNIX_EPOCH).is_ok_and(|since| PLAUSIBLE.contains(&since));
    (is_plausible && !headers.contains_key(header::AGE)).then_some(date)
}

/// The time `by` milliseconds later, or the same time if that can't be represented.
pub(crate) fn shifted(time: SystemTime, by: i64) -> SystemTime {
    let amount = Duration::from_millis(by.unsigned_abs());
    let shifted = if by < 0 { time.checked_sub(amount) } else { time.checked_add(amount) };
    shifted.unwrap_or(time)
}
