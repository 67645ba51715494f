//! TLS: which servers a session trusts, and which certificate it presents.

mod certificate;
mod config;
#[cfg(not(feature = "__tls"))]
#[path = "absent.rs"]
mod engine;
#[cfg(feature = "__tls")]
mod engine;

pub use self::certificate::{CertificateFacts, ClientCertificate};
pub use self::config::{Tls, TlsVersion};
pub(crate) use self::engine::{
    Backend, IS_BUILT_IN, SigningKey, Watch, check_foreign, configure, failure_of,
};
