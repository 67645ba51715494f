//! What can be seen of calls: the tree of spans and events, the headers of a trace, and what identifies the SDK.

use std::time::Duration;

use apisession::http::Method;
use apisession::observe::TraceHeaders;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{BoxFuture, ErrorKind, OAuth2};
use apisession_tests::{Node, Seen, Sent, Step, Tree, offline, recording, respond, scripted, tokio};
use serde::Deserialize;
use tracing::Level;
use tracing::subscriber::{self, DefaultGuard};

#[derive(Debug, Deserialize)]
struct Event {
    #[expect(dead_code, reason = "it is decoded")]
    id: u64,
}

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64, q: Option<&str>) -> Call<Event>;
    #[get("/{id}")]
    fn find(&self, id: u64) -> Call<Option<Event>>;
    #[post]
    fn create(&self, #[json] title: &str) -> Call<Event>;
    #[get("/changes", events(reconnect))]
    fn changes(&self) -> Call<EventStream<Event>>;
    #[get(page = cursor(items = "/data", next = "/next", param = "after", past_end(404)))]
    fn list(&self) -> Pager<Event>;
}

#[endpoint(path = "/tokens")]
struct Tokens;

#[endpoint]
impl Tokens {
    #[post]
    fn create(&self, #[json] password: &str) -> Call<String>;
}

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test/v1",
    lib = "acme-sdk/1.2",
    client_request_id = "x-client-request-id",
    restricted_paths("/tokens/**"),
    hooks
)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    #[endpoint]
    tokens: Tokens,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer(&self.tokens().create("hunter22-password").await?)
    }
}

/// A tree of what this thread logs, as long as the guard lives.
fn seen(level: Level) -> (Tree, DefaultGuard) {
    let tree = Tree::new(level);
    let guard = subscriber::set_default(tree.clone());
    (tree, guard)
}

const TOKEN: &str = "\"t0ken-s3cret\"";

/// Signs in, fails once, redirects once, and responds.
fn eventful() -> (Memory, Sent) {
    recording(|number, request| {
        Ok(match (request.url.path(), number) {
            ("/v1/tokens", _) => respond(200, TOKEN),
            (_, 2) => respond(503, "{}"),
            (_, 3) => respond(302, "{}").with_header("location", "/v1/archive/7?token=s3cret"),
            _ => respond(200, "{\"id\":7}"),
        })
    })
}

/// What the conventions of OpenTelemetry require of the span of an HTTP client (1.44, "HTTP client span"), and what they leave to choice.
const CONVENTIONS: &[(&str, &str)] = &[
    ("error.type", "conditionally required"),
    ("http.request.method", "required"),
    ("http.request.method_original", "conditionally required"),
    ("http.request.resend_count", "recommended"),
    ("http.response.status_code", "conditionally required"),
    ("network.peer.address", "recommended"),
    ("network.peer.port", "recommended"),
    ("network.protocol.name", "conditionally required"),
    ("network.protocol.version", "recommended"),
    ("server.address", "required"),
    ("server.port", "required"),
    ("url.full", "required"),
    ("http.request.body.size", "opt-in"),
    ("http.response.body.size", "opt-in"),
    ("network.transport", "opt-in"),
    ("url.scheme", "opt-in"),
    ("url.template", "opt-in"),
    ("user_agent.original", "opt-in"),
];

/// What `tracing-opentelemetry` takes from a span by itself.
const OF_TRACING: &[&str] = &["otel.kind", "otel.name", "otel.status_code"];

#[tokio::test(start_paused = true)]
async fn a_call_is_the_tree_that_the_book_shows() {
    let (tree, _guard) = seen(Level::DEBUG);
    let (memory, sent) = eventful();
    let api = Acme::builder().transport(memory).build().unwrap();
    api.events().get(7).await.unwrap();
    assert_eq!(
        sent.lines(),
        ["POST /v1/tokens", "GET /v1/events/7", "GET /v1/events/7", "GET /v1/archive/7?token=s3cret"]
    );

    let drawn =
        tree.drawn(&["http.response.status_code", "http.request.resend_count", "error.type", "attempts"]);
    println!("{drawn}");
    let book = include_str!("../../book/src/observing.md");
    assert!(book.contains(&drawn), "the book shows another tree than\n{drawn}");

    let calls = tree.spans("call");
    assert_eq!(calls.len(), 2);
    for call in &calls {
        assert_eq!(
            (call.field("apisession.sdk.name"), call.field("apisession.sdk.version")),
            ("acme-sdk", "1.2")
        );
        assert_eq!(call.field("otel.kind"), "internal");
    }
    assert_eq!(calls[0].field("apisession.operation"), "Events::get");
    assert_eq!(calls[0].field("apisession.attempts"), "2");
    assert_eq!(calls[0].field("error.type"), "");
}

