//! The transport on hyper, chosen by a session, and what it has that the default does not.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession::transport::{Hyper, Resolve, Transport};
use apisession::{BoxError, BoxFuture, Outcome, Proxies};
use apisession_tests::{Server, tokio, watched, wire};

#[derive(Clone, APISession)]
#[session(base_url = "http://vendor.test", connect_timeout = Duration::from_secs(5), max_attempts = 1)]
struct Acme {
    session: Session,
}

/// A resolver that records names, and knows one address.
#[derive(Clone)]
struct Recorded {
    address: SocketAddr,
    names: Arc<Mutex<Vec<String>>>,
}

impl Resolve for Recorded {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, std::result::Result<Vec<SocketAddr>, BoxError>> {
        self.names.lock().unwrap().push(name.to_owned());
        Box::pin(async { Ok(vec![self.address]) })
    }
}

/// A server that returns the head of each request.
async fn echo() -> Server {
    Server::start(|request| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}", request.len()))
        .await
}

async fn text(api: &Acme, path: &str) -> String {
    watched(api.raw().get(path)).await.unwrap().text().unwrap().into_owned()
}

#[tokio::test]
async fn a_session_gives_its_options_to_its_transport() {
    options_are_given(|proxies| Hyper::new().proxies(proxies)).await;
    options_are_given(|proxies| wire().proxies(proxies)).await;
}

async fn options_are_given<T: Transport>(through: fn(Proxies) -> T) {
    let plain = || through(Proxies::new());
    let proxy = echo().await;
    let login = Proxies::new().http(proxy.url().replace("http://", "http://ana:pa55@"));
    let api = Acme::builder().proxies(login).transport(plain()).build().unwrap();
    let seen = text(&api, "/x").await;
    assert!(seen.starts_with("GET http://vendor.test/x HTTP/1.1\r\n"), "{seen}");
    // Base64 of `ana:pa55`.
    assert!(seen.contains("proxy-authorization: Basic YW5hOnBhNTU="), "{seen}");
    // What the transport has itself wins.
    let direct = echo().await;
    let nowhere = Proxies::new().http("http://127.0.0.1:1");
    let own = through(Proxies::new().http(proxy.url()));
    let api = Acme::builder().proxies(nowhere.clone()).transport(own).build().unwrap();
    assert!(text(&api, "/x").await.starts_with("GET http://vendor.test/x "));
    // One that is shared is taken as it is, and has no options of a session.
    let shared = Arc::new(plain());
    let session = || Acme::builder().base_url(direct.url()).connect_timeout(Duration::from_secs(3));
    let error = session().transport(Arc::clone(&shared)).build().err().unwrap();
    assert!(
        error.to_string().contains("`connect_timeout` is an option of a transport over sockets"),
        "{error}"
    );
    // So is one that is mounted.
    let api = Acme::builder().proxies(nowhere).mount(&direct.url(), plain()).build().unwrap();
    let call = api.raw().elsewhere(apisession::http::Method::GET, &format!("{}/y", direct.url()));
    assert!(watched(call).await.unwrap().text().unwrap().starts_with("GET /y HTTP/1.1"));
}

#[tokio::test]
async fn options_that_hyper_can_not_use_are_errors_of_build() {
    let zero = Acme::builder().transport(Hyper::new().connect_timeout(Duration::ZERO)).build().err().unwrap();
    assert!(zero.to_string().contains("`connect_timeout` is zero"), "{zero}");
    let none = Hyper::new().max_connections(0).build().err().unwrap();
    assert!(none.to_string().contains("`max_connections` is zero"), "{none}");
    let mounted = Acme::builder().mount("https://", Hyper::new().max_connections(0)).build().err().unwrap();
    assert!(mounted.to_string().contains("`max_connections` is zero"), "{mounted}");
    #[cfg(feature = "reqwest")]
    {
        let both =
            Acme::builder().client(reqwest::Client::builder).transport(Hyper::new()).build().err().unwrap();
        assert!(both.to_string().contains("`client` sets a builder of reqwest"), "{both}");
    }
    // Without a session there is no `build`, so it is the request that fails.
    let request = Acme::builder().transport(Hyper::new()).build().unwrap().raw().get("/x").build().unwrap();
    let failure = Hyper::new().max_connections(0).send(request).await.err().unwrap();
    assert!(format!("{failure:?}").contains("`max_connections` is zero"), "{failure:?}");
}

