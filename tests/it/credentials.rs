//! Which credential a request carries, when the session signs in, and what errors show of credentials.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apisession::http::HeaderValue;
use apisession::middleware::{Middleware, Next};
use apisession::prelude::*;
use apisession::transport::Failure;
use apisession::{BoxFuture, Outcome, Secret, SigV4};
use apisession_tests::{recording, respond, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;
    #[post]
    fn create(&self, #[json] event: &str) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    logins: Arc<AtomicUsize>,
    #[session(default)]
    refused: bool,
    /// How long signing out takes, in seconds.
    #[session(default)]
    farewell: u64,
    /// Where a retry goes.
    #[session(default)]
    elsewhere: Option<&'static str>,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let number = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        if self.refused {
            return Err(Error::new(ErrorKind::Authentication, "no such user; set ACME_USER"));
        }
        Credential::bearer(format!("token-{number}"))?.and("x-tenant", "7")
    }

    async fn deauthenticate(&self, _: &Credential) -> Result<()> {
        tokio::time::sleep(Duration::from_secs(self.farewell)).await;
        self.logins.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }

    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        if let Some(elsewhere) = self.elsewhere {
            retry.request().url = elsewhere.parse().map_err(Error::other)?;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn many_callers_sign_in_once() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).build().unwrap();
    let calls: Vec<_> = (0..100).map(|id| tokio::spawn(api.events().get(id).send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((logins.load(Ordering::SeqCst), sent.all().len()), (1, 100));
    assert!(sent.all().iter().all(|seen| seen.header("authorization") == "Bearer token-1"));
    assert!(sent.all().iter().all(|seen| seen.header("x-tenant") == "7"));
}

#[tokio::test(start_paused = true)]
async fn a_401_signs_in_again_once() {
    let (transport, sent) = recording(|_, seen| match seen.header("authorization") {
        "Bearer token-2" => Ok(respond(200, "")),
        _ => Ok(respond(401, "")),
    });
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).max_attempts(1).build().unwrap();
    let response = api.events().get(7).response().await.unwrap();
    assert_eq!((response.attempts(), logins.load(Ordering::SeqCst)), (2, 2));
    api.events().get(8).await.unwrap();
    assert_eq!(sent.lines(), ["GET /events/7", "GET /events/7", "GET /events/8"]);
}

