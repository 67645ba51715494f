//! Makes connections: TCP, then maybe a proxy, then maybe TLS, within one time.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::future::BoxFuture;
use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tower_service::Service;
use url::Url;

use super::connection::Connection;
#[cfg(feature = "socks")]
use super::socks;
use super::tunnel;
use crate::error::BoxError;
use crate::transport::network::resolver::{Addresses, Resolver, Unresolved};
use crate::transport::network::{Network, keep_alive};
use crate::transport::proxy::{self, ProxyRules};
use crate::transport::tls::{Backend, BoxIo, Connecting, Handshakes};

#[derive(Clone)]
pub(super) struct Connector(Arc<Route>);

/// How servers are reached.
struct Route {
    options: Network,
    tcp: HttpConnector<Resolver>,
    proxies: ProxyRules,
    tls: Option<Handshakes>,
}

impl Connector {
    pub(super) fn new(options: &Network, proxies: &ProxyRules, backend: Option<&Backend>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(options.resolver());
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(keep_alive::SILENCE));
        tcp.set_keepalive_interval(Some(keep_alive::SILENCE));
        tcp.set_keepalive_retries(Some(keep_alive::PROBES));
        #[cfg(target_os = "linux")]
        tcp.set_tcp_user_timeout(Some(keep_alive::UNACKNOWLEDGED));
        // It is divided among the addresses of a name, so that one that is silent does not take all of it.
        tcp.set_connect_timeout(Some(options.connect_timeout_or_default()));
        let (options, proxies) = (options.clone(), proxies.clone());
        Self(Arc::new(Route { options, tcp, proxies, tls: backend.map(Backend::handshakes) }))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Connection>;
    type Error = BoxError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let (route, limit) = (Arc::clone(&self.0), self.0.options.connect_timeout_or_default());
        let mut connecting: Connecting<_> = Box::pin(async move { route.connect(target).await });
        if let Some(tls) = &self.0.tls {
            connecting = tls.checked(connecting);
        }
        Box::pin(async move { timeout(limit, connecting).await?.map(TokioIo::new) })
    }
}

impl Route {
    async fn connect(&self, target: Uri) -> Result<Connection, BoxError> {
        let url = Url::parse(&target.to_string())?;
        let is_https = url.scheme() == "https";
        let proxy = self.proxies.proxy(&url);
        let mut io = match proxy {
            None => self.tcp(target).await?,
            // The URL of such a proxy is refused in a build without the feature.
            #[cfg(feature = "socks")]
            Some(proxy) if proxy.scheme().starts_with("socks") => {
                socks::connect(proxy, &url, self.options.resolver(), self.tcp.clone()).await?
            }
            Some(proxy) => {
                let mut io = self.tcp(tunnel::address(proxy)?).await?;
                if proxy.scheme() == "https" {
                    io = self.tls()?.with_proxy(proxy, io).await?;
                }
                if is_https { tunnel::connect(proxy, &url, io).await? } else { io }
            }
        };
        let mut is_http2 = false;
        if is_https {
            (io, is_http2) = self.tls()?.with_server(&url, io).await?;
        }
        Ok(Connection::new(io, proxy::forwards(proxy, &url), is_http2))
    }

    async fn tcp(&self, target: Uri) -> Result<BoxIo, BoxError> {
        Ok(Box::new(self.tcp.clone().call(target).await?.into_inner()))
    }

    fn tls(&self) -> Result<&Handshakes, BoxError> {
        self.tls.as_ref().ok_or_else(|| "there are no options of TLS".into())
    }
}

impl Service<Name> for Resolver {
    type Response = Addresses;
    type Error = Unresolved;
    type Future = BoxFuture<'static, Result<Addresses, Unresolved>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(self.clone().addresses(name.as_str().to_owned()))
    }
}