#[tokio::test]
async fn a_resolver_is_asked_for_names_of_other_machines() {
    names_are_resolved(|resolver| Hyper::new().resolver(resolver)).await;
    names_are_resolved(|resolver| wire().resolver(resolver)).await;
    // It takes precedence over that of a client.
    #[cfg(feature = "reqwest")]
    names_are_resolved(|resolver| wire().client(crate::fault_runtimes::without_roots).resolver(resolver))
        .await;
}

async fn names_are_resolved<T: Transport>(through: fn(Recorded) -> T) {
    let server = echo().await;
    let address = server.url().replace("http://", "").parse().unwrap();
    let resolver = Recorded { address, names: Arc::default() };
    let names = Arc::clone(&resolver.names);
    let api = Acme::builder().transport(through(resolver)).build().unwrap();
    text(&api, "/x").await;
    assert_eq!(*names.lock().unwrap(), ["vendor.test"]);
    let url = |host: &str| format!("http://{host}:{}/x", address.port());
    for host in ["localhost", "LOCALHOST", "api.localhost", "127.0.0.1"] {
        let call = api.raw().elsewhere(apisession::http::Method::GET, &url(host));
        watched(call).await.unwrap_or_else(|error| panic!("{host}: {}", error.report()));
    }
    assert_eq!(*names.lock().unwrap(), ["vendor.test"]);
}

#[tokio::test]
async fn the_status_by_which_a_proxy_refuses_a_tunnel_is_shown() {
    let rows = [
        ("HTTP/1.1 502 Bad Gateway", ErrorKind::Proxy, "refused the connection with 502 Bad Gateway"),
        ("HTTP/1.0 403 Forbidden", ErrorKind::Proxy, "refused the connection with 403 Forbidden"),
        ("HTTP/1.1 302 Found", ErrorKind::Proxy, "refused the connection with 302 Found"),
        ("HTTP/1.1 599", ErrorKind::Proxy, "refused the connection with 599"),
        ("HTTP/1.1 407 Nope", ErrorKind::ProxyAuthenticationRequired, "the proxy requires authentication"),
        ("HTTP/2 502 Bad Gateway", ErrorKind::Proxy, "the proxy refused the connection"),
        ("HTTP/1.1 20", ErrorKind::Proxy, "the proxy refused the connection"),
        ("SSH-2.0-OpenSSH_9.2", ErrorKind::Proxy, "the proxy refused the connection"),
    ];
    for (line, kind, message) in rows {
        let proxy = Server::closing(move |_| format!("{line}\r\n\r\n")).await;
        let proxies = Proxies::new().all(proxy.url().replace("http://", "http://ana:pa55@"));
        let builder =
            Acme::builder().base_url("https://vendor.test").proxies(proxies).transport(Hyper::new());
        let builder = builder.tls(apisession::tls::Tls::new().danger_accept_invalid_certs());
        if !cfg!(any(feature = "tls", feature = "tls-ring")) {
            assert!(builder.build().is_err());
            continue;
        }
        let error = watched(builder.build().unwrap().raw().post("/x")).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Some(Outcome::NotSent)), "{line}: {error:#}");
        assert!(error.to_string().contains(message), "{line}: {error:#}");
        assert!(!error.report().contains("pa55") && !error.report().contains("YW5h"), "{line}");
    }
}

/// A connection that is new and closed at once is an attempt; only one of the pool is replaced without being counted.
#[tokio::test]
async fn a_server_that_closes_each_connection_gets_one_for_each_attempt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let accepted = Arc::new(Mutex::new(0));
    let count = Arc::clone(&accepted);
    let server = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            *count.lock().unwrap() += 1;
        }
    });
    let api = Acme::builder().base_url(&url).transport(Hyper::new()).build().unwrap();
    for calls in 1..=200 {
        let error = watched(api.raw().get("/x")).await.unwrap_err();
        assert_eq!(error.attempts(), 1);
        // The kernel accepts before the server does.
        assert!(*accepted.lock().unwrap() <= calls, "{calls}");
    }
    server.abort();
    assert!(*accepted.lock().unwrap() > 100);
}
