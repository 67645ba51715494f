//! Credentials that are computed for each sending: signatures, and answers to challenges.

use std::ops::Range;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, StatusCode, header};

use super::is_open_road;
use crate::error::{Error, Result};
use crate::headers;
use crate::request::Request;
use crate::response::Response;
use crate::secret::Secret;

/// Proves anew, for each sending, who asks: a signature over the request, an answer to a challenge.
///
/// [`Credential::scheme`](crate::Credential::scheme) makes a credential of one; where a closure will do,
/// [`Credential::signing`](crate::Credential::signing).
///
/// ```
/// use std::time::{SystemTime, UNIX_EPOCH};
/// use apisession::{AuthScheme, Credential, Error, Request, Result, Secret, http::HeaderValue};
///
/// struct Stamp(Secret);
///
/// impl AuthScheme for Stamp {
///     fn sign(&self, request: &mut Request, now: SystemTime) -> Result<()> {
///         let seconds = now.duration_since(UNIX_EPOCH).map_err(Error::other)?.as_secs();
///         // An HMAC, in earnest.
///         let proof = format!("{seconds} {} {}", request.method, self.0.expose().len());
///         request.headers.insert("x-stamp", HeaderValue::try_from(proof).map_err(Error::other)?);
///         Ok(())
///     }
/// }
///
/// let credential = Credential::scheme(Stamp(Secret::new("s3cret")));
/// # let _ = credential;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no authentication scheme",
    label = "proves nothing",
    note = "implement `AuthScheme`, or write `Credential::signing(|request, now| {{ … }})`"
)]
pub trait AuthScheme: Send + Sync + 'static {
    /// Adds the proof to `request`, which goes out as it is then, in its headers or its query: method, origin and path stay. An error
    /// ends the call, and nothing is sent.
    ///
    /// It is called last of all, after the middlewares, for each attempt and each hop within the session's origin. `now` is the time by
    /// the server's clock, as far as that is known.
    ///
    /// # Errors
    ///
    /// What the call returns.
    fn sign(&self, request: &mut Request, now: SystemTime) -> Result<()>;

    /// How far the clocks may be apart before the server refuses with this status. If they are further apart ours is set by its
    /// `Date`, and the request is sent once more; not over plain HTTP, where anybody on the way could have written that. The
    /// default is 30 seconds for 401 and 403, and `None` for others.
    fn clock_tolerance(&self, refused: StatusCode) -> Option<Duration> {
        let is_refusal = matches!(refused, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        is_refusal.then_some(Duration::from_secs(30))
    }

    /// What a server may repeat and no error does: tokens that go along, and keys. The default is nothing.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// What it is, for `Debug`.
    fn name(&self) -> &str {
        "a signature"
    }

    /// Whether it proves this request, which has what the caller has set itself. `false` leaves the request, and what the server
    /// says to it, to the caller. The default returns `true`.
    fn applies(&self, request: &Request) -> bool {
        let _ = request;
        true
    }

    /// Whether who reads along could pass for us, so that it goes over HTTPS alone, and over plain HTTP to this machine. The default
    /// returns `true`.
    fn needs_https(&self) -> bool {
        true
    }

    /// Hears an error that the server answered, after `before` others of the call for which this returned `true`. `true`
    /// has the request sent once more, at most twice in a call. The default returns `false`.
    fn challenged(&self, error: &Error, before: u32) -> bool {
        let _ = (error, before);
        false
    }

    /// Hears each answer. The default does nothing.
    fn answered(&self, response: &Response) {
        let _ = response;
    }
}

/// How often a call answers a challenge.
pub(crate) const MAX_CHALLENGES: u32 = 2;

/// A closure that signs.
pub(super) struct Signing<F>(pub(super) F);

impl<F: Fn(&mut Request, SystemTime) -> Result<()> + Send + Sync + 'static> AuthScheme for Signing<F> {
    fn sign(&self, request: &mut Request, now: SystemTime) -> Result<()> {
        (self.0)(request, now)
    }
}

/// The server's clock, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// How far it is ahead of ours, in milliseconds.
    ahead: AtomicI64,
}

/// The years in which a server's clock is believed: from 2000 to 2200.
const PLAUSIBLE: Range<Duration> = Duration::from_secs(946_684_800)..Duration::from_secs(7_258_118_400);

impl Clock {
    /// How far the server's clock is ahead of ours, in milliseconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Whether a request may have been refused for its time: it was signed by a clock so far `ahead`, and the server's is further off
    /// than is `tolerated`. From now on ours is that. What anybody on the way could have written sets no clock.
    pub(crate) fn is_corrected(&self, error: &Error, ahead: i64, tolerated: Duration) -> bool {
        if error.url_asked().is_none_or(is_open_road) {
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

/// When an answer was made, and it is not one that was kept on the way.
fn date(headers: &HeaderMap) -> Option<SystemTime> {
    let date = httpdate::parse_http_date(headers::text(headers, &header::DATE)?).ok()?;
    let is_plausible = date.duration_since(UNIX_EPOCH).is_ok_and(|since| PLAUSIBLE.contains(&since));
    (is_plausible && !headers.contains_key(header::AGE)).then_some(date)
}

/// A time so many milliseconds later; the same time if there is none.
pub(crate) fn shifted(time: SystemTime, by: i64) -> SystemTime {
    let amount = Duration::from_millis(by.unsigned_abs());
    let shifted = if by < 0 { time.checked_sub(amount) } else { time.checked_add(amount) };
    shifted.unwrap_or(time)
}
