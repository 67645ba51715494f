//! TLS, by rustls.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
#[cfg(feature = "tls")]
use rustls::crypto::aws_lc_rs as cryptography;
#[cfg(not(feature = "tls"))]
use rustls::crypto::ring as cryptography;
use rustls::pki_types::CertificateDer;
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, ClientConfig};

mod authorities;
mod distrust;
#[cfg(feature = "hyper")]
mod handshake;
mod identity;
mod known_hosts;
mod pem;
mod pin;
#[cfg(feature = "pkcs12")]
mod pkcs12;
#[cfg(not(feature = "pkcs12"))]
#[path = "no_pkcs12.rs"]
mod pkcs12;
#[cfg(feature = "sign-in")]
mod signing;
mod sha256;
mod subject;
mod verifier;
mod watch;

use self::distrust::Distrust;
#[cfg(feature = "hyper")]
pub(crate) use self::handshake::Handshakes;
use self::identity::Identity;
use self::known_hosts::HostsLayer;
use self::pin::Pin;
#[cfg(feature = "sign-in")]
pub(crate) use self::signing::SigningKey;
use self::verifier::Verifier;
pub(crate) use self::watch::Watch;
use super::config::{Tls, TlsVersion};
use crate::error::{Error, ErrorKind, Result};

pub(crate) const IS_BUILT_IN: bool = true;

/// The options of TLS, as each client of a transport gets them.
pub(crate) struct Backend {
    config: ClientConfig,
    hosts: Option<HostsLayer>,
}

impl Backend {
    fn new(tls: &Tls, identity: Option<Identity>, needed: bool) -> Result<Self> {
        let hosts = tls.known_hosts.clone().map(HostsLayer::new);
        Ok(Self { config: tls.config(identity, needed)?, hosts })
    }

    /// The builder with these options.
    #[cfg(feature = "reqwest")]
    pub(crate) fn applied_to(&self, client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        let client = client.tls_backend_preconfigured(self.config.clone());
        match &self.hosts {
            Some(hosts) => client.connector_layer(hosts.clone()),
            None => client,
        }
    }
}

/// Reads the options of `tls`. Returns them with the watch of its client certificate. If TLS is not `needed`, missing root certificates
/// are an error of the first connection.
pub(crate) fn configure(tls: &Tls, needed: bool) -> Result<(Backend, Option<Watch>)> {
    if tls.accepts_invalid {
        tracing::warn!(
            "this session accepts invalid certificates, so that an attacker on the network can read and change everything"
        );
    }
    let Some(certificate) = &tls.certificate else {
        return Ok((Backend::new(tls, None, needed)?, None));
    };
    let (identity, stamp) = certificate.load().map_err(Error::configuration)?;
    let watch = Watch::new(certificate, stamp, identity.not_after);
    Ok((Backend::new(tls, Some(identity), needed)?, watch))
}

/// Checks that reqwest has a provider to set up TLS itself. Without one, it panics.
pub(crate) fn check_foreign() -> Result<()> {
    if cfg!(feature = "tls") || CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    Err(Error::configuration(
        "with `tls-ring` alone, `client` requires a default provider for TLS; install that of rustls for ring first, or \
         remove `client`",
    ))
}

/// Returns the kind and the message of an error, if it is a TLS error.
pub(crate) fn failure_of(error: &(dyn std::error::Error + 'static)) -> Option<(ErrorKind, String)> {
    let error: &rustls::Error = error.downcast_ref()?;
    if let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error
        && let Some(distrust) = other.0.downcast_ref::<Distrust>()
    {
        return Some((distrust.kind(), distrust.to_string()));
    }
    Some((ErrorKind::Tls, "no TLS connection could be made".to_owned()))
}

impl Tls {
    /// Creates the configuration of rustls.
    fn config(&self, identity: Option<Identity>, needed: bool) -> Result<ClientConfig> {
        let provider = Arc::new(self.provider()?);
        let range =
            self.min_version.unwrap_or(TlsVersion::Tls12)..=self.max_version.unwrap_or(TlsVersion::Tls13);
        let versions = [(TlsVersion::Tls12, &TLS12), (TlsVersion::Tls13, &TLS13)];
        let versions: Vec<_> =
            versions.into_iter().filter(|(version, _)| range.contains(version)).map(|(_, tls)| tls).collect();
        if versions.is_empty() {
            return Err(Error::configuration(
                "`min_version` of TLS is newer than `max_version`; lower it, or raise `max_version`",
            ));
        }
        let verifier = Verifier::new(self, Arc::clone(&provider), needed)?;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions)
            .map_err(|error| {
                Error::configuration("the TLS versions and cipher suites don't match").caused_by(error.into())
            })?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut config = match identity {
            Some(Identity { chain, key, .. }) => {
                builder.with_client_auth_cert(chain, key).map_err(|error| self.identity_error(&error))?
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// The client certificate was read, but can't be used with its key.
    fn identity_error(&self, error: &rustls::Error) -> Error {
        let name = self.certificate.as_ref().map(ToString::to_string).unwrap_or_default();
        Error::configuration(match error {
            rustls::Error::InconsistentKeys(_) => {
                format!("{name}: the certificate and its key don't match; use the key that it was issued for")
            }
            error => format!(
                "{name}: the private key can't be used: {error}; its type must be RSA, P-256, P-384 or Ed25519"
            ),
        })
    }

    /// The cryptography, with the cipher suites that are accepted.
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
                "the cipher suite `{unknown}` is unknown; the known ones are {}",
                known.join(", ")
            )));
        }
        provider.cipher_suites.retain(|suite| self.cipher_suites.contains(&format!("{:?}", suite.suite())));
        Ok(provider)
    }

    fn pins(&self) -> Result<Vec<Pin>> {
        self.pins.iter().map(|pin| Pin::parse(pin).map_err(Error::configuration)).collect()
    }

    /// Reads the certificates of the authorities that were added.
    fn added(&self) -> Result<Vec<CertificateDer<'static>>> {
        let mut certificates = Vec::new();
        for source in &self.cas {
            certificates.extend(authorities::read(source).map_err(Error::configuration)?);
        }
        Ok(certificates)
    }
}
