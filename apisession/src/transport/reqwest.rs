//! The default transport. Everything that reqwest would do on its own is turned off: redirects, retries,
//! the Referer, proxies from the environment, and decompression are the send loop's to decide.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use reqwest::{Client, ClientBuilder, Proxy, redirect, retry};

use super::connections::{Connections, Gate, Place};
use super::{Failure, NotHttp, Reply, Transport};
use crate::body::Body;
use crate::error::{BoxError, Error, ErrorKind, Outcome, Result};
use crate::proxy::{Proxies, Resolved};
use crate::request::Request;
use crate::response::Response;
use crate::tls::{self, Tls, Watch};

/// Sends requests with reqwest, over HTTP/1.1 and HTTP/2. An answer may have at most 100 headers.
#[derive(Clone)]
pub struct Reqwest(Arc<Wire>);

struct Wire {
    settings: ReqwestBuilder,
    proxies: Resolved,
    /// One pool, until its certificate changes.
    pool: RwLock<Pool>,
    watch: Option<Watch>,
}

/// A client, and the connections that it has.
#[derive(Clone)]
struct Pool {
    client: Client,
    connections: Option<Arc<Connections>>,
}

/// A transport that is about to be built: what a session's builder says of the wire.
///
/// ```
/// use std::time::Duration;
/// use apisession::transport::Reqwest;
///
/// let transport = Reqwest::builder().connect_timeout(Duration::from_secs(3)).build()?;
/// # let _ = transport;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ReqwestBuilder {
    make: Option<Arc<dyn Fn() -> ClientBuilder + Send + Sync>>,
    connect_timeout: Option<Duration>,
    pool_idle_timeout: Option<Duration>,
    max_connections: Option<usize>,
    tls: Tls,
    proxies: Proxies,
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);
const MAX_HEADERS: usize = 100;
const MAX_HEADER_LIST: u32 = 64 * 1024;

