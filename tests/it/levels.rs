//! Settings of session, endpoint, operation and call, of which the nearest level applies.

use std::future::pending;

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Body, Bytes, Outcome, Request};
use apisession_tests::{Pieces, offline, recording, respond, tokio};

/// Every key, and where it can be set: on the session, an endpoint, an operation. A key of all levels that a call has as
/// well has a test below (`rate_limit` in `rate_limits.rs`, `redact` and `redact_allow` in `redaction.rs`, `max_connect_attempts` in `session_object.rs`, `scope` in
/// `challenged.rs`). Each other key has a test in the module of its subject.
const KEYS: [(&str, [bool; 3]); 57] = [
    ("accept", [false, false, true]),
    ("allowed_origins", [true, true, true]),
    ("at", [false, false, true]),
    ("attempt_timeout", [true, true, true]),
    ("auth", [true, true, true]),
    ("base_path", [true, false, false]),
    ("base_url", [true, true, true]),
    ("build", [true, false, false]),
    ("client_request_id", [true, false, false]),
    ("connect_timeout", [true, false, false]),
    ("crate", [true, true, false]),
    ("error_map", [true, true, true]),
    ("events", [false, false, true]),
    ("expired_when_item", [false, false, true]),
    ("fields", [false, false, true]),
    ("form", [false, false, true]),
    ("gone_is_ok", [true, true, true]),
    ("gzip", [false, false, true]),
    ("headers", [true, true, true]),
    ("hooks", [true, false, false]),
    ("idempotency_key", [false, false, true]),
    ("idempotent", [true, true, true]),
    ("idle_timeout", [true, true, true]),
    ("items", [false, false, true]),
    ("lib", [true, false, false]),
    ("lines", [false, false, true]),
    ("max_attempts", [true, true, true]),
    ("max_body", [true, true, true]),
    ("max_connect_attempts", [true, true, true]),
    ("max_error_body", [true, true, true]),
    ("max_in_flight", [true, false, false]),
    ("max_item", [true, true, true]),
    ("min_throughput", [true, true, true]),
    ("name", [false, false, true]),
    ("page", [false, false, true]),
    ("path", [false, true, false]),
    ("poll", [false, false, true]),
    ("product", [true, false, false]),
    ("query", [true, true, true]),
    ("rate_limit", [true, true, true]),
    ("redact", [true, true, true]),
    ("redact_allow", [true, true, true]),
    ("redirects", [true, true, true]),
    ("rejected_on", [true, true, true]),
    ("request_id_header", [true, false, false]),
    ("restricted_paths", [true, true, true]),
    ("resume", [false, false, true]),
    ("retry", [true, true, true]),
    ("retry_on", [true, true, true]),
    ("scope", [true, true, true]),
    ("scopes", [false, true, true]),
    ("tags", [false, true, true]),
    ("timeout", [true, true, true]),
    ("use_base", [false, true, true]),
    ("value", [false, false, true]),
    ("vendor", [true, false, false]),
    ("wait", [false, false, true]),
];

#[test]
fn the_table_has_the_keys_of_the_macros() {
    let messages = include_str!("../ui/cases/level_keys.stderr");
    for (level, attribute) in ["session", "endpoint", "get"].into_iter().enumerate() {
        let start = format!("unknown `{attribute}` key `zzz`; the keys are ");
        let line = messages.lines().find_map(|line| line.strip_prefix("error: ")?.strip_prefix(&start));
        let found: Vec<_> = line.unwrap().split(", ").map(|key| key.trim_matches('`')).collect();
        let expected: Vec<_> = KEYS.iter().filter(|(_, at)| at[level]).map(|(key, _)| *key).collect();
        assert_eq!(found, expected, "{attribute}");
    }
}

fn teapot(kind: ErrorKind) -> ErrorMap {
    ErrorMap::new().status(418, Rule::kind(kind))
}

/// An endpoint without settings.
#[endpoint(path = "/plain")]
struct Plain;

#[endpoint]
impl Plain {
    #[post]
    fn inherits(&self) -> Call<()>;
}

