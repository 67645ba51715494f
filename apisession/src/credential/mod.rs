//! How a session proves who it is: a value that knows what it adds, where it comes from, and how long it is good.

mod challenge;
mod digest;
mod jwt;
mod oauth2;
mod scheme;
mod sigv4;
mod source;

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, Entry};
use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use self::digest::Digest;
pub use self::jwt::Jwt;
pub use self::oauth2::{OAuth2, ProvidedToken, TokenSource};
pub use self::scheme::AuthScheme;
use self::scheme::Signing;
pub(crate) use self::scheme::{Clock, MAX_CHALLENGES, shifted};
pub use self::sigv4::SigV4;
pub(crate) use self::source::Source;
pub use self::source::{CredentialProvider, Provided};
use crate::error::{Error, ErrorKind, Result};
use crate::headers;
use crate::origin;
use crate::request::Request;
use crate::secret::Secret;
use crate::session::Session;

/// How a session proves who it is: what [`authenticate`](crate::APISession::authenticate) returns, or the builder's `credential(…)`
/// takes, and every request to the session's origin carries.
///
/// Its values are marked sensitive: no `Debug` shows them. A header that a call sets itself is never
/// overridden. [`OAuth2`] and [`SigV4`] become one by `into()`.
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
    /// Until when it is good, on a clock that nobody sets, and for how long it was.
    expires: Option<(Instant, Duration)>,
    over_http: bool,
    scheme: Option<Arc<dyn AuthScheme>>,
    source: Option<Arc<Source>>,
}

impl Credential {
    /// No credential: requests go out as they are.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// `Authorization: Bearer …` (RFC 6750).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the token can't be a header value.
    pub fn bearer(token: impl Into<Secret>) -> Result<Self> {
        let value = Zeroizing::new(format!("Bearer {}", token.into().expose()));
        Self::default().and(header::AUTHORIZATION.as_str(), value.as_str())
    }

