//! The transport on hyper-util's client. What that would do itself is disabled: retries, and proxies from the environment.

mod body;
mod connection;
mod connector;
mod pool;
mod resolver;
#[cfg(feature = "socks")]
mod socks;
#[cfg(not(feature = "socks"))]
#[path = "no_socks.rs"]
mod socks;
mod tunnel;

use std::fmt;
use std::future::ready;
use std::sync::{Arc, OnceLock};

use futures_core::future::BoxFuture;
use url::Url;

pub use self::resolver::Resolve;
use super::network::{Network, Wire, network_setters};
use super::{Failure, Transport, tls};
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Request, Response};
use crate::redact::Secret;

/// Sends requests with hyper, over HTTP/1.1 and HTTP/2. A call costs a third less than with [`Reqwest`](crate::transport::Reqwest), and
/// behaves the same. The limits of responses are the same too.
///
/// It has the options of its session, such as TLS and proxies. One that is set here as well has the value that is set here. By
/// itself, as in [`mount`](crate::Options::mount), it has only its own. Clones share their connections. Each tokio runtime has its own.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::transport::Hyper;
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "http://127.0.0.1")]
/// # pub struct Acme { session: Session }
/// let api = Acme::builder().transport(Hyper::new()).build()?;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Hyper {
    options: HyperOptions,
    /// The transport, once it was used.
    wire: Arc<OnceLock<Arc<Wire<HyperOptions>>>>,
}

#[derive(Clone, Default)]
struct HyperOptions {
    network: Network,
    resolver: Option<Arc<dyn Resolve>>,
    only_http2: bool,
}

network_setters!(Hyper,);

impl Hyper {
    /// Creates a transport with default options, and connections of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what resolves the names of servers and proxies. Default: the system. Names of this machine, such as `localhost`, are never
    /// looked up.
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolve) -> Self {
        self.options_mut();
        self.options.resolver = Some(Arc::new(resolver));
        self
    }

    /// Sends all requests over HTTP/2, also over plain HTTP, where it can't be agreed on. Default: HTTP/2 if a server offers it over
    /// TLS, or else HTTP/1.1.
    #[must_use]
    pub fn http2_prior_knowledge(mut self) -> Self {
        self.options_mut();
        self.options.only_http2 = true;
        self
    }

    /// Checks the options, and reads the files of TLS. Otherwise `build` of the session does, or the first request.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if an option can't be used: a file that can't be read, a key that does not match its certificate, a
    /// machine without root certificates.
    pub fn build(mut self) -> Result<Self> {
        self.options_mut().needs_tls = tls::IS_BUILT_IN;
        self.wire()?;
        Ok(self)
    }

    /// The options, for a transport that does not share the connections of its clones any more.
    fn options_mut(&mut self) -> &mut Network {
        self.wire = Arc::default();
        &mut self.options.network
    }

    fn wire(&self) -> Result<&Arc<Wire<HyperOptions>>> {
        if let Some(wire) = self.wire.get() {
            return Ok(wire);
        }
        let network = &self.options.network;
        if network.own_client.is_some() {
            return Err(Error::configuration(
                "`client` sets a builder of reqwest, and `transport` sends with hyper; remove one of them",
            ));
        }
        let wire = Wire::new(self.options.clone(), network.needs_tls)?;
        Ok(self.wire.get_or_init(|| Arc::new(wire)))
    }
}

/// The transport of a session that sets none, in a build without reqwest.
#[cfg(not(feature = "reqwest"))]
pub(crate) fn of_session(network: Network) -> Result<Arc<dyn Transport>> {
    let hyper = Hyper { options: HyperOptions { network, ..HyperOptions::default() }, wire: Arc::default() };
    hyper.wire()?;
    Ok(Arc::new(hyper))
}

impl Transport for Hyper {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        match self.wire() {
            Ok(wire) => wire.send(request),
            Err(error) => {
                let message = error.to_string().into();
                let failure = Failure { kind: ErrorKind::Configuration, message, ..Failure::not_sent(error) };
                Box::pin(ready(Err(failure)))
            }
        }
    }

    fn with_network(&self, network: &Network) -> Option<Arc<dyn Transport>> {
        let mut with_options = self.clone();
        *with_options.options_mut() = self.options.network.or(network);
        Some(Arc::new(with_options))
    }

    fn prepare(&self) -> Result<()> {
        self.wire().map(drop)
    }

    fn close_idle(&self) {
        if let Some(wire) = self.wire.get() {
            wire.close_idle();
        }
    }

    fn is_exposed(&self, url: &Url) -> bool {
        self.wire().map_or(true, |wire| wire.is_exposed(url))
    }

    fn secrets(&self, url: &Url) -> Vec<Secret> {
        self.wire().map(|wire| wire.secrets(url)).unwrap_or_default()
    }
}

impl fmt::Debug for Hyper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Network { tls, proxies, .. } = &self.options.network;
        f.debug_struct("Hyper").field("tls", tls).field("proxies", proxies).finish_non_exhaustive()
    }
}
