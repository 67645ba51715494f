//! TLS by rustls.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
#[cfg(feature = "tls")]
use rustls::crypto::aws_lc_rs as cryptography;
#[cfg(not(feature = "tls"))]
use rustls::crypto::ring as cryptography;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, ClientConfig};

mod distrust;
mod identity;
mod known_hosts;
mod pin;
#[cfg(feature = "pkcs12")]
mod pkcs12;
#[cfg(not(feature = "pkcs12"))]
#[path = "no_pkcs12.rs"]
mod pkcs12;
mod signing;
mod verifier;
mod watch;

use self::distrust::Distrust;
use self::identity::Identity;
use self::pin::Pin;
pub(crate) use self::signing::SigningKey;
use self::verifier::Verifier;
pub(crate) use self::watch::Watch;
use super::config::{Authorities, Tls, TlsVersion};
use crate::error::{Error, ErrorKind, Result};

/// A client with the options of `tls`, and the watch of its certificate. If TLS is not `needed`, missing roots are an error of the
/// first connection.
pub(crate) fn applied(
    client: reqwest::ClientBuilder,
    tls: &Tls,
    needed: bool,
) -> Result<(reqwest::ClientBuilder, Option<Watch>)> {
    if tls.accepts_invalid {
        tracing::warn!(
            "this session accepts invalid certificates, so that anybody on the way can read and change everything"
        );
    }
    let Some(certificate) = &tls.certificate else {
        return Ok((client.tls_backend_preconfigured(tls.config(None, needed)?), None));
    };
    let (identity, stamp) = certificate.load().map_err(Error::configuration)?;
    let watch = Watch::new(certificate, stamp, identity.not_after);
    Ok((client.tls_backend_preconfigured(tls.config(Some(identity), needed)?), watch))
}

/// Checks that reqwest can set up TLS by itself, which panics where it can't.
pub(crate) fn check_foreign() -> Result<()> {
    if cfg!(feature = "tls") || CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    Err(Error::configuration(
        "with `tls-ring` alone, `client` needs a provider for its TLS; install rustls's one for ring before, or leave \
         `client` out",
    ))
}

/// The kind and the message of a TLS error.
pub(crate) fn explained(error: &(dyn std::error::Error + 'static)) -> Option<(ErrorKind, String)> {
    let error: &rustls::Error = error.downcast_ref()?;
    if let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error
        && let Some(distrust) = other.0.downcast_ref::<Distrust>()
    {
        return Some((distrust.kind(), distrust.to_string()));
    }
    Some((ErrorKind::Tls, "no TLS connection could be made".to_owned()))
}

impl Tls {
    /// The configuration of rustls.
    fn config(&self, identity: Option<Identity>, needed: bool) -> Result<ClientConfig> {
        let provider = Arc::new(self.provider()?);
        let range =
            self.min_version.unwrap_or(TlsVersion::Tls12)..=self.max_version.unwrap_or(TlsVersion::Tls13);
        let versions = [(TlsVersion::Tls12, &TLS12), (TlsVersion::Tls13, &TLS13)];
        let versions: Vec<_> =
            versions.into_iter().filter(|(version, _)| range.contains(version)).map(|(_, tls)| tls).collect();
        if versions.is_empty() {
            return Err(Error::configuration("`min_version` of TLS is newer than `max_version`"));
        }
        let verifier = Verifier::new(self, Arc::clone(&provider), needed)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|error| {
                Error::configuration("the versions and cipher suites of TLS don't fit")
                    .caused_by(error.into())
            })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match identity {
            Some(Identity { chain, key, .. }) => {
                builder.with_client_auth_cert(chain, key).map_err(|error| {
                    Error::configuration("the client certificate and its key don't fit")
                        .caused_by(error.into())
                })?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    fn provider(&self) -> Result<CryptoProvider> {
        let mut provider = cryptography::default_provider();
        if self.cipher_suites.is_empty() {
            return Ok(provider);
        }
        let known: Vec<_> =
            provider.cipher_suites.iter().map(|suite| format!("{:?}", suite.suite())).collect();
        if let Some(unknown) = self.cipher_suites.iter().find(|name| !known.contains(name)) {
            let unknown = unknown.escape_debug();
            return Err(Error::configuration(format!(
                "there is no cipher suite `{unknown}`; there are {}",
                known.join(", ")
            )));
        }
        provider.cipher_suites.retain(|suite| self.cipher_suites.contains(&format!("{:?}", suite.suite())));
        Ok(provider)
    }

    fn pins(&self) -> Result<Vec<Pin>> {
        self.pins.iter().map(|pin| Pin::parse(pin).map_err(Error::configuration)).collect()
    }

    /// The certificates that were added.
    fn added(&self) -> Result<Vec<CertificateDer<'static>>> {
        let mut certificates = Vec::new();
        for source in &self.cas {
            match source {
                Authorities::Pem(pem) => certificates.extend(read(pem, "the added PEM text")?),
                Authorities::File(path) => certificates.extend(file(path)?),
                Authorities::Directory(path) => {
                    let refuse = |error: std::io::Error| {
                        Error::configuration(format!("the directory {} can't be read", path.display()))
                            .caused_by(error.into())
                    };
                    for entry in std::fs::read_dir(path).map_err(refuse)? {
                        let path = entry.map_err(refuse)?.path();
                        if path.extension().is_some_and(|end| end == "pem" || end == "crt") {
                            certificates.extend(file(&path)?);
                        }
                    }
                }
            }
        }
        Ok(certificates)
    }
}

fn file(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let pem = std::fs::read(path).map_err(|error| {
        Error::configuration(format!("the certificates in {} can't be read", path.display()))
            .caused_by(error.into())
    })?;
    read(&pem, &path.display().to_string())
}

fn read(pem: &[u8], place: &str) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(Error::configuration(format!("{place} holds no certificate in PEM")))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(Error::configuration(format!("{place} is no PEM")).caused_by(error.into())),
    }
}
