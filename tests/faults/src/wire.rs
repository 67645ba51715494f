//! Faults of TLS and of proxies, before the first byte of a request. Each of them proves that nothing was sent.

use std::io;

use apisession::tls::Tls;
use apisession::{ErrorKind, Proxies};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::refusing::RefusingPort;
use crate::tls::{Authority, TlsServer, parameters, self_signed};

/// A reason why no connection is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names describe the faults")]
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
    ProxyForbids,
    ProxyCloses,
    ProxyGarbage,
    ProxyStalls,
}

/// What a peer does after the first bytes of the client.
#[derive(Clone, Copy, Debug)]
enum Reaction {
    /// Writes this text and closes.
    Write(&'static str),
    /// Writes nothing, until the client closes.
    Stall,
}

/// A fault whose servers run, and the settings of a session that meets it.
#[derive(Debug)]
pub struct Setup {
    /// The base URL.
    pub url: String,
    /// The settings of TLS, which trust the authority of the test only.
    pub tls: Tls,
    /// The proxies.
    pub proxies: Proxies,
    server: Option<TlsServer>,
    peer: Option<JoinHandle<()>>,
    _refusing: RefusingPort,
}

impl Setup {
    /// Returns the number of requests that have reached the server behind the fault.
    #[must_use]
    pub fn delivered(&self) -> usize {
        self.server.as_ref().map_or(0, TlsServer::requests)
    }
}

impl Drop for Setup {
    fn drop(&mut self) {
        if let Some(peer) = &self.peer {
            peer.abort();
        }
    }
}

impl WireFault {
    /// All faults.
    pub const ALL: [Self; 14] = [
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
        Self::ProxyForbids,
        Self::ProxyCloses,
        Self::ProxyGarbage,
        Self::ProxyStalls,
    ];

    /// Returns the required kind of the error.
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
            Self::Proxy407 => ErrorKind::ProxyAuthenticationRequired,
            Self::ProxyRefused | Self::ProxyForbids | Self::ProxyCloses | Self::ProxyGarbage => {
                ErrorKind::Proxy
            }
        }
    }

    /// Returns the number of attempts that are allowed to a call. Only a deadline ends those that hang, so they have one.
    #[must_use]
    pub fn max_attempts(self) -> u32 {
        if self.stalls() { 1 } else { 2 }
    }

    /// Whether only a deadline ends an attempt.
    #[must_use]
    pub fn stalls(self) -> bool {
        matches!(self, Self::TlsStalls | Self::ProxyStalls)
    }

    /// Returns the required number of attempts: one, unless another one may succeed.
    #[must_use]
    pub fn attempts(self) -> u32 {
        match self.kind() {
            ErrorKind::Connect | ErrorKind::Proxy => 2,
            _ => 1,
        }
    }

    /// Starts the servers of the fault. The password of the proxy is `canary`.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn set_up(self, canary: &str) -> io::Result<Setup> {
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
            Self::CertificateSelfSigned => self_signed(&wrong),
            Self::CertificateUnknownIssuer => Authority::new("stranger").local(),
            _ => authority.local(),
        };
        let server = TlsServer::start(&issued, None).await;
        let url = server.url();
        let peer = match self {
            Self::TlsNone | Self::ProxyGarbage => Some(Reaction::Write("HTTP/1.1 400 Bad Request\r\n\r\n")),
            Self::TlsClosed | Self::ProxyCloses => Some(Reaction::Write("")),
            Self::Proxy407 => Some(Reaction::Write("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")),
            Self::ProxyForbids => Some(Reaction::Write("HTTP/1.1 403 Forbidden\r\n\r\n")),
            Self::TlsStalls | Self::ProxyStalls => Some(Reaction::Stall),
            _ => None,
        };
        // Without a peer, as for `ProxyRefused`, the port refuses connections.
        let refusing = RefusingPort::new();
        let (peer, port) = match peer {
            None => (None, refusing.address().port()),
            Some(reaction) => {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
                let port = listener.local_addr()?.port();
                (Some(tokio::spawn(listen(listener, reaction))), port)
            }
        };
        let has_proxy = matches!(
            self,
            Self::ProxyRefused
                | Self::Proxy407
                | Self::ProxyForbids
                | Self::ProxyCloses
                | Self::ProxyGarbage
                | Self::ProxyStalls
        );
        let has_tls_peer = matches!(self, Self::TlsNone | Self::TlsClosed | Self::TlsStalls);
        let proxies = Proxies::new();
        let proxies =
            if has_proxy { proxies.all(format!("http://ana:{canary}@127.0.0.1:{port}")) } else { proxies };
        let url = if has_tls_peer { format!("https://localhost:{port}") } else { url };
        Ok(Setup { url, tls: trusted, proxies, server: Some(server), peer, _refusing: refusing })
    }
}

async fn listen(listener: TcpListener, reaction: Reaction) {
    while let Ok((stream, _)) = listener.accept().await {
        // A client may disconnect at any time, which is no failure of the test.
        tokio::spawn(async move { react(stream, reaction).await });
    }
}

async fn react(mut stream: TcpStream, reaction: Reaction) -> io::Result<()> {
    let mut chunk = [0; 4096];
    let _ = stream.read(&mut chunk).await?;
    match reaction {
        Reaction::Write(text) => {
            stream.write_all(text.as_bytes()).await?;
            stream.shutdown().await
        }
        Reaction::Stall => {
            while stream.read(&mut chunk).await? > 0 {}
            Ok(())
        }
    }
}
