//! Makes connections: TCP, then maybe a proxy, then maybe TLS, within one time.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tower_service::Service;
use url::Url;

use super::HyperOptions;
use super::connection::Connection;
use super::resolver::Resolver;
use super::{socks, tunnel};
use crate::error::BoxError;
use crate::transport::proxy::ProxyRules;
use crate::transport::tls::{Backend, BoxIo, Handshakes};

/// A connection was not made in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection in time")]
pub(super) struct TimedOut;

/// How long a connection is silent before the system asks whether it is still there, and how long between two such questions.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const KEEP_ALIVE_RETRIES: u32 = 3;
/// How long what was sent may be unacknowledged.
#[cfg(target_os = "linux")]
const USER_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct Connector(Arc<Route>);

/// How servers are reached.
struct Route {
    resolver: Resolver,
    tcp: HttpConnector<Resolver>,
    proxies: ProxyRules,
    tls: Option<Handshakes>,
    limit: Duration,
}

impl Connector {
    pub(super) fn new(options: &HyperOptions, proxies: &ProxyRules, backend: Option<&Backend>) -> Self {
        let limit = options.network.connect_timeout_or_default();
        let resolver = Resolver(options.resolver.clone());
        let mut tcp = HttpConnector::new_with_resolver(resolver.clone());
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE));
        tcp.set_keepalive_retries(Some(KEEP_ALIVE_RETRIES));
        #[cfg(target_os = "linux")]
        tcp.set_tcp_user_timeout(Some(USER_TIMEOUT));
        // It is divided among the addresses of a name, so that one that is silent does not take all of it.
        tcp.set_connect_timeout(Some(limit));
        let tls = backend.map(Backend::handshakes);
        Self(Arc::new(Route { resolver, tcp, proxies: proxies.clone(), tls, limit }))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Connection>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let route = Arc::clone(&self.0);
        Box::pin(async move {
            let limit = route.limit;
            let hosts = route.tls.as_ref().and_then(Handshakes::hosts);
            let connecting = async move { route.connect(target).await };
            let connected = match hosts {
                Some(hosts) => tokio::time::timeout(limit, hosts.checking(connecting)).await,
                None => tokio::time::timeout(limit, connecting).await,
            };
            connected.map_err(|_| TimedOut)?.map(TokioIo::new)
        })
    }
}

impl Route {
    async fn connect(&self, target: Uri) -> Result<Connection, BoxError> {
        let url = Url::parse(&target.to_string())?;
        let is_https = url.scheme() == "https";
        let proxy = self.proxies.proxy(&url);
        let (io, is_forwarded) = match proxy {
            None => (self.tcp(target.clone()).await?, false),
            Some(proxy) if proxy.scheme().starts_with("socks") => {
                (socks::connect(proxy, &url, &self.resolver, self.tcp.clone()).await?, false)
            }
            Some(proxy) => {
                let mut io = self.tcp(tunnel::address(proxy)?).await?;
                if proxy.scheme() == "https" {
                    io = self.tls()?.with_proxy(host(proxy), io).await?;
                }
                if is_https {
                    io = tunnel::connect(proxy, &url, io).await?;
                }
                (io, !is_https)
            }
        };
        if !is_https {
            return Ok(Connection::new(io, is_forwarded, false));
        }
        let (io, is_http2) = self.tls()?.with_server(host(&url), io).await?;
        Ok(Connection::new(io, false, is_http2))
    }

    async fn tcp(&self, target: Uri) -> Result<BoxIo, BoxError> {
        Ok(Box::new(self.tcp.clone().call(target).await?.into_inner()))
    }

    fn tls(&self) -> Result<&Handshakes, BoxError> {
        self.tls.as_ref().ok_or_else(|| "there are no options of TLS".into())
    }
}

/// The host for its certificate.
fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_matches(['[', ']'])
}
