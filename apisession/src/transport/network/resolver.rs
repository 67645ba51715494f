//! Resolves the names of servers and proxies.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use futures_core::future::BoxFuture;
use tokio::task::spawn_blocking;

use crate::encode::origin::is_loopback_name;
use crate::error::BoxError;
use crate::transport::cause;

/// Resolves the names of servers and proxies, for a transport.
///
/// ```
/// use std::net::{Ipv4Addr, SocketAddr};
///
/// use apisession::transport::{Reqwest, Resolve};
/// use apisession::{BoxError, BoxFuture};
///
/// /// Each name is that of one machine.
/// struct Only(SocketAddr);
///
/// impl Resolve for Only {
///     fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, BoxError>> {
///         Box::pin(async { Ok(vec![self.0]) })
///     }
/// }
///
/// let transport = Reqwest::new().resolver(Only((Ipv4Addr::new(10, 0, 0, 7), 0).into()));
/// # let _ = transport;
/// ```
pub trait Resolve: Send + Sync + 'static {
    /// Returns the addresses of a name. Those of the family of the first one are tried in their order, and those of the other family
    /// as well if there is no connection after 300 milliseconds.
    ///
    /// The port is that of the URL. An address with a port other than 0 has precedence over the default port of `http` or `https`.
    ///
    /// # Errors
    ///
    /// The call fails with [`ErrorKind::Dns`](crate::ErrorKind::Dns).
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, BoxError>>;
}

/// A name was not resolved.
#[derive(Debug)]
pub(in crate::transport) struct Unresolved(BoxError);

cause!(Unresolved, "the name can't be resolved");

/// Asks the resolver that was set, or the system.
#[derive(Clone)]
pub(in crate::transport) struct Resolver(pub(super) Option<Arc<dyn Resolve>>);

/// The ports of the system's addresses are 0, which a transport replaces with that of the URL.
pub(in crate::transport) type Addresses = Box<dyn Iterator<Item = SocketAddr> + Send>;

impl Resolver {
    /// The addresses of a name. That of this machine, and those below it, are never looked up (RFC 6761 §6.3): a resolver could send
    /// them, and the credentials with them, to another machine.
    pub(in crate::transport) async fn addresses(self, name: String) -> Result<Addresses, Unresolved> {
        if is_loopback_name(&name.to_ascii_lowercase()) {
            let addresses = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
            return Ok(Box::new(addresses.into_iter()));
        }
        match self.0 {
            Some(own) => Ok(Box::new(own.resolve(&name).await.map_err(Unresolved)?.into_iter())),
            None => {
                let asked = spawn_blocking(move || (name.as_str(), 0).to_socket_addrs()).await;
                let found = asked.unwrap_or_else(|error| Err(error.into()));
                Ok(Box::new(found.map_err(|error| Unresolved(error.into()))?))
            }
        }
    }
}
