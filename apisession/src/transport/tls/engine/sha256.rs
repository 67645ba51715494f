//! SHA-256, by the cryptography of TLS.

use super::cryptography::cipher_suite::TLS13_AES_128_GCM_SHA256;

/// Returns the digest of the parts as if they were one text.
pub(super) fn sha256<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let suite = TLS13_AES_128_GCM_SHA256.tls13().expect("a suite of TLS 1.3 has its parts");
    let mut digest = suite.common.hash_provider.start();
    parts.into_iter().for_each(|part| digest.update(part));
    digest.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::hex::hex;

    #[test]
    fn parts_are_hashed_as_one_text() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256([&b"abc"[..]])), digest);
        assert_eq!(hex(&sha256([&b"ab"[..], b"", b"c"])), digest);
    }
}