#[tokio::test(start_paused = true)]
async fn a_second_401_is_returned() {
    let (transport, sent) = recording(|_, _| Ok(respond(401, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).build().unwrap();
    let error = api.events().get(7).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthorized, 2));
    assert_eq!((logins.load(Ordering::SeqCst), sent.all().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_sign_in_fails_the_call_and_is_tried_again_by_the_next() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).refused(true).transport(transport).build().unwrap();
    for number in 1..=2 {
        let error = api.events().get(7).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(error.to_string(), "Events::get: no such user; set ACME_USER");
        assert_eq!(logins.load(Ordering::SeqCst), number);
        // For so long it is remembered.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(sent.all().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn h3_a_call_chooses_its_credential() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).build().unwrap();
    api.events().get(1).without_credential().await.unwrap();
    api.events().get(2).with_credential(Credential::header("x-api-key", "k").unwrap()).await.unwrap();
    assert_eq!(logins.load(Ordering::SeqCst), 0);
    // A header that the caller sets itself is not overridden, and two never go out.
    api.events().get(3).with_header("authorization", "Basic mine").await.unwrap();
    let all = sent.all();
    let rows: Vec<_> =
        all.iter().map(|seen| (seen.header("authorization"), seen.header("x-api-key"))).collect();
    assert_eq!(rows, [("", ""), ("", "k"), ("Basic mine", "")]);
    assert_eq!(all[2].headers.get_all("authorization").iter().count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_hangs_ends_with_the_timeout_of_the_call() {
    let (transport, _) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    let error = api.events().get(7).with_timeout(Duration::from_millis(500)).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.outcome(), Some(apisession::Outcome::NotSent));
    // The timeout does not cancel the sign-in for the next call.
    api.events().get(7).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_401_to_a_credential_of_the_caller_is_returned() {
    let (transport, sent) = recording(|_, _| Ok(respond(401, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).build().unwrap();
    let own = Credential::header("x-api-key", "k").unwrap();
    for call in [
        api.events().create("e").with_header("authorization", "Basic mine"),
        api.events().create("e").with_credential(own),
        api.events().create("e").without_credential(),
    ] {
        let error = call.await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthorized, 1));
    }
    assert_eq!((logins.load(Ordering::SeqCst), sent.all().len()), (0, 3));
    // The session's own credential was refused: the write was not processed, and is sent once more.
    let error = api.events().create("e").with_max_attempts(1).await.unwrap_err();
    assert_eq!((error.attempts(), logins.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_credential_is_sent_to_its_origin_only() {
    let rows = [
        ("http://api.test/x", None),
        ("https://api.test:8443/x", None),
        ("https://api.test.evil.test/x", None),
        // One that is allowed gets nothing of the session.
        ("https://cdn.test/x", Some(false)),
        // The same origin, written another way, keeps it; a user name there is taken away.
        ("https://ana@api.test/x", Some(true)),
        ("https://API.test:443/x", Some(true)),
    ];
    for (elsewhere, keeps) in rows {
        let (transport, sent) = recording(|number, _| Ok(respond(if number == 1 { 503 } else { 200 }, "")));
        let api = Acme::builder(Arc::default()).elsewhere(Some(elsewhere)).transport(transport);
        let api = api.allowed_origins(&["https://cdn.test"]).build().unwrap();
        let end = api.events().get(7).await;
        let carried = |index: usize, name| !sent.all()[index].header(name).is_empty();
        assert!(carried(0, "authorization") && carried(0, "x-tenant"));
        let Some(keeps) = keeps else {
            let error = end.unwrap_err();
            assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Argument, 1), "{elsewhere}: {error}");
            continue;
        };
        end.unwrap();
        assert_eq!((carried(1, "authorization"), carried(1, "x-tenant")), (keeps, keeps), "{elsewhere}");
    }
}

#[tokio::test(start_paused = true)]
async fn closing_waits_for_a_sign_in_and_has_a_timeout() {
    let (transport, _) = recording(|_, _| Ok(respond(200, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).build().unwrap();
    let call = tokio::spawn(api.events().get(7).send());
    tokio::task::yield_now().await;
    api.close().await.unwrap();
    call.await.unwrap().unwrap();
    assert_eq!(logins.load(Ordering::SeqCst), 0);

    let (transport, _) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder(Arc::default()).farewell(1000).transport(transport).build().unwrap();
    api.events().get(7).await.unwrap();
    let start = tokio::time::Instant::now();
    let error = api.close().await.unwrap_err();
    assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::Timeout, 180));
}

/// The server refused the credential, so it did not process the request, but it received it.
#[tokio::test(start_paused = true)]
async fn after_a_401_the_outcome_is_at_least_rejected() {
    let (transport, sent) = recording(|number, _| match number {
        1 => Ok(respond(401, "")),
        _ => Err(Failure::not_sent("refused")),
    });
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    let error = api.events().create("Standup").await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Some(Outcome::Rejected)));
    assert_eq!(sent.all().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn h4_the_values_of_a_credential_are_sensitive() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    api.events().get(1).await.unwrap();
    api.events().get(2).with_credential(Credential::header("x-api-key", "k").unwrap()).await.unwrap();
    let all = sent.all();
    for value in [&all[0].headers["authorization"], &all[0].headers["x-tenant"], &all[1].headers["x-api-key"]]
    {
        assert!(value.is_sensitive());
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_sign_in_does_not_count_as_an_attempt() {
    let (transport, sent) = recording(|number, _| match number {
        1 => Ok(respond(401, "")),
        2 => Ok(respond(503, "")),
        _ => Ok(respond(200, "")),
    });
    let api = Acme::builder(Arc::default()).transport(transport).max_attempts(2).build().unwrap();
    api.events().get(1).await.unwrap();
    assert_eq!(sent.all().len(), 3);
}

#[tokio::test]
async fn a_credential_is_not_sent_over_plain_http() {
    let rows = [
        ("http://api.test", false),
        ("http://10.0.0.1", false),
        ("https://api.test", true),
        ("http://localhost:8080", true),
        ("http://127.0.0.1", true),
        ("http://[::1]:8080", true),
        ("http://localhost.evil.test", false),
    ];
    for (base_url, is_ok) in rows {
        for credential in [
            Credential::bearer("s3cret").unwrap(),
            Credential::basic("ana", "s3cret").unwrap(),
            Credential::header("x-api-key", "s3cret").unwrap(),
            Credential::query("key", "s3cret"),
        ] {
            let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
            let api = Acme::builder(Arc::default()).base_url(base_url).transport(transport).build().unwrap();
            let end = api.raw().get("/x").with_credential(credential.clone()).await;
            assert_eq!((end.is_ok(), sent.all().len()), (is_ok, usize::from(is_ok)), "{base_url}");
            if let Err(error) = end {
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Configuration, 0));
                let open = credential.danger_allow_http();
                api.raw().get("/x").with_credential(open).await.unwrap();
            }
        }
    }
}

/// A digest doesn't contain the password, so it may be sent in the clear; a secret beside it may not.
#[tokio::test]
async fn a_digest_is_sent_over_plain_http_but_secrets_beside_it_are_not() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api =
        Acme::builder(Arc::default()).base_url("http://camera.test").transport(transport).build().unwrap();
    let call = |credential| api.raw().get("/x").with_credential(credential);
    call(Credential::digest("ana", "s3cret")).await.unwrap();
    let signer = || SigV4::new("id", "s3cret").region("r").service("s");
    call(Credential::from(signer()).danger_allow_http()).await.unwrap();
    assert_eq!(sent.all().len(), 2);
    for exposed in [
        Credential::digest("ana", "s3cret").and("x-api-key", "s3cret").unwrap(),
        signer().into(),
        SigV4::new("id", "s3cret").region("r").service("s").session_token("s3cret").into(),
        Credential::from(SigV4::new("id", "s3cret").region("r").service("s")).and_query("key", "s3cret"),
        Credential::cookie("sid", "s3cret").unwrap(),
        Credential::signing(|_, _| Ok(())),
    ] {
        assert_eq!(call(exposed).await.unwrap_err().kind(), ErrorKind::Configuration);
    }
    assert_eq!(sent.all().len(), 2);
}

#[tokio::test]
async fn credentials_are_encoded_as_their_standards_define() {
    let (transport, sent) = recording(|_, _| Ok(respond(404, "")));
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    let get = |credential| api.raw().get("/x").query("q", "1").with_credential(credential);
    // The example of RFC 7617, section 2, and that of section 2.1 for UTF-8.
    get(Credential::basic("Aladdin", "open sesame").unwrap()).await.unwrap_err();
    get(Credential::basic("test", "123\u{a3}").unwrap()).await.unwrap_err();
    let all = sent.all();
    assert_eq!(all[0].header("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_eq!(all[1].header("authorization"), "Basic dGVzdDoxMjPCow==");
    assert!(Credential::basic("a:b", "c").is_err());
    // Several keys at once, which no message shows.
    let keys = Credential::query("api_key", "s3cret&=")
        .and_query("app", Secret::new("s3cret2"))
        .and("x-key", "s3cret3");
    let error = get(keys.unwrap()).await.unwrap_err();
    let seen = sent.all().pop().unwrap();
    assert_eq!(seen.url.query(), Some("q=1&api_key=s3cret%26%3D&app=s3cret2"));
    assert_eq!(seen.header("x-key"), "s3cret3");
    let shown = format!("{error} {error:?} {}", error.report());
    assert!(!shown.contains("s3cret"), "{shown}");
    // A parameter of the caller is kept.
    api.raw()
        .get("/x")
        .query("api_key", "mine")
        .with_credential(Credential::query("api_key", "k"))
        .await
        .unwrap_err();
    assert_eq!(sent.all().pop().unwrap().url.query(), Some("api_key=mine"));
}

/// Adds a header to each attempt.
struct Late;

impl Middleware for Late {
    fn handle<'a>(
        &'a self,
        mut request: apisession::Request,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<Response>> {
        request.headers.insert("x-late", HeaderValue::from_static("1"));
        next.run(request)
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_signed_last_and_another_origin_gets_no_signature() {
    let (transport, sent) = recording(|number, _| match number {
        1 => Ok(respond(503, "")),
        2 => Ok(respond(302, "").with_header("location", "/y")),
        3 => Ok(respond(302, "").with_header("location", "https://cdn.test/z")),
        _ => Ok(respond(200, "")),
    });
    let api = Acme::builder(Arc::default()).transport(transport).per_attempt(Late).build().unwrap();
    let count = AtomicUsize::new(0);
    let sign = Credential::signing(move |request, _| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let late = request.headers.contains_key("x-late");
        let value = format!("{number} {} {late}", request.url.path());
        request.headers.insert("x-signature", HeaderValue::try_from(value).map_err(Error::other)?);
        Ok(())
    });
    assert_eq!(format!("{sign:?}"), "Credential(a signature)");
    let call = api.raw().get("/x").with_allowed_origins(&["https://cdn.test"]).with_credential(sign);
    call.await.unwrap();
    let signatures: Vec<_> = sent.all().iter().map(|seen| seen.header("x-signature").to_owned()).collect();
    assert_eq!(signatures, ["0 /x true", "1 /x true", "2 /y true", ""]);
    // One that can't be made ends the call.
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    let never =
        Credential::signing(|_, _| Err(Error::new(ErrorKind::Configuration, "the region is missing")));
    let error = api.raw().post("/x").with_credential(never).await.unwrap_err();
    assert_eq!(
        (error.outcome(), error.attempts(), sent.all().len()),
        (Some(apisession::Outcome::NotSent), 1, 0)
    );
}

/// The server echoes the credential in its message.
#[tokio::test(start_paused = true)]
async fn a_credential_that_the_server_echoes_is_masked_in_the_error() {
    let (transport, _) = recording(|_, seen| {
        let seen =
            format!("{} {} {:?}", seen.header("authorization"), seen.header("cookie"), seen.url.query());
        Ok(respond(401, &format!(r#"{{"detail":"bad {}"}}"#, seen.replace('"', "'"))))
    });
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    let fetched = Credential::provided_by(|_: Session| async { Credential::bearer("s3cret-token") });
    for credential in [
        Credential::bearer("s3cret-token").unwrap(),
        Credential::basic("ana", "s3cret").unwrap(),
        Credential::query("key", "s3cret/token"),
        Credential::cookie("sid", "s3cret-token").unwrap(),
        fetched.and_query("key", "s3cret-key"),
    ] {
        let report = api.events().get(7).with_credential(credential).await.unwrap_err().report();
        assert!(report.contains("bad ") && report.contains("[redacted]"), "{report}");
        assert!(!report.contains("s3cret") && !report.contains("YW5h"), "{report}");
    }
}
