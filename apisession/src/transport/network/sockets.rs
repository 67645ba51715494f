//! A transport over sockets as its user has it: the options, and what they make when it is first used.

use std::fmt;
use std::future::ready;
use std::sync::{Arc, OnceLock};

use futures_core::future::BoxFuture;
use url::Url;

use super::{Network, Pool, Wire};
use crate::error::{ErrorKind, Result};
use crate::message::{Request, Response};
use crate::redact::Secret;
use crate::transport::{Failure, Transport};

/// The options of a transport, and what they make. Clones share it until an option of one is set.
pub(in crate::transport) struct Sockets<P: Pool> {
    pub(in crate::transport) options: Network,
    wire: Arc<OnceLock<Arc<Wire<P>>>>,
}

impl<P: Pool> Sockets<P> {
    fn new(options: Network) -> Self {
        Self { options, wire: Arc::default() }
    }

    /// The options, for a transport that does not share the connections of its clones any more.
    pub(in crate::transport) fn options_mut(&mut self) -> &mut Network {
        self.wire = Arc::default();
        &mut self.options
    }

    fn wire(&self) -> Result<&Arc<Wire<P>>> {
        if let Some(wire) = self.wire.get() {
            return Ok(wire);
        }
        let wire = Arc::new(Wire::new(self.options.clone())?);
        Ok(self.wire.get_or_init(|| wire))
    }
}

impl<P: Pool> Default for Sockets<P> {
    fn default() -> Self {
        Self::new(Network::default())
    }
}

impl<P: Pool> Clone for Sockets<P> {
    fn clone(&self) -> Self {
        Self { options: self.options.clone(), wire: Arc::clone(&self.wire) }
    }
}

impl<P: Pool> fmt::Debug for Sockets<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.options, f)
    }
}

impl<P: Pool> Transport for Sockets<P> {
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
        Some(Arc::new(Self::new(self.options.or(network))))
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

/// Gives a type with [`Sockets`] in its one field the setters of the options, and makes it a transport.
macro_rules! over_sockets {
    ($type:ident, $(#[$idle:meta])*) => {
        impl $type {
            /// Creates a transport with default options, and connections of its own.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            /// Limits the time to connect, including the TLS handshake. Default: 10 seconds.
            #[must_use]
            pub fn connect_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.0.options_mut().set_connect_timeout(limit);
                self
            }

            /// Limits how long an idle connection is kept. Default: 4 seconds.
            ///
            /// If a server announces over HTTP/1.1 with `Keep-Alive: timeout=…` for how long it keeps one, its connections are kept for
            /// a second less, or for half of a time that is shorter than two seconds, unless this limit is shorter.
            $(#[$idle])*
            #[must_use]
            pub fn pool_idle_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.0.options_mut().set_pool_idle_timeout(limit);
                self
            }

            /// Limits the number of connections to each origin, in each tokio runtime; further requests wait. Default: no limit, or in
            /// a session its `max_in_flight`.
            #[must_use]
            pub fn max_connections(mut self, max: usize) -> Self {
                self.0.options_mut().max_connections = Some(max);
                self
            }

            /// Sets the TLS options. Default: the system's roots, and no client certificate.
            #[must_use]
            pub fn tls(mut self, tls: $crate::tls::Tls) -> Self {
                self.0.options_mut().tls = tls;
                self
            }

            /// Sets the proxies. Default: none.
            #[must_use]
            pub fn proxies(mut self, proxies: $crate::Proxies) -> Self {
                self.0.options_mut().proxies = proxies;
                self
            }

            /// Sets what resolves the names of servers and proxies. Default: the system. Names of this machine, such as `localhost`, are
            /// never looked up.
            #[must_use]
            pub fn resolver(mut self, resolver: impl $crate::transport::Resolve) -> Self {
                self.0.options_mut().resolver = Some(::std::sync::Arc::new(resolver));
                self
            }

            /// Sends all requests over HTTP/2, also over plain HTTP, where it can't be agreed on. Default: HTTP/2 if a server offers it
            /// over TLS, or else HTTP/1.1.
            #[must_use]
            pub fn http2_prior_knowledge(mut self) -> Self {
                self.0.options_mut().only_http2 = true;
                self
            }

            /// Checks the options, and reads the files of TLS. Otherwise `build` of the session does, or the first request.
            ///
            /// # Errors
            ///
            /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if an option can't be used: a file that can't be read, a
            /// key that does not match its certificate, a machine without root certificates.
            pub fn build(mut self) -> $crate::Result<Self> {
                self.0.options_mut().needs_tls = $crate::transport::tls::IS_BUILT_IN;
                $crate::transport::Transport::prepare(&self)?;
                Ok(self)
            }
        }

        impl $crate::transport::Transport for $type {
            fn send(
                &self,
                request: $crate::Request,
            ) -> $crate::BoxFuture<'_, ::std::result::Result<$crate::Response, $crate::transport::Failure>> {
                self.0.send(request)
            }

            fn with_network(
                &self,
                network: &$crate::transport::Network,
            ) -> ::std::option::Option<::std::sync::Arc<dyn $crate::transport::Transport>> {
                self.0.with_network(network)
            }

            fn prepare(&self) -> $crate::Result<()> {
                self.0.prepare()
            }

            fn close_idle(&self) {
                self.0.close_idle();
            }

            fn is_exposed(&self, url: &::url::Url) -> bool {
                self.0.is_exposed(url)
            }

            fn secrets(&self, url: &::url::Url) -> ::std::vec::Vec<$crate::Secret> {
                self.0.secrets(url)
            }
        }
    };
}

pub(in crate::transport) use over_sockets;
