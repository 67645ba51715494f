//! What a transport over sockets is made of, and how it sends a request.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use url::Url;

use super::body::Pending;
use super::connections::Connections;
use super::failure::{Signs, failure, unbuilt};
use super::options::Network;
use super::runtimes::Clients;
use crate::encode::origin;
use crate::error::{BoxError, Error, Result};
use crate::message::blocking::off_runtime;
use crate::message::{Request, Response};
use crate::redact::Secret;
use crate::transport::Failure;
use crate::transport::proxy::{self, ProxyRules};
use crate::transport::tls::{self, Backend, Watch};

/// The HTTP clients of a runtime, with their connections.
pub(in crate::transport) trait Pool: Sized + Send + Sync + 'static {
    type Response: Send;
    type Error: Send;

    /// Whether it starts with a builder of reqwest.
    const TAKES_CLIENT: bool;

    /// Makes the clients of a runtime. All clients of a transport share their options of TLS.
    fn new(options: &Network, proxies: &ProxyRules, backend: Option<&Backend>) -> Result<Self, BoxError>;

    /// How long an idle connection to the server of a URL is kept, and the limit on the connections if there is one.
    fn limits(&self, url: &Url) -> (Duration, Option<&Connections>);

    /// Starts a request, which goes through `proxy` if there is one. Nothing is sent before the future is polled.
    fn start(
        &self,
        request: Request,
        proxy: Option<&Url>,
    ) -> Result<impl Future<Output = Result<Self::Response, Self::Error>> + Send + 'static, Failure>;

    /// What an error shows, and the error without the URL, whose query may contain secrets.
    fn explain(error: Self::Error) -> (Signs, BoxError);

    /// Converts a response. Its connection is kept for `idle`, unless its server announces a shorter time.
    fn receive(wire: &Wire<Self>, response: Self::Response, idle: Duration, pending: Pending) -> Response;
}

/// What a transport is made of.
pub(in crate::transport) struct Wire<P> {
    pub(in crate::transport) options: Network,
    pub(in crate::transport) proxies: ProxyRules,
    clients: Clients<Arc<P>>,
    watch: Option<Watch>,
}

impl<P: Pool> Wire<P> {
    /// Checks the options, and makes the first clients. Unless TLS is needed, a build without TLS and a machine without root certificates
    /// are no error.
    pub(super) fn new(options: Network) -> Result<Self> {
        options.check()?;
        if options.own_client.is_some() && !P::TAKES_CLIENT {
            return Err(Error::configuration(
                "`client` sets a builder of reqwest, and `transport` sends with hyper; remove one of them",
            ));
        }
        let proxies = options.proxies.rules(|name| std::env::var(name).ok()).map_err(Error::configuration)?;
        let (backend, watch) = if options.own_client.is_none() {
            let (backend, watch) = tls::configure(&options.tls, options.needs_tls)?;
            (Some(backend), watch)
        } else {
            tls::check_foreign()?;
            (None, None)
        };
        let first = P::new(&options, &proxies, backend.as_ref())
            .map_err(|error| Error::configuration("the HTTP client can't be built").caused_by(error))?;
        let clients = Clients::new(Arc::new(first), backend);
        Ok(Self { options, proxies, clients, watch })
    }

    /// Sends a request, after the client certificate was read again if it is time to.
    pub(super) fn send(self: &Arc<Self>, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        match self.watch.as_ref().filter(|watch| watch.is_due()) {
            None => self.dispatch(request),
            Some(_) => Box::pin(async move {
                let wire = Arc::clone(self);
                off_runtime(move || wire.renew()).await;
                self.dispatch(request).await
            }),
        }
    }

    /// Sends a request with the clients of this runtime.
    fn dispatch(&self, mut request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        let pool = match self.clients.current(|backend| self.pool(backend)) {
            Ok(pool) => pool,
            Err(error) => return Box::pin(ready(Err(unbuilt(error)))),
        };
        let proxy = self.proxies.proxy(&request.url);
        let is_proxied = proxy.is_some();
        let (idle, connections) = pool.limits(&request.url);
        let claim = connections.map(|connections| connections.claim(&request.url, idle));
        let pending = Pending { request_body: request.body.failure(), claim };
        // It is made here so that the future below does not contain the request.
        let sending = match pool.start(request, proxy) {
            Ok(sending) => sending,
            Err(failure) => return Box::pin(ready(Err(failure))),
        };
        Box::pin(async move {
            let response = match &pending.claim {
                // In a box, since few sessions limit their connections.
                Some(claim) => Box::pin(claim.send(sending)).await,
                None => sending.await,
            };
            let response = response.map_err(|error| {
                let (signs, error) = P::explain(error);
                let limit = self.options.connect_timeout_or_default();
                failure(signs, is_proxied, error, limit).or_of_body(pending.request_body.as_ref())
            })?;
            Ok(P::receive(self, response, idle, pending))
        })
    }

    /// Replaces the client of this runtime by the one that `make` makes of it, if it makes one.
    #[cfg(feature = "reqwest")]
    pub(in crate::transport) fn update(
        &self,
        make: impl FnOnce(&P, Option<&Backend>) -> Result<Option<P>, BoxError>,
    ) {
        let updated = self.clients.update(|pool, backend| make(pool, backend).map(|pool| pool.map(Arc::new)));
        // A client was made with the same options before. If it can't be now, this call has its response nevertheless.
        drop(updated);
    }

    /// Installs the client certificate that its files contain now. Requests in flight keep their pool. The connections of an old pool,
    /// and the TLS sessions that they could resume, are dropped with its last request.
    fn renew(&self) {
        if let Some(watch) = &self.watch {
            watch.renew(&self.options.tls, |backend| {
                self.clients.replace(backend, |backend| self.pool(Some(backend)))
            });
        }
    }

    pub(super) fn close_idle(&self) {
        // A client that can't be made again keeps its connections until they have been idle for long enough.
        drop(self.clients.renew(|backend| self.pool(backend)));
    }

    pub(super) fn is_exposed(&self, url: &Url) -> bool {
        let is_plain = url.scheme() == "http";
        // A builder of reqwest may resolve names below `localhost` as those of another machine.
        let has_unknown_resolver = self.options.own_client.is_some() && self.options.resolver.is_none();
        let is_looked_up = || has_unknown_resolver && url.domain().is_some_and(|name| name != "localhost");
        origin::is_plain_remote(url) || is_plain && (self.proxies.proxy(url).is_some() || is_looked_up())
    }

    pub(super) fn secrets(&self, url: &Url) -> Vec<Secret> {
        self.proxies.proxy(url).map(proxy::secrets).unwrap_or_default()
    }

    fn pool(&self, backend: Option<&Backend>) -> Result<Arc<P>, BoxError> {
        P::new(&self.options, &self.proxies, backend).map(Arc::new)
    }
}
