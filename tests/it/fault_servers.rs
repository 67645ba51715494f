//! What HTTP and its servers expect of a request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{AllowedOrigins, Body, BoxFuture, Bytes, FromResponse, Outcome, RawCall};
use apisession_tests::{Pieces, Seen, Sent, Server, offline, recording, respond, tokio, watched};
use serde::Serialize;
use tokio::time::{Instant, sleep};

#[endpoint(path = "/items")]
struct Items;

#[endpoint]
impl Items {
    #[post("/{id}/start")]
    fn start(&self, id: u64) -> Call<()>;
    #[delete("/{id}")]
    fn remove(&self, id: u64) -> Call<()>;
    #[request(QUERY, "/search")]
    fn search(&self, filter: &Filter) -> Call<Bytes>;
}

#[derive(Serialize)]
struct Filter {
    city: &'static str,
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    items: Items,
}

/// The heads of all requests that a server has read.
type Heads = Arc<Mutex<Vec<String>>>;

/// A server that records the head of each request, and responds by `respond`.
async fn recorded(respond: impl Fn(&str) -> String + Send + Sync + 'static) -> (Server, Heads) {
    let heads = Heads::default();
    let kept = Arc::clone(&heads);
    let server = Server::start(move |request| {
        let head = request.split("\r\n\r\n").next().unwrap_or_default();
        kept.lock().unwrap().push(head.to_owned());
        respond(request)
    });
    (server.await, heads)
}

/// The values of a field in the head of a request over HTTP/1.1.
fn fields(head: &str, name: &str) -> Vec<String> {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).collect()
}

/// A body that is streamed.
fn stream(pieces: &'static [&'static str]) -> Body {
    Body::stream(Pieces::new(pieces.iter().copied().map(Bytes::from), Duration::ZERO))
}

const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A server over HTTP/2 without TLS. It returns its URL, and records the `content-length` of each request.
async fn http2() -> (String, Arc<Mutex<Vec<Vec<String>>>>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let lengths = Arc::<Mutex<Vec<Vec<String>>>>::default();
    let kept = Arc::clone(&lengths);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let lengths = request.headers().get_all("content-length").iter();
                    let lengths = lengths.map(|length| length.to_str().unwrap().to_owned()).collect();
                    kept.lock().unwrap().push(lengths);
                    let response = apisession::http::Response::builder().status(204).body(()).unwrap();
                    respond.send_response(response, true).unwrap();
                }
            });
        }
    });
    (url, lengths)
}

#[tokio::test]
async fn fault_e1_a_method_that_defines_content_states_its_length_also_without_any() {
    let raw = |method: &'static str, body: Option<fn() -> Body>| {
        move |api: &Acme| {
            let call = api.raw().request(Method::from_bytes(method.as_bytes()).unwrap(), "/x");
            match body {
                Some(body) => call.body("text/plain", body()),
                None => call,
            }
            .to_call()
        }
    };
    type Make = Box<dyn Fn(&Acme) -> Call<Response>>;
    let rows: [(&str, Make, &[&str]); 19] = [
        ("an operation", Box::new(|api| api.items().start(1).raw()), &["0"]),
        ("a DELETE operation", Box::new(|api| api.items().remove(1).raw()), &[]),
        ("POST", Box::new(raw("POST", None)), &["0"]),
        ("PUT", Box::new(raw("PUT", None)), &["0"]),
        ("PATCH", Box::new(raw("PATCH", None)), &["0"]),
        ("QUERY", Box::new(raw("QUERY", None)), &["0"]),
        ("GET", Box::new(raw("GET", None)), &[]),
        ("HEAD", Box::new(raw("HEAD", None)), &[]),
        ("DELETE", Box::new(raw("DELETE", None)), &[]),
        ("OPTIONS", Box::new(raw("OPTIONS", None)), &[]),
        ("POST with nothing", Box::new(raw("POST", Some(Body::empty))), &["0"]),
        ("PUT with an empty text", Box::new(raw("PUT", Some(|| "".into()))), &["0"]),
        ("PATCH with no bytes", Box::new(raw("PATCH", Some(|| Vec::new().into()))), &["0"]),
        ("GET with an empty text", Box::new(raw("GET", Some(|| "".into()))), &[]),
        ("DELETE with an empty text", Box::new(raw("DELETE", Some(|| "".into()))), &[]),
        ("POST with a body", Box::new(raw("POST", Some(|| "abc".into()))), &["3"]),
        ("DELETE with a body", Box::new(raw("DELETE", Some(|| "abc".into()))), &["3"]),
        ("POST with an empty stream", Box::new(raw("POST", Some(|| stream(&[]).with_length(0)))), &["0"]),
        ("POST with a stream", Box::new(raw("POST", Some(|| stream(&["ab"]).with_length(2)))), &["2"]),
    ];
    let (server, heads) = recorded(|_| NO_CONTENT.to_owned()).await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let (url, lengths) = http2().await;
    let builder = Acme::builder().client(|| reqwest::Client::builder().http2_prior_knowledge());
    let second = builder.base_url(url).build().unwrap();
    for (what, call, expected) in rows {
        watched(call(&api)).await.unwrap();
        let head = heads.lock().unwrap().pop().unwrap();
        assert_eq!(fields(&head, "content-length"), expected, "{what}: {head}");
        assert_eq!(fields(&head, "transfer-encoding"), [""; 0], "{what}: {head}");
        watched(call(&second)).await.unwrap();
        if what == "OPTIONS" {
            // hyper states the length of all requests over HTTP/2 but those of four methods.
            continue;
        }
        assert_eq!(lengths.lock().unwrap().pop().unwrap(), expected, "{what}, over HTTP/2");
    }

    // Each further request of a call states it too.
    let (server, heads) = recorded(|request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        match path {
            "/307" => {
                "HTTP/1.1 307 Temporary Redirect\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n".to_owned()
            }
            "/303" => "HTTP/1.1 303 See Other\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n".to_owned(),
            _ => NO_CONTENT.to_owned(),
        }
    })
    .await;
    let api = Acme::builder().base_url(server.url()).redirects(3).build().unwrap();
    for (path, expected) in [("/307", [vec!["0"], vec!["0"]]), ("/303", [vec!["0"], vec![]])] {
        watched(api.raw().post(path)).await.unwrap();
        let found: Vec<_> =
            heads.lock().unwrap().drain(..).map(|head| fields(&head, "content-length")).collect();
        assert_eq!(found, expected, "{path}");
    }
}

