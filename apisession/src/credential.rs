//! How a session proves who it is: a value that knows what it adds, and how long it is good.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header::{self, Entry};
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind, Result};
use crate::headers;
use crate::request::Request;
use crate::secret::Secret;

/// What [`authenticate`](crate::APISession::authenticate) returns and every request carries.
///
/// Its values are marked sensitive: no `Debug` shows them. A header that a call sets itself is never
/// overridden.
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
    /// Until when it is good, on a clock that nobody sets, and for how long it was.
    expires: Option<(Instant, Duration)>,
    over_http: bool,
    signer: Option<Signer>,
}

/// Signs a request that is about to go out.
pub(crate) type Signer = Arc<dyn Fn(&mut Request) -> Result<()> + Send + Sync>;

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
    pub fn bearer(token: &str) -> Result<Self> {
        Self::default().and(header::AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// `Authorization: Bearer …` with the token in a file, as batch systems and Kubernetes lay it down. If it is a JWT its `exp` says
    /// how long it is good; return it from `authenticate`, which then reads the file again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if the file can't be read, [`ErrorKind::Argument`] if it can't be a header.
    pub fn bearer_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map(Zeroizing::new).map_err(|error| {
            let message = format!("the token in {} can't be read", path.display());
            Error::new(ErrorKind::Configuration, message).caused_by(error.into())
        })?;
        let credential = Self::bearer(text.trim())?;
        Ok(match left_of_jwt(text.trim()) {
            Some(left) => credential.expires_in(left),
            None => credential,
        })
    }

    /// `Authorization: Basic …` (RFC 7617), in UTF-8.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the user name holds a colon, which would end it.
    pub fn basic(user: &str, password: &str) -> Result<Self> {
        if user.contains(':') {
            return Err(Error::new(ErrorKind::Argument, "the user name of a basic credential holds a colon"));
        }
        let pair = Zeroizing::new(format!("{user}:{password}"));
        let coded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        Self::default().and(header::AUTHORIZATION.as_str(), &format!("Basic {}", *coded))
    }

    /// A key in a query parameter of the vendor's, such as `api_key`. No error and no log shows it.
    #[must_use]
    pub fn query(name: &str, value: impl Into<Secret>) -> Self {
        Self::default().and_query(name, value)
    }

    /// A key in a header of the vendor's, such as `x-api-key`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a header.
    pub fn header(name: &str, value: &str) -> Result<Self> {
        Self::default().and(name, value)
    }

    /// The same credential with another header, for a vendor that asks for two.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Argument`] if the name or the value can't be a header.
    pub fn and(mut self, name: &str, value: &str) -> Result<Self> {
        let (name, mut value) = headers::parse(name, value)?;
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
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "http" && !is_local && !self.over_http && !self.is_none()
    }

    /// A signature over each request, for what the other kinds can't say. It is made last of all, for each attempt and each hop
    /// within the session's origin, of the request as it goes out; an error ends the call, and nothing is sent.
    ///
    /// ```
    /// use apisession::{Credential, http::HeaderValue};
    ///
    /// let signed = Credential::signing(|request| {
    ///     let length = request.body.as_bytes().map_or(0, |bytes| bytes.len());
    ///     request.headers.insert("x-signature", HeaderValue::from(length));
    ///     Ok(())
    /// });
    /// # let _ = signed;
    /// ```
    #[must_use]
    pub fn signing(sign: impl Fn(&mut Request) -> Result<()> + Send + Sync + 'static) -> Self {
        Self { signer: Some(Arc::new(sign)), ..Self::default() }
    }

    pub(crate) fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    /// Whether the credential adds nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.headers.is_empty() && self.query.is_empty() && self.signer.is_none()
    }

    /// Adds what the caller has not set itself; whether that was all of it, and something.
    pub(crate) fn attach(&self, request: &mut Request) -> bool {
        let mut whole = !self.is_none();
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
        whole
    }
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

/// How long a JWT is good (RFC 7519 §4.1.4), if the token is one. Its signature is the server's to check.
fn left_of_jwt(token: &str) -> Option<Duration> {
    let payload = token.split('.').nth(1)?;
    let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let end = Duration::try_from_secs_f64(claims.get("exp")?.as_f64()?).ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(end.saturating_sub(now))
}

/// Which credential a call carries.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    None,
    Session,
    This(Credential),
}

/// Shows which headers are added, never their values.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().map(|(name, _)| name.as_str());
        let query = self.query.iter().map(|(name, _)| name.as_str());
        let names: Vec<_> = headers.chain(query).chain(self.signer.iter().map(|_| "a signature")).collect();
        write!(f, "Credential({})", names.join(", "))
    }
}
