//! PKCS#12 files (RFC 7292).

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Reads the first key of a file, and its certificates.
pub(super) fn read(
    file: &[u8],
    password: &str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let store = KeyStore::from_pkcs12(file, password, Pkcs12ImportPolicy::Relaxed);
    let store = store.map_err(|error| error.to_string())?;
    let (_, chain) = store.private_key_chain().ok_or("it contains no key with a certificate")?;
    let certificates =
        chain.certs().iter().map(|certificate| CertificateDer::from(certificate.as_der().to_vec())).collect();
    let key = PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec());
    Ok((certificates, PrivateKeyDer::Pkcs8(key)))
}
