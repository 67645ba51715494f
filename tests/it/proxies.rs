//! Requests through a proxy. Names begin with requirement numbers.
#![cfg_attr(
    not(any(feature = "tls", feature = "tls-ring")),
    allow(dead_code, unused_imports, reason = "the tests of tunnels need TLS")
)]

use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession::tls::Tls;
use apisession::{Outcome, Proxies};
use apisession_tests::{Server, tokio, watched};
use faults::refusing::RefusingPort;
use faults::tls::{Authority, TlsServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

/// What a proxy does with a `CONNECT`.
#[derive(Clone, Copy, Debug)]
enum Tunnel {
    Opens,
    Refuses(&'static str),
    Hangs,
}

/// A proxy for tunnels, and the heads of the requests that it was sent.
async fn tunnel(tunnel: Tunnel) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move { serve(stream, tunnel, &kept).await });
        }
    });
    (address.to_string(), heads)
}

async fn serve(mut stream: TcpStream, tunnel: Tunnel, heads: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or_default().replace("localhost", "127.0.0.1");
    heads.lock().unwrap().push(head);
    match tunnel {
        Tunnel::Opens => {
            let mut server = TcpStream::connect(target).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            copy_bidirectional(&mut stream, &mut server).await.map(drop)
        }
        Tunnel::Refuses(response) => {
            stream.write_all(response.as_bytes()).await?;
            stream.shutdown().await
        }
        Tunnel::Hangs => std::future::pending().await,
    }
}

#[tokio::test]
async fn plain_requests_use_the_configured_proxy() {
    let server = Server::start(|request| {
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}", request.len())
    });
    let server = server.await;
    let proxy = server.url().replace("http://", "http://ana:pa55@");
    let api =
        Acme::builder().base_url("http://vendor.test").proxies(Proxies::new().http(proxy)).build().unwrap();
    let text = watched(api.raw().get("/x")).await.unwrap().text().unwrap().into_owned();
    assert!(text.starts_with("GET http://vendor.test/x HTTP/1.1\r\n"), "{text}");
    // Base64 of `ana:pa55`.
    assert!(text.contains("proxy-authorization: Basic YW5hOnBhNTU="), "{text}");
    // Others go directly, and so does everything by default, independently of the environment.
    let api = Acme::builder()
        .base_url(server.url())
        .proxies(Proxies::new().https("http://127.0.0.1:1"))
        .build()
        .unwrap();
    let text = watched(api.raw().get("/x")).await.unwrap().text().unwrap().into_owned();
    assert!(text.starts_with("GET /x HTTP/1.1\r\n") && !text.contains("proxy-"), "{text}");
}

#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[tokio::test]
async fn x4_a_server_behind_a_tunnel_gets_no_proxy_headers() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), None).await;
    let (proxy, heads) = tunnel(Tunnel::Opens).await;
    let tls = Tls::new().add_ca_pem(authority.pem()).only_added_cas();
    let proxies = Proxies::new().all(format!("http://ana:pa55@{proxy}"));
    let api = Acme::builder().base_url(server.url()).tls(tls).proxies(proxies).build().unwrap();
    watched(api.raw().get("/x").header("x-api-key", "c4nary")).await.unwrap();
    let heads = heads.lock().unwrap().clone();
    assert_eq!(heads.len(), 1);
    assert!(heads[0].starts_with("CONNECT localhost:") && heads[0].contains("YW5hOnBhNTU="), "{heads:?}");
    assert!(!heads[0].contains("c4nary"), "{heads:?}");
}

