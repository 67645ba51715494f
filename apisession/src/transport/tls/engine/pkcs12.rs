//! PKCS#12 files (RFC 7292).

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// The first key of a file, and its certificates.
pub(super) fn read(
    file: &[u8],
    password: &str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let store = KeyStore::from_pkcs12(file, password, Pkcs12ImportPolicy::Relaxed);
    let store = store.map_err(|error| error.to_string())?;
    let (_, found) = store.private_key_chain().ok_or("it holds no key with a certificate")?;
    let chain = found.certs().iter().map(|one| CertificateDer::from(one.as_der().to_vec())).collect();
    let key = PrivatePkcs8KeyDer::from(found.key().as_der().to_vec());
    Ok((chain, PrivateKeyDer::Pkcs8(key)))
}
