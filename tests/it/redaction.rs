//! What is shown of requests and responses: by allow-lists, at every level, and without secrets in use.

use std::process::Command;
use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Body, Outcome, Part, Parts, Request, Secret};
use apisession_tests::{Seen, offline, recording, respond, tokio};
use serde_json::json;

#[endpoint(path = "/plain")]
struct Plain;

#[endpoint]
impl Plain {
    #[get]
    fn get(&self) -> Call<()>;
    #[get("/value")]
    fn value(&self) -> Call<u32>;
    #[post]
    fn post(&self, #[json] body: &serde_json::Value) -> Call<()>;
    #[get(redact_allow("operation", "x-operation", "account"), redact("page"))]
    fn own(&self) -> Call<()>;
    #[post("/private", restricted_paths)]
    fn private(&self, #[json] body: &serde_json::Value) -> Call<()>;
}

#[endpoint(path = "/open", redact_allow("endpoint", "x-endpoint"), redact("x-account"))]
struct Open;

#[endpoint]
impl Open {
    #[get]
    fn get(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test",
    redact_allow("account", "x-account", "/items/*/name", "/open/**"),
    redact("card", "operation")
)]
struct Acme {
    session: Session,
    #[endpoint]
    plain: Plain,
    #[endpoint]
    open: Open,
}

fn acme() -> Acme {
    Acme::builder().user_agent("acme/1.0").transport(offline()).build().unwrap()
}

/// The names of the headers and of the parameters of the query whose values a request shows.
fn shown(request: &Request) -> String {
    let text = format!("{request:?}");
    let is_shown =
        |name: &&&str| text.contains(&format!("{name}=value")) || text.contains(&format!("x-{name}: value"));
    let names = ["account", "endpoint", "operation", "call", "page", "other"];
    names.iter().filter(is_shown).copied().collect::<Vec<_>>().join(" ")
}

const NAMES: [&str; 6] = ["account", "endpoint", "operation", "call", "page", "other"];

#[test]
fn each_level_allows_and_hides_names() {
    let api = acme();
    fn query<T>(call: Call<T>) -> Call<T> {
        NAMES.iter().fold(call, |call, name| call.with_query(name, "value"))
    }
    fn headers<T>(call: Call<T>) -> Call<T> {
        NAMES.iter().fold(call, |call, name| call.with_header(&format!("x-{name}"), "value"))
    }
    let (plain, open, own) = (|| api.plain().get(), || api.open().get(), || api.plain().own());
    let rows = [
        (query(plain()), "account page"),
        (query(open()), "account endpoint page"),
        (query(own()), "account operation"),
        (query(plain()).with_redact_allow(&["call", "operation"]), "account operation call page"),
        (query(own()).with_redact(&["operation", "account"]), ""),
        (query(open()).with_redact(&["page"]).with_redact_allow(&["page"]), "account endpoint page"),
        (headers(plain()), "account"),
        (headers(open()), "endpoint"),
        (headers(own()), "account operation"),
        (headers(open()).with_redact_allow(&["X-Account"]), "account endpoint"),
    ];
    for (number, (call, expected)) in rows.into_iter().enumerate() {
        assert_eq!(shown(&call.build().unwrap()), expected, "row {number}");
    }
    let with = api.with(|settings| settings.redact_allow(&["other"]).redact(&["account"]));
    assert_eq!(shown(&query(with.plain().get()).build().unwrap()), "page other");
    let built = Acme::builder().transport(offline()).redact_allow(&["other"]).build().unwrap();
    assert_eq!(shown(&query(built.plain().get()).build().unwrap()), "account page other");
}

#[test]
fn a_list_with_an_entry_that_has_no_meaning_is_an_error() {
    let rows: [(&str, bool, &str); 4] = [
        ("", false, "the entry `` of `redact` is empty"),
        ("Cookie", true, "the entry `Cookie` of `redact_allow` is a header with a credential"),
        ("set-cookie", true, "is never shown"),
        ("/a/**/b", false, "has `**` before its end"),
    ];
    for (name, is_allowed, expected) in rows {
        let builder = Acme::builder().transport(offline());
        let builder = if is_allowed { builder.redact_allow(&[name]) } else { builder.redact(&[name]) };
        let error = builder.build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(expected), "{error}");
        let call = acme().plain().get();
        let call = if is_allowed { call.with_redact_allow(&[name]) } else { call.with_redact(&[name]) };
        assert!(call.build().unwrap_err().to_string().contains(expected));
    }
    // What hides can name them: they are hidden anyway.
    assert!(Acme::builder().transport(offline()).redact(&["cookie"]).build().is_ok());
}

/// What a shell passes to curl, without the name of the program.
fn arguments(command: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("curl");
    std::fs::write(&program, "#!/bin/sh\nfor argument in \"$@\"; do printf '%s\\0' \"$argument\"; done\n")
        .unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    let end = Command::new("sh").arg("-c").arg(command).env("PATH", path).output().unwrap();
    assert!(end.status.success(), "{command}\n{}", String::from_utf8_lossy(&end.stderr));
    let text = String::from_utf8(end.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// A body as a reader gives it.
fn stream() -> Body {
    Body::reader(&b"streamed"[..])
}

#[test]
#[cfg(unix)]
fn a_request_is_a_command_that_a_shell_can_run() {
    let api = acme();
    let raw = || api.raw();
    // In the order of their names, since another crate of a build can turn on `preserve_order`.
    let json = json!({
        "account": "it's \"quoted\" \\ $HOME `id` \u{1b}[31m\u{202e}", "card": { "name": "b" }, "id": 7,
        "items": [{ "name": "a", "token": "t" }], "note": "it's", "ok": true, "open": { "token": "t", "x": 1 },
    });
    let shown = concat!(
        r#"{"account":"it's \"quoted\" \\ $HOME `id` \u001b[31m\u202e","card":"[redacted]","id":"[redacted]","#,
        r#""items":[{"name":"a","token":"[redacted]"}],"note":"[redacted]","ok":true,"#,
        r#""open":{"token":"[redacted]","x":1}}"#
    );
    let parts = Parts::new()
        .with("account", "a;b=\"c\"")
        .with("note", "hidden")
        .with("meta", Part::json(&json!({ "a": 1 })))
        .with("file", Part::bytes("…").with_file_name("minutes.pdf"));
    let secret = Secret::new("it's s3cret");
    let rows: [(Request, &[&str]); 11] = [
        (raw().get("/a").build().unwrap(), &["https://api.test/a"]),
        (
            raw().get("/it's%20$(id)").query("account", "it's").query("q", "x").build().unwrap(),
            &["--globoff", "https://api.test/it's%20$(id)?account=it%27s&q=[redacted]"],
        ),
        (raw().head("/a").build().unwrap(), &["--head", "https://api.test/a"]),
        (raw().delete("/a").build().unwrap(), &["--request", "DELETE", "https://api.test/a"]),
        (
            raw()
                .get("/a")
                .header("x-account", "it's; \"x\"")
                .header("x-other", "x")
                .header("x-empty", "")
                .build()
                .unwrap(),
            &[
                "https://api.test/a",
                "--header",
                "x-account: it's; \"x\"",
                "--header",
                "x-other: [redacted]",
                "--header",
                "x-empty;",
            ],
        ),
        (
            raw().post("/a").json(&json).build().unwrap(),
            &[
                "--request",
                "POST",
                "https://api.test/a",
                "--header",
                "content-type: application/json",
                "--data-raw",
                shown,
            ],
        ),
        (
            raw().put("/a").body("application/x-www-form-urlencoded", "account=%40a&b=c").build().unwrap(),
            &[
                "--request",
                "PUT",
                "https://api.test/a",
                "--header",
                "content-type: application/x-www-form-urlencoded",
                "--data-raw",
                "account=%40a&b=[redacted]",
            ],
        ),
        (
            raw().post("/a").body("text/plain", "@hello").build().unwrap(),
            &[
                "--request",
                "POST",
                "https://api.test/a",
                "--header",
                "content-type: text/plain",
                "--data-raw",
                "[redacted: 6 bytes]",
            ],
        ),
        (
            raw().post("/a").body("text/plain", stream()).build().unwrap(),
            &[
                "--request",
                "POST",
                "https://api.test/a",
                "--header",
                "content-type: text/plain",
                "--data-binary",
                "@-",
            ],
        ),
        (
            raw().post("/a").multipart(&parts).build().unwrap(),
            &[
                "--request",
                "POST",
                "https://api.test/a",
                "--form-string",
                "account=a;b=\"c\"",
                "--form-string",
                "note=[redacted]",
                "--form",
                "meta=\"[redacted]\";type=application/json",
                "--form",
                "file=@[redacted];type=application/pdf",
            ],
        ),
        (
            api.plain()
                .private(&json!({ "account": secret.expose() }))
                .with_query("account", "x")
                .build()
                .unwrap(),
            &[
                "--globoff",
                "--request",
                "POST",
                "https://api.test/plain/private?[restricted]",
                "--header",
                "content-type: application/json",
                "--data-raw",
                "[restricted]",
            ],
        ),
    ];
    for (request, expected) in rows {
        let command = request.to_curl();
        let mut found = arguments(&command);
        // Those that every request has.
        for header in ["user-agent: acme/1.0", "accept:", "accept: application/json", "accept: */*"] {
            if let Some(at) = found.iter().position(|argument| argument == header) {
                found.drain(at - 1..=at);
            }
        }
        found.retain(|argument| argument != "--compressed");
        assert_eq!(found, expected, "{command}");
    }
    println!("{}", raw().post("/a").json(&json).build().unwrap().to_curl());
}

/// The same commands are understood by curl itself, if there is one.
#[tokio::test]
#[cfg(unix)]
async fn curl_understands_the_commands() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("SKIPPED: there is no curl on this machine");
        return;
    }
    let server = apisession_tests::Server::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let api = Acme::builder().base_url(server.url()).user_agent("acme/1.0").build().unwrap();
    let parts = Parts::new().with("account", "a;b").with("meta", Part::json(&json!({ "a": 1 })));
    let commands = [
        api.raw().get("/a").query("q", "x").build().unwrap().to_curl(),
        api.raw().post("/a").json(&json!({ "a": "it's" })).build().unwrap().to_curl(),
        api.raw().post("/a").multipart(&parts).build().unwrap().to_curl(),
    ];
    for command in commands {
        let run =
            move || Command::new("sh").arg("-c").arg(format!("{command} --silent --noproxy '*'")).output();
        let end = ::tokio::task::spawn_blocking(run).await.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&end.stdout), "ok", "{}", String::from_utf8_lossy(&end.stderr));
    }
}

