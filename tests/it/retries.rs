//! Which requests are retried, how often, and with which delays.

use std::time::Duration;

use apisession::Outcome;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession_tests::{recording, respond, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get]
    fn read(&self) -> Call<()>;
    #[post]
    fn write(&self, #[json] event: &str) -> Call<()>;
    #[put]
    fn replace(&self, #[json] event: &str) -> Call<()>;
    #[patch]
    fn change(&self, #[json] event: &str) -> Call<()>;
    #[delete]
    fn delete(&self) -> Call<()>;
    #[head]
    fn exists(&self) -> Call<()>;
    #[options]
    fn allowed(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

/// How a first attempt ends; every further one succeeds.
type First = fn() -> Result<Response, Failure>;

const NOT_SENT: First = || Err(Failure::not_sent("refused"));
const BROKEN: First = || Err(Failure::unknown("reset"));
const BUSY: First = || Ok(respond(503, ""));
const THROTTLED: First = || Ok(respond(429, ""));
const MISSING: First = || Ok(respond(404, ""));

#[tokio::test(start_paused = true)]
async fn a_write_is_retried_only_if_it_was_not_processed() {
    type Make = fn(&Events) -> Call<()>;
    let calls: [(&str, Make, bool); 7] = [
        ("GET", |events| events.read(), true),
        ("HEAD", |events| events.exists(), true),
        ("OPTIONS", |events| events.allowed(), true),
        ("PUT", |events| events.replace("e"), true),
        ("DELETE", |events| events.delete(), true),
        ("POST", |events| events.write("e"), false),
        ("PATCH", |events| events.change("e"), false),
    ];
    for (method, call, idempotent) in calls {
        let rows = [
            ("not sent", NOT_SENT, true),
            ("429", THROTTLED, true),
            ("broken", BROKEN, idempotent),
            ("503", BUSY, idempotent),
            ("404", MISSING, false),
        ];
        for (what, first, repeated) in rows {
            let (transport, sent) =
                recording(move |number, _| if number == 1 { first() } else { Ok(respond(200, "")) });
            let api = Acme::builder().transport(transport).build().unwrap();
            let end = call(&api.events()).await;
            assert_eq!(end.is_ok(), repeated, "{method} after {what}: {end:?}");
            let all = sent.all();
            assert_eq!(all.len(), 1 + usize::from(repeated), "{method} after {what}");
            assert!(all.iter().all(|seen| seen.method == method && seen.body == all[0].body));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn max_attempts_limits_all_attempts() {
    for max in 1..=5 {
        let (transport, sent) = recording(|_, _| Ok(respond(503, r#"{"detail":"later"}"#)));
        let api = Acme::builder().transport(transport).max_attempts(max).build().unwrap();
        let error = api.events().read().await.unwrap_err();
        assert_eq!((error.attempts(), sent.all().len()), (max, usize::try_from(max).unwrap()));
        assert_eq!(error.to_string(), "Events::read: 503 Service Unavailable: later");
        let error = api.events().read().with_max_attempts(2).await.unwrap_err();
        assert_eq!(error.attempts(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn the_default_is_three_attempts_and_no_wait_after_the_last() {
    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let start = tokio::time::Instant::now();
    api.events().read().await.unwrap_err();
    assert_eq!(sent.all().len(), 3);
    // Two waits, of at most 1 and 2 seconds; tokio's clock counts in whole milliseconds.
    assert!(start.elapsed() <= Duration::from_millis(3_002), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn each_attempt_and_the_whole_call_have_timeouts() {
    let black_hole = || Memory::new(|_| std::future::pending());
    let start = tokio::time::Instant::now();
    let api = Acme::builder().transport(black_hole()).build().unwrap();
    let error = api.events().read().await.unwrap_err();
    // 60 s, 60 s, and the rest of 180 s.
    assert_eq!((error.kind(), error.attempts(), start.elapsed().as_secs()), (ErrorKind::Timeout, 3, 180));

    let start = tokio::time::Instant::now();
    let error = api.events().write("e").await.unwrap_err();
    assert_eq!((error.attempts(), start.elapsed().as_secs()), (1, 60));
    assert_eq!(error.outcome(), Some(Outcome::Unknown));
    assert_eq!(error.to_string(), "Events::write: no response within 60s (`attempt_timeout`)");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_exceeds_the_timeout_is_not_started() {
    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let api = Acme::builder().transport(transport).timeout(Duration::from_nanos(1)).build().unwrap();
    let start = tokio::time::Instant::now();
    api.events().read().with_timeout(Duration::from_nanos(1)).await.unwrap_err();
    assert!(sent.all().len() <= 1);
    assert!(start.elapsed() <= Duration::from_millis(1));
}

#[tokio::test(start_paused = true)]
async fn a_schedule_of_the_crate_backoff_sets_the_delays_of_each_call() {
    let policy = backoff::ExponentialBackoffBuilder::new()
        .with_initial_interval(Duration::from_secs(1))
        .with_multiplier(3.0)
        .with_randomization_factor(0.0)
        .with_max_interval(Duration::from_secs(5))
        .with_max_elapsed_time(None)
        .build();
    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let api = Acme::builder().transport(transport).max_attempts(4).retry(policy.into()).build().unwrap();
    // The second call starts the schedule again.
    for _ in 0..2 {
        let start = tokio::time::Instant::now();
        let error = api.events().read().await.unwrap_err();
        assert_eq!((error.attempts(), start.elapsed()), (4, Duration::from_secs(1 + 3 + 5)));
    }
    assert_eq!(sent.all().len(), 8);
}

/// A schedule with one delay.
#[derive(Clone)]
struct Once(bool);

impl backoff::backoff::Backoff for Once {
    fn reset(&mut self) {
        self.0 = true;
    }

    fn next_backoff(&mut self) -> Option<Duration> {
        std::mem::take(&mut self.0).then_some(Duration::from_secs(7))
    }
}

#[tokio::test(start_paused = true)]
async fn a_schedule_of_the_crate_backoff_can_end_a_call() {
    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let api = Acme::builder().transport(transport).retry(Once(false).into()).build().unwrap();
    let start = tokio::time::Instant::now();
    let error = api.events().read().await.unwrap_err();
    assert_eq!((error.attempts(), sent.all().len(), start.elapsed()), (2, 2, Duration::from_secs(7)));
}
