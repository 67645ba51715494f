//! Client certificates.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::redact::Secret;

/// A client certificate with its key.
///
/// A certificate in files is read again when they change. Requests in flight keep the old certificate, and later
/// requests use the new one on new connections. If the new files can't be used, the old certificate stays in use, and
/// the session logs one warning with `tracing`. It also logs a warning if the certificate is about to expire and its
/// files have not changed.
#[derive(Clone, PartialEq)]
pub struct ClientCertificate {
    pub(super) source: CertificateSource,
    pub(super) reload_before: Duration,
    pub(super) check_every: Duration,
}

/// Where a certificate and its key are read from.
#[derive(Clone, PartialEq)]
pub(super) enum CertificateSource {
    /// The files of the certificate and of the key.
    Pair(PathBuf, PathBuf),
    Combined(PathBuf),
    Pem(Secret),
    /// The file, and its password.
    Pkcs12(PathBuf, Secret),
}

/// What a client certificate states of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CertificateFacts {
    /// The subject, in the form of RFC 4514: `CN=reports,O=Acme`.
    pub subject: String,
    /// From when on it is valid.
    pub not_before: SystemTime,
    /// The end of its validity.
    pub not_after: SystemTime,
}

impl ClientCertificate {
    /// Creates a certificate from a PEM file with the certificate and its intermediates, and a PEM file with the key.
    #[must_use]
    pub fn files(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self::new(CertificateSource::Pair(certificate.into(), key.into()))
    }

    /// Creates a certificate from one PEM file with the certificate, its intermediates and the key.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::new(CertificateSource::Combined(path.into()))
    }

    /// Creates a certificate from PEM text with the certificate, its intermediates and the key.
    #[must_use]
    pub fn pem(pem: impl AsRef<[u8]>) -> Self {
        // PEM is ASCII, so only comments outside of it can be other bytes.
        Self::new(CertificateSource::Pem(Secret::new(String::from_utf8_lossy(pem.as_ref()))))
    }

    /// Creates a certificate from a PKCS#12 file (RFC 7292), often `.p12` or `.pfx`.
    ///
    /// It requires the feature `pkcs12`; without it, `build` fails.
    #[must_use]
    pub fn pkcs12_file(path: impl Into<PathBuf>, password: impl Into<Secret>) -> Self {
        Self::new(CertificateSource::Pkcs12(path.into(), password.into()))
    }

    /// Sets how long before its expiry a certificate is reported if its files have not changed. Default: 300 seconds.
    #[must_use]
    pub fn reload_before(mut self, time: Duration) -> Self {
        self.reload_before = time;
        self
    }

    /// Sets how often the files are checked for changes. Default: every second.
    ///
    /// They are checked when a request is sent, not in the background.
    #[must_use]
    pub fn check_every(mut self, time: Duration) -> Self {
        self.check_every = time;
        self
    }

    /// Reads the certificate, and returns its subject and its dates.
    ///
    /// Files are read now, on this thread. A session may still use what they contained before.
    ///
    /// ```no_run
    /// use apisession::tls::ClientCertificate;
    ///
    /// let facts = ClientCertificate::files("tls.crt", "tls.key").facts()?;
    /// println!("{} until {:?}", facts.subject, facts.not_after);
    /// # Ok::<(), apisession::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it can't be read, or without a feature for TLS.
    pub fn facts(&self) -> Result<CertificateFacts> {
        let (subject, not_before, not_after) = self.described().map_err(Error::configuration)?;
        Ok(CertificateFacts { subject, not_before, not_after })
    }

    fn new(source: CertificateSource) -> Self {
        Self { source, reload_before: Duration::from_secs(300), check_every: Duration::from_secs(1) }
    }
}

/// Shows the file that it is read from.
impl fmt::Display for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            CertificateSource::Pair(certificate, _) => write!(f, "{}", certificate.display()),
            CertificateSource::Combined(path) => write!(f, "{}", path.display()),
            CertificateSource::Pem(_) => f.write_str("the client certificate"),
            CertificateSource::Pkcs12(path, _) => write!(f, "{}", path.display()),
        }
    }
}

/// Shows the file that it is read from, never its contents.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({self})")
    }
}
