//! The options of the default transport, and its builder.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Proxy, redirect, retry};

use super::connections::{Connections, LimitLayer};
use super::limit::{MAX_HEADER_LIST, MAX_HEADERS};
use super::pool::{Pool, Timed};
use super::resolver::Resolver;
use super::runtimes::Clients;
use super::{Inner, Reqwest};
use crate::error::{Error, Result};
use crate::message::duration::LONGEST;
use crate::transport::proxy::{Proxies, ProxyRules};
use crate::transport::tls::{self, Backend, ClientCertificate, Tls};

/// Builds a [`Reqwest`] transport. A session's builder has the same options.
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
    pub(super) tls: Tls,
    proxies: Proxies,
}

pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

impl ReqwestBuilder {
    /// Limits the time to connect, including the TLS handshake. Default: 10 seconds.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = Some(limit.min(LONGEST));
        self
    }

    /// Limits how long an idle connection is kept. Default: 4 seconds.
    ///
    /// If a server announces over HTTP/1.1 with `Keep-Alive: timeout=…` for how long it keeps one, its connections are kept for a second
    /// less, or for half of a time that is shorter than two seconds, unless this limit is shorter. The shortest time that it has announced
    /// counts. At most four such times are told apart in each tokio runtime; further servers use the next shorter one, or a new
    /// connection for each request.
    #[must_use]
    pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.pool_idle_timeout = Some(limit.min(LONGEST));
        self
    }

    /// Limits the number of connections to each origin, in each tokio runtime; further requests wait. Default: no limit, or in a session
    /// its `max_in_flight`.
    #[must_use]
    pub fn max_connections(mut self, max: usize) -> Self {
        self.max_connections = Some(max);
        self
    }

    /// Sets the TLS options. Default: the system's roots, and no client certificate.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Sets the proxies. Default: none.
    #[must_use]
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// Starts with the reqwest builder that `make` returns, for options that are not offered here. It is called for each tokio runtime in
    /// which the transport is used.
    ///
    /// Its redirects, retries, Referer, proxies and connect timeout are replaced by the session's. It should not set
    /// other timeouts. TLS is set either there or by [`tls`](Self::tls). Names are resolved as it does, so that names
    /// below `localhost` count as those of another machine, to which no credential is sent over plain HTTP.
    #[must_use]
    pub fn client(mut self, make: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        self.make = Some(Arc::new(make));
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if an option can't be used: a file that can't be
    /// read, a key that does not match its certificate, a machine without root certificates.
    pub fn build(self) -> Result<Reqwest> {
        self.built(tls::IS_BUILT_IN)
    }

    /// Builds the transport. If TLS is not `needed`, a build without TLS and a machine without root certificates are no
    /// error.
    pub(crate) fn built(self, needed: bool) -> Result<Reqwest> {
        if self.connect_timeout.is_some_and(|limit| limit.is_zero()) {
            return Err(Error::configuration(
                "`connect_timeout` is zero, so every call would fail; raise it, or leave it out",
            ));
        }
        if self.max_connections == Some(0) {
            return Err(Error::configuration(
                "`max_connections` is zero, so no request could be sent; leave it out for no limit",
            ));
        }
        let proxies = self.proxies.rules(|name| std::env::var(name).ok()).map_err(Error::configuration)?;
        let (backend, watch) = if self.make.is_none() {
            let (backend, watch) = tls::configure(&self.tls, needed)?;
            (Some(backend), watch)
        } else if !self.tls.is_default() {
            return Err(Error::configuration(
                "both `client` and `tls` set TLS options; set them in one place",
            ));
        } else {
            tls::check_foreign()?;
            (None, None)
        };
        let first = self.pool(&proxies, backend.as_ref()).map_err(|error| {
            Error::configuration("the HTTP client can't be built").caused_by(error.without_url().into())
        })?;
        let clients = Clients::new(Arc::new(first), backend);
        Ok(Reqwest(Arc::new(Inner { settings: self, proxies, clients, watch })))
    }

    pub(crate) fn sets_connect_timeout(&self) -> bool {
        self.connect_timeout.is_some()
    }

    pub(crate) fn sets_proxies(&self) -> bool {
        !self.proxies.is_default()
    }

    pub(crate) fn has_certificate(&self) -> bool {
        self.tls.has_certificate()
    }

    /// Why this transport presents no certificate that is found, if it doesn't.
    pub(crate) fn has_own_client(&self) -> Option<&'static str> {
        self.make.is_some().then_some("the session's own HTTP client has its own TLS options")
    }

    /// The same with another authority, whose file is read by `build`.
    pub(crate) fn with_ca_file(mut self, path: PathBuf) -> Self {
        self.tls = self.tls.add_ca_file(path);
        self
    }

    pub(crate) fn with_client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.tls = self.tls.client_certificate(certificate);
        self
    }

    pub(crate) fn without_client_certificate(mut self) -> Self {
        self.tls = self.tls.without_client_certificate();
        self
    }

    /// The first option that was set and that another transport does not have.
    pub(crate) fn first_option(&self) -> Option<&'static str> {
        let options = [
            ("tls", !self.tls.is_default()),
            ("proxies", !self.proxies.is_default()),
            ("client", self.make.is_some()),
            ("connect_timeout", self.connect_timeout.is_some()),
            ("pool_idle_timeout", self.pool_idle_timeout.is_some()),
        ];
        options.into_iter().find(|(_, is_set)| *is_set).map(|(name, _)| name)
    }

    /// Creates the clients of a runtime. All clients of a transport share their options of TLS.
    pub(super) fn pool(&self, proxies: &ProxyRules, backend: Option<&Backend>) -> reqwest::Result<Pool> {
        let idle = self.pool_idle_timeout.unwrap_or(POOL_IDLE_TIMEOUT);
        let usual = Timed { client: self.keeping(idle, proxies, backend)?, idle };
        Ok(Pool::new(usual, self.max_connections.map(|max| Arc::new(Connections::new(max)))))
    }

    /// Creates a client that keeps an idle connection for `idle`.
    pub(super) fn keeping(
        &self,
        idle: Duration,
        proxies: &ProxyRules,
        backend: Option<&Backend>,
    ) -> reqwest::Result<Client> {
        let client = self.client_builder(proxies).pool_idle_timeout(idle);
        // Otherwise a connection is still given to a call that waits for one.
        let client = if idle.is_zero() { client.pool_max_idle_per_host(0) } else { client };
        match backend {
            Some(backend) => backend.applied_to(client).build(),
            None => client.build(),
        }
    }

    fn client_builder(&self, proxies: &ProxyRules) -> ClientBuilder {
        let own = || Client::builder().dns_resolver(Resolver);
        let client = self.make.as_ref().map_or_else(own, |make| make());
        let client = client
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(self.connect_timeout_or_default())
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST);
        let client = if self.max_connections.is_some() { client.connector_layer(LimitLayer) } else { client };
        if proxies.is_empty() {
            return client;
        }
        let proxies = proxies.clone();
        client.proxy(Proxy::custom(move |url| proxies.proxy(url).cloned()))
    }

    /// Whether names may be resolved by something else than [`Resolver`].
    pub(super) fn has_own_resolver(&self) -> bool {
        self.make.is_some()
    }

    pub(super) fn connect_timeout_or_default(&self) -> Duration {
        self.connect_timeout.unwrap_or(CONNECT_TIMEOUT)
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
