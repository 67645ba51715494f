//! The fingerprint of a public key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use webpki::EndEntityCert;

/// The SHA-256 of a `SubjectPublicKeyInfo` (RFC 7469 §2.4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pin([u8; 32]);

impl Pin {
    /// Reads `sha256/…`, or `sha256//…` as curl has it. The error is a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let coded = text.strip_prefix("sha256/").map(|rest| rest.strip_prefix('/').unwrap_or(rest));
        let bytes = coded.and_then(|coded| STANDARD.decode(coded).ok()?.try_into().ok());
        bytes.map(Self).ok_or_else(|| {
            format!("`{}` is no pin; a pin is `sha256/` and the base64 of 32 bytes", text.escape_debug())
        })
    }

    /// That of a certificate's key.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, webpki::Error> {
        let certificate = EndEntityCert::try_from(certificate)?;
        Ok(Self(Sha256::digest(&*certificate.subject_public_key_info()).into()))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256/{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
