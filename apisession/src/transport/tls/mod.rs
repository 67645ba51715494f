//! TLS: which servers a session trusts, and which certificate it presents.

mod certificate;
mod config;
#[cfg(not(feature = "__tls"))]
#[path = "absent.rs"]
mod engine;
#[cfg(feature = "__tls")]
mod engine;

#[cfg(feature = "hyper")]
use futures_core::future::BoxFuture;
#[cfg(feature = "hyper")]
use tokio::io::{AsyncRead, AsyncWrite};

pub use self::certificate::{CertificateFacts, ClientCertificate};
pub use self::config::{Tls, TlsVersion};
#[cfg(feature = "hyper")]
pub(crate) use self::engine::Handshakes;
#[cfg(feature = "sign-in")]
pub(crate) use self::engine::SigningKey;
pub(crate) use self::engine::{Backend, IS_BUILT_IN, Watch, check_foreign, configure, failure_of};
#[cfg(feature = "hyper")]
use crate::error::BoxError;

/// A connection, or a tunnel through one.
#[cfg(feature = "hyper")]
pub(crate) type BoxIo = Box<dyn Io>;

/// A connection that is being made.
#[cfg(feature = "hyper")]
pub(crate) type Connecting<T> = BoxFuture<'static, Result<T, BoxError>>;

/// What both directions of a connection need.
#[cfg(feature = "hyper")]
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

#[cfg(feature = "hyper")]
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Io for T {}
