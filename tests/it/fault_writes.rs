//! A write never goes out twice, and what is said of its outcome is true. Names begin with the item of the list of faults.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use apisession::http::{HeaderValue, Method};
use apisession::middleware::{Middleware, Next};
use apisession::prelude::*;
use apisession::transport::{Failure, Memory, Transport};
use apisession::{
    BoxError, BoxFuture, Bytes, ErrorMap, Outcome, RawCall, Request, Response, RetryPolicy, Rule,
};
use apisession_tests::{Wire, recording, respond, tokio, watched, wire};
use faults::h2::{self, Reply};
use faults::refusing::RefusingPort;
use futures_core::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

/// The error of another call, as the producer of a body wraps it.
#[derive(Clone, Debug)]
struct Source(Arc<dyn StdError + Send + Sync>);

impl Source {
    fn new(error: impl Into<BoxError>) -> Self {
        Self(error.into().into())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of the upload failed")
    }
}

impl StdError for Source {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}

/// Errors that mean something else about the call that they are from: it was not sent, it was rejected, it timed out.
async fn errors_of_other_calls() -> Vec<(&'static str, Source)> {
    let refusing = RefusingPort::new();
    let refused = format!("http://{}", refusing.address());
    let api = Acme::builder().base_url(&*refused).max_attempts(1).build().unwrap();
    let connect = api.raw().post("/x").await.unwrap_err();
    assert_eq!(connect.outcome(), Some(Outcome::NotSent));
    let garbage = speaking("SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
    let client = reqwest::Client::new();
    let bare = client.get(&refused).send().await.unwrap_err();
    let tls = client.get(garbage.replace("http:", "https:")).send().await.unwrap_err();
    let protocol = client.get(garbage).send().await.unwrap_err();
    let server = h2::Server::start([Reply::RefusedStream]).await.unwrap();
    let builder = Acme::builder().transport(wire().http2_prior_knowledge());
    let api = builder.base_url(server.url()).max_attempts(1).build().unwrap();
    let refused_stream = api.raw().post("/x").await.unwrap_err();
    assert_eq!(refused_stream.outcome(), Some(Outcome::Rejected));
    let connect = Source::new(connect);
    vec![
        ("nothing else", Source::new("the disk is full")),
        ("a call that could not connect", connect.clone()),
        ("an error of reqwest that could not connect", Source::new(bare)),
        ("a call that could not connect, in an `io::Error`", Source::new(io::Error::other(connect))),
        ("a failed handshake", Source::new(tls)),
        ("a response that is not HTTP", Source::new(protocol)),
        ("a refused stream", Source::new(refused_stream)),
        ("a refused connection", Source::new(io::Error::from(io::ErrorKind::ConnectionRefused))),
        ("a timeout", Source::new(io::Error::from(io::ErrorKind::TimedOut))),
        ("invalid data", Source::new(io::Error::from(io::ErrorKind::InvalidData))),
    ]
}

/// A server that writes this at once and closes.
async fn speaking(text: &'static str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(text.as_bytes()).await;
        }
    });
    url
}

/// A stream that yields some pieces and then an error.
struct Breaking(VecDeque<Result<Bytes, BoxError>>);

impl Stream for Breaking {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front())
    }
}

fn breaking(pieces: usize, error: &Source) -> Breaking {
    let pieces = std::iter::repeat_with(|| Ok(Bytes::from_static(b"some bytes"))).take(pieces);
    Breaking(pieces.chain([Err(error.clone().into())]).collect())
}

/// A server that reads requests and never responds, and the number of heads that it has read.
async fn silent() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let mut read = [0; 4096];
                let mut is_first = true;
                while stream.read(&mut read).await.is_ok_and(|length| length > 0) {
                    counted.fetch_add(usize::from(std::mem::take(&mut is_first)), Ordering::SeqCst);
                }
            });
        }
    });
    (url, heads)
}

/// Hands requests on, with a body of its own that reads the other.
struct Wrapping(Wire);

impl Transport for Wrapping {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        request.body = Body::stream(std::mem::take(&mut request.body));
        self.0.send(request)
    }
}

/// The same as a middleware.
struct WrapsBody;

