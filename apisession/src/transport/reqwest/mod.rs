//! The default transport, by reqwest. What reqwest would do itself is disabled: redirects, retries, the `Referer`,
//! proxies from the environment, and decompression. The send loop does these.

mod body;
mod builder;
mod connections;
mod failure;
mod finished;
mod keep_alive;
mod limit;
mod pool;
mod resolver;
mod runtimes;

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use url::Url;

use self::body::{incoming, outgoing};
pub use self::builder::ReqwestBuilder;
use self::failure::{failure, unbuilt};
use self::pool::{Pool, Timed};
use self::runtimes::Clients;
use super::proxy::{self, ProxyRules};
use super::tls::{Backend, Watch};
use super::{Failure, Transport};
use crate::encode::origin;
use crate::message::blocking::off_runtime;
use crate::message::{Request, Response};
use crate::redact::Secret;

/// Sends requests with reqwest, over HTTP/1.1 and HTTP/2. A response may have at most 100 headers, of 408 KiB
/// together with its status line; over HTTP/2 they may have 64 KiB.
///
/// Each tokio runtime in which it is used has its own client, and so its own pool of connections, until the runtime ends. Servers that
/// announce that they close idle connections earlier have at most four further clients: see
/// [`pool_idle_timeout`](ReqwestBuilder::pool_idle_timeout).
#[derive(Clone)]
pub struct Reqwest(Arc<Inner>);

struct Inner {
    settings: ReqwestBuilder,
    proxies: ProxyRules,
    clients: Clients<Arc<Pool>>,
    watch: Option<Watch>,
}

impl Reqwest {
    /// Creates a builder of a transport, which has its own pool.
    #[must_use]
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder::default()
    }

    /// Hands a request to the client of this runtime.
    fn dispatch(&self, mut request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        let body = request.body.failure();
        let is_proxied = self.0.proxies.proxy(&request.url).is_some();
        let pool = match self.0.clients.current(|backend| self.0.pool(backend)) {
            Ok(pool) => pool,
            Err(error) => return Box::pin(ready(Err(unbuilt(error)))),
        };
        let &Timed { ref client, idle } = pool.client(&request.url);
        let claim = pool.connections.as_ref().map(|connections| connections.claim(&request.url, idle));
        // Nothing is sent before this future is polled. It is created here so that the future below does not contain
        // the request.
        let sending = client.execute(outgoing(request));
        Box::pin(async move {
            let response = match &claim {
                // In a box, since few sessions limit their connections.
                Some(claim) => Box::pin(claim.send(sending)).await,
                None => sending.await,
            };
            let limit = self.0.settings.connect_timeout_or_default();
            let response =
                response.map_err(|error| failure(error, limit, is_proxied).or_of_body(body.as_ref()))?;
            if let Some(announced) = keep_alive::idle_time(response.version(), response.headers()) {
                self.0.shorten(response.url(), idle, announced);
            }
            Ok(incoming(response, body, claim))
        })
    }
}

impl Inner {
    /// Creates the clients of a runtime.
    fn pool(&self, backend: Option<&Backend>) -> reqwest::Result<Arc<Pool>> {
        self.settings.pool(&self.proxies, backend).map(Arc::new)
    }

    /// Keeps idle connections to the server of a URL, which are kept for `idle` now, only as long as it has announced.
    fn shorten(&self, url: &Url, idle: Duration, announced: Duration) {
        if announced >= idle {
            return;
        }
        let shortened = self.clients.update(|pool, backend| {
            let make = |idle| self.settings.keeping(idle, &self.proxies, backend);
            pool.shortened(url, announced, make).map(|pool| pool.map(Arc::new))
        });
        // A client was built with the same options before. If it can't be now, this call has its response nevertheless.
        drop(shortened);
    }

    /// Installs the client certificate that its files contain now. Requests in flight keep their pool. The connections of an old pool,
    /// and the TLS sessions that they could resume, are dropped with its last request.
    fn renew(&self) {
        if let Some(watch) = &self.watch {
            watch.renew(&self.settings.tls, |backend| {
                self.clients.replace(backend, |backend| self.pool(Some(backend)))
            });
        }
    }
}

impl Transport for Reqwest {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        match self.0.watch.as_ref().filter(|watch| watch.is_due()) {
            None => self.dispatch(request),
            Some(_) => Box::pin(async move {
                let inner = Arc::clone(&self.0);
                off_runtime(move || inner.renew()).await;
                self.dispatch(request).await
            }),
        }
    }

    fn close_idle(&self) {
        // A client that can't be built again keeps its connections until they have been idle for long enough.
        drop(self.0.clients.renew(|backend| self.0.pool(backend)));
    }

    fn is_exposed(&self, url: &Url) -> bool {
        let Inner { settings, proxies, .. } = &*self.0;
        let is_plain = url.scheme() == "http";
        let is_looked_up =
            || settings.has_own_resolver() && url.domain().is_some_and(|name| name != "localhost");
        origin::is_plain_remote(url) || is_plain && (proxies.proxy(url).is_some() || is_looked_up())
    }

    fn secrets(&self, url: &Url) -> Vec<Secret> {
        self.0.proxies.proxy(url).map(proxy::secrets).unwrap_or_default()
    }
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.settings, f)
    }
}
