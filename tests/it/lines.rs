//! Lines, sequences and arrays of JSON: how they are split, how they end, how they go on, and how they are uploaded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::{BoxError, Bytes, Mode, Resume};
use apisession_tests::{Sent, Server, Step, recording, respond, scripted, tokio, watched};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
struct Change {
    n: u64,
}

#[derive(Debug, ApiError)]
enum FeedError {
    #[status(200, "/code" = 410)]
    Gone(Problem),
    #[other]
    Other(Error),
}

type Changes = Lines<Change, FeedError>;

fn after(change: &Change) -> (&'static str, u64) {
    ("since", change.n)
}

fn after_both(change: &Change) -> Resume {
    Resume::new().query("since", &change.n).header("x-since", &change.n.to_string())
}

fn is_expired(item: &serde_json::Value) -> bool {
    item["fault"]["code"] == 401
}

#[endpoint(path = "/changes")]
struct Feed;

#[endpoint]
impl Feed {
    #[get]
    fn plain(&self) -> Call<Lines<Change>>;

    #[get(lines(each = "/row", error = "/fault"), idle_timeout = Duration::from_secs(600))]
    fn wrapped(&self, since: Option<&str>) -> Call<Changes, FeedError>;

    #[get(lines(each = "/row"))]
    fn maybe_rows(&self) -> Call<Lines<Option<Change>>>;

    #[get(lines, resume = after)]
    fn resumed(&self, since: Option<u64>) -> Call<Lines<Change>>;

    #[get(lines(array = "/data/rows"), resume = after_both)]
    fn rows(&self) -> Call<Lines<Change>>;

    #[get(lines(done = "/done"))]
    fn until_done(&self) -> Call<Lines<Change>>;

    #[get(lines(array))]
    fn array(&self) -> Call<Option<Lines<Change>>>;

    #[get(lines(concatenated))]
    fn concatenated(&self) -> Call<Lines<Change>>;

    #[get(lines(sequence))]
    fn sequence(&self) -> Call<Lines<Change>>;

    #[get(lines(separate))]
    fn separate(&self) -> Call<Lines<Change>>;

    #[get(lines(error = "/fault"), resume = after, expired_when_item = is_expired)]
    fn guarded(&self) -> Call<Changes, FeedError>;

    #[post]
    fn import(&self, #[body("application/x-ndjson")] rows: impl Into<Body>) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_in_flight = 1, hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    feed: Feed,
    #[session(default)]
    logins: Arc<AtomicUsize>,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        let login = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        Credential::bearer(format!("token-{login}"))
    }
}

fn lines(content_type: &str, steps: impl IntoIterator<Item = Step>) -> Response {
    Response::new(StatusCode::OK).with_header("content-type", content_type).with_body(scripted(steps))
}

const NDJSON: &str = "application/x-ndjson";

