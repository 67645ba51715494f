//! The options of a transport over sockets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::resolver::{Resolve, Resolver};
use crate::error::{Error, Result};
use crate::message::duration::LONGEST;
use crate::transport::OwnClient;
use crate::transport::proxy::Proxies;
use crate::transport::tls::Tls;

/// The options of a session that concern its connections: timeouts, TLS, proxies, and the number of connections.
///
/// A session gives them to its transport: see [`Transport::with_network`](crate::transport::Transport::with_network).
#[derive(Clone, Default)]
pub struct Network {
    pub(in crate::transport) own_client: Option<OwnClient>,
    pub(in crate::transport) connect_timeout: Option<Duration>,
    pub(in crate::transport) pool_idle_timeout: Option<Duration>,
    pub(in crate::transport) max_connections: Option<usize>,
    pub(in crate::transport) tls: Tls,
    pub(in crate::transport) proxies: Proxies,
    pub(in crate::transport) resolver: Option<Arc<dyn Resolve>>,
    /// Whether HTTP/1.1 is never used.
    pub(in crate::transport) only_http2: bool,
    /// Whether the session needs TLS.
    pub(in crate::transport) needs_tls: bool,
}

pub(in crate::transport) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

impl Network {
    pub(crate) fn set_connect_timeout(&mut self, limit: Duration) {
        self.connect_timeout = Some(limit.min(LONGEST));
    }

    pub(crate) fn set_pool_idle_timeout(&mut self, limit: Duration) {
        self.pool_idle_timeout = Some(limit.min(LONGEST));
    }

    pub(crate) fn set_tls(&mut self, tls: Tls) {
        self.tls = tls;
    }

    pub(crate) fn set_proxies(&mut self, proxies: Proxies) {
        self.proxies = proxies;
    }

    /// Sets the client that reqwest starts with.
    #[cfg(feature = "reqwest")]
    pub(crate) fn set_client(&mut self, make: OwnClient) {
        self.own_client = Some(make);
    }

    /// The options of a session, whose calls are at most `max_in_flight`.
    pub(crate) fn of_session(mut self, max_in_flight: Option<usize>, needs_tls: bool) -> Self {
        (self.max_connections, self.needs_tls) = (max_in_flight, needs_tls);
        self
    }

    /// These options, and those of `other` where nothing is set here.
    pub(super) fn or(&self, other: &Self) -> Self {
        let (own, other) = (self.clone(), other.clone());
        Self {
            own_client: own.own_client.or(other.own_client),
            connect_timeout: own.connect_timeout.or(other.connect_timeout),
            pool_idle_timeout: own.pool_idle_timeout.or(other.pool_idle_timeout),
            max_connections: own.max_connections.or(other.max_connections),
            tls: if own.tls.is_default() { other.tls } else { own.tls },
            proxies: if own.proxies.is_default() { other.proxies } else { own.proxies },
            resolver: own.resolver.or(other.resolver),
            only_http2: own.only_http2 || other.only_http2,
            needs_tls: own.needs_tls || other.needs_tls,
        }
    }

    /// Checks the options that don't need to be read.
    pub(super) fn check(&self) -> Result<()> {
        if self.connect_timeout.is_some_and(|limit| limit.is_zero()) {
            return Err(Error::configuration(
                "`connect_timeout` is zero, so every call would fail; raise it, or leave it out",
            ));
        }
        if self.max_connections == Some(0) {
            return Err(Error::configuration(
                "`max_connections` is zero, so no request could be sent; leave it out for no limit",
            ));
        }
        if self.own_client.is_some() && !self.tls.is_default() {
            return Err(Error::configuration(
                "both `client` and `tls` set TLS options; set them in one place",
            ));
        }
        Ok(())
    }

    /// Removes the time limit that is set so far.
    pub(crate) fn take_connect_timeout(&mut self) -> Option<Duration> {
        self.connect_timeout.take()
    }

    /// Sets a time limit unless one is set.
    pub(crate) fn connect_timeout_or(&mut self, limit: Option<Duration>) {
        self.connect_timeout = self.connect_timeout.or(limit);
    }

    /// The first option that was set and that a transport without sockets does not have.
    pub(crate) fn first_option(&self) -> Option<&'static str> {
        let options = [
            ("tls", !self.tls.is_default()),
            ("proxies", !self.proxies.is_default()),
            ("client", self.own_client.is_some()),
            ("connect_timeout", self.connect_timeout.is_some()),
            ("pool_idle_timeout", self.pool_idle_timeout.is_some()),
        ];
        options.into_iter().find(|(_, is_set)| *is_set).map(|(name, _)| name)
    }

    pub(in crate::transport) fn resolver(&self) -> Resolver {
        Resolver(self.resolver.clone())
    }

    pub(in crate::transport) fn connect_timeout_or_default(&self) -> Duration {
        self.connect_timeout.unwrap_or(CONNECT_TIMEOUT)
    }

    pub(in crate::transport) fn pool_idle_timeout_or_default(&self) -> Duration {
        self.pool_idle_timeout.unwrap_or(POOL_IDLE_TIMEOUT)
    }
}

/// Shows neither keys nor passwords.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("tls", &self.tls)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}
