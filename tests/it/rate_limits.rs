//! Rate limits, on the paused clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use apisession::limiter::{Limiter, Slot};
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{BoxFuture, Outcome, Quota, Response};
use apisession_tests::{respond, tokio};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

#[endpoint(path = "/search", rate_limit = RateLimit::new(1, SECOND))]
struct Search;

#[endpoint]
impl Search {
    #[get]
    fn find(&self) -> Call<()>;
    #[get(rate_limit = RateLimit::new(1, 10 * SECOND))]
    fn find_all(&self) -> Call<()>;
    #[get(rate_limit = RateLimit::off())]
    fn status(&self) -> Call<()>;
    #[get(rate_limit = RateLimit::new(1, 20 * SECOND).named("reports"))]
    fn report(&self) -> Call<()>;
}

#[endpoint(path = "/other")]
struct Other;

#[endpoint]
impl Other {
    #[get]
    fn get(&self) -> Call<()>;
    #[get(rate_limit = RateLimit::new(1, 20 * SECOND).named("reports"))]
    fn report(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", rate_limit = RateLimit::new(4, SECOND).and(20, 60 * SECOND))]
struct Acme {
    session: Session,
    #[endpoint]
    search: Search,
    #[endpoint]
    other: Other,
}

type Times = Arc<Mutex<Vec<(String, Duration)>>>;

/// A session, and when what has arrived at its server since now.
fn acme(respond: impl Fn(usize) -> Result<Response, Failure> + Send + Sync + 'static) -> (Acme, Times) {
    let (start, times) = (Instant::now(), Times::default());
    let kept = Arc::clone(&times);
    let transport = Memory::new(move |request| {
        let mut times = kept.lock().unwrap();
        times.push((request.url.path().to_owned(), start.elapsed()));
        let response = respond(times.len());
        async move { response }
    });
    (Acme::builder().transport(transport).build().unwrap(), times)
}

fn ok() -> (Acme, Times) {
    acme(|_| Ok(respond(200, "")))
}

fn seconds(times: &Times) -> Vec<u64> {
    times.lock().unwrap().iter().map(|(_, time)| time.as_secs()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_all_levels_and_windows_apply() {
    let (api, times) = ok();
    let calls: Vec<_> = (0..10).map(|_| tokio::spawn(api.other().get().send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(seconds(&times), [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);

    let (api, times) = ok();
    for _ in 0..3 {
        api.search().find().await.unwrap();
    }
    for _ in 0..2 {
        api.search().find_all().await.unwrap();
    }
    assert_eq!(seconds(&times), [0, 1, 2, 3, 13]);
    // None at all, not even the session's.
    for _ in 0..50 {
        api.search().status().await.unwrap();
    }
    assert_eq!(seconds(&times).last(), Some(&13));

    // The second window of the session: 20 in a minute.
    let (api, times) = ok();
    for _ in 0..21 {
        api.other().get().await.unwrap();
    }
    assert_eq!((seconds(&times)[19], seconds(&times)[20]), (4, 60));
}

#[tokio::test(start_paused = true)]
async fn a_named_limit_is_shared_and_a_call_has_its_own() {
    let (api, times) = ok();
    api.search().report().await.unwrap();
    api.other().report().await.unwrap();
    assert_eq!(seconds(&times), [0, 20]);
    let slow = || RateLimit::new(1, 5 * SECOND);
    api.other().get().with_rate_limit(slow()).await.unwrap();
    api.other().get().with_rate_limit(slow()).await.unwrap();
    api.other().get().with_rate_limit(slow().named("mine")).await.unwrap();
    assert_eq!(seconds(&times), [0, 20, 20, 25, 25]);
    let slower = api.with(|settings| settings.rate_limit(RateLimit::new(1, 30 * SECOND).named("slower")));
    slower.other().get().await.unwrap();
    slower.other().get().await.unwrap();
    assert_eq!(seconds(&times)[5..], [25, 55]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_fails_the_call_at_once() {
    let (api, times) = ok();
    api.search().find_all().await.unwrap();
    let start = Instant::now();
    let error = api.search().find_all().with_timeout(5 * SECOND).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::RateLimited, Some(Outcome::NotSent)));
    assert!(
        error.to_string().contains("(`session`, `Search`, `Search::find_all`) have no slot for 10s"),
        "{error}"
    );
    assert!(error.retry_at().is_some() && start.elapsed() < SECOND);
    assert_eq!(times.lock().unwrap().len(), 1);
    // It reserved no slot.
    api.search().find_all().await.unwrap();
    assert_eq!(seconds(&times), [0, 10]);
    let nothing = api.other().get().with_rate_limit(RateLimit::new(0, SECOND)).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::Argument);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_releases_its_slot() {
    let (api, times) = ok();
    api.search().find_all().await.unwrap();
    let waiting = tokio::spawn(api.search().find_all().send());
    tokio::time::sleep(SECOND).await;
    waiting.abort();
    let _ = waiting.await;
    api.search().find_all().await.unwrap();
    assert_eq!(seconds(&times), [0, 10]);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_counts() {
    let (api, times) = acme(|number| match number {
        1 => Ok(respond(302, "").with_header("location", "/search")),
        2 => Ok(respond(503, "")),
        _ => Ok(respond(200, "")),
    });
    api.search().find().await.unwrap();
    assert_eq!(seconds(&times), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn rate_limit_headers_are_followed_if_enabled() {
    let limits = |number: usize| {
        let left = 3_usize.saturating_sub(number).to_string();
        Ok(respond(200, "")
            .with_header("x-ratelimit-remaining", &left)
            .with_header("x-ratelimit-reset", "30"))
    };
    let (api, times) = acme(limits);
    let learned = || RateLimit::learned().named("vendor");
    for _ in 0..4 {
        api.other().get().with_rate_limit(learned()).await.unwrap();
    }
    assert_eq!(seconds(&times), [0, 0, 0, 30]);
    let quota = api.session.quota("vendor").unwrap();
    assert_eq!((quota.remaining, quota.reset), (0, Some(30 * SECOND)));
    assert_eq!(api.session.quota("other"), None);
    // A call without the limit does not wait.
    api.other().get().await.unwrap();
    assert_eq!(seconds(&times).last(), Some(&30));
}

#[tokio::test(start_paused = true)]
async fn invalid_rate_limit_headers_are_bounded_or_ignored() {
    // A reset in milliseconds of the Unix clock.
    let reset = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap() + 30 * SECOND;
    let millis = reset.as_millis().to_string();
    let (api, _) = acme(move |_| {
        Ok(respond(200, "")
            .with_header("x-ratelimit-remaining", "0")
            .with_header("x-ratelimit-reset", &millis))
    });
    let learned = || RateLimit::learned().named("vendor");
    api.other().get().with_rate_limit(learned()).await.unwrap();
    let left = api.session.quota("vendor").unwrap().reset.unwrap();
    assert!(left <= 30 * SECOND && left > 20 * SECOND, "{left:?}");

    let (api, times) = acme(|number| match number {
        1 => Ok(respond(302, "").with_header("location", "https://cdn.test/x")),
        2 => Ok(respond(200, "")
            .with_header("x-ratelimit-remaining", "0")
            .with_header("x-ratelimit-reset", "90")),
        _ => Ok(respond(200, "")),
    });
    let call = || api.other().get().with_rate_limit(learned()).with_allowed_origins(&["https://cdn.test"]);
    call().await.unwrap();
    call().await.unwrap();
    assert_eq!(seconds(&times), [0, 0, 0]);
    let error = api.other().get().with_rate_limit(RateLimit::new(5, Duration::MAX)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
}

#[tokio::test(start_paused = true)]
async fn limits_with_the_same_name_count_once_with_all_windows() {
    let (api, times) = ok();
    let call = || {
        api.other()
            .get()
            .with_rate_limit(RateLimit::new(2, 10 * SECOND))
            .with_rate_limit(RateLimit::new(3, 60 * SECOND))
    };
    for _ in 0..4 {
        call().await.unwrap();
    }
    assert_eq!(seconds(&times), [0, 0, 10, 60]);
}

/// A call with a slot in a rate limit that waits for `max_in_flight` does not keep the slot.
#[tokio::test(start_paused = true)]
async fn a_limit_holds_with_many_waiting_requests() {
    let (start, times) = (Instant::now(), Times::default());
    let kept = Arc::clone(&times);
    let transport = Memory::new(move |_| {
        let mut times = kept.lock().unwrap();
        times.push((String::new(), start.elapsed()));
        // The first ones stall for ten seconds.
        let stalls = times.len() <= 20;
        async move {
            tokio::time::sleep(if stalls { 10 * SECOND } else { Duration::ZERO }).await;
            Ok(respond(200, ""))
        }
    });
    let api = Acme::builder().transport(transport).max_in_flight(20);
    let api = api.rate_limit(RateLimit::off()).rate_limit(RateLimit::new(5, SECOND)).build().unwrap();
    let calls: Vec<_> = (0..60).map(|_| tokio::spawn(api.other().get().send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    let times: Vec<_> = times.lock().unwrap().iter().map(|(_, time)| *time).collect();
    for (first, last) in times.iter().zip(times.iter().skip(5)) {
        assert!(*last - *first >= SECOND, "{first:?} {last:?}");
    }
    // Nor is anything wasted: 20 until the stall, 40 after it.
    assert!(times[59] <= 22 * SECOND, "{:?}", times[59]);
}

/// A limiter that several processes could share.
#[derive(Default)]
struct Store(Arc<Mutex<HashMap<String, usize>>>);

impl Limiter for Store {
    fn reserve<'a>(&'a self, limits: &'a [RateLimit], _: Duration) -> BoxFuture<'a, Result<Slot>> {
        let mut taken = self.0.lock().unwrap();
        let limit = &limits[0];
        let taken = taken.entry(limit.name().to_owned()).or_default();
        *taken += 1;
        let is_there = *taken <= limit.windows()[0].requests as usize;
        let slot = if is_there { Slot::At(Instant::now()) } else { Slot::TooLate(7 * SECOND) };
        Box::pin(async move { Ok(slot) })
    }

    fn release(&self, _: &[RateLimit], _: Instant) {}

    fn learn(&self, _: &str, _: Quota) {}

    fn quota(&self, _: &str) -> Option<Quota> {
        None
    }
}

#[tokio::test(start_paused = true)]
async fn a_custom_limiter_replaces_the_default() {
    let taken = Arc::default();
    let transport = Memory::new(|_| async { Ok(respond(200, "")) });
    let api = Acme::builder().transport(transport).limiter(Store(Arc::clone(&taken))).build().unwrap();
    for _ in 0..4 {
        api.other().get().await.unwrap();
    }
    let error = api.other().get().await.unwrap_err();
    assert!(error.to_string().contains("(`session`) have no slot for 7s"), "{error}");
    api.search().find().await.unwrap_err();
    assert_eq!(taken.lock().unwrap()["session"], 6);
}
