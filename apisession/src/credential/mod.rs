//! Credentials: values that authenticate a request. It imports `transport`, whose cryptography signs, and what is
//! below it.

mod attach;
#[cfg(feature = "sign-in")]
mod challenged;
pub(crate) mod check;
mod clock;
pub(crate) mod cookie;
mod credential_source;
#[cfg(feature = "sign-in")]
mod digest;
#[cfg(feature = "sign-in")]
pub(crate) mod jwt;
mod lease;
mod lifetime;
#[cfg(feature = "sign-in")]
pub(crate) mod netrc;
mod scheme;
#[cfg(feature = "sign-in")]
mod sigv4;
#[cfg(feature = "sign-in")]
mod source;
#[cfg(feature = "sign-in")]
mod sources;
#[cfg(not(feature = "sign-in"))]
#[path = "no_sources.rs"]
mod sources;
mod token_source;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use http::{HeaderName, HeaderValue};
use zeroize::Zeroizing;

#[cfg(feature = "sign-in")]
pub(crate) use self::challenged::{Challenged, Respond};
pub(crate) use self::clock::{Clock, shifted};
pub use self::credential_source::CredentialSource;
#[cfg(feature = "sign-in")]
pub use self::jwt::Jwt;
pub(crate) use self::lease::{Expires, Freshness, Lease, LeaseStore, announce_pause};
use self::lifetime::Lifetime;
pub use self::scheme::AuthScheme;
pub(crate) use self::scheme::MAX_CHALLENGES;
#[cfg(feature = "sign-in")]
pub use self::sigv4::SigV4;
#[cfg(feature = "sign-in")]
pub(crate) use self::source::{Caller, Fetch, Source};
pub(crate) use self::sources::Sources;
pub use self::token_source::TokenSource;
use crate::error::{Error, Result};
use crate::message::headers;
use crate::redact::Secret;

/// Authenticates the requests of a session: [`authenticate`](crate::APISession::authenticate) returns one, or the builder's
/// `credential(…)` takes one, and every request to the session's origin carries it.
///
/// Its values are marked sensitive: `Debug` never shows them. It never overrides a header that a call sets itself.
/// [`OAuth2`](crate::OAuth2) and [`SigV4`] become one by `into()`.
///
/// ```
/// use apisession::Credential;
///
/// let token = Credential::bearer("t0p-s3cret")?;
/// assert_eq!(format!("{token:?}"), "Credential(authorization)");
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Credential {
    headers: Vec<(HeaderName, HeaderValue)>,
    query: Vec<(String, Secret)>,
    cookies: Vec<(String, Secret)>,
    lifetime: Lifetime,
    over_http: bool,
    scheme: Option<Arc<dyn AuthScheme>>,
    /// Where what requests carry is fetched from, if it is.
    sources: Option<Sources>,
    /// The error of the first value that can't be right, for constructors that don't return one.
    mistake: Option<String>,
}

impl Credential {
    /// Creates an empty credential: requests are sent as they are.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Creates a bearer token (RFC 6750): `Authorization: Bearer …`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the token can't be right: it is empty, or has a quote, a space, or a
    /// character that is not visible ASCII.
    pub fn bearer(token: impl Into<Secret>) -> Result<Self> {
        let token = token.into();
        let wrong = |why| Error::argument(format!("the token of a bearer credential {why}"));
        check::token(token.expose()).map_err(wrong)?;
        let value = Zeroizing::new(format!("Bearer {}", token.expose()));
        Self::default().with_header(header::AUTHORIZATION.as_str(), &value)
    }

    /// Creates a basic credential (RFC 7617), in UTF-8: `Authorization: Basic …`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the user name has a colon, which would end it, if one of both has a
    /// control character or an invisible one, or if both are empty.
    pub fn basic(user: &str, password: impl Into<Secret>) -> Result<Self> {
        let password = password.into();
        if user.contains(':') {
            let message = "the user name of a basic credential has a colon, which would end it; remove it";
            return Err(Error::argument(message));
        }
        check_login("basic", user, &password).map_err(Error::argument)?;
        let value = basic(user, password.expose());
        Self::default().with_header(header::AUTHORIZATION.as_str(), &value)
    }

