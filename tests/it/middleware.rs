//! Middlewares around calls and around attempts.

use std::sync::{Arc, Mutex};

use apisession::BoxFuture;
use apisession::http::HeaderValue;
use apisession::middleware::{Middleware, Next};
use apisession::prelude::*;
use apisession::transport::Failure;
use apisession::{Outcome, Request, Response, Url};
use apisession_tests::{recording, respond, tokio};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)), hooks)]
struct Acme {
    session: Session,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        self.raw().post("/login").await?;
        Credential::bearer("s3cret")
    }
}

type Log = Arc<Mutex<Vec<String>>>;

/// Writes down what passes, and adds its name to a header.
struct Named(&'static str, Log);

impl Middleware for Named {
    fn handle<'a>(&'a self, mut request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        let signed = if request.headers.contains_key("authorization") { " signed" } else { "" };
        self.1.lock().unwrap().push(format!("{} > {}{signed}", self.0, request.url.path()));
        request.headers.append("x-passed", HeaderValue::from_static(self.0));
        Box::pin(async move {
            let end = next.run(request).await;
            let shown = match &end {
                Ok(response) => format!("{} {}", response.status().as_u16(), response.body().is_some()),
                Err(error) => format!("{:?}", error.kind()),
            };
            self.1.lock().unwrap().push(format!("{} < {shown}", self.0));
            end
        })
    }
}

#[tokio::test]
async fn middlewares_wrap_calls_and_attempts_in_order() {
    let log = Log::default();
    let (transport, sent) = recording(|number, seen| match (seen.url.path(), number) {
        ("/login", _) => Ok(respond(204, "")),
        (_, 2) => Ok(respond(503, "")),
        ("/x", _) => Ok(respond(302, "").with_header("location", "/y")),
        _ => Ok(respond(200, "{}")),
    });
    let named = |name| Named(name, Arc::clone(&log));
    let builder = Acme::builder().transport(transport).per_call(named("a")).per_call(named("b"));
    let api = builder.per_attempt(named("c")).per_attempt(named("d")).build().unwrap();
    api.raw().get("/x").await.unwrap();
    let attempt = |path: &str, status: &str| {
        ["c", "d"]
            .map(|name| format!("{name} > {path}"))
            .into_iter()
            .chain(["d", "c"].map(|name| format!("{name} < {status}")))
    };
    let mut expected = vec!["a > /x".to_owned(), "b > /x".to_owned()];
    // The login passes as well.
    expected.extend(["a > /login".to_owned(), "b > /login".to_owned()]);
    expected.extend(attempt("/login", "204 true"));
    expected.extend(["b < 204 true".to_owned(), "a < 204 true".to_owned()]);
    expected.extend(attempt("/x signed", "503 true"));
    expected.extend(attempt("/x signed", "302 true"));
    expected.extend(attempt("/y signed", "200 true"));
    expected.extend(["b < 200 true".to_owned(), "a < 200 true".to_owned()]);
    assert_eq!(*log.lock().unwrap(), expected);
    let last = sent.all().pop().unwrap();
    let passed: Vec<_> =
        last.headers.get_all("x-passed").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(passed, ["a", "b", "c", "d"]);
}

/// Sends every request elsewhere.
struct Thief;

impl Middleware for Thief {
    fn handle<'a>(&'a self, mut request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        request.url = Url::parse("https://evil.test/x").unwrap();
        next.run(request)
    }
}

/// Returns a response without a request.
struct Cache;

impl Middleware for Cache {
    fn handle<'a>(&'a self, _: Request, _: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        Box::pin(async { Ok(respond(200, "\"kept\"")) })
    }
}

#[tokio::test]
async fn a_middleware_can_not_change_the_origin_and_can_return_a_response() {
    for around_calls in [true, false] {
        let build = |builder: AcmeBuilder| builder.build().unwrap();
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let builder = Acme::builder().transport(transport);
        let api = build(if around_calls { builder.per_call(Thief) } else { builder.per_attempt(Thief) });
        let error = api.raw().get("/x").without_credential().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts() > 1, sent.all().len()), (ErrorKind::Argument, false, 0));
        let expected = if around_calls {
            "the URL that a middleware"
        } else {
            "the URL that a `per_attempt` middleware"
        };
        assert!(error.to_string().contains(expected), "{error}");

        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let builder = Acme::builder().transport(transport);
        let api = build(if around_calls { builder.per_call(Cache) } else { builder.per_attempt(Cache) });
        let text: String = api.raw().get("/x").without_credential().json_as().await.unwrap();
        assert_eq!((text.as_str(), sent.all().len()), ("kept", 0));
    }
}