    /// `Authorization: Bearer …` with the token in a file, as batch systems and Kubernetes lay it down. The file is read when the
    /// token is needed, and again before the end that it says itself if it is a JWT (RFC 7519 §4.1.4), and after a 401.
    #[must_use]
    pub fn bearer_file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self::provided_by(move |_: Session| {
            let read = bearer_in(&path);
            async { read }
        })
    }

    /// What a provider fetches when it is needed: see [`CredentialProvider`].
    #[must_use]
    pub fn provided_by(provider: impl CredentialProvider) -> Self {
        Self::of_source(Source::new(provider))
    }

    fn of_source(source: Source) -> Self {
        Self { source: Some(Arc::new(source)), ..Self::default() }
    }

    /// What is computed for each sending: see [`AuthScheme`].
    #[must_use]
    pub fn scheme(scheme: impl AuthScheme) -> Self {
        Self { scheme: Some(Arc::new(scheme)), ..Self::default() }
    }

    /// `Authorization: Basic …` (RFC 7617), in UTF-8.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the user name holds a colon, which would end it.
    pub fn basic(user: &str, password: impl Into<Secret>) -> Result<Self> {
        if user.contains(':') {
            return Err(Error::new(ErrorKind::Argument, "the user name of a basic credential holds a colon"));
        }
        let pair = Zeroizing::new(format!("{user}:{}", password.into().expose()));
        let coded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        let value = Zeroizing::new(format!("Basic {}", *coded));
        Self::default().and(header::AUTHORIZATION.as_str(), value.as_str())
    }

    /// `Authorization: Digest …` (RFC 7616): MD5, SHA-256 and SHA-512-256, the strongest that the server offers. The first request
    /// goes out without it, and once more when the server has said what it wants; those after it have it at once. The password
    /// itself is never sent, so this may go over plain HTTP.
    #[must_use]
    pub fn digest(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::scheme(Digest::new(user.into(), password.into()))
    }

    /// A key in a query parameter of the vendor's, such as `api_key`. No error and no log shows it.
    #[must_use]
    pub fn query(name: &str, value: impl Into<Secret>) -> Self {
        Self::default().and_query(name, value)
    }

    /// A cookie, such as that of a login. It goes along with the others of the request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a cookie (RFC 6265 §4.1.1).
    pub fn cookie(name: &str, value: impl Into<Secret>) -> Result<Self> {
        Self::default().and_cookie(name, value)
    }

    /// A key in a header of the vendor's, such as `x-api-key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a header.
    pub fn header(name: &str, value: impl Into<Secret>) -> Result<Self> {
        Self::default().and(name, value)
    }

    /// The same credential with another header, for a vendor that asks for two.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a header.
    pub fn and(mut self, name: &str, value: impl Into<Secret>) -> Result<Self> {
        let (name, mut value) = headers::parse(name, value.into().expose())?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(self)
    }

    /// The same credential with another query parameter.
    #[must_use]
    pub fn and_query(mut self, name: &str, value: impl Into<Secret>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// The same credential with another cookie.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a cookie (RFC 6265 §4.1.1).
    pub fn and_cookie(mut self, name: &str, value: impl Into<Secret>) -> Result<Self> {
        let value = value.into();
        let is_value = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
        if HeaderName::try_from(name).is_err() || !value.expose().bytes().all(is_value) {
            let message = format!(
                "the cookie `{}` has a name or a value that no cookie can have",
                name.escape_default()
            );
            return Err(Error::new(ErrorKind::Argument, message));
        }
        self.cookies.push((name.to_owned(), value));
        Ok(self)
    }

    /// Says how long the credential is good, from now on, as `expires_in` of OAuth 2 has it (RFC 6749 §5.1). With less than
    /// 120 seconds left (or half of its time, if that is less) the session signs in again meanwhile, with less than 30 (or a
    /// tenth) before it goes on. Default: until a 401.
    #[must_use]
    pub fn expires_in(mut self, time: Duration) -> Self {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        let time = time.min(YEAR);
        self.expires = Some((Instant::now() + time, time));
        self
    }

    /// Lets the credential go over plain HTTP, where anybody on the way can read it. Without this it goes over HTTPS, and over
    /// HTTP to this machine only.
    #[must_use]
    pub fn danger_allow_http(mut self) -> Self {
        self.over_http = true;
        self
    }

    /// How much of its time is left.
    pub(crate) fn left(&self) -> Left {
        let Some((end, time)) = self.expires else { return Left::Plenty };
        match end.saturating_duration_since(Instant::now()) {
            left if left > PLENTY.min(time / 2) => Left::Plenty,
            left if left > LITTLE.min(time / 10) => Left::Some,
            _ => Left::Little,
        }
    }

    /// Whether anybody could read it on its way to `url`.
    pub(crate) fn is_exposed_to(&self, url: &Url) -> bool {
        // What a source gives has its own say.
        let is_readable = !(self.headers.is_empty() && self.query.is_empty() && self.cookies.is_empty())
            || self.scheme.as_ref().is_some_and(|scheme| scheme.needs_https());
        is_readable && is_open_road(url) && !self.over_http
    }

    /// A signature over each request, for what the other kinds can't say. It is made last of all, for each attempt and each hop
    /// within the session's origin, of the request as it goes out; an error ends the call, and nothing is sent.
    ///
    /// The time is the server's: a 401 or 403 whose `Date` is more than 30 seconds off has the clock set by it, and the request
    /// signed and sent once more. Over plain HTTP from another machine no clock is set.
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

    pub(crate) fn source(&self) -> Option<&Arc<Source>> {
        self.source.as_ref()
    }

    /// Whether the credential adds nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.headers.is_empty()
            && self.query.is_empty()
            && self.cookies.is_empty()
            && self.scheme.is_none()
            && self.source.is_none()
    }

    /// Adds what the caller has not set itself; whether that was all of it.
    pub(crate) fn attach(&self, request: &mut Request) -> bool {
        let mut whole = true;
        for (name, value) in &self.headers {
            match request.headers.entry(name) {
                Entry::Vacant(vacant) => {
                    vacant.insert(value.clone());
                }
                Entry::Occupied(_) => whole = false,
            }
        }
        for (name, value) in &self.query {
            let is_set = request.url.query_pairs().any(|(other, _)| other == name.as_str());
            if is_set {
                whole = false;
            } else {
                request.url.query_pairs_mut().append_pair(name, value.expose());
            }
        }
        for (name, value) in &self.cookies {
            whole &= add_cookie(&mut request.headers, name, value);
        }
        whole
    }
}

