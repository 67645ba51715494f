//! The session as an object, as users of requests know it. Each test is a row of the table in `coming_from_requests.md`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use apisession::http::{HeaderValue, Method};
use apisession::prelude::*;
use apisession::transport::{Failure, Transport};
use apisession::{Outcome, Url};
use apisession_tests::{Server, offline, recording, respond, tokio, watched};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}", headers("x-beta" = "1"))]
    fn get(&self, id: u32) -> Call<u32>;

    #[post(idempotency_key, rejected_on(503))]
    fn create(&self, #[json] title: &str) -> Call<()>;

    #[post("/unkeyed", rejected_on(503))]
    fn unkeyed(&self, #[json] title: &str) -> Call<()>;

    #[get("/upload", base_url = "https://upload.test/v2")]
    fn upload(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", base_path = "/rest", query("v" = 1), headers("x-acme" = "a", "x-old" = "b"))]
#[session(retry = RetryPolicy::new().first_delay(Duration::from_millis(1)), restricted_paths("/tokens/*"))]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn bearer() -> Credential {
    Credential::bearer("t0ken").unwrap()
}

#[tokio::test]
async fn the_base_url_is_that_below_which_paths_are() {
    let api = Acme::builder().transport(offline()).build().unwrap();
    assert_eq!(api.base_url().unwrap().as_str(), "https://api.test/v1/rest");
    let api =
        Acme::builder().transport(offline()).base_url("https://eu.api.test").base_path("").build().unwrap();
    assert_eq!(api.base_url().unwrap().as_str(), "https://eu.api.test/");
    assert_eq!(Session::default().base_url().unwrap_err().kind(), ErrorKind::NotBuilt);
    let error = Session::default().send(api.events().get(1).build().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotBuilt);
}

#[tokio::test(start_paused = true)]
async fn a_prepared_request_is_sent_as_it_is() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "7")));
    let api = Acme::builder().transport(transport).credential(bearer()).build().unwrap();
    // As it was built, it is the same request that the call makes.
    let call = || api.events().get(7).with_header("x-trace", "17");
    call().await.unwrap();
    let value: u32 = api.send(call().build().unwrap()).json_as().await.unwrap();
    let all = sent.all();
    assert_eq!((value, all[0].line(), &all[0].headers), (7, all[1].line(), &all[1].headers));
    assert_eq!(all[1].header("authorization"), "Bearer t0ken");
    // Changed, it has what it was changed to: nothing that was removed comes back.
    let mut request = call().build().unwrap();
    request.headers.remove("x-old");
    request.headers.insert("x-acme", HeaderValue::from_static("c"));
    request.url.set_query(Some("v=2&w"));
    request.url.set_path("/v1/rest/events/8");
    api.send(request).with_query("x", &1).with_header("x-trace", "18").await.unwrap();
    let seen = sent.all().pop().unwrap();
    assert_eq!(seen.line(), "GET /v1/rest/events/8?v=2&w&x=1");
    let shown = ["x-old", "x-acme", "x-trace", "x-beta"].map(|name| seen.header(name));
    assert_eq!(shown, ["", "c", "18", "1"]);
    let mut request = call().build().unwrap();
    request.headers.insert("authorization", HeaderValue::from_static("Basic Og=="));
    api.send(request).await.unwrap();
    assert_eq!(sent.all().pop().unwrap().header("authorization"), "Basic Og==");
    // With another method and a body.
    let mut request = call().build().unwrap();
    request.method = Method::PUT;
    api.send(request).body("text/plain", "Moved.").await.unwrap();
    let seen = sent.all().pop().unwrap();
    assert_eq!(
        (seen.method, seen.body.as_str(), seen.headers["content-type"].to_str().unwrap()),
        (Method::PUT, "Moved.", "text/plain")
    );
}

