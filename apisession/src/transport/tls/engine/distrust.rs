//! Why a server is not trusted.

use std::fmt;
use std::sync::Arc;

use rustls::{CertificateError, OtherError};

use crate::error::ErrorKind;

/// Why a server is not trusted.
#[derive(Clone, thiserror::Error)]
pub(super) enum Distrust {
    #[error("the server's certificate has expired: {0}")]
    Expired(CertificateError),
    #[error("the server's certificate is not valid yet: {0}")]
    NotYetValid(CertificateError),
    #[error("the server's certificate is for another name: {0}")]
    WrongName(CertificateError),
    #[error("the server's certificate is signed by itself; `Tls::add_ca_pem` or `Tls::pin` can trust it")]
    SelfSigned,
    #[error("the server's certificate is of an authority that is not known; `Tls::add_ca_pem` can add it")]
    UnknownIssuer,
    #[error("the server's key {0} is none of those that are pinned")]
    NotPinned(String),
    #[error("the key of `{host}` was {known} and is now {found}; delete its line if that is right")]
    Changed { host: String, known: String, found: String },
    #[error("the file of the known hosts can't be used: {0}")]
    KnownHosts(String),
    #[error("there are no roots to trust: {0}; install the system's certificates, or use `Tls::add_ca_pem`")]
    NoRoots(String),
}

impl Distrust {
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Expired(_) => ErrorKind::CertificateExpired,
            Self::NotYetValid(_) => ErrorKind::CertificateNotYetValid,
            Self::WrongName(_) => ErrorKind::CertificateWrongName,
            Self::SelfSigned => ErrorKind::CertificateSelfSigned,
            Self::UnknownIssuer => ErrorKind::CertificateUnknownIssuer,
            Self::NotPinned(_) | Self::Changed { .. } => ErrorKind::CertificateNotPinned,
            Self::KnownHosts(_) | Self::NoRoots(_) => ErrorKind::Tls,
        }
    }

    /// The error that rustls hands back to us.
    pub(super) fn into_tls(self) -> rustls::Error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(self))))
    }
}

/// rustls shows it by `Debug`.
impl fmt::Debug for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