impl Credential {
    /// What it added, as a server may repeat it. What is shorter than this is no secret, and stands in any text.
    pub(crate) fn shown(&self) -> Vec<Secret> {
        const SHORTEST: usize = 6;
        let headers = self.headers.iter().filter_map(|(_, value)| value.to_str().ok());
        // `Bearer t0k3n`, and what follows the scheme.
        let headers = headers.flat_map(|value| [value, value.rsplit(' ').next().unwrap_or_default()]);
        let mut shown: Vec<_> = headers.map(Secret::from).collect();
        for (_, value) in self.query.iter().chain(&self.cookies) {
            let coded: String = form_urlencoded::byte_serialize(value.expose().as_bytes()).collect();
            shown.extend([value.clone(), Secret::from(coded)]);
        }
        shown.extend(self.scheme.iter().flat_map(|scheme| scheme.secrets()));
        shown.retain(|secret| secret.expose().len() >= SHORTEST);
        shown
    }

    /// The token of a [`bearer`](Self::bearer) credential, for a vendor that wants it in the body to revoke it (RFC 7009).
    #[must_use]
    pub fn bearer_token(&self) -> Option<Secret> {
        let authorization = self.headers.iter().find(|(name, _)| *name == header::AUTHORIZATION);
        authorization?.1.to_str().ok()?.strip_prefix("Bearer ").map(Secret::from)
    }
}

/// Adds a cookie to those of the request, which are one header (RFC 6265 §5.4), unless there is one of this name.
fn add_cookie(headers: &mut HeaderMap, name: &str, value: &Secret) -> bool {
    let there = headers.get(header::COOKIE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_name = |cookie: &[u8]| {
        cookie.split(|byte| *byte == b'=').next().map(<[u8]>::trim_ascii) == Some(name.as_bytes())
    };
    if there.split(|byte| *byte == b';').any(is_name) {
        return false;
    }
    let join: &[u8] = if there.is_empty() { b"" } else { b"; " };
    let all = Zeroizing::new([there, join, name.as_bytes(), b"=", value.expose().as_bytes()].concat());
    // The parts were checked, or were there.
    let Ok(mut all) = HeaderValue::from_bytes(&all) else { return false };
    all.set_sensitive(true);
    headers.insert(header::COOKIE, all);
    true
}

/// The bearer token in a file.
fn bearer_in(path: &Path) -> Result<Credential> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
        let message = format!("the token in {} can't be read", path.display());
        Error::new(ErrorKind::Configuration, message).caused_by(error.into())
    })?;
    let credential = Credential::bearer(text.trim())?;
    Ok(match jwt::left(text.trim()) {
        Some(left) => credential.expires_in(left),
        None => credential,
    })
}

/// A credential that has more time than this is used as it is.
const PLENTY: Duration = Duration::from_secs(120);
/// One that has less than this is waited for to be renewed; between the two that happens meanwhile.
const LITTLE: Duration = Duration::from_secs(30);

/// How much time a credential has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Plenty,
    Some,
    Little,
}

/// Whether anybody can read along on the way to `url`: plain HTTP to another machine.
fn is_open_road(url: &Url) -> bool {
    url.scheme() == "http" && !origin::is_this_machine(url)
}

/// Bytes as digits.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a `String` can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Which credential a call carries.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    None,
    Session,
    /// One that the session has under this name.
    Named(Arc<str>),
    This(Arc<Credential>),
}

/// Shows which headers are added, never their values.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().map(|(name, _)| name.as_str());
        let query = self.query.iter().map(|(name, _)| name.as_str());
        let cookies = self.cookies.iter().map(|(name, _)| name.as_str());
        let scheme = self.scheme.iter().map(|scheme| scheme.name());
        let source = self.source.iter().map(|_| "of a provider");
        let names: Vec<_> = headers.chain(query).chain(cookies).chain(scheme).chain(source).collect();
        write!(f, "Credential({})", names.join(", "))
    }
}
