//! The default transport. Everything that reqwest would do on its own is turned off: redirects, retries, the Referer, proxies from the
//! environment, and decompression are decided by the send loop.

mod body;
mod builder;
mod connections;
mod failure;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use futures_core::future::BoxFuture;
use reqwest::Client;

use self::body::{incoming, outgoing};
pub use self::builder::ReqwestBuilder;
use self::connections::Connections;
use self::failure::failure;
use super::proxy::ProxyRules;
use super::tls::Watch;
use super::{Failure, Transport};
use crate::message::{Request, Response};

/// Sends requests with reqwest, over HTTP/1.1 and HTTP/2. A response may have at most 100 headers.
#[derive(Clone)]
pub struct Reqwest(Arc<Inner>);

struct Inner {
    settings: ReqwestBuilder,
    proxies: ProxyRules,
    /// The pool, which is replaced when the client certificate changes.
    pool: RwLock<Pool>,
    watch: Option<Watch>,
}

/// A client, and the count of its connections.
#[derive(Clone)]
struct Pool {
    client: Client,
    connections: Option<Arc<Connections>>,
}

impl Reqwest {
    /// Creates a builder of a transport with a pool of its own.
    #[must_use]
    pub fn builder() -> ReqwestBuilder {
        ReqwestBuilder::default()
    }

    /// The pool of the next request, with the certificate that is in its files now. Requests in flight keep the pool that they
    /// have. Its connections, and the TLS sessions that they could resume, are dropped with the last of them.
    fn pool(&self) -> Pool {
        let Inner { settings, proxies, pool, watch } = &*self.0;
        if let Some(watch) = watch {
            let install = |client| {
                *pool.write().unwrap_or_else(PoisonError::into_inner) = settings.pool_of(client);
            };
            watch.renew(&settings.tls, || settings.client_of(proxies), install);
        }
        pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Transport for Reqwest {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        let is_proxied = self.0.proxies.proxy(&request.url).is_some();
        let Pool { client, connections } = self.pool();
        let occupancy = connections.map(|connections| connections.enter(&request.url));
        // Nothing is sent before it is polled. It is made here so that the request is not a part of the future below.
        let sending = client.execute(outgoing(request));
        Box::pin(async move {
            let response = match &occupancy {
                Some(occupancy) => occupancy.over(sending).await,
                None => sending.await,
            };
            let limit = self.0.settings.connect_timeout_or_default();
            let response = response.map_err(|error| failure(error, limit, is_proxied))?;
            Ok(incoming(response, occupancy))
        })
    }
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.settings, f)
    }
}
