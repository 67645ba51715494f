//! Signing in: when, how often, and what a request carries.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apisession::Outcome;
use apisession::prelude::*;
use apisession::transport::Failure;
use apisession_tests::{answer, recording, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;
    #[post]
    fn create(&self, event: &str) -> Call<()>;
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
    let (transport, sent) = recording(|_, _| Ok(answer(200, "")));
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
        "Bearer token-2" => Ok(answer(200, "")),
        _ => Ok(answer(401, "")),
    });
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).max_attempts(1).build().unwrap();
    let response = api.events().get(7).response().await.unwrap();
    assert_eq!((response.attempts(), logins.load(Ordering::SeqCst)), (2, 2));
    api.events().get(8).await.unwrap();
    assert_eq!(sent.lines(), ["GET /events/7", "GET /events/7", "GET /events/8"]);
}

#[tokio::test(start_paused = true)]
async fn a_second_401_is_the_callers() {
    let (transport, sent) = recording(|_, _| Ok(answer(401, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).build().unwrap();
    let error = api.events().get(7).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthorized, 2));
    assert_eq!((logins.load(Ordering::SeqCst), sent.all().len()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_login_that_fails_ends_the_call_and_is_tried_again_by_the_next() {
    let (transport, sent) = recording(|_, _| Ok(answer(200, "")));
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
    let (transport, sent) = recording(|_, _| Ok(answer(200, "")));
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
async fn a_login_that_hangs_is_cut_by_the_callers_timeout() {
    let (transport, _) = recording(|_, _| Ok(answer(200, "")));
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    let error = api.events().get(7).with_timeout(Duration::from_millis(500)).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.outcome(), Some(apisession::Outcome::NotSent));
    // Who gives up harms nobody: the next caller signs in.
    api.events().get(7).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_401_to_another_credential_is_the_callers() {
    let (transport, sent) = recording(|_, _| Ok(answer(401, "")));
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
    assert_eq!((logins.load(Ordering::SeqCst), sent.all().len()), (1, 3));
    // The session's own credential was refused: the write was not processed, and goes out once more.
    let error = api.events().create("e").with_max_attempts(1).await.unwrap_err();
    assert_eq!((error.attempts(), logins.load(Ordering::SeqCst)), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_credential_stays_with_its_origin() {
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
        let (transport, sent) = recording(|number, _| Ok(answer(if number == 1 { 503 } else { 200 }, "")));
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
async fn closing_waits_for_a_login_and_ends_in_time() {
    let (transport, _) = recording(|_, _| Ok(answer(200, "")));
    let logins = Arc::new(AtomicUsize::new(0));
    let api = Acme::builder(Arc::clone(&logins)).transport(transport).build().unwrap();
    let call = tokio::spawn(api.events().get(7).send());
    tokio::task::yield_now().await;
    api.close().await.unwrap();
    call.await.unwrap().unwrap();
    assert_eq!(logins.load(Ordering::SeqCst), 0);

    let (transport, _) = recording(|_, _| Ok(answer(200, "")));
    let api = Acme::builder(Arc::default()).farewell(1000).transport(transport).build().unwrap();
    api.events().get(7).await.unwrap();
    let start = tokio::time::Instant::now();
    let error = api.close().await.unwrap_err();
    assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::Timeout, 180));
}

/// The server has refused the credential, so it did not process the request, but it has seen it.
#[tokio::test(start_paused = true)]
async fn what_was_refused_for_its_credential_was_sent() {
    let (transport, sent) = recording(|number, _| match number {
        1 => Ok(answer(401, "")),
        _ => Err(Failure::not_sent("refused")),
    });
    let api = Acme::builder(Arc::default()).transport(transport).build().unwrap();
    let error = api.events().create("Standup").await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Some(Outcome::Rejected)));
    assert_eq!(sent.all().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn h4_the_values_of_a_credential_are_sensitive() {
    let (transport, sent) = recording(|_, _| Ok(answer(200, "")));
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
async fn signing_in_again_takes_no_attempt_away() {
    let (transport, sent) = recording(|number, _| match number {
        1 => Ok(answer(401, "")),
        2 => Ok(answer(503, "")),
        _ => Ok(answer(200, "")),
    });
    let api = Acme::builder(Arc::default()).transport(transport).max_attempts(2).build().unwrap();
    api.events().get(1).await.unwrap();
    assert_eq!(sent.all().len(), 3);
}
