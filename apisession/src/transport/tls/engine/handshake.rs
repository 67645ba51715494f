//! Handshakes for a transport that makes its connections itself.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Backend;
use super::known_hosts::HostsLayer;
use crate::error::BoxError;
use crate::transport::tls::BoxIo;

/// Makes handshakes, as a session's TLS options require.
pub(crate) struct Handshakes {
    server: TlsConnector,
    proxy: TlsConnector,
    hosts: Option<HostsLayer>,
}

impl Backend {
    pub(crate) fn handshakes(&self) -> Handshakes {
        let mut of_proxy = self.config.clone();
        // A proxy speaks HTTP/1.1.
        of_proxy.alpn_protocols.clear();
        let [server, proxy] = [self.config.clone(), of_proxy].map(|config| Arc::new(config).into());
        Handshakes { server, proxy, hosts: self.hosts.clone() }
    }
}

impl Handshakes {
    /// The file of known hosts, which is read for each connection.
    pub(crate) fn hosts(&self) -> Option<HostsLayer> {
        self.hosts.clone()
    }

    /// Makes the handshake with a proxy.
    pub(crate) async fn with_proxy(&self, host: &str, io: BoxIo) -> Result<BoxIo, BoxError> {
        Ok(Box::new(shake(&self.proxy, host, io).await?))
    }

    /// Makes the handshake with a server, and returns whether it speaks HTTP/2.
    pub(crate) async fn with_server(&self, host: &str, io: BoxIo) -> Result<(BoxIo, bool), BoxError> {
        let io = shake(&self.server, host, io).await?;
        let is_http2 = io.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Box::new(io), is_http2))
    }
}

async fn shake(tls: &TlsConnector, host: &str, io: BoxIo) -> Result<TlsStream<BoxIo>, BoxError> {
    let host = ServerName::try_from(host.to_owned())?;
    Ok(tls.connect(host, io).await?)
}
