//! Verifies the certificates of servers.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use webpki::EndEntityCert;

use super::distrust::Distrust;
use super::known_hosts;
use super::pin::Pin;
use crate::error::{Error, Result};
use crate::transport::tls::Tls;

/// Checks certificates as `trust` requires, and then the pins.
#[derive(Debug)]
pub(super) struct Verifier {
    trust: Trust,
    pins: Vec<Pin>,
    provider: Arc<CryptoProvider>,
}

/// Which certificates are trusted.
#[derive(Debug)]
enum Trust {
    /// Certificates with a chain to a root.
    Chain(Arc<dyn ServerCertVerifier>),
    /// Certificates with the key of the first connection.
    FirstUse,
    /// Any certificate.
    Any,
    /// None, since the system has no roots. It contains the reason.
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
                    "`trust_on_first_use` and `danger_accept_invalid_certs` can't be combined; remove one of them",
                ));
            }
            (Some(_), false) if !tls.cas.is_empty() => {
                return Err(Error::configuration(
                    "`trust_on_first_use` does not use authorities; remove `add_ca_…`",
                ));
            }
            (Some(_), false) => Trust::FirstUse,
            (None, true) => Trust::Any,
            (None, false) if tls.only_added_cas => Trust::Chain(added_roots(added, &provider)?),
            (None, false) => system_roots(added, &provider, needed)?,
        };
        Ok(Self { trust, pins: tls.pins()?, provider })
    }

    /// Remembers that the server has just proved that it has the key of its certificate.
    fn proved(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        match &self.trust {
            Trust::FirstUse => known_hosts::proved(key_of(certificate)?).map_err(Distrust::into_rustls),
            Trust::Chain(_) | Trust::Any | Trust::NoRoots(_) => Ok(()),
        }
    }

    fn check_pins(&self, certificate: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        if self.pins.is_empty() {
            return Ok(());
        }
        let key = key_of(certificate)?;
        if self.pins.contains(&key) {
            Ok(())
        } else {
            Err(Distrust::NotPinned(key.to_string()).into_rustls())
        }
    }
}

/// A verifier that trusts only the added authorities.
fn added_roots(
    added: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in added {
        roots.add(certificate).map_err(|error| {
            Error::configuration("an added certificate is not the certificate of an authority")
                .caused_by(error.into())
        })?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    let verifier = verifier.map_err(|error| {
        Error::configuration("the added authorities can't be used").caused_by(error.into())
    })?;
    Ok(verifier)
}

/// Trusts the system's authorities and the added ones.
fn system_roots(
    added: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
    needed: bool,
) -> Result<Trust> {
    match rustls_platform_verifier::Verifier::new_with_extra_roots(added, Arc::clone(provider)) {
        Ok(verifier) => Ok(Trust::Chain(Arc::new(verifier))),
        Err(error) if needed => {
            let reason = Distrust::NoRoots(error.to_string());
            Err(Error::configuration(reason.to_string()).caused_by(error.into()))
        }
        Err(error) => Ok(Trust::NoRoots(error.to_string())),
    }
}

fn key_of(certificate: &CertificateDer<'_>) -> Result<Pin, rustls::Error> {
    Pin::of(certificate).map_err(|_| rustls::Error::InvalidCertificate(CertificateError::BadEncoding))
}

/// Replaces an error of rustls with the [`Distrust`] that matches it, if there is one.
fn distrust(error: rustls::Error, certificate: &CertificateDer<'_>) -> rustls::Error {
    use CertificateError as Invalid;
    let rustls::Error::InvalidCertificate(invalid) = &error else { return error };
    let is_self_signed =
        EndEntityCert::try_from(certificate).is_ok_and(|cert| cert.issuer() == cert.subject());
    let reason = match invalid {
        Invalid::Expired | Invalid::ExpiredContext { .. } => Distrust::Expired(invalid.clone()),
        Invalid::NotValidYet | Invalid::NotValidYetContext { .. } => Distrust::NotYetValid(invalid.clone()),
        Invalid::NotValidForName | Invalid::NotValidForNameContext { .. } => {
            Distrust::WrongName(invalid.clone())
        }
        _ if is_self_signed => Distrust::SelfSigned,
        Invalid::UnknownIssuer => Distrust::UnknownIssuer,
        _ => return error,
    };
    reason.into_rustls()
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
                    .map_err(|error| distrust(error, end_entity))?;
            }
            Trust::FirstUse => {
                // Before the host is accepted as a new one.
                self.check_pins(end_entity)?;
                known_hosts::check(&server_name.to_str(), key_of(end_entity)?)
                    .map_err(Distrust::into_rustls)?;
            }
            Trust::NoRoots(reason) => return Err(Distrust::NoRoots(reason.clone()).into_rustls()),
            Trust::Any => {}
        }
        self.check_pins(end_entity)?;
        Ok(ServerCertVerified::assertion())
    }

    // The server must always prove that it has the key of its certificate, even if any certificate is trusted.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls12_signature(message, certificate, signature, algorithms)?;
        self.proved(certificate)?;
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
        self.proved(certificate)?;
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