impl Middleware for WrapsBody {
    fn handle<'a>(&'a self, mut request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        request.body = Body::stream(std::mem::take(&mut request.body));
        next.run(request)
    }
}

/// Asserts that the error is that of the body, after one attempt.
fn assert_is_of_body(row: &str, error: &Error, source: &Source) {
    let facts = (error.kind(), error.outcome(), error.attempts());
    assert_eq!(facts, (ErrorKind::RequestBody, Some(Outcome::Unknown), 1), "{row}: {error:#}");
    let kept = StdError::source(error).and_then(|error| error.downcast_ref::<Source>());
    assert!(kept.is_some_and(|kept| Arc::ptr_eq(&kept.0, &source.0)), "{row}: {error:#}");
    assert!(error.report().contains("unknown: the server may have processed"), "{}", error.report());
}

#[tokio::test]
async fn fault_a1_the_failure_of_a_body_is_judged_first_and_not_what_caused_it() {
    let (url, heads) = silent().await;
    let h2_server = h2::Server::start([]).await.unwrap();
    let http_2 = || Acme::builder().transport(wire().http2_prior_knowledge());
    let transports = [
        ("HTTP/1.1", Acme::builder().base_url(&*url)),
        ("HTTP/1.1 with a limit", Acme::builder().base_url(&*url).max_in_flight(2)),
        ("HTTP/2", http_2().base_url(h2_server.url())),
        ("mounted", Acme::builder().base_url(&*url).mount(&url, wire())),
        ("wrapped", Acme::builder().base_url(&*url).transport(Wrapping(wire()))),
        ("a middleware around attempts", Acme::builder().base_url(&*url).per_attempt(WrapsBody)),
        ("a middleware around calls", Acme::builder().base_url(&*url).per_call(WrapsBody)),
    ];
    let errors = watched(errors_of_other_calls()).await;
    for (transport, builder) in transports {
        let api = builder.build().unwrap();
        for (cause, error) in &errors {
            let again = error.clone();
            let bodies = [
                ("a stream", Body::stream(breaking(1, error))),
                ("one with a length", Body::stream(breaking(2, error)).with_length(1_000)),
                ("one that breaks at once", Body::stream(breaking(0, error))),
                ("a rewindable stream", Body::rewindable(move || breaking(1, &again))),
            ];
            for (body, stream) in bodies {
                let row = format!("{transport}, {body}, {cause}");
                let before = heads.load(Ordering::SeqCst);
                let call = api.raw().post("/x").body("text/plain", stream);
                assert_is_of_body(&row, &watched(call).await.unwrap_err(), error);
                assert!(heads.load(Ordering::SeqCst) - before <= 1, "{row}");
            }
        }
    }
    // A stream of another length than its own fails as well. It would fail each time.
    let api = Acme::builder().base_url(&*url).build().unwrap();
    for (method, length) in [(Method::PUT, 5), (Method::PUT, 50), (Method::POST, 5)] {
        let pieces = || Breaking(VecDeque::from([Ok(Bytes::from_static(b"some bytes"))]));
        let call =
            api.raw().request(method, "/x").body("text/plain", Body::rewindable(pieces).with_length(length));
        let error = watched(call).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::RequestBody, 1), "{length}: {error:#}");
        assert_eq!(error.outcome(), Some(Outcome::Unknown));
    }
}

/// A stream that breaks off once something has happened.
struct BreakingAt(Breaking, Pin<Box<dyn Future<Output = ()> + Send>>);

impl Stream for BreakingAt {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.0.0.len() == 1 {
            std::task::ready!(self.1.as_mut().poll(context));
        }
        Pin::new(&mut self.0).poll_next(context)
    }
}

