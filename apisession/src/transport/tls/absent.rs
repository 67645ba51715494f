//! Replaces the TLS engine in a build without TLS.

#[cfg(feature = "sign-in")]
#[path = "no_signing.rs"]
mod signing;

use std::time::SystemTime;

#[cfg(feature = "hyper")]
use url::Url;

#[cfg(feature = "sign-in")]
pub(crate) use self::signing::SigningKey;
#[cfg(feature = "hyper")]
use super::{BoxIo, Connecting};
use super::{ClientCertificate, Tls};
use crate::error::{BoxError, Error, ErrorKind, Result};

/// Never created: without TLS there is no client certificate to watch.
pub(crate) enum Watch {}

impl Watch {
    pub(crate) fn is_due(&self) -> bool {
        match *self {}
    }

    pub(crate) fn renew(&self, _: &Tls, _: impl FnOnce(Backend) -> Result<(), BoxError>) {
        match *self {}
    }
}

/// Sets nothing on a client.
pub(crate) struct Backend;

impl Backend {
    #[cfg(feature = "reqwest")]
    pub(crate) fn applied_to(&self, client: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        client
    }
}

/// Makes no handshakes.
#[cfg(feature = "hyper")]
pub(crate) struct Handshakes;

#[cfg(feature = "hyper")]
impl Backend {
    pub(crate) fn handshakes(&self) -> Handshakes {
        Handshakes
    }
}

#[cfg(feature = "hyper")]
impl Handshakes {
    pub(crate) fn checked<T>(&self, connecting: Connecting<T>) -> Connecting<T> {
        connecting
    }

    pub(crate) async fn with_proxy(&self, _: &Url, _: BoxIo) -> Result<BoxIo, BoxError> {
        Err(NOT_BUILT_IN.into())
    }

    pub(crate) async fn with_server(&self, _: &Url, _: BoxIo) -> Result<(BoxIo, bool), BoxError> {
        Err(NOT_BUILT_IN.into())
    }
}

impl ClientCertificate {
    /// Fails: without TLS no certificate is read.
    pub(crate) fn described(&self) -> Result<(String, SystemTime, SystemTime), String> {
        Err(NOT_BUILT_IN.to_owned())
    }
}

/// Fails if TLS is needed or has options.
pub(crate) fn configure(tls: &Tls, needed: bool) -> Result<(Backend, Option<Watch>)> {
    if needed || !tls.is_default() {
        return Err(Error::configuration(NOT_BUILT_IN));
    }
    Ok((Backend, None))
}

pub(crate) const IS_BUILT_IN: bool = false;

const NOT_BUILT_IN: &str = "TLS is not built in; enable the feature `tls` or `tls-ring` of `apisession`";

/// Checks nothing: without TLS, reqwest does not set it up.
pub(crate) fn check_foreign() -> Result<()> {
    Ok(())
}

pub(crate) fn failure_of(_: &(dyn std::error::Error + 'static)) -> Option<(ErrorKind, String)> {
    None
}
