//! Resolves the names of servers and proxies.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use tokio::task::spawn_blocking;

use crate::encode::origin::is_loopback_name;

/// The addresses of a name of this machine, which no resolver is asked for (RFC 6761 §6.3): it could send them, and the credentials
/// with them, to another machine.
pub(in crate::transport) fn loopback(name: &str) -> Option<[SocketAddr; 2]> {
    let addresses = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
    is_loopback_name(&name.to_ascii_lowercase()).then_some(addresses)
}

/// Asks the system. The ports are 0, which a transport replaces with that of the URL.
pub(in crate::transport) async fn system(name: String) -> io::Result<std::vec::IntoIter<SocketAddr>> {
    spawn_blocking(move || (name.as_str(), 0).to_socket_addrs()).await?
}
