//! The clients of a transport over sockets, and what they are made of.

use std::future::ready;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use url::Url;

use super::Network;
use super::failure::unbuilt;
use super::runtimes::Clients;
use crate::encode::origin;
use crate::error::{BoxError, Error, Result};
use crate::message::blocking::off_runtime;
use crate::message::{Request, Response};
use crate::redact::Secret;
use crate::transport::Failure;
use crate::transport::proxy::{self, ProxyRules};
use crate::transport::tls::{self, Backend, Watch};

/// What makes the clients of a transport.
pub(in crate::transport) trait Maker: Send + Sync + 'static {
    /// The clients of one runtime, with their pools.
    type Pool: Send + Sync + 'static;

    fn network(&self) -> &Network;

    /// Whether names are resolved by something else than this crate.
    fn has_own_resolver(&self) -> bool;

    /// Makes the clients of a runtime. All clients of a transport share their options of TLS.
    fn pool(&self, proxies: &ProxyRules, backend: Option<&Backend>) -> Result<Self::Pool, BoxError>;

    /// Sends a request with the clients of this runtime.
    fn send<'a>(
        wire: &'a Wire<Self>,
        pool: Arc<Self::Pool>,
        request: Request,
    ) -> BoxFuture<'a, Result<Response, Failure>>
    where
        Self: Sized;
}

/// A transport over sockets.
pub(in crate::transport) struct Wire<M: Maker> {
    pub(in crate::transport) maker: M,
    pub(in crate::transport) proxies: ProxyRules,
    clients: Clients<Arc<M::Pool>>,
    watch: Option<Watch>,
}

impl<M: Maker> Wire<M> {
    /// Checks the options, and makes the first client. If TLS is not `needed`, a build without TLS and a machine without root certificates
    /// are no error.
    pub(in crate::transport) fn new(maker: M, needed: bool) -> Result<Self> {
        let network = maker.network();
        network.check()?;
        let proxies = network.proxies.rules(|name| std::env::var(name).ok()).map_err(Error::configuration)?;
        let (backend, watch) = if network.own_client.is_none() {
            let (backend, watch) = tls::configure(&network.tls, needed)?;
            (Some(backend), watch)
        } else {
            tls::check_foreign()?;
            (None, None)
        };
        let first = maker
            .pool(&proxies, backend.as_ref())
            .map_err(|error| Error::configuration("the HTTP client can't be built").caused_by(error))?;
        let clients = Clients::new(Arc::new(first), backend);
        Ok(Self { maker, proxies, clients, watch })
    }

    /// Sends a request, after the client certificate was read again if it is time to.
    pub(in crate::transport) fn send(
        self: &Arc<Self>,
        request: Request,
    ) -> BoxFuture<'_, Result<Response, Failure>> {
        match self.watch.as_ref().filter(|watch| watch.is_due()) {
            None => self.dispatch(request),
            Some(_) => Box::pin(async move {
                let wire = Arc::clone(self);
                off_runtime(move || wire.renew()).await;
                self.dispatch(request).await
            }),
        }
    }

    /// Hands a request to the client of this runtime.
    fn dispatch(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        match self.clients.current(|backend| self.pool(backend)) {
            Ok(pool) => M::send(self, pool, request),
            Err(error) => Box::pin(ready(Err(unbuilt(error)))),
        }
    }

    /// Replaces the client of this runtime by the one that `make` makes of it, if it makes one.
    #[cfg(feature = "reqwest")]
    pub(in crate::transport) fn update(
        &self,
        make: impl FnOnce(&M::Pool, Option<&Backend>) -> Result<Option<M::Pool>, BoxError>,
    ) {
        let updated = self.clients.update(|pool, backend| make(pool, backend).map(|pool| pool.map(Arc::new)));
        // A client was made with the same options before. If it can't be now, this call has its response nevertheless.
        drop(updated);
    }

    /// Installs the client certificate that its files contain now. Requests in flight keep their pool. The connections of an old pool,
    /// and the TLS sessions that they could resume, are dropped with its last request.
    fn renew(&self) {
        if let Some(watch) = &self.watch {
            watch.renew(&self.maker.network().tls, |backend| {
                self.clients.replace(backend, |backend| self.pool(Some(backend)))
            });
        }
    }

    pub(in crate::transport) fn close_idle(&self) {
        // A client that can't be made again keeps its connections until they have been idle for long enough.
        drop(self.clients.renew(|backend| self.pool(backend)));
    }

    pub(in crate::transport) fn is_exposed(&self, url: &Url) -> bool {
        let is_plain = url.scheme() == "http";
        let is_looked_up =
            || self.maker.has_own_resolver() && url.domain().is_some_and(|name| name != "localhost");
        origin::is_plain_remote(url) || is_plain && (self.proxies.proxy(url).is_some() || is_looked_up())
    }

    pub(in crate::transport) fn secrets(&self, url: &Url) -> Vec<Secret> {
        self.proxies.proxy(url).map(proxy::secrets).unwrap_or_default()
    }

    fn pool(&self, backend: Option<&Backend>) -> Result<Arc<M::Pool>, BoxError> {
        self.maker.pool(&self.proxies, backend).map(Arc::new)
    }
}