/// The operation of a prepared request is known: its settings, its key, and its name in errors.
#[tokio::test(start_paused = true)]
async fn a_prepared_request_is_retried_as_its_operation_is() {
    let (transport, sent) = recording(|number, _| match number {
        1 | 3 => Ok(respond(503, "")),
        2 => Err(Failure::unknown("reset")),
        _ => Ok(respond(200, "")),
    });
    let api = Acme::builder().transport(transport).credential(bearer()).build().unwrap();
    api.send(api.events().create("Standup").build().unwrap()).with_max_attempts(4).await.unwrap();
    let keys: Vec<_> = sent.all().iter().map(|seen| seen.header("idempotency-key").to_owned()).collect();
    assert!(keys.len() == 4 && !keys[0].is_empty() && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    // Without a key, the status in `rejected_on` is repeated, and a lost connection is not.
    let (transport, sent) = recording(|number, _| match number {
        1 => Ok(respond(503, "")),
        _ => Err(Failure::unknown("reset")),
    });
    let api = Acme::builder().transport(transport).credential(bearer()).build().unwrap();
    let error = api.send(api.events().unkeyed("Standup").build().unwrap()).await.unwrap_err();
    assert_eq!((error.attempts(), error.outcome(), sent.all().len()), (2, Some(Outcome::Unknown), 2));
    assert_eq!(error.operation().unwrap().to_string(), "Events::unkeyed");
}

#[tokio::test(start_paused = true)]
async fn a_prepared_request_stays_at_its_origin() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).credential(bearer()).build().unwrap();
    for url in [
        "https://evil.test/x",
        "http://api.test/v1/x",
        "https://api.test.evil.test/",
        "https://api.test:8443/",
    ] {
        let mut request = api.events().get(7).build().unwrap();
        request.url = Url::parse(url).unwrap();
        let error = api.send(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
        assert!(
            error.to_string().contains("the URL of a prepared request is an absolute URL of another origin"),
            "{error}"
        );
    }
    assert!(sent.all().is_empty());
    // That of an operation elsewhere is its own, and gets no credential.
    api.send(api.events().upload().build().unwrap()).await.unwrap();
    let seen = sent.only();
    assert_eq!(
        (seen.url.as_str(), seen.header("authorization"), seen.header("x-acme")),
        ("https://upload.test/v2/events/upload", "", "")
    );
    // A name and a password in the URL become no credential.
    let mut request = api.events().get(7).build().unwrap();
    request.url.set_username("ana").unwrap();
    api.send(request).await.unwrap();
    assert_eq!(sent.all()[1].header("authorization"), "Bearer t0ken");
    assert_eq!(sent.all()[1].url.username(), "");
}

#[tokio::test(start_paused = true)]
async fn a_prepared_request_shows_no_more_than_its_call() {
    let (transport, _) = recording(|_, _| Ok(respond(500, "s3cret")));
    let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
    let request = api.raw().get("/tokens/s3cret").query("q", "s3cret").build().unwrap();
    let error = api.send(request).await.unwrap_err();
    assert!(!error.report().contains("s3cret"), "{}", error.report());
    let mut request = api.raw().get("/tokens/s3cret").build().unwrap();
    request.url.set_path("/v1/rest/s3cret");
    let error = api.send(request).await.unwrap_err();
    assert!(!error.report().contains("s3cret"), "{}", error.report());
}

/// A session without TLS.
#[derive(Clone, APISession)]
#[session(base_url = "http://127.0.0.1")]
struct Local {
    session: Session,
}

#[tokio::test]
async fn close_drops_idle_connections() {
    let server = Server::start(|_| "HTTP/1.1 204 No Content\r\n\r\n").await;
    let api =
        Local::builder().base_url(server.url()).pool_idle_timeout(Duration::from_secs(600)).build().unwrap();
    for expected in [1, 1] {
        watched(api.raw().get("/x")).await.unwrap();
        assert_eq!(server.connections(), expected);
    }
    api.close().await.unwrap();
    // It can still be used.
    watched(api.raw().get("/x")).await.unwrap();
    assert_eq!(server.connections(), 2);
    api.scope(async |api| -> Result<()> { watched(api.raw().get("/x")).await.map(drop) }).await.unwrap();
    watched(api.raw().get("/x")).await.unwrap();
    assert_eq!(server.connections(), 3);
}