#[tokio::test]
async fn on_request_and_on_response_see_every_attempt_and_redirect() {
    let log = Log::default();
    let (transport, _) = recording(|number, _| match number {
        1 => Ok(respond(302, "").with_header("location", "/y")),
        2 => Ok(respond(503, "")),
        _ => Ok(respond(200, "")),
    });
    let (requests, responses) = (Arc::clone(&log), Arc::clone(&log));
    let builder = Acme::builder().transport(transport);
    let builder = builder.on_request(move |request: &Request| {
        requests.lock().unwrap().push(format!("{} {}", request.method, request.url.path()));
    });
    let builder = builder.on_response(move |response: &Response| {
        let path = response.url().map(Url::path).unwrap_or_default();
        responses.lock().unwrap().push(format!("{} {path}", response.status().as_u16()));
    });
    builder.build().unwrap().raw().get("/x").without_credential().await.unwrap();
    assert_eq!(*log.lock().unwrap(), ["GET /x", "302 /x", "GET /y", "503 /y", "GET /y", "200 /y"]);
}

/// Changes what `change` changes.
struct Changing(fn(&mut Request));

impl Middleware for Changing {
    fn handle<'a>(&'a self, mut request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        (self.0)(&mut request);
        next.run(request)
    }
}

#[endpoint(path = "/payments")]
struct Payments;

#[endpoint]
impl Payments {
    #[post(idempotency_key)]
    fn pay(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Bank {
    session: Session,
    #[endpoint]
    payments: Payments,
}

#[tokio::test]
async fn a_key_that_a_middleware_changed_decides_the_retry() {
    let broken = || recording(|_, _| Err(Failure::unknown("reset")));
    // Without its key a payment is not repeated; with another it is, under that.
    let (transport, sent) = broken();
    let drop_key = Changing(|request| drop(request.headers.remove("idempotency-key")));
    let api = Bank::builder().transport(transport).per_call(drop_key).build().unwrap();
    let error = api.payments().pay().await.unwrap_err();
    assert_eq!((error.idempotency_key(), error.attempts(), sent.all().len()), (None, 1, 1));
    let (transport, sent) = broken();
    let own_key = Changing(|request| {
        request.headers.insert("idempotency-key", HeaderValue::from_static("mine"));
    });
    let api = Bank::builder().transport(transport).per_call(own_key).build().unwrap();
    let error = api.payments().pay().await.unwrap_err();
    assert_eq!((error.idempotency_key(), sent.all().len()), (Some("mine"), 3));
    // A middleware around attempts can change none of this, nor the target.
    let changes: [fn(&mut Request); 4] = [
        |request| drop(request.headers.remove("idempotency-key")),
        |request| request.method = apisession::http::Method::PUT,
        |request| request.url.set_path("/other"),
        |request| request.url.set_password(Some("pa55word")).unwrap(),
    ];
    for change in changes {
        let (transport, sent) = broken();
        let api = Bank::builder().transport(transport).per_attempt(Changing(change)).build().unwrap();
        let error = api.payments().pay().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts(), sent.all().len()),
            (ErrorKind::Argument, 1, 0),
            "{error}"
        );
    }
    // What stands before the host never becomes a credential, and is never shown.
    let (transport, sent) = broken();
    let named = Changing(|request| request.url.set_password(Some("pa55word")).unwrap());
    let api = Bank::builder().transport(transport).per_call(named).build().unwrap();
    let error = api.payments().pay().with_max_attempts(1).await.unwrap_err();
    assert!(!format!("{error:?} {}", error.report()).contains("pa55word"));
    assert_eq!(sent.only().url.as_str(), "https://api.test/payments");
}

/// Makes another call after each response, and fails if that fails.
struct Audit(Bank);

impl Middleware for Audit {
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        Box::pin(async move {
            let response = next.run(request).await?;
            self.0.raw().get("/audit").await?;
            Ok(response)
        })
    }
}

#[tokio::test]
async fn the_outcome_of_a_call_inside_a_middleware_is_not_the_outcome_of_the_call() {
    let responses: [fn() -> Result<Response, Failure>; 3] =
        [|| Err(Failure::not_sent("refused")), || Ok(respond(429, "")), || Ok(respond(401, ""))];
    for others in responses {
        let (other, _) = recording(move |_, _| others());
        let audit = Audit(Bank::builder().transport(other).max_attempts(1).build().unwrap());
        let (transport, sent) = recording(|_, _| Ok(respond(201, "")));
        let api = Acme::builder().transport(transport).per_attempt(audit).build().unwrap();
        let error = api.raw().post("/x").with_credential(Credential::bearer("t").unwrap()).await.unwrap_err();
        assert_eq!((error.outcome(), sent.all().len()), (Some(Outcome::Unknown), 1), "{error:?}");
    }
}
