//! An error tells whose fault it is. Names begin with the items of the issue.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::SystemTime;

use apisession::http::{Method, StatusCode};
use apisession::middleware::{Middleware, Next};
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Body, BoxError, BoxFuture, Bytes, Outcome, Request, Response};
use apisession_tests::{Pieces, Sent, Server, offline, recording, respond, tokio, watched};
use tokio::time::{Instant, sleep};

/// Credentials that are selected by name, and the settings of the default transport.
#[allow(dead_code)] // Their endpoints are declared, and not called.
mod builds {
    use super::*;

    #[endpoint(path = "/keys", auth = vault)]
    pub(super) struct Keys;

    #[endpoint(path = "/users")]
    pub(super) struct Users;

    #[endpoint]
    impl Users {
        #[get]
        fn list(&self) -> Call<()>;

        #[get("/admins", auth = admin)]
        fn admins(&self) -> Call<()>;

        #[graft("/{id}/keys")]
        fn keys(&self, id: u32) -> Keys;
    }

    /// Selects on an operation, and on an endpoint that is grafted with a value.
    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", hooks)]
    pub(super) struct Deep {
        session: Session,
        #[endpoint]
        users: Users,
        #[session(default)]
        hook: Option<&'static str>,
    }

    impl APISession for Deep {
        fn build_session(&self, options: Options) -> Result<Options> {
            Ok(self
                .hook
                .into_iter()
                .fold(options, |options, name| options.add_credential(name, Credential::none())))
        }
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", auth = root)]
    pub(super) struct Own {
        session: Session,
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", auth = none)]
    pub(super) struct Plain {
        session: Session,
        #[endpoint]
        keys: Keys,
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test", connect_timeout = Duration::from_secs(5))]
    pub(super) struct Patient {
        session: Session,
    }

    #[derive(Clone, APISession)]
    #[session(base_url = "http://api.test")]
    pub(super) struct Bare {
        session: Session,
    }
}

#[test]
fn fault_d12_what_would_be_dropped_or_missing_is_refused() {
    use self::builds::{Bare, Deep, Own, Patient, Plain};
    let second = Duration::from_secs(1);
    let deep = |names: &[&str]| {
        let builder = Deep::builder().transport(offline());
        names.iter().fold(builder, |builder, name| builder.add_credential(name, Credential::none()))
    };
    let selects = |who: &str, name: &str| {
        Some(format!("`auth` of {who} selects the credential `{name}`, which the session does not have"))
    };
    let option = |name: &str| Some(format!("`{name}` is an option of a transport over sockets"));
    let bare = || Bare::builder().transport(offline());
    let wire = apisession_tests::wire().connect_timeout(second).pool_idle_timeout(second);
    let rows = [
        (deep(&[]).build().err(), selects("Keys", "vault")),
        (deep(&["admin"]).build().err(), selects("Keys", "vault")),
        (deep(&["vault"]).build().err(), selects("Users::admins", "admin")),
        (deep(&["vault"]).hook(Some("other")).build().err(), selects("Users::admins", "admin")),
        (deep(&["vault"]).hook(Some("admin")).build().err(), None),
        (deep(&["admin", "vault"]).build().err(), None),
        (Own::builder().transport(offline()).build().err(), selects("the session", "root")),
        (Own::builder().transport(offline()).without_credential().build().err(), None),
        (Own::builder().transport(offline()).add_credential("root", Credential::none()).build().err(), None),
        (Plain::builder().transport(offline()).build().err(), selects("Keys", "vault")),
        (bare().credential_named("x").build().err(), selects("the session", "x")),
        (bare().connect_timeout(second).build().err(), option("connect_timeout")),
        (bare().pool_idle_timeout(second).build().err(), option("pool_idle_timeout")),
        (bare().pool_idle_timeout(Duration::MAX).build().err(), option("pool_idle_timeout")),
        (Patient::builder().transport(offline()).build().err(), option("connect_timeout")),
        (Bare::builder().transport(wire).build().err(), None),
        (Bare::builder().connect_timeout(second).pool_idle_timeout(second).build().err(), None),
        // A mount takes a part of the API, and the default transport the rest.
        (Bare::builder().mount("http://api.test/v2", offline()).connect_timeout(second).build().err(), None),
    ];
    for (index, (error, expected)) in rows.into_iter().enumerate() {
        match (error, expected) {
            (None, None) => {}
            (Some(error), Some(expected)) => {
                assert!(error.to_string().starts_with(&expected), "{index}: {error}");
                assert_eq!(error.kind(), ErrorKind::Configuration, "{index}");
            }
            (error, expected) => panic!("{index}: {error:?}, not {expected:?}"),
        }
    }
}

/// How the calls of hooks end.
type End = fn() -> Result<Response, Failure>;

/// What a hook calls, and what it does besides.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Script {
    /// `authenticate` calls `/login`.
    #[default]
    Login,
    /// The same with a status that the hook knows as an error of the login.
    KnownLogin,
    Retry,
    Check,
}

#[derive(Debug, ApiError)]
enum Refused {
    #[status(401)]
    Password(serde_json::Value),
    #[other]
    Other(Error),
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get]
    fn get(&self) -> Call<Option<String>, Refused>;