/// A session whose server has a script for each request; the last one is also for those after it.
fn acme(content_type: &'static str, scripts: Vec<Vec<Step>>) -> (Acme, Sent) {
    let (transport, sent) = recording(move |number, _| {
        Ok(lines(content_type, scripts[(number - 1).min(scripts.len() - 1)].clone()))
    });
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

/// Reads a stream to its end: the numbers, and its errors.
async fn read<E: From<Error>>(mut lines: Lines<Change, E>) -> (Vec<u64>, Vec<E>) {
    let (mut numbers, mut errors) = (Vec::new(), Vec::new());
    while let Some(next) = lines.next().await {
        match next {
            Ok(change) => numbers.push(change.n),
            Err(error) => errors.push(error),
        }
        assert!(errors.len() < 20, "it does not end");
    }
    assert!(lines.next().await.is_none());
    (numbers, errors)
}

fn shown(errors: &[Error]) -> Vec<String> {
    errors.iter().map(|error| error.to_string().split_once(": ").unwrap().1.to_owned()).collect()
}

const ONE: &str = "{\"n\":1}";
const TWO: &str = "{\"n\":2}";

#[tokio::test(start_paused = true)]
async fn each_form_has_its_items_and_its_ends() {
    type Make = fn(&Feed) -> Call<Lines<Change>>;
    let plain: Make = Feed::plain;
    let syntax = "item 2 of the stream can't be decoded as JSON of the type `Change`: ";
    type Row = (&'static str, Make, String, &'static [u64], Vec<String>);
    let rows: Vec<Row> = vec![
        (NDJSON, plain, format!("{ONE}\n{TWO}\n"), &[1, 2], vec![]),
        (NDJSON, plain, format!("{ONE}\r\n\n \n{TWO}"), &[1, 2], vec![]),
        ("text/plain", plain, format!("\u{feff}{ONE}\n{TWO}\n"), &[1, 2], vec![]),
        (NDJSON, plain, String::new(), &[], vec![]),
        // A line that can't be decoded is no end.
        (
            NDJSON,
            plain,
            format!("{ONE}\n{{\"n\":\"s3cret\"}}\n{TWO}\n"),
            &[1, 2],
            vec![format!("{syntax}n: another type or value where u64 is expected at line 1 column 13")],
        ),
        (
            NDJSON,
            plain,
            format!("{ONE}\nnope\n{TWO}\n"),
            &[1, 2],
            vec![format!("{syntax}expected ident at line 1 column 2")],
        ),
        (
            NDJSON,
            plain,
            format!("{ONE}\n{{\"n\":"),
            &[1],
            vec!["the stream ended in the middle of an item, after 1 item".to_owned()],
        ),
        ("application/json", plain, format!("[{ONE},\n{TWO}]\n"), &[1, 2], vec![]),
        ("application/vnd.acme+json", plain, format!("{ONE}{TWO}"), &[1, 2], vec![]),
        (
            "application/json",
            plain,
            format!("[{ONE},{TWO}"),
            &[1, 2],
            vec!["the stream ended in the middle of an item, after 2 items".to_owned()],
        ),
        (
            "application/json",
            plain,
            format!("[{ONE} {TWO}]"),
            &[1],
            vec!["the stream is not JSON around its array, after 1 item".to_owned()],
        ),
        (
            "application/json",
            plain,
            format!("[{ONE},{{\"n\"}},{TWO}]"),
            &[1],
            vec![format!("{syntax}expected `:` at line 1 column 5")],
        ),
        (
            "application/json",
            plain,
            format!("[{ONE},{{\"m\":1}},{TWO}]"),
            &[1, 2],
            vec![format!("{syntax}missing field `n` at line 1 column 7")],
        ),
        ("application/json-seq", plain, format!("\x1e{ONE}\n\x1e{TWO}\n"), &[1, 2], vec![]),
        (
            "application/json-seq",
            Feed::sequence,
            format!("\x1e{ONE}\n\x1e{{\"n\x1e{TWO}\n"),
            &[1, 2],
            vec!["the stream has an element that is not whole, after 1 item".to_owned()],
        ),
        ("text/plain", Feed::concatenated, format!("{ONE}{TWO}\n\n"), &[1, 2], vec![]),
        ("application/json", Feed::separate, format!("{ONE}\n{TWO}\n"), &[1, 2], vec![]),
        (
            "text/plain",
            Feed::rows,
            format!("{{\"data\":{{\"n\":[],\"rows\":[{ONE},{TWO}]}},\"m\":1}}"),
            &[1, 2],
            vec![],
        ),
        (
            "application/json",
            Feed::rows,
            "{\"error\":\"no\"}".to_owned(),
            &[],
            vec!["the stream has no array where one was declared, before the first item".to_owned()],
        ),
        (NDJSON, Feed::until_done, format!("{ONE}\n{{\"n\":2,\"done\":true}}\n{ONE}\n"), &[1, 2], vec![]),
        (
            NDJSON,
            Feed::until_done,
            format!("{ONE}\n{{\"n\":2,\"done\":false}}\n"),
            &[1, 2],
            vec!["the stream ended without the item that marks its end, after 2 items".to_owned()],
        ),
    ];
    for (content_type, call, text, numbers, errors) in rows {
        for size in [1, 7, text.len().max(1)] {
            let pieces = text.as_bytes().chunks(size).map(|piece| Step::Piece(Bytes::copy_from_slice(piece)));
            let (api, sent) = acme(content_type, vec![pieces.collect()]);
            let call = call(&api.feed()).with_max_attempts(1);
            let (read, ends) = read(call.await.unwrap()).await;
            assert_eq!((read.as_slice(), shown(&ends)), (numbers, errors.clone()), "{text:?}");
            assert!(sent.only().header("accept").starts_with("application/x-ndjson, "));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn lines_are_the_same_in_1000_random_chunkings() {
    let texts = [
        (NDJSON, (0..60).map(|n| format!("{{\"n\":{n},\"t\":\"\u{e4}\\\"}}{{\"}}\r\n")).collect::<String>()),
        (
            "application/json",
            format!(
                "[{}]",
                (0..60)
                    .map(|n| format!("{{\"n\": {n}, \"t\":[\"]\\\\\"]}}"))
                    .collect::<Vec<_>>()
                    .join(" ,\n")
            ),
        ),
    ];
    let mut random = fastrand::Rng::with_seed(21);
    let expected: Vec<u64> = (0..60).collect();
    for round in 0..1000 {
        let (content_type, text) = &texts[round % 2];
        let mut rest = text.as_bytes();
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(random.usize(1..=rest.len().min(1 + round % 70)));
            steps.push(Step::Piece(Bytes::copy_from_slice(piece)));
            rest = after;
        }
        let (api, _) = acme(content_type, vec![steps]);
        let (numbers, errors) = read(api.feed().plain().await.unwrap()).await;
        assert_eq!((numbers, shown(&errors)), (expected.clone(), vec![]), "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_envelope_has_the_item_or_the_error_at_a_pointer() {
    let rows: [(&str, &[u64], &[&str]); 6] = [
        ("{\"row\":{\"n\":1}}\n{\"x\":[{\"row\":0}],\"row\": {\"n\":2} }\n", &[1, 2], &[]),
        ("{\"row\":{\"n\":1},\"fault\":null}\n", &[1], &[]),
        (
            "{\"row\":{\"n\":1}}\n{\"fault\":{\"code\":410,\"title\":\"too old\"}}\n{\"row\":{\"n\":2}}\n",
            &[1],
            &["Gone: too old"],
        ),
        (
            "{\"fault\":\"no such feed\"}\n",
            &[],
            &["the server reported an error in the stream: no such feed, before the first item"],
        ),
        (
            "{\"row\":{\"n\":1}}\n{\"beat\":1}\n{\"row\":{\"n\":2}}\n",
            &[1, 2],
            &["item 2 of the stream can't be decoded as its value: there is none at `/row`"],
        ),
        (
            "{\"row\":{\"n\":1}}\n{\"row\":{\"n\":}}\n{\"row\":{\"n\":2}}\n",
            &[1, 2],
            &[
                "item 2 of the stream can't be decoded as JSON of the type `Change`: n: expected value at line 1 column 6",
            ],
        ),
    ];
    for (text, numbers, errors) in rows {
        let (api, sent) = acme(NDJSON, vec![vec![Step::text(text)]]);
        let (read, ends) = read(api.feed().wrapped().since("x").await.unwrap()).await;
        assert_eq!(sent.only().line(), "GET /changes?since=x");
        let ends: Vec<_> = ends
            .into_iter()
            .map(|error| match error {
                FeedError::Gone(problem) => format!("Gone: {}", problem.title.unwrap()),
                FeedError::Other(error) => shown(&[error]).remove(0),
            })
            .collect();
        assert_eq!(
            (read.as_slice(), ends.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
            (numbers, errors)
        );
    }
    // An `Option` is `None` without a value.
    let (api, _) =
        acme(NDJSON, vec![vec![Step::text("{\"beat\":1}\n{\"row\":{\"n\":2}}\n{\"row\":null}\n")]]);
    let mut rows = api.feed().maybe_rows().await.unwrap();
    let mut read = Vec::new();
    while let Some(row) = rows.next().await {
        read.push(row.unwrap().map(|change| change.n));
    }
    assert_eq!(read, [None, Some(2), None]);
}

#[tokio::test(start_paused = true)]
async fn lines_that_are_interrupted_are_a_typed_error_with_their_items() {
    let endless = std::iter::repeat_n(Step::text(&"1".repeat(1024 * 1024)), 10);
    let rows: [(Vec<Step>, ErrorKind, u64, &str); 4] = [
        (
            vec![Step::text("{\"n\":1}\n{\"n\""), Step::Cut],
            ErrorKind::Transport,
            1,
            "the body of the response ended too early, after 1 item",
        ),
        (
            endless.collect(),
            ErrorKind::BodyTooLarge,
            0,
            "the stream has an item of more than 8388608 bytes; raise `max_item` to allow it, before the first item",
        ),
        (
            vec![Step::text("{\"n\":1}\n"), Step::wait(290), Step::text("\n"), Step::wait(301)],
            ErrorKind::Timeout,
            1,
            "the body of the response sent nothing for 300s (`idle_timeout`), after 1 item",
        ),
        (
            vec![Step::text("{\"n\":1}\n{\"n\":2"), Step::Cut],
            ErrorKind::Transport,
            1,
            "the body of the response ended too early, after 1 item",
        ),
    ];
    for (steps, kind, items, message) in rows {
        let (api, _) = acme(NDJSON, vec![steps]);
        let (numbers, errors) = read(api.feed().plain().await.unwrap()).await;
        assert_eq!(shown(&errors), [message]);
        assert_eq!((errors[0].kind(), errors[0].items(), numbers.len() as u64), (kind, Some(items), items));
    }
    let (api, _) =
        acme(NDJSON, vec![vec![Step::text("{\"row\":{\"n\":1}}\n"), Step::wait(599), Step::text("\n")]]);
    assert!(read(api.feed().wrapped().await.unwrap()).await.1.is_empty());
}

#[tokio::test(start_paused = true)]
async fn lines_that_are_cut_anywhere_go_on_after_the_last_item() {
    let text = |since: u64| (since + 1..=9).map(|n| format!("{{\"n\":{n}}}\n")).collect::<String>();
    for at in 0..=text(0).len() {
        let (transport, sent) = recording(move |number, seen| {
            let since = seen.url.query_pairs().find(|(name, _)| name == "since");
            let text = text(since.map_or(0, |(_, value)| value.parse().unwrap()));
            let at = [at, (at / 2).max(8), usize::MAX][(number - 1).min(2)].min(text.len());
            let end = if at == text.len() { vec![] } else { vec![Step::Cut] };
            Ok(lines(NDJSON, [vec![Step::text(&text[..at])], end].concat()))
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let (numbers, errors) = read(api.feed().resumed().since(0).await.unwrap()).await;
        assert_eq!((numbers, shown(&errors)), ((1..=9).collect(), vec![]), "cut at {at}");
        assert!(sent.all().iter().all(|seen| seen.url.query_pairs().count() == 1));
    }
    // A fn can set several things, and an array that is cut goes on as another one.
    let (api, sent) = acme(
        "application/json",
        vec![
            vec![Step::text("{\"data\":{\"rows\":[{\"n\":1},{\"n\":2}"), Step::Cut],
            vec![Step::text("{\"data\":{\"rows\":[{\"n\":3}]}}")],
        ],
    );
    let (numbers, errors) = read(api.feed().rows().await.unwrap()).await;
    assert_eq!((numbers, shown(&errors)), (vec![1, 2, 3], vec![]));
    let second = &sent.all()[1];
    assert_eq!((second.url.query(), second.header("x-since")), (Some("since=2"), "2"));
    // Without an item it ends after `max_attempts`.
    let (api, sent) = acme(NDJSON, vec![vec![Step::text("{\"n\":1}\n"), Step::Cut], vec![Step::Cut]]);
    let (numbers, errors) = read(api.feed().resumed().await.unwrap()).await;
    assert_eq!((numbers, errors.len(), errors[0].items(), sent.all().len()), (vec![1], 1, Some(1), 3));
}

#[tokio::test(start_paused = true)]
async fn the_first_item_may_refuse_the_credential() {
    let refusal = "{\"fault\":{\"code\":401,\"title\":\"expired\"}}\n";
    let (api, sent) = acme(NDJSON, vec![vec![Step::text(refusal)], vec![Step::text("{\"n\":1}\n")]]);
    let (numbers, errors) = read(api.feed().guarded().await.unwrap()).await;
    assert!(errors.is_empty() && numbers == [1]);
    let tokens: Vec<_> = sent.all().iter().map(|seen| seen.header("authorization").to_owned()).collect();
    assert_eq!(tokens, ["Bearer token-1", "Bearer token-2"]);
    let (api, sent) = acme(NDJSON, vec![vec![Step::text(refusal)]]);
    let (numbers, errors) = read(api.feed().guarded().await.unwrap()).await;
    assert!(matches!(&errors[..], [FeedError::Other(error)] if error.kind() == ErrorKind::InStream));
    assert!(numbers.is_empty() && sent.all().len() == 2);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_lines_is_an_error_or_nothing() {
    let rows = [
        (200, "text/html", Some("it is a page (content type: text/html)")),
        (
            200,
            "text/event-stream",
            Some("it is an event stream; return a `Call<EventStream<T>>` (content type: text/event-stream)"),
        ),
        (204, "text/plain", None),
        (409, NDJSON, Some("409 Conflict")),
    ];
    for (status, content_type, expected) in rows {
        let (transport, _) = recording(move |_, _| {
            let status = StatusCode::from_u16(status).unwrap();
            Ok(Response::new(status).with_header("content-type", content_type))
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let end = api.feed().plain().await;
        match expected {
            Some(expected) => {
                let error = end.unwrap_err().to_string();
                assert!(error.contains(expected), "{error}");
            }
            None => {
                assert!(read(end.unwrap()).await.0.is_empty() && api.feed().array().await.unwrap().is_none());
            }
        }
    }
    let modes =
        [Feed::PLAIN.operation().mode(), Feed::WRAPPED.operation().mode(), Feed::ARRAY.operation().mode()];
    assert!(modes.iter().all(|mode| *mode == Mode::Lines) && Feed::IMPORT.operation().mode() == Mode::Once);
}

/// Over a socket, where the end of a body is told by its framing.
#[tokio::test]
async fn a_body_that_the_socket_cuts_is_no_end_and_a_dropped_one_is_cancelled() {
    let rows = [
        ("content-length: 16\r\n\r\n{\"n\":1}\n{\"n\":2}\n", 2, true),
        ("content-length: 24\r\n\r\n{\"n\":1}\n{\"n\":2}\n", 2, false),
        ("transfer-encoding: chunked\r\n\r\n8\r\n{\"n\":1}\n\r\n0\r\n\r\n", 1, true),
        ("transfer-encoding: chunked\r\n\r\n8\r\n{\"n\":1}\n\r\n", 1, false),
        ("\r\n{\"n\":1}\n{\"n\":2}\n", 2, true),
        ("\r\n{\"n\":1}\n{\"n\"", 1, false),
    ];
    for (body, items, is_whole) in rows {
        let server =
            Server::closing(move |_| format!("HTTP/1.1 200 OK\r\ncontent-type: {NDJSON}\r\n{body}")).await;
        let api = Acme::builder().base_url(server.url()).build().unwrap();
        let (numbers, errors) = watched(read(watched(api.feed().plain()).await.unwrap())).await;
        assert_eq!((numbers.len(), errors.is_empty()), (items, is_whole), "{body:?}");
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::Transport), "{errors:?}");
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let server = tokio::spawn(async move {
        let (mut stream, client) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        // Until the request is acknowledged, the socket has the timer of its retransmission instead.
        while timer(client.port(), port).is_some_and(|timer| timer != KEEP_ALIVE) {
            tokio::task::yield_now().await;
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{\"n\":1}\n").await.unwrap();
        // Until the client goes away.
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.map(drop).unwrap_or_default();
    });
    let api = Acme::builder().base_url(url).build().unwrap();
    let mut lines = watched(api.feed().plain()).await.unwrap();
    assert_eq!(watched(lines.next()).await.unwrap().unwrap(), Change { n: 1 });
    drop(lines);
    watched(server).await.unwrap();
}

/// The keep-alive timer of a socket, in Linux's table.
const KEEP_ALIVE: &str = "02";

/// The timer of the socket with these ports, its own and the other one. It is known only on Linux. A closed connection to another port, which
/// waits for its end, can have the same own port.
fn timer(own: u16, other: u16) -> Option<String> {
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    let ports = format!(" 0100007F:{own:04X} 0100007F:{other:04X} ");
    let row = table.lines().find(|row| row.contains(&ports))?;
    row.split_whitespace().nth(5)?.split(':').next().map(str::to_owned)
}

struct Values(Vec<Result<Change, BoxError>>);

impl futures_core::Stream for Values {
    type Item = Result<Change, BoxError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready((!self.0.is_empty()).then(|| self.0.remove(0)))
    }
}

/// What fails to be encoded.
struct NoJson;

impl Serialize for NoJson {
    fn serialize<S: serde::Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no JSON"))
    }
}

#[tokio::test]
async fn lines_are_uploaded_from_an_iterator_or_a_stream() {
    let received = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&received);
    let server = Server::start(move |request| {
        // The first attempt is too many.
        let is_first = counted.fetch_add(1, Ordering::SeqCst) == 0;
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let is_known = head.to_ascii_lowercase().contains("content-length: 32");
        let is_right = body == "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n"
            && head.to_ascii_lowercase().contains("content-type: application/x-ndjson");
        let status = if is_first {
            "429 Too Many\r\nretry-after: 0"
        } else if is_right && is_known {
            "204 OK"
        } else {
            "400 No"
        };
        format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n")
    });
    let server = server.await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    // A small body is in memory, so that it is sent again.
    watched(api.feed().import(Body::lines((1..=4).map(|n| Change { n })))).await.unwrap();
    assert_eq!(received.load(Ordering::SeqCst), 2);
    assert!(Body::lines(Vec::<Change>::new()).is_empty());
    let collect = async |mut body: Body| -> Result<(usize, usize), Error> {
        let (mut pieces, mut bytes) = (0, 0);
        while let Some(piece) = body.chunk().await? {
            assert!(piece.ends_with(b"\n"));
            (pieces, bytes) = (pieces + 1, bytes + piece.len());
        }
        Ok((pieces, bytes))
    };
    let rows = || (0..100_000_u64).map(|n| Change { n: n % 10 });
    let large = Body::lines(rows());
    assert!(large.as_bytes().is_none());
    let (pieces, bytes) = collect(large).await.unwrap();
    assert!(bytes == 800_000 && pieces < 20, "{pieces}");
    assert_eq!(collect(Body::rewindable_lines(rows)).await.unwrap().1, 800_000);
    let values = (0..3).map(|n| Ok(Change { n })).collect();
    assert_eq!(collect(Body::line_stream(Values(values))).await.unwrap(), (1, 24));
    // What was there before a failure is sent first.
    let values = vec![Ok(Change { n: 1 }), Err("the database is gone".into())];
    let mut body = Body::line_stream(Values(values));
    assert_eq!(body.chunk().await.unwrap().unwrap(), "{\"n\":1}\n");
    assert_eq!(body.chunk().await.unwrap_err().kind(), ErrorKind::RequestBody);
    let error = watched(api.feed().import(Body::lines([NoJson]))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequestBody);
    // A stream can be sent once.
    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let _ = api.feed().import(Body::line_stream(Values(Vec::new()))).await.unwrap_err();
    assert_eq!(sent.only().header("content-type"), "application/x-ndjson");
}

#[tokio::test(start_paused = true)]
async fn lines_may_be_compressed() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for n in 0..10_000 {
        writeln!(encoder, "{{\"n\":{n}}}").unwrap();
    }
    let gzip = Bytes::from(encoder.finish().unwrap());
    let (transport, _) = recording(move |_, _| {
        Ok(lines(NDJSON, [Step::Piece(gzip.clone())]).with_header("content-encoding", "gzip"))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let (numbers, errors) = read(api.feed().plain().await.unwrap()).await;
    assert!(errors.is_empty() && numbers == (0..10_000).collect::<Vec<_>>());
    // A bomb is stopped before it needs much more than an item.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b'0'; 1024 * 1024]).unwrap();
    // 256 members of one MiB each.
    let bomb = Bytes::from(encoder.finish().unwrap().repeat(256));
    let (transport, _) = recording(move |_, _| {
        Ok(lines(NDJSON, [Step::Piece(bomb.clone())]).with_header("content-encoding", "gzip"))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let (_, errors) = read(api.feed().plain().await.unwrap()).await;
    assert_eq!(errors[0].kind(), ErrorKind::BodyTooLarge);
}
