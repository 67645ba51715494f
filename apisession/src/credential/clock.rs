//! The clock by which requests are signed: an estimate of the server's.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, header};

use crate::error::Error;
use crate::message::headers;

/// An estimate of the server's clock. It starts as this machine's clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    ahead: AtomicI64,
}

/// The times that a server's date may have, since 1970: the years 2000 to 2199.
const PLAUSIBLE: Range<Duration> = Duration::from_secs(946_684_800)..Duration::from_secs(7_258_118_400);

impl Clock {
    /// Returns how far the server's clock is ahead of this machine's, in milliseconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Sets the clock by the `Date` of an error response, which nobody on the way can have written. Returns whether it
    /// did.
    ///
    /// The request was signed `ahead` milliseconds ahead of this machine's clock. The clock is set only if that time
    /// differs from the `Date` by more than `tolerated`.
    pub(crate) fn is_corrected(&self, error: &Error, ahead: i64, tolerated: Duration) -> bool {
        let Some(date) = error.headers().and_then(date) else { return false };
        let difference =
            |time: SystemTime| time.duration_since(date).unwrap_or_else(|error| error.duration());
        let now = SystemTime::now();
        if difference(shifted(now, ahead)) <= tolerated {
            return false;
        }
        let Ok(amount) = i64::try_from(difference(now).as_millis()) else { return false };
        self.ahead.store(if date > now { amount } else { -amount }, Ordering::Relaxed);
        true
    }
}

/// The `Date` of a response. A response from a cache, which has `Age`, has an old one, so it returns `None`.
fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let date = httpdate::parse_http_date(headers::text(headers, &header::DATE)?).ok()?;
    let is_plausible = date.duration_since(UNIX_EPOCH).is_ok_and(|since| PLAUSIBLE.contains(&since));
    (is_plausible && !headers.contains_key(header::AGE)).then_some(date)
}

/// Returns `time` plus `by` milliseconds, or `time` if the sum can't be represented.
pub(crate) fn shifted(time: SystemTime, by: i64) -> SystemTime {
    let amount = Duration::from_millis(by.unsigned_abs());
    let shifted = if by < 0 { time.checked_sub(amount) } else { time.checked_add(amount) };
    shifted.unwrap_or(time)
}
