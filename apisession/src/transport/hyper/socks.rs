//! Tunnels through SOCKS proxies.

use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5};
use tower_service::Service;
use url::Url;

use super::tunnel;
use crate::error::BoxError;
use crate::transport::network::resolver::Resolver;
use crate::transport::proxy;
use crate::transport::tls::BoxIo;

/// Opens a tunnel to the server of `target`. With the schemes `socks4` and `socks5`, its name is resolved here, and with `socks4a` and
/// `socks5h` by the proxy.
pub(super) async fn connect(
    proxy: &Url,
    target: &Url,
    resolver: Resolver,
    tcp: HttpConnector<Resolver>,
) -> Result<BoxIo, BoxError> {
    let address = tunnel::address(proxy)?;
    let mut target = target.clone();
    if let (Some(name), "socks4" | "socks5") = (target.domain().map(str::to_owned), proxy.scheme()) {
        let is_usable = |ip: &std::net::IpAddr| ip.is_ipv4() || proxy.scheme() == "socks5";
        let mut found = resolver.addresses(name).await?.map(|address| address.ip());
        let ip = found.find(is_usable).ok_or("the name of the server has no address")?;
        target.set_ip_host(ip).map_err(|()| "the server has no host")?;
    }
    let target = tunnel::address(&target)?;
    let io = if proxy.scheme().starts_with("socks4") {
        SocksV4::new(address, tcp).call(target).await?
    } else {
        let mut socks = SocksV5::new(address, tcp);
        if let Some([user, password]) = proxy::login(proxy) {
            socks = socks.with_auth(user.expose().to_owned(), password.expose().to_owned());
        }
        socks.call(target).await?
    };
    Ok(Box::new(io.into_inner()))
}
