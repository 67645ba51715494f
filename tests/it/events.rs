//! Event streams: how they are parsed, how they end, and how they go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession::{Bytes, Mode, RawEvent};
use apisession_tests::{Sent, Step, recording, scripted, tokio};
use serde::Deserialize;
use tokio::time::Instant;

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
struct Chunk {
    n: u64,
}

/// An error inside of a stream, by the code in it.
#[derive(Debug, ApiError)]
enum ChatError {
    #[status(200, "/code" = "overloaded")]
    Overloaded(Fault),
    #[status(401)]
    Unauthorized(Error),
    #[other]
    Other(Error),
}

#[derive(Debug, Deserialize)]
struct Fault {
    message: String,
}

/// The mode is chosen by the type, whatever its name.
type Chunks = EventStream<Chunk, ChatError>;

fn is_refusal(event: &Fault) -> bool {
    event.message == "expired"
}

fn is_expired_event(event: &RawEvent) -> bool {
    event.event() == "expired"
}

#[endpoint(path = "/chat")]
struct Chats;

#[endpoint]
impl Chats {
    #[post(fields("stream" = true), events(done = "[DONE]", error("/error", "error")))]
    fn stream(&self) -> Call<Chunks, ChatError>;

    #[get(events)]
    fn plain(&self) -> Call<EventStream<Chunk>>;

    #[get]
    fn raw_events(&self) -> Call<EventStream<RawEvent>>;

    #[get(events(reconnect))]
    fn changes(&self, since: Option<u64>) -> Call<EventStream<Chunk>>;

    #[get(events(reconnect))]
    fn maybe(&self) -> Call<Option<EventStream<Chunk>>>;

    #[post(idempotent, events(reconnect, done("end", "/last")))]
    fn follow(&self, #[field] topic: &str) -> Call<EventStream<Chunk>>;

    #[get(events(reconnect), expired_when_item = is_refusal)]
    fn guarded(&self) -> Call<EventStream<Chunk, ChatError>, ChatError>;

    #[get(events(error = "/error"), expired_when_item = is_expired_event)]
    fn guarded_by_type(&self) -> Call<EventStream<RawEvent>>;

    #[get(events, idle_timeout = Duration::from_secs(40), max_item = 30)]
    fn limited(&self) -> Call<EventStream<Chunk>>;
}

#[endpoint(path = "/slow", idle_timeout = Duration::from_secs(30), max_item = 20)]
struct Slow;

#[endpoint]
impl Slow {
    #[get]
    fn events(&self) -> Call<EventStream<Chunk>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_in_flight = 1, hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    chats: Chats,
    #[endpoint]
    slow: Slow,
    /// How often it has signed in.
    #[session(default)]
    logins: Arc<AtomicUsize>,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        let login = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        Credential::bearer(format!("token-{login}"))
    }
}

/// A response with events.
fn events(steps: impl IntoIterator<Item = Step>) -> Response {
    Response::new(StatusCode::OK)
        .with_header("content-type", "text/event-stream; charset=iso-8859-1")
        .with_body(scripted(steps))
}

