//! Credentials that are computed for each attempt: signatures, and responses to challenges.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::sync::Semaphore;
use url::Url;

use super::Credential;
use crate::error::{Error, Result};
use crate::message::{Request, Response};
use crate::redact::Secret;

/// Authenticates each request just before it is sent: by a signature over it, or by the response to a challenge.
///
/// [`Credential::scheme`] makes a credential of one. Where a closure is enough, use [`Credential::signing`].
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
///         // A real scheme computes an HMAC here.
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
    message = "`{Self}` is not an authentication scheme",
    label = "this does not implement `AuthScheme`",
    note = "implement `AuthScheme`, or write `Credential::signing(|request, now| {{ … }})`"
)]
pub trait AuthScheme: Send + Sync + 'static {
    /// Signs `request`, in its headers or its query. Method, origin and path must stay the same.
    ///
    /// It is called after the middlewares, for each attempt and for each redirect within the session's origin. `now` is the
    /// time by the server's clock, as far as that is known.
    ///
    /// # Errors
    ///
    /// An error ends the call, and nothing is sent.
    fn sign(&self, request: &mut Request, now: SystemTime) -> Result<()>;

    /// Returns how far the clocks may be apart before the server refuses with this status.
    ///
    /// If they are further apart, the session sets its clock by the `Date` of the response, and sends the request once more. It does
    /// not over plain HTTP, where anybody on the way can write that header. Default: 30 seconds for 401 and 403, and `None` for
    /// other statuses.
    fn clock_tolerance(&self, refused: StatusCode) -> Option<Duration> {
        let is_refusal = matches!(refused, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        is_refusal.then_some(Duration::from_secs(30))
    }

    /// Returns the secrets that the server may repeat in a response, which errors then mask. Default: none.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }

    /// Returns the name of the scheme, for `Debug`.
    fn name(&self) -> &str {
        "a signature"
    }

    /// Whether the scheme signs this request, whose headers may already have what the caller set. `false` leaves the request, and
    /// the response to it, to the caller. Default: `true`.
    fn applies(&self, request: &Request) -> bool {
        let _ = request;
        true
    }

    /// Whether an eavesdropper could reuse what is sent. If so, the request is sent over HTTPS only, and over plain HTTP to this
    /// machine, but not through a proxy. Default: `true`.
    fn needs_https(&self) -> bool {
        true
    }

    /// Called with each error response. A scheme that remembers a challenge remembers the origin with it, since sessions with other
    /// base URLs can share a credential. If it returns `true`, the request is signed and sent once more, at most twice per call.
    /// `earlier` is the number of times that this has happened in the call. Default: `false`.
    fn on_challenge(&self, error: &Error, earlier: u32) -> bool {
        let _ = (error, earlier);
        false
    }

    /// Returns why the scheme can't respond to the challenge in an error response, for the message of the error. Default: `None`.
    fn unsupported_challenge(&self, response: &Response) -> Option<String> {
        let _ = response;
        None
    }

    /// The turn in which requests to `url` are signed and sent, each after the response to the one before, if the server requires an order.
    #[doc(hidden)]
    fn turn(&self, url: &Url) -> Option<Arc<Semaphore>> {
        let _ = url;
        None
    }

    /// Called with each response, whose [`url`](Response::url) is that of the request. Does nothing by default.
    fn on_response(&self, response: &Response) {
        let _ = response;
    }
}

/// How many challenges a call responds to.
pub(crate) const MAX_CHALLENGES: u32 = 2;

/// A closure that signs.
struct Signing<F>(F);

impl<F: Fn(&mut Request, SystemTime) -> Result<()> + Send + Sync + 'static> AuthScheme for Signing<F> {
    fn sign(&self, request: &mut Request, now: SystemTime) -> Result<()> {
        (self.0)(request, now)
    }
}

impl Credential {
    /// Creates a credential that is computed for each attempt: see [`AuthScheme`].
    #[must_use]
    pub fn scheme(scheme: impl AuthScheme) -> Self {
        Self { scheme: Some(Arc::new(scheme)), ..Self::default() }
    }

    /// Creates a credential that signs each request, for schemes that the other constructors don't have.
    ///
    /// `sign` is called last of all, for each attempt and for each redirect within the session's origin, with the request as it
    /// is sent. An error ends the call, and nothing is sent.
    ///
    /// The time is the server's. If a 401 or 403 has a `Date` that is more than 30 seconds off, the session sets its clock by it, and
    /// the request is signed and sent once more. A response over plain HTTP from another machine sets no clock.
    ///
    /// ```
    /// use std::time::UNIX_EPOCH;
    /// use apisession::{Credential, http::HeaderValue};
    ///
    /// let signed = Credential::signing(|request, now| {
    ///     let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    ///     request.headers.insert("x-timestamp", HeaderValue::from(seconds));
    ///     Ok(())
    /// });
    /// # let _ = signed;
    /// ```
    #[must_use]
    pub fn signing(sign: impl Fn(&mut Request, SystemTime) -> Result<()> + Send + Sync + 'static) -> Self {
        Self::scheme(Signing(sign))
    }

    pub(crate) fn auth_scheme(&self) -> Option<&Arc<dyn AuthScheme>> {
        self.scheme.as_ref()
    }
}
