//! The reasons for which a server is not trusted.

use std::fmt;
use std::sync::Arc;

use rustls::{CertificateError, OtherError};

use crate::error::ErrorKind;

/// The reason for which a server is not trusted.
#[derive(Clone, thiserror::Error)]
pub(super) enum Distrust {
    #[error("the server's certificate has expired: {0}")]
    Expired(CertificateError),
    #[error("the server's certificate is not valid yet: {0}")]
    NotYetValid(CertificateError),
    #[error("the server's certificate is for another name: {0}")]
    WrongName(CertificateError),
    #[error(
        "the server's certificate is self-signed; trust it with `Tls::add_ca_pem` or `Tls::trust_on_first_use`"
    )]
    SelfSigned,
    #[error("the server's certificate is from an unknown authority; add it with `Tls::add_ca_pem`")]
    UnknownIssuer,
    #[error("the server's key {0} is not one of the pins; add it with `Tls::pin` if you trust it")]
    NotPinned(String),
    #[error(
        "the key of `{host}` has changed from {known} to {found}; if you trust the new key, delete the line of the host"
    )]
    Changed { host: String, known: String, found: String },
    #[error("the file of the known hosts can't be used: {0}")]
    KnownHosts(String),
    #[error("the system has no root certificates: {0}; install them, or use `Tls::add_ca_pem`")]
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

    /// Wraps it into an error that rustls returns unchanged from the handshake.
    pub(super) fn into_rustls(self) -> rustls::Error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(self))))
    }
}

/// rustls shows the error by its `Debug`, so that is the message.
impl fmt::Debug for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