/// A session whose server has a script for each request; the last one is also for those after it.
fn acme(scripts: Vec<Vec<Step>>) -> (Acme, Sent) {
    let (transport, sent) =
        recording(move |number, _| Ok(events(scripts[(number - 1).min(scripts.len() - 1)].clone())));
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

fn chunk(id: u64) -> String {
    format!("id: {id}\ndata: {{\"n\":{id}}}\n\n")
}

/// Reads a stream to its end: the numbers, and the error, if it ends with one.
async fn read<E: From<Error>>(mut stream: EventStream<Chunk, E>) -> (Vec<u64>, Option<E>) {
    let mut numbers = Vec::new();
    while let Some(next) = stream.next().await {
        match next {
            Ok(chunk) => numbers.push(chunk.n),
            Err(error) => {
                assert!(stream.next().await.is_none(), "it goes on after its error");
                return (numbers, Some(error));
            }
        }
    }
    (numbers, None)
}

#[tokio::test(start_paused = true)]
async fn events_have_a_type_data_and_an_id_whatever_charset_is_declared() {
    let text = "\u{feff}: hello\r\n\r\nevent: add\rdata: Z\u{fc}rich\rdata\rid: 7\r\rdata:x\n\nid: 8\0\ndata: y\n\nretry: 1\n\n";
    let (api, sent) = acme(vec![vec![Step::text(text)]]);
    let mut stream = api.chats().raw_events().await.unwrap();
    let mut seen = Vec::new();
    while let Some(event) = stream.next().await {
        let event = event.unwrap();
        seen.push(format!("{} {:?} {}", event.event(), event.data(), event.id()));
        assert!(!format!("{event:?}{stream:?}").contains("rich"));
    }
    assert_eq!(seen, ["add \"Z\u{fc}rich\\n\" 7", "message \"x\" 7", "message \"y\" 7"]);
    assert_eq!(stream.last_event_id(), "7");
    assert_eq!((sent.only().header("accept"), stream.status()), ("text/event-stream", StatusCode::OK));
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_the_same_events_in_1000_random_chunkings() {
    let mut text = String::from("\u{feff}: start\r\n\r\n");
    for n in 0..40 {
        let end = ["\n", "\r", "\r\n"][n % 3];
        text.push_str(&format!(
            "id: {n}{end}event: \u{e4}{n}{end}data: {{\"n\": {end}data: {n}}}{end}: \u{1f600}{end}{end}"
        ));
    }
    let mut random = fastrand::Rng::with_seed(21);
    let expected: Vec<u64> = (0..40).collect();
    for round in 0..1000 {
        let mut rest = text.as_bytes();
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(random.usize(1..=rest.len().min(1 + round % 50)));
            steps.push(Step::Piece(Bytes::copy_from_slice(piece)));
            rest = after;
        }
        let (api, _) = acme(vec![steps]);
        let (numbers, end) = read(api.chats().plain().await.unwrap()).await;
        assert_eq!((numbers, end.map(|error| error.to_string())), (expected.clone(), None), "round {round}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sentinel_is_the_end_and_an_in_band_error_the_typed_error() {
    let rows: [(&str, &[u64], Option<&str>); 9] = [
        ("data: {\"n\":1}\n\ndata: [DONE]\n\ndata: {\"n\":2}\n\n", &[1], None),
        ("data: {\"n\":1}\n\ndata: [DONE]\n", &[1], None),
        ("data: {\"n\":1}\n\ndata: [DONE]", &[1], None),
        ("data: {\"n\":1,\"error\":null}\n\ndata: [DONE]\n\n", &[1], None),
        (
            "data: {\"n\":1}\n\ndata: {\"error\":{\"code\":\"overloaded\",\"message\":\"try later\"}}\n\ndata: {\"n\":2}\n\n",
            &[1],
            Some("Overloaded: try later"),
        ),
        (
            "event: error\ndata: {\"code\":\"overloaded\",\"message\":\"busy\"}\n\n",
            &[],
            Some("Overloaded: busy"),
        ),
        (
            "data: {\"n\":1}\n\ndata: {\"error\":{\"message\":\"no such model\"}}\n\n",
            &[1],
            Some("Chats::stream: the server reported an error in the stream: no such model, after 1 item"),
        ),
        (
            "data: {\"n\":1}\n\ndata: {\"n\":2}\n\n",
            &[1, 2],
            Some("Chats::stream: the stream ended without the event that marks its end, after 2 items"),
        ),
        (
            "",
            &[],
            Some(
                "Chats::stream: the stream ended without the event that marks its end, before the first item",
            ),
        ),
    ];
    for (text, numbers, end) in rows {
        let (api, sent) = acme(vec![vec![Step::text(text)]]);
        let stream = api.chats().stream().await.unwrap();
        assert_eq!(sent.only().body, "{\"stream\":true}");
        let (read, error) = read(stream).await;
        let error = error.map(|error| match error {
            ChatError::Overloaded(fault) => format!("Overloaded: {}", fault.message),
            ChatError::Unauthorized(error) | ChatError::Other(error) => {
                assert_eq!(error.items(), Some(u64::try_from(numbers.len()).unwrap()), "{text:?}");
                let is_reported = text.contains("\"error\":{");
                let kind = if is_reported { ErrorKind::InStream } else { ErrorKind::Transport };
                assert_eq!(error.kind(), kind, "{text:?}");
                error.to_string()
            }
        });
        assert_eq!((read.as_slice(), error.as_deref()), (numbers, end), "{text:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_interrupted_is_a_typed_error_with_its_items() {
    let first = chunk(1);
    let cut_in_event = [Step::text(&first), Step::text("data: {\"n\""), Step::Cut];
    let endless_line = std::iter::repeat_n(Step::text(&"x".repeat(1024 * 1024)), 10);
    let silent = [Step::text(&first), Step::text("data:"), Step::wait(400), Step::text("x")];
    let with_comments = (0..5).flat_map(|_| [Step::text(":\n"), Step::wait(290)]).chain([Step::text(&first)]);
    let no_json = [Step::text("data: {\"n\":\"secret\"}\n\n"), Step::text(&first)];
    type Row = (Vec<Step>, usize, Option<(ErrorKind, &'static str)>);
    let rows: [Row; 6] = [
        (
            cut_in_event.to_vec(),
            1,
            Some((ErrorKind::Transport, "the body of the response ended too early, after 1 item")),
        ),
        (
            endless_line.collect(),
            0,
            Some((
                ErrorKind::BodyTooLarge,
                "the stream has an event of more than 8388608 bytes; raise `max_item` to allow it, before the first item",
            )),
        ),
        (
            silent.to_vec(),
            1,
            Some((
                ErrorKind::Timeout,
                "the body of the response sent nothing for 300s (`idle_timeout`), after 1 item",
            )),
        ),
        (with_comments.collect(), 1, None),
        // By the standard, an event without a blank line after it is none.
        (vec![Step::text(&first), Step::text("data: {\"n\":2}\n")], 1, None),
        (no_json.to_vec(), 0, None),
    ];
    for (row, (steps, items, end)) in rows.into_iter().enumerate() {
        let (api, _) = acme(vec![steps]);
        let mut stream = api.chats().plain().await.unwrap();
        let mut read = 0;
        let error = loop {
            match stream.next().await {
                Some(Ok(_)) => read += 1,
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        if row == 5 {
            // One that can't be decoded is no end.
            let error = error.unwrap();
            let expected = "Chats::plain: item 1 of the stream can't be decoded as JSON of the type `Chunk`: n: another type or \
                            value where u64 is expected at line 1 column 13";
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Decode, expected));
            assert_eq!(error.body().unwrap(), &b"{\"n\":\"secret\"}"[..]);
            assert_eq!(stream.next().await.unwrap().unwrap(), Chunk { n: 1 });
            continue;
        }
        let error = error.map(|error| {
            assert_eq!(error.items(), Some(read), "row {row}");
            assert!(error.operation().is_some() && error.report().contains("items:"), "{}", error.report());
            (error.kind(), error.to_string())
        });
        let end = end.map(|(kind, text)| (kind, format!("Chats::plain: {text}")));
        assert_eq!((usize::try_from(read).unwrap(), error), (items, end), "row {row}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_only_a_lost_connection_could_be_is_an_interruption() {
    let (transport, _) = recording(|_, _| {
        let text = "data: {\"n\":1}\n\ndata: {\"n\":2}\n";
        Ok(events([Step::text(text)]).with_header("connection", "close"))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let (numbers, error) = read(api.chats().plain().await.unwrap()).await;
    let expected = "Chats::plain: the stream ended in the middle of an event, after 1 item";
    assert_eq!((numbers, error.unwrap().to_string().as_str()), (vec![1], expected));
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_no_event_stream_is_an_error_before_the_first_event() {
    let rows = [
        (
            200,
            "application/json",
            Some("its content type is not `text/event-stream` (content type: application/json)"),
        ),
        (200, "text/html", Some("its content type is not `text/event-stream` (content type: text/html)")),
        (200, "Text/Event-Stream;charset=utf-8", None),
        (204, "", None),
        (401, "text/event-stream", Some("401 Unauthorized")),
        (429, "text/event-stream", Some("429 Too Many Requests")),
    ];
    for (status, content_type, expected) in rows {
        let (transport, _) = recording(move |_, _| {
            let response =
                Response::new(StatusCode::from_u16(status).unwrap()).with_body("data: {\"n\":1}\n\n");
            Ok(if content_type.is_empty() {
                response
            } else {
                response.with_header("content-type", content_type)
            })
        });
        let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
        let end = api.chats().plain().await;
        match expected {
            Some(expected) => assert!(end.unwrap_err().to_string().ends_with(expected)),
            None => assert_eq!(read(end.unwrap()).await.0, if status == 204 { vec![] } else { vec![1] }),
        }
        let end = api.chats().maybe().await;
        if status == 204 {
            assert!(end.unwrap().is_none());
        } else {
            assert_eq!(end.is_err(), expected.is_some());
        }
    }
    let (transport, _) = recording(|_, _| Ok(Response::new(StatusCode::NOT_FOUND)));
    let api = Acme::builder().transport(transport).build().unwrap();
    assert!(api.chats().maybe().await.unwrap().is_none());
}

/// A server that has events with these ids, and goes on after `last-event-id`.
fn honoring(last: u64, cut: impl Fn(usize, &str) -> Vec<Step> + Send + Sync + 'static) -> (Acme, Sent) {
    let (transport, sent) = recording(move |number, seen| {
        let since: u64 = seen.header("last-event-id").parse().unwrap_or(0);
        if since == last {
            return Ok(Response::new(StatusCode::NO_CONTENT));
        }
        let text: String = (since + 1..=last).map(chunk).collect();
        Ok(events(cut(number, &text)))
    });
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_cut_anywhere_loses_and_repeats_nothing() {
    let all: String = (1..=12).map(chunk).collect();
    for at in 0..=all.len() {
        for is_clean in [false, true] {
            let (api, sent) = honoring(12, move |number, text| {
                // The first response is cut, the second one a little later, and the third one is whole.
                let at = [at, (at / 2).max(1), usize::MAX][(number - 1).min(2)].min(text.len());
                let end = if is_clean || at == text.len() { vec![] } else { vec![Step::Cut] };
                [vec![Step::text(&text[..at])], end].concat()
            });
            let stream = api.chats().changes().since(0).await.unwrap();
            let (numbers, error) = read(stream).await;
            assert!(error.is_none(), "cut at {at}: {error:?}");
            assert_eq!(numbers, (1..=12).collect::<Vec<_>>(), "cut at {at}");
            let last = sent.all().pop().unwrap();
            assert_eq!(
                (last.header("last-event-id"), last.url.query()),
                ("12", Some("since=0")),
                "cut at {at}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn reconnecting_waits_as_the_server_asks_and_ends_without_progress() {
    // After a clean end: 3 seconds, or what `retry` is.
    let rows = [("", 3000), ("retry: 20000\n", 20_000), ("retry: 0\n", 0), ("retry: x\n", 3000)];
    for (retry, expected) in rows {
        let (api, sent) = honoring(2, move |_, text| {
            let first = text.find("\n\n").unwrap() + 2;
            vec![Step::text(&format!("{retry}{}", &text[..first]))]
        });
        let start = Instant::now();
        let (numbers, error) = read(api.chats().changes().await.unwrap()).await;
        assert!(error.is_none() && numbers == [1, 2], "{error:?}");
        assert_eq!((start.elapsed().as_millis(), sent.all().len()), (2 * expected, 3), "{retry:?}");
    }
    // A pause that is too long is not shortened.
    let (api, _) = acme(vec![vec![Step::text("retry: 61000\n\n"), Step::text(&chunk(1))]]);
    let (numbers, error) = read(api.chats().changes().await.unwrap()).await;
    let expected =
        "Chats::changes: the server asks to wait 61s, longer than 60s (`max_retry_after`), after 1 item";
    assert_eq!((numbers, error.unwrap().to_string().as_str()), (vec![1], expected));
    // Without an event it ends after `max_attempts`, and each event begins anew.
    let cut = |text: &str| vec![Step::text(text), Step::Cut];
    let (api, sent) = acme(vec![cut(""), cut(&chunk(1)), cut(": a"), cut("data"), cut("")]);
    let (numbers, error) = read(api.chats().changes().await.unwrap()).await;
    let error = error.unwrap();
    assert_eq!((numbers, error.kind(), error.items()), (vec![1], ErrorKind::Transport, Some(1)));
    assert_eq!(sent.all().len(), 4, "{error}");
    // So does one that ends at once.
    let (api, sent) = acme(vec![vec![]]);
    let (_, error) = read(api.chats().changes().await.unwrap()).await;
    let expected = "Chats::changes: the stream ended without a byte, before the first item";
    assert_eq!((error.unwrap().to_string().as_str(), sent.all().len()), (expected, 3));
    // With one attempt it is not opened again.
    let (api, sent) = acme(vec![cut(&chunk(1))]);
    let (_, error) = read(api.chats().changes().with_max_attempts(1).await.unwrap()).await;
    assert!(error.is_some() && sent.all().len() == 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_not_opened_again_after_its_end_or_if_it_is_refused() {
    let row = |status: u16, content_type: &'static str| {
        let (transport, sent) = recording(move |number, _| match number {
            1 => Ok(events([Step::text(&chunk(1)), Step::Cut])),
            _ => Ok(Response::new(StatusCode::from_u16(status).unwrap())
                .with_header("content-type", content_type)
                .with_body("{}")),
        });
        (Acme::builder().transport(transport).build().unwrap(), sent)
    };
    let rows = [
        (204, "text/event-stream", None),
        (
            200,
            "application/json",
            Some(
                "its content type is not `text/event-stream` (content type: application/json), after 1 item",
            ),
        ),
        (404, "application/json", Some("404 Not Found, after 1 item")),
        (410, "application/json", Some("410 Gone, after 1 item")),
    ];
    for (status, content_type, expected) in rows {
        let (api, sent) = row(status, content_type);
        let (numbers, error) = read(api.chats().changes().await.unwrap()).await;
        let error = error.map(|error| error.to_string());
        assert!(numbers == [1] && sent.all().len() == 2, "{error:?}");
        assert!(error.is_some() == expected.is_some(), "{error:?}");
        assert!(error.unwrap_or_default().ends_with(expected.unwrap_or_default()));
    }
    // A sentinel is the end also of a stream that reconnects; by a pointer it is the last event.
    let rows: [(&str, &[u64]); 2] =
        [("data: {\"n\":1}\n\nevent: end\ndata: {}\n\n", &[1]), ("data: {\"n\":1,\"last\":true}\n\n", &[1])];
    for (text, expected) in rows {
        let (api, sent) = acme(vec![vec![Step::text(text), Step::Cut]]);
        let (numbers, error) = read(api.chats().follow("a").await.unwrap()).await;
        assert!(error.is_none() && numbers == expected && sent.all().len() == 1, "{numbers:?} {error:?}");
    }
    // A POST that is idempotent sends its body again.
    let (api, sent) =
        acme(vec![vec![Step::text(&chunk(1)), Step::Cut], vec![Step::text("event: end\ndata:\n\n")]]);
    let (numbers, error) = read(api.chats().follow("a").await.unwrap()).await;
    assert!(error.is_none() && numbers == [1], "{error:?}");
    assert!(sent.all().iter().all(|seen| seen.line() == "POST /chat" && seen.body == "{\"topic\":\"a\"}"));
    // Unless the call states that it isn't.
    let ends = [vec![Step::text(&chunk(1)), Step::Cut], vec![Step::text(&chunk(1))]];
    for steps in ends {
        let (api, sent) = acme(vec![steps]);
        let (numbers, error) = read(api.chats().follow("a").with_idempotent(false).await.unwrap()).await;
        assert!(error.is_some() && numbers == [1] && sent.all().len() == 1, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_event_may_refuse_the_credential() {
    let expired = "data: {\"message\":\"expired\"}\n\n";
    let (api, sent) = acme(vec![vec![Step::text(expired)], vec![Step::text(&chunk(1)), Step::Cut]]);
    let mut stream = api.chats().guarded().await.unwrap();
    assert_eq!(sent.all().len(), 1, "it is judged when the first event is asked for");
    assert_eq!(stream.next().await.unwrap().unwrap(), Chunk { n: 1 });
    let tokens = |sent: &Sent| -> Vec<_> {
        sent.all().iter().map(|seen| seen.header("authorization").replace("Bearer token-", "")).collect()
    };
    assert_eq!(tokens(&sent), ["1", "2"]);
    // A second refusal is an item like any other, which can't be decoded.
    let (api, sent) = acme(vec![vec![Step::text(expired)]]);
    let mut stream = api.chats().guarded().await.unwrap();
    assert!(
        matches!(stream.next().await, Some(Err(ChatError::Other(error))) if error.kind() == ErrorKind::Decode)
    );
    assert_eq!(tokens(&sent), ["1", "2"]);
    // So is one without a credential that can be fetched anew, and one that is not the first.
    let (api, sent) = acme(vec![vec![Step::text(&chunk(1)), Step::text(expired)]]);
    let mut stream = api.chats().guarded().without_credential().await.unwrap();
    assert!(stream.next().await.unwrap().is_ok() && stream.next().await.unwrap().is_err());
    assert_eq!(sent.all().len(), 1);
    let (api, sent) = acme(vec![vec![Step::text(expired)]]);
    let mut stream = api.chats().guarded().without_credential().await.unwrap();
    assert!(stream.next().await.unwrap().is_err());
    assert_eq!(sent.all().len(), 1);
    // It can be told by the type of the event.
    let (api, sent) =
        acme(vec![vec![Step::text("event: expired\ndata:\n\n")], vec![Step::text("data: x\n\n")]]);
    let mut stream = api.chats().guarded_by_type().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().data(), "x");
    assert!(stream.next().await.is_none());
    assert_eq!(tokens(&sent), ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_ends_while_the_stream_is_quiet_is_fetched_anew() {
    // The server closes the stream with the token, and refuses the old one.
    let (transport, sent) = recording(|number, seen| match (number, seen.header("authorization")) {
        (1, _) => Ok(events([Step::text(&chunk(1)), Step::wait(280)])),
        (_, "Bearer token-1") => Ok(Response::new(StatusCode::UNAUTHORIZED)),
        _ => Ok(events([Step::text(&chunk(2)), Step::Cut])),
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let mut stream = api.chats().changes().await.unwrap();
    for n in [1, 2] {
        assert_eq!(stream.next().await.unwrap().unwrap(), Chunk { n });
    }
    let seen: Vec<_> = sent.all();
    assert_eq!(seen.len(), 3);
    assert_eq!((seen[2].header("authorization"), seen[2].header("last-event-id")), ("Bearer token-2", "1"));
    // Where it is not opened again, a stream that the server cuts is an interruption.
    let (api, _) = acme(vec![vec![Step::text(&chunk(1)), Step::wait(280), Step::Cut]]);
    let (_, error) = read(api.chats().plain().await.unwrap()).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::Transport);
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_a_stream_are_set_at_every_level() {
    let quiet = |seconds| vec![Step::text(&chunk(1)), Step::wait(seconds), Step::text(&chunk(2))];
    let idle = async |api: &Acme, call: Call<EventStream<Chunk>>| {
        let _ = api;
        read(call.await.unwrap()).await.1.map(|error| error.to_string())
    };
    let ended = |limit: u64| Some(format!("sent nothing for {limit}s (`idle_timeout`), after 1 item"));
    let shown =
        |error: Option<String>| error.map(|error| error.split_once("response ").unwrap().1.to_owned());
    let (api, _) = acme(vec![quiet(299)]);
    assert_eq!(idle(&api, api.chats().plain()).await, None);
    let (api, _) = acme(vec![quiet(301)]);
    assert_eq!(shown(idle(&api, api.chats().plain()).await), ended(300));
    // Endpoint, operation, call, session.
    assert_eq!(shown(idle(&api, api.slow().events()).await), ended(30));
    assert_eq!(shown(idle(&api, api.chats().limited()).await), ended(40));
    let call = api.chats().limited().with_idle_timeout(Duration::from_secs(50));
    assert_eq!(shown(idle(&api, call).await), ended(50));
    let session = api.with(|settings| settings.idle_timeout(Duration::from_secs(20)));
    assert_eq!(shown(idle(&session, session.chats().plain()).await), ended(20));
    assert_eq!(shown(idle(&session, session.chats().limited()).await), ended(40));
    let call = api.chats().plain().with_idle_timeout(Duration::from_secs(600));
    assert_eq!(idle(&api, call).await, None);
    // There is no least throughput, and no time limit of the call, unless a level sets one.
    let slow = || std::iter::repeat_n([Step::text(":\n"), Step::wait(60)], 100).flatten().collect::<Vec<_>>();
    let (api, _) = acme(vec![slow()]);
    assert_eq!(idle(&api, api.chats().plain()).await, None);
    let error = idle(&api, api.chats().plain().with_min_throughput(10)).await.unwrap();
    assert!(error.contains("(`min_throughput`)"), "{error}");
    // The size of an event.
    let long = vec![
        Step::text("data: {\"n\":1}\n\n"),
        Step::text(&format!("data: {{\"n\":{}1}}\n\n", " ".repeat(40))),
    ];
    let (api, _) = acme(vec![long]);
    assert_eq!(idle(&api, api.chats().limited().with_max_item(100)).await, None);
    let session = api.with(|settings| settings.max_item(25));
    for (api, call, limit) in [
        (&api, api.slow().events(), 20),
        (&session, session.chats().plain(), 25),
        (&session, session.chats().limited(), 30),
    ] {
        let error = idle(api, call).await.unwrap();
        assert!(error.contains(&format!("more than {limit} bytes")), "{error}");
    }
    let error = idle(&api, api.chats().limited()).await.unwrap();
    assert!(
        error.ends_with("has an event of more than 30 bytes; raise `max_item` to allow it, after 1 item"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_holds_its_slot_until_it_ends_or_is_dropped() {
    let steps = vec![Step::text(&chunk(1)), Step::wait(60), Step::text(&chunk(2))];
    let (api, _) = acme(vec![steps]);
    let short = || api.raw().get("/x").with_timeout(Duration::from_secs(5));
    let mut stream = api.chats().plain().await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert!(short().await.unwrap_err().to_string().contains("`max_in_flight`"));
    drop(stream);
    assert_eq!(read(api.chats().plain().await.unwrap()).await.0, [1, 2]);
    // While it waits to be opened again, it holds none. Nor does it after its end.
    let (api, sent) = acme(vec![vec![Step::text("retry: 50000\n\n"), Step::text(&chunk(1))]]);
    let mut stream = api.chats().changes().await.unwrap();
    stream.next().await.unwrap().unwrap();
    let waiting = tokio::time::timeout(Duration::from_secs(30), stream.next()).await;
    assert!(waiting.is_err() && sent.all().len() == 1);
    api.raw().get("/x").streaming().await.unwrap();
    // Dropping it cancels what it waits for.
    drop(stream);
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(sent.all().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_event_of_a_compressed_stream_arrives_when_it_is_complete() {
    use std::io::Write;
    type Encode = fn(&[String]) -> Vec<Vec<u8>>;
    let codings: [(&'static str, Encode); 6] = [
        ("gzip", |texts| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            texts
                .iter()
                .map(|text| {
                    encoder.write_all(text.as_bytes()).unwrap();
                    encoder.flush().unwrap();
                    std::mem::take(encoder.get_mut())
                })
                .collect()
        }),
        // A member for each event, and all but its last byte for one that is not complete.
        ("gzip", |texts| {
            texts
                .iter()
                .map(|text| {
                    let mut encoder =
                        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                    encoder.write_all(text.as_bytes()).unwrap();
                    encoder.finish().unwrap()
                })
                .collect()
        }),
        ("deflate", |texts| {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            texts
                .iter()
                .map(|text| {
                    encoder.write_all(text.as_bytes()).unwrap();
                    encoder.flush().unwrap();
                    std::mem::take(encoder.get_mut())
                })
                .collect()
        }),
        ("deflate", |texts| {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            texts
                .iter()
                .map(|text| {
                    encoder.write_all(text.as_bytes()).unwrap();
                    encoder.flush().unwrap();
                    std::mem::take(encoder.get_mut())
                })
                .collect()
        }),
        ("br", |texts| {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
            texts
                .iter()
                .map(|text| {
                    encoder.write_all(text.as_bytes()).unwrap();
                    encoder.flush().unwrap();
                    std::mem::take(encoder.get_mut())
                })
                .collect()
        }),
        ("zstd", |texts| {
            let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
            texts
                .iter()
                .map(|text| {
                    encoder.write_all(text.as_bytes()).unwrap();
                    encoder.flush().unwrap();
                    std::mem::take(encoder.get_mut())
                })
                .collect()
        }),
    ];
    // The third event decodes to more than any buffer of a decoder.
    let padded = format!("data: {{\"n\":3{}}}\n\n", " ".repeat(1_000_000));
    let texts = [chunk(1), chunk(2), padded, chunk(4)];
    for (row, (coding, encode)) in codings.into_iter().enumerate() {
        for size in [usize::MAX, 1] {
            let pieces = encode(&texts);
            let steps = pieces.into_iter().flat_map(|piece| {
                let size = size.min(piece.len());
                let pieces: Vec<_> =
                    piece.chunks(size).map(|piece| Step::Piece(Bytes::copy_from_slice(piece))).collect();
                pieces.into_iter().chain([Step::wait(100)])
            });
            let steps: Vec<_> = steps.collect();
            let (transport, sent) =
                recording(move |_, _| Ok(events(steps.clone()).with_header("content-encoding", coding)));
            let api = Acme::builder().transport(transport).build().unwrap();
            let mut stream = api.chats().plain().await.unwrap();
            let start = Instant::now();
            for n in 1..=4 {
                let next = stream.next().await.unwrap();
                assert_eq!(next.as_ref().ok(), Some(&Chunk { n }), "{coding} {row} {size} {next:?}");
                assert_eq!(start.elapsed().as_secs(), 100 * (n - 1), "{coding} {row}, event {n}");
            }
            assert!(sent.only().header("accept-encoding").contains("gzip"));
        }
    }
    // The other ends of an encoded stream.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(chunk(1).as_bytes()).unwrap();
    let gzip = encoder.finish().unwrap();
    let whole = Bytes::from(gzip.clone());
    let rows: [(&'static str, Vec<Step>, usize, Option<ErrorKind>); 5] = [
        ("gzip", vec![Step::Piece(whole.clone())], 1, None),
        ("gzip", vec![Step::Piece(whole.slice(..whole.len() - 4))], 1, Some(ErrorKind::Transport)),
        ("gzip", vec![Step::Piece(whole.clone()), Step::text("not gzip")], 1, Some(ErrorKind::Decode)),
        ("gzip", vec![], 0, None),
        ("identity", vec![Step::text(&chunk(1))], 1, None),
    ];
    for (coding, steps, items, end) in rows {
        let shown = format!("{steps:?}");
        let (transport, _) =
            recording(move |_, _| Ok(events(steps.clone()).with_header("content-encoding", coding)));
        let api = Acme::builder().transport(transport).build().unwrap();
        let (numbers, error) = read(api.chats().plain().await.unwrap()).await;
        assert_eq!((numbers.len(), error.map(|error| error.kind())), (items, end), "{shown}");
    }
    let (transport, _) = recording(|_, _| Ok(events([]).with_header("content-encoding", "compress")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let error = api.chats().plain().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsupportedEncoding);
    assert!(error.to_string().contains("the stream has the content coding `compress`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_can_be_spawned_and_knows_its_mode() {
    fn is_stream<S: futures_core::Stream + Send + Unpin + 'static>(_: &S) {}
    let (api, _) = acme(vec![vec![Step::text(&chunk(1))]]);
    let modes = [Chats::STREAM.operation(), Chats::PLAIN.operation(), Chats::RAW_EVENTS.operation()];
    assert!(modes.iter().all(|operation| operation.mode() == Mode::Events));
    let mut stream = api.chats().plain().response().await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream; charset=iso-8859-1");
    is_stream(stream.value());
    let spawned = tokio::spawn(async move { read(stream.map(|stream| stream).into_value()).await.0 });
    assert_eq!(spawned.await.unwrap(), [1]);
    stream = api.chats().plain().response().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    // `streaming()` returns the bytes, as of any call.
    let mut body = api.chats().plain().streaming().await.unwrap_err();
    drop(stream);
    assert!(body.is_timeout());
    let body_of = api.chats().plain().streaming().await.unwrap();
    body = api.raw().get("/x").with_timeout(Duration::from_secs(1)).await.unwrap_err();
    assert!(body.is_timeout());
    assert_eq!(body_of.into_value().chunk().await.unwrap().unwrap(), chunk(1));
}

#[tokio::test(start_paused = true)]
async fn a_middleware_and_the_hook_see_each_time_that_a_stream_is_opened() {
    let (transport, _) = recording(|number, _| {
        let steps = vec![Step::text(&chunk(u64::try_from(number).unwrap())), Step::Cut];
        Ok(if number == 3 { Response::new(StatusCode::NO_CONTENT) } else { events(steps) })
    });
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    let api = Acme::builder().transport(transport).on_request(move |request| {
        assert!(request.operation.is_some());
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let (numbers, error) = read(api.build().unwrap().chats().changes().await.unwrap()).await;
    assert!(error.is_none() && numbers == [1, 2] && seen.load(Ordering::SeqCst) == 3, "{error:?}");
    let _ = Memory::new(|_| async { Ok(Response::new(StatusCode::OK)) });
}
