//! Private keys that sign texts, with the cryptography of TLS.

use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::sign;

use super::{cryptography, pem};

/// A private key, and the name of its signature algorithm in JSON (RFC 7518 §3.1, RFC 8037).
#[derive(Clone)]
pub(crate) struct SigningKey {
    key: Arc<dyn sign::SigningKey>,
    scheme: SignatureScheme,
    algorithm: &'static str,
    /// The length of each of the two numbers in an ECDSA signature. Other signatures have none.
    half: Option<usize>,
}

/// The supported algorithms. A key matches at most one of them.
const ALGORITHMS: [(SignatureScheme, &str, Option<usize>); 4] = [
    (SignatureScheme::RSA_PKCS1_SHA256, "RS256", None),
    (SignatureScheme::ECDSA_NISTP256_SHA256, "ES256", Some(32)),
    (SignatureScheme::ECDSA_NISTP384_SHA384, "ES384", Some(48)),
    (SignatureScheme::ED25519, "EdDSA", None),
];

impl SigningKey {
    /// Reads the key in a PEM text. The error continues a sentence: "the key …".
    pub(crate) fn from_pem(text: &[u8]) -> Result<Self, String> {
        let key = pem::private_key(text)?;
        let provider = cryptography::default_provider();
        let key = provider.key_provider.load_private_key(key);
        let key = key.map_err(|error| format!("can't be used: {error}"))?;
        let matches = |(scheme, ..): &&(SignatureScheme, _, _)| key.choose_scheme(&[*scheme]).is_some();
        let &(scheme, algorithm, half) = ALGORITHMS
            .iter()
            .find(matches)
            .ok_or_else(|| "has a type that is not supported; use RSA, P-256, P-384 or Ed25519".to_owned())?;
        Ok(Self { key, scheme, algorithm, half })
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    /// Signs a text. The error continues a sentence: "the key …".
    pub(crate) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, String> {
        let signer = self.key.choose_scheme(&[self.scheme]).ok_or("can't sign with its algorithm")?;
        let signature = signer.sign(text).map_err(|error| format!("can't sign: {error}"))?;
        match self.half {
            None => Ok(signature),
            Some(half) => {
                halves(&signature, half).ok_or_else(|| "creates signatures in an unknown format".to_owned())
            }
        }
    }
}

/// Converts an ECDSA signature from the DER that TLS uses, a sequence of two integers, to the two numbers of `half`
/// bytes each that JSON Web Signatures use (RFC 7518 §3.4).
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
        // DER adds a zero to keep a number positive, and omits other leading zeros. Here each number has its full
        // length.
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
    fn both_numbers_of_a_signature_have_the_full_length() {
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