/// A server may respond before it has read the request.
#[tokio::test]
async fn fault_a1_a_body_that_fails_while_the_response_is_read_is_judged_first_as_well() {
    let errors = watched(errors_of_other_calls()).await;
    for (cause, error) in &errors {
        for method in [Method::POST, Method::PUT] {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let heads = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&heads);
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    counted.fetch_add(1, Ordering::SeqCst);
                    let mut read = [0; 4096];
                    let _ = stream.read(&mut read).await;
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome").await;
                    while stream.read(&mut read).await.is_ok_and(|length| length > 0) {}
                }
            });
            let arrived = Arc::new(tokio::sync::Notify::new());
            let notify = Arc::clone(&arrived);
            let builder = Acme::builder().base_url(url).on_response(move |_| notify.notify_one());
            let api = builder.build().unwrap();
            let again = error.clone();
            let body = Body::rewindable(move || {
                let arrived = Arc::clone(&arrived);
                BreakingAt(breaking(1, &again), Box::pin(async move { arrived.notified().await }))
            });
            let call = api.raw().request(method.clone(), "/x").body("text/plain", body);
            let failed = watched(call).await.unwrap_err();
            let facts = (failed.kind(), failed.outcome(), failed.attempts(), heads.load(Ordering::SeqCst));
            let expected = (ErrorKind::RequestBody, Some(Outcome::Unknown), 1, 1);
            assert_eq!(facts, expected, "{cause}, {method}: {failed:#}");
            assert!(failed.to_string().contains("(200 OK) ended too early, since"), "{failed:#}");
        }
    }
}

/// A transport that reads the body, and takes its failure for one of its own.
#[tokio::test(start_paused = true)]
async fn fault_a1_a_transport_can_not_take_the_failure_of_a_body_for_another() {
    let source = Source::new("the disk is full");
    let failures: [fn(BoxError) -> Failure; 3] = [Failure::not_sent, Failure::rejected, Failure::unknown];
    for failure in failures {
        for is_mounted in [false, true] {
            let transport = Memory::new(move |mut request: Request| async move {
                while request.body.chunk().await.map_err(|error| failure(error.into()))?.is_some() {}
                Ok(respond(200, ""))
            });
            let builder = Acme::builder();
            let builder = match is_mounted {
                true => builder.mount("https://", transport).transport(apisession_tests::offline()),
                false => builder.transport(transport),
            };
            let api = builder.build().unwrap();
            for method in [Method::POST, Method::PUT, Method::GET] {
                let error = source.clone();
                let body = Body::rewindable(move || breaking(1, &error));
                let call = api.raw().request(method.clone(), "/x").body("text/plain", body);
                assert_is_of_body(method.as_str(), &call.await.unwrap_err(), &source);
            }
        }
    }
}

#[endpoint(path = "/payments")]
struct Payments;

#[endpoint]
impl Payments {
    #[post(idempotency_key)]
    fn pay(&self) -> Call<()>;
    #[put("/7", idempotency_key)]
    fn set(&self) -> Call<()>;
    #[get("/7")]
    fn get(&self) -> Call<()>;
    #[delete("/7")]
    fn remove(&self) -> Call<()>;
    #[post("/declared", idempotent)]
    fn declared(&self) -> Call<()>;
}

type Change = fn(&mut Request);

/// A session whose hook changes each retry.
#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test",
    retry = RetryPolicy::new().first_delay(Duration::from_millis(1)),
    allowed_origins("https://mirror.test" = bodies),
    hooks
)]
struct Changing {
    session: Session,
    #[endpoint]
    payments: Payments,
    change: Change,
}

impl APISession for Changing {
    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        (self.change)(retry.request());
        Ok(())
    }
}

const NOTHING: Change = |_| ();
const OTHER_KEY: Change =
    |request| drop(request.headers.insert("idempotency-key", HeaderValue::from_static("other")));
const TWO_KEYS: Change =
    |request| assert!(request.headers.append("idempotency-key", HeaderValue::from_static("other")));
const NO_KEY: Change = |request| drop(request.headers.remove("idempotency-key"));
const NO_HEADERS: Change = |request| request.headers.clear();
const POST: Change = |request| request.method = Method::POST;
const PUT: Change = |request| request.method = Method::PUT;
const PATCH: Change = |request| request.method = Method::PATCH;
const GET: Change = |request| request.method = Method::GET;
const OTHER_PATH: Change = |request| request.url.set_path("/other");
const OTHER_QUERY: Change = |request| request.url.set_query(Some("account=2"));
const MIRROR: Change = |request| request.url = "https://mirror.test/x".parse().unwrap();
const OTHER_BODY: Change = |request| request.body = Body::from("other");
const OTHER_HEADER: Change =
    |request| drop(request.headers.insert("x-attempt", HeaderValue::from_static("2")));