/// The server sees the end of the connection, and a request under way is completed.
#[tokio::test]
async fn close_ends_a_connection_and_no_request() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let api = Local::builder().base_url(url).pool_idle_timeout(Duration::from_secs(600)).build().unwrap();
    let call = tokio::spawn(api.raw().get("/x").to_call().send());
    let (mut stream, _) = watched(listener.accept()).await.unwrap();
    let mut read = [0; 4096];
    assert!(watched(stream.read(&mut read)).await.unwrap() > 0);
    api.close().await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
    assert_eq!(&*watched(call).await.unwrap().unwrap().text().unwrap(), "ok");
    // Its connection is not kept: its pool has ended.
    assert_eq!(watched(stream.read(&mut read)).await.unwrap(), 0);
}

#[tokio::test]
async fn two_sessions_share_a_transport() {
    let server = Server::start(|_| "HTTP/1.1 204 No Content\r\n\r\n").await;
    let wire = apisession_tests::wire().pool_idle_timeout(Duration::from_secs(600));
    let session = |shared: Arc<dyn Transport>| {
        Acme::builder().base_url(server.url()).transport(shared).build().unwrap()
    };
    let shared: Arc<dyn Transport> = Arc::new(wire);
    let (one, two) = (session(Arc::clone(&shared)), session(shared));
    for api in [&one, &two, &one] {
        watched(api.raw().get("/x")).await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[cfg(feature = "reqwest")]
#[tokio::test]
async fn a_finished_client_is_a_transport() {
    let server = Server::start(|request| match request.contains("/moved") {
        true => "HTTP/1.1 302 Found\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n".to_owned(),
        false => "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7".to_owned(),
    })
    .await;
    let client = |policy| reqwest::Client::builder().redirect(policy).no_proxy().build().unwrap();
    let none = client(reqwest::redirect::Policy::none());
    let session = |client: &reqwest::Client| Acme::builder().base_url(server.url()).transport(client.clone());
    let (one, two) = (session(&none).build().unwrap(), session(&none).build().unwrap());
    assert_eq!(watched(one.events().get(7)).await.unwrap(), 7);
    // The session follows the redirect.
    assert_eq!(watched(two.raw().get("/moved")).await.unwrap().history().len(), 1);
    assert_eq!(server.connections(), 1);
    // Its proxies are not known, so plain HTTP is not private.
    let error =
        watched(session(&none).credential(bearer()).build().unwrap().raw().get("/x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    // A redirect that it follows itself is an error.
    let following = session(&client(reqwest::redirect::Policy::default())).max_attempts(1).build().unwrap();
    let error = watched(following.raw().get("/moved")).await.unwrap_err();
    assert!(error.report().contains("the client has followed a redirect itself"), "{}", error.report());
}

#[tokio::test(start_paused = true)]
async fn a_call_has_a_transport_of_its_own() {
    let (own, own_sent) = recording(|_, _| Ok(respond(200, "")));
    let (fake, fake_sent) = recording(|number, _| Ok(respond(if number == 1 { 503 } else { 200 }, "")));
    let fake = Arc::new(fake);
    let tokens = Credential::provided_by(|session: Session| async move {
        session.raw().get("/token").await?;
        Credential::bearer("t")
    });
    let api = Acme::builder().transport(own).credential(tokens).build().unwrap();
    // Each attempt goes there, and the sign-in does not.
    api.events().get(7).with_transport(Arc::clone(&fake)).raw().await.unwrap();
    api.raw().get("/x").with_transport(fake).await.unwrap();
    assert_eq!(own_sent.lines(), ["GET /v1/rest/token?v=1"]);
    assert_eq!(
        fake_sent.lines(),
        ["GET /v1/rest/events/7?v=1", "GET /v1/rest/events/7?v=1", "GET /v1/rest/x?v=1"]
    );
}

#[tokio::test(start_paused = true)]
async fn connecting_has_its_own_limit_of_attempts() {
    // How each attempt ends: `c` can't connect, `5` is a 503, `2` a success; with the limits, and the attempts that are made.
    let rows = [
        ("cc2", 3, None, Ok(3)),
        ("cc2", 3, Some(1), Err(1)),
        ("cc2", 3, Some(2), Err(2)),
        ("cc2", 3, Some(3), Ok(3)),
        ("c5c2", 5, Some(2), Err(3)),
        ("c5c2", 5, Some(3), Ok(4)),
        ("552", 3, Some(1), Ok(3)),
        ("5c2", 3, Some(1), Err(2)),
        ("ccc2", 2, Some(3), Err(2)),
    ];
    for (ends, max, max_connect, expected) in rows {
        let (transport, sent) = recording(move |number, _| match ends.as_bytes()[number - 1] {
            b'c' => Err(Failure::not_sent("refused")),
            b'5' => Ok(respond(503, "")),
            _ => Ok(respond(200, "")),
        });
        let api = Acme::builder().transport(transport).max_attempts(max);
        let api = match max_connect {
            Some(max) => api.max_connect_attempts(max),
            None => api,
        };
        let end = api.build().unwrap().raw().get("/x").await;
        let attempts = sent.all().len();
        assert_eq!(
            if end.is_ok() { Ok(attempts) } else { Err(attempts) },
            expected,
            "{ends} {max} {max_connect:?}"
        );
    }
    let error = Acme::builder().max_connect_attempts(0).build().err().unwrap();
    assert!(error.to_string().contains("`max_connect_attempts` is zero"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_base_error_map_can_be_replaced() {
    let bare = ErrorMap::bare()
        .status(404, Rule::kind(ErrorKind::NotFound))
        .status(429, Rule::kind(ErrorKind::TooManyRequests))
        .status(503, Rule::kind(ErrorKind::ServiceUnavailable).retryable(true));
    let rows = [
        (200, None, 1),
        (201, None, 1),
        (304, Some(ErrorKind::Redirect), 1),
        (404, Some(ErrorKind::NotFound), 1),
        (409, Some(ErrorKind::OtherClientError), 1),
        (429, Some(ErrorKind::TooManyRequests), 2),
        (500, Some(ErrorKind::OtherServerError), 1),
        (503, Some(ErrorKind::ServiceUnavailable), 2),
        (799, Some(ErrorKind::UnexpectedStatus), 1),
    ];
    for (status, kind, attempts) in rows {
        let (transport, sent) = recording(move |_, _| Ok(respond(status, "")));
        let api =
            Acme::builder().transport(transport).max_attempts(2).error_map(bare.clone()).build().unwrap();
        let end = api.raw().get("/x").await;
        assert_eq!((end.err().map(|error| error.kind()), sent.all().len()), (kind, attempts), "{status}");
    }
    // It also takes the place of outer maps, and nearer ones are laid over it.
    let (transport, _) = recording(|_, _| Ok(respond(409, "")));
    let outer =
        ErrorMap::new().status(409, Rule::kind(ErrorKind::Locked).message(|_| Some("outer".to_owned())));
    let api = Acme::builder().transport(transport).error_map(outer).build().unwrap();
    let call = || api.raw().get("/x").with_error_map(bare.clone());
    let error = call().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OtherClientError);
    assert!(!error.to_string().contains("outer"), "{error}");
    let nearer = ErrorMap::new().status(409, Rule::kind(ErrorKind::Conflict));
    assert_eq!(call().with_error_map(nearer).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn a_call_has_hooks_of_its_own() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = |name: &'static str| {
        let seen = Arc::clone(&seen);
        move |response: &Response| {
            seen.lock().unwrap().push(format!(
                "{name} {} {}",
                response.status().as_u16(),
                response.url().unwrap().path()
            ));
        }
    };
    let (transport, _) = recording(|number, _| {
        Ok(match number {
            1 => respond(503, ""),
            2 => respond(302, "").with_header("location", "/y"),
            _ => respond(200, "7"),
        })
    });
    let api = Acme::builder().transport(transport).on_response(look("session")).build().unwrap();
    let call = api.events().get(7).with_on_response(look("a")).with_on_response(look("b"));
    assert_eq!(call.await.unwrap(), 7);
    api.raw().get("/z").await.unwrap();
    let path = "/v1/rest/events/7";
    let expected = [("503", path), ("302", path), ("200", "/y")];
    let mut expected: Vec<_> = expected
        .iter()
        .flat_map(|(status, path)| ["a", "b", "session"].map(|name| format!("{name} {status} {path}")))
        .collect();
    expected.push("session 200 /v1/rest/z".to_owned());
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_error_states_whether_a_retry_can_succeed() {
    let rows = [(503, true), (429, true), (500, true), (404, false), (401, false), (501, false)];
    for (status, expected) in rows {
        let (transport, _) = recording(move |_, _| Ok(respond(status, "")));
        let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
        assert_eq!(api.raw().post("/x").await.unwrap_err().is_retryable(), expected, "{status}");
        let marked = api.raw().post("/x").retry_on(&[status]).await.unwrap_err();
        assert!(marked.is_retryable(), "{status}");
    }
    let (transport, _) = recording(|_, _| Err(Failure::not_sent("refused")));
    let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
    assert!(api.raw().post("/x").await.unwrap_err().is_retryable());
    assert!(!api.raw().get("/a?b").await.unwrap_err().is_retryable());
}

#[tokio::test]
async fn the_transport_of_a_url_is_returned() {
    let (own, own_sent) = recording(|_, _| Ok(respond(200, "")));
    let (files, files_sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(own).mount("https://api.test/files", files).build().unwrap();
    for url in ["https://api.test/files/1", "https://api.test/filestore", "https://other.test/"] {
        let mut request = api.raw().get("/x").build().unwrap();
        request.url = Url::parse(url).unwrap();
        let transport = api.transport_of(&request.url).unwrap();
        assert!(transport.send(request).await.is_ok());
    }
    assert_eq!(
        (own_sent.lines(), files_sent.lines()),
        (vec!["GET /filestore".into(), "GET /".into()], vec!["GET /files/1".to_owned()])
    );
}

/// Hooks that several products of a vendor share: one macro of the vendor's crate, and a line for each product.
#[tokio::test(start_paused = true)]
async fn products_of_a_vendor_share_their_hooks() {
    static LOGINS: AtomicUsize = AtomicUsize::new(0);
    macro_rules! vendor_hooks {
        ($($product:ty),*) => {
            $(impl APISession for $product {
                async fn authenticate(&self) -> Result<Credential> {
                    LOGINS.fetch_add(1, Ordering::SeqCst);
                    Credential::header("x-apikeys", &self.key)
                }

                fn error_map(&self) -> ErrorMap {
                    ErrorMap::new().status(418, Rule::kind(ErrorKind::ServiceUnavailable))
                }
            })*
        };
    }
    #[derive(Clone, APISession)]
    #[session(base_url = "https://cloud.acme.test", hooks)]
    struct Cloud {
        session: Session,
        key: String,
    }
    #[derive(Clone, APISession)]
    #[session(base_url = "https://center.acme.test", hooks)]
    struct Center {
        session: Session,
        key: String,
    }
    vendor_hooks!(Cloud, Center);
    let (transport, sent) = recording(|_, _| Ok(respond(418, "")));
    let transport = Arc::new(transport);
    let cloud = Cloud::builder("one".to_owned()).transport(Arc::clone(&transport)).build().unwrap();
    let center = Center::builder("two".to_owned()).transport(transport).build().unwrap();
    let errors = [cloud.raw().post("/x").await.unwrap_err(), center.raw().post("/x").await.unwrap_err()];
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::ServiceUnavailable));
    let keys: Vec<_> = sent.all().iter().map(|seen| seen.header("x-apikeys").to_owned()).collect();
    assert_eq!((keys, LOGINS.load(Ordering::SeqCst)), (vec!["one".to_owned(), "two".to_owned()], 2));
}