#[tokio::test(start_paused = true)]
async fn the_report_of_a_call_has_each_attempt() {
    let count = Mutex::new(0);
    let (transport, _) = recording(move |_, seen| {
        let mut count = count.lock().unwrap();
        *count += 1;
        match *count {
            1 => Ok(respond(503, r#"{"detail":"busy"}"#)
                .with_header("x-request-id", "r-1")
                .with_header("retry-after", "2")),
            2 => Err(Failure::not_sent("the port is closed")),
            3 => Ok(respond(302, "").with_header("location", "/moved?page=3&code=x")),
            _ => {
                let message = format!("no: {}", seen.header("x-api-key"));
                Ok(respond(409, &json!({ "detail": message }).to_string()).with_header("x-request-id", "r-3"))
            }
        }
    });
    let api = Acme::builder().transport(transport).header("x-api-key", "k3y-of-ana").build().unwrap();
    let call =
        api.plain().get().with_query("page", &2).with_query("q", "x").with_timeout(Duration::from_secs(60));
    let policy = RetryPolicy::new().delays(std::iter::repeat(Duration::from_secs(1)));
    let error = call.with_retry(policy).await.unwrap_err();
    let log = error.attempt_log();
    assert_eq!(error.attempts(), 3);
    let kinds: Vec<_> = log.iter().map(|attempt| (attempt.kind, attempt.request_id.as_deref())).collect();
    assert_eq!(
        kinds,
        [
            (ErrorKind::ServiceUnavailable, Some("r-1")),
            (ErrorKind::Connect, None),
            (ErrorKind::Conflict, Some("r-3")),
        ]
    );
    assert!(log[0].wait >= Some(Duration::from_secs(2)) && log[2].wait.is_none());
    // The clock of the tests has milliseconds.
    assert!(log[1].started.abs_diff(log[0].wait.unwrap()) <= Duration::from_millis(1));
    let report = error.report();
    println!("{report}\n\nError: {error:?}");
    let without_times = |text: &str| {
        let words = text.split(' ').map(|word| {
            let number =
                word.trim_end_matches([',', ':', ';', '\n']).trim_end_matches("ms").trim_end_matches('s');
            if number.parse::<f64>().is_ok() && word.contains('s') { "TIME" } else { word }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    assert!(
        without_times(&report)
            .contains("1. at TIME took TIME 503 Service Unavailable, Unknown, request id r-1; waited"),
        "{report}"
    );
    for line in [
        "error: Plain::get: 409 Conflict: no: [redacted]\n",
        "\n  operation:  Plain::get\n  kind:       Conflict\n  request:    GET https://api.test/moved?page=3&code=[redacted]\n",
        "\n  attempts:   3 in ",
        "\n    2. at ",
        ": Connect, NotSent; waited ",
        "\n  request id: r-3\n",
        "\n  redirect:   302 of https://api.test/plain?page=2&q=[redacted]\n",
        "\n  try next:   read the current state",
    ] {
        assert!(report.contains(line), "{line} is not in\n{report}");
    }
    let short = format!("{error:?}");
    assert!(short.lines().count() < report.lines().count());
    for line in short.lines().skip(1) {
        assert!(report.contains(line), "{line} is not in\n{report}");
    }
    assert_eq!(format!("error: {error:#?}"), report);
}

#[tokio::test]
async fn a_session_can_show_its_secrets_and_is_logged() {
    let lines = Arc::<Mutex<Vec<u8>>>::default();
    let kept = Arc::clone(&lines);
    struct Writer(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Writer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let subscriber =
        tracing_subscriber::fmt().with_writer(move || Writer(Arc::clone(&kept))).with_ansi(false).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let build = |shows| {
        let refuse =
            |_, seen: &Seen| Ok(respond(404, &json!({ "detail": seen.header("x-api-key") }).to_string()));
        let (transport, _) = recording(refuse);
        let builder = Acme::builder().transport(transport).header("x-api-key", "k3y-of-ana");
        if shows { builder.danger_show_secrets() } else { builder }.build().unwrap()
    };
    let hidden = build(false);
    let text = || String::from_utf8(lines.lock().unwrap().clone()).unwrap();
    assert_eq!(text(), "");
    let api = build(true);
    assert!(text().contains("WARN") && text().contains("`danger_show_secrets` is set"), "{}", text());
    drop(guard);
    for (api, expected) in [(hidden, "[redacted]"), (api, "k3y-of-ana")] {
        let request = api.plain().private(&json!({ "a": "b" })).with_query("q", "s3cret").build().unwrap();
        let error = api.plain().get().with_query("key", "s3cret").await.unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
        let texts = [format!("{request:?}"), request.to_curl(), error.report()];
        for text in texts {
            assert_eq!(text.contains("s3cret"), expected != "[redacted]", "{text}");
        }
    }
}

/// Each kind of failure, by a transport that takes 5 ms, and the outcome that its error has.
#[tokio::test(start_paused = true)]
async fn l6_every_error_of_a_call_has_all_facts() {
    /// What the server does, and what the caller has set.
    type Row = (Option<ErrorKind>, Option<Outcome>, Result<Response, Failure>);
    let refuse = |status| Ok(respond(status, r#"{"detail":"no"}"#).with_header("x-request-id", "r-17"));
    let moved =
        |to: &str| Ok(respond(302, "").with_header("location", to).with_header("x-request-id", "r-17"));
    let statuses = [
        400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421,
        422, 423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510,
        511, 599,
    ];
    let mut rows: Vec<Row> = Vec::new();
    for status in statuses {
        let expected = match status {
            429 => Some(Outcome::Rejected),
            400..500 => None,
            _ => Some(Outcome::Unknown),
        };
        rows.push((None, expected, refuse(status)));
    }
    rows.extend([
        (Some(ErrorKind::Connect), Some(Outcome::NotSent), Err(Failure::not_sent("closed"))),
        (Some(ErrorKind::Transport), Some(Outcome::Rejected), Err(Failure::rejected("refused"))),
        (Some(ErrorKind::Transport), Some(Outcome::Unknown), Err(Failure::unknown("lost"))),
        (Some(ErrorKind::Decode), None, Ok(respond(200, "{").with_header("x-request-id", "r-17"))),
        (
            Some(ErrorKind::BodyTooLarge),
            Some(Outcome::Unknown),
            Ok(respond(200, &"x".repeat(2000)).with_header("x-request-id", "r-17")),
        ),
        (Some(ErrorKind::Redirect), Some(Outcome::Unknown), moved("https://evil.test/")),
        (
            Some(ErrorKind::UnsupportedEncoding),
            Some(Outcome::Unknown),
            refuse(200).map(|response: Response| response.with_header("content-encoding", "x")),
        ),
        (Some(ErrorKind::Timeout), Some(Outcome::Unknown), Ok(respond(200, "").with_header("x-slow", "1"))),
    ]);
    let mut kinds = std::collections::BTreeSet::new();
    for (kind, outcome, end) in rows {
        let end = Mutex::new(Some(end));
        let vendor = Memory::new(move |_| {
            let end = end.lock().unwrap().take().expect("there is one attempt");
            async move {
                let is_slow = end.as_ref().is_ok_and(|response| response.headers().contains_key("x-slow"));
                ::tokio::time::sleep(Duration::from_millis(if is_slow { 100_000 } else { 5 })).await;
                end
            }
        });
        let api = Acme::builder().transport(vendor).max_attempts(1).max_body(1000).build().unwrap();
        let call = api.plain().value().with_query("page", &2).with_query("q", "x");
        let error = call.await.unwrap_err();
        let (has_id, kind) = (error.headers().is_some(), kind.unwrap_or(error.kind()));
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{error}");
        assert_eq!(error.operation().unwrap().to_string(), "Plain::value");
        assert_eq!(error.method().unwrap(), "GET");
        assert_eq!(error.url().unwrap(), "https://api.test/plain/value?page=2&q=[redacted]");
        assert_eq!(error.attempts(), 1);
        assert!(error.elapsed() >= Duration::from_millis(5), "{error}: {:?}", error.elapsed());
        assert_eq!(error.request_id(), Some("r-17").filter(|_| has_id), "{error}");
        let log = error.attempt_log();
        assert_eq!((log.len(), log[0].kind), (1, kind));
        let report = error.report();
        for line in [
            "\n  operation:  Plain::value",
            "\n  request:    GET https://api.test/plain/value?page=2&q=[redacted]",
            "\n  attempts:   1 in ",
        ] {
            assert!(report.contains(line), "{report}");
        }
        assert!(
            report.contains(&format!("\n  kind:       {kind:?}"))
                && (!has_id || report.contains("\n  request id: r-17")),
            "{report}"
        );
        kinds.insert(kind);
    }
    println!("{} kinds", kinds.len());
    assert!(kinds.len() > 45, "{kinds:?}");
}

#[tokio::test]
async fn l4_text_of_a_server_is_one_line_of_a_kibibyte() {
    let rows = [
        ("no\nerror: all is well", "no\\nerror: all is well"),
        ("a\r\n\u{1b}[2Jb\u{7}\u{9b}", "a\\r\\n\\u{1b}[2Jb\\u{7}\\u{9b}"),
        ("\u{202e}evil\u{2066}\u{200f}\u{61c}", "\\u{202e}evil\\u{2066}\\u{200f}\\u{61c}"),
        ("a\u{2028}b\u{2029}c\u{85}d", "a\\u{2028}b\\u{2029}c\\u{85}d"),
    ];
    for (text, expected) in rows {
        let text = text.to_owned();
        let (transport, _) = recording(move |_, _| {
            let id =
                if text.bytes().all(|byte| byte >= 32 && byte != 127) { text.clone() } else { String::new() };
            Ok(respond(400, &json!({ "detail": text }).to_string())
                .with_header("x-request-id", &format!("r{id}")))
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let error = api.plain().get().await.unwrap_err();
        assert_eq!(error.to_string(), format!("Plain::get: 400 Bad Request: {expected}"));
        for line in format!("{}\n{error:?}\n{error:#}", error.report()).lines() {
            assert!(
                !line.contains(
                    |c: char| c.is_control() || "\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}".contains(c)
                ),
                "{line:?}"
            );
        }
    }
    for text in ["x".repeat(5000), "é".repeat(2500), "\u{1b}".repeat(5000), format!("x{}", "😀".repeat(1250))]
    {
        let length = text.len();
        let (transport, _) = recording(move |_, _| Ok(respond(400, &json!({ "detail": text }).to_string())));
        let api = Acme::builder().transport(transport).build().unwrap();
        let error = api.plain().get().await.unwrap_err().to_string();
        let message = error.strip_prefix("Plain::get: 400 Bad Request: ").unwrap();
        assert!(message.len() <= 1024 && message.ends_with(&format!("… ({length} bytes)")), "{message}");
    }
    // What the author's own code makes an error of is text of the server as well.
    let error = Error::new(ErrorKind::Other, "the server reports: no\n\u{1b}[2Jerror: all is well");
    assert_eq!(error.to_string(), "the server reports: no\\n\\u{1b}[2Jerror: all is well");
}

#[tokio::test]
async fn l2_a_panic_and_causes_show_no_secret() {
    let (transport, _) = recording(|_, seen| {
        Err(Failure::unknown(format!("lost while {} was sent", seen.header("authorization"))))
    });
    let api = Acme::builder().transport(transport).credential(Credential::bearer("c4n4ry-token").unwrap());
    let api = api.max_attempts(1).build().unwrap();
    let error = api.plain().get().with_query("q", "c4n4ry-query").await.unwrap_err();
    let shown = format!("{error} {error:#} {error:?} {error:#?} {}", error.report());
    assert!(!shown.contains("c4n4ry"), "{shown}");
    assert!(
        shown.contains("lost while Bearer [redacted] was sent")
            || shown.contains("lost while [redacted] was sent"),
        "{shown}"
    );
    let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
    let causes: Vec<_> = causes.map(|cause| format!("{cause} {cause:?}")).collect();
    assert!(causes.len() == 1 && !causes[0].contains("c4n4ry"), "{causes:?}");
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        std::convert::identity(Err::<(), _>(error)).unwrap();
    }))
    .unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("GET https://api.test/plain?q=[redacted]") && !text.contains("c4n4ry"), "{text}");
}
