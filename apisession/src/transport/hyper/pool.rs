//! The clients of each runtime, and how one sends a request.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::Extensions;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower_layer::Layer;

use super::HyperOptions;
use super::body::{incoming, outgoing};
use super::connection::Idle;
use super::connector::{Connector, TimedOut};
use super::resolver::Unresolved;
use crate::error::BoxError;
use crate::message::{Request, Response};
use crate::transport::Failure;
use crate::transport::network::connections::{Connections, LimitLayer, LimitedConnector};
use crate::transport::network::limit::{MAX_HEADER_LIST, MAX_HEADERS};
use crate::transport::network::{Maker, Network, Outgoing, Signs, Wire, causes, failure};
use crate::transport::proxy::ProxyRules;
use crate::transport::tls::Backend;

/// The clients of a runtime: one, and the count of its connections.
pub(in crate::transport) struct Pool {
    client: Client<LimitedConnector<Connector>, Outgoing>,
    /// How long it keeps an idle connection.
    idle: Duration,
    connections: Option<Connections>,
}

impl Maker for HyperOptions {
    type Pool = Pool;

    fn network(&self) -> &Network {
        &self.network
    }

    fn has_own_resolver(&self) -> bool {
        // It is not asked for names of this machine.
        false
    }

    fn pool(&self, proxies: &ProxyRules, backend: Option<&Backend>) -> Result<Pool, BoxError> {
        let idle = self.network.pool_idle_timeout_or_default();
        let connector = Connector::new(self, proxies, backend);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(idle)
            .retry_canceled_requests(false)
            .http2_only(self.only_http2)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST);
        if idle.is_zero() {
            // Otherwise a connection is still given to a call that waits for one.
            builder.pool_max_idle_per_host(0);
        }
        let connections = self.network.max_connections.map(Connections::new);
        Ok(Pool { client: builder.build(LimitLayer.layer(connector)), idle, connections })
    }

    fn send<'a>(
        wire: &'a Wire<Self>,
        pool: Arc<Pool>,
        mut request: Request,
    ) -> BoxFuture<'a, Result<Response, Failure>> {
        let body = request.body.failure();
        let proxy = wire.proxies.proxy(&request.url);
        let is_proxied = proxy.is_some();
        let idle = pool.idle;
        let claim = pool.connections.as_ref().map(|connections| connections.claim(&request.url, idle));
        // Nothing is sent before this future is polled. It is created here so that the future below does not contain
        // the request.
        let sending = outgoing(request, proxy).map(|request| pool.client.request(request));
        Box::pin(async move {
            let response = match &claim {
                // In a box, since few sessions limit their connections.
                Some(claim) => Box::pin(claim.send(sending?)).await,
                None => sending?.await,
            };
            let limit = wire.maker.network.connect_timeout_or_default();
            let response = response.map_err(|error| {
                failure(signs(&error, is_proxied), error.into(), limit).or_of_body(body.as_ref())
            })?;
            Ok(incoming(response, idle, body, claim))
        })
    }
}

/// What an error shows.
fn signs(error: &Error, is_proxied: bool) -> Signs {
    let is_late = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    let is_timeout = causes(error)
        .any(|error| error.is::<TimedOut>() || error.downcast_ref::<io::Error>().is_some_and(is_late));
    let is_dns = causes(error).any(|error| error.is::<Unresolved>());
    // hyper returns the request with this error, and so has written nothing of it.
    let never_started = causes(error)
        .any(|error| error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled));
    let is_from_pool = error.connect_info().is_some_and(|info| {
        let mut extras = Extensions::new();
        info.get_extras(&mut extras);
        extras.get::<Arc<Idle>>().is_some_and(|idle| idle.has_served())
    });
    Signs { is_connect: error.is_connect(), is_timeout, is_dns, is_proxied, never_started, is_from_pool }
}