#[endpoint(
    path = "/configured",
    headers("x-level" = "endpoint", "x-endpoint" = "1"),
    query("level" = "endpoint", "endpoint" = 1),
    timeout = Duration::from_secs(20),
    attempt_timeout = Duration::from_secs(2),
    max_attempts = 2,
    max_body = 2,
    max_error_body = 2,
    idle_timeout = Duration::from_secs(2),
    min_throughput = 2,
    retry_on(462),
    rejected_on(462),
    redirects = 2,
    allowed_origins("https://cdn2.test"),
    idempotent = false,
    error_map = teapot(ErrorKind::Gone)
)]
struct Configured;

#[endpoint]
impl Configured {
    #[post]
    fn inherits(&self) -> Call<()>;

    #[post(
        headers("x-level" = "operation", "x-session" = none),
        query("level" = "operation", "session" = none),
        timeout = Duration::from_secs(30),
        attempt_timeout = Duration::from_secs(3),
        max_attempts = 3,
        max_body = 3,
        max_error_body = 3,
        idle_timeout = Duration::from_secs(3),
        min_throughput = 3,
        retry_on(463),
        rejected_on(463),
        redirects = 3,
        allowed_origins("https://cdn3.test"),
        idempotent,
        error_map = teapot(ErrorKind::Locked)
    )]
    fn overrides(&self) -> Call<()>;

    /// A call with setters has the same settings.
    #[post(max_attempts = 3)]
    fn with_setters(&self, limit: Option<u32>) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test",
    headers("x-level" = "session", "x-session" = "1"),
    query("level" = "session", "session" = 1),
    timeout = Duration::from_secs(10),
    attempt_timeout = Duration::from_secs(1),
    max_attempts = 1,
    max_body = 1,
    max_error_body = 1,
    idle_timeout = Duration::from_secs(1),
    min_throughput = 1,
    retry_on(461),
    rejected_on(461),
    redirects = 1,
    allowed_origins("https://cdn1.test"),
    idempotent,
    error_map = teapot(ErrorKind::Conflict)
)]
struct Acme {
    session: Session,
    #[endpoint]
    plain: Plain,
    #[endpoint]
    configured: Configured,
}

/// For each level, from the session to the call, a call on which this level is the nearest with a setting.
fn nearest(api: &Acme, on_call: impl FnOnce(Call<()>) -> Call<()>) -> [Call<()>; 4] {
    [
        api.plain().inherits(),
        api.configured().inherits(),
        api.configured().overrides(),
        on_call(api.configured().overrides()),
    ]
}

fn built(on_call: impl FnOnce(Call<()>) -> Call<()>) -> [Request; 4] {
    let api = Acme::builder().transport(offline()).build().unwrap();
    nearest(&api, on_call).map(|call| call.build().unwrap())
}

#[test]
fn headers() {
    let shown = |request: &Request, name: &str| {
        request.headers.get(name).map_or("-", |value| value.to_str().unwrap()).to_owned()
    };
    let rows = built(|call| call.with_header("x-level", "call").without_header("x-endpoint"));
    let rows = rows.map(|row| ["x-level", "x-session", "x-endpoint"].map(|name| shown(&row, name)).join(" "));
    assert_eq!(rows, ["session 1 -", "endpoint 1 1", "operation - 1", "call - -"]);
}

#[test]
fn query() {
    let rows = built(|call| call.with_query("level", &["call", "2"]).without_query("endpoint"));
    let rows = rows.map(|row| row.url.query().unwrap().to_owned());
    assert_eq!(
        rows,
        [
            "level=session&session=1",
            "session=1&level=endpoint&endpoint=1",
            "endpoint=1&level=operation",
            "level=call&level=2",
        ]
    );
}

/// How each of the four fails against a server that never responds.
async fn hanging(on_call: impl FnOnce(Call<()>) -> Call<()>) -> [String; 4] {
    let api = Acme::builder().transport(Memory::new(|_| pending())).build().unwrap();
    let mut shown = Vec::new();
    for call in nearest(&api, on_call) {
        shown.push(call.await.unwrap_err().to_string().split_once("within ").unwrap().1.to_owned());
    }
    shown.try_into().unwrap()
}

