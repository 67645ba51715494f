//! The transport of sessions that set none, which is that of the build: reqwest, or without its feature hyper.

use std::net::SocketAddr;

/// The addresses that every name has, or none if no name exists.
#[derive(Clone, Debug)]
pub struct Names(pub Option<Vec<SocketAddr>>);

/// A resolver that never ends.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

#[cfg(feature = "reqwest")]
mod reqwest_wire {
    use apisession::transport::{Reqwest, ReqwestBuilder};
    use reqwest::dns::{Addrs, Name, Resolve, Resolving};

    use super::{Names, Silent};

    /// The transport.
    pub type Wire = Reqwest;

    impl Resolve for Silent {
        fn resolve(&self, _: Name) -> Resolving {
            Box::pin(std::future::pending())
        }
    }

    /// Returns the builder of the transport alone.
    #[must_use]
    pub fn wire() -> ReqwestBuilder {
        Reqwest::builder()
    }

    impl Resolve for Names {
        fn resolve(&self, _: Name) -> Resolving {
            let found = self.0.clone().ok_or_else(|| "no such host".into());
            Box::pin(async move { found.map(|addresses| Box::new(addresses.into_iter()) as Addrs) })
        }
    }

    /// Has a session send over HTTP/2 alone.
    #[macro_export]
    macro_rules! over_http2 {
        ($builder:expr) => {
            $builder.client(|| $crate::ClientBuilder::new().http2_prior_knowledge())
        };
    }

    /// Has a session resolve names by [`Names`] or [`Silent`].
    #[macro_export]
    macro_rules! resolving {
        ($builder:expr, $names:expr) => {{
            let names = ::std::sync::Arc::new($names);
            $builder
                .client(move || $crate::ClientBuilder::new().dns_resolver(::std::sync::Arc::clone(&names)))
        }};
    }
}

#[cfg(feature = "reqwest")]
pub use self::reqwest_wire::{Wire, wire};
#[cfg(feature = "reqwest")]
#[doc(hidden)]
pub use reqwest::ClientBuilder;

#[cfg(not(feature = "reqwest"))]
mod hyper_wire {
    use std::net::SocketAddr;

    use apisession::transport::{Hyper, Resolve};
    use apisession::{BoxError, BoxFuture};

    use super::{Names, Silent};

    /// The transport.
    pub type Wire = Hyper;

    impl Resolve for Silent {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, BoxError>> {
            Box::pin(std::future::pending())
        }
    }

    /// Returns the builder of the transport alone.
    #[must_use]
    pub fn wire() -> Hyper {
        Hyper::new()
    }

    impl Resolve for Names {
        fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, BoxError>> {
            Box::pin(async { self.0.clone().ok_or_else(|| "no such host".into()) })
        }
    }

    /// Has a session send over HTTP/2 alone.
    #[macro_export]
    macro_rules! over_http2 {
        ($builder:expr) => {
            $builder.transport(::apisession::transport::Hyper::new().http2_prior_knowledge())
        };
    }

    /// Has a session resolve names by [`Names`] or [`Silent`].
    #[macro_export]
    macro_rules! resolving {
        ($builder:expr, $names:expr) => {
            $builder.transport(::apisession::transport::Hyper::new().resolver($names))
        };
    }
}

#[cfg(not(feature = "reqwest"))]
pub use self::hyper_wire::{Wire, wire};
