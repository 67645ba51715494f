//! PKCS#12 files (RFC 7292).

use p12_keystore::error::Error;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Reads the first key of a file, and its certificates.
pub(super) fn read(
    file: &[u8],
    password: &str,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
    let store = KeyStore::from_pkcs12(file, password, Pkcs12ImportPolicy::Relaxed);
    let store = store.map_err(|error| reason(&error, file).to_owned())?;
    let (_, chain) = store.private_key_chain().ok_or(
        "it contains no key with a certificate; export both into it, as `openssl pkcs12 -export` does",
    )?;
    let certificates =
        chain.certs().iter().map(|certificate| CertificateDer::from(certificate.as_der().to_vec())).collect();
    let key = PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec());
    Ok((certificates, PrivateKeyDer::Pkcs8(key)))
}

/// Why a file can't be read, and what to do.
fn reason(error: &Error, file: &[u8]) -> &'static str {
    match error {
        Error::MacError(_) if !file.is_empty() => {
            "its password is wrong, or it is damaged; check the password"
        }
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => {
            "its encryption is not supported; create it again, as `openssl pkcs12 -export` of OpenSSL 3 does"
        }
        _ if file.is_empty() => "it is empty",
        _ if file.windows(11).any(|part| part == b"-----BEGIN ") => {
            "it is PEM; use `ClientCertificate::file`"
        }
        Error::DerError(_) => "it is not PKCS#12, or it is damaged; export it again",
        _ => "it is damaged, or its password is wrong; check the password, or export it again",
    }
}
