//! A cookie jar: what a server sets goes along with later requests to its host.

mod date;
mod set_cookie;
mod stored;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use cookie_store::{CookieExpiration, CookieStore};
use futures_core::future::BoxFuture;
use http::{HeaderMap, header};
use url::{Origin, Url};

use super::wrapping::Wrapping;
use super::{Failure, Transport, private_file};
use crate::error::{Error, Result};
use crate::message::{Request, Response, cookie_header};
use crate::redact::Secret;
use crate::transport::replace::replace;

/// How many cookies a response may set.
const MAX_SET: usize = 50;
/// How many cookies a host may have.
const MAX_OF_HOST: usize = 180;
/// How long the cookies of a request may be in all, in bytes.
const MAX_HEADER: usize = 8 * 1024;

/// A cookie jar (RFC 6265): what the session's server sets goes along with later requests to it. Clones share the cookies.
///
/// By default a session has none. The hook `build_session`, or the builder, gives it one:
///
/// ```
/// use apisession::prelude::*;
/// use apisession::{CookieJar, http::StatusCode, transport::Memory};
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let vendor = Memory::new(|request| async move {
///     let sent = request.headers.get("cookie").map_or("none", |cookies| cookies.to_str().unwrap()).to_owned();
///     Ok(Response::new(StatusCode::OK).with_header("set-cookie", "sid=s3cret; Secure").with_body(sent))
/// });
/// let jar = CookieJar::new();
/// let api = Acme::builder().cookies(jar.clone()).transport(vendor).build()?;
/// assert_eq!(api.raw().get("/x").await?.text()?, "none");
/// assert_eq!(api.raw().get("/x").await?.text()?, "sid=s3cret");
/// assert_eq!(jar.cookies()[0].name(), "sid");
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
///
/// A cookie belongs to the host that sets it, even if its `Domain` covers others; one whose `Domain` is another host or a public suffix
/// is refused. Only requests to the origin of the session's base URL set and carry cookies, and none over plain HTTP to another machine.
/// A `Secure` cookie is never sent over plain HTTP. A cookie replaces none that the request has already.
///
/// A response can set 50 cookies, a host have 180, a cookie 4 KiB, and a request 8 KiB of them. What exceeds that is ignored, and so
/// is a cookie with a control character.
#[derive(Clone, Default)]
pub struct CookieJar(Arc<Inner>);

#[derive(Default)]
struct Inner {
    store: Mutex<CookieStore>,
    path: Option<PathBuf>,
}

/// A cookie of a [`CookieJar`].
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCookie {
    host: String,
    path: String,
    name: String,
    value: Secret,
    secure: bool,
    http_only: bool,
    expires: Option<SystemTime>,
}

impl CookieJar {
    /// Creates an empty jar in memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates the jar of a file, with the cookies that [`save`](Self::save) has stored there. A file that does not exist is an empty jar.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the file can't be read, or is not valid. It may have 1 MiB.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let store = match private_file::read(&path) {
            Ok((file, exposure)) => {
                if let Some(why) = exposure.mistake() {
                    tracing::warn!("the cookie file {} {why}", path.display());
                }
                let cookies = stored::parse(&file).map_err(|why| unusable(&path, &why))?;
                filled(&cookies)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => CookieStore::default(),
            Err(error) => return Err(unusable(&path, "can't be read").caused_by(error.into())),
        };
        Ok(Self(Arc::new(Inner { store: Mutex::new(store), path: Some(path) })))
    }

    /// Saves all cookies in the file, also those that end with the session, so that a session can be restarted. The file is replaced as a
    /// whole, and only its owner can read it. It writes a file, so async code calls it on a thread for that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the jar has no file, or it can't be written.
    pub fn save(&self) -> Result<()> {
        let path = self.0.path.as_deref();
        let path =
            path.ok_or_else(|| Error::configuration("the cookie jar has no file; create it by `open`"))?;
        let text = stored::text(&self.cookies());
        replace(path, text.as_bytes())
            .map_err(|error| unusable(path, "can't be written").caused_by(error.into()))
    }

    /// Removes all cookies, and deletes the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the file can't be deleted. The cookies in memory are removed all
    /// the same.
    pub fn clear(&self) -> Result<()> {
        self.store().clear();
        let Some(path) = &self.0.path else { return Ok(()) };
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(unusable(path, "can't be deleted").caused_by(error.into()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the cookies that have not expired, by host, path and name.
    #[must_use]
    pub fn cookies(&self) -> Vec<StoredCookie> {
        let mut cookies: Vec<_> = self.store().iter_unexpired().filter_map(StoredCookie::of).collect();
        cookies.sort_by(|a, b| (&a.host, &a.path, &a.name).cmp(&(&b.host, &b.path, &b.name)));
        cookies
    }

    /// Replaces all cookies by those of another jar. Its file stays that of this jar.
    pub fn replace(&self, other: &Self) {
        let cookies = other.cookies();
        *self.store() = filled(&cookies);
    }

    /// Sets a cookie as a server at this URL does: `sid=s3cret; Path=/`. Returns whether it was accepted.
    pub fn set(&self, url: &Url, set_cookie: &str) -> bool {
        accept(&mut self.store(), url, set_cookie.as_bytes())
    }

    /// The store, without cookies that have expired. One that was seen to have expired does not come back if the clock is set back.
    fn store(&self) -> MutexGuard<'_, CookieStore> {
        self.store_at(SystemTime::now())
    }

    fn store_at(&self, now: SystemTime) -> MutexGuard<'_, CookieStore> {
        let mut store = self.0.store.lock().unwrap_or_else(PoisonError::into_inner);
        let has_expired =
            |cookie: &cookie_store::Cookie<'_>| expiration(cookie).is_some_and(|end| end <= now);
        if store.iter_any().any(has_expired) {
            let left: Vec<_> = store.iter_any().filter(|cookie| !has_expired(cookie)).cloned().collect();
            let Ok(left) = CookieStore::from_cookies(left.into_iter().map(Ok::<_, Infallible>), false);
            *store = left;
        }
        store
    }

    /// The cookies of a request, those of longer paths first (RFC 6265 §5.4).
    fn of_request(&self, url: &Url) -> Vec<(String, Secret)> {
        let store = self.store();
        let is_https = url.scheme() == "https";
        let mut cookies = store.matches(url);
        // The store also sends secure cookies over plain HTTP to this machine.
        cookies.retain(|cookie| is_https || cookie.secure() != Some(true));
        cookies.sort_by(|a, b| (b.path.len(), a.name()).cmp(&(a.path.len(), b.name())));
        let mut length = 0;
        let fitting = cookies.into_iter().filter(|cookie| {
            let own = cookie.name().len() + cookie.value().len() + 3;
            length += own;
            let fits = length <= MAX_HEADER;
            length -= if fits { 0 } else { own };
            fits
        });
        fitting.map(|cookie| (cookie.name().to_owned(), Secret::new(cookie.value()))).collect()
    }

    /// Stores what a response sets.
    fn learn(&self, url: &Url, headers: &HeaderMap) {
        let mut set = headers.get_all(header::SET_COOKIE).iter().take(MAX_SET).peekable();
        if set.peek().is_none() {
            return;
        }
        let mut store = self.store();
        for value in set {
            accept(&mut store, url, value.as_bytes());
        }
    }
}

/// Stores a cookie, if it may be set.
fn accept(store: &mut CookieStore, url: &Url, text: &[u8]) -> bool {
    let Some(cookie) = set_cookie::parse(url, text) else { return false };
    let host = url.host_str().unwrap_or_default();
    let of_host =
        |known: &&cookie_store::Cookie<'static>| known.domain.as_cow().is_some_and(|own| own == host);
    let is_known = |known: &cookie_store::Cookie<'static>| {
        known.name() == cookie.name() && known.path.as_ref() == cookie.path.as_ref()
    };
    let known: Vec<_> = store.iter_unexpired().filter(of_host).collect();
    if known.len() >= MAX_OF_HOST && !known.into_iter().any(is_known) {
        return false;
    }
    // What the crate logs is in another of its fns.
    store.insert(cookie, url).is_ok()
}

/// A store of these cookies. One that can't be stored is left out.
fn filled(cookies: &[StoredCookie]) -> CookieStore {
    let mut store = CookieStore::default();
    for cookie in cookies {
        if let (Some(url), text) = (cookie.url(), cookie.set_cookie()) {
            accept(&mut store, &url, text.expose().as_bytes());
        }
    }
    store
}

/// When a cookie expires, if it does not end with the session. A time before 1970 is that year.
fn expiration(cookie: &cookie_store::Cookie<'_>) -> Option<SystemTime> {
    match &cookie.expires {
        CookieExpiration::AtUtc(end) => {
            let seconds = u64::try_from(end.unix_timestamp()).unwrap_or(0);
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        }
        CookieExpiration::SessionEnd => None,
    }
}

impl StoredCookie {
    fn of(cookie: &cookie_store::Cookie<'static>) -> Option<Self> {
        Some(Self {
            host: cookie.domain.as_cow()?.into_owned(),
            path: cookie.path.as_ref().to_owned(),
            name: cookie.name().to_owned(),
            value: Secret::new(cookie.value()),
            secure: cookie.secure() == Some(true),
            http_only: cookie.http_only() == Some(true),
            expires: expiration(cookie),
        })
    }

    /// Returns the host to which it is sent.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the path below which it is sent.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// Whether it is sent over HTTPS only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns when it expires. Without a time it ends with the session, if that is not saved.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// A URL that may set it.
    fn url(&self) -> Option<Url> {
        let scheme = if self.secure { "https" } else { "http" };
        let url = Url::parse(&format!("{scheme}://{}/", self.host)).ok()?;
        Some(url)
            .filter(|url| url.host_str() == Some(&self.host) && url.path() == "/" && url.port().is_none())
    }

    /// The header that sets it.
    fn set_cookie(&self) -> Secret {
        let mut text = format!("{}={}; Path={}", self.name, self.value.expose(), self.path);
        if self.secure {
            text.push_str("; Secure");
        }
        if self.http_only {
            text.push_str("; HttpOnly");
        }
        if let Some(end) = self.expires {
            text.push_str(&format!("; Expires={}", httpdate::fmt_http_date(end)));
        }
        Secret::new(text)
    }
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::configuration(format!("the cookie file {} {why}", path.display()))
}

/// A transport with a jar.
struct WithJar {
    transport: Arc<dyn Transport>,
    jar: CookieJar,
    /// That of the session's base URL.
    origin: Origin,
}

impl WithJar {
    fn applies(&self, url: &Url) -> bool {
        url.origin() == self.origin && !self.transport.is_exposed(url)
    }
}

impl Transport for WithJar {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        if !self.applies(&request.url) {
            return self.transport.send(request);
        }
        for (name, value) in self.jar.of_request(&request.url) {
            cookie_header::add(&mut request.headers, &name, &value);
        }
        let url = request.url.clone();
        let sending = self.transport.send(request);
        Box::pin(async move {
            let response = sending.await?;
            self.jar.learn(&url, response.headers());
            Ok(response)
        })
    }

    fn is_exposed(&self, url: &Url) -> bool {
        self.transport.is_exposed(url)
    }

    fn secrets(&self, url: &Url) -> Vec<Secret> {
        let mut secrets = self.transport.secrets(url);
        if self.applies(url) {
            secrets.extend(self.jar.of_request(url).into_iter().map(|(_, value)| value));
        }
        secrets
    }
}