#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[tokio::test]
async fn x4_t5_a_failing_proxy_is_a_proxy_error_without_its_password() {
    let authority = Authority::new("authority");
    let server = TlsServer::start(&authority.local(), None).await;
    let refusing = RefusingPort::new();
    let mut rows = vec![("refused", refusing.address().to_string(), ErrorKind::Proxy)];
    for (name, does, kind) in [
        (
            "407",
            Tunnel::Refuses("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
            ErrorKind::ProxyAuthenticationRequired,
        ),
        ("closed", Tunnel::Refuses(""), ErrorKind::Proxy),
        ("garbage", Tunnel::Refuses("SSH-2.0-OpenSSH_9.2\r\n\r\n"), ErrorKind::Proxy),
        ("hangs", Tunnel::Hangs, ErrorKind::Timeout),
    ] {
        rows.push((name, tunnel(does).await.0, kind));
    }
    for (name, proxy, kind) in rows {
        let proxies = Proxies::new().all(format!("http://ana:pa55@{proxy}"));
        let tls = Tls::new().add_ca_pem(authority.pem()).only_added_cas();
        let builder = Acme::builder().base_url(server.url()).tls(tls).proxies(proxies);
        // A busy machine needs time for the others.
        let limit = if kind == ErrorKind::Timeout { 500 } else { 20_000 };
        let api = builder.connect_timeout(Duration::from_millis(limit)).build().unwrap();
        let error = watched(api.raw().post("/x")).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Some(Outcome::NotSent)), "{name}: {error:#}");
        let shown = format!("{error:#} {error:?} {}", error.report());
        assert!(!shown.contains("pa55") && !shown.contains("YW5h"), "{name}: {shown}");
    }
    assert_eq!(server.requests(), 0);
}

/// Four ways in which a connection is not made, with one deadline.
#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[tokio::test]
async fn t5_connect_timeout_covers_proxy_and_tls() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let silent_port = silent.local_addr().unwrap().port();
    let (proxy, _) = tunnel(Tunnel::Hangs).await;
    let limit = Duration::from_millis(300);
    let builder = || Acme::builder().connect_timeout(limit).max_attempts(1);
    let tls = || Tls::new().danger_accept_invalid_certs();
    let rows = [
        (
            "a ClientHello without a response",
            builder().base_url(format!("https://127.0.0.1:{silent_port}")).tls(tls()),
        ),
        (
            "a CONNECT without a response",
            builder()
                .base_url("https://localhost:1")
                .tls(tls())
                .proxies(Proxies::new().all(format!("http://{proxy}"))),
        ),
    ];
    for (name, builder) in rows {
        let error = watched(builder.build().unwrap().raw().post("/x")).await.unwrap_err();
        assert!(error.to_string().ends_with("within 300ms (`connect_timeout`)"), "{name}: {error:#}");
        assert_eq!(error.outcome(), Some(Outcome::NotSent), "{name}");
    }
    // A server without TLS fails at once, if it responds.
    let plain = Server::start(|_| "HTTP/1.1 400 Bad Request\r\n\r\n".to_owned()).await;
    let url = plain.url().replace("http://", "https://");
    let error =
        watched(builder().base_url(url).tls(tls()).build().unwrap().raw().post("/x")).await.unwrap_err();
    assert_eq!(error.outcome(), Some(Outcome::NotSent), "{error:#}");
    drop(silent);
}

#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[tokio::test]
async fn a_socks_proxy_is_used() {
    let server = Server::start(|_| "HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let proxy = format!("socks5h://{}", listener.local_addr().unwrap());
    let target = server.url().replace("http://", "");
    let socks = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        // RFC 1928: a greeting, a choice, a request for a name, a response.
        let mut greeting = [0; 2];
        stream.read_exact(&mut greeting).await.unwrap();
        let mut methods = vec![0; usize::from(greeting[1])];
        stream.read_exact(&mut methods).await.unwrap();
        stream.write_all(&[5, 0]).await.unwrap();
        let mut request = [0; 5];
        stream.read_exact(&mut request).await.unwrap();
        let mut name = vec![0; usize::from(request[4]) + 2];
        stream.read_exact(&mut name).await.unwrap();
        stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let mut server = TcpStream::connect(target).await.unwrap();
        let _ = copy_bidirectional(&mut stream, &mut server).await;
        String::from_utf8(name[..name.len() - 2].to_vec()).unwrap()
    });
    let api =
        Acme::builder().base_url("http://vendor.test").proxies(Proxies::new().all(proxy)).build().unwrap();
    watched(api.raw().get("/x")).await.unwrap();
    drop(api);
    assert_eq!(watched(socks).await.unwrap(), "vendor.test");
}
