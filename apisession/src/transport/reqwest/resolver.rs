//! Resolves the names of servers and proxies.

use std::future::ready;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::task::spawn_blocking;

use crate::encode::origin::is_loopback_name;

/// Asks the system, but never for the names of this machine (RFC 6761 §6.3): another resolver could send them, and the
/// credentials with them, to another machine.
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        if is_loopback_name(&name) {
            let addresses: [SocketAddr; 2] =
                [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
            return Box::pin(ready(Ok(Box::new(addresses.into_iter()) as Addrs)));
        }
        Box::pin(async move {
            // The transport replaces port 0 with that of the URL.
            let addresses = spawn_blocking(move || (name.as_str(), 0).to_socket_addrs()).await??;
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
