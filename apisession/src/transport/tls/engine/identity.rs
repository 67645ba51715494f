//! Reads client certificates.

use std::path::Path;
use std::time::SystemTime;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::sha256::sha256;
use super::{pem, subject};
use crate::transport::file;
use crate::transport::tls::certificate::{CertificateSource, ClientCertificate};

/// A client certificate that was read, with its key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
    pub(crate) not_after: SystemTime,
}

/// A hash of the files at the time when they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp([u8; 32]);

impl ClientCertificate {
    /// Reads the certificate, and hashes its files. The error is a complete message.
    pub(crate) fn load(&self) -> Result<(Identity, Stamp), String> {
        let texts = self.texts()?;
        let stamp = hash(&texts);
        let (chain, key) = match &self.source {
            CertificateSource::Pkcs12(path, password) => super::pkcs12::read(&texts[0], password.expose())
                .map_err(|reason| format!("the PKCS#12 file {} can't be read: {reason}", path.display()))?,
            _ => self.read_pem(&texts)?,
        };
        let Some(first) = chain.first() else { return Err(format!("{self} contains no certificate")) };
        let (_, not_after) = subject::validity(first).map_err(|error| {
            format!("{self} contains a certificate that can't be used: {error}; replace it")
        })?;
        Ok((Identity { chain, key, not_after }, stamp))
    }

    /// The subject, and the dates between which it is valid. The error is a complete message.
    pub(crate) fn described(&self) -> Result<(String, SystemTime, SystemTime), String> {
        let (identity, _) = self.load()?;
        let Some(first) = identity.chain.first() else {
            return Err(format!("{self} contains no certificate"));
        };
        let described =
            subject::validity(first).and_then(|(start, end)| Ok((subject::subject(first)?, start, end)));
        described
            .map_err(|error| format!("{self} contains a certificate that can't be used: {error}; replace it"))
    }

    /// Hashes the files.
    pub(crate) fn stamp(&self) -> Result<Stamp, String> {
        self.texts().map(|texts| hash(&texts))
    }

    /// The contents of the files, the certificate first.
    fn texts(&self) -> Result<Vec<Zeroizing<Vec<u8>>>, String> {
        let read = |path: &Path| {
            let text = file::read(path);
            text.map_err(|error| format!("{} can't be read: {error}", path.display()))
        };
        match &self.source {
            CertificateSource::Pair(certificate, key) => Ok(vec![read(certificate)?, read(key)?]),
            CertificateSource::Combined(path) => Ok(vec![read(path)?]),
            CertificateSource::Pem(pem) => Ok(vec![Zeroizing::new(pem.expose().as_bytes().to_vec())]),
            CertificateSource::Pkcs12(path, _) => Ok(vec![read(path)?]),
        }
    }

    /// The certificates and the key in PEM texts: those of the certificate and of the key, or one with both.
    fn read_pem(&self, texts: &[Zeroizing<Vec<u8>>]) -> Result<Contents, String> {
        let key_name = match &self.source {
            CertificateSource::Pair(_, key) => key.display().to_string(),
            _ => self.to_string(),
        };
        let (certificate, key) = (texts.first(), texts.last());
        let chain = pem::certificates(certificate.map_or(&[], |text| text.as_slice()));
        let chain = chain.map_err(|why| format!("{self} {why}"))?;
        let key = pem::private_key(key.map_or(&[], |text| text.as_slice()));
        Ok((chain, key.map_err(|why| format!("{key_name} {why}"))?))
    }
}

fn hash(texts: &[Zeroizing<Vec<u8>>]) -> Stamp {
    // The lengths distinguish the same bytes split differently between two files.
    let lengths: Vec<_> = texts.iter().map(|text| text.len().to_be_bytes()).collect();
    let parts = lengths.iter().zip(texts).flat_map(|(length, text)| [length.as_slice(), text.as_slice()]);
    Stamp(sha256(parts))
}

/// The certificates and the key.
pub(super) type Contents = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);