/// A session, and what it has sent to a server that responds by `respond`.
fn acme<F>(respond: F) -> (Acme, Sent)
where
    F: Fn(usize, &Seen) -> Result<Response, Failure> + Send + Sync + 'static,
{
    let (transport, sent) = recording(respond);
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

/// The bounds of the wait before each retry, in milliseconds.
type Waits = &'static [(u64, u64)];

#[tokio::test(start_paused = true)]
async fn fault_e3_the_first_delay_is_a_second_of_which_the_upper_half_is_random() {
    let failed = |status: u16| Ok(respond(status, ""));
    let paused = |status: u16, pause: &str| Ok(respond(status, "").with_header("retry-after", pause));
    let refused = || Err(Failure::not_sent("refused"));
    let lost = || Err(Failure::unknown("reset"));
    let policy = RetryPolicy::new;
    let millis = Duration::from_millis;
    const DEFAULT: Waits = &[(500, 1_000), (1_000, 2_000)];
    type End = Box<dyn Fn() -> Result<Response, Failure> + Send + Sync>;
    let rows: [(&str, End, RetryPolicy, u32, Waits); 13] = [
        ("an error of the server", Box::new(move || failed(503)), policy(), 3, DEFAULT),
        ("no connection", Box::new(refused), policy(), 3, DEFAULT),
        ("a lost connection", Box::new(lost), policy(), 3, DEFAULT),
        ("throttled", Box::new(move || failed(429)), policy(), 3, DEFAULT),
        ("throttled, with 420", Box::new(move || failed(420)), policy(), 3, DEFAULT),
        ("a pause that can't be read", Box::new(move || paused(503, "soon")), policy(), 3, DEFAULT),
        ("a pause of zero", Box::new(move || paused(503, "0")), policy(), 3, DEFAULT),
        ("a pause", Box::new(move || paused(429, "3")), policy(), 3, &[(3_000, 3_300), (3_000, 3_300)]),
        (
            "a pause that is short",
            Box::new(move || paused(503, "0.1")),
            policy(),
            3,
            &[(100, 110), (100, 110)],
        ),
        (
            "up to the cap",
            Box::new(move || failed(503)),
            policy(),
            8,
            &[
                (500, 1_000),
                (1_000, 2_000),
                (2_000, 4_000),
                (4_000, 8_000),
                (8_000, 16_000),
                (10_000, 20_000),
                (10_000, 20_000),
            ],
        ),
        (
            "another first delay",
            Box::new(move || failed(503)),
            policy().first_delay(millis(100)),
            3,
            &[(50, 100), (100, 200)],
        ),
        (
            "the same base if throttled",
            Box::new(move || failed(429)),
            policy().first_delay(millis(100)),
            3,
            &[(50, 100), (100, 200)],
        ),
        (
            "a base of its own",
            Box::new(move || failed(429)),
            policy().throttled_delay(millis(400)),
            3,
            &[(200, 400), (400, 800)],
        ),
    ];
    for (what, end, retry, attempts, expected) in rows {
        let end = Arc::new(end);
        let mut seen = vec![Vec::new(); expected.len()];
        for _ in 0..40 {
            let times = Arc::<Mutex<Vec<Instant>>>::default();
            let (kept, end) = (Arc::clone(&times), Arc::clone(&end));
            // A session of its own has a whole budget of retries.
            let (api, _) = acme(move |_, _| {
                kept.lock().unwrap().push(Instant::now());
                end()
            });
            let call = api.raw().get("/x").with_retry(retry.clone()).with_max_attempts(attempts);
            call.await.unwrap_err();
            for (number, pair) in times.lock().unwrap().windows(2).enumerate() {
                seen[number].push(pair[1] - pair[0]);
            }
        }
        for (number, ((low, high), waits)) in expected.iter().zip(seen).enumerate() {
            // The clock of tokio has a resolution of a millisecond.
            let (low, high) = (millis(*low), millis(high + 1));
            let (least, most) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
            assert!(low <= least && most <= high, "{what}, retry {number}: {least:?} to {most:?}");
            assert!(most - least > (high - low) / 4, "{what}, retry {number}: {least:?} to {most:?}");
        }
    }
}

/// Eight workers call a server without a pause, while it restarts twenty times. `cargo run -p apisession-tests --bin restarts` does
/// the same on sockets.
#[tokio::test(start_paused = true)]
async fn fault_e3_a_restart_of_a_second_fails_no_call() {
    const PERIOD: Duration = Duration::from_secs(5);
    for outage in [200, 500, 1_000].map(Duration::from_millis) {
        let start = Instant::now();
        let is_down = move || {
            let elapsed = start.elapsed();
            elapsed.as_nanos() % PERIOD.as_nanos() >= (PERIOD - outage).as_nanos()
        };
        let server = Memory::new(move |_| async move {
            if is_down() {
                return Err(Failure::not_sent("refused"));
            }
            sleep(Duration::from_millis(50)).await;
            if is_down() { Err(Failure::unknown("reset")) } else { Ok(respond(200, "")) }
        });
        let api = Acme::builder().transport(server).build().unwrap();
        let workers = (0..8).map(|_| {
            let api = api.clone();
            tokio::spawn(async move {
                let (mut calls, mut failures) = (0, Vec::new());
                while start.elapsed() < PERIOD * 20 {
                    calls += 1;
                    failures.extend(api.raw().get("/x").await.err());
                }
                (calls, failures)
            })
        });
        let mut calls = 0;
        for worker in workers.collect::<Vec<_>>() {
            let (made, failures) = worker.await.unwrap();
            calls += made;
            assert!(
                failures.is_empty(),
                "{outage:?}: {} calls failed: {}",
                failures.len(),
                failures[0].report()
            );
        }
        assert!(calls > 5_000, "{calls}");
    }
}

#[tokio::test(start_paused = true)]
async fn fault_e9_query_is_a_read_with_content() {
    let query = Method::QUERY;
    // What arrives after a redirect, which is followed by default.
    for (status, expected) in [
        (301, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
        (302, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
        (303, ("GET /x", "", "")),
        (307, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
        (308, ("QUERY /x", r#"{"city":"Bern"}"#, "application/json")),
    ] {
        let (api, sent) = acme(move |number, _| {
            Ok(if number == 1 { respond(status, "").with_header("location", "/x") } else { respond(200, "") })
        });
        api.items().search(&Filter { city: "Bern" }).await.unwrap();
        let (first, last) = (&sent.all()[0], &sent.all()[1]);
        let line = (first.line(), &first.body[..]);
        assert_eq!(line, ("QUERY /items/search".to_owned(), r#"{"city":"Bern"}"#), "{status}");
        assert_eq!((&last.line()[..], &last.body[..], last.header("content-type")), expected, "{status}");
    }
    // Ten redirects, as for a GET.
    let (api, sent) = acme(|_, _| Ok(respond(302, "").with_header("location", "/x")));
    let error = api.raw().request(query.clone(), "/x").body("text/plain", "q").await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::TooManyRedirects, 11));

    // It is sent again although nothing is known of the first attempt, and by a hook it may be sent to another URL.
    type First = fn() -> Result<Response, Failure>;
    let rows: [(&str, First); 3] = [
        ("lost", || Err(Failure::unknown("reset"))),
        ("503", || Ok(respond(503, ""))),
        ("not sent", || Err(Failure::not_sent("refused"))),
    ];
    for (what, first) in rows {
        let (api, sent) = acme(move |number, _| if number == 1 { first() } else { Ok(respond(200, "")) });
        api.items().search(&Filter { city: "Bern" }).await.unwrap();
        let bodies: Vec<_> = sent.all().iter().map(|seen| seen.body.clone()).collect();
        assert_eq!(bodies, [r#"{"city":"Bern"}"#; 2], "{what}");
    }

    // Its content needs a grant, as that of any other method does.
    for (grant, expected) in [
        (AllowedOrigins::from(&["https://cdn.test"]), Err(ErrorKind::Redirect)),
        (AllowedOrigins::from(&["https://cdn.test"]).allow_bodies("https://cdn.test"), Ok(2)),
    ] {
        let (api, sent) = acme(|number, _| {
            let place = "https://cdn.test/x";
            Ok(if number == 1 { respond(307, "").with_header("location", place) } else { respond(200, "") })
        });
        let call = api.raw().request(query.clone(), "/x").body("text/plain", "q").with_allowed_origins(grant);
        let end = call.await.map(|_| sent.all().len()).map_err(|error| error.kind());
        assert_eq!(end, expected);
    }

    // Nothing is known of a stream that was sent once, so it is not sent again.
    let (api, sent) = acme(|_, _| Err(Failure::unknown("reset")));
    let error = api.raw().request(query, "/x").body("text/plain", stream(&["a"])).await.unwrap_err();
    assert_eq!(error.outcome(), Some(Outcome::Unknown));
    assert!(sent.all().len() <= 3);
}

/// A total in a header, which has its own media type.
struct Total(u64);

impl FromResponse for Total {
    const ACCEPT: &'static str = "application/vnd.acme.total";

    fn from_response(response: Response) -> Result<Self> {
        let total = response.headers().get("x-total").and_then(|total| total.to_str().ok()?.parse().ok());
        Ok(Self(total.unwrap_or_default()))
    }
}

/// A type that does not state what it is decoded from.
struct Unstated;

impl FromResponse for Unstated {
    fn from_response(_: Response) -> Result<Self> {
        Ok(Self)
    }
}

type Alias = Bytes;

const CSV: &str = "text/csv";

fn calendar(version: u32) -> String {
    format!("text/calendar; version={version}")
}

#[endpoint(path = "/kinds")]
struct Kinds;

#[endpoint]
impl Kinds {
    #[get]
    fn json(&self) -> Call<Vec<u32>>;
    #[get]
    fn optional(&self) -> Call<Option<u32>>;
    #[get]
    fn nothing(&self) -> Call<()>;
    #[get]
    fn whole(&self) -> Call<Response<Vec<u32>>>;
    #[get]
    fn bytes(&self, since: Option<u32>) -> Call<Bytes>;
    #[get]
    fn alias(&self) -> Call<Alias>;
    #[get]
    fn more_bytes(&self) -> Call<Bytes>;
    #[get]
    fn response(&self) -> Call<Response>;
    #[get]
    fn text(&self) -> Call<Text>;
    #[get]
    fn total(&self) -> Call<Total>;
    #[get]
    fn unstated(&self) -> Call<Unstated>;
    #[get(accept = "image/png")]
    fn image(&self) -> Call<Bytes>;
    #[get(accept = CSV)]
    fn csv(&self) -> Call<Text>;
    #[get(accept = calendar(2))]
    fn calendar(&self) -> Call<Text>;
    #[get(accept = if cfg!(test) { "a/b" } else { "c/d" })]
    fn chosen(&self) -> Call<Vec<u32>>;
    #[get]
    fn given(&self, #[header("accept")] accept: &str) -> Call<Bytes>;
    #[get(headers("accept" = none))]
    fn unset(&self) -> Call<Text>;
}

#[endpoint(path = "/v2", headers("accept" = "application/vnd.v2+json"))]
struct Versioned;

#[endpoint]
impl Versioned {
    #[get]
    fn bytes(&self) -> Call<Bytes>;
    #[get(accept = "text/plain")]
    fn text(&self) -> Call<Text>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Media {
    session: Session,
    #[endpoint]
    kinds: Kinds,
    #[endpoint]
    versioned: Versioned,
}

#[tokio::test]
async fn fault_e2_accept_follows_the_type_of_the_response() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "[1]")));
    let api = Media::builder().transport(transport).build().unwrap();
    let (kinds, raw) = (api.kinds(), api.raw());
    type Sending = BoxFuture<'static, ()>;
    fn sent_by<T: Send + 'static>(call: Call<T>) -> Sending {
        Box::pin(async move { drop(call.await) })
    }
    let rows: [(&str, Sending, &[&str]); 30] = [
        ("JSON", sent_by(kinds.json()), &["application/json"]),
        ("JSON or nothing", sent_by(kinds.optional()), &["application/json"]),
        ("nothing", sent_by(kinds.nothing()), &["application/json"]),
        ("JSON with its head", sent_by(kinds.whole()), &["application/json"]),
        ("bytes", sent_by(kinds.bytes().to_call()), &["*/*"]),
        ("bytes after a setter", sent_by(kinds.bytes().since(7).to_call()), &["*/*"]),
        ("bytes by an alias", sent_by(kinds.alias()), &["*/*"]),
        ("bytes once more", sent_by(kinds.more_bytes()), &["*/*"]),
        ("a response", sent_by(kinds.response()), &["*/*"]),
        ("text", sent_by(kinds.text()), &["text/*"]),
        ("a type that states it", sent_by(kinds.total()), &["application/vnd.acme.total"]),
        ("a type that does not", sent_by(kinds.unstated()), &["application/json"]),
        ("an operation as it is", sent_by(kinds.json().raw()), &["*/*"]),
        ("an operation that is streamed", sent_by(kinds.json().streaming()), &["*/*"]),
        ("bytes as JSON", sent_by(kinds.more_bytes().json_as::<u32>()), &["application/json"]),
        ("a raw request", sent_by(raw.get("/x").to_call()), &["*/*"]),
        ("a raw write", sent_by(raw.post("/x").json(&1).to_call()), &["*/*"]),
        ("a raw request as JSON", sent_by(raw.get("/x").json_as::<u32>()), &["application/json"]),
        ("a link", sent_by(raw.follow("/x").to_call()), &["*/*"]),
        ("another server", sent_by(raw.elsewhere(Method::GET, "https://a.test/").to_call()), &["*/*"]),
        ("the key", sent_by(kinds.image()), &["image/png"]),
        ("the key with a constant", sent_by(kinds.csv()), &["text/csv"]),
        ("the key with a call", sent_by(kinds.calendar()), &["text/calendar; version=2"]),
        ("the key with a condition", sent_by(kinds.chosen()), &["a/b"]),
        ("the key, as it is", sent_by(kinds.image().raw()), &["image/png"]),
        ("a parameter", sent_by(kinds.given("image/gif")), &["image/gif"]),
        ("no header", sent_by(kinds.unset()), &[]),
        ("that of the endpoint", sent_by(api.versioned().bytes()), &["application/vnd.v2+json"]),
        ("that of the operation", sent_by(api.versioned().text()), &["text/plain"]),
        ("that of the call", sent_by(kinds.bytes().with_header("accept", "a/b").to_call()), &["a/b"]),
    ];
    for (what, sending, expected) in rows {
        sending.await;
        let seen = sent.all().pop().unwrap();
        let found: Vec<_> =
            seen.headers.get_all("accept").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(kinds.total().build().unwrap().headers["accept"], "application/vnd.acme.total");
    assert_eq!(kinds.total().await.unwrap().0, 0);
    assert!(!kinds.json().without_header("accept").build().unwrap().headers.contains_key("accept"));
    let own = Media::builder().transport(offline()).header("accept", "application/xml").build().unwrap();
    assert_eq!(own.kinds().text().build().unwrap().headers["accept"], "application/xml");
    let other = api.with(|settings| settings.header("accept", "a/b"));
    assert_eq!(other.kinds().text().build().unwrap().headers["accept"], "a/b");
}

#[endpoint(path = "/objects")]
struct Objects;

#[endpoint]
impl Objects {
    #[put("/{key}")]
    fn one(&self, key: &str) -> Call<()>;
    #[put("/in/{key+}")]
    fn several(&self, key: &str) -> Call<()>;
    #[put("/any/{key+}")]
    fn any(&self, #[path(empty_segments)] key: &str) -> Call<()>;
    #[get("/any/{key+}/acl")]
    fn acl(&self, #[path(empty_segments)] key: &str) -> Call<()>;
    #[put("/listed/{keys+}")]
    fn listed(&self, #[path(rename = "keys", empty_segments)] parts: &[&str]) -> Call<()>;
}

/// Its only path is a value.
#[endpoint]
struct Bucket;

#[endpoint]
impl Bucket {
    #[put("/{key+}")]
    fn put(&self, #[path(empty_segments)] key: &str) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test")]
struct Store {
    session: Session,
    #[endpoint]
    objects: Objects,
    #[endpoint]
    bucket: Bucket,
}

#[tokio::test]
async fn fault_e6_path_values_are_written_as_servers_read_them() {
    // What arrives is the path as it was written, without a slash more or less.
    let server = Server::start(|request| {
        let target = request.split(' ').nth(1).unwrap_or_default();
        format!("HTTP/1.1 204 No Content\r\nx-target: {target}\r\n\r\n")
    });
    let server = server.await;
    let api = Store::builder().base_url(server.url()).build().unwrap();
    let (objects, bucket) = (api.objects(), api.bucket());
    let dots = "no URL can contain, not even percent-encoded";
    let encoded = |value| apisession::encode_segment(value);
    let raw = |path: &str| api.raw().put(path).raw();
    let rows: [(&str, Call<Response>, Result<&str, &str>); 41] = [
        ("a colon and an at sign", objects.one("me@x.test:send").raw(), Ok("/objects/me@x.test:send")),
        (
            "other delimiters",
            objects.one("a/b;c=d,e+f!$&'()*").raw(),
            Ok("/objects/a%2Fb%3Bc%3Dd%2Ce%2Bf%21%24%26%27%28%29%2A"),
        ),
        ("an encoded text", objects.one("%2e%2e").raw(), Ok("/objects/%252e%252e")),
        ("three dots", objects.one("...").raw(), Ok("/objects/...")),
        ("a dot", objects.one(".").raw(), Err(dots)),
        ("two dots", objects.one("..").raw(), Err(dots)),
        ("nothing", objects.one("").raw(), Err("is empty")),
        ("a control character", objects.one("a\nb").raw(), Err("control character")),
        ("several", objects.several("a/b:c/d@e/").raw(), Ok("/objects/in/a/b:c/d@e/")),
        ("several, a dot", objects.several("a/./b").raw(), Err(dots)),
        ("several, two dots", objects.several("../b").raw(), Err(dots)),
        ("several, an empty one", objects.several("a//b").raw(), Err("`#[path(empty_segments)]`")),
        ("several, a leading slash", objects.several("/a").raw(), Err("`#[path(empty_segments)]`")),
        ("several, two slashes at the end", objects.several("a//").raw(), Err("`#[path(empty_segments)]`")),
        ("any", objects.any("a/b").raw(), Ok("/objects/any/a/b")),
        ("any, an empty one", objects.any("a//b").raw(), Ok("/objects/any/a//b")),
        ("any, several empty ones", objects.any("a///b//c").raw(), Ok("/objects/any/a///b//c")),
        ("any, a leading slash", objects.any("/a").raw(), Ok("/objects/any//a")),
        ("any, two leading slashes", objects.any("//a").raw(), Ok("/objects/any///a")),
        ("any, two slashes at the end", objects.any("a//").raw(), Ok("/objects/any/a//")),
        ("any, one slash", objects.any("/").raw(), Ok("/objects/any//")),
        ("any, nothing", objects.any("").raw(), Err("is empty")),
        ("any, dots", objects.any("a//../b").raw(), Err(dots)),
        ("any, a dot at the start", objects.any("./b").raw(), Err(dots)),
        ("any, a host", objects.any("//evil.test/x").raw(), Ok("/objects/any///evil.test/x")),
        ("any, a text after it", objects.acl("/a//").raw(), Ok("/objects/any//a///acl")),
        ("a list", objects.listed(&["a", "b/c"]).raw(), Ok("/objects/listed/a/b/c")),
        ("a list with an empty text", objects.listed(&["a", "", "b"]).raw(), Err("is empty")),
        ("a path of a value", bucket.put("a/b").raw(), Ok("/a/b")),
        ("a path of a value with a slash", bucket.put("/a//b").raw(), Ok("//a//b")),
        ("a path like another host", bucket.put("/evil.test/x").raw(), Ok("//evil.test/x")),
        ("a raw path", raw("/a//b:c@d/"), Ok("/a//b:c@d/")),
        ("a raw path with a dot segment", raw("/a/../b"), Err(dots)),
        ("a raw path with an encoded one", raw("/a/%2e%2E/b"), Err(dots)),
        ("a raw path with half of one", raw("/a/.%2e"), Err(dots)),
        ("a raw path with a dot", raw("/a/%2E"), Err(dots)),
        ("a raw path with a backslash", raw("/a\\b"), Err("percent-encode it")),
        ("a raw path with a space", raw("/a b"), Err("percent-encode it")),
        (
            "a segment by hand",
            raw(&format!("/x/{}", encoded("a/b:c@d é").unwrap())),
            Ok("/x/a%2Fb:c@d%20%C3%A9"),
        ),
        ("a first segment by hand", raw(&format!("/{}", encoded("a:b").unwrap())), Ok("/a:b")),
        ("encoded once more", raw(&format!("/{}", encoded("%2F").unwrap())), Ok("/%252F")),
    ];
    for (what, call, expected) in rows {
        let end = watched(call).await;
        let found = end.as_ref().map(|response| response.headers()["x-target"].to_str().unwrap());
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{what}"),
            (Err(error), Err(expected)) => {
                assert_eq!(error.kind(), ErrorKind::Argument, "{what}: {error}");
                assert!(error.to_string().contains(expected), "{what}: {error}");
                assert!(
                    expected != dots || !error.to_string().contains("percent-encode it"),
                    "{what}: {error}"
                );
            }
            (found, expected) => panic!("{what}: {found:?} is not {expected:?}"),
        }
    }
    for (value, expected) in [("", "is empty"), (".", dots), ("..", dots), ("a\0", "control character")] {
        let error = apisession::encode_segment(value).unwrap_err();
        assert!(
            error.kind() == ErrorKind::Argument && error.to_string().contains(expected),
            "{value:?}: {error}"
        );
    }
}

#[endpoint(path = "/lists", query("of-endpoint" = 1), headers("x-endpoint" = "1"))]
struct Lists;

#[endpoint]
impl Lists {}

/// A session with defaults of each kind.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", base_path = "/rest", query("of-session" = 1), headers("x-session" = "1"), hooks)]
struct Linked {
    session: Session,
    #[endpoint]
    lists: Lists,
}

impl APISession for Linked {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer("t0k3n")
    }
}

#[tokio::test]
async fn fault_e5_a_url_of_the_server_at_the_own_origin_is_the_sessions() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "[]")));
    let admin = Credential::bearer("4dm1n").unwrap();
    let api = Linked::builder().transport(transport).add_credential("admin", admin).build().unwrap();
    let (raw, lists) = (api.raw(), api.lists().raw());
    const SESSION: (&str, &str) = ("Bearer t0k3n", "1");
    const NOTHING: (&str, &str) = ("", "");
    let odd = "https://api.test/x?b=1&a=%7e&&c&a=+%2B&of-session=7";
    let elsewhere = |method: Method, url: &str| raw.elsewhere(method, url);
    type Arrives = Result<(&'static str, (&'static str, &'static str)), &'static str>;
    let rows: [(&str, RawCall, Arrives); 38] = [
        // Any verb takes an absolute URL.
        ("get", raw.get("https://api.test/x?a=1"), Ok(("GET https://api.test/x?a=1", SESSION))),
        ("post", raw.post("https://api.test/x"), Ok(("POST https://api.test/x", SESSION))),
        ("put", raw.put("https://api.test/x?a").json(&1), Ok(("PUT https://api.test/x?a", SESSION))),
        ("patch", raw.patch("https://api.test/x"), Ok(("PATCH https://api.test/x", SESSION))),
        ("delete", raw.delete("https://api.test/x"), Ok(("DELETE https://api.test/x", SESSION))),
        ("head", raw.head("https://api.test/x"), Ok(("HEAD https://api.test/x", SESSION))),
        ("options", raw.options("https://api.test/x"), Ok(("OPTIONS https://api.test/x", SESSION))),
        (
            "request",
            raw.request(Method::QUERY, "https://api.test/x"),
            Ok(("QUERY https://api.test/x", SESSION)),
        ),
        ("of an endpoint", lists.get("https://api.test/x"), Ok(("GET https://api.test/x", SESSION))),
        (
            "below the base",
            raw.get("https://api.test/v1/rest/x"),
            Ok(("GET https://api.test/v1/rest/x", SESSION)),
        ),
        ("the default port", raw.get("https://api.test:443/x"), Ok(("GET https://api.test/x", SESSION))),
        ("upper case", raw.get("HTTPS://API.test/X"), Ok(("GET https://api.test/X", SESSION))),
        ("a fragment", raw.get("https://api.test/x?a#b"), Ok(("GET https://api.test/x?a", SESSION))),
        ("a user", raw.get("https://ana:pw@api.test/x"), Ok(("GET https://api.test/x", SESSION))),
        (
            "an odd query",
            raw.get(odd),
            Ok(("GET https://api.test/x?b=1&a=%7e&&c&a=+%2B&of-session=7", SESSION)),
        ),
        ("an empty query", raw.get("https://api.test/x?"), Ok(("GET https://api.test/x?", SESSION))),
        (
            "a parameter of the call",
            raw.get("https://api.test/x?a=%7e").query("b", "c"),
            Ok(("GET https://api.test/x?a=%7e&b=c", SESSION)),
        ),
        (
            "without a credential",
            raw.get("https://api.test/x").without_credential(),
            Ok(("GET https://api.test/x", ("", "1"))),
        ),
        ("another origin", raw.get("https://evil.test/x"), Err("another origin")),
        ("another port", raw.get("https://api.test:8443/x"), Err("another origin")),
        ("not encrypted", raw.get("http://api.test/x"), Err("another origin")),
        ("a user like the host", raw.get("https://api.test@evil.test/x"), Err("another origin")),
        (
            "an allowed origin",
            raw.get("https://cdn.test/x").with_allowed_origins(&["https://cdn.test"]),
            Err("use `follow`"),
        ),
        ("no URL", raw.get("https://["), Err("is not a URL")),
        ("without a scheme", raw.get("//api.test/x"), Err("is an absolute URL")),
        ("another scheme", raw.get("ftp://api.test/x"), Err("is an absolute URL")),
        // A link can have any method.
        ("a link", raw.follow(odd), Ok(("GET https://api.test/x?b=1&a=%7e&&c&a=+%2B&of-session=7", SESSION))),
        (
            "a relative link",
            lists.follow("?a=%7e"),
            Ok(("GET https://api.test/v1/rest/lists/?a=%7e", SESSION)),
        ),
        (
            "a link with a body",
            raw.follow_with(Method::PUT, "/up?state=%7e").body("a/b", "x"),
            Ok(("PUT https://api.test/up?state=%7e", SESSION)),
        ),
        (
            "a link to delete",
            raw.follow_with(Method::DELETE, "https://api.test/x?a"),
            Ok(("DELETE https://api.test/x?a", SESSION)),
        ),
        (
            "a link to another origin",
            raw.follow_with(Method::POST, "https://evil.test/"),
            Err("another origin"),
        ),
        (
            "a body to an origin of reads",
            raw.follow_with(Method::PUT, "https://cdn.test/x").with_allowed_origins(&["https://cdn.test"]),
            Err("bodies"),
        ),
        (
            "a body to an origin of bodies",
            raw.follow_with(Method::PUT, "https://cdn.test/x?a=%7e")
                .with_allowed_origins(AllowedOrigins::new().allow_bodies("https://cdn.test")),
            Ok(("PUT https://cdn.test/x?a=%7e", NOTHING)),
        ),
        // What the SDK names itself gets the credential at the own origin if the call asks for it.
        (
            "elsewhere",
            elsewhere(Method::POST, "https://api.test/x"),
            Ok(("POST https://api.test/x", NOTHING)),
        ),
        (
            "elsewhere with the credential",
            elsewhere(Method::POST, "https://api.test/x?a=%7e").with_session_credential(),
            Ok(("POST https://api.test/x?a=%7e", ("Bearer t0k3n", ""))),
        ),
        (
            "elsewhere with a named one",
            elsewhere(Method::GET, "https://api.test/x").with_credential_named("admin"),
            Ok(("GET https://api.test/x", ("Bearer 4dm1n", ""))),
        ),
        (
            "elsewhere at another origin",
            elsewhere(Method::GET, "https://evil.test/x").with_session_credential(),
            Err("is sent to its origin alone"),
        ),
        (
            "elsewhere at another port",
            elsewhere(Method::GET, "https://api.test:8443/x").with_credential_named("admin"),
            Err("is sent to its origin alone"),
        ),
    ];
    for (what, call, expected) in rows {
        let before = sent.all().len();
        let end = call.await;
        match expected {
            Ok((line, (authorization, header))) => {
                end.unwrap_or_else(|error| panic!("{what}: {}", error.report()));
                let seen = sent.all().pop().unwrap();
                assert_eq!(format!("{} {}", seen.method, seen.url), line, "{what}");
                assert_eq!(
                    (seen.header("authorization"), seen.header("x-session")),
                    (authorization, header),
                    "{what}"
                );
                assert_eq!(
                    seen.header("x-endpoint").is_empty(),
                    !matches!(what, "of an endpoint" | "a relative link"),
                    "{what}"
                );
            }
            Err(expected) => {
                let error = end.unwrap_err();
                assert_eq!(
                    (error.kind(), sent.all().len()),
                    (ErrorKind::Argument, before),
                    "{what}: {error}"
                );
                assert!(error.to_string().contains(expected), "{what}: {error}");
            }
        }
    }

    // A redirect from there takes the credential along as far as it is the session's.
    let (transport, sent) = recording(|number, _| {
        let place = ["https://api.test/b?c=%7e", "https://evil.test/"][(number - 1).min(1)];
        Ok(respond(302, "").with_header("location", place))
    });
    let api = Linked::builder().transport(transport).build().unwrap();
    let call = api.raw().elsewhere(Method::GET, "https://api.test/a").with_session_credential();
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Redirect);
    let carried: Vec<_> =
        sent.all().iter().map(|seen| format!("{} {}", seen.line(), seen.header("authorization"))).collect();
    assert_eq!(carried, ["GET /a Bearer t0k3n", "GET /b?c=%7e Bearer t0k3n"]);
}

/// A parameter of a digest.
fn digest_parameter<'s>(authorization: &'s str, name: &str) -> &'s str {
    let rest = authorization.split(&format!(" {name}=")).nth(1).unwrap_or_default();
    rest.split(',').next().unwrap_or_default().trim_matches('"')
}

/// How a server judges the count of a nonce (`nc`).
#[derive(Clone, Copy, Debug, PartialEq)]
enum Counting {
    /// It must be greater than each before, and the nonce is never replaced.
    GrowsForever,
    /// It must be greater than each before; each challenge has a new nonce.
    Grows,
    /// It must be the next one; each challenge has a new nonce.
    IsNext,
    /// It must be greater than each before, and only the nonce of the last challenge is valid.
    GrowsOnOneNonce,
    /// It must be new, in any order.
    IsNew,
}

/// A server with digests, whose requests arrive in another order than they were sent. It sends no `stale`.
fn counting(counting: Counting, password_is_right: bool) -> (Memory, Arc<Mutex<(u32, u32)>>) {
    // The requests in all and at the same time.
    let seen = Arc::<Mutex<(u32, u32)>>::default();
    let (kept, nonces) = (Arc::clone(&seen), Arc::<Mutex<Vec<Vec<u32>>>>::default());
    let open = Arc::new(Mutex::new(0));
    let memory = Memory::new(move |request| {
        let (nonces, open) = (Arc::clone(&nonces), Arc::clone(&open));
        let number = {
            let (mut seen, mut open) = (kept.lock().unwrap(), open.lock().unwrap());
            *open += 1;
            *seen = (seen.0 + 1, seen.1.max(*open));
            seen.0
        };
        async move {
            // Later ones are faster.
            sleep(Duration::from_millis(u64::from(100 - number % 10 * 10))).await;
            *open.lock().unwrap() -= 1;
            let authorization =
                request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            let authorization = authorization.unwrap_or_default();
            let nonce: Option<usize> = digest_parameter(&authorization, "nonce").parse().ok();
            let count = u32::from_str_radix(digest_parameter(&authorization, "nc"), 16).unwrap_or(0);
            let mut nonces = nonces.lock().unwrap();
            let last = nonces.len().saturating_sub(1);
            let counts = nonce.and_then(|nonce| nonces.get_mut(nonce));
            let is_valid = counts.is_some_and(|counts| {
                let greatest = counts.iter().max().copied().unwrap_or(0);
                let is_valid = match counting {
                    Counting::GrowsForever | Counting::Grows => count > greatest,
                    Counting::IsNext => count == greatest + 1,
                    Counting::GrowsOnOneNonce => count > greatest && nonce == Some(last),
                    Counting::IsNew => !counts.contains(&count),
                };
                if is_valid {
                    counts.push(count);
                }
                is_valid
            });
            if is_valid && password_is_right {
                return Ok(respond(200, ""));
            }
            if nonces.is_empty() || counting != Counting::GrowsForever {
                nonces.push(Vec::new());
            }
            let nonce = nonces.len() - 1;
            let challenge = format!("Digest realm=\"acme\", qop=\"auth\", algorithm=MD5, nonce=\"{nonce}\"");
            Ok(respond(401, "").with_header("www-authenticate", &challenge))
        }
    });
    (memory, seen)
}

#[tokio::test(start_paused = true)]
async fn fault_e7_a_digest_whose_server_counts_gets_its_calls_through() {
    const ALL: [Counting; 5] = [
        Counting::GrowsForever,
        Counting::Grows,
        Counting::IsNext,
        Counting::GrowsOnOneNonce,
        Counting::IsNew,
    ];
    for rule in ALL {
        for at_once in [1, 2, 8, 20] {
            let (server, seen) = counting(rule, true);
            let credential = Credential::digest("ana", "s3cret");
            let api =
                Acme::builder().transport(server).credential(credential).max_attempts(1).build().unwrap();
            for round in 0..4 {
                let calls = (0..at_once).map(|number| {
                    // A write too: what was refused was not processed.
                    let method = if number % 2 == 0 { Method::POST } else { Method::GET };
                    tokio::spawn(api.raw().request(method, "/x").send())
                });
                for call in calls.collect::<Vec<_>>() {
                    let end = call.await.unwrap();
                    assert!(
                        end.is_ok(),
                        "{rule:?}, {at_once} at once, round {round}: {}",
                        end.unwrap_err().report()
                    );
                }
            }
            let (requests, most) = *seen.lock().unwrap();
            // A call is sent three times at most, and most calls once.
            assert!(
                requests <= at_once * 4 + at_once * 3,
                "{rule:?}, {at_once} at once: {requests} requests"
            );
            // A server that takes them in any order gets them all at once.
            assert!(rule != Counting::IsNew || most == at_once, "{most} of {at_once} at once");
        }
        // A wrong password is not tried again and again.
        for at_once in [1, 8] {
            let (server, seen) = counting(rule, false);
            let credential = Credential::digest("ana", "wrong");
            let api =
                Acme::builder().transport(server).credential(credential).max_attempts(1).build().unwrap();
            for round in 1..=2 {
                let calls: Vec<_> = (0..at_once).map(|_| tokio::spawn(api.raw().get("/x").send())).collect();
                for call in calls {
                    assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Unauthorized, "{rule:?}");
                }
                let most = if at_once == 1 { 2 } else { 3 };
                assert!(
                    seen.lock().unwrap().0 <= round * at_once * most,
                    "{rule:?}, {at_once} at once: {seen:?}"
                );
            }
        }
    }
}

/// A resolver that a client holds, so that it is counted how many clients there are.
struct Counted;

impl reqwest::dns::Resolve for Counted {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        unreachable!("the server has an address")
    }
}

/// A client that reads no roots of the system, which takes longest.
#[cfg(any(feature = "tls", feature = "tls-ring"))]
pub(crate) fn without_roots() -> reqwest::ClientBuilder {
    reqwest::Client::builder().tls_danger_accept_invalid_certs(true)
}

#[cfg(not(any(feature = "tls", feature = "tls-ring")))]
pub(crate) fn without_roots() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
}

