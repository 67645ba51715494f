//! The fingerprint of a public key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use super::sha256::sha256;

/// The SHA-256 of a `SubjectPublicKeyInfo` (RFC 7469 §2.4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pin([u8; 32]);

impl Pin {
    /// Parses `sha256/…`, or `sha256//…` as curl writes it. The error is a complete message.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let decode = |text: &str| STANDARD.decode(text).ok()?.try_into().ok();
        // The base64 may start with a slash, so the form with one slash is tried first.
        let bytes = text
            .strip_prefix("sha256/")
            .and_then(|rest| decode(rest).or_else(|| decode(rest.strip_prefix('/')?)));
        bytes.map(Self).ok_or_else(|| {
            format!("`{}` is not a pin; write `sha256/` and the base64 of 32 bytes", text.escape_debug())
        })
    }

    /// Computes the pin of a certificate's key.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Result<Self, webpki::Error> {
        let certificate = EndEntityCert::try_from(certificate)?;
        Ok(Self(sha256([&*certificate.subject_public_key_info()])))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_parses_as_it_is_displayed() {
        for first in 0..=255 {
            let pin = Pin([first; 32]);
            let shown = pin.to_string();
            assert_eq!(Pin::parse(&shown), Ok(pin));
            assert_eq!(Pin::parse(&shown.replacen('/', "//", 1)), Ok(pin));
        }
        for wrong in ["", "sha256/", "sha256//", "sha1/AAAA", "sha256/AAAA", "sha256///AAA="] {
            assert!(Pin::parse(wrong).is_err(), "{wrong}");
        }
    }
}