#[tokio::test(start_paused = true)]
async fn attempt_timeout() {
    let shown = hanging(|call| call.with_attempt_timeout(Duration::from_secs(4))).await;
    let expected = ["1s", "2s", "3s", "4s"].map(|limit| format!("{limit} (`attempt_timeout`)"));
    assert_eq!(shown, expected);
}

#[tokio::test(start_paused = true)]
async fn timeout() {
    let api = Acme::builder().transport(Memory::new(|_| pending())).build().unwrap();
    let calls = nearest(&api, |call| call.with_timeout(Duration::from_secs(40)));
    for (call, expected) in calls.into_iter().zip(["10s", "20s", "30s", "40s"]) {
        let error = call.with_attempt_timeout(Duration::from_secs(90)).await.unwrap_err();
        assert!(error.to_string().ends_with(&format!("{expected} (`timeout`)")), "{error}");
    }
}

/// How often each of the four is sent to a server that responds with `status`.
async fn sendings(
    status: u16,
    on_call: impl Fn(Call<()>) -> Call<()>,
    each: impl Fn(Call<()>) -> Call<()>,
) -> Vec<usize> {
    let mut counts = Vec::new();
    for index in 0..4 {
        let (transport, sent) = recording(move |_, _| Ok(respond(status, "")));
        let api = Acme::builder().transport(transport).build().unwrap();
        let call = Vec::from(nearest(&api, &on_call)).swap_remove(index);
        each(call).await.unwrap_err();
        counts.push(sent.all().len());
    }
    counts
}

