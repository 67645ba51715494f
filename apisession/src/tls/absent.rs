//! No TLS was built in.

use crate::error::{Error, ErrorKind, Result};
use crate::tls::Tls;

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
        Err("needs the cryptography of TLS, which the feature `tls` or `tls-ring` of `apisession` adds"
            .to_owned())
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match *self {}
    }

    pub(crate) fn sign(&self, _: &[u8]) -> Result<Vec<u8>, String> {
        match *self {}
    }
}

/// The same client, if it can be without TLS.
pub(crate) fn applied(
    client: reqwest::ClientBuilder,
    tls: &Tls,
    needed: bool,
) -> Result<(reqwest::ClientBuilder, Option<Watch>)> {
    if needed || tls.is_said() {
        let message = "no TLS was built in; the feature `tls` or `tls-ring` of `apisession` adds it";
        return Err(Error::new(ErrorKind::Configuration, message));
    }
    Ok((client, None))
}

/// A client without TLS is as it is.
pub(crate) fn check_foreign() -> Result<()> {
    Ok(())
}

pub(crate) fn told(_: &(dyn std::error::Error + 'static)) -> Option<(ErrorKind, String)> {
    None
}
