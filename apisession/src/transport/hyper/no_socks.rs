//! Replaces the tunnels through SOCKS proxies in a build without them.

use hyper_util::client::legacy::connect::HttpConnector;
use url::Url;

use super::resolver::Resolver;
use crate::error::BoxError;
use crate::transport::tls::BoxIo;

/// Fails. The URL of such a proxy is refused when the session is built.
pub(super) async fn connect(
    _: &Url,
    _: &Url,
    _: &Resolver,
    _: HttpConnector<Resolver>,
) -> Result<BoxIo, BoxError> {
    Err("SOCKS proxies are not built in".into())
}
