//! Kinds, messages and reports of errors, and what they don't show.

use apisession::Outcome;
use apisession::prelude::*;
use apisession::transport::Failure;
use apisession_tests::{recording, respond, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64, token: Option<&str>) -> Call<()>;
}

#[endpoint(path = "/secret")]
struct Secrets;

#[endpoint]
impl Secrets {
    #[get("/{id}")]
    fn get(&self, id: u64, key: Option<&str>) -> Call<u64>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", restricted_paths("/secret/**"), hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    #[endpoint]
    secrets: Secrets,
}

impl APISession for Acme {
    fn error_map(&self) -> ErrorMap {
        ErrorMap::new()
            .status(403, Rule::kind(ErrorKind::TooManyRequests))
            .status(202, Rule::kind(ErrorKind::Conflict))
    }
}

fn acme(status: u16, body: &'static str) -> Acme {
    let (transport, _) = recording(move |_, _| Ok(respond(status, body).with_header("x-request-id", "r-17")));
    Acme::builder().transport(transport).max_attempts(1).build().unwrap()
}

#[tokio::test]
async fn each_status_has_its_kind() {
    let rows = [
        (400, ErrorKind::BadRequest),
        (401, ErrorKind::Unauthorized),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (420, ErrorKind::TooManyRequests),
        (422, ErrorKind::UnprocessableContent),
        (429, ErrorKind::TooManyRequests),
        (451, ErrorKind::UnavailableForLegalReasons),
        (500, ErrorKind::InternalServerError),
        (503, ErrorKind::ServiceUnavailable),
        (302, ErrorKind::Redirect),
        (304, ErrorKind::Redirect),
        (499, ErrorKind::OtherClientError),
        (520, ErrorKind::OtherServerError),
        // The author's map is over the base map, successes included.
        (403, ErrorKind::TooManyRequests),
        (202, ErrorKind::Conflict),
    ];
    for (status, kind) in rows {
        let error = acme(status, "").events().get(7).await.unwrap_err();
        assert_eq!((error.kind(), error.status().unwrap().as_u16()), (kind, status));
    }
    for status in [200, 201, 204, 206, 299] {
        acme(status, "").events().get(7).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_report_has_kind_request_attempts_and_request_id() {
    let body = r#"{"title":"Not found","detail":"there is no event 7"}"#;
    let error = acme(404, body).events().get(7).token("t0p-s3cret").await.unwrap_err();
    assert_eq!(error.to_string(), "Events::get: 404 Not Found: Not found: there is no event 7");
    assert_eq!(
        error.report(),
        "error: Events::get: 404 Not Found: Not found: there is no event 7\n  \
         operation:  Events::get\n  \
         kind:       NotFound\n  \
         request:    GET https://api.test/v1/events/7?token=[redacted]\n  \
         attempts:   1 in 0ms\n  \
         request id: r-17\n  \
         try next:   check the identifiers in the call, and whether the credential may see them"
    );
    // What `main` prints.
    assert_eq!(
        format!("{error:?}"),
        "Events::get: 404 Not Found: Not found: there is no event 7\n  \
         request:    GET https://api.test/v1/events/7?token=[redacted]\n  \
         request id: r-17\n  \
         try next:   check the identifiers in the call, and whether the credential may see them"
    );
    assert!(error.is_not_found());
    assert_eq!(error.request_id(), Some("r-17"));
    assert_eq!(error.method().unwrap(), "GET");
    assert_eq!(error.body().unwrap(), body);
    assert_eq!(error.headers().unwrap()["x-request-id"], "r-17");
    assert_eq!(error.operation().unwrap().name(), "get");
}

#[tokio::test]
async fn an_error_never_shows_a_secret() {
    let canary = "c4nary";
    let body = r#"{"secret":"c4nary"}"#;
    let refused =
        acme(400, body).events().get(7).token(canary).with_header("x-key", canary).await.unwrap_err();
    let (transport, _) = recording(|_, _| Err(Failure::unknown("the cable was cut")));
    let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
    let broken = api.events().get(7).token(canary).with_header("x-key", canary).await.unwrap_err();
    let undecodable = acme(200, r#"{"id":"c4nary"}"#).events().get(7).token(canary).json_as::<u64>().await;
    for error in [refused, broken, undecodable.unwrap_err()] {
        let shown = format!("{error} {error:#} {error:?} {error:#?} {}", error.report());
        assert!(!shown.contains(canary), "{shown}");
    }
    let api = acme(200, body);
    let call = || api.events().get(7).token(canary).with_header("x-key", canary);
    let (request, response) = (call().build().unwrap(), call().response().await.unwrap());
    let raw = call().raw().await.unwrap().with_header("set-cookie", canary);
    let shown = format!("{request:?} {response:?} {raw:?} {:?}", call());
    assert!(!shown.contains(canary), "{shown}");
    assert!(shown.contains("https://api.test/v1/events/7?token=[redacted]"), "{shown}");
}

#[tokio::test]
async fn control_characters_of_the_server_are_escaped_in_messages() {
    let body = r#"{"detail":"no\nerror: all is well\u001b[2J"}"#;
    let error = acme(400, body).events().get(7).await.unwrap_err();
    assert_eq!(error.to_string(), "Events::get: 400 Bad Request: no\\nerror: all is well\\u{1b}[2J");
}

#[tokio::test]
async fn a_transport_failure_has_its_kind_and_outcome() {
    let rows = [
        (
            Failure::not_sent as fn(&'static str) -> Failure,
            ErrorKind::Connect,
            Outcome::NotSent,
            "no connection could be made",
        ),
        (
            Failure::unknown,
            ErrorKind::Transport,
            Outcome::Unknown,
            "the connection was lost before there was a response",
        ),
    ];
    for (failure, kind, outcome, message) in rows {
        let (transport, _) = recording(move |_, _| Err(failure("the cable was cut")));
        let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
        let error = api.events().get(7).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Some(outcome)));
        assert_eq!(error.to_string(), format!("Events::get: {message}"));
        assert_eq!(format!("{error:#}"), format!("Events::get: {message}: the cable was cut"));
        assert!(error.report().contains(&outcome.to_string()), "{}", error.report());
        assert!(error.report().contains("caused by:  the cable was cut"), "{}", error.report());
    }
}

/// The vendor's own error document.
#[derive(serde::Deserialize)]
struct Fault {
    code: u32,
    hint: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "fault {}: {}", self.code, self.hint)
    }
}

#[tokio::test]
async fn an_error_map_sets_how_messages_are_read() {
    let message = |response: &Response| Some(format!("custom: {}", response.text().ok()?));
    let map = ErrorMap::new()
        .body::<Fault>()
        .status(409, Rule::default().message(message))
        .status(410, Rule::kind(ErrorKind::Locked).retryable(true));
    let fault = r#"{"code":7,"hint":"no\nroom"}"#;
    let rows = [
        (400, fault, "400 Bad Request: fault 7: no\\nroom"),
        (410, fault, "410 Gone: fault 7: no\\nroom"),
        (409, "taken", "409 Conflict: custom: taken"),
        // A body of another form is read as without a map.
        (
            400,
            r#"{"detail":[{"loc":["body","title"],"msg":"field required"}]}"#,
            "400 Bad Request: body.title: field required",
        ),
        (400, "<html>", "400 Bad Request"),
    ];
    for (status, body, expected) in rows {
        let error = acme(status, body).events().get(7).with_error_map(map.clone()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("Events::get: {expected}"));
        assert_eq!(error.body_as::<Fault>().map(|fault| fault.code), Some(7).filter(|_| body == fault));
    }
    // A nearer map changes what it names, and leaves the rest.
    let call = acme(410, fault).with(|all| all.error_map(map.clone())).events().get(7);
    let nearer = ErrorMap::new().status(410, Rule::kind(ErrorKind::TooEarly));
    let error = call.with_error_map(nearer).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("fault 7")), (ErrorKind::TooEarly, true));
}

#[tokio::test]
async fn an_error_on_a_restricted_path_shows_neither_query_nor_body() {
    for (status, body) in [(200, r#"{"id":"s3cret"}"#), (403, r#"{"detail":"s3cret"}"#)] {
        let error = acme(status, body).secrets().get(7).key("s3cret").await.unwrap_err();
        let shown = format!("{error} {error:#} {error:?} {}", error.report());
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("https://api.test/v1/secret/{id}?[restricted]"), "{shown}");
    }
}
