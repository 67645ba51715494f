//! Statuses that an error map makes a success, and errors inside of successes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::{Outcome, Settings};
use apisession_tests::{recording, respond, tokio};
use serde::Deserialize;
use tokio::time::Instant;

#[derive(Debug, PartialEq, Deserialize)]
struct Event {
    id: u64,
}

#[derive(Debug, ApiResponse)]
enum Created {
    #[status(2xx)]
    New(Event),
    #[status(409)]
    Existing(Event),
}

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Event>;
    #[get("/{id}")]
    fn find(&self, id: u64) -> Call<Option<Event>>;
    #[post]
    fn create(&self) -> Call<Event>;
    #[post]
    fn create_once(&self) -> Call<Created>;
    #[post(idempotency_key)]
    fn create_keyed(&self) -> Call<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    #[session(default)]
    map: ErrorMap,
    #[session(default)]
    sign_ins: Arc<AtomicUsize>,
}

impl APISession for Acme {
    fn error_map(&self) -> ErrorMap {
        self.map.clone()
    }

    async fn authenticate(&self) -> Result<Credential> {
        let number = self.sign_ins.fetch_add(1, Ordering::SeqCst);
        Credential::bearer(format!("token-{number}"))
    }

    /// The errors of this vendor have the status 200, and are named in a header.
    fn resp_error_check(&self, response: Response) -> Result<Response> {
        let kind = match response.headers().get("x-error").map(|value| value.as_bytes()) {
            None => return Ok(response),
            Some(b"busy") => ErrorKind::TooManyRequests,
            Some(b"down") => ErrorKind::ServiceUnavailable,
            Some(b"expired") => ErrorKind::Unauthorized,
            Some(_) => ErrorKind::Conflict,
        };
        Err(response.into_error(kind, "an error in a success"))
    }
}

fn is_down(error: &Error) -> bool {
    error.kind() == ErrorKind::ServiceUnavailable
}

