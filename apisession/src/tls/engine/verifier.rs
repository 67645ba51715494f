//! Whether a server is who it says.

use std::fmt;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use webpki::EndEntityCert;

use super::configuration;
use super::known_hosts::KnownHosts;
use super::pin::Pin;
use crate::error::{ErrorKind, Result};
use crate::tls::Tls;

/// Why a server is not trusted.
#[derive(Clone, thiserror::Error)]
pub(crate) enum Distrust {
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
    pub(crate) fn kind(&self) -> ErrorKind {
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

    /// As rustls hands it on to us.
    fn told(self) -> rustls::Error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(self))))
    }
}

/// rustls quotes it by `Debug`.
impl fmt::Debug for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Checks certificates by one of three rules, and pins after that.
#[derive(Debug)]
pub(super) struct Verifier {
    rule: Rule,
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Rule {
    /// It leads to a root.
    Chain(Arc<dyn ServerCertVerifier>),
    /// It is the one that was met before.
    FirstUse(KnownHosts),
    /// There is none.
    Anything,
    /// There is nothing that it could lead to.
    NoRoots(String),
}

impl Verifier {
    pub(super) fn new(tls: &Tls, provider: Arc<CryptoProvider>, needed: bool) -> Result<Self> {
        let added = tls.added()?;
        if tls.only_added_cas && added.is_empty() {
            return Err(configuration(
                "`only_added_cas` leaves nobody to trust; `add_ca_pem` adds an authority",
            ));
        }
        let rule = match (&tls.known_hosts, tls.accepts_invalid) {
            (Some(_), true) => {
                return Err(configuration(
                    "`trust_on_first_use` and `danger_accept_invalid_certs` exclude each other",
                ));
            }
            (Some(_), false) if !tls.cas.is_empty() => {
                return Err(configuration(
                    "with `trust_on_first_use` no authority counts; leave out `add_ca_…`",
                ));
            }
            (Some(path), false) => Rule::FirstUse(KnownHosts::new(path.clone())),
            (None, true) => Rule::Anything,
            (None, false) if tls.only_added_cas => Rule::Chain(roots(added, &provider)?),
            (None, false) => system(added, &provider, needed)?,
        };
        Ok(Self { rule, pins: tls.pins()?, provider })
    }

    /// A server that was met for the first time has shown that the key is its own.
    fn remember(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        match &self.rule {
            Rule::FirstUse(hosts) => hosts.remember(key_of(certificate)?).map_err(Distrust::told),
            Rule::Chain(_) | Rule::Anything | Rule::NoRoots(_) => Ok(()),
        }
    }

    fn check_pins(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        if self.pins.is_empty() {
            return Ok(());
        }
        let key = key_of(certificate)?;
        if self.pins.contains(&key) { Ok(()) } else { Err(Distrust::NotPinned(key.to_string()).told()) }
    }
}

/// The added authorities and no others.
fn roots(
    added: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in added {
        roots.add(certificate).map_err(|error| {
            configuration("an added certificate is not that of an authority").caused_by(error.into())
        })?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    let verifier = verifier
        .map_err(|error| configuration("the added authorities can't be used").caused_by(error.into()))?;
    Ok(verifier)
}

/// The system's authorities and the added ones.
fn system(added: Vec<CertificateDer<'static>>, provider: &Arc<CryptoProvider>, needed: bool) -> Result<Rule> {
    match rustls_platform_verifier::Verifier::new_with_extra_roots(added, Arc::clone(provider)) {
        Ok(verifier) => Ok(Rule::Chain(Arc::new(verifier))),
        Err(error) if needed => {
            let why = Distrust::NoRoots(error.to_string());
            Err(configuration(why.to_string()).caused_by(error.into()))
        }
        Err(error) => Ok(Rule::NoRoots(error.to_string())),
    }
}

fn key_of(certificate: &CertificateDer<'_>) -> Result<Pin, rustls::Error> {
    Pin::of(certificate).map_err(|_| rustls::Error::InvalidCertificate(CertificateError::BadEncoding))
}

/// What rustls found, in our words where there are some.
fn explained(error: rustls::Error, certificate: &CertificateDer<'_>) -> rustls::Error {
    use CertificateError as Found;
    let rustls::Error::InvalidCertificate(found) = &error else { return error };
    let signed_by_itself =
        EndEntityCert::try_from(certificate).is_ok_and(|cert| cert.issuer() == cert.subject());
    let why = match found {
        Found::Expired | Found::ExpiredContext { .. } => Distrust::Expired(found.clone()),
        Found::NotValidYet | Found::NotValidYetContext { .. } => Distrust::NotYetValid(found.clone()),
        Found::NotValidForName | Found::NotValidForNameContext { .. } => Distrust::WrongName(found.clone()),
        _ if signed_by_itself => Distrust::SelfSigned,
        Found::UnknownIssuer => Distrust::UnknownIssuer,
        _ => return error,
    };
    why.told()
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match &self.rule {
            Rule::Chain(chain) => {
                chain
                    .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                    .map_err(|error| explained(error, end_entity))?;
            }
            Rule::FirstUse(hosts) => {
                self.check_pins(end_entity)?;
                hosts.meet(&server_name.to_str(), key_of(end_entity)?).map_err(Distrust::told)?;
            }
            Rule::NoRoots(why) => return Err(Distrust::NoRoots(why.clone()).told()),
            Rule::Anything => {}
        }
        self.check_pins(end_entity)?;
        Ok(ServerCertVerified::assertion())
    }

    // Whatever is trusted, that the server has the certificate's key is always checked.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls12_signature(message, certificate, signature, algorithms)?;
        self.remember(certificate)?;
        Ok(valid)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls13_signature(message, certificate, signature, algorithms)?;
        self.remember(certificate)?;
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
