//! The client of a runtime.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Extensions;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::error::Elapsed;
use tower_layer::Layer;
use url::Url;

use super::body::{incoming, outgoing};
use super::connection::Idle;
use super::connector::Connector;
use crate::error::BoxError;
use crate::message::{Request, Response};
use crate::transport::Failure;
use crate::transport::network::connections::{Connections, LimitLayer, LimitedConnector};
use crate::transport::network::limit::{MAX_HEADER_LIST, MAX_HEADERS};
use crate::transport::network::resolver::Unresolved;
use crate::transport::network::{Network, Outgoing, Pending, Pool, Signs, Wire, causes};
use crate::transport::proxy::ProxyRules;
use crate::transport::tls::Backend;

/// The client of a runtime, and the count of its connections.
pub(in crate::transport) struct HyperPool {
    client: Client<LimitedConnector<Connector>, Outgoing>,
    /// How long it keeps an idle connection.
    idle: Duration,
    connections: Option<Connections>,
}

impl Pool for HyperPool {
    type Response = http::Response<Incoming>;
    type Error = Error;

    const TAKES_CLIENT: bool = false;

    fn new(options: &Network, proxies: &ProxyRules, backend: Option<&Backend>) -> Result<Self, BoxError> {
        let idle = options.pool_idle_timeout_or_default();
        let connector = Connector::new(options, proxies, backend);
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(idle)
            .retry_canceled_requests(false)
            .http2_only(options.only_http2)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST);
        if idle.is_zero() {
            // Otherwise a connection is still given to a call that waits for one.
            builder.pool_max_idle_per_host(0);
        }
        let connections = options.max_connections.map(Connections::new);
        Ok(Self { client: builder.build(LimitLayer.layer(connector)), idle, connections })
    }

    fn limits(&self, _: &Url) -> (Duration, Option<&Connections>) {
        (self.idle, self.connections.as_ref())
    }

    fn start(
        &self,
        request: Request,
        proxy: Option<&Url>,
    ) -> Result<impl Future<Output = Result<Self::Response, Error>> + Send + 'static, Failure> {
        outgoing(request, proxy).map(|request| self.client.request(request))
    }

    fn explain(error: Error) -> (Signs, BoxError) {
        let mut signs = Signs { is_connect: error.is_connect(), ..Signs::default() };
        for cause in causes(&error) {
            let is_late = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
            signs.is_timeout |= cause.is::<Elapsed>() || cause.downcast_ref().is_some_and(is_late);
            signs.is_dns |= cause.is::<Unresolved>();
            // hyper returns the request with this error, and so has written nothing of it.
            signs.never_started |= cause.downcast_ref().is_some_and(hyper::Error::is_canceled);
        }
        if let Some(info) = error.connect_info() {
            let mut extras = Extensions::new();
            info.get_extras(&mut extras);
            signs.is_from_pool = extras.get::<Arc<Idle>>().is_some_and(|idle| idle.has_served());
        }
        (signs, error.into())
    }

    fn receive(_: &Wire<Self>, response: Self::Response, idle: Duration, pending: Pending) -> Response {
        incoming(response, idle, pending)
    }
}
