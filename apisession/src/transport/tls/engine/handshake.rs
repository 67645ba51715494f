//! Handshakes for a transport that makes its connections itself.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::Url;

use super::Backend;
use super::known_hosts::HostsLayer;
use crate::error::BoxError;
use crate::transport::tls::{BoxIo, Connecting};

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
    /// Checks a connection against the file of known hosts, which is read for each.
    pub(crate) fn checked<T: Send + 'static>(&self, connecting: Connecting<T>) -> Connecting<T> {
        match self.hosts.clone() {
            Some(hosts) => Box::pin(hosts.checking(connecting)),
            None => connecting,
        }
    }

    /// Makes the handshake with a proxy.
    pub(crate) async fn with_proxy(&self, proxy: &Url, io: BoxIo) -> Result<BoxIo, BoxError> {
        Ok(Box::new(shake(&self.proxy, proxy, io).await?))
    }

    /// Makes the handshake with a server, and returns whether it speaks HTTP/2.
    pub(crate) async fn with_server(&self, server: &Url, io: BoxIo) -> Result<(BoxIo, bool), BoxError> {
        let io = shake(&self.server, server, io).await?;
        let is_http2 = io.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((Box::new(io), is_http2))
    }
}

async fn shake(tls: &TlsConnector, url: &Url, io: BoxIo) -> Result<TlsStream<BoxIo>, BoxError> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let host = ServerName::try_from(host.to_owned())?;
    Ok(tls.connect(host, io).await?)
}