    /// Creates a key in a query parameter, such as `api_key`. No error and no log shows it.
    ///
    /// A key that can't be right, as described at [`header`](Self::header), is an error of the call.
    #[must_use]
    pub fn query(name: &str, value: impl Into<Secret>) -> Self {
        Self::default().and_query(name, value)
    }

    /// Creates a cookie, such as that of a login. It is added to the other cookies of the request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the name or the value can't be those of a cookie (RFC 6265 §4.1.1).
    pub fn cookie(name: &str, value: impl Into<Secret>) -> Result<Self> {
        Self::default().and_cookie(name, value)
    }

    /// Creates a key in a header, such as `x-api-key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the name can't be that of a header, or the value can't be right: it is
    /// empty or in quotes, begins or ends with a space, or has a control character, a typographic quote or an invisible character.
    pub fn header(name: &str, value: impl Into<Secret>) -> Result<Self> {
        Self::default().and(name, value)
    }

    /// Adds another header, for a vendor that requires two.
    ///
    /// # Errors
    ///
    /// Those of [`header`](Self::header).
    pub fn and(self, name: &str, value: impl Into<Secret>) -> Result<Self> {
        let (name, value) = (headers::name(name)?, value.into());
        let wrong = |why| Error::argument(format!("the value of the header `{name}` {why}"));
        check::key(value.expose()).map_err(wrong)?;
        self.with_header(name.as_str(), value.expose())
    }

    fn with_header(mut self, name: &str, value: &str) -> Result<Self> {
        let (name, mut value) = headers::parse(name, value)?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(self)
    }

    /// Adds another query parameter.
    #[must_use]
    pub fn and_query(mut self, name: &str, value: impl Into<Secret>) -> Self {
        let value = value.into();
        let checked = check::key(value.expose());
        self.query.push((name.to_owned(), value));
        let name = name.escape_default();
        self.checked(checked.map_err(|why| format!("the value of the query parameter `{name}` {why}")))
    }

    /// Keeps the error of a value, for the call that would send it.
    fn checked(mut self, value: Result<(), String>) -> Self {
        self.mistake = self.mistake.or(value.err());
        self
    }

    /// The error of the first value that can't be right. Nothing is sent with it.
    pub(crate) fn mistake(&self) -> Option<&str> {
        self.mistake.as_deref()
    }

    /// Adds another cookie.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the name or the value can't be those of a cookie (RFC 6265 §4.1.1).
    pub fn and_cookie(mut self, name: &str, value: impl Into<Secret>) -> Result<Self> {
        let value = value.into();
        cookie::checked(name, &value)?;
        self.cookies.push((name.to_owned(), value));
        Ok(self)
    }