/// The runtime of a test, whose threads are its own.
fn runtime(threads: usize) -> tokio::runtime::Runtime {
    match threads {
        0 => ::tokio::runtime::Builder::new_current_thread(),
        _ => ::tokio::runtime::Builder::new_multi_thread(),
    }
    .worker_threads(threads.max(1))
    .enable_all()
    .build()
    .unwrap()
}

/// A server on a runtime of its own, which counts the requests by their paths.
fn separate() -> (tokio::runtime::Runtime, Server, Arc<Mutex<Vec<String>>>) {
    let servers = runtime(1);
    let paths = Arc::<Mutex<Vec<String>>>::default();
    let kept = Arc::clone(&paths);
    let server = servers.block_on(Server::start(move |request| {
        kept.lock().unwrap().push(request.split(' ').nth(1).unwrap_or_default().to_owned());
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    }));
    (servers, server, paths)
}

#[test]
fn fault_e8_a_session_is_used_by_many_runtimes() {
    let _watchdog = apisession_tests::Watchdog::start();
    let (_servers, server, paths) = separate();
    let counted = Arc::new(Counted);
    let held = Arc::clone(&counted);
    let client = move || without_roots().dns_resolver(Arc::clone(&held));
    let api = Acme::builder().base_url(server.url()).client(client).max_in_flight(4).build().unwrap();
    let with_one_client = Arc::strong_count(&counted);
    let post = |runtime: &tokio::runtime::Runtime, path: &str| {
        let call = api.raw().post(path).with_max_attempts(1).with_timeout(Duration::from_secs(10));
        runtime
            .block_on(async { call.await.map(drop) })
            .unwrap_or_else(|error| panic!("{path}: {}", error.report()));
    };

    // A runtime that is idle keeps its connections. They are not those of another.
    let kinds = [(0, 0), (0, 1), (1, 0), (2, 2)];
    for (first, second) in kinds {
        let (idle, other) = (runtime(first), runtime(second));
        for round in 0..3 {
            post(&idle, &format!("/idle{first}{second}{round}"));
            post(&other, &format!("/other{first}{second}{round}"));
        }
        drop(idle);
        post(&other, "/alone");
        // A runtime that has ended is followed by another.
        post(&runtime(first), "/next");
    }
    // From a thread without a runtime that enters one, and by a task of one that is awaited in another.
    let (one, two) = (runtime(1), runtime(0));
    let task = one.spawn(api.raw().post("/spawned").send());
    two.block_on(task).unwrap().unwrap();
    let entered = one.enter();
    let call = api.raw().post("/entered").send();
    drop(entered);
    one.block_on(call).unwrap();
    drop((one, two));

    let mut sent = paths.lock().unwrap().clone();
    let all = sent.len();
    sent.retain(|path| path != "/alone" && path != "/next");
    let others = sent.len();
    sent.sort();
    sent.dedup();
    assert_eq!((sent.len(), all - others), (others, 8), "each was sent once");

    // A thousand runtimes in turn leave no clients.
    for number in 0..1_000 {
        post(&runtime(usize::from(number % 10 == 0)), "/in/turn");
    }
    assert_eq!(Arc::strong_count(&counted), 2, "only the test and the closure hold it, and no client");
    // The session ends before its runtime.
    let last = runtime(0);
    post(&last, "/last");
    assert_eq!(Arc::strong_count(&counted), with_one_client);
    drop(api);
    last.block_on(async {
        while Arc::strong_count(&counted) > 1 {
            tokio::task::yield_now().await;
        }
    });
}

