//! The reasons for which a server is not trusted.

use std::fmt;
use std::sync::Arc;

use rustls::{CertificateError, OtherError};

use crate::encode::messages;
use crate::error::ErrorKind;

messages! {
    /// The reason for which a server is not trusted.
    #[derive(Clone)]
    pub(super) enum Distrust {
        Expired(error: CertificateError) = "the server's certificate has expired: {error}",
        NotYetValid(error: CertificateError) = "the server's certificate is not valid yet: {error}",
        WrongName(error: CertificateError) = "the server's certificate is for another name: {error}",
        SelfSigned = "the server's certificate is self-signed; trust it with `Tls::add_ca_pem` or `Tls::trust_on_first_use`",
        UnknownIssuer = "the server's certificate is from an unknown authority; add it with `Tls::add_ca_pem`",
        NotPinned(found: String) = "the server's key {found} is not one of the pins; add it with `Tls::pin` if you trust it",
        Changed { host: String, known: String, found: String } =
            "the key of `{host}` has changed from {known} to {found}; if you trust the new key, delete the line of the host",
        KnownHosts(found: String) = "the file of the known hosts can't be used: {found}",
        NoRoots(found: String) = "the system has no root certificates: {found}; install them, or use `Tls::add_ca_pem`",
    }
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
