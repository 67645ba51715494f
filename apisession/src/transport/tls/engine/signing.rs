//! Private keys that sign texts, by the cryptography of TLS.

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign;

use super::cryptography;

/// A private key, and what its signatures are called in JSON (RFC 7518 §3.1, RFC 8037).
#[derive(Clone)]
pub(crate) struct SigningKey {
    key: Arc<dyn sign::SigningKey>,
    scheme: SignatureScheme,
    algorithm: &'static str,
    /// How long each half of the signature is, if it has two.
    half: Option<usize>,
}

/// In the order in which they are tried: a key fits one of them.
const ALGORITHMS: [(SignatureScheme, &str, Option<usize>); 4] = [
    (SignatureScheme::RSA_PKCS1_SHA256, "RS256", None),
    (SignatureScheme::ECDSA_NISTP256_SHA256, "ES256", Some(32)),
    (SignatureScheme::ECDSA_NISTP384_SHA384, "ES384", Some(48)),
    (SignatureScheme::ED25519, "EdDSA", None),
];

impl SigningKey {
    /// The key in a PEM text. The error is the end of a sentence.
    pub(crate) fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| "is no private key in PEM".to_owned())?;
        let provider = cryptography::default_provider();
        let key = provider.key_provider.load_private_key(key);
        let key = key.map_err(|error| format!("can't be used: {error}"))?;
        let fits = |(scheme, ..): &&(SignatureScheme, _, _)| key.choose_scheme(&[*scheme]).is_some();
        let &(scheme, algorithm, half) = ALGORITHMS
            .iter()
            .find(fits)
            .ok_or_else(|| "is of a kind that can't be used; RSA, P-256, P-384 and Ed25519 can".to_owned())?;
        Ok(Self { key, scheme, algorithm, half })
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    /// Signs a text. The error is the end of a sentence.
    pub(crate) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        let signer = self.key.choose_scheme(&[self.scheme]).ok_or("does not sign any more")?;
        let signature = signer.sign(text).map_err(|error| format!("does not sign: {error}"))?;
        match self.half {
            None => Ok(signature),
            Some(half) => {
                halves(&signature, half).ok_or_else(|| "signs in a form that is not known".to_owned())
            }
        }
    }
}

/// Both numbers of an ECDSA signature side by side (RFC 7518 §3.4), out of the DER that TLS has: a sequence of two integers.
fn halves(der: &[u8], half: usize) -> Option<Vec<u8>> {
    let [0x30, length, numbers @ ..] = der else { return None };
    if usize::from(*length) != numbers.len() {
        return None;
    }
    let mut signature = Vec::with_capacity(2 * half);
    let mut rest = numbers;
    for _ in 0..2 {
        let [0x02, length, after @ ..] = rest else { return None };
        let (number, after) = after.split_at_checked(usize::from(*length))?;
        // Without the zero that keeps it positive, and with those that are left out.
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let number = &number[zeros..];
        signature.resize(signature.len() + half.checked_sub(number.len())?, 0);
        signature.extend_from_slice(number);
        rest = after;
    }
    rest.is_empty().then_some(signature)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_are_of_full_length() {
        let rows: [(&[u8], Option<&[u8]>); 5] = [
            (&[0x30, 6, 2, 1, 7, 2, 1, 9], Some(&[0, 7, 0, 9])),
            (&[0x30, 9, 2, 3, 0, 0x80, 1, 2, 2, 1, 2], Some(&[0x80, 1, 1, 2])),
            (&[0x30, 8, 2, 3, 1, 2, 3, 2, 1, 9], None),
            (&[0x30, 7, 2, 1, 7, 2, 1, 9, 0], None),
            (&[0x31, 0], None),
        ];
        for (der, expected) in rows {
            assert_eq!(halves(der, 2).as_deref(), expected, "{der:?}");
        }
    }
}
