//! Resolves names for hyper.

use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::future::BoxFuture;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use crate::error::BoxError;
use crate::transport::network::resolver::{loopback, system};

/// Resolves the names of servers and proxies, for [`Hyper`](crate::transport::Hyper).
///
/// ```
/// use std::net::{Ipv4Addr, SocketAddr};
///
/// use apisession::transport::{Hyper, Resolve};
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
/// let transport = Hyper::new().resolver(Only((Ipv4Addr::new(10, 0, 0, 7), 0).into()));
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
#[derive(Debug, thiserror::Error)]
#[error("the name can't be resolved")]
pub(super) struct Unresolved(#[source] BoxError);

/// Asks the resolver that was set, or the system, but never for the names of this machine.
#[derive(Clone)]
pub(super) struct Resolver(pub(super) Option<Arc<dyn Resolve>>);

type Addresses = Box<dyn Iterator<Item = SocketAddr> + Send>;

impl Resolver {
    pub(super) async fn addresses(self, name: String) -> Result<Addresses, Unresolved> {
        if let Some(addresses) = loopback(&name) {
            return Ok(Box::new(addresses.into_iter()));
        }
        match self.0 {
            Some(own) => {
                let addresses = own.resolve(&name).await.map_err(Unresolved)?;
                Ok(Box::new(addresses.into_iter()))
            }
            None => {
                let addresses = system(name).await.map_err(|error| Unresolved(error.into()))?;
                Ok(Box::new(addresses))
            }
        }
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
