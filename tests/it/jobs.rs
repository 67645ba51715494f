//! Jobs of a server: when their states are read, what they mean, and how a job is found again. All times are those of tokio's paused clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Job, JobToken, Outcome, Request};
use apisession_tests::tokio;
use apisession_tests::tokio::time::{Instant, sleep, timeout};
use serde::{Deserialize, Serialize};

/// What is exported.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Filter {
    text: String,
}

/// An export.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Export {
    id: String,
    status: String,
    #[serde(default)]
    percent: u8,
}

#[endpoint(path = "/exports")]
pub(crate) struct Exports;

#[endpoint]
impl Exports {
    /// Exports what the filter finds.
    #[post(poll(
        read = get("/id"),
        state = "/status",
        done("FINISHED"),
        failed("ERROR", "CANCELLED", 410),
        cancel = cancel("/id"),
        adopt = "/existing/id"
    ))]
    pub(crate) fn export(&self, #[json] filter: &Filter, urgent: Option<bool>) -> Poller<Export>;

    #[post(
        "/keyed",
        idempotency_key,
        poll(read = get("/id"), state = "/status", done("FINISHED"), running("BAKING"), result = "/rows")
    )]
    pub fn keyed(&self) -> Poller<Vec<u64>>;

    #[post(
        "/limited",
        poll(read = get("/id"), state = "/status", done("FINISHED"), running = any, interval = Duration::from_secs(5),
            total = Duration::from_secs(12), result = download("/id", "/part"))
    )]
    pub fn limited(&self) -> Poller<Bytes>;

    #[get("/{id}")]
    pub fn get(&self, id: &str) -> Call<Export>;

    #[delete("/{id}")]
    pub fn cancel(&self, id: &str) -> Call<()>;

    #[get("/{id}/parts/{part}")]
    pub fn download(&self, id: &str, part: u64) -> Call<Bytes>;

    #[post("/located", poll(read = location))]
    pub fn located(&self) -> Poller<Text>;

    #[post(
        "/azure",
        poll(read = operation_location, state = "/status", done("Succeeded"), failed("Failed"), result = url("/resource"))
    )]
    pub fn azure(&self) -> Poller<Export>;

    #[post("/linked", poll(read = url("/links/self"), state = "/done", done("true"), failed("/error"), adopt = location))]
    pub fn linked(&self) -> Poller<()>;

    #[get("/{id}", wait(until_exists))]
    pub fn until_there(&self, id: &str) -> Poller<Export>;

    #[get("/{id}", wait(until_gone))]
    pub fn until_gone(&self, id: &str) -> Poller<()>;

    #[get("/{id}", wait(state = "/status", done("FINISHED"), failed("ERROR"), running("QUEUED", 404)))]
    pub fn until_finished(&self, id: &str) -> Poller<Export>;

    #[post("/hidden", poll(read = hidden_state("/id"), state = "/status", done("FINISHED"), failed("ERROR")))]
    pub fn hidden(&self) -> Poller<()>;

    #[get("/hidden/{id}", restricted_paths)]
    pub fn hidden_state(&self, id: &str) -> Call<()>;

    #[post("/chunked", poll(read = get("/id"), state = "/status", done("FINISHED"), failed("ERROR")))]
    pub fn chunked(&self) -> Poller<()>;

    #[get("/{id}/chunks/{chunk}")]
    pub fn chunk(&self, id: &str, chunk: u64) -> Call<Vec<u64>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", retry = RetryPolicy::new().delays([Duration::from_millis(200); 2]))]
pub(crate) struct Acme {
    session: Session,
    #[endpoint]
    exports: Exports,
}