#[tokio::test]
async fn a_rule_makes_a_status_a_success() {
    let body = r#"{"id":7}"#;
    let acme = |status, map| {
        let (transport, _) = recording(move |_, _| Ok(respond(status, body)));
        Acme::builder().map(map).max_attempts(1).transport(transport).build().unwrap()
    };
    let success = |status| ErrorMap::new().status(status, Rule::success());
    for status in [100, 204, 304, 404, 409, 410, 500, 503, 599] {
        let events = acme(status, success(status)).events();
        assert_eq!(events.get(7).await.unwrap(), Event { id: 7 }, "{status}");
        // It has a value, so a 404 is no `None`.
        assert_eq!(events.find(7).await.unwrap(), Some(Event { id: 7 }), "{status}");
    }
    let created = acme(409, success(409)).events().create_once().await.unwrap();
    assert!(matches!(created, Created::Existing(Event { id: 7 })));
    let created = acme(201, success(409)).events().create_once().await.unwrap();
    assert!(matches!(created, Created::New(Event { id: 7 })));
    assert_eq!(
        acme(409, ErrorMap::new()).events().create_once().await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
    // The nearest level decides, and what it does not set is inherited.
    let kind = |kind| ErrorMap::new().status(409, Rule::kind(kind));
    let call = acme(409, success(409)).events().get(7).with_error_map(kind(ErrorKind::Locked));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::Locked);
    let call = acme(409, kind(ErrorKind::Locked)).events().get(7).with_error_map(success(409));
    assert_eq!(call.await.unwrap(), Event { id: 7 });
    let message = ErrorMap::new().status(409, Rule::default().message(|_| None));
    let call = acme(409, success(409)).events().get(7).with_error_map(message);
    assert_eq!(call.await.unwrap(), Event { id: 7 });
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_of_a_success_is_retried_by_its_rule() {
    let retried = Rule::success().retryable(true);
    let (none, when) = (Rule::success(), Rule::success().retryable_when(is_down));
    // The method, the rule of the 200, the error, and the attempts and the outcome.
    let rows = [
        ("GET", None, "down", 1, None),
        ("GET", Some(none), "down", 1, None),
        ("GET", Some(none), "busy", 1, None),
        ("GET", Some(retried), "down", 3, Some(Outcome::Unknown)),
        ("GET", Some(retried), "taken", 3, Some(Outcome::Unknown)),
        ("GET", Some(when), "down", 3, Some(Outcome::Unknown)),
        ("GET", Some(when), "taken", 1, None),
        // A write is sent again only if it was not processed, or has a key.
        ("POST", Some(retried), "down", 1, Some(Outcome::Unknown)),
        ("POST", Some(retried), "busy", 3, Some(Outcome::Rejected)),
        ("POST", Some(none), "busy", 1, None),
        ("POST with a key", Some(retried), "down", 3, Some(Outcome::Unknown)),
    ];
    for (method, rule, error, attempts, outcome) in rows {
        let (transport, sent) = recording(move |_, _| Ok(respond(200, "{}").with_header("x-error", error)));
        let map = rule.map_or(ErrorMap::new(), |rule| ErrorMap::new().status(200, rule));
        let events = Acme::builder().map(map).transport(transport).build().unwrap().events();
        let call = match method {
            "GET" => events.get(7),
            "POST" => events.create(),
            _ => events.create_keyed(),
        };
        let failed = call.await.unwrap_err();
        let row = format!("{method} {rule:?} {error}");
        assert_eq!(
            (sent.all().len(), failed.attempts(), failed.outcome()),
            (attempts, attempts as u32, outcome),
            "{row}"
        );
        assert!(failed.to_string().ends_with("an error in a success"), "{failed}");
        assert_eq!(failed.status().unwrap().as_u16(), 200, "{row}");
    }
    // `retry_on` lists statuses, and that of the error is a success.
    let (transport, sent) = recording(|_, _| Ok(respond(200, "{}").with_header("x-error", "down")));
    let api = Acme::builder().transport(transport).build().unwrap();
    api.events().get(7).with_retry_on(&[200]).await.unwrap_err();
    assert_eq!(sent.all().len(), 3);
    // A header of the response can't ask for what no rule allows.
    let policy = RetryPolicy::new().should_retry_header("x-should-retry");
    for (method, rule, attempts) in
        [("GET", None, 1), ("POST", None, 1), ("GET", Some(retried), 3), ("POST", Some(retried), 1)]
    {
        let (transport, sent) = recording(|_, _| {
            Ok(respond(200, "{}").with_header("x-error", "down").with_header("x-should-retry", "true"))
        });
        let map = rule.map_or(ErrorMap::new(), |rule| ErrorMap::new().status(200, rule));
        let api = Acme::builder().map(map).transport(transport).build().unwrap();
        let settings = Settings::new().retry(policy.clone());
        let events = api.with(|_| settings).events();
        let call = if method == "GET" { events.get(7) } else { events.create() };
        call.await.unwrap_err();
        assert_eq!(sent.all().len(), attempts, "{method} {rule:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_succeeds_after_an_error_inside_of_a_success() {
    let map = ErrorMap::new().status(200, Rule::success().retryable_when(is_down));
    let (transport, sent) = recording(|number, _| {
        let response = respond(200, r#"{"id":7}"#);
        Ok(match number {
            1 => response.with_header("x-error", "down").with_header("retry-after", "7"),
            _ => response,
        })
    });
    let api = Acme::builder().map(map).transport(transport).build().unwrap();
    let start = Instant::now();
    let event = api.events().get(7).response().await.unwrap();
    assert_eq!((event.value(), event.attempts(), sent.all().len()), (&Event { id: 7 }, 2, 2));
    // The pause that the server asks for is kept.
    assert!((7.0..8.0).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_expired_token_inside_of_a_success_is_renewed_once() {
    let expired = Rule::success().expired_when(|error| error.kind() == ErrorKind::Unauthorized);
    for (good_token, attempts) in [("Bearer token-1", 2), ("none", 2)] {
        let (transport, sent) = recording(move |_, seen| {
            let response = respond(200, r#"{"id":7}"#);
            let is_good = seen.header("authorization") == good_token;
            Ok(if is_good { response } else { response.with_header("x-error", "expired") })
        });
        let map = ErrorMap::new().status(200, expired);
        let api = Acme::builder().map(map).transport(transport).build().unwrap();
        // A write can be sent again as well, since it was refused.
        let created = api.events().create().await;
        assert_eq!(created.map_err(|error| error.kind()).is_ok(), good_token != "none");
        assert_eq!((sent.all().len(), api.sign_ins.load(Ordering::SeqCst)), (attempts, 2));
    }
}
