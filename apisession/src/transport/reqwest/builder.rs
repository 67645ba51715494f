//! The builder of the default transport.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use reqwest::{Client, ClientBuilder, Proxy, redirect, retry};

use super::Reqwest;
use super::pool::{Pool, Timed};
use super::resolver::Resolver;
use crate::error::{BoxError, Result};
use crate::message::{Request, Response};
use crate::transport::Failure;
use crate::transport::network::connections::{Connections, LimitLayer};
use crate::transport::network::limit::{MAX_HEADER_LIST, MAX_HEADERS};
use crate::transport::network::{Maker, Network, Wire, network_setters};
use crate::transport::proxy::ProxyRules;
use crate::transport::tls::{self, Backend};

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
pub struct ReqwestBuilder(Network);

network_setters!(
    ReqwestBuilder,
    /// The shortest time that it has announced counts. At most four such times are told apart in each tokio runtime; further servers use
    /// the next shorter one, or a new connection for each request.
);

impl ReqwestBuilder {
    /// Starts with the reqwest builder that `make` returns, for options that are not offered here. It is called for each tokio runtime in
    /// which the transport is used.
    ///
    /// Its redirects, retries, Referer, proxies and connect timeout are replaced by the session's. It should not set
    /// other timeouts. TLS is set either there or by [`tls`](Self::tls). Names are resolved as it does, so that names
    /// below `localhost` count as those of another machine, to which no credential is sent over plain HTTP.
    #[must_use]
    pub fn client(mut self, make: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        self.0.set_client(Arc::new(make));
        self
    }

    /// Builds the transport.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if an option can't be used: a file that can't be
    /// read, a key that does not match its certificate, a machine without root certificates.
    pub fn build(self) -> Result<Reqwest> {
        Wire::new(self, tls::IS_BUILT_IN).map(|wire| Reqwest(Arc::new(wire)))
    }

    /// The transport of a session with these options.
    pub(crate) fn of_session(network: Network) -> Result<Reqwest> {
        let needs_tls = network.needs_tls;
        Wire::new(Self(network), needs_tls).map(|wire| Reqwest(Arc::new(wire)))
    }

    fn options_mut(&mut self) -> &mut Network {
        &mut self.0
    }

    /// Creates a client that keeps an idle connection for `idle`.
    pub(super) fn keeping(
        &self,
        idle: Duration,
        proxies: &ProxyRules,
        backend: Option<&Backend>,
    ) -> Result<Client, BoxError> {
        let client = self.client_builder(proxies).pool_idle_timeout(idle);
        // Otherwise a connection is still given to a call that waits for one.
        let client = if idle.is_zero() { client.pool_max_idle_per_host(0) } else { client };
        let client = match backend {
            Some(backend) => backend.applied_to(client).build(),
            None => client.build(),
        };
        client.map_err(|error| error.without_url().into())
    }

    fn client_builder(&self, proxies: &ProxyRules) -> ClientBuilder {
        let own = || Client::builder().dns_resolver(Resolver);
        let client = self.0.own_client.as_ref().map_or_else(own, |make| make());
        let client = client
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(self.0.connect_timeout_or_default())
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST);
        let client =
            if self.0.max_connections.is_some() { client.connector_layer(LimitLayer) } else { client };
        if proxies.is_empty() {
            return client;
        }
        let proxies = proxies.clone();
        client.proxy(Proxy::custom(move |url| proxies.proxy(url).cloned()))
    }
}

impl Maker for ReqwestBuilder {
    type Pool = Pool;

    fn network(&self) -> &Network {
        &self.0
    }

    fn has_own_resolver(&self) -> bool {
        self.0.own_client.is_some()
    }

    fn pool(&self, proxies: &ProxyRules, backend: Option<&Backend>) -> Result<Pool, BoxError> {
        let idle = self.0.pool_idle_timeout_or_default();
        let usual = Timed { client: self.keeping(idle, proxies, backend)?, idle };
        Ok(Pool::new(usual, self.0.max_connections.map(|max| Arc::new(Connections::new(max)))))
    }

    fn send<'a>(
        wire: &'a Wire<Self>,
        pool: Arc<Pool>,
        request: Request,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        super::send(wire, &pool, request)
    }
}

impl fmt::Debug for ReqwestBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reqwest")
            .field("tls", &self.0.tls)
            .field("proxies", &self.0.proxies)
            .finish_non_exhaustive()
    }
}