impl From<CookieJar> for Wrapping {
    fn from(jar: CookieJar) -> Self {
        Self(Arc::new(move |transport, origin| {
            Arc::new(WithJar { transport, jar: jar.clone(), origin: origin.clone() })
        }))
    }
}

/// Shows the number of cookies.
impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CookieJar({} cookies)", self.store().iter_unexpired().count())
    }
}

/// Shows the name, never the value.
impl fmt::Debug for StoredCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, path, name, secure, http_only, expires, .. } = self;
        f.debug_struct("StoredCookie")
            .field("name", name)
            .field("host", host)
            .field("path", path)
            .field("secure", secure)
            .field("http_only", http_only)
            .field("expires", expires)
            .finish_non_exhaustive()
    }
}

/// What holds for any `Set-Cookie` and any cookie file: nothing else is stored or sent than a server may set, and what is saved is the
/// same after it is loaded.
#[cfg(any(fuzzing, test))]
pub(crate) fn check(data: &[u8]) {
    let urls = ["https://www.example.co.uk/a/b", "http://127.0.0.1/", "https://example.com./"];
    let urls = urls.map(|url| Url::parse(url).expect("these are URLs"));
    if let Ok(cookies) = stored::parse(data) {
        let store = filled(&cookies);
        assert!(store.iter_any().count() <= cookies.len());
    }
    let jar = CookieJar::new();
    for url in &urls {
        for line in data.split(|byte| *byte == b'\n') {
            accept(&mut jar.store(), url, line);
        }
    }
    let cookies = jar.cookies();
    let text = stored::text(&cookies);
    let read = stored::parse(text.as_bytes()).expect("what was saved can be loaded");
    assert_eq!(read, cookies);
    let loaded = CookieJar::new();
    *loaded.store() = filled(&read);
    assert_eq!(loaded.cookies(), cookies);
    for url in &urls {
        let sent = jar.of_request(url);
        assert!(sent == loaded.of_request(url));
        let mut headers = HeaderMap::new();
        for (name, value) in &sent {
            assert!(
                !name.contains([';', '=', '\r', '\n']) && !value.expose().contains([';', '\r', '\n', '\0'])
            );
            cookie_header::add(&mut headers, name, value);
        }
        assert!(headers.values().map(|value| value.len()).sum::<usize>() <= MAX_HEADER);
    }
    for other in
        ["https://example.co.uk/", "https://other.co.uk/", "https://example.org/", "https://a.example.com./"]
    {
        assert!(jar.of_request(&Url::parse(other).expect("this is a URL")).is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C2: the clock is set back by a year after a cookie has expired.
    #[test]
    fn c2_what_has_expired_does_not_come_back() {
        let host = Url::parse("https://a.com/").unwrap();
        let jar = CookieJar::new();
        for cookie in ["short=1; Max-Age=60", "long=1; Max-Age=100000000", "session=1"] {
            assert!(jar.set(&host, cookie), "{cookie}");
        }
        let names = || jar.of_request(&host).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(), ["long", "session", "short"]);
        drop(jar.store_at(SystemTime::now() + Duration::from_secs(365 * 24 * 60 * 60)));
        assert_eq!(names(), ["long", "session"]);
        assert!(jar.set(&host, "short=2; Max-Age=60"));
        assert_eq!(names(), ["long", "session", "short"]);
    }
}