type Log = Arc<Mutex<Vec<String>>>;

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Reply {
    /// Responds with this status, these headers and this body.
    With(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Loses the connection.
    Lost,
    /// Responds after so many seconds, with a state.
    Slow(u64, &'static str),
}

use Reply::{Lost, Slow, With};

const QUEUED: Reply = With(200, &[], r#"{"id": "e7", "status": "QUEUED"}"#);
const RUNNING: Reply = With(200, &[], r#"{"id": "e7", "status": "RUNNING", "percent": 50}"#);
const FINISHED: Reply = With(200, &[], r#"{"id": "e7", "status": "FINISHED", "percent": 100}"#);
const STARTED: Reply = With(201, &[], r#"{"id": "e7"}"#);

/// A session whose server follows a script, whose last reply repeats. Requests are logged with their times.
fn session(script: &[Reply]) -> (Acme, Log) {
    let (log, script, start) = (Log::default(), script.to_vec(), Instant::now());
    let written = Arc::clone(&log);
    let memory = Memory::new(move |request: Request| {
        let url = request.url.as_str().trim_start_matches("https://api.test/v1/exports");
        let line = format!("{} {} {url}", start.elapsed().as_secs_f64(), request.method);
        let index = {
            let mut written = written.lock().unwrap();
            written.push(line);
            written.len() - 1
        };
        let reply = script[index.min(script.len() - 1)];
        async move {
            match reply {
                With(status, headers, body) => {
                    let response = Response::new(StatusCode::from_u16(status).unwrap()).with_body(body);
                    Ok(headers
                        .iter()
                        .fold(response, |response, (name, value)| response.with_header(name, value)))
                }
                Lost => Err(Failure::unknown("reset")),
                Slow(seconds, body) => {
                    sleep(Duration::from_secs(seconds)).await;
                    Ok(Response::new(StatusCode::OK).with_body(body))
                }
            }
        }
    });
    (Acme::builder().transport(memory).build().unwrap(), log)
}

fn filter() -> Filter {
    Filter { text: "a".to_owned() }
}

/// What a row does, as the debug text of its value or its error.
type Act = fn(Acme) -> apisession::BoxFuture<'static, String>;

/// What a row is about, what it does, what the server does, the requests with their times, and the end.
type Row<'a> = (&'a str, Act, &'a [Reply], &'a [&'a str], &'a str);

fn shown<T: std::fmt::Debug>(end: Result<T>) -> String {
    match end {
        Ok(value) => format!("{value:?}"),
        Err(error) => format!("{:?}: {error}", error.kind()),
    }
}

#[tokio::test(start_paused = true)]
async fn polls_follow_their_schedule() {
    let export: Act =
        |api| Box::pin(async move { shown(api.exports().export(&filter()).await.map(|e| e.percent)) });
    let short: Act = |api| {
        Box::pin(async move {
            let total = Duration::from_secs(10);
            shown(api.exports().export(&filter()).urgent(true).with_total(total).await.map(|e| e.percent))
        })
    };
    let every: Act = |api| {
        Box::pin(async move {
            let export = api.exports().export(&filter()).with_poll_interval(Duration::from_secs(3));
            shown(export.await.map(|e| e.percent))
        })
    };
    let often: Act = |api| {
        Box::pin(async move {
            let export = api.exports().export(&filter()).with_poll_interval(Duration::from_millis(1));
            shown(export.await.map(|e| e.percent))
        })
    };
    let located: Act = |api| Box::pin(async move { shown(api.exports().located().await.map(|text| text.0)) });
    let azure: Act = |api| Box::pin(async move { shown(api.exports().azure().await.map(|e| e.percent)) });
    let linked: Act = |api| Box::pin(async move { shown(api.exports().linked().await) });
    let keyed: Act = |api| Box::pin(async move { shown(api.exports().keyed().await) });
    let hidden: Act = |api| Box::pin(async move { shown(api.exports().hidden().await) });
    let limited: Act = |api| Box::pin(async move { shown(api.exports().limited().await) });
    let there: Act =
        |api| Box::pin(async move { shown(api.exports().until_there("e7").await.map(|e| e.percent)) });
    let gone: Act = |api| Box::pin(async move { shown(api.exports().until_gone("e7").await) });
    let finished: Act =
        |api| Box::pin(async move { shown(api.exports().until_finished("e7").await.map(|e| e.percent)) });
    let retry = &[("retry-after", "7")];
    let rows: &[Row] = &[
        (
            "the waits grow",
            export,
            &[STARTED, QUEUED, RUNNING, RUNNING, FINISHED],
            &["0 POST ", "1 GET /e7", "2.5 GET /e7", "4.75 GET /e7", "8.125 GET /e7"],
            "100",
        ),
        (
            "a wait is capped at 30 seconds",
            export,
            &[
                STARTED, RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, RUNNING, RUNNING,
                RUNNING, FINISHED,
            ],
            &[
                "0 POST ",
                "1 GET /e7",
                "2.5 GET /e7",
                "4.75 GET /e7",
                "8.125 GET /e7",
                "13.188 GET /e7",
                "20.782 GET /e7",
                "32.173 GET /e7",
                "49.259 GET /e7",
                "74.888 GET /e7",
                "104.888 GET /e7",
                "134.888 GET /e7",
            ],
            "100",
        ),
        (
            "the pauses of the server take their place",
            export,
            &[
                With(202, retry, r#"{"id": "e7"}"#),
                With(200, &[("retry-after", "2")], r#"{"id": "e7", "status": "RUNNING"}"#),
                With(200, &[("retry-after-ms", "100")], r#"{"id": "e7", "status": "RUNNING"}"#),
                FINISHED,
            ],
            &["0 POST ", "7 GET /e7", "9 GET /e7", "10 GET /e7"],
            "100",
        ),
        (
            "an interval is the caller's",
            every,
            &[STARTED, QUEUED, With(200, retry, r#"{"status": "RUNNING"}"#), RUNNING, FINISHED],
            &["0 POST ", "3 GET /e7", "6 GET /e7", "13 GET /e7", "16 GET /e7"],
            "100",
        ),
        (
            "and has a floor",
            often,
            &[STARTED, QUEUED, FINISHED],
            &["0 POST ", "1 GET /e7", "2 GET /e7"],
            "100",
        ),
        (
            "the total is kept, with a last read before it ends",
            short,
            &[STARTED, QUEUED, RUNNING],
            &[
                "0 POST ?urgent=true",
                "1 GET /e7",
                "2.5 GET /e7",
                "4.75 GET /e7",
                "8.125 GET /e7",
                "9.125 GET /e7",
            ],
            "Timeout: Exports::export: the job is not done within 10s (`with_total`): its last response has the state `RUNNING`; it goes \
             on at the server, and can be resumed by `Error::job_token`",
        ),
        (
            "a pause beyond the total is the end",
            short,
            &[STARTED, With(200, &[("retry-after", "60")], r#"{"status": "RUNNING"}"#)],
            &["0 POST ?urgent=true", "1 GET /e7"],
            "Timeout: Exports::export: the job is not done within 10s (`with_total`): its last response has the state `RUNNING`; it goes \
             on at the server, and can be resumed by `Error::job_token`",
        ),
        (
            "a read that hangs is given up",
            short,
            &[STARTED, QUEUED, Slow(50, "{}")],
            &["0 POST ?urgent=true", "1 GET /e7", "2.5 GET /e7"],
            "Timeout: Exports::export: the job is not done within 10s (`with_total`): its last response has the state `QUEUED`; it goes \
             on at the server, and can be resumed by `Error::job_token`",
        ),
        (
            "the declaration has both, and the result is another operation's",
            limited,
            &[
                STARTED,
                With(200, &[], r#"{"status": "BOILING"}"#),
                With(200, &[], r#"{"status": "FINISHED", "part": 3}"#),
                With(200, &[], "abc"),
            ],
            &["0 POST /limited", "5 GET /e7", "10 GET /e7", "10 GET /e7/parts/3"],
            "b\"abc\"",
        ),
        (
            "and its total ends it",
            limited,
            &[STARTED, With(200, &[], r#"{"status": "BOILING"}"#)],
            &["0 POST /limited", "5 GET /e7", "10 GET /e7", "11 GET /e7"],
            "Timeout: Exports::limited: the job is not done within 12s (`with_total`): its last response has the state `BOILING`; it goes on \
             at the server, and can be resumed by `Error::job_token`",
        ),
        (
            "a result that is not there",
            limited,
            &[STARTED, FINISHED],
            &["0 POST /limited", "5 GET /e7"],
            "Decode: Exports::limited: `Exports::download` needs the value at `/part`, which no response of the job has",
        ),
        (
            "the result at a pointer",
            keyed,
            &[
                STARTED,
                With(200, &[], r#"{"status": "BAKING"}"#),
                With(200, &[], r#"{"status": "FINISHED", "rows": [1, 2]}"#),
            ],
            &["0 POST /keyed", "1 GET /e7", "2.5 GET /e7"],
            "[1, 2]",
        ),
        (
            "a usual state is unknown where others are listed",
            keyed,
            &[STARTED, QUEUED],
            &["0 POST /keyed", "1 GET /e7"],
            "UnknownState: Exports::keyed: the job has the state `QUEUED`, which the declaration does not know; add it to `done`, `failed` or \
             `running` of `poll`",
        ),
        (
            "an unknown state is named, escaped",
            export,
            &[STARTED, With(200, &[], r#"{"status": "EXPLO\u001b[31mDED"}"#)],
            &["0 POST ", "1 GET /e7"],
            "UnknownState: Exports::export: the job has the state `EXPLO\\u{1b}[31mDED`, which the declaration does not know; add it to \
             `done`, `failed` or `running` of `poll`",
        ),
        (
            "cut",
            export,
            &[
                STARTED,
                With(
                    200,
                    &[],
                    concat!(
                        r#"{"status": ""#,
                        "0123456789012345678901234567890123456789",
                        "0123456789012345678901234567890123456789",
                        r#""}"#
                    ),
                ),
            ],
            &["0 POST ", "1 GET /e7"],
            "UnknownState: Exports::export: the job has the state `0123456789012345678901234567890123456789012345678901234567890123…`, which \
             the declaration does not know; add it to `done`, `failed` or `running` of `poll`",
        ),
        (
            "and not shown of a restricted path",
            hidden,
            &[STARTED, With(200, &[], r#"{"status": "s3cret"}"#)],
            &["0 POST /hidden", "1 GET /hidden/e7"],
            "UnknownState: Exports::hidden: the job has a state that is not shown, which the declaration does not know; add it to `done`, \
             `failed` or `running` of `poll`",
        ),
        (
            "unless it is declared",
            hidden,
            &[STARTED, With(200, &[], r#"{"status": "ERROR"}"#)],
            &["0 POST /hidden", "1 GET /hidden/e7"],
            "JobFailed: Exports::hidden: the job has failed: it has the state `ERROR`",
        ),
        (
            "and so is none",
            export,
            &[STARTED, With(200, &[], "{}")],
            &["0 POST ", "1 GET /e7"],
            "UnknownState: Exports::export: the job has a response without a state, which the declaration does not know; add it to `done`, \
             `failed` or `running` of `poll`",
        ),
        (
            "a failed job names its state",
            export,
            &[STARTED, QUEUED, With(200, &[], r#"{"status": "ERROR"}"#)],
            &["0 POST ", "1 GET /e7", "2.5 GET /e7"],
            "JobFailed: Exports::export: the job has failed: it has the state `ERROR`",
        ),
        (
            "so does a status that means failure",
            export,
            &[STARTED, QUEUED, With(410, &[], "")],
            &["0 POST ", "1 GET /e7", "2.5 GET /e7"],
            "JobFailed: Exports::export: the job has failed: it has the state `410`",
        ),
        (
            "a read is retried as any call",
            export,
            &[STARTED, QUEUED, Lost, With(503, &[], ""), FINISHED],
            &["0 POST ", "1 GET /e7", "2.5 GET /e7", "2.7 GET /e7", "2.9 GET /e7"],
            "100",
        ),
        (
            "a response to the start without an id",
            export,
            &[With(201, &[], r#"{"uuid": "e7"}"#)],
            &["0 POST "],
            "Decode: Exports::export: the job was started, but its response has no value at `/id`, by which its state is read",
        ),
        (
            "a start that is lost is not repeated",
            export,
            &[Lost],
            &["0 POST "],
            "Transport: Exports::export: the connection was lost before there was a response",
        ),
        (
            "with an idempotency key it is",
            keyed,
            &[Lost, STARTED, With(200, &[], r#"{"status": "FINISHED", "rows": []}"#)],
            &["0 POST /keyed", "0.2 POST /keyed", "1.2 GET /e7"],
            "[]",
        ),
        (
            "the job that runs already is adopted, and read at once",
            export,
            &[With(409, &[], r#"{"existing": {"id": "e8"}}"#), RUNNING, FINISHED],
            &["0 POST ", "0 GET /e8", "1 GET /e8"],
            "100",
        ),
        (
            "a conflict without one stays a conflict",
            export,
            &[With(409, &[], r#"{"detail": "busy"}"#)],
            &["0 POST "],
            "Conflict: Exports::export: 409 Conflict: busy",
        ),
        (
            "a URL of the server",
            located,
            &[
                With(202, &[("location", "/v1/exports/jobs/3?k=v")], ""),
                With(202, &[], ""),
                With(200, &[], "rows"),
            ],
            &["0 POST /located", "1 GET /jobs/3?k=v", "2.5 GET /jobs/3?k=v"],
            "\"rows\"",
        ),
        (
            "a redirect to it is a start too",
            located,
            &[With(303, &[("location", "jobs/3")], ""), With(200, &[], "rows")],
            &["0 POST /located", "1 GET /jobs/3"],
            "\"rows\"",
        ),
        (
            "a URL of another origin is refused",
            located,
            &[With(202, &[("location", "https://evil.test/3?k=s3cret")], "")],
            &["0 POST /located"],
            "Argument: Exports::located: the link leads to `https://evil.test`, another origin; add it to `allowed_origins` to allow it, without \
             credentials",
        ),
        (
            "no URL",
            located,
            &[With(202, &[], "")],
            &["0 POST /located"],
            "Decode: Exports::located: the job was started, but its response has no `Location`, by which its state is read",
        ),
        (
            "the URL of the state, and that of the result",
            azure,
            &[
                With(202, &[("operation-location", "https://api.test/v1/exports/ops/1")], ""),
                With(200, &[], r#"{"status": "Running"}"#),
                With(200, &[], r#"{"status": "Succeeded", "resource": "/v1/exports/e7"}"#),
                FINISHED,
            ],
            &["0 POST /azure", "1 GET /ops/1", "2.5 GET /ops/1", "2.5 GET /e7"],
            "100",
        ),
        (
            "a state that is a truth value",
            linked,
            &[
                With(201, &[], r#"{"links": {"self": "/v1/exports/e9"}}"#),
                With(200, &[], r#"{"done": false}"#),
                With(200, &[], r#"{"done": true}"#),
            ],
            &["0 POST /linked", "1 GET /e9", "2.5 GET /e9"],
            "()",
        ),
        (
            "a failure by what is there",
            linked,
            &[
                With(201, &[], r#"{"links": {"self": "e9"}}"#),
                With(200, &[], r#"{"done": true, "error": {"code": 1}}"#),
            ],
            &["0 POST /linked", "1 GET /e9"],
            "JobFailed: Exports::linked: the job has failed: it has the state `true`",
        ),
        (
            "a URL is adopted",
            linked,
            &[With(409, &[("location", "/v1/exports/e4")], ""), With(200, &[], r#"{"done": true}"#)],
            &["0 POST /linked", "0 GET /e4"],
            "()",
        ),
        (
            "until it exists",
            there,
            &[With(404, &[], ""), With(404, retry, ""), FINISHED],
            &["0 GET /e7", "1 GET /e7", "8 GET /e7"],
            "100",
        ),
        (
            "another error ends the wait",
            there,
            &[With(404, &[], ""), With(403, &[], "")],
            &["0 GET /e7", "1 GET /e7"],
            "Forbidden: Exports::until_there: 403 Forbidden",
        ),
        (
            "until it is gone",
            gone,
            &[RUNNING, RUNNING, With(404, &[], "")],
            &["0 GET /e7", "1 GET /e7", "2.5 GET /e7"],
            "()",
        ),
        ("gone for good", gone, &[With(410, &[], "")], &["0 GET /e7"], "()"),
        (
            "until a state",
            finished,
            &[With(404, &[], ""), QUEUED, FINISHED],
            &["0 GET /e7", "1 GET /e7", "2.5 GET /e7"],
            "100",
        ),
        (
            "or one that means failure",
            finished,
            &[QUEUED, With(200, &[], r#"{"status": "ERROR"}"#)],
            &["0 GET /e7", "1 GET /e7"],
            "JobFailed: Exports::until_finished: the job has failed: it has the state `ERROR`",
        ),
    ];
    let mut wrong = Vec::new();
    for (name, act, script, requests, expected) in rows {
        let (api, log) = session(script);
        let start = Instant::now();
        let end = act(api).await;
        assert!(!end.contains("10s (`with_total`)") || start.elapsed() <= Duration::from_secs(10), "{name}");
        let found: Vec<_> = log.lock().unwrap().iter().map(|line| rounded(line)).collect();
        println!("{name}\n    {}\n    {end}", found.join(", "));
        if found != *requests || end != *expected || end.contains("s3cret") {
            wrong.push(format!("{name}: {found:?} {end}\n    is not {requests:?} {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line of the log with a time in whole milliseconds.
fn rounded(line: &str) -> String {
    let (time, rest) = line.split_once(' ').unwrap();
    let time: f64 = time.parse().unwrap();
    format!("{} {rest}", (time * 1000.0).floor() / 1000.0)
}

async fn started(api: &Acme) -> Job<Export> {
    api.exports().export(&filter()).start().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_job_returns_its_states_and_then_its_result() {
    let (api, log) = session(&[STARTED, QUEUED, RUNNING, FINISHED]);
    let mut job = started(&api).await;
    assert_eq!((job.value("/id"), job.is_adopted(), job.state().is_none()), (Some("e7"), false, true));
    let mut states = Vec::new();
    while let Some(state) = job.next().await {
        let state = state.unwrap();
        let percent = state.json::<Export>().unwrap().percent;
        states.push((state.number(), state.state().to_owned(), percent, state.is_done()));
    }
    let expected = [(1, "QUEUED", 0, false), (2, "RUNNING", 50, false), (3, "FINISHED", 100, true)];
    assert_eq!(
        states,
        expected.map(|(number, state, percent, is_done)| (number, state.to_owned(), percent, is_done))
    );
    // It is fused, and the result needs no further request.
    assert!(job.next().await.is_none() && job.next().await.is_none());
    assert_eq!((job.wait().await.unwrap().percent, job.wait().await.unwrap().percent), (100, 100));
    assert_eq!(log.lock().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_requested_before_it_is_asked_for() {
    let (api, log) = session(&[STARTED, FINISHED]);
    let poller = api.exports().export(&filter()).urgent(true).with_header("x-a", "b");
    assert_eq!(poller.build().unwrap().url.as_str(), "https://api.test/v1/exports?urgent=true");
    drop(poller.send());
    drop(poller.start());
    assert_eq!(log.lock().unwrap().len(), 0);
    let mut job = poller.start().await.unwrap();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(log.lock().unwrap().len(), 1);
    // Time that has passed counts in the total, and no wait is made up for.
    assert_eq!(job.wait().await.unwrap().percent, 100);
    let found: Vec<_> = log.lock().unwrap().iter().map(|line| rounded(line)).collect();
    assert_eq!(found, ["0 POST ?urgent=true", "61 GET /e7"]);
    // A wait starts nothing.
    let mut wait = api.exports().until_there("e7").start().await.unwrap();
    assert_eq!(log.lock().unwrap().len(), 2);
    assert_eq!(wait.wait().await.unwrap().percent, 100);
}

#[tokio::test(start_paused = true)]
async fn a_job_survives_a_caller_that_is_cancelled() {
    let (api, log) = session(&[STARTED, QUEUED, Slow(5, r#"{"id": "e7", "status": "RUNNING"}"#), FINISHED]);
    // The future of the result is dropped while it waits, and nothing is cancelled at the server.
    let end = timeout(Duration::from_millis(1500), api.exports().export(&filter()).send()).await;
    assert!(end.is_err());
    sleep(Duration::from_secs(60)).await;
    let found: Vec<_> = log.lock().unwrap().iter().map(|line| rounded(line)).collect();
    assert_eq!(found, ["0 POST ", "1 GET /e7"]);

    let (api, log) = session(&[STARTED, QUEUED, Slow(5, r#"{"id": "e7", "status": "RUNNING"}"#), FINISHED]);
    let mut job = started(&api).await;
    job.next().await.unwrap().unwrap();
    // Neither a wait nor a read that is given up is lost: both go on.
    for _ in 0..4 {
        assert!(timeout(Duration::from_secs(1), job.next()).await.is_err());
    }
    assert_eq!(job.next().await.unwrap().unwrap().state(), "RUNNING");
    assert_eq!(job.wait().await.unwrap().percent, 100);
    let found: Vec<_> = log.lock().unwrap().iter().map(|line| rounded(line)).collect();
    assert_eq!(found, ["0 POST ", "1 GET /e7", "2.5 GET /e7", "9.75 GET /e7"]);
}

#[tokio::test(start_paused = true)]
async fn a_job_survives_a_read_that_fails() {
    let broken = With(503, &[], "");
    let (api, log) = session(&[STARTED, QUEUED, broken, broken, broken, RUNNING, FINISHED]);
    let mut job = started(&api).await;
    job.next().await.unwrap().unwrap();
    let error = job.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::ServiceUnavailable, 3));
    assert_eq!(error.job_token(), Some(job.token()));
    assert_eq!(job.next().await.unwrap().unwrap().state(), "RUNNING");
    assert_eq!(job.wait().await.unwrap().percent, 100);
    assert_eq!(log.lock().unwrap().len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_resumed_from_a_text() {
    let (api, _) = session(&[STARTED, QUEUED]);
    let job = started(&api).await;
    let text = job.token().expose().to_owned();
    assert_eq!(format!("{:?}", job.token()), "JobToken(…)");
    // In another process, with other arguments, which are not sent.
    let (other, log) = session(&[RUNNING, FINISHED]);
    let stored: JobToken = text.parse().unwrap();
    let mut job =
        other.exports().export(&Filter { text: String::new() }).urgent(true).resume(&stored).unwrap();
    assert_eq!(job.wait().await.unwrap().percent, 100);
    let found: Vec<_> = log.lock().unwrap().iter().map(|line| rounded(line)).collect();
    assert_eq!(found, ["0 GET /e7", "1 GET /e7"]);

    // That of an error, also of an awaited one.
    let (api, _) = session(&[STARTED, QUEUED]);
    let error = api.exports().export(&filter()).with_total(Duration::from_secs(3)).await.unwrap_err();
    let token = error.job_token().unwrap();
    assert_eq!(token.expose(), text);
    assert!(!error.to_string().contains(&text) && !error.report().contains(&text), "{}", error.report());
    // Before there is a job there is none.
    let (api, _) = session(&[With(500, &[], "")]);
    assert_eq!(api.exports().export(&filter()).await.unwrap_err().job_token(), None);

    let damaged = format!("{}x", &text[..text.len() - 3]);
    let rows = [
        ("", "the token of the job is not one; start a new job"),
        ("page1.e30", "the token of the job is not one; start a new job"),
        ("job2.e30", "the token of the job is of another version; start a new job"),
        (&damaged, "the token of the job is damaged; start a new job"),
    ];
    for (token, expected) in rows {
        let error = api.exports().export(&filter()).resume(token).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Argument, format!("Exports::export: {expected}")),
            "{token}"
        );
    }
    let error = api.exports().keyed().resume(&text).unwrap_err();
    assert!(error.to_string().contains("is that of a job of another operation"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_changed_leads_nowhere_else() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let (api, _) = session(&[With(202, &[("location", "/v1/exports/jobs/3")], "")]);
    let job = api.exports().located().start().await.unwrap();
    let token = job.token();
    let json = URL_SAFE_NO_PAD.decode(token.expose().trim_start_matches("job1.")).unwrap();
    let text = String::from_utf8(json).unwrap();
    let changed = |url: &str| {
        let json = text.replace("https://api.test/v1/exports/jobs/3", url);
        assert_ne!(json, text);
        format!("job1.{}", URL_SAFE_NO_PAD.encode(json))
    };
    for url in ["https://evil.test/", "http://api.test/", "//evil.test", "file:///etc/passwd"] {
        let (api, log) = session(&[With(200, &[], "rows")]);
        let error = api.exports().located().resume(changed(url)).unwrap().wait().await.unwrap_err();
        assert_eq!((error.kind(), log.lock().unwrap().len()), (ErrorKind::Argument, 0), "{url}: {error}");
    }
    // A value is one segment of the path.
    let (api, _) = session(&[STARTED]);
    let token = started(&api).await.token();
    let json = URL_SAFE_NO_PAD.decode(token.expose().trim_start_matches("job1.")).unwrap();
    let json = String::from_utf8(json).unwrap().replace("e7", "../../admin?x=1");
    let (api, log) = session(&[FINISHED]);
    let token = format!("job1.{}", URL_SAFE_NO_PAD.encode(json));
    api.exports().export(&filter()).resume(token).unwrap().wait().await.unwrap();
    assert_eq!(log.lock().unwrap()[..], ["0 GET /..%2F..%2Fadmin%3Fx%3D1"]);
}

#[tokio::test(start_paused = true)]
async fn a_job_is_cancelled_at_the_server() {
    let cancelled = With(200, &[], r#"{"status": "CANCELLED"}"#);
    let (api, log) = session(&[STARTED, QUEUED, With(204, &[], ""), cancelled]);
    let mut job = started(&api).await;
    job.next().await.unwrap().unwrap();
    job.cancel().await.unwrap();
    let error = job.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "Exports::export: the job has failed: it has the state `CANCELLED`");
    assert!(job.next().await.is_none());
    assert_eq!(job.wait().await.unwrap_err().kind(), ErrorKind::JobFailed);
    let found: Vec<_> = log.lock().unwrap().iter().map(|line| rounded(line)).collect();
    assert_eq!(found, ["0 POST ", "1 GET /e7", "1 DELETE /e7", "2.5 GET /e7"]);
    // Where nothing is declared, it is the caller's mistake.
    let (api, _) = session(&[STARTED]);
    let error = api.exports().keyed().start().await.unwrap().cancel().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_lost_has_an_outcome() {
    let (api, _) = session(&[Lost]);
    let error = api.exports().export(&filter()).start().await.unwrap_err();
    assert_eq!((error.outcome(), error.job_token()), (Some(Outcome::Unknown), None));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_was_adopted_is_one() {
    let (api, _) = session(&[With(409, &[], r#"{"existing": {"id": "e8"}}"#), With(204, &[], ""), FINISHED]);
    let mut job = started(&api).await;
    assert_eq!((job.is_adopted(), job.value("/id")), (true, Some("e8")));
    job.cancel().await.unwrap();
    assert_eq!(job.wait().await.unwrap().percent, 100);
}

/// A job of 1,000 chunks, which become available in steps, each state repeating the ones before. The first attempt at each chunk fails.
#[tokio::test(start_paused = true)]
async fn a_thousand_chunks_are_fetched_in_parallel_and_each_once() {
    const ALL: u64 = 1_000;
    #[derive(Default)]
    struct Server {
        reads: u64,
        attempts: BTreeMap<u64, u32>,
        in_flight: usize,
        most: usize,
    }
    for (faults, max_attempts) in [("retried", 3), ("returned", 1)] {
        let server = Arc::new(Mutex::new(Server::default()));
        let kept = Arc::clone(&server);
        let memory = Memory::new(move |request: Request| {
            let server = Arc::clone(&server);
            async move {
                let path = request.url.path().to_owned();
                let last = path.rsplit('/').next().unwrap();
                if request.method == "POST" {
                    return Ok(Response::new(StatusCode::CREATED).with_body(r#"{"id": "e7"}"#));
                }
                let Some(chunk) = path.contains("/chunks/").then(|| last.parse::<u64>().unwrap()) else {
                    let reads = {
                        let mut server = server.lock().unwrap();
                        server.reads += 1;
                        server.reads
                    };
                    // The newest are listed first.
                    let listed: Vec<u64> = (0..(reads * 130).min(ALL)).rev().collect();
                    let status = if reads * 130 >= ALL { "FINISHED" } else { "RUNNING" };
                    let body = serde_json::json!({"id": "e7", "status": status, "chunks_available": listed});
                    return Ok(Response::new(StatusCode::OK).with_body(body.to_string()));
                };
                let is_first = {
                    let mut server = server.lock().unwrap();
                    server.in_flight += 1;
                    server.most = server.most.max(server.in_flight);
                    let attempts = server.attempts.entry(chunk).or_default();
                    *attempts += 1;
                    *attempts == 1
                };
                sleep(Duration::from_millis(10 + chunk % 7)).await;
                server.lock().unwrap().in_flight -= 1;
                match (is_first, chunk % 3) {
                    (true, 0) => Err(Failure::unknown("reset")),
                    (true, 1) => Ok(Response::new(StatusCode::SERVICE_UNAVAILABLE)),
                    (true, _) => Ok(Response::new(StatusCode::OK).with_body("[1")),
                    (false, _) => Ok(Response::new(StatusCode::OK).with_body(format!(
                        "[{}, {}]",
                        chunk * 2,
                        chunk * 2 + 1
                    ))),
                }
            }
        });
        let api = Acme::builder().transport(memory).max_in_flight(16).max_attempts(max_attempts);
        // Each of them fails once, which is more than the budget is for.
        let api = api.retry_budget(1_000_000).build().unwrap();
        let exports = api.exports();
        let job = exports.chunked().start().await.unwrap();
        let id = job.value("/id").unwrap().to_owned();
        let mut chunks = job.chunks("/chunks_available", 40, move |chunk: u64| exports.chunk(&id, chunk));
        let (mut rows, mut errors) = (Vec::new(), 0);
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(chunk) => rows.extend(chunk),
                Err(_) => errors += 1,
            }
        }
        assert!(chunks.next().await.is_none());
        let unique: BTreeSet<_> = rows.iter().copied().collect();
        let server = kept.lock().unwrap();
        println!(
            "{faults}: {} rows, {} of them different, {errors} errors, {} reads, at most {} in flight, {} attempts",
            rows.len(),
            unique.len(),
            server.reads,
            server.most,
            server.attempts.values().sum::<u32>()
        );
        assert_eq!((rows.len() as u64, unique.len() as u64), (2 * ALL, 2 * ALL), "{faults}");
        assert_eq!((chunks.returned(), chunks.listed()), (ALL, ALL));
        assert!(server.attempts.values().all(|attempts| *attempts == 2), "{faults}");
        assert_eq!((server.reads, server.most <= 16), (8, true));
        // A body that can't be decoded is not retried, and is the caller's to go on after.
        assert_eq!(errors, if max_attempts == 1 { ALL } else { ALL / 3 });
    }
}

#[tokio::test(start_paused = true)]
async fn chunks_end_with_their_job() {
    let (api, log) = session(&[
        STARTED,
        With(200, &[], r#"{"status": "RUNNING", "chunks": ["a", 1]}"#),
        With(200, &[], "[1]"),
        With(200, &[], "[2]"),
        With(200, &[], r#"{"status": "ERROR", "chunks": null}"#),
    ]);
    let exports = api.exports();
    let job = exports.chunked().start().await.unwrap();
    let mut chunks = job.chunks("/chunks", 2, move |chunk: serde_json::Value| {
        exports.chunk("e7", chunk.as_u64().unwrap_or(99))
    });
    assert_eq!(chunks.next().await.unwrap().unwrap(), [1]);
    assert_eq!(chunks.next().await.unwrap().unwrap(), [2]);
    let error = chunks.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "Exports::chunked: the job has failed: it has the state `ERROR`");
    assert!(chunks.next().await.is_none());
    assert_eq!(log.lock().unwrap().len(), 5);
    // A list that is none, and an id of another type.
    for (body, expected) in [
        (r#"{"status": "RUNNING", "chunks": 7}"#, "the chunks of the job are no list at `/chunks`"),
        (
            r#"{"status": "RUNNING", "chunks": ["a"]}"#,
            "an id of a chunk at `/chunks` is not of the type that `chunks` expects",
        ),
    ] {
        let (api, _) = session(&[STARTED, With(200, &[], body), FINISHED]);
        let exports = api.exports();
        let job = exports.chunked().start().await.unwrap();
        let mut chunks = job.chunks("/chunks", 2, move |chunk: u64| exports.chunk("e7", chunk));
        let error = chunks.next().await.unwrap().unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string()),
            (ErrorKind::Decode, format!("Exports::chunked: {expected}"))
        );
        assert!(chunks.next().await.is_none());
    }
}
