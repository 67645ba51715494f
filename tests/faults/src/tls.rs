//! A server with TLS, and an authority that issues certificates for it and its clients.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{HandshakeKind, RootCertStore, ServerConfig, SupportedProtocolVersion};

/// A certificate authority.
#[derive(Debug)]
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub certificate: String,
    /// The key.
    pub key: String,
}

impl Issued {
    /// Returns the key and the certificate as one PEM text.
    #[must_use]
    pub fn combined(&self) -> String {
        format!("{}{}", self.key, self.certificate)
    }
}

/// Returns the parameters of a certificate for names and addresses, valid from twelve hours ago for one day.
///
/// # Panics
///
/// If a name is not a valid DNS name.
#[must_use]
pub fn parameters(subject: &str, names: &[&str]) -> CertificateParams {
    let mut parameters = CertificateParams::new(Vec::new()).expect("no names are good names");
    for name in names {
        parameters.subject_alt_names.push(match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName((*name).try_into().expect("tests use good names")),
        });
    }
    parameters.distinguished_name.push(DnType::CommonName, subject);
    let now = OffsetDateTime::now_utc();
    parameters.not_before = now - time::Duration::hours(12);
    parameters.not_after = now + time::Duration::hours(12);
    parameters
}

impl Authority {
    /// A new one.
    ///
    /// # Panics
    ///
    /// If there is no randomness.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut parameters = parameters(name, &[]);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key can be made");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("an authority signs itself"))
    }

    /// Returns the authority's certificate, in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// Signs a certificate.
    ///
    /// # Panics
    ///
    /// If the parameters can't be signed.
    #[must_use]
    pub fn issue(&self, parameters: &CertificateParams) -> Issued {
        let key = KeyPair::generate().expect("a key can be made");
        let certificate = parameters.signed_by(&key, &self.0).expect("an authority signs");
        Issued { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// Signs a certificate for `localhost` and 127.0.0.1.
    #[must_use]
    pub fn local(&self) -> Issued {
        self.issue(&parameters("server", &["localhost", "127.0.0.1"]))
    }
}

/// Creates a self-signed certificate.
///
/// # Panics
///
/// If the parameters can't be signed.
#[must_use]
pub fn self_signed(parameters: &CertificateParams) -> Issued {
    let key = KeyPair::generate().expect("a key can be made");
    let certificate = parameters.self_signed(&key).expect("a certificate signs itself");
    Issued { certificate: certificate.pem(), key: key.serialize_pem() }
}

/// What the server records about a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handshake {
    /// The common name of the client's certificate, if the client sent one.
    pub subject: Option<String>,
    /// Whether the handshake resumed the TLS session of an earlier connection.
    pub resumed: bool,
}

/// A server that responds to every request with 204 and the common name of the client's certificate in `x-subject`.
#[derive(Debug)]
pub struct TlsServer {
    address: SocketAddr,
    handshakes: Arc<Mutex<Vec<Handshake>>>,
    requests: Arc<Mutex<usize>>,
    task: JoinHandle<()>,
}

impl TlsServer {
    /// Starts with a certificate on a free port. With `clients`, clients need a certificate of that authority.
    ///
    /// # Panics
    ///
    /// If the certificate can't be used.
    pub async fn start(issued: &Issued, clients: Option<&Authority>) -> Self {
        Self::with_versions(
            issued,
            clients,
            &[&tokio_rustls::rustls::version::TLS12, &tokio_rustls::rustls::version::TLS13],
        )
        .await
    }

    /// Starts as [`Self::start`] does, with these versions of TLS only.
    ///
    /// # Panics
    ///
    /// If the certificate can't be used.
    pub async fn with_versions(
        issued: &Issued,
        clients: Option<&Authority>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let provider = Arc::new(default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(versions)
            .expect("tests use good versions");
        let builder = match clients {
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.0.der().clone()).expect("an authority is a root");
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.build().expect("an authority verifies"))
            }
            None => builder.with_no_client_auth(),
        };
        let chain = CertificateDer::pem_slice_iter(issued.certificate.as_bytes());
        let chain = chain.collect::<Result<Vec<_>, _>>().expect("an issued certificate is PEM");
        let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("an issued key is PEM");
        let config = builder.with_single_cert(chain, key).expect("an issued pair fits");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (handshakes, requests) = (Arc::default(), Arc::default());
        let (seen, counted) = (Arc::clone(&handshakes), Arc::clone(&requests));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, seen, counted) = (acceptor.clone(), Arc::clone(&seen), Arc::clone(&counted));
                tokio::spawn(async move { serve(stream, &acceptor, &seen, &counted).await });
            }
        });
        Self { address, handshakes, requests, task }
    }

    /// Returns the URL of the server, by name: `https://localhost:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// Returns the handshakes so far, in order.
    #[must_use]
    pub fn handshakes(&self) -> Vec<Handshake> {
        self.handshakes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the number of requests of which the head has arrived.
    #[must_use]
    pub fn requests(&self) -> usize {
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    seen: &Mutex<Vec<Handshake>>,
    counted: &Mutex<usize>,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let connection = stream.get_ref().1;
    let subject = connection.peer_certificates().and_then(|chain| common_name(&chain[0]));
    let resumed = connection.handshake_kind() == Some(HandshakeKind::Resumed);
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(Handshake { subject: subject.clone(), resumed });
    let mut unread = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Ok(());
        }
        unread.extend_from_slice(&chunk[..read]);
        while let Some(end) = unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            unread.drain(..end + 4);
            *counted.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            let subject = subject.as_deref().unwrap_or("nobody");
            let response = format!("HTTP/1.1 204 No Content\r\nx-subject: {subject}\r\n\r\n");
            stream.write_all(response.as_bytes()).await?;
            stream.flush().await?;
        }
    }
}

/// Returns an acceptor for the server side of TLS, with this certificate.
///
/// # Panics
///
/// If the certificate can't be used.
#[must_use]
pub fn acceptor(issued: &Issued) -> TlsAcceptor {
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("there are versions");
    let chain = CertificateDer::pem_slice_iter(issued.certificate.as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("an issued certificate is PEM");
    let key = PrivateKeyDer::from_pem_slice(issued.key.as_bytes()).expect("an issued key is PEM");
    let config = builder.with_no_client_auth().with_single_cert(chain, key).expect("an issued pair fits");
    TlsAcceptor::from(Arc::new(config))
}

/// Returns the common name of a certificate. It finds names of letters, digits and `-` only, which the tests use.
fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    // The object identifier 2.5.4.3, followed by a string: a tag, the length in one byte, and the text.
    let at = certificate.windows(5).rposition(|bytes| bytes == [0x06, 0x03, 0x55, 0x04, 0x03])? + 5;
    let length = usize::from(*certificate.get(at + 1)?);
    String::from_utf8(certificate.get(at + 2..at + 2 + length)?.to_vec()).ok()
}