impl Reqwest {
    /// A transport with a pool of its own.
    #[must_use]
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder::default()
    }

    /// The pool of the next request, with the certificate that is in its files now. What is under way goes on with
    /// the one that it has; with the last of those its connections go, and what they could resume.
    fn pool(&self) -> Pool {
        let Wire { settings, proxies, pool, watch } = &*self.0;
        if let Some(watch) = watch {
            let install = |client| {
                *pool.write().unwrap_or_else(PoisonError::into_inner) = settings.pool_of(client);
            };
            watch.renew(&settings.tls, || settings.client_of(proxies), install);
        }
        pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ReqwestBuilder {
    /// Limits the making of a connection, TLS included. Default: 10 seconds.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = Some(limit);
        self
    }

    /// Limits how long a connection that nobody uses is kept. Default: 4 seconds.
    #[must_use]
    pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.pool_idle_timeout = Some(limit);
        self
    }

    /// Limits the connections to each origin; who needs one more waits. Default: no limit, and in a session its
    /// `max_in_flight`.
    #[must_use]
    pub fn max_connections(mut self, max: usize) -> Self {
        self.max_connections = Some(max);
        self
    }

    /// Says how the server is known, and who we are. Default: the system's roots.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Says which proxies to use. Default: none.
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Begins with the builder that `make` makes, for what is not offered here. Its redirects, retries, Referer and proxies are not
    /// used, nor its time to connect: those are the session's, and time limits of its own would come between. TLS is either said there or by [`tls`](Self::tls).
    #[must_use]
    pub fn client(mut self, make: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        self.make = Some(Arc::new(make));
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it can't be as it was said: files that can't be read, keys that don't fit, a machine
    /// without root certificates.
    pub fn build(self) -> Result<Reqwest> {
        self.built(true)
    }

    /// Builds the transport; if TLS is not `needed`, it may be missing.
    pub(crate) fn built(self, needed: bool) -> Result<Reqwest> {
        if self.connect_timeout.is_some_and(|limit| limit.is_zero()) {
            let message = "`connect_timeout` is zero, which no call can keep; leave it out or raise it";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        if self.max_connections == Some(0) {
            let message = "`max_connections` is zero, which lets no request out; leave it out for no limit";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        let proxies = self.proxies.resolved(|name| std::env::var(name).ok());
        let proxies = proxies.map_err(|message| Error::new(ErrorKind::Configuration, message))?;
        let client = self.client_of(&proxies);
        let (client, watch) = if self.make.is_none() {
            tls::applied(client, &self.tls, needed)?
        } else if self.tls.is_said() {
            let message = "`client` brings a TLS of its own, and `tls` says another; say it in one place";
            return Err(Error::new(ErrorKind::Configuration, message));
        } else {
            tls::check_foreign()?;
            (client, None)
        };
        let client = client.build().map_err(|error| {
            Error::new(ErrorKind::Configuration, "the HTTP client can't be set up")
                .caused_by(error.without_url().into())
        })?;
        let pool = RwLock::new(self.pool_of(client));
        Ok(Reqwest(Arc::new(Wire { settings: self, proxies, pool, watch })))
    }

    /// Whether something was said that another transport would not know of.
    pub(crate) fn is_said(&self) -> Option<&'static str> {
        let said = [
            ("tls", self.tls.is_said()),
            ("proxies", self.proxies.is_said()),
            ("client", self.make.is_some()),
        ];
        said.into_iter().find(|(_, is_said)| *is_said).map(|(name, _)| name)
    }

    fn client_of(&self, proxies: &Resolved) -> ClientBuilder {
        let client = self.make.as_ref().map_or_else(Client::builder, |make| make());
        let client = client
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(self.connect_timeout_or_default())
            .pool_idle_timeout(self.pool_idle_timeout_or_default())
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST);
        let client = if self.max_connections.is_some() { client.connector_layer(Gate) } else { client };
        if proxies.is_empty() {
            return client;
        }
        let proxies = proxies.clone();
        client.proxy(Proxy::custom(move |url| proxies.of(url).cloned()))
    }

    fn pool_of(&self, client: Client) -> Pool {
        let idle = self.pool_idle_timeout_or_default();
        let connections = self.max_connections.map(|max| Arc::new(Connections::new(max, idle)));
        Pool { client, connections }
    }

    fn connect_timeout_or_default(&self) -> Duration {
        self.connect_timeout.unwrap_or(CONNECT_TIMEOUT)
    }

    fn pool_idle_timeout_or_default(&self) -> Duration {
        self.pool_idle_timeout.unwrap_or(POOL_IDLE_TIMEOUT)
    }
}

impl Transport for Reqwest {
    fn send(&self, request: Request) -> Reply<'_> {
        Box::pin(async move {
            let proxied = self.0.proxies.of(&request.url).is_some();
            let Pool { client, connections } = self.pool();
            let place = connections.map(|connections| connections.enter(&request.url));
            let sending = client.execute(outgoing(request));
            let response = match &place {
                Some(place) => place.over(sending).await,
                None => sending.await,
            };
            let limit = self.0.settings.connect_timeout_or_default();
            let response = response.map_err(|error| failure(error, limit, proxied))?;
            Ok(incoming(response, place))
        })
    }
}

fn outgoing(request: Request) -> reqwest::Request {
    let mut outgoing = reqwest::Request::new(request.method, request.url);
    *outgoing.headers_mut() = request.headers;
    *outgoing.body_mut() = match request.body.as_bytes() {
        Some(bytes) if bytes.is_empty() => None,
        Some(bytes) => Some(bytes.clone().into()),
        None => Some(reqwest::Body::wrap(Outgoing(request.body))),
    };
    outgoing
}

fn incoming(mut response: reqwest::Response, place: Option<Place>) -> Response {
    let (status, version) = (response.status(), response.version());
    let headers = std::mem::take(response.headers_mut());
    let place = place.map(|place| place.of_answer(version, &headers));
    let left = response.content_length();
    let chunks = Chunks { stream: response.bytes_stream(), left, place };
    Response::from_parts(status, version, headers, Body::incoming(chunks))
}

/// The body of an answer, with errors that don't name the URL.
struct Chunks<S> {
    stream: S,
    /// How many bytes are to come, if that is known.
    left: Option<u64>,
    place: Option<Place>,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Stream for Chunks<S> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.stream).poll_next(context));
        match &next {
            Some(Ok(piece)) => {
                let read = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.left = self.left.map(|left| left.saturating_sub(read));
            }
            Some(Err(_)) => {
                // Its connection is gone.
                (self.left, self.place) = (None, None);
            }
            None => self.left = Some(0),
        }
        self.leave();
        Poll::Ready(next.map(|piece| piece.map_err(|error| broken(error.without_url()))))
    }
}

