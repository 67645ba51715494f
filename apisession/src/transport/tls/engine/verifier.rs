//! Verifies the certificates of servers.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use webpki::EndEntityCert;

use super::distrust::Distrust;
use super::known_hosts::KnownHosts;
use super::pin::Pin;
use crate::error::{Error, Result};
use crate::transport::tls::Tls;

/// Checks certificates in one of three ways, and the pins after that.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Trust {
    /// Certificates that a root has issued.
    Chain(Arc<dyn ServerCertVerifier>),
    /// The key of the first connection.
    FirstUse(KnownHosts),
    /// Any certificate.
    Anything,
    /// There are no roots.
    NoRoots(String),
}

impl Verifier {
    pub(super) fn new(tls: &Tls, provider: Arc<CryptoProvider>, needed: bool) -> Result<Self> {
        let added = tls.added()?;
        if tls.only_added_cas && added.is_empty() {
            return Err(Error::configuration(
                "`only_added_cas` is set, but no authority was added; add one by `add_ca_pem`",
            ));
        }
        let trust = match (&tls.known_hosts, tls.accepts_invalid) {
            (Some(_), true) => {
                return Err(Error::configuration(
                    "`trust_on_first_use` and `danger_accept_invalid_certs` can't be combined",
                ));
            }
            (Some(_), false) if !tls.cas.is_empty() => {
                return Err(Error::configuration(
                    "`trust_on_first_use` uses no authorities; leave out `add_ca_…`",
                ));
            }
            (Some(path), false) => Trust::FirstUse(KnownHosts::new(path.clone())),
            (None, true) => Trust::Anything,
            (None, false) if tls.only_added_cas => Trust::Chain(roots(added, &provider)?),
            (None, false) => system(added, &provider, needed)?,
        };
        Ok(Self { trust, pins: tls.pins()?, provider })
    }

    /// Keeps the key of a server that has just proved that it has it.
    fn remember(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        match &self.trust {
            Trust::FirstUse(hosts) => hosts.remember(key_of(certificate)?).map_err(Distrust::into_tls),
            Trust::Chain(_) | Trust::Anything | Trust::NoRoots(_) => Ok(()),
        }
    }

    fn check_pins(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        if self.pins.is_empty() {
            return Ok(());
        }
        let key = key_of(certificate)?;
        if self.pins.contains(&key) { Ok(()) } else { Err(Distrust::NotPinned(key.to_string()).into_tls()) }
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
            Error::configuration("an added certificate is not that of an authority").caused_by(error.into())
        })?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    let verifier = verifier.map_err(|error| {
        Error::configuration("the added authorities can't be used").caused_by(error.into())
    })?;
    Ok(verifier)
}

/// The system's authorities and the added ones.
fn system(
    added: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
    needed: bool,
) -> Result<Trust> {
    match rustls_platform_verifier::Verifier::new_with_extra_roots(added, Arc::clone(provider)) {
        Ok(verifier) => Ok(Trust::Chain(Arc::new(verifier))),
        Err(error) if needed => {
            let why = Distrust::NoRoots(error.to_string());
            Err(Error::configuration(why.to_string()).caused_by(error.into()))
        }
        Err(error) => Ok(Trust::NoRoots(error.to_string())),
    }
}

fn key_of(certificate: &CertificateDer<'_>) -> Result<Pin, rustls::Error> {
    Pin::of(certificate).map_err(|_| rustls::Error::InvalidCertificate(CertificateError::BadEncoding))
}

/// What rustls found, as our own error where there is one.
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
    why.into_tls()
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
        match &self.trust {
            Trust::Chain(chain) => {
                chain
                    .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                    .map_err(|error| explained(error, end_entity))?;
            }
            Trust::FirstUse(hosts) => {
                self.check_pins(end_entity)?;
                hosts.meet(&server_name.to_str(), key_of(end_entity)?).map_err(Distrust::into_tls)?;
            }
            Trust::NoRoots(why) => return Err(Distrust::NoRoots(why.clone()).into_tls()),
            Trust::Anything => {}
        }
        self.check_pins(end_entity)?;
        Ok(ServerCertVerified::assertion())
    }

    // Whatever is trusted, the server must prove that it has the key of its certificate.
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