/// After an attempt that may have been processed, the request that is really sent next decides whether it is sent.
#[tokio::test(start_paused = true)]
async fn fault_a2_a_request_that_a_hook_changed_is_judged_before_it_is_sent() {
    type Make = fn(&Changing) -> Call<()>;
    let pay: Make = |api| api.payments().pay();
    let set: Make = |api| api.payments().set();
    let get: Make = |api| api.payments().get();
    let remove: Make = |api| api.payments().remove();
    let declared: Make = |api| api.payments().declared();
    let rows: [(&str, Make, Change, bool); 27] = [
        ("a POST with a key", pay, NOTHING, true),
        ("with another header", pay, OTHER_HEADER, true),
        ("with another body under the same key", pay, OTHER_BODY, true),
        ("with another key", pay, OTHER_KEY, false),
        ("with two keys", pay, TWO_KEYS, false),
        ("without its key", pay, NO_KEY, false),
        ("without any header", pay, NO_HEADERS, false),
        ("with its key to another path", pay, OTHER_PATH, false),
        ("with its key and another query", pay, OTHER_QUERY, false),
        ("to another origin, which does not get the key", pay, MIRROR, false),
        ("as a PUT", pay, PUT, false),
        ("as a GET", pay, GET, true),
        ("a PUT with a key", set, NOTHING, true),
        ("with another key, which its method does not need", set, OTHER_KEY, true),
        ("without its key", set, NO_KEY, true),
        ("as a POST with its key", set, POST, false),
        ("as a PATCH with its key", set, PATCH, false),
        ("to another path", set, OTHER_PATH, false),
        ("to another origin", set, MIRROR, false),
        ("a GET at another path", get, OTHER_PATH, true),
        ("a GET at another origin", get, MIRROR, true),
        ("a GET as a POST", get, POST, false),
        ("a DELETE", remove, NOTHING, true),
        ("a DELETE as a POST", remove, POST, false),
        ("a DELETE at another path", remove, OTHER_PATH, false),
        ("a POST that is declared idempotent", declared, NOTHING, true),
        ("the same at another path", declared, OTHER_PATH, false),
    ];
    type End = fn() -> Result<Response, Failure>;
    let failures: [(End, ErrorKind, bool); 5] = [
        (|| Err(Failure::unknown("reset")), ErrorKind::Transport, false),
        (|| Ok(respond(503, "")), ErrorKind::ServiceUnavailable, false),
        (|| Ok(respond(429, "")), ErrorKind::TooManyRequests, true),
        (|| Err(Failure::rejected("refused stream")), ErrorKind::Transport, true),
        (|| Err(Failure::not_sent("refused")), ErrorKind::Connect, true),
    ];
    for (fails, kind, is_known) in failures {
        for (row, make, change, may_follow) in rows {
            let (transport, sent) =
                recording(move |number, _| if number == 1 { fails() } else { Ok(respond(200, "")) });
            let api = Changing::builder(change).transport(transport).build().unwrap();
            let end = make(&api).response().await;
            if may_follow || is_known {
                assert_eq!(end.unwrap().attempts(), 2, "{row}, {kind:?}");
                assert_eq!(sent.all().len(), 2, "{row}, {kind:?}");
            } else {
                let error = end.unwrap_err();
                let facts = (error.kind(), error.outcome(), error.attempts(), sent.all().len());
                assert_eq!(facts, (kind, Some(Outcome::Unknown), 1, 1), "{row}, {kind:?}");
                assert!(error.to_string().contains("`retry_request` changes"), "{error}");
                // The error has the key of the request that was sent.
                let key =
                    Some(sent.only().header("idempotency-key").to_owned()).filter(|key| !key.is_empty());
                assert_eq!(error.idempotency_key().map(str::to_owned), key, "{row}");
            }
        }
    }
}

