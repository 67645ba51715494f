//! Credentials that are computed for each sending: signatures, and answers to challenges.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use http::{StatusCode, header};

use crate::error::{Error, Result};
use crate::headers;
use crate::request::Request;
use crate::response::Response;

/// Proves anew, for each sending, who asks: a signature over the request, an answer to a challenge.
///
/// [`Credential::scheme`](crate::Credential::scheme) makes a credential of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no authentication scheme",
    label = "proves nothing",
    note = "implement `AuthScheme`, or write `Credential::signing(|request, now| {{ … }})`"
)]
pub trait AuthScheme: Send + Sync + 'static {
    /// Adds the proof to `request`, which goes out as it is then; an error ends the call, and nothing is sent.
    ///
    /// It is called last of all, for each attempt and each hop within the session's origin. A header that the caller has set
    /// is the caller's: leave it.
    ///
    /// # Errors
    ///
    /// What the call returns.
    fn sign(&self, request: &mut Request) -> Result<()>;

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
pub(super) struct Signing<F> {
    pub(super) sign: F,
    pub(super) clock: Clock,
}

impl<F: Fn(&mut Request, SystemTime) -> Result<()> + Send + Sync + 'static> AuthScheme for Signing<F> {
    fn sign(&self, request: &mut Request) -> Result<()> {
        (self.sign)(request, self.clock.now())
    }

    fn challenged(&self, error: &Error, before: u32) -> bool {
        before == 0 && self.clock.is_corrected(error)
    }
}

/// The server's clock, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// How far it is ahead of ours, in milliseconds.
    ahead: AtomicI64,
}

impl Clock {
    /// A difference of less than this refuses no signature.
    const TOLERATED: Duration = Duration::from_secs(30);

    pub(super) fn now(&self) -> SystemTime {
        shifted(SystemTime::now(), self.ahead.load(Ordering::Relaxed))
    }

    /// Whether a signature may have been refused for its time: the server's clock is another, and from now on ours is that.
    pub(super) fn is_corrected(&self, error: &Error) -> bool {
        let refused = [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
        if !error.status().is_some_and(|status| refused.contains(&status)) {
            return false;
        }
        let date = error.headers().and_then(|headers| headers::text(headers, &header::DATE));
        let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else { return false };
        let is_off = |to: SystemTime| {
            to.duration_since(date).unwrap_or_else(|error| error.duration()) > Self::TOLERATED
        };
        if !is_off(self.now()) {
            return false;
        }
        let ours = SystemTime::now();
        let ahead = match date.duration_since(ours) {
            Ok(ahead) => i64::try_from(ahead.as_millis()),
            Err(behind) => i64::try_from(behind.duration().as_millis()).map(|behind| -behind),
        };
        let Ok(ahead) = ahead else { return false };
        self.ahead.store(ahead, Ordering::Relaxed);
        true
    }
}

/// A time so many milliseconds later; the same time if there is none.
fn shifted(time: SystemTime, by: i64) -> SystemTime {
    let amount = Duration::from_millis(by.unsigned_abs());
    let shifted = if by < 0 { time.checked_sub(amount) } else { time.checked_add(amount) };
    shifted.unwrap_or(time)
}
