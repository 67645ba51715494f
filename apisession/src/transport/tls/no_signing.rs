//! Replaces the keys that sign in a build without TLS.

/// Never created: without TLS there is no cryptography that signs.
#[derive(Clone)]
pub(crate) enum SigningKey {}

impl SigningKey {
    pub(crate) fn from_pem(_: &[u8]) -> Result<Self, String> {
        Err("requires the cryptography of TLS; enable the feature `tls` or `tls-ring` of `apisession`"
            .to_owned())
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match *self {}
    }

    pub(crate) fn sign(&self, _: &[u8]) -> Result<Vec<u8>, String> {
        match *self {}
    }
}