/// What is known of an earlier attempt counts as well, not only what is known of the last one.
#[tokio::test(start_paused = true)]
async fn fault_a2_an_earlier_attempt_of_which_nothing_is_known_counts() {
    for (change, sent_in_all) in [(NOTHING, 3), (OTHER_KEY, 2), (NO_KEY, 2), (OTHER_PATH, 2)] {
        let (transport, sent) = recording(move |number, _| match number {
            1 => Err(Failure::unknown("reset")),
            2 => Ok(respond(429, "")),
            _ => Ok(respond(200, "")),
        });
        let api = ChangingLater::builder(change).transport(transport).build().unwrap();
        let end = api.payments().pay().response().await;
        assert_eq!((sent.all().len(), end.is_ok()), (sent_in_all, sent_in_all == 3));
        assert!(end.err().is_none_or(|error| error.outcome() == Some(Outcome::Unknown)));
    }
}

/// A session whose hook changes each retry but the first.
#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)), hooks)]
struct ChangingLater {
    session: Session,
    #[endpoint]
    payments: Payments,
    change: Change,
}

impl APISession for ChangingLater {
    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        if retry.attempts() > 1 {
            (self.change)(retry.request());
        }
        Ok(())
    }
}

fn is_slow_down(error: &Error) -> bool {
    error.body().is_some_and(|body| body == "slow down")
}

fn is_too_large(error: &Error) -> bool {
    error.body().is_some_and(|body| body == "too large")
}