impl<S> Chunks<S> {
    /// Lets another request have the connection, if nothing more is to come.
    fn leave(&mut self) {
        if let Some(place) = self.place.take_if(|_| self.left == Some(0)) {
            place.leave();
        }
    }
}

impl<S> Drop for Chunks<S> {
    fn drop(&mut self) {
        // An answer without a body need not be read.
        self.leave();
    }
}

fn broken(error: reqwest::Error) -> BoxError {
    let is_not_http =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
    if caused_by(&error).is_some_and(is_not_http) { NotHttp(error.into()).into() } else { error.into() }
}

/// The body of a request that is a stream.
struct Outgoing(Body);

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = StreamFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamFailed>>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map(|piece| piece.map(|piece| piece.map(Frame::data).map_err(StreamFailed)))
    }

    fn size_hint(&self) -> SizeHint {
        self.0.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What the stream of a request's body reports.
#[derive(Debug, thiserror::Error)]
#[error("the stream of the body failed")]
struct StreamFailed(#[source] BoxError);

/// What is known after a failure of reqwest's. That a connection could not be made proves that nothing was sent, and
/// HTTP/2 has two ways to say that nothing was processed (RFC 9113 §8.7).
fn failure(error: reqwest::Error, connect_timeout: Duration, proxied: bool) -> Failure {
    // The URL may hold secrets in its query; our own error names it, redacted.
    let error = error.without_url();
    let tls = causes(&error).find_map(tls::told);
    if let Some((kind, message)) = tls {
        let outcome = if error.is_connect() { Outcome::NotSent } else { Outcome::Unknown };
        return Failure { outcome, kind, ..Failure::of(message, error.into()) };
    }
    if error.is_connect() && error.is_timeout() {
        let message = format!("no connection within {connect_timeout:?} (`connect_timeout`)");
        Failure { kind: ErrorKind::Timeout, message: message.into(), ..Failure::not_sent(error) }
    } else if error.is_connect() && proxied {
        // Behind a proxy nothing else is connected to.
        let message = "the proxy made no connection";
        Failure { kind: ErrorKind::Proxy, message: message.into(), ..Failure::not_sent(error) }
    } else if error.is_connect() && error.is_dns() {
        let message = "the name of the server can't be resolved";
        Failure { kind: ErrorKind::Dns, message: message.into(), ..Failure::not_sent(error) }
    } else if error.is_connect() {
        Failure::not_sent(error)
    } else if caused_by(&error).is_some_and(is_unprocessed) {
        Failure::rejected(error)
    } else if caused_by(&error).is_some_and(hyper::Error::is_parse) {
        let message = "the answer breaks the rules of HTTP";
        Failure { kind: ErrorKind::Protocol, ..Failure::of(message, error.into()) }
    } else if caused_by::<StreamFailed>(&error).is_some() {
        Failure::of("the body of the request could not be read", error.into())
    } else {
        Failure::unknown(error)
    }
}

/// `REFUSED_STREAM`, or a GOAWAY without an error below our stream.
fn is_unprocessed(error: &h2::Error) -> bool {
    let reason = error.reason();
    let refused = error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM);
    let gone_away = error.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (refused || gone_away)
}

/// The cause of this type, however deep.
fn caused_by<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(<dyn std::error::Error>::downcast_ref)
}

/// All causes, also those that an `io::Error` holds, which it does not name as its source.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    fn next<'e>(
        error: &'e (dyn std::error::Error + 'static),
    ) -> Option<&'e (dyn std::error::Error + 'static)> {
        match error.downcast_ref::<io::Error>() {
            Some(held) => held.get_ref().map(|held| held as _).or_else(|| held.source()),
            None => error.source(),
        }
    }
    std::iter::successors(error.source(), |error| next(*error))
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.settings, f)
    }
}

impl fmt::Debug for ReqwestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reqwest")
            .field("tls", &self.tls)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}
