//! How a session knows its server, and proves who it is: values that the default transport is built from.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

#[cfg(not(feature = "__tls"))]
#[path = "absent.rs"]
mod engine;
#[cfg(feature = "__tls")]
mod engine;

pub(crate) use self::engine::{SigningKey, Watch, applied, check_foreign, told};

/// How a session knows its server, and proves who it is.
///
/// By default a server needs a certificate that leads to one of the system's roots, and speaks TLS 1.2 or 1.3.
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
#[derive(Clone, Default)]
pub struct Tls {
    cas: Vec<Authorities>,
    only_added_cas: bool,
    pins: Vec<String>,
    known_hosts: Option<PathBuf>,
    min_version: Option<TlsVersion>,
    max_version: Option<TlsVersion>,
    cipher_suites: Vec<String>,
    certificate: Option<ClientCertificate>,
    accepts_invalid: bool,
}

/// A version of TLS; older ones are not spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

/// Where certificates are.
#[derive(Clone)]
enum Authorities {
    Pem(Vec<u8>),
    File(PathBuf),
    Directory(PathBuf),
}

/// Shows the place.
impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(pem) => write!(f, "{} bytes of PEM", pem.len()),
            Self::File(path) | Self::Directory(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Tls {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certification authorities of this PEM text as well.
    #[must_use]
    pub fn add_ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.cas.push(Authorities::Pem(pem.into()));
        self
    }

    /// Trusts the certification authorities of this PEM file as well.
    #[must_use]
    pub fn add_ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.cas.push(Authorities::File(path.into()));
        self
    }

    /// Trusts the certification authorities of all files in this directory that end in `.pem` or `.crt` as well.
    #[must_use]
    pub fn add_ca_directory(mut self, path: impl Into<PathBuf>) -> Self {
        self.cas.push(Authorities::Directory(path.into()));
        self
    }

    /// Trusts none of the system's roots, only what was added.
    #[must_use]
    pub fn only_added_cas(mut self) -> Self {
        self.only_added_cas = true;
        self
    }

    /// Asks for this public key, besides a good certificate: `sha256/` and the base64 of the SHA-256 of the key
    /// (`SubjectPublicKeyInfo`), as in RFC 7469. Of several, one has to be the server's.
    #[must_use]
    pub fn pin(mut self, pin: impl Into<String>) -> Self {
        self.pins.push(pin.into());
        self
    }

    /// Trusts a server that nobody has met before, and from then on only its key, which is kept in this file by its name,
    /// whatever the port. Authorities don't count then. A key that has changed is an error that names both; delete its line to accept it.
    #[must_use]
    pub fn trust_on_first_use(mut self, path: impl Into<PathBuf>) -> Self {
        self.known_hosts = Some(path.into());
        self
    }

    /// Sets the oldest version to speak. Default: TLS 1.2.
    #[must_use]
    pub fn min_version(mut self, version: TlsVersion) -> Self {
        self.min_version = Some(version);
        self
    }

    /// Sets the newest version to speak. Default: TLS 1.3.
    #[must_use]
    pub fn max_version(mut self, version: TlsVersion) -> Self {
        self.max_version = Some(version);
        self
    }

    /// Speaks these cipher suites only, by their names, such as `TLS13_AES_256_GCM_SHA384`.
    #[must_use]
    pub fn cipher_suites(mut self, names: &[&str]) -> Self {
        self.cipher_suites = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Proves who the session is, to servers that ask.
    #[must_use]
    pub fn client_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Accepts any certificate: whoever is on the way can read and change everything. Each session that is built so
    /// says so in a warning and in its `Debug`.
    #[must_use]
    pub fn danger_accept_invalid_certs(mut self) -> Self {
        self.accepts_invalid = true;
        self
    }
}

impl Tls {
    /// Whether anything but the defaults is said.
    pub(crate) fn is_said(&self) -> bool {
        !self.cas.is_empty()
            || self.only_added_cas
            || !self.pins.is_empty()
            || self.known_hosts.is_some()
            || self.min_version.is_some()
            || self.max_version.is_some()
            || !self.cipher_suites.is_empty()
            || self.certificate.is_some()
            || self.accepts_invalid
    }
}

/// Shows what is trusted, never a key.
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

/// A client certificate with its key.
///
/// One that is in files is read anew when they change: requests that are under way end on the old one, the next ones go
/// out with the new one over new connections. A file that can't be used is reported once, by a warning of `tracing`, and
/// the old certificate stays; so is one that is about to expire and is still the same on disk.
#[derive(Clone)]
pub struct ClientCertificate {
    source: Source,
    reload_before: Duration,
    check_every: Duration,
}

#[derive(Clone)]
enum Source {
    Pair(PathBuf, PathBuf),
    Combined(PathBuf),
    Pem(Vec<u8>),
    Pkcs12(PathBuf, String),
}

impl ClientCertificate {
    /// From a PEM file with the certificate, and those that lead from it to an authority, and a PEM file with the key.
    #[must_use]
    pub fn files(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self::of(Source::Pair(certificate.into(), key.into()))
    }

    /// From one PEM file with both.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::of(Source::Combined(path.into()))
    }

    /// From PEM text with both.
    #[must_use]
    pub fn pem(pem: impl Into<Vec<u8>>) -> Self {
        Self::of(Source::Pem(pem.into()))
    }

    /// From a PKCS#12 file (RFC 7292), often `.p12` or `.pfx`. It needs the feature `pkcs12`; without it `build` fails.
    #[must_use]
    pub fn pkcs12_file(path: impl Into<PathBuf>, password: impl Into<String>) -> Self {
        Self::of(Source::Pkcs12(path.into(), password.into()))
    }

    /// Sets how long before its end a certificate that is still the same on disk is reported. Default: 300 seconds.
    #[must_use]
    pub fn reload_before(mut self, time: Duration) -> Self {
        self.reload_before = time;
        self
    }

    /// Sets how often the files are looked at, when there are requests. Default: each second.
    #[must_use]
    pub fn check_every(mut self, time: Duration) -> Self {
        self.check_every = time;
        self
    }

    fn of(source: Source) -> Self {
        Self { source, reload_before: Duration::from_secs(300), check_every: Duration::from_secs(1) }
    }
}

/// Where it is from.
impl fmt::Display for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Source::Pair(certificate, _) => write!(f, "{}", certificate.display()),
            Source::Combined(path) => write!(f, "{}", path.display()),
            Source::Pem(_) => f.write_str("the client certificate"),
            Source::Pkcs12(path, _) => write!(f, "{}", path.display()),
        }
    }
}

/// Where it is from, never what it holds.
impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({self})")
    }
}