#[tokio::test(start_paused = true)]
async fn a_span_of_an_attempt_has_the_attributes_of_the_conventions() {
    let (tree, _guard) = seen(Level::INFO);
    let (memory, _) = eventful();
    let api = Acme::builder().transport(memory).build().unwrap();
    api.events().get(7).q("s3cret").await.unwrap();
    let attempts = tree.spans("attempt");
    assert_eq!(attempts.len(), 4);
    for attempt in &attempts {
        for name in attempt.declared.iter().filter(|name| !OF_TRACING.contains(name)) {
            assert!(CONVENTIONS.iter().any(|(known, _)| known == name), "`{name}` is no attribute");
        }
        for (name, _) in CONVENTIONS.iter().filter(|(_, level)| *level == "required") {
            assert!(!attempt.field(name).is_empty(), "{name}: {attempt:?}");
        }
        assert_eq!(attempt.field("otel.kind"), "client");
    }

    let common = [
        ("http.request.method", "GET"),
        ("server.address", "api.test"),
        ("server.port", "443"),
        ("network.protocol.version", "1.1"),
    ];
    let rows: [&[(&str, &str)]; 4] = [
        &[
            ("otel.name", "POST /tokens"),
            ("url.full", "https://api.test/v1/tokens"),
            ("url.template", "/tokens"),
            ("http.request.method", "POST"),
            ("http.request.resend_count", ""),
            ("http.response.status_code", "200"),
        ],
        &[
            ("otel.name", "GET /events/{id}"),
            ("url.full", "https://api.test/v1/events/7?q=[redacted]"),
            ("url.template", "/events/{id}"),
            ("http.request.resend_count", ""),
            ("http.response.status_code", "503"),
            ("error.type", "503"),
            ("otel.status_code", "ERROR"),
        ],
        // A redirect is no error.
        &[
            ("otel.name", "GET /events/{id}"),
            ("http.request.resend_count", "1"),
            ("http.response.status_code", "302"),
            ("error.type", ""),
            ("otel.status_code", ""),
        ],
        // The URL of the server has no template.
        &[
            ("otel.name", "GET"),
            ("url.full", "https://api.test/v1/archive/7?token=[redacted]"),
            ("url.template", ""),
            ("http.request.resend_count", "2"),
            ("http.response.status_code", "200"),
            ("error.type", ""),
        ],
    ];
    for (number, (attempt, row)) in attempts.iter().zip(rows).enumerate() {
        for (name, value) in
            common.iter().filter(|(name, _)| !row.iter().any(|(own, _)| own == name)).chain(row)
        {
            assert_eq!(attempt.field(name), *value, "{name} of attempt {number}");
        }
    }
    assert!(!tree.text().contains("s3cret") && !tree.text().contains("hunter22"), "{}", tree.text());
}

