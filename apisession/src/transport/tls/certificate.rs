//! Client certificates.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// A client certificate with its key.
///
/// A certificate in files is read again when they change. Requests in flight keep the old certificate, and later requests use the new one
/// on new connections. If a file can't be used, that is reported once as a warning of `tracing`, and the old certificate stays. A
/// certificate that is about to expire and has not changed on disk is reported, too.
#[derive(Clone, PartialEq)]
pub struct ClientCertificate {
    pub(super) origin: Origin,
    pub(super) reload_before: Duration,
    pub(super) check_every: Duration,
}

#[derive(Clone, PartialEq)]
pub(super) enum Origin {
    Pair(PathBuf, PathBuf),
    Combined(PathBuf),
    Pem(Vec<u8>),
    Pkcs12(PathBuf, String),
}

impl ClientCertificate {
    /// Reads a PEM file with the certificate and its intermediates, and a PEM file with the key.
    #[must_use]
    pub fn files(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self::new(Origin::Pair(certificate.into(), key.into()))
    }

    /// Reads one PEM file with both.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::new(Origin::Combined(path.into()))
    }

    /// Uses PEM text with both.
    #[must_use]
    pub fn pem(pem: impl Into<Vec<u8>>) -> Self {
        Self::new(Origin::Pem(pem.into()))
    }

    /// Reads a PKCS#12 file (RFC 7292), often `.p12` or `.pfx`. It requires the feature `pkcs12`; without it `build` fails.
    #[must_use]
    pub fn pkcs12_file(path: impl Into<PathBuf>, password: impl Into<String>) -> Self {
        Self::new(Origin::Pkcs12(path.into(), password.into()))
    }

    /// Sets how long before its expiry a certificate that has not changed on disk is reported. Default: 300 seconds.
    #[must_use]
    pub fn reload_before(mut self, time: Duration) -> Self {
        self.reload_before = time;
        self
    }

    /// Sets how often the files are checked for changes, while there are requests. Default: every second.
    #[must_use]
    pub fn check_every(mut self, time: Duration) -> Self {
        self.check_every = time;
        self
    }

    fn new(origin: Origin) -> Self {
        Self { origin, reload_before: Duration::from_secs(300), check_every: Duration::from_secs(1) }
    }
}

/// Shows where it is read from.
impl fmt::Display for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Pair(certificate, _) => write!(f, "{}", certificate.display()),
            Origin::Combined(path) => write!(f, "{}", path.display()),
            Origin::Pem(_) => f.write_str("the client certificate"),
            Origin::Pkcs12(path, _) => write!(f, "{}", path.display()),
        }
    }
}

/// Shows where it is read from, never what it holds.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({self})")
    }
}