/// A status that means too many requests means it for the outcome, the retry and the delay, whatever its number is.
#[tokio::test(start_paused = true)]
async fn fault_a3_a_status_that_means_throttling_means_it_everywhere() {
    let map = |status, rule| ErrorMap::new().status(status, rule);
    let throttled = || Rule::kind(ErrorKind::TooManyRequests);
    let split = || Rule::default().retryable_when(|error| !is_too_large(error));
    // What is mapped, the response, the attempts of a GET and of a POST, and whether it counts as throttling.
    let rows: [(&str, ErrorMap, u16, &'static str, u32, u32, bool); 19] = [
        ("429", ErrorMap::new(), 429, "", 3, 3, true),
        ("420", ErrorMap::new(), 420, "", 3, 3, true),
        ("420 with a message of its own", map(420, Rule::default().message(|_| None)), 420, "", 3, 3, true),
        ("403 mapped", map(403, throttled()), 403, "", 3, 3, true),
        ("503 mapped", map(503, throttled()), 503, "", 3, 3, true),
        ("500 mapped, beside a 503", map(500, throttled()), 503, "", 3, 1, false),
        ("200 mapped", map(200, throttled()), 200, "", 3, 3, true),
        ("529 mapped", map(529, throttled()), 529, "", 3, 3, true),
        ("403 mapped, and no retry can succeed", map(403, throttled().retryable(false)), 403, "", 1, 1, true),
        (
            "429 mapped to another kind",
            map(429, Rule::kind(ErrorKind::ContentTooLarge)),
            429,
            "",
            3,
            1,
            false,
        ),
        (
            "429 that no retry changes",
            map(429, Rule::kind(ErrorKind::ContentTooLarge).retryable(false)),
            429,
            "",
            1,
            1,
            false,
        ),
        ("429 that is too large", map(429, split()), 429, "too large", 1, 1, true),
        ("429 that is not", map(429, split()), 429, "slow down", 3, 3, true),
        ("420 that is too large", map(420, split()), 420, "too large", 1, 1, true),
        (
            "503 for maintenance",
            map(503, Rule::default().retryable_when(is_slow_down)),
            503,
            "closed",
            1,
            1,
            false,
        ),
        (
            "503 under load",
            map(503, Rule::default().retryable_when(is_slow_down)),
            503,
            "slow down",
            3,
            1,
            false,
        ),
        (
            "400 that is a lock",
            map(400, Rule::default().retryable_when(is_slow_down)),
            400,
            "slow down",
            3,
            1,
            false,
        ),
        ("another 400", map(400, Rule::default().retryable_when(is_slow_down)), 400, "", 1, 1, false),
        (
            "the last of two",
            map(429, Rule::default().retryable(true).retryable_when(is_slow_down)),
            429,
            "too large",
            1,
            1,
            true,
        ),
    ];
    // A delay after throttling takes longer than any other.
    let policy =
        RetryPolicy::new().first_delay(Duration::from_millis(1)).throttled_delay(Duration::from_secs(100));
    let policy = policy.max_delay(Duration::from_secs(50));
    for (row, map, status, body, of_get, of_post, is_throttled) in rows {
        for (method, attempts) in [(Method::GET, of_get), (Method::POST, of_post)] {
            let (transport, sent) = recording(move |_, _| Ok(respond(status, body)));
            let builder = Acme::builder().transport(transport).error_map(map.clone()).retry(policy.clone());
            let api = builder.build().unwrap();
            let start = tokio::time::Instant::now();
            let error = api.raw().request(method.clone(), "/x").await.unwrap_err();
            let outcome = match status {
                _ if is_throttled => Some(Outcome::Rejected),
                400..=499 => None,
                _ => Some(Outcome::Unknown),
            };
            let facts = (error.attempts(), error.outcome(), sent.all().len());
            assert_eq!(facts, (attempts, outcome, attempts as usize), "{row}, {method}: {error}");
            let is_long = start.elapsed() > Duration::from_millis(100);
            assert_eq!(is_long, is_throttled && attempts > 1, "{row}, {method}: {:?}", start.elapsed());
        }
    }
}

/// The nearest level decides, and what it does not set is inherited.
#[tokio::test(start_paused = true)]
async fn fault_a3_retryable_when_is_inherited_and_overridden() {
    let map = |rule| ErrorMap::new().status(429, rule);
    let outer = || map(Rule::default().retryable_when(|error| !is_too_large(error)));
    let never = |_: &Error| false;
    type OnCall = fn(RawCall) -> RawCall;
    let rows: [(&str, OnCall, ErrorMap, u32); 7] = [
        ("inherited", |call| call, ErrorMap::new(), 1),
        ("inherited beside another kind", |call| call, map(Rule::kind(ErrorKind::ContentTooLarge)), 1),
        ("overridden by a value", |call| call, map(Rule::default().retryable(true)), 3),
        ("overridden by another function", |call| call, map(Rule::default().retryable_when(is_too_large)), 3),
        ("listed by `retry_on`", |call| call.retry_on(&[429]), ErrorMap::new(), 3),
        (
            "listed, and overridden by a function",
            |call| call.retry_on(&[429]),
            map(Rule::default().retryable_when(never)),
            3,
        ),
        (
            "decided by the server",
            |call| call.with_retry(RetryPolicy::new().should_retry_header("x-should-retry")),
            ErrorMap::new(),
            3,
        ),
    ];
    for (row, change, nearer, attempts) in rows {
        let (transport, _) =
            recording(|_, _| Ok(respond(429, "too large").with_header("x-should-retry", "true")));
        let api = Acme::builder().transport(transport).error_map(outer()).build().unwrap();
        let call = change(api.raw().get("/x")).with_error_map(nearer);
        assert_eq!(call.await.unwrap_err().attempts(), attempts, "{row}");
    }
    // Requests to another server than the vendor's have the base map.
    for (status, attempts) in [(420, 3), (429, 3), (503, 1)] {
        let (transport, _) = recording(move |_, _| Ok(respond(status, "too large")));
        let api = Acme::builder().transport(transport).error_map(outer()).build().unwrap();
        let error = api.raw().elsewhere(Method::POST, "https://login.test/token").await.unwrap_err();
        assert_eq!(error.attempts(), attempts, "{status}");
    }
}

/// A server that responds to the n-th message of each client with the n-th reply, and closes after the last. It counts its clients.
#[cfg(any(feature = "tls", feature = "tls-ring"))]
async fn replying(replies: Vec<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let clients = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&clients);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let replies = replies.clone();
            tokio::spawn(async move {
                let mut read = [0; 4096];
                for reply in replies {
                    let _ = stream.read(&mut read).await?;
                    stream.write_all(&reply).await?;
                }
                stream.shutdown().await
            });
        }
    });
    (address, clients)
}

