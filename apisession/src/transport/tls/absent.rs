//! The stub without TLS.

use super::Tls;
use crate::error::{Error, ErrorKind, Result};

/// Nothing is watched.
pub(crate) enum Watch {}

impl Watch {
    pub(crate) fn renew(
        &self,
        _: &Tls,
        _: impl FnOnce() -> reqwest::ClientBuilder,
        _: impl FnOnce(reqwest::Client),
    ) {
        match *self {}
    }
}

/// There are no keys.
#[derive(Clone)]
pub(crate) enum SigningKey {}

impl SigningKey {
    pub(crate) fn from_pem(_: &[u8]) -> Result<Self, String> {
        Err("needs the cryptography of TLS; enable the feature `tls` or `tls-ring` of `apisession`"
            .to_owned())
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match *self {}
    }

    pub(crate) fn sign(&self, _: &[u8]) -> Result<Vec<u8>, String> {
        match *self {}
    }
}

/// The same client, if it works without TLS.
pub(crate) fn applied(
    client: reqwest::ClientBuilder,
    tls: &Tls,
    needed: bool,
) -> Result<(reqwest::ClientBuilder, Option<Watch>)> {
    if needed || !tls.is_default() {
        return Err(Error::configuration(
            "TLS is not built in; enable the feature `tls` or `tls-ring` of `apisession`",
        ));
    }
    Ok((client, None))
}

/// A client without TLS needs no check.
pub(crate) fn check_foreign() -> Result<()> {
    Ok(())
}

pub(crate) fn explained(_: &(dyn std::error::Error + 'static)) -> Option<(ErrorKind, String)> {
    None
}