    /// Sets the lifetime of the credential, from now on, as `expires_in` of OAuth 2 (RFC 6749 §5.1). Default: until a 401.
    ///
    /// With less than 120 seconds left, or half of the lifetime if that is less, the session signs in again in the background. With
    /// less than 30 seconds left, or a tenth, a request waits for the new credential.
    ///
    /// A lifetime of less than 10 seconds is one of 10 seconds, so that not every call signs in.
    #[must_use]
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.lifetime.expire_in(lifetime);
        self
    }

    /// Sets after how long without a request the credential expires, for vendors whose tokens live longer with each use, such as the cookie
    /// of a login. Default: never.
    ///
    /// The session signs in again for the next request, if the last one with the credential was sent so long ago, less 30 seconds or a
    /// tenth of the time. In use it is not renewed. [`expires_in`](Self::expires_in) can limit its whole lifetime besides.
    ///
    /// A time of less than 10 seconds is one of 10 seconds.
    ///
    /// ```
    /// use std::time::Duration;
    /// use apisession::Credential;
    ///
    /// let minutes = |count: u64| Duration::from_secs(60 * count);
    /// let login = Credential::cookie("sid", "s3cret")?.expires_idle(minutes(20)).expires_in(minutes(8 * 60));
    /// # let _ = login;
    /// # Ok::<(), apisession::Error>(())
    /// ```
    #[must_use]
    pub fn expires_idle(mut self, lifetime: Duration) -> Self {
        self.lifetime.expire_idle(lifetime);
        self
    }

    /// Reports that the server no longer accepts the credential: the next request that needs it fetches another one.
    ///
    /// After a 401, or what [`Rule::expired_when`](crate::Rule::expired_when) selects, this happens by itself. It is for vendors that
    /// refuse a credential in another way, such as in the middle of a stream, which the author's code notices. Calls that are under way
    /// are not changed.
    ///
    /// Clones are one credential. So an author keeps a clone of what a hook or a provider has returned. That of a provider itself, or of
    /// an [`OAuth2`](crate::OAuth2), stands for all that it has fetched. One that is not fetched at all stays in use.
    ///
    /// ```
    /// use apisession::{Credential, Session};
    ///
    /// let credential = Credential::provided_by(|session: Session| async move {
    ///     let token: String = session.raw().post("/tokens").json_as().await?;
    ///     Credential::bearer(token)
    /// });
    /// let kept = credential.clone();
    /// // The session gets `credential`. Once a stream ends with `token_expired`:
    /// kept.invalidate();
    /// ```
    pub fn invalidate(&self) {
        self.lifetime.refuse();
        self.invalidate_fetched();
    }

    /// Allows the credential over plain HTTP, where anybody on the way can read it. By default it is sent over HTTPS only, and over
    /// plain HTTP to this machine, but not through a proxy.
    #[must_use]
    pub fn danger_allow_http(mut self) -> Self {
        self.over_http = true;
        self
    }

    /// Returns the token of a [`bearer`](Self::bearer) credential, for a vendor that requires it in the body to revoke it (RFC 7009).
    #[must_use]
    pub fn bearer_token(&self) -> Option<Secret> {
        let authorization = self.headers.iter().find(|(name, _)| *name == header::AUTHORIZATION);
        authorization?.1.to_str().ok()?.strip_prefix("Bearer ").map(Secret::from)
    }

    /// Whether the credential adds nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.headers.is_empty()
            && self.query.is_empty()
            && self.cookies.is_empty()
            && self.scheme.is_none()
            && self.sources.is_none()
    }
}

/// Checks the user name and the password of a credential of this kind. The error is a complete message.
fn check_login(kind: &str, user: &str, password: &Secret) -> Result<(), String> {
    if user.is_empty() && password.expose().is_empty() {
        return Err(format!("the user name and the password of a {kind} credential are empty; set them"));
    }
    check::password(user).map_err(|why| format!("the user name of a {kind} credential {why}"))?;
    check::password(password.expose()).map_err(|why| format!("the password of a {kind} credential {why}"))
}

/// The value of `Authorization` for a user and a password (RFC 7617).
pub(crate) fn basic(user: &str, password: &str) -> Zeroizing<String> {
    let pair = Zeroizing::new(format!("{user}:{password}"));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Zeroizing::new(format!("Basic {}", *encoded))
}

impl Expires for Credential {
    fn freshness(&self) -> Freshness {
        self.lifetime.freshness()
    }
}

/// Shows which headers are added, never their values.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().map(|(name, _)| name.as_str());
        let query = self.query.iter().map(|(name, _)| name.as_str());
        let cookies = self.cookies.iter().map(|(name, _)| name.as_str());
        let scheme = self.scheme.iter().map(|scheme| scheme.name());
        let sources = self.sources.iter().map(|sources| sources.name());
        let names: Vec<_> = headers.chain(query).chain(cookies).chain(scheme).chain(sources).collect();
        write!(f, "Credential({})", names.join(", "))
    }
}