#[tokio::test(start_paused = true)]
async fn max_attempts() {
    // 429 means that the request was not processed, so all four may retry it.
    assert_eq!(sendings(429, |call| call.with_max_attempts(4), |call| call).await, [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn idempotent() {
    let counts = sendings(503, |call| call.with_idempotent(false), |call| call.with_max_attempts(2)).await;
    assert_eq!(counts, [2, 1, 2, 1]);
}

/// For each of the four, the statuses from 461 to 464 of which `has` is true.
async fn statuses(on_call: impl Fn(Call<()>) -> Call<()>, has: impl Fn(&Error) -> bool) -> [Vec<u16>; 4] {
    let mut all = [const { Vec::new() }; 4];
    for status in 461..=464 {
        let (transport, _) = recording(move |_, _| Ok(respond(status, "")));
        let api = Acme::builder().transport(transport).build().unwrap();
        for (found, call) in all.iter_mut().zip(nearest(&api, &on_call)) {
            let error = call.with_idempotent(true).with_max_attempts(2).await.unwrap_err();
            if has(&error) {
                found.push(status);
            }
        }
    }
    all
}

#[tokio::test(start_paused = true)]
async fn retry_on() {
    let found = statuses(|call| call.with_retry_on(&[464]), |error| error.attempts() == 2).await;
    assert_eq!(found, [[461], [462], [463], [464]]);
}

#[tokio::test(start_paused = true)]
async fn rejected_on() {
    let is_rejected = |error: &Error| error.outcome() == Some(Outcome::Rejected);
    let found = statuses(|call| call.with_rejected_on(&[464]), is_rejected).await;
    assert_eq!(found, [[461], [462], [463], [464]]);
}

#[tokio::test]
async fn redirects() {
    let mut counts = Vec::new();
    for index in 0..4 {
        let (transport, sent) = recording(|_, _| Ok(respond(307, "").with_header("location", "/loop")));
        let api = Acme::builder().transport(transport).build().unwrap();
        let call = Vec::from(nearest(&api, |call| call.with_redirects(4))).swap_remove(index);
        assert_eq!(call.await.unwrap_err().kind(), ErrorKind::TooManyRedirects);
        counts.push(sent.all().len());
    }
    assert_eq!(counts, [2, 3, 4, 5]);
}

#[tokio::test]
async fn allowed_origins() {
    for (index, reached) in (0..4).flat_map(|index| (0..4).map(move |reached| (index, reached))) {
        let place = format!("https://cdn{}.test/", reached + 1);
        let (transport, sent) = recording(move |number, _| {
            Ok(if number == 1 { respond(303, "").with_header("location", &place) } else { respond(200, "") })
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let on_call = |call: Call<()>| call.with_allowed_origins(&["https://cdn4.test"]);
        let call = Vec::from(nearest(&api, on_call)).swap_remove(index);
        assert_eq!((call.await.is_ok(), sent.all().len() == 2), (index == reached, index == reached));
    }
}

#[tokio::test]
async fn error_map() {
    let (transport, _) = recording(|_, _| Ok(respond(418, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let mut kinds = Vec::new();
    for call in nearest(&api, |call| call.with_error_map(teapot(ErrorKind::TooEarly))) {
        kinds.push(call.await.unwrap_err().kind());
    }
    assert_eq!(kinds, [ErrorKind::Conflict, ErrorKind::Gone, ErrorKind::Locked, ErrorKind::TooEarly]);
}

#[tokio::test]
async fn max_error_body() {
    let (transport, _) = recording(|_, _| Ok(respond(422, "12345")));
    let api = Acme::builder().transport(transport).build().unwrap();
    for (call, limit) in nearest(&api, |call| call.with_max_error_body(4)).into_iter().zip(1..) {
        assert_eq!(call.await.unwrap_err().body().map(Bytes::len), Some(limit));
    }
}

#[tokio::test]
async fn max_body() {
    let (transport, _) = recording(|_, _| Ok(respond(200, "123456")));
    let api = Acme::builder().transport(transport).build().unwrap();
    for (call, limit) in nearest(&api, |call| call.with_max_body(4)).into_iter().zip(1..) {
        let error = call.await.unwrap_err();
        assert!(error.to_string().contains(&format!("larger than {limit} bytes")), "{error}");
    }
}

/// How each of the four fails, changed by `change`, against a server that sends a byte every 10 seconds.
async fn dripping(
    change: impl Fn(Call<()>) -> Call<()>,
    on_call: impl FnOnce(Call<()>) -> Call<()>,
) -> [String; 4] {
    let (transport, _) = recording(move |_, _| {
        let drops = std::iter::repeat_n(Bytes::from_static(b"x"), 1_000);
        Ok(respond(200, "").with_body(Body::stream(Pieces::new(drops, Duration::from_secs(10)))))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let mut shown = Vec::new();
    for call in nearest(&api, on_call) {
        let call = call.with_attempt_timeout(Duration::from_secs(90)).with_timeout(Duration::from_secs(90));
        let call = change(call).with_max_attempts(1).with_max_body(1_000);
        shown.push(call.await.unwrap_err().to_string());
    }
    shown.try_into().unwrap()
}

#[tokio::test(start_paused = true)]
async fn idle_timeout() {
    let shown = dripping(|call| call, |call| call.with_idle_timeout(Duration::from_secs(4))).await;
    for (shown, limit) in shown.iter().zip(1..) {
        assert!(shown.ends_with(&format!("sent nothing for {limit}s (`idle_timeout`)")), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn min_throughput() {
    let patient = |call: Call<()>| call.with_idle_timeout(Duration::from_secs(90));
    let shown = dripping(patient, |call| call.with_min_throughput(4)).await;
    for (shown, least) in shown.iter().zip(1..) {
        assert!(shown.contains(&format!("slower than {least} bytes per second")), "{shown}");
    }
}

mod gone_is_ok {
    use super::tokio;
    use super::*;

    #[endpoint(path = "/plain")]
    struct Plain;

    #[endpoint]
    impl Plain {
        #[delete]
        fn inherits(&self) -> Call<()>;
    }

    #[endpoint(path = "/configured", gone_is_ok = false)]
    struct Configured;

    #[endpoint]
    impl Configured {
        #[delete]
        fn inherits(&self) -> Call<()>;
        #[delete(gone_is_ok)]
        fn overrides(&self) -> Call<()>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", gone_is_ok)]
    struct Acme {
        session: Session,
        #[endpoint]
        plain: Plain,
        #[endpoint]
        configured: Configured,
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_level_decides() {
        let (transport, _) = recording(|number, _| match number % 2 {
            1 => Err(Failure::unknown("reset")),
            _ => Ok(respond(404, "")),
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let on_call = api.configured().overrides().with_gone_is_ok(false);
        let rows = [
            (api.plain().inherits(), true),
            (api.configured().inherits(), false),
            (api.configured().overrides(), true),
            (on_call, false),
        ];
        for (call, is_ok) in rows {
            assert_eq!(call.await.is_ok(), is_ok);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_with_setters_has_every_option() {
    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let call = api.configured().with_setters().limit(1);
    let call = call
        .with_timeout(Duration::from_secs(9))
        .with_attempt_timeout(Duration::from_secs(9))
        .with_max_attempts(2)
        .with_max_body(9)
        .with_idle_timeout(Duration::from_secs(9))
        .with_min_throughput(9)
        .with_gone_is_ok(true)
        .with_header("x-level", "call")
        .without_header("x-session")
        .with_query("level", "call")
        .without_query("session")
        .with_added_user_agent("plugin/1")
        .with_credential(Credential::bearer("t").unwrap())
        .with_retry_on(&[503])
        .with_rejected_on(&[503])
        .with_idempotent(false)
        .with_error_map(ErrorMap::new().status(503, Rule::kind(ErrorKind::Locked)));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Locked);
    assert_eq!(sent.lines(), ["POST /configured?endpoint=1&limit=1&level=call"; 2]);
    let headers = &sent.all()[0].headers;
    assert_eq!((headers["x-level"].to_str().unwrap(), headers.contains_key("x-session")), ("call", false));
    assert!(headers["user-agent"].to_str().unwrap().ends_with(" plugin/1"));
    let open = api
        .configured()
        .with_setters()
        .with_credential(Credential::bearer("t").unwrap())
        .without_credential();
    let _ = open.with_session_credential().without_credential().with_max_attempts(1).await;
    assert!(!sent.all()[2].headers.contains_key("authorization"));
    // Without its setters it is a call like any other.
    let call: Call<()> = api.configured().with_setters().limit(2).to_call();
    assert_eq!(call.build().unwrap().url.query(), Some("session=1&level=endpoint&endpoint=1&limit=2"));
}

mod auth {
    use super::tokio;
    use super::*;

    #[endpoint(path = "/open", auth = none)]
    struct Open;

    #[endpoint]
    impl Open {
        #[get]
        fn inherits(&self) -> Call<()>;
        #[get(auth = session)]
        fn signed(&self) -> Call<()>;
    }

    #[endpoint(path = "/signed", auth = session)]
    struct Signed;

    #[endpoint]
    impl Signed {
        #[get]
        fn inherits(&self) -> Call<()>;
        #[get(auth = none)]
        fn open(&self) -> Call<()>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", hooks)]
    struct Acme {
        session: Session,
        #[endpoint]
        open: Open,
        #[endpoint]
        signed: Signed,
    }

    impl APISession for Acme {
        async fn authenticate(&self) -> Result<Credential> {
            Credential::bearer("hook")
        }
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", hooks, auth = none)]
    struct Public {
        session: Session,
        #[endpoint]
        signed: Signed,
    }

    impl APISession for Public {
        async fn authenticate(&self) -> Result<Credential> {
            Credential::bearer("hook")
        }
    }

    async fn carried(call: impl FnOnce(Acme, Public) -> Call<()>) -> String {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let (other, also_sent) = recording(|_, _| Ok(respond(200, "")));
        let api = Acme::builder().transport(transport).build().unwrap();
        let public = Public::builder().transport(other).build().unwrap();
        call(api, public).await.unwrap();
        [sent.all(), also_sent.all()].concat()[0].header("authorization").to_owned()
    }

    #[tokio::test]
    async fn the_nearest_level_decides() {
        let mine = || Credential::bearer("mine").unwrap();
        assert_eq!(carried(|api, _| api.open().inherits()).await, "");
        assert_eq!(carried(|api, _| api.open().signed()).await, "Bearer hook");
        assert_eq!(carried(|api, _| api.open().inherits().with_session_credential()).await, "Bearer hook");
        assert_eq!(carried(|api, _| api.open().inherits().with_credential(mine())).await, "Bearer mine");
        assert_eq!(carried(|api, _| api.open().signed().without_credential()).await, "");
        assert_eq!(carried(|api, _| api.signed().open()).await, "");
        assert_eq!(carried(|_, public| public.raw().get("/x").json_as::<()>()).await, "");
        assert_eq!(carried(|_, public| public.signed().inherits()).await, "Bearer hook");
        assert_eq!(carried(|_, public| public.signed().open()).await, "");
        assert_eq!(
            carried(|api, _| api.with(|all| all.credential(mine())).open().signed()).await,
            "Bearer hook"
        );
        assert_eq!(
            carried(|api, _| api.with(|all| all.credential(mine())).raw().get("/").json_as()).await,
            "Bearer mine"
        );
    }
}

mod retry {
    use super::tokio;
    use super::*;

    /// Waits up to so many hours.
    fn delay(hours: u64) -> RetryPolicy {
        let delay = Duration::from_secs(hours * 3600);
        RetryPolicy::new().first_delay(delay).max_delay(delay)
    }

    #[endpoint(path = "/slow", retry = delay(2))]
    struct Slow;

    #[endpoint]
    impl Slow {
        #[get]
        fn inherits(&self) -> Call<()>;
        #[get(retry = delay(3))]
        fn overrides(&self) -> Call<()>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", retry = delay(1), timeout = Duration::from_secs(1 << 20))]
    struct Acme {
        session: Session,
        #[endpoint]
        slow: Slow,
    }

    #[tokio::test(start_paused = true)]
    async fn the_nearest_level_decides() {
        let mut longest = [Duration::ZERO; 4];
        let (transport, _) = recording(|number, _| Ok(respond(if number % 2 == 1 { 503 } else { 200 }, "")));
        let api = Acme::builder().transport(transport).build().unwrap();
        for _ in 0..60 {
            let slow = api.slow();
            let calls = [
                api.raw().get("/x").json_as(),
                slow.inherits(),
                slow.overrides(),
                slow.overrides().with_retry(delay(4)),
            ];
            for (longest, call) in longest.iter_mut().zip(calls) {
                *longest = call.response().await.unwrap().elapsed().max(*longest);
            }
        }
        // Of sixty draws the longest is beyond three quarters of what they are drawn from.
        for (hours, longest) in (1..).zip(longest) {
            let shown = longest.as_secs_f64() / 3600.0;
            assert!(0.75 * f64::from(hours) < shown && shown <= f64::from(hours) + 0.001, "{hours}: {shown}");
        }
    }
}

mod restricted_paths {
    use super::tokio;
    use super::*;

    #[endpoint(path = "/vault", restricted_paths("/keys/**"))]
    struct Vault;

    #[endpoint]
    impl Vault {
        #[get("/keys/{id}")]
        fn key(&self, id: u32) -> Call<()>;
        #[get("/names")]
        fn names(&self) -> Call<()>;
        #[get("/pins", restricted_paths)]
        fn pins(&self) -> Call<()>;
    }

    #[endpoint(path = "/all", restricted_paths)]
    struct All;

    #[endpoint]
    impl All {
        #[get("/{id}")]
        fn get(&self, id: u32) -> Call<()>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test/v1", base_path = "/rest", restricted_paths("/login"))]
    struct Acme {
        session: Session,
        #[endpoint]
        vault: Vault,
        #[endpoint]
        all: All,
    }

    #[endpoint]
    impl Acme {
        #[graft("/shared/{owner}")]
        fn shared(&self, owner: &str) -> Vault;
    }

    #[tokio::test]
    async fn an_error_hides_the_message_of_a_restricted_path() {
        let (transport, _) = recording(|_, _| Ok(respond(400, r#"{"message":"s3cret"}"#)));
        let api = Acme::builder().transport(transport).build().unwrap();
        let follow = |link: &str| api.raw().follow(link).json_as::<()>();
        let rows = [
            (api.raw().get("/login").json_as(), false),
            (api.raw().get("/login").use_base(false).json_as(), false),
            (follow("https://api.test/v1/rest/login"), false),
            (follow("https://api.test/v1/login"), false),
            (follow("https://api.test/v1/rest/vault/keys/7"), true),
            (api.raw().get("/other").json_as(), true),
            (api.vault().key(7), false),
            (api.vault().raw().get("/keys/7").json_as(), false),
            (api.vault().raw().follow("https://api.test/v1/rest/vault/keys/7").json_as(), false),
            (api.vault().names(), true),
            (api.vault().pins(), false),
            (api.shared("ana").key(7), false),
            (api.shared("ana").names(), true),
            (api.all().get(7), false),
        ];
        for (index, (call, is_shown)) in rows.into_iter().enumerate() {
            let error = call.await.unwrap_err();
            assert_eq!(error.to_string().contains("s3cret"), is_shown, "{index}: {error}");
        }
    }
}

mod nested {
    use super::*;

    #[endpoint(path = "/inner", headers("x-b" = "inner", "x-c" = "inner"))]
    struct Inner;

    #[endpoint]
    impl Inner {
        #[get]
        fn get(&self) -> Call<()>;
    }

    #[endpoint(path = "/outer", headers("x-a" = "outer", "x-b" = "outer"))]
    struct Outer;

    #[endpoint]
    impl Outer {
        #[graft]
        fn inner(&self) -> Inner;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", headers("x-a" = "session", "x-d" = "session"))]
    struct Acme {
        session: Session,
        #[endpoint]
        outer: Outer,
    }

    #[test]
    fn an_endpoint_inherits_from_the_one_it_is_grafted_to() {
        let api = Acme::builder().transport(offline()).build().unwrap();
        let shown = |api: &Acme| {
            let request = api.outer().inner().get().build().unwrap();
            ["x-a", "x-b", "x-c", "x-d"]
                .map(|name| request.headers[name].to_str().unwrap().to_owned())
                .join(" ")
        };
        assert_eq!(shown(&api), "outer inner inner session");
        let other = api.with(|all| all.header("x-a", "with").header("x-d", "with"));
        assert_eq!(
            (shown(&other), shown(&api)),
            ("outer inner inner with".into(), "outer inner inner session".into())
        );
    }
}

#[test]
fn accept_and_the_content_type_are_headers_like_others() {
    #[endpoint(path = "/x")]
    struct Things;

    #[endpoint]
    impl Things {
        #[post(accept = "text/csv")]
        fn plain(&self, #[json] thing: &str) -> Call<Text>;
        #[post(headers("content-type" = "application/vnd.api+json"))]
        fn vendor(&self, #[json] thing: &str) -> Call<()>;
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test")]
    struct Api {
        session: Session,
        #[endpoint]
        things: Things,
    }

    let api = Api::builder().transport(offline()).build().unwrap();
    let both = |request: Request| {
        ["accept", "content-type"].map(|name| request.headers[name].to_str().unwrap().to_owned())
    };
    assert_eq!(both(api.things().plain("a").build().unwrap()), ["text/csv", "application/json"]);
    assert_eq!(
        both(api.things().vendor("a").build().unwrap()),
        ["application/json", "application/vnd.api+json"]
    );
    let own = api.things().vendor("a").with_header("content-type", "x/y").build().unwrap();
    assert_eq!(both(own)[1], "x/y");
}

#[tokio::test]
async fn an_invalid_setting_fails_the_call() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let broken = api.with(|all| all.header("x a", "s3cret").header("x-b", "\n"));
    let rows = [
        (broken.plain().inherits(), "`x a` is not a valid header name"),
        (api.plain().inherits().with_header("x-a", "s3cret\n"), "the header `x-a`"),
        (api.plain().inherits().without_header("host"), "the header `host` is written by the transport"),
        (api.plain().inherits().with_query("a", &[["s3cret"]]), "the query parameter `a`"),
        (api.plain().inherits().with_added_user_agent(" "), "the user agent is empty"),
    ];
    for (call, expected) in rows {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains(expected) && !error.report().contains("s3cret"), "{error}");
    }
    assert_eq!(sent.all().len(), 0);
}

#[tokio::test]
async fn a_session_with_other_settings_uses_the_same_transport() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let other = api.with(|all| all.header("x-level", "with").max_attempts(7));
    let response = other.plain().inherits().response().await.unwrap();
    assert_eq!((response.status(), sent.only().header("x-level")), (StatusCode::OK, "with"));
    assert_eq!(
        format!("{:?}", Settings::new().header("x-a", "s3cret").query("k", "s3cret").max_attempts(2)),
        "[Header(\"x-a\", Some(…)), Query(\"k\", [\"k\"]), MaxAttempts(2)]"
    );
}