    #[get("/own")]
    fn own(&self, #[header("authorization")] key: &str) -> Call<()>;

    #[get("/set", headers("authorization" = "Bearer operation"))]
    fn set(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks, retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
    #[session(default)]
    script: Script,
    #[session(default)]
    kept: Arc<Mutex<Option<Error>>>,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        if !matches!(self.script, Script::Login | Script::KnownLogin) {
            return Ok(Credential::none());
        }
        let end = self.raw().post("/login").with_idempotent(true).await;
        if self.script == Script::KnownLogin {
            end.map_err(|_| Error::new(ErrorKind::Authentication, "the account is locked"))?;
        } else {
            end?;
        }
        Credential::bearer("t0k3n")
    }

    fn resp_error_check(&self, response: Response) -> Result<Response> {
        match self.kept.lock().unwrap().take().filter(|_| self.script == Script::Check) {
            Some(error) => Err(error),
            None => Ok(response),
        }
    }

    async fn retry_request(&self, _: &mut Retry<'_>) -> Result<()> {
        if self.script == Script::Retry {
            self.raw().get("/login").await?;
        }
        Ok(())
    }
}

/// A session whose `/login` ends by `end`. The rest of the API responds with `status`.
fn acme(script: Script, status: u16, end: End) -> (Acme, Sent) {
    let (transport, sent) = recording(move |_, seen| match seen.url.path() {
        "/login" => end(),
        _ => Ok(respond(status, "\"thing\"")),
    });
    (Acme::builder().script(script).transport(transport).build().unwrap(), sent)
}

#[tokio::test(start_paused = true)]
async fn fault_d1_a_sign_in_has_the_kind_of_its_failure_and_ends_with_its_cause() {
    let no_answer = || Err(Failure::unknown("reset"));
    let rows: [(End, ErrorKind, &str); 9] = [
        (
            || Err(Failure::not_sent("refused")),
            ErrorKind::Connect,
            "can't sign in: no connection could be made",
        ),
        (
            no_answer,
            ErrorKind::Transport,
            "can't sign in: the connection was lost before there was a response",
        ),
        (
            || Ok(respond(503, r#"{"message":"busy"}"#)),
            ErrorKind::ServiceUnavailable,
            "503 Service Unavailable: busy",
        ),
        (|| Ok(respond(500, "")), ErrorKind::InternalServerError, "can't sign in: 500 Internal Server Error"),
        (|| Ok(respond(429, "")), ErrorKind::TooManyRequests, "can't sign in: 429 Too Many Requests"),
        (
            || Ok(respond(401, r#"{"message":"wrong password"}"#)),
            ErrorKind::Authentication,
            "can't sign in: 401 Unauthorized: wrong password",
        ),
        (|| Ok(respond(400, "")), ErrorKind::Authentication, "can't sign in: 400 Bad Request"),
        (|| Ok(respond(404, "")), ErrorKind::Authentication, "can't sign in: 404 Not Found"),
        (|| Ok(respond(302, "")), ErrorKind::Authentication, "can't sign in: 302 Found"),
    ];
    for (end, kind, expected) in rows {
        let (api, _) = acme(Script::Login, 200, end);
        // Of the call that starts the sign-in, of one that finds its failure, of a `connect`.
        let (transport, _) = recording(move |_, _| end());
        let connected = Acme::builder().transport(transport).connect().await.err().unwrap();
        let errors = [
            api.raw().get("/x").await.unwrap_err(),
            Error::from(api.things().get().await.unwrap_err()),
            connected,
        ];
        for error in errors {
            let line = error.to_string();
            assert_eq!(error.kind(), kind, "{line}");
            assert!(line.contains("can't sign in: ") && line.ends_with(expected), "{line}");
            // All lines name the cause once.
            let cause = error.inner().unwrap().to_string();
            assert_eq!(format!("{error:#}").matches(&*cause).count(), 1, "{error:#}");
            assert_eq!(error.status(), None);
            assert!(error.report().contains(" https://api.test/login: "), "{}", error.report());
        }
    }
    // What the hook describes itself stays as it is.
    let (api, _) = acme(Script::KnownLogin, 200, no_answer);
    let error = api.raw().get("/x").await.unwrap_err();
    assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::Authentication, "the account is locked"));
    // A sign-in that takes too long.
    let memory = Memory::new(|_| std::future::pending());
    let api = Acme::builder().transport(memory).timeout(Duration::from_secs(5)).build().unwrap();
    let error = api.raw().get("/x").with_timeout(Duration::from_secs(60)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
}

#[tokio::test(start_paused = true)]
async fn fault_d2_a_failure_inside_a_hook_is_not_the_response_to_the_call() {
    let refused: End =
        || Ok(respond(401, r#"{"message":"wrong password"}"#).with_header("x-request-id", "7"));
    let rows: [(Script, u16, End, ErrorKind, &str); 5] = [
        (
            Script::Login,
            200,
            refused,
            ErrorKind::Authentication,
            "can't sign in: 401 Unauthorized: wrong password",
        ),
        (
            Script::Retry,
            503,
            refused,
            ErrorKind::Other,
            "`retry_request` failed: 401 Unauthorized: wrong password",
        ),
        (
            Script::Retry,
            503,
            || Ok(respond(404, "")),
            ErrorKind::Other,
            "`retry_request` failed: 404 Not Found",
        ),
        (
            Script::Retry,
            503,
            || Err(Failure::not_sent("refused")),
            ErrorKind::Connect,
            "`retry_request` failed: no connection could be made",
        ),
        (
            Script::Check,
            200,
            refused,
            ErrorKind::Other,
            "`resp_error_check` failed: 401 Unauthorized: wrong password",
        ),
    ];
    for (script, status, end, kind, expected) in rows {
        let (api, _) = acme(script, status, end);
        if script == Script::Check {
            let error = api.raw().get("/login").without_credential().await.unwrap_err();
            *api.kept.lock().unwrap() = Some(error);
        }
        let Refused::Other(error) = api.things().get().await.unwrap_err() else {
            panic!("{expected}: it is the typed error of the call");
        };
        assert_eq!((error.kind(), error.status(), error.body()), (kind, None, None), "{error}");
        assert!(error.to_string().ends_with(expected), "{error}");
        assert_eq!(error.operation().unwrap().to_string(), "Things::get");
        assert_eq!(error.url().as_deref(), Some("https://api.test/things"), "{error}");
        let inner = error.inner().unwrap();
        assert_eq!(inner.url().as_deref(), Some("https://api.test/login"), "{error}");
        if kind != ErrorKind::Connect {
            assert!(inner.status().is_some_and(|status| status.is_client_error()), "{error}");
        }
    }
    // The same by middlewares, whose own calls fail.
    let other = Other(acme(Script::Login, 200, refused).0);
    for is_around_calls in [true, false] {
        let (transport, _) = recording(|_, _| Ok(respond(200, "")));
        let builder = Acme::builder().script(Script::Check).transport(transport);
        let builder = if is_around_calls {
            builder.per_call(other.clone())
        } else {
            builder.per_attempt(other.clone())
        };
        let error = Error::from(builder.build().unwrap().things().get().await.unwrap_err());
        assert!(error.to_string().contains("a middleware failed: 401 Unauthorized"), "{error}");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Other, None));
    }
    // The error of the call itself goes through them unchanged.
    let (transport, _) = recording(|_, _| Ok(respond(401, "{}")));
    let passing = Acme::builder().script(Script::Check).transport(transport).on_response(|_| {});
    let error = passing.build().unwrap().things().get().await.unwrap_err();
    assert!(matches!(&error, Refused::Password(body) if body.is_object()), "{error}");
}

/// A middleware that makes a call of its own, and fails with its error.
#[derive(Clone)]
struct Other(Acme);

impl Middleware for Other {
    fn handle<'a>(&'a self, _: Request, _: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        Box::pin(async { self.0.raw().get("/login").without_credential().await })
    }
}

#[tokio::test(start_paused = true)]
async fn fault_d3_a_throttled_sign_in_is_not_waited_for_in_vain() {
    let throttled = |status, seconds| move || Ok(respond(status, "").with_header("retry-after", seconds));
    let second = Duration::from_secs(1);
    for (status, kind) in [(429, ErrorKind::TooManyRequests), (503, ErrorKind::ServiceUnavailable)] {
        let end = throttled(status, "30");
        let (transport, sent) =
            recording(move |number, _| if number == 1 { end() } else { Ok(respond(200, "")) });
        let api = Acme::builder().transport(transport).build().unwrap();
        let start = Instant::now();
        // One starts the sign-in, the other finds it in its pause.
        for _ in 0..2 {
            let error = api.raw().get("/x").with_timeout(10 * second).await.unwrap_err();
            assert!(error.to_string().contains("can't sign in: "), "{error}");
            assert!(
                error.to_string().ends_with("the server asks to wait 30s, longer than the call may"),
                "{error}"
            );
            assert_eq!((error.kind(), start.elapsed().as_secs()), (kind, 0), "{error}");
            assert!(error.retry_at().is_some_and(|end| end > SystemTime::now() + 20 * second), "{error}");
        }
        // One that has the time waits for it.
        api.raw().get("/x").with_timeout(60 * second).await.unwrap();
        // A few seconds more, so that not all come back at the same time.
        assert!((30..=35).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
        assert_eq!(sent.all().len(), 3);
    }
    // A pause that the sign-in itself can't wait for is remembered.
    for (asked, remembered) in [("600", 600), ("90", 90)] {
        let end = throttled(429, asked);
        let (transport, sent) =
            recording(
                move |number, seen| {
                    if number == 1 && seen.url.path() == "/login" { end() } else { Ok(respond(200, "")) }
                },
            );
        let api = Acme::builder().transport(transport).build().unwrap();
        for wait in [0, 2, remembered - 5] {
            sleep(wait * second).await;
            let error = api.raw().get("/x").await.unwrap_err();
            let inner = error.inner().unwrap();
            assert_eq!(
                (error.kind(), inner.kind()),
                (ErrorKind::TooManyRequests, ErrorKind::TooManyRequests)
            );
            assert!(error.retry_at().is_some() && error.retry_at() == inner.retry_at(), "{error}");
            assert_eq!(sent.all().len(), 1, "{error}");
        }
        sleep(4 * second).await;
        api.raw().get("/x").await.unwrap();
        assert_eq!(sent.lines(), ["POST /login", "POST /login", "GET /x"]);
    }
    // A failure without a pause is remembered for a second, as before.
    let (api, sent) = acme(Script::Login, 200, || Ok(respond(403, "")));
    for expected in [1, 2] {
        api.raw().get("/x").await.unwrap_err();
        api.raw().get("/x").await.unwrap_err();
        assert_eq!(sent.all().len(), expected);
        sleep(second).await;
    }
}

#[tokio::test(start_paused = true)]
async fn fault_d4_a_call_with_its_own_authorization_does_not_sign_in() {
    let (api, sent) = acme(Script::Login, 200, || Ok(respond(500, "")));
    let own = "Bearer own";
    api.raw().get("/x").header("authorization", own).await.unwrap();
    api.raw().get("/x").with_header("Authorization", own).await.unwrap();
    api.things().own(own).await.unwrap();
    api.things().set().await.unwrap();
    api.things().get().with_header("authorization", own).await.unwrap();
    let failing = || Credential::provided_by(|_: Session| async { Err(Error::new(ErrorKind::Other, "no")) });
    api.raw().get("/x").with_credential(failing()).with_header("authorization", own).await.unwrap();
    assert!(sent.all().iter().all(|seen| seen.header("authorization").starts_with("Bearer o")), "{sent:?}");
    assert_eq!(sent.all().len(), 6);
    // Its 401 is its own: nothing is signed in for it.
    let (api, sent) = acme(Script::Login, 401, || Ok(respond(200, "")));
    let error = api.raw().get("/x").header("authorization", own).await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Unauthorized, 1));
    // Another header is no reason, and neither is one of the session, whose hook knows of it.
    for builder in [Acme::builder().header("x-key", "k"), Acme::builder().header("authorization", "Bearer s")]
    {
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let api = builder.transport(transport).build().unwrap();
        api.raw().get("/x").await.unwrap();
        assert_eq!(sent.lines(), ["POST /login", "GET /x"]);
    }
}

#[tokio::test(start_paused = true)]
async fn fault_d9_an_outcome_is_shown_where_the_fate_of_the_request_is_in_doubt() {
    use Outcome::{NotSent, Rejected, Unknown};
    let status = |status| Ok(respond(status, ""));
    let lost = || Err(Failure::unknown("reset"));
    type Ends = Vec<Result<Response, Failure>>;
    // The method, how its attempts end, the outcome, and whether the report shows it.
    let rows: Vec<(Method, Ends, Option<Outcome>, bool)> = vec![
        (Method::POST, vec![status(400)], None, false),
        (Method::POST, vec![status(401)], None, false),
        (Method::POST, vec![status(404)], None, false),
        (Method::POST, vec![status(408)], None, false),
        (Method::POST, vec![status(409)], None, false),
        (Method::POST, vec![status(422)], None, false),
        (Method::GET, vec![status(404)], None, false),
        (Method::DELETE, vec![status(410)], None, false),
        (Method::POST, vec![status(429), status(429), status(429)], Some(Rejected), true),
        (Method::POST, vec![status(429), status(400)], None, false),
        (Method::POST, vec![status(500)], Some(Unknown), true),
        (Method::POST, vec![status(503)], Some(Unknown), true),
        (Method::GET, vec![status(500), status(500), status(500)], Some(Unknown), false),
        (Method::POST, vec![lost()], Some(Unknown), true),
        (Method::POST, vec![status(307)], Some(Unknown), true),
        (Method::GET, vec![lost(), lost(), lost()], Some(Unknown), true),
        (
            Method::GET,
            vec![status(200).map(|response: Response| response.with_body(broken()))],
            Some(Unknown),
            true,
        ),
        // What came before a 4xx stays in doubt.
        (Method::PUT, vec![lost(), status(409)], Some(Unknown), true),
        (Method::DELETE, vec![status(503), status(404)], Some(Unknown), true),
        (Method::PUT, vec![Err(Failure::rejected("refused")), status(409)], None, false),
        (Method::POST, vec![Err(Failure::not_sent("refused")), status(409)], None, false),
        (
            Method::POST,
            vec![Err(Failure::not_sent("no")), Err(Failure::not_sent("no")), lost()],
            Some(Unknown),
            true,
        ),
        (Method::GET, (0..3).map(|_| Err(Failure::not_sent("refused"))).collect(), Some(NotSent), true),
    ];
    for (index, (method, ends, outcome, is_shown)) in rows.into_iter().enumerate() {
        let ends = Mutex::new(VecDeque::from(ends));
        let (transport, _) = recording(move |_, _| ends.lock().unwrap().pop_front().unwrap());
        let api = Acme::builder().script(Script::Check).transport(transport).max_attempts(3).build().unwrap();
        let call = api.raw().request(method.clone(), "/x").with_idle_timeout(Duration::from_secs(1));
        let max = if index == 16 { 1 } else { 3 };
        let error = call.with_max_attempts(max).await.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{index} {method}: {error}");
        let report = error.report();
        assert_eq!(report.contains("  outcome:"), is_shown, "{index} {method}: {report}");
    }
}

/// A body that ends too early.
fn broken() -> Body {
    Body::stream(Broken)
}

struct Broken;

impl futures_core::Stream for Broken {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(Some(Err("reset".into())))
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", request_id_header = "x-acme-ticket")]
struct Ticketed {
    session: Session,
}

#[tokio::test]
async fn fault_d6_the_request_id_is_found_in_the_headers_of_the_field() {
    // The headers of a response, the id, and the id for a session that names its own header.
    type Headers = &'static [(&'static str, &'static str)];
    let rows: [(Headers, Option<&str>, Option<&str>); 19] = [
        (&[("x-request-id", "a")], Some("a"), Some("a")),
        (&[("request-id", "a")], Some("a"), Some("a")),
        (&[("x-correlation-id", "a")], Some("a"), Some("a")),
        (&[("x-amzn-requestid", "a")], Some("a"), Some("a")),
        (&[("x-amz-request-id", "a")], Some("a"), Some("a")),
        (&[("x-ms-request-id", "a")], Some("a"), Some("a")),
        (&[("x-github-request-id", "a")], Some("a"), Some("a")),
        (&[("apigw-requestid", "a")], Some("a"), Some("a")),
        (&[("x-slack-req-id", "a")], Some("a"), Some("a")),
        (&[("opc-request-id", "a")], Some("a"), Some("a")),
        (&[("x-trace-id", "a")], Some("a"), Some("a")),
        (&[("cf-ray", "a")], Some("a"), Some("a")),
        // The application knows more than what is in front of it.
        (&[("cf-ray", "b"), ("x-amzn-requestid", "a")], Some("a"), Some("a")),
        (&[("cf-ray", "b"), ("x-trace-id", "a")], Some("a"), Some("a")),
        (&[("x-request-id", ""), ("cf-ray", "a")], Some("a"), Some("a")),
        (&[("x-acme-ticket", "a")], None, Some("a")),
        (&[("x-acme-ticket", "a"), ("x-request-id", "b")], Some("b"), Some("a")),
        (&[("x-acme-ticket", ""), ("x-request-id", "b")], Some("b"), Some("b")),
        (&[("x-other", "a")], None, None),
    ];
    for (headers, plain, ticketed) in rows {
        let transport = |status| {
            let respond = move || {
                headers
                    .iter()
                    .fold(respond(status, ""), |response, (name, value)| response.with_header(name, value))
            };
            recording(move |_, _| Ok(respond())).0
        };
        for (is_ticketed, expected) in [(false, plain), (true, ticketed)] {
            let session = |status| match is_ticketed {
                true => Ticketed::builder().transport(transport(status)).build().unwrap().raw(),
                false => builds::Bare::builder().transport(transport(status)).build().unwrap().raw(),
            };
            assert_eq!(session(200).get("/x").await.unwrap().request_id(), expected, "{headers:?}");
            let error = session(404).get("/x").await.unwrap_err();
            assert_eq!(error.request_id(), expected, "{headers:?}");
            let line = expected.map(|id| format!("  request id: {id}"));
            assert!(line.is_none_or(|line| error.report().contains(&line)), "{}", error.report());
        }
    }
    // The same on a builder, and after a redirect.
    let (transport, _) = recording(|number, _| {
        let response = respond(if number == 1 { 302 } else { 404 }, "").with_header("location", "/there");
        Ok(response.with_header("x-acme-ticket", "a"))
    });
    let builder = builds::Bare::builder().request_id_header("X-Acme-Ticket");
    let error = builder.transport(transport).build().unwrap().raw().get("/x").await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.request_id()), (404, Some("a")));
    for name in ["", "x acme", "host"] {
        let error =
            builds::Bare::builder().request_id_header(name).transport(offline()).build().err().unwrap();
        assert!(error.to_string().starts_with("`request_id_header`: "), "{error}");
    }
}

#[tokio::test]
async fn fault_d5_the_sentence_of_the_server_is_found_where_servers_write_it() {
    let json = "application/json";
    let long = "a".repeat(1_000);
    // The type of an error body, the body, and the end of the message.
    let rows: [(&str, &str, &str); 40] = [
        (json, r#"{"errors":["too long","too old"]}"#, ": too long; too old"),
        (json, r#"{"errors":[{"message":"too long"}]}"#, ": too long"),
        (json, r#"{"errors":[{"detail":"too long","title":"Name"}]}"#, ": Name: too long"),
        (json, r#"{"errors":[{"title":"Too long"}]}"#, ": Too long"),
        (json, r#"{"errors":[{"code":"too_long"}]}"#, ": too_long"),
        (json, r#"{"errors":[{"code":17,"field":"name"}]}"#, ": name: 17"),
        (
            json,
            r#"{"errors":[{"code":"missing","field":"name"},{"field":"age","message":"no"}]}"#,
            ": name: missing; age: no",
        ),
        (
            json,
            r#"{"message":"Validation Failed","errors":[{"field":"title","code":"missing"}]}"#,
            ": Validation Failed: title: missing",
        ),
        (json, r#"{"errors":{"name":["is blank","is short"]}}"#, ": name: is blank, is short"),
        (json, r#"{"errors":"no"}"#, ": no"),
        (json, r#"{"errorMessages":["no such field"]}"#, ": no such field"),
        (json, r#"[{"message":"no","errorCode":"X"}]"#, ": no"),
        (json, r#"["no"]"#, "422 Unprocessable Entity"),
        (
            json,
            r#"{"error":"invalid_grant","error_description":"the code is used"}"#,
            ": invalid_grant: the code is used",
        ),
        (json, r#"{"error_description":"the code is used"}"#, ": the code is used"),
        (json, r#"{"Message":"Access denied"}"#, ": Access denied"),
        (json, r#"{"Message":"Access denied","__type":"X"}"#, ": Access denied"),
        (json, r#"{"error":{"Message":"no"}}"#, ": no"),
        (json, r#"{"errorMessage":"no"}"#, ": no"),
        (json, r#"{"error_message":"no"}"#, ": no"),
        (json, r#"{"msg":"no"}"#, ": no"),
        (json, r#"{"reason":"no"}"#, ": no"),
        (
            json,
            r#"{"detail":[{"loc":["body","name"],"msg":"field required"}]}"#,
            ": body.name: field required",
        ),
        (json, r#"{"detail":{"message":"no"}}"#, ": no"),
        (json, r#"{"detail":["no","never"]}"#, ": no; never"),
        (json, "\u{feff}{\"message\":\"no\"}", ": no"),
        (json, r#""no""#, ": no"),
        (json, r#"{"ok":false}"#, "422 Unprocessable Entity"),
        (json, r#"{"errors":[]}"#, "422 Unprocessable Entity"),
        (json, r#"{"message":"  "}"#, "422 Unprocessable Entity"),
        ("text/plain", "no such name", ": no such name"),
        ("text/plain; charset=utf-8", "\u{feff}no such\nname\n", ": no such name"),
        ("text/plain", &long, "422 Unprocessable Entity"),
        ("text/plain", "", "422 Unprocessable Entity"),
        (
            "text/html",
            "<html><head><title>Sign in &amp; go\n on</title></head><body>s3cret</body>",
            ": Sign in & go on",
        ),
        (
            "text/html; charset=utf-8",
            "\u{feff}<!doctype html><TITLE lang=\"en\">502 Bad Gateway</TITLE>",
            ": 502 Bad Gateway",
        ),
        ("text/html", "<h1>s3cret</h1>", "422 Unprocessable Entity"),
        ("text/html", "<svg><title></title></svg>", "422 Unprocessable Entity"),
        // A server that names the wrong type.
        ("text/html", r#"{"message":"no"}"#, ": no"),
        ("application/octet-stream", "no such name", "422 Unprocessable Entity"),
    ];
    for (kind, body, expected) in rows {
        let (kind, body) = (kind.to_owned(), body.to_owned());
        let shown = format!("{kind} {body}");
        let (transport, _) = recording(move |_, _| {
            let status = apisession::http::StatusCode::UNPROCESSABLE_ENTITY;
            Ok(Response::new(status).with_header("content-type", &kind).with_body(body.clone()))
        });
        let error =
            builds::Bare::builder().transport(transport).build().unwrap().raw().get("/x").await.unwrap_err();
        assert!(error.to_string().ends_with(expected), "{shown}: {error}");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
}

/// Finds the sentence of the login, or none.
fn sentence(response: &Response) -> Option<String> {
    Some(response.json::<serde_json::Value>().ok()?["why"].as_str()?.to_owned())
}

#[tokio::test]
async fn fault_d5_a_restricted_path_shows_what_the_rule_of_the_author_returns() {
    let rule = || Rule::default().message(sentence);
    let rows: [(ErrorMap, &str, &str); 6] = [
        (ErrorMap::new().status(403, rule()), r#"{"why":"wrong password"}"#, "403 Forbidden: wrong password"),
        (ErrorMap::new().message(sentence), r#"{"why":"wrong password"}"#, "403 Forbidden: wrong password"),
        // What the rule does not find is not looked for.
        (ErrorMap::new().status(403, rule()), r#"{"message":"k3pt"}"#, "403 Forbidden"),
        (ErrorMap::new().status(401, rule()), r#"{"why":"k3pt"}"#, "403 Forbidden"),
        (ErrorMap::new(), r#"{"message":"k3pt"}"#, "403 Forbidden"),
        // The secrets of the request are masked.
        (
            ErrorMap::new().status(403, rule()),
            r#"{"why":"not s3cret-t0k3n"}"#,
            "403 Forbidden: not [redacted]",
        ),
    ];
    for (map, body, expected) in rows {
        let (transport, _) = recording(move |_, _| Ok(respond(403, body)));
        let builder =
            builds::Bare::builder().base_url("https://api.test").restricted_path("/login").error_map(map);
        let api = builder.transport(transport).build().unwrap();
        let token = Credential::bearer("s3cret-t0k3n").unwrap();
        let error = api.raw().post("/login").with_credential(token).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{body}");
        assert!(!error.report().contains("k3pt"), "{}", error.report());
    }
}

#[derive(Debug, ApiError)]
enum Detailed {
    #[status(404)]
    Missing(Option<Problem>),
    #[status(409)]
    Busy(Option<Problem>, Error),
    #[status(422)]
    Invalid(Problem),
    #[other]
    Other(Error),
}

#[endpoint(path = "/details")]
struct Details;

#[endpoint]
impl Details {
    #[get]
    fn get(&self) -> Call<(), Detailed>;

    #[head]
    fn head(&self) -> Call<(), Detailed>;

    #[get("/large", max_error_body = 1024 * 1024)]
    fn large(&self) -> Call<(), Detailed>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Detailing {
    session: Session,
    #[endpoint]
    details: Details,
}

#[tokio::test]
async fn fault_d7_an_error_body_keeps_its_type() {
    let problem = |length: usize| format!(r#"{{"detail":"no such name","more":"{}"}}"#, "a".repeat(length));
    let shown = |end: Result<(), Detailed>| match end.unwrap_err() {
        Detailed::Missing(problem) => format!("missing {}", problem.is_some()),
        Detailed::Busy(problem, _) => format!("busy {}", problem.is_some()),
        Detailed::Invalid(problem) => format!("invalid {}", problem.detail.is_some()),
        Detailed::Other(_) => "other".to_owned(),
    };
    let rows = [
        (404, problem(0), "missing true"),
        (404, String::new(), "missing false"),
        (404, " \n".to_owned(), "missing false"),
        (404, "<html>".to_owned(), "missing false"),
        (404, "[7]".to_owned(), "missing false"),
        (404, "null".to_owned(), "missing false"),
        (409, String::new(), "busy false"),
        (409, problem(70_000), "busy false"),
        (422, problem(0), "invalid true"),
        (422, String::new(), "other"),
        (422, problem(70_000), "other"),
    ];
    for (status, body, expected) in rows {
        let kept = body.clone();
        let (transport, _) = recording(move |_, seen| {
            Ok(respond(status, if seen.method == Method::HEAD { "" } else { &kept }))
        });
        let api = Detailing::builder().transport(transport).build().unwrap();
        assert_eq!(shown(api.details().get().await), expected, "{status}");
        let expected = if status == 422 { "other" } else { &expected.replace("true", "false") };
        assert_eq!(shown(api.details().head().await), expected, "{status}");
    }
    // A larger limit keeps the type, at every level.
    let large = problem(70_000);
    let length = large.len();
    let (transport, _) = recording(move |_, _| Ok(respond(422, &large)));
    let api = Detailing::builder().transport(transport).build().unwrap();
    assert_eq!(shown(api.details().large().await), "invalid true");
    assert_eq!(shown(api.details().get().with_max_error_body(100_000).await), "invalid true");
    assert_eq!(
        shown(api.with(|settings| settings.max_error_body(100_000)).details().get().await),
        "invalid true"
    );
    // A cut is stated in the report, and nothing else is.
    for (limit, expected) in [
        (100, Some("body:       cut after 100 bytes: the rest is over `max_error_body`")),
        (length - 1, Some("the rest is over `max_error_body`")),
        (length, None),
        (length + 1, None),
    ] {
        let error = Error::from(api.details().get().with_max_error_body(limit).await.unwrap_err());
        let error = api.raw().get("/x").with_max_error_body(limit).await.err().unwrap_or(error);
        assert_eq!(error.body().map(Bytes::len), Some(limit.min(length)));
        let report = error.report();
        assert_eq!(report.contains("  body:"), expected.is_some(), "{report}");
        assert!(expected.is_none_or(|expected| report.contains(expected)), "{report}");
    }
    // Other reasons.
    let (transport, _) = recording(|_, _| Ok(respond(500, "").with_body(broken())));
    let api = Detailing::builder().transport(transport).max_attempts(1).build().unwrap();
    let report = api.raw().get("/x").await.unwrap_err().report();
    assert!(report.contains("body:       cut after 0 bytes: it ended too early"), "{report}");
}

#[endpoint(path = "/exports")]
struct Exports;

#[endpoint]
impl Exports {
    #[get]
    fn all(&self) -> Call<Bytes>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Exporting {
    session: Session,
    #[endpoint]
    exports: Exports,
}

#[tokio::test(start_paused = true)]
async fn fault_d8_the_error_of_a_stream_says_what_failed() {
    let second = Duration::from_secs(1);
    let dripping = move |gap: u32| {
        Body::stream(Pieces::new(std::iter::repeat_n(Bytes::from_static(b"x"), 9), gap * second))
    };
    type Sender = Box<dyn Fn() -> Body + Send + Sync>;
    let rows: [(Sender, ErrorKind, &str); 4] = [
        (Box::new(broken), ErrorKind::Transport, "the body of the response ended too early"),
        (Box::new(move || dripping(31)), ErrorKind::Timeout, "sent nothing for 30s (`idle_timeout`)"),
        (Box::new(move || dripping(5)), ErrorKind::Timeout, "over 30s (`min_throughput`)"),
        (
            Box::new(|| dripping_first().with_length(2)),
            ErrorKind::Transport,
            "the body of the response ended too early",
        ),
    ];
    for (body, kind, expected) in rows {
        let (transport, _) = recording(move |_, _| Ok(respond(200, "").with_body(body())));
        let api = Exporting::builder().transport(transport).build().unwrap();
        for is_stream in [false, true] {
            let mut body = api.exports().all().streaming().await.unwrap().into_value();
            let error: Error = loop {
                let next = match is_stream {
                    true => {
                        std::future::poll_fn(|cx| futures_core::Stream::poll_next(Pin::new(&mut body), cx))
                            .await
                            .unwrap()
                    }
                    false => body.chunk().await.map(Option::unwrap),
                };
                if let Err(error) = next {
                    break error;
                }
            };
            assert_eq!(error.kind(), kind, "{error}");
            assert_eq!(error.operation().map(ToString::to_string).as_deref(), Some("Exports::all"));
            assert!(
                error.to_string().starts_with("Exports::all: ") && error.to_string().ends_with(expected),
                "{error}"
            );
            assert_eq!((error.url().as_deref(), error.attempts()), (Some("https://api.test/exports"), 1));
            assert!(error.report().contains("  outcome:") || kind == ErrorKind::Decode, "{}", error.report());
            // An author's code that passes it on is not what failed.
            let passed = Error::other(BoxError::from(error));
            assert_eq!(passed.kind(), kind, "{passed}");
        }
    }
    let own = Error::other(std::io::Error::other("disk"));
    assert_eq!((own.kind(), &*own.to_string()), (ErrorKind::Other, "the session's own code failed"));
    // A transport that reads the body of a request, and a response that is passed on as one.
    let (transport, _) = recording(|_, _| Ok(respond(200, "").with_body(dripping_first())));
    let source = Exporting::builder().transport(transport).build().unwrap();
    let memory = Memory::new(|mut request: Request| async move {
        let mut read = 0;
        loop {
            match request.body.chunk().await {
                Ok(Some(piece)) => read += piece.len(),
                Ok(None) => return Ok(respond(200, &read.to_string())),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::RequestBody);
                    return Err(Failure::unknown(error));
                }
            }
        }
    });
    let api = Exporting::builder().transport(memory).build().unwrap();
    let download = source.exports().all().streaming().await.unwrap().into_value();
    let response = api.raw().post("/x").body("text/plain", Body::stream(download)).await.unwrap();
    assert_eq!(response.text().unwrap(), "1");
    let error = api.raw().post("/x").body("text/plain", broken()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RequestBody, "{error}");
}

/// A stream of one byte.
fn dripping_first() -> Body {
    Body::stream(Pieces::new([Bytes::from_static(b"x")], Duration::ZERO))
}

#[tokio::test]
async fn fault_d10_a_message_names_the_way_out() {
    let text = "a `String` is a string in JSON; `Call<Text>` returns any text, and `Call<Bytes>` any body";
    let numbers = "a `Vec<u8>` is a list of numbers in JSON; `Call<Bytes>` returns any body as it is";
    let pieces = "`streaming()` returns its pieces as they arrive";
    let returning = |kind: &str, body: &'static str| {
        let kind = kind.to_owned();
        let respond =
            move || Response::new(StatusCode::OK).with_header("content-type", &kind).with_body(body);
        let (transport, _) = recording(move |_, _| Ok(respond()));
        Exporting::builder().transport(transport).build().unwrap().raw()
    };
    for (kind, body) in
        [("text/plain", "hello"), ("text/html", "<p>"), ("application/json", r#"{"a":1}"#), ("text/csv", "")]
    {
        let get = || returning(kind, body).get("/x");
        let errors = [
            (get().json_as::<String>().await.map(drop), text),
            (get().json_as::<Vec<u8>>().await.map(drop), numbers),
            (get().json_as::<Box<str>>().await.map(drop), text),
        ];
        for (end, expected) in errors {
            let error = end.unwrap_err();
            assert!(error.to_string().ends_with(expected), "{kind}: {error}");
        }
        let end = get().json_as::<Option<String>>().await;
        assert_eq!(end.is_ok(), body.is_empty(), "{kind}");
        assert!(end.err().is_none_or(|error| error.to_string().ends_with(text)));
        let other = get().json_as::<u32>().await.unwrap_err();
        assert!(other.to_string().ends_with(')'), "{other}");
    }
    for kind in ["text/event-stream", "application/x-ndjson"] {
        let error = returning(kind, "data: 7\n\n").get("/x").json_as::<u32>().await.unwrap_err();
        assert!(error.to_string().ends_with(pieces), "{kind}: {error}");
    }
    let (transport, _) = recording(|_, _| Ok(respond(200, "").with_body(dripping_first())));
    let api = Exporting::builder().transport(transport).build().unwrap();
    let streamed = api.exports().all().streaming().await.unwrap();
    for error in [streamed.text().unwrap_err(), streamed.json::<String>().unwrap_err()] {
        let expected = "; read its pieces by `Body::chunk`, or make the call without `streaming()`";
        assert!(error.to_string().ends_with(expected), "{error}");
    }
    // A body that is too large.
    for body in ["123456", "1234567890"] {
        let error = returning("text/plain", body).get("/x").with_max_body(5).await.unwrap_err();
        let expected =
            "is larger than 5 bytes; raise `max_body` to allow it, or read it in pieces by `streaming()`";
        assert!(error.to_string().ends_with(expected), "{error}");
    }
    // A redirect that is not followed.
    let methods = [
        (Method::POST, None),
        (Method::PUT, None),
        (Method::DELETE, None),
        (Method::GET, Some(0)),
        (Method::POST, Some(0)),
    ];
    for (method, redirects) in methods {
        for status in [301, 302, 303, 307, 308] {
            let (transport, sent) =
                recording(move |_, _| Ok(respond(status, "").with_header("location", "/there")));
            let api = Exporting::builder().transport(transport).build().unwrap();
            let call = api.raw().request(method.clone(), "/x");
            let call = if let Some(max) = redirects { call.with_redirects(max) } else { call };
            let error = call.await.unwrap_err();
            let expected =
                format!("; redirects of this {method} are not followed; set `redirects` to allow some");
            assert!(error.to_string().ends_with(&expected), "{error}");
            assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Redirect, 1));
        }
    }
    // The way out is one: a write that follows it arrives.
    let (transport, sent) = recording(|number, _| {
        Ok(respond(if number == 1 { 307 } else { 200 }, "").with_header("location", "/there"))
    });
    let api = Exporting::builder().transport(transport).build().unwrap();
    api.raw().post("/x").with_redirects(1).await.unwrap();
    assert_eq!(sent.lines(), ["POST /x", "POST /there"]);
    // Without a target, and for a 304, there is nothing to follow.
    for status in [302, 304] {
        let (transport, _) = recording(move |_, _| Ok(respond(status, "")));
        let api = Exporting::builder().transport(transport).build().unwrap();
        let error = api.raw().post("/x").await.unwrap_err();
        assert!(!error.to_string().contains("`redirects`"), "{error}");
    }
}

/// The panics of a thread, of all its tasks.
fn panics_of(name: &'static str, run: impl FnOnce() + Send + 'static) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let (counted, before) = (Arc::clone(&count), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |info| {
        counted.fetch_add(usize::from(std::thread::current().name() == Some(name)), Ordering::SeqCst);
        before(info);
    }));
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run).unwrap();
    let end = thread.join();
    assert!(end.is_ok(), "{name}");
    count.load(Ordering::SeqCst)
}

#[test]
fn fault_d11_no_duration_makes_a_task_panic() {
    let panics = panics_of("fault_d11", || {
        let runtime = ::tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(watched(async {
            let year = Duration::from_secs(365 * 24 * 3600);
            let longest = [
                Duration::MAX,
                Duration::from_secs(u64::MAX),
                Duration::from_secs(1 << 62),
                1_000 * year,
                year,
            ];
            let server = Server::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned()).await;
            for time in longest {
                let wire = || apisession_tests::wire().connect_timeout(time).pool_idle_timeout(time);
                let builder =
                    || Exporting::builder().base_url(server.url()).timeout(time).attempt_timeout(time);
                let policy = || {
                    let policy = RetryPolicy::new().first_delay(time).throttled_delay(time).max_delay(time);
                    policy.max_retry_after(time)
                };
                let builders = [
                    builder().pool_idle_timeout(time),
                    builder().pool_idle_timeout(time).max_in_flight(1),
                    builder().connect_timeout(time).idle_timeout(time),
                    builder().transport(wire()),
                    builder().mount("http://", wire().max_connections(1)),
                    builder().retry(policy()),
                    builder().retry(policy().delays([time])),
                    builder().credential(Credential::bearer("t0k3n").unwrap().expires_in(time)),
                ];
                for builder in builders {
                    let api = builder.build().unwrap();
                    for _ in 0..2 {
                        api.exports().all().await.unwrap();
                        // The task of an idle connection runs once it is spawned.
                        ::tokio::task::yield_now().await;
                        sleep(Duration::from_millis(1)).await;
                    }
                }
                // A delay or a pause that no call can wait for ends it.
                for asked in [None, Some("99999999999999999999"), Some("31536000000")] {
                    let (transport, sent) = recording(move |_, _| {
                        let response = respond(429, "");
                        Ok(match asked {
                            Some(asked) => response.with_header("retry-after", asked),
                            None => response,
                        })
                    });
                    let api = Exporting::builder()
                        .transport(transport)
                        .retry(policy().delays([time]))
                        .build()
                        .unwrap();
                    let error = api.exports().all().await.unwrap_err();
                    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::TooManyRequests, 1), "{error}");
                    let _ = (error.retry_at(), error.report());
                }
            }
        }));
    });
    assert_eq!(panics, 0);
}