#[tokio::test(start_paused = true)]
async fn the_class_of_an_error_is_its_status_or_its_kind() {
    type Respond = fn() -> Result<Response, Failure>;
    let rows: [(Respond, &str, &str, &str); 5] = [
        (|| Ok(respond(404, "{}")), "404", "404", "1"),
        (|| Ok(respond(503, "{}")), "503", "503", "3"),
        (|| Err(Failure::not_sent("refused")), "connect", "connect", "3"),
        (|| Ok(respond(200, "{")), "", "decode", "1"),
        // Whether a redirect is followed is decided after the attempt.
        (|| Ok(respond(301, "{}")), "", "redirect", "1"),
    ];
    for (end, of_attempt, of_call, attempts) in rows {
        let (tree, _guard) = seen(Level::INFO);
        let (memory, _) = recording(move |_, _| end());
        let api = Acme::builder().without_credential().transport(memory).build().unwrap();
        let error = api.events().get(7).await.unwrap_err();
        assert_eq!(tree.spans("attempt")[0].field("error.type"), of_attempt, "{error}");
        let call = &tree.spans("call")[0];
        assert_eq!((call.field("error.type"), call.field("otel.status_code")), (of_call, "ERROR"), "{error}");
        assert_eq!(call.field("apisession.attempts"), attempts, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_that_the_conventions_do_not_know_is_another() {
    let (tree, _guard) = seen(Level::INFO);
    let (memory, _) = recording(|_, _| Ok(respond(200, "{}")));
    let api = Acme::builder().without_credential().transport(memory).build().unwrap();
    api.raw().request(Method::from_bytes(b"PURGE").unwrap(), "/cache").await.unwrap();
    api.raw().get("/events/7").query("q", "1").await.unwrap();
    let attempts = tree.spans("attempt");
    let names: Vec<_> = attempts.iter().map(|attempt| attempt.field("otel.name")).collect();
    assert_eq!(names, ["HTTP", "GET"]);
    assert_eq!(attempts[0].field("http.request.method"), "_OTHER");
    assert_eq!(attempts[0].field("http.request.method_original"), "PURGE");
    assert_eq!(attempts[1].field("http.request.method_original"), "");
    assert_eq!(tree.spans("call")[0].field("otel.name"), "raw PURGE");
}

fn at(tree: &Tree, level: Level) -> Vec<Node> {
    tree.events().into_iter().filter(|event| event.event == Some(level)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_call_is_one_line_at_debug_and_a_failed_one_an_error_once() {
    type Make = fn(&Events) -> BoxFuture<'static, Option<ErrorKind>>;
    let get: Make = |events| {
        let call = events.get(7).send();
        Box::pin(async { call.await.err().map(|error| error.kind()) })
    };
    let find: Make = |events| {
        let call = events.find(7).send();
        Box::pin(async { call.await.err().map(|error| error.kind()) })
    };
    let rows: [(u16, &str, Make, usize, usize); 5] = [
        (200, "{\"id\":7}", get, 1, 0),
        (404, "{}", find, 1, 0),
        (404, "{}", get, 0, 1),
        (400, "{}", find, 0, 1),
        (200, "{", get, 0, 1),
    ];
    for (status, body, make, debugs, errors) in rows {
        let (tree, _guard) = seen(Level::DEBUG);
        let (memory, _) = recording(move |_, _| Ok(respond(status, body)));
        let api = Acme::builder().without_credential().transport(memory).build().unwrap();
        let end = make(&api.events()).await;
        assert_eq!(end.is_some(), errors == 1, "{status} {body}");
        assert_eq!(
            (at(&tree, Level::DEBUG).len(), at(&tree, Level::ERROR).len()),
            (debugs, errors),
            "{status} {body}"
        );
        assert_eq!(tree.events().len(), 1, "{status} {body}: {:?}", tree.events());
        assert_eq!(tree.events()[0].field("attempts"), "1");
        assert_eq!(tree.events()[0].field("operation").split(':').next(), Some("Events"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_a_warning_with_its_reason_its_delay_and_its_attempt() {
    let (tree, _guard) = seen(Level::DEBUG);
    let (memory, _) = recording(|number, _| {
        Ok(if number == 1 {
            respond(503, "{}").with_header("retry-after", "7")
        } else {
            respond(200, "{\"id\":7}")
        })
    });
    let api = Acme::builder().without_credential().transport(memory).build().unwrap();
    api.events().get(7).await.unwrap();
    let warnings = at(&tree, Level::WARN);
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].field("attempt"), "1");
    assert!(warnings[0].field("delay").starts_with('7'), "{warnings:?}");
    assert!(warnings[0].field("reason").contains("503 Service Unavailable"), "{warnings:?}");
    assert_eq!(at(&tree, Level::DEBUG)[0].field("attempts"), "2");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_is_no_error() {
    let (tree, _guard) = seen(Level::DEBUG);
    let memory = Memory::new(|_| std::future::pending());
    let api = Acme::builder().without_credential().transport(memory).build().unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(1), api.events().get(7).send()).await;
    assert!(ended.is_err());
    let events = tree.events();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(
        (events[0].event, &*events[0].name),
        (Some(Level::DEBUG), "the call was dropped before it ended")
    );
    for span in tree.nodes().iter().filter(|node| node.event.is_none()) {
        assert_eq!((span.field("error.type"), span.field("otel.status_code")), ("", ""));
    }
}

/// The header of a request in each of them.
fn headers(sent: &Sent, name: &str) -> Vec<String> {
    sent.all().iter().map(|seen| seen.header(name).to_owned()).collect()
}

fn traced() -> Option<TraceHeaders> {
    let headers = TraceHeaders::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")?;
    Some(headers.with_state("vendor=1"))
}

#[tokio::test(start_paused = true)]
async fn the_trace_goes_to_the_origin_of_the_session_alone() {
    let own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let (memory, sent) = eventful();
    let api = Acme::builder().trace_context(traced).transport(memory).build().unwrap();
    api.events().get(7).await.unwrap();
    assert_eq!(headers(&sent, "traceparent"), [own; 4]);
    assert_eq!(headers(&sent, "tracestate"), ["vendor=1"; 4]);

    // A redirect away from the origin and back.
    let (memory, sent) = recording(|number, _| {
        let away = |to| respond(302, "{}").with_header("location", to);
        Ok(match number {
            1 => away("https://cdn.test/a"),
            2 => away("https://api.test/v1/b"),
            _ => respond(200, "{\"id\":7}"),
        })
    });
    let builder = Acme::builder().without_credential().trace_context(traced).transport(memory);
    let api = builder.allowed_origins(&["https://cdn.test"]).build().unwrap();
    api.events().get(7).await.unwrap();
    assert_eq!(headers(&sent, "traceparent"), [own, "", ""]);
    assert_eq!(headers(&sent, "tracestate"), ["vendor=1", "", ""]);

    // A URL that the SDK names, and a trace that the call sets itself.
    let (memory, sent) = recording(|_, _| Ok(respond(200, "{\"id\":7}")));
    let api = Acme::builder().without_credential().trace_context(traced).transport(memory).build().unwrap();
    api.raw().elsewhere(Method::GET, "https://other.test/x").await.unwrap();
    api.events().get(7).with_header("traceparent", "00-1-2-3").await.unwrap();
    let none = Acme::builder().without_credential().trace_context(|| None).transport({
        let sent = sent.clone();
        Memory::new(move |request| {
            assert!(!request.headers.contains_key("traceparent"));
            let _ = &sent;
            async { Ok(respond(200, "{\"id\":7}")) }
        })
    });
    none.build().unwrap().events().get(7).await.unwrap();
    assert_eq!(headers(&sent, "traceparent"), ["", "00-1-2-3"]);
    assert_eq!(headers(&sent, "tracestate"), ["", ""]);
}

#[tokio::test(start_paused = true)]
async fn the_trace_is_asked_for_inside_of_the_span_of_the_attempt() {
    let (tree, _guard) = seen(Level::INFO);
    let (memory, sent) = eventful();
    let context = || {
        let id = tracing::Span::current().id().map_or(0, |id| id.into_u64());
        TraceHeaders::new(&format!("00-0af7651916cd43dd8448eb211c80319c-{id:016x}-01"))
    };
    let api = Acme::builder().trace_context(context).transport(memory).build().unwrap();
    api.events().get(7).await.unwrap();
    let nodes = tree.nodes();
    let ids = nodes.iter().zip(1..).filter(|(node, _)| node.name == "attempt").map(|(_, id)| id);
    let expected: Vec<_> =
        ids.map(|id: u64| format!("00-0af7651916cd43dd8448eb211c80319c-{id:016x}-01")).collect();
    assert_eq!(headers(&sent, "traceparent"), expected);
}

#[tokio::test(start_paused = true)]
async fn what_identifies_the_sdk_reaches_every_request() {
    // A sign-in, an attempt, its retry, and a redirect of it.
    let (memory, sent) = eventful();
    let builder = Acme::builder().header("x-tenant", "t1").trace_context(traced).transport(memory);
    builder.build().unwrap().events().get(7).await.unwrap();
    let ids = headers(&sent, "x-client-request-id");
    assert_eq!((ids.len(), ids[0].len()), (4, 36));
    assert!(ids[0] != ids[1] && ids[1] == ids[2] && ids[2] == ids[3], "{ids:?}");
    for seen in sent.all() {
        let agent = seen.header("user-agent");
        assert!(agent.starts_with("Integration/1.0 ") && agent.contains("acme-sdk/1.2"), "{agent}");
        assert_eq!(
            (seen.header("x-tenant"), seen.header("tracestate")),
            ("t1", "vendor=1"),
            "{}",
            seen.line()
        );
    }

    // The pages of a list, and a stream that is opened again.
    let (memory, sent) = recording(|number, request| {
        let next = if number == 1 { "\"b\"" } else { "null" };
        Ok(if request.url.path().ends_with("changes") {
            let script = [Step::text(&format!("id: {number}\ndata: {{\"id\":1}}\n\n")), Step::Cut];
            let response = Response::new(apisession::http::StatusCode::OK);
            response.with_header("content-type", "text/event-stream").with_body(scripted(script))
        } else {
            respond(200, &format!("{{\"data\":[{{\"id\":1}}],\"next\":{next}}}"))
        })
    });
    let builder = Acme::builder().without_credential().header("x-tenant", "t1").trace_context(traced);
    let api = builder.transport(memory).build().unwrap();
    assert_eq!(api.events().list().try_collect().await.unwrap().len(), 2);
    let mut changes = api.events().changes().await.unwrap();
    for _ in 0..2 {
        changes.next().await.unwrap().unwrap();
    }
    assert_eq!(sent.all().len(), 4, "{:?}", sent.lines());
    for seen in sent.all() {
        assert_eq!(
            (seen.header("x-tenant"), seen.header("tracestate")),
            ("t1", "vendor=1"),
            "{}",
            seen.line()
        );
        assert!(seen.header("user-agent").contains("acme-sdk/1.2"));
        assert_eq!(seen.header("x-client-request-id").len(), 36);
    }
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_call_stays_at_the_origin_and_can_be_set() {
    let (memory, sent) = recording(|_, request| {
        Ok(match request.url.path() {
            "/v1/events/7" => respond(302, "{}").with_header("location", "https://cdn.test/a"),
            _ => respond(200, "{\"id\":7}"),
        })
    });
    let builder = Acme::builder().without_credential().transport(memory);
    let api = builder.allowed_origins(&["https://cdn.test"]).build().unwrap();
    api.events().get(7).await.unwrap();
    api.events().get(8).with_header("x-client-request-id", "mine").await.unwrap();
    api.raw().elsewhere(Method::GET, "https://other.test/x").await.unwrap();
    let ids = headers(&sent, "x-client-request-id");
    assert_eq!(ids[0].len(), 36);
    assert_eq!(ids[1..], ["", "mine", ""]);
    let built = api.events().get(7).build().unwrap();
    assert_eq!(built.headers["x-client-request-id"].len(), 36);

    let builder = Acme::builder().transport(offline());
    let error = builder.client_request_id("no header").build().err().unwrap();
    assert!(error.to_string().starts_with("`client_request_id`: "), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_deprecation_is_logged_once_for_each_operation() {
    let (tree, _guard) = seen(Level::WARN);
    let respond_to = |_: usize, request: &Seen| {
        let response = respond(200, "{\"id\":7}");
        Ok(match (request.method.as_str(), request.url.path()) {
            ("GET", "/v1/events/1") => response
                .with_header("deprecation", "@1688169599")
                .with_header("sunset", "Sun, 30 Jun 2027 23:59:59 GMT"),
            ("GET", "/v1/events/2") => {
                respond(404, "{}").with_header("sunset", "Sun, 30 Jun 2027 23:59:59 GMT")
            }
            ("POST", _) => response.with_header("deprecation", "true"),
            _ => response,
        })
    };
    let build = || Acme::builder().without_credential().transport(recording(respond_to).0).build().unwrap();
    let api = build();
    for id in [3, 1, 1, 2] {
        let _ = api.events().get(id).await;
    }
    let _ = api.events().find(2).await;
    for _ in 0..2 {
        api.events().create("Standup").await.unwrap();
        api.raw().get("/events/1").await.unwrap();
    }
    let _ = api.with(|settings| settings).events().get(1).await;
    let warnings = at(&tree, Level::WARN);
    let found: Vec<_> = warnings
        .iter()
        .map(|event| (event.field("operation"), event.field("deprecation"), event.field("sunset")))
        .collect();
    let date = "Sun, 30 Jun 2027 23:59:59 GMT";
    let expected = [
        ("Events::get", "@1688169599", date),
        ("Events::find", "", date),
        ("Events::create", "true", ""),
        ("", "@1688169599", date),
    ];
    assert_eq!(found, expected);
    // Another session logs it itself.
    let _ = build().events().get(1).await;
    assert_eq!(at(&tree, Level::WARN).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_restricted_path_shows_its_template_on_every_attempt() {
    let (tree, _guard) = seen(Level::TRACE);
    let (memory, _) =
        recording(|number, _| Ok(if number < 3 { respond(429, "{}") } else { respond(200, TOKEN) }));
    let api = Acme::builder().without_credential().transport(memory).build().unwrap();
    api.tokens().create("hunter22-password").with_query("code", "c0de-s3cret").await.unwrap();
    let attempts = tree.spans("attempt");
    assert_eq!(attempts.len(), 3);
    for attempt in attempts {
        assert_eq!(attempt.field("url.full"), "https://api.test/v1/tokens?[restricted]");
        assert_eq!(attempt.field("url.template"), "/tokens");
    }
    for secret in ["hunter22", "c0de", "t0ken", "code="] {
        assert!(!tree.text().contains(secret), "{secret}: {}", tree.text());
    }
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_of_a_provider_is_below_the_call_that_waits_for_it() {
    let (tree, _guard) = seen(Level::DEBUG);
    let (memory, _) = recording(|_, request| {
        Ok(match request.url.path() {
            "/token" => respond(200, "{\"access_token\":\"t0ken-s3cret\",\"token_type\":\"bearer\"}"),
            _ => respond(200, "{\"id\":7}"),
        })
    });
    let oauth = OAuth2::client_credentials("https://login.test/token", "id", "s3cret-client");
    let api = Acme::builder().credential(oauth).transport(memory).build().unwrap();
    api.events().get(7).await.unwrap();
    let drawn = tree.drawn(&["http.response.status_code"]);
    let expected = "\
Events::get
  raw POST
    POST http.response.status_code=200
    DEBUG POST
  DEBUG signed in
  GET /events/{id} http.response.status_code=200
  DEBUG GET
";
    assert_eq!(drawn, expected);
    assert!(!tree.text().contains("s3cret"), "{}", tree.text());
}

#[tokio::test(start_paused = true)]
async fn a_trace_shows_what_redaction_allows() {
    let (tree, _guard) = seen(Level::TRACE);
    let (memory, _) = recording(|_, request| {
        Ok(match request.url.path() {
            "/v1/tokens" => respond(200, TOKEN).with_header("x-token", "t0ken-s3cret"),
            _ => respond(201, &format!("{{\"id\":7,\"note\":\"{}\"}}", "t0ken-s3cret ".repeat(200)))
                .with_header("set-cookie", "sid=c00kie-s3cret")
                .with_header("x-request-id", "r-1"),
        })
    });
    let api = Acme::builder().transport(memory).build().unwrap();
    api.events().create("t1tle-s3cret").with_query("page", "2").with_query("q", "s3cret").await.unwrap();
    let traces = at(&tree, Level::TRACE);
    let names: Vec<_> = traces.iter().map(|event| &*event.name).collect();
    assert_eq!(names, ["request", "response", "request", "response"]);
    let (request, response) = (&traces[2], &traces[3]);
    for header in
        ["user-agent: Integration/1.0", "authorization: [redacted]", "content-type: application/json"]
    {
        assert!(request.field("headers").contains(header), "{header}: {request:?}");
    }
    for header in ["set-cookie: [redacted]", "x-request-id: r-1"] {
        assert!(response.field("headers").contains(header), "{header}: {response:?}");
    }
    assert_eq!((traces[0].field("body"), traces[1].field("body")), ("[restricted]", "[restricted]"));
    assert!(
        response.field("body").len() <= 1024 && response.field("body").contains("\"note\":"),
        "{response:?}"
    );
    assert_eq!(tree.spans("attempt")[1].field("url.full"), "https://api.test/v1/events?page=2&q=[redacted]");
    for secret in ["s3cret", "hunter22"] {
        assert!(!tree.text().contains(secret), "{secret}: {}", tree.text());
    }
}