/// A sign-in that is under way in a runtime that ends is made again in the runtime that waits for it.
#[test]
fn fault_e8_a_sign_in_survives_the_runtime_that_started_it() {
    let _watchdog = apisession_tests::Watchdog::start();
    let count = Arc::new(Mutex::new(0));
    let kept = Arc::clone(&count);
    let credential = Credential::provided_by(move |_: Session| {
        let number = {
            let mut count = kept.lock().unwrap();
            *count += 1;
            *count
        };
        async move {
            if number == 1 {
                std::future::pending::<()>().await;
            }
            Credential::bearer("t0k3n")
        }
    });
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).credential(credential).build().unwrap();
    let (first, second) = (runtime(1), runtime(1));
    let doomed = first.spawn(api.raw().get("/first").send());
    while *count.lock().unwrap() == 0 {
        std::thread::yield_now();
    }
    let waiting = second.spawn(api.raw().get("/second").send());
    second.block_on(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    first.shutdown_background();
    second.block_on(waiting).unwrap().unwrap();
    assert!(second.block_on(doomed).is_err());
    assert_eq!((sent.lines(), *count.lock().unwrap()), (vec!["GET /second".to_owned()], 2));
}

/// What reads a file blocks only the call that needs it, and reads it up to a limit.
#[cfg(unix)]
#[tokio::test]
async fn fault_e8_a_file_blocks_no_thread_of_a_runtime() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // A pipe is read once somebody writes to it.
    let pipe = path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api =
        Acme::builder().transport(transport).credential(Credential::bearer_file(&pipe)).build().unwrap();
    let call = tokio::spawn(api.raw().get("/token").send());
    // The runtime has one thread, which makes other calls in the meantime.
    for _ in 0..10 {
        watched(api.raw().get("/other").without_credential()).await.unwrap();
        sleep(Duration::from_millis(1)).await;
    }
    assert!(!call.is_finished());
    let writer =
        std::thread::spawn(move || std::fs::File::create(pipe).unwrap().write_all(b"t0k3n\n").unwrap());
    watched(call).await.unwrap().unwrap();
    writer.join().unwrap();
    assert_eq!(sent.all().pop().unwrap().header("authorization"), "Bearer t0k3n");

    // A file that is too large, and one without an end.
    let large = path("large");
    std::fs::write(&large, vec![b'x'; 1024 * 1024 + 1]).unwrap();
    for file in [&large, std::path::Path::new("/dev/zero")] {
        let call = api.raw().get("/x").with_credential(Credential::bearer_file(file));
        let error = watched(call).await.unwrap_err();
        assert!(error.report().contains("larger than 1 MiB"), "{}", error.report());
        #[cfg(any(feature = "tls", feature = "tls-ring"))]
        {
            use apisession::tls::{ClientCertificate, Tls};
            let rows = [
                Tls::new().add_ca_file(file),
                Tls::new().client_certificate(ClientCertificate::file(file)),
                Tls::new().client_certificate(ClientCertificate::files(file, file)),
                Tls::new().client_certificate(ClientCertificate::pkcs12_file(file, "s3cret")),
            ];
            for tls in rows {
                let error = Acme::builder().tls(tls.clone()).build().err().unwrap();
                assert!(error.to_string().contains("larger than 1 MiB"), "{tls:?}: {error}");
            }
        }
    }
    // The largest that is read.
    std::fs::write(&large, [b" ".repeat(1024 * 1024 - 5), b"t0k3n".to_vec()].concat()).unwrap();
    watched(api.raw().get("/x").with_credential(Credential::bearer_file(&large))).await.unwrap();
}
