//! What a step of a chain has looked at, and what it found.

use crate::credential::Credential;
use crate::transport::tls::ClientCertificate;

/// What a step of a chain has looked at, in words that show no secret, and what it found.
pub(super) struct Look {
    pub(super) at: String,
    pub(super) found: Option<Found>,
}

pub(super) enum Found {
    Credential(Credential),
    Certificate(ClientCertificate),
}

impl Look {
    pub(super) fn nothing(at: impl Into<String>) -> Self {
        Self { at: at.into(), found: None }
    }

    pub(super) fn credential(at: impl Into<String>, credential: Credential) -> Self {
        Self { at: at.into(), found: Some(Found::Credential(credential)) }
    }

    pub(super) fn certificate(at: impl Into<String>, certificate: ClientCertificate) -> Self {
        Self { at: at.into(), found: Some(Found::Certificate(certificate)) }
    }
}
