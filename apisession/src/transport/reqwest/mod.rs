//! The default transport, by reqwest. What reqwest would do itself is disabled: redirects, retries, the `Referer`,
//! proxies from the environment, and decompression. The send loop does these.

mod body;
mod builder;
mod failure;
mod finished;
mod pool;
mod resolver;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use reqwest::ClientBuilder;
use url::Url;

use self::body::{incoming, outgoing};
pub use self::builder::ReqwestBuilder;
use self::failure::failure;
use self::pool::{Pool, Timed};
use super::network::{Maker, Network, Wire, keep_alive};
use super::{Failure, Transport};
use crate::error::Result;
use crate::message::{Request, Response};
use crate::redact::Secret;

/// The builder that a transport starts with.
pub(crate) type OwnClient = Arc<dyn Fn() -> ClientBuilder + Send + Sync>;

/// Sends requests with reqwest, over HTTP/1.1 and HTTP/2. A response may have at most 100 headers, of 408 KiB
/// together with its status line; over HTTP/2 they may have 64 KiB.
///
/// Each tokio runtime in which it is used has its own client, and so its own pool of connections, until the runtime ends. Servers that
/// announce that they close idle connections earlier have at most four further clients: see
/// [`pool_idle_timeout`](ReqwestBuilder::pool_idle_timeout).
#[derive(Clone)]
pub struct Reqwest(Arc<Wire<ReqwestBuilder>>);

impl Reqwest {
    /// Creates a builder of a transport, which has its own pool.
    #[must_use]
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder::default()
    }
}

/// The transport of a session that sets none.
pub(crate) fn of_session(network: Network) -> Result<Arc<dyn Transport>> {
    Ok(Arc::new(ReqwestBuilder::of_session(network)?))
}

/// Hands a request to a client.
fn send<'a>(
    wire: &'a Wire<ReqwestBuilder>,
    pool: &Pool,
    mut request: Request,
) -> BoxFuture<'a, Result<Response, Failure>> {
    let body = request.body.failure();
    let is_proxied = wire.proxies.proxy(&request.url).is_some();
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
        let limit = wire.maker.network().connect_timeout_or_default();
        let response =
            response.map_err(|error| failure(error, limit, is_proxied).or_of_body(body.as_ref()))?;
        if let Some(announced) = keep_alive::idle_time(response.version(), response.headers()) {
            shorten(wire, response.url(), idle, announced);
        }
        Ok(incoming(response, body, claim))
    })
}

/// Keeps idle connections to the server of a URL, which are kept for `idle` now, only as long as it has announced.
fn shorten(wire: &Wire<ReqwestBuilder>, url: &Url, idle: Duration, announced: Duration) {
    if announced >= idle {
        return;
    }
    wire.update(|pool, backend| {
        pool.shortened(url, announced, |idle| wire.maker.keeping(idle, &wire.proxies, backend))
    });
}

impl Transport for Reqwest {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        self.0.send(request)
    }

    fn close_idle(&self) {
        self.0.close_idle();
    }

    fn is_exposed(&self, url: &Url) -> bool {
        self.0.is_exposed(url)
    }

    fn secrets(&self, url: &Url) -> Vec<Secret> {
        self.0.secrets(url)
    }
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.maker, f)
    }
}