/// A proxy that wants other credentials is asked once. Another refusal is named as one.
#[cfg(any(feature = "tls", feature = "tls-ring"))]
#[tokio::test]
async fn fault_a4_a_proxy_that_requires_authentication_is_asked_once() {
    const AUTHENTICATION: (ErrorKind, u32, &str) =
        (ErrorKind::ProxyAuthenticationRequired, 1, "the proxy requires authentication; set a user name");
    const REFUSED: (ErrorKind, u32, &str) = (ErrorKind::Proxy, 3, "the proxy refused the connection");
    const BROKEN: (ErrorKind, u32, &str) =
        (ErrorKind::Proxy, 3, "the connection through the proxy can't be made");
    let http = |text: &str| vec![text.as_bytes().to_vec()];
    let accepts = |status: u8| vec![vec![5, 0], vec![5, status, 0, 1, 0, 0, 0, 0, 0, 0]];
    let rows = [
        ("http", http("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), AUTHENTICATION),
        (
            "http",
            http("HTTP/1.0 407 No\r\nproxy-authenticate: Basic\r\ncontent-length: 2\r\n\r\nno"),
            AUTHENTICATION,
        ),
        ("http", http("HTTP/1.1 407 \r\n\r\n"), AUTHENTICATION),
        ("http", http("HTTP/1.1 403 Forbidden\r\n\r\n"), REFUSED),
        ("http", http("HTTP/1.1 401 Unauthorized\r\n\r\n"), REFUSED),
        ("http", http("HTTP/1.1 302 Found\r\nlocation: http://login.test/\r\n\r\n"), REFUSED),
        ("http", http("HTTP/1.1 502 Bad Gateway\r\n\r\n"), REFUSED),
        ("http", http("HTTP/1.1 503 Busy\r\nretry-after: 1\r\n\r\n"), REFUSED),
        ("http", http("SSH-2.0-OpenSSH_9.2\r\n\r\n"), REFUSED),
        ("http", http(""), BROKEN),
        ("http", http("HTTP/1.1 4"), BROKEN),
        ("socks5h", vec![vec![5, 255]], AUTHENTICATION),
        ("socks5h", vec![vec![5, 2]], AUTHENTICATION),
        ("socks5h", accepts(1), REFUSED),
        ("socks5h", accepts(2), REFUSED),
        ("socks5h", accepts(5), REFUSED),
        ("socks5h", vec![], BROKEN),
        ("socks5h://ana:pa55@", vec![vec![5, 2], vec![1, 1]], AUTHENTICATION),
        ("socks4a", vec![vec![0, 91, 0, 0, 0, 0, 0, 0]], REFUSED),
        ("socks4a", vec![vec![0, 93, 0, 0, 0, 0, 0, 0]], AUTHENTICATION),
        ("http://ana:pa55@", http("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), AUTHENTICATION),
    ];
    for (number, (scheme, replies, (kind, attempts, message))) in rows.into_iter().enumerate() {
        for method in [Method::POST, Method::GET] {
            let (address, clients) = replying(replies.clone()).await;
            let proxy = if scheme.contains("://") { scheme.to_owned() } else { format!("{scheme}://") };
            let proxies = apisession::Proxies::new().all(format!("{proxy}{address}"));
            let builder = Acme::builder().base_url("https://api.test").proxies(proxies);
            let api = builder.connect_timeout(Duration::from_secs(10)).build().unwrap();
            let error = watched(api.raw().request(method.clone(), "/x")).await.unwrap_err();
            let row = format!("row {number}, {scheme} {method}: {error:#}");
            assert_eq!((error.kind(), error.attempts()), (kind, attempts), "{row}");
            assert_eq!(error.outcome(), Some(Outcome::NotSent), "{row}");
            assert!(error.to_string().contains(message), "{row}");
            assert_eq!(clients.load(Ordering::SeqCst), attempts as usize, "{row}");
            assert!(!error.report().contains("pa55"), "{row}");
        }
    }
    // A plain request has the 407 as its response.
    let replies = http("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    let (address, clients) = replying(replies).await;
    let proxies = apisession::Proxies::new().all(format!("http://{address}"));
    let api = Acme::builder().base_url("http://api.test").proxies(proxies).build().unwrap();
    let error = watched(api.raw().get("/x")).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::ProxyAuthenticationRequired, 1), "{error:#}");
    assert_eq!(
        (error.status().map(|status| status.as_u16()), clients.load(Ordering::SeqCst)),
        (Some(407), 1)
    );
}
