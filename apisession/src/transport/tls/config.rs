//! The TLS options of a session.

use std::fmt;
use std::path::PathBuf;

use super::certificate::ClientCertificate;

/// The TLS options of a session: which servers it trusts, and which certificate it presents.
///
/// By default a server must have a certificate that is issued by one of the system's roots, and use TLS 1.2 or 1.3.
///
/// ```no_run
/// use apisession::prelude::*;
/// use apisession::tls::{ClientCertificate, Tls, TlsVersion};
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// let tls = Tls::new()
///     .add_ca_file("/etc/acme/ca.pem")
///     .min_version(TlsVersion::Tls13)
///     .client_certificate(ClientCertificate::files("/etc/acme/tls.crt", "/etc/acme/tls.key"));
/// let api = Acme::builder().tls(tls).build()?;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Tls {
    pub(super) cas: Vec<Authorities>,
    pub(super) only_added_cas: bool,
    pub(super) pins: Vec<String>,
    pub(super) known_hosts: Option<PathBuf>,
    pub(super) min_version: Option<TlsVersion>,
    pub(super) max_version: Option<TlsVersion>,
    pub(super) cipher_suites: Vec<String>,
    pub(super) certificate: Option<ClientCertificate>,
    pub(super) accepts_invalid: bool,
}

/// A version of TLS. Older ones are not supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

/// A source of certificates of authorities.
#[derive(Clone, PartialEq)]
pub(super) enum Authorities {
    Pem(Vec<u8>),
    File(PathBuf),
    Directory(PathBuf),
}

/// Shows the path, or the length of the PEM text.
impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(pem) => write!(f, "{} bytes of PEM", pem.len()),
            Self::File(path) | Self::Directory(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Tls {
    /// Creates the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the certificate authorities of this PEM text to those that are trusted.
    #[must_use]
    pub fn add_ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.cas.push(Authorities::Pem(pem.into()));
        self
    }

    /// Adds the certificate authorities of this PEM file to those that are trusted.
    #[must_use]
    pub fn add_ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.cas.push(Authorities::File(path.into()));
        self
    }

    /// Adds the certificate authorities of all files in this directory whose names end in `.pem` or `.crt`.
    ///
    /// A file or a certificate that can't be used is skipped, and logged as a warning. `build` fails if the directory contains no
    /// certificate that can be used.
    #[must_use]
    pub fn add_ca_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.cas.push(Authorities::Directory(path.into()));
        self
    }

    /// Trusts only the authorities that were added, and none of the system's roots. Without an added authority, `build`
    /// fails.
    #[must_use]
    pub fn only_added_cas(mut self) -> Self {
        self.only_added_cas = true;
        self
    }

    /// Requires the server to have this public key, in addition to a valid certificate.
    ///
    /// A pin is `sha256/` and the base64 of the SHA-256 of the key (`SubjectPublicKeyInfo`), as in RFC 7469. With
    /// several pins, the server must have one of them.
    #[must_use]
    pub fn pin(mut self, pin: impl Into<String>) -> Self {
        self.pins.push(pin.into());
        self
    }

    /// Trusts the key of a server on the first connection, and only that key afterwards. Authorities are not used.
    ///
    /// This file stores the key under the name of the host, for all its ports. If the key has changed, the connection
    /// fails, and the error contains both keys; delete the line of the host to accept the new one.
    #[must_use]
    pub fn trust_on_first_use(mut self, path: impl Into<PathBuf>) -> Self {
        self.known_hosts = Some(path.into());
        self
    }

    /// Sets the oldest version that is accepted. Default: TLS 1.2.
    #[must_use]
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = Some(version);
        self
    }

    /// Sets the newest version that is accepted. Default: TLS 1.3.
    #[must_use]
    pub fn max_version(mut self, version: TlsVersion) -> Self {
        self.max_version = Some(version);
        self
    }

    /// Sets the cipher suites that are accepted, by their names, such as `TLS13_AES_256_GCM_SHA384`. Default: all that
    /// rustls supports.
    #[must_use]
    pub fn cipher_suites(mut self, names: &[&str]) -> Self {
        self.cipher_suites = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Sets the certificate that is presented to servers that request one.
    #[must_use]
    pub fn client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Accepts any certificate, so that an attacker on the network can read and change everything.
    ///
    /// A session that is built with this option logs a warning, and its `Debug` shows it.
    #[must_use]
    pub fn danger_accept_invalid_certs(mut self) -> Self {
        self.accepts_invalid = true;
        self
    }
}

/// What a chain of credentials asks and removes.
#[cfg(feature = "sign-in")]
impl Tls {
    pub(crate) fn has_certificate(&self) -> bool {
        self.certificate.is_some()
    }

    pub(crate) fn without_client_certificate(mut self) -> Self {
        self.certificate = None;
        self
    }
}

impl Tls {
    /// Whether no option was set.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Shows the options, never the key of a client certificate.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tls = f.debug_struct("Tls");
        tls.field("cas", &self.cas).field("only_added_cas", &self.only_added_cas);
        tls.field("pins", &self.pins).field("known_hosts", &self.known_hosts);
        tls.field("min_version", &self.min_version).field("max_version", &self.max_version);
        tls.field("client_certificate", &self.certificate);
        if self.accepts_invalid {
            tls.field("DANGER", &"accepts invalid certificates");
        }
        tls.finish_non_exhaustive()
    }
}
