//! Faults before the first byte of a request: of TLS, and of proxies. Whatever it is, it is proven that nothing was sent.

use std::io;

use apisession::tls::Tls;
use apisession::{ErrorKind, Proxies};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::tls::{Authority, TlsServer, parameters, signed_by_itself};

/// A way to make no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "their names say what they are")]
pub enum WireFault {
    CertificateExpired,
    CertificateNotYetValid,
    CertificateWrongName,
    CertificateSelfSigned,
    CertificateUnknownIssuer,
    TlsNone,
    TlsClosed,
    TlsStalls,
    ProxyRefused,
    Proxy407,
    ProxyCloses,
    ProxyGarbage,
    ProxyStalls,
}

/// What the other side does with what it is sent.
#[derive(Clone, Copy, Debug)]
enum Answer {
    Says(&'static str),
    Stalls,
}

/// A fault that is ready to be met.
#[derive(Debug)]
pub struct Set {
    /// Where the vendor is.
    pub url: String,
    /// Whom to trust.
    pub tls: Tls,
    /// How to get there.
    pub proxies: Proxies,
    server: Option<TlsServer>,
    peer: Option<JoinHandle<()>>,
}

impl Set {
    /// How many requests have reached the vendor.
    #[must_use]
    pub fn delivered(&self) -> usize {
        self.server.as_ref().map_or(0, TlsServer::requests)
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        if let Some(peer) = &self.peer {
            peer.abort();
        }
    }
}

impl WireFault {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::CertificateExpired,
        Self::CertificateNotYetValid,
        Self::CertificateWrongName,
        Self::CertificateSelfSigned,
        Self::CertificateUnknownIssuer,
        Self::TlsNone,
        Self::TlsClosed,
        Self::TlsStalls,
        Self::ProxyRefused,
        Self::Proxy407,
        Self::ProxyCloses,
        Self::ProxyGarbage,
        Self::ProxyStalls,
    ];

    /// What the error must be.
    #[must_use]
    pub fn kind(self) -> ErrorKind {
        match self {
            Self::CertificateExpired => ErrorKind::CertificateExpired,
            Self::CertificateNotYetValid => ErrorKind::CertificateNotYetValid,
            Self::CertificateWrongName => ErrorKind::CertificateWrongName,
            Self::CertificateSelfSigned => ErrorKind::CertificateSelfSigned,
            Self::CertificateUnknownIssuer => ErrorKind::CertificateUnknownIssuer,
            Self::TlsNone => ErrorKind::Tls,
            Self::TlsClosed => ErrorKind::Connect,
            Self::TlsStalls | Self::ProxyStalls => ErrorKind::Timeout,
            Self::ProxyRefused | Self::Proxy407 | Self::ProxyCloses | Self::ProxyGarbage => ErrorKind::Proxy,
        }
    }

    /// Sets the fault up.
    ///
    /// # Errors
    ///
    /// If there is no free port.
    pub async fn set(self, canary: &str) -> io::Result<Set> {
        let authority = Authority::new("authority");
        let trusted = Tls::new().add_ca_pem(authority.pem()).only_added_cas();
        let (now, hour) = (time::OffsetDateTime::now_utc(), time::Duration::hours(1));
        let mut wrong = parameters("server", &["localhost"]);
        let issued = match self {
            Self::CertificateExpired => {
                wrong.not_after = now - hour;
                authority.issue(&wrong)
            }
            Self::CertificateNotYetValid => {
                wrong.not_before = now + hour;
                authority.issue(&wrong)
            }
            Self::CertificateWrongName => authority.issue(&parameters("server", &["other.test"])),
            Self::CertificateSelfSigned => signed_by_itself(&wrong),
            Self::CertificateUnknownIssuer => Authority::new("stranger").local(),
            _ => authority.local(),
        };
        let server = TlsServer::start(&issued, None).await;
        let url = server.url();
        let peer = match self {
            Self::TlsNone | Self::ProxyGarbage => Some(Answer::Says("HTTP/1.1 400 Bad Request\r\n\r\n")),
            Self::TlsClosed | Self::ProxyCloses => Some(Answer::Says("")),
            Self::Proxy407 => Some(Answer::Says("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")),
            Self::TlsStalls | Self::ProxyStalls => Some(Answer::Stalls),
            _ => None,
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let peer = peer.map(|answer| tokio::spawn(listen(listener, answer)));
        let is_of_a_proxy = matches!(
            self,
            Self::ProxyRefused | Self::Proxy407 | Self::ProxyCloses | Self::ProxyGarbage | Self::ProxyStalls
        );
        let is_of_tls = matches!(self, Self::TlsNone | Self::TlsClosed | Self::TlsStalls);
        // Where nobody was asked to listen the port is free again.
        let proxies = Proxies::new();
        let proxies = if is_of_a_proxy {
            proxies.all(format!("http://ana:{canary}@127.0.0.1:{port}"))
        } else {
            proxies
        };
        let url = if is_of_tls { format!("https://localhost:{port}") } else { url };
        Ok(Set { url, tls: trusted, proxies, server: Some(server), peer })
    }
}

async fn listen(listener: TcpListener, answer: Answer) {
    while let Ok((stream, _)) = listener.accept().await {
        // What a client makes of it is what counts.
        tokio::spawn(async move { answered(stream, answer).await });
    }
}

async fn answered(mut stream: TcpStream, answer: Answer) -> io::Result<()> {
    let mut chunk = [0; 4096];
    let _ = stream.read(&mut chunk).await?;
    match answer {
        Answer::Says(text) => {
            stream.write_all(text.as_bytes()).await?;
            stream.shutdown().await
        }
        Answer::Stalls => {
            while stream.read(&mut chunk).await? > 0 {}
            Ok(())
        }
    }
}
