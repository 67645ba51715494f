//! The transport of sessions that set none, which is that of the build: reqwest, or without its feature hyper.

use std::net::SocketAddr;

#[cfg(not(feature = "reqwest"))]
pub use apisession::transport::Hyper as Wire;
#[cfg(feature = "reqwest")]
pub use apisession::transport::Reqwest as Wire;
use apisession::transport::Resolve;
use apisession::{BoxError, BoxFuture};

/// The addresses that every name has, or none if no name exists.
#[derive(Clone, Debug)]
pub struct Names(pub Option<Vec<SocketAddr>>);

/// A resolver that never ends.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Resolve for Names {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, BoxError>> {
        Box::pin(async { self.0.clone().ok_or_else(|| "no such host".into()) })
    }
}

impl Resolve for Silent {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, BoxError>> {
        Box::pin(std::future::pending())
    }
}

/// Returns the transport alone.
#[must_use]
pub fn wire() -> Wire {
    Wire::new()
}
