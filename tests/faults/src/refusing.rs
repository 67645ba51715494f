//! A port that refuses connections.

use std::net::SocketAddr;

use tokio::net::TcpSocket;

/// A port that is bound and does not listen, so that it refuses connections, and no other test gets it meanwhile.
///
/// The port of a listener that was dropped is free, and the next listener of any test may get it.
#[derive(Debug)]
pub struct RefusingPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl RefusingPort {
    /// Binds a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    #[must_use]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket can be created");
        socket.bind(([127, 0, 0, 1], 0).into()).expect("loopback has a free port");
        let address = socket.local_addr().expect("a bound socket has an address");
        Self { address, _socket: socket }
    }

    /// Returns its address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Default for RefusingPort {
    fn default() -> Self {
        Self::new()
    }
}
