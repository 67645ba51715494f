//! Delays, pauses of the server, the retry budget, and idempotency keys.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use apisession::prelude::*;
use apisession::transport::Failure;
use apisession::{Outcome, Response};
use apisession_tests::{Sent, recording, respond, tokio};
use tokio::time::Instant;

#[endpoint(path = "/payments")]
struct Payments;

#[endpoint]
impl Payments {
    #[get]
    fn list(&self) -> Call<()>;
    #[post]
    fn pay(&self, #[json] amount: u32) -> Call<()>;
    #[post("/once", idempotency_key)]
    fn pay_once(&self, #[json] amount: u32) -> Call<()>;
    #[post("/named", idempotency_key = "X-Request-Key")]
    fn pay_named(&self, #[json] amount: u32) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    payments: Payments,
}

fn acme<F>(respond: F) -> (Acme, Sent)
where
    F: Fn(usize) -> Result<Response, Failure> + Send + Sync + 'static,
{
    let (transport, sent) = recording(move |number, _| respond(number));
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

/// A session whose server responds once with `status` and a header, then with 200.
fn once(status: u16, name: &'static str, value: &'static str) -> (Acme, Sent) {
    acme(move |number| match number {
        1 => Ok(respond(status, "").with_header(name, value)),
        _ => Ok(respond(200, "")),
    })
}

#[tokio::test(start_paused = true)]
async fn r5_a_retry_waits_as_long_as_the_server_asks() {
    for (status, name, value, millis) in [
        (429, "retry-after", "2", 2_000),
        (503, "retry-after", "2", 2_000),
        (503, "retry-after", "1.5", 1_500),
        (429, "retry-after-ms", "250", 250),
        (429, "x-ratelimit-reset", "4", 0),
    ] {
        let (api, sent) = once(status, name, value);
        let start = Instant::now();
        api.payments().list().await.unwrap();
        let (waited, pause) = (start.elapsed(), Duration::from_millis(millis));
        // Jitter adds a tenth; without a pause it is drawn from the first second.
        let longest = if millis == 0 { Duration::from_secs(1) } else { pause + pause / 10 };
        assert!(
            pause <= waited && waited <= longest + Duration::from_millis(1),
            "{name}: {value}: {waited:?}"
        );
        assert_eq!(sent.all().len(), 2);
    }
}

/// A pause that has passed is none. The delay after one that can't be read is tested with the other headers that can't be.
#[tokio::test(start_paused = true)]
async fn r5_a_retry_after_in_the_past_is_no_pause() {
    for value in ["Sun, 06 Nov 1994 08:49:37 GMT", "0", "0s"] {
        let (api, _) = once(503, "retry-after", value);
        let start = Instant::now();
        api.payments().list().await.unwrap();
        assert!(start.elapsed() <= Duration::from_millis(1_001), "{value}: {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn r5_r6_a_pause_that_is_too_long_ends_the_call_at_once() {
    let forty_digits = "9999999999999999999999999999999999999999";
    for (value, timeout) in [("61", 180), ("999999999", 180), (forty_digits, 180), ("60", 5)] {
        let (api, sent) = once(429, "retry-after", value);
        let start = Instant::now();
        let call = api.payments().list().with_timeout(Duration::from_secs(timeout));
        let error = call.await.unwrap_err();
        assert!(start.elapsed() < Duration::from_millis(100), "{value}");
        assert_eq!((error.kind(), sent.all().len()), (ErrorKind::TooManyRequests, 1));
        assert!(error.to_string().contains("the server asks to wait"), "{error}");
        if value.len() < 10 {
            let pause = error.retry_at().unwrap().duration_since(SystemTime::now()).unwrap();
            let asked = Duration::from_secs(value.parse().unwrap());
            assert!(pause <= asked && pause > asked - Duration::from_secs(30), "{value}: {pause:?}");
        }
    }
    // A caller with its own schedule gets the time too.
    let (api, _) = once(429, "retry-after", "50");
    let error = api.payments().list().with_max_attempts(1).await.unwrap_err();
    assert!(error.retry_at().unwrap() > SystemTime::now() + Duration::from_secs(30));
    // An author may allow more.
    let (api, _) = once(429, "retry-after", "100");
    let patient = RetryPolicy::new().max_retry_after(Duration::from_secs(100));
    api.payments().list().with_retry(patient).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn r7_the_error_has_the_last_response() {
    let (api, sent) =
        acme(|number| Ok(respond(503, &format!(r#"{{"n":{number}}}"#)).with_header("x-n", "last")));
    let error = api.payments().list().await.unwrap_err();
    assert_eq!((error.attempts(), sent.all().len(), error.status().unwrap().as_u16()), (3, 3, 503));
    assert_eq!(
        (error.body().unwrap().as_ref(), error.headers().unwrap()["x-n"].to_str().unwrap()),
        (&br#"{"n":3}"#[..], "last")
    );
}

#[tokio::test(start_paused = true)]
async fn r8_the_retry_budget_limits_retries_and_refills() {
    let (transport, sent) =
        recording(|_, seen| Ok(respond(if seen.url.query().is_some() { 200 } else { 503 }, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let mut refused = 0;
    for _ in 0..1_000 {
        let error = api.payments().list().await.unwrap_err();
        refused += usize::from(error.to_string().contains("retry budget"));
    }
    // 500 tokens are 35 retries at 14.
    assert_eq!((sent.all().len(), refused), (1_035, 983));
    for _ in 0..1_000 {
        api.payments().list().with_query("up", &1).await.unwrap();
    }
    let before = sent.all().len();
    assert_eq!(api.payments().list().await.unwrap_err().attempts(), 3);
    assert_eq!(sent.all().len() - before, 3);

    let (transport, sent) = recording(|_, _| Ok(respond(503, "")));
    let free = Acme::builder().transport(transport).without_retry_budget().build().unwrap();
    for _ in 0..100 {
        free.payments().list().await.unwrap_err();
    }
    assert_eq!(sent.all().len(), 300);
}

#[tokio::test(start_paused = true)]
async fn r10_a_call_with_an_idempotency_key_is_retried_with_the_same_key() {
    let (api, sent) = acme(|_| Err(Failure::unknown("reset")));
    let mut keys = HashSet::new();
    for _ in 0..3 {
        let error = api.payments().pay_once(7).await.unwrap_err();
        keys.insert(error.idempotency_key().unwrap().to_owned());
    }
    let all = sent.all();
    assert_eq!((all.len(), keys.len()), (9, 3));
    for three in all.chunks(3) {
        assert!(keys.contains(three[0].header("idempotency-key")));
        assert!(
            three.iter().all(|seen| seen.header("idempotency-key") == three[0].header("idempotency-key"))
        );
    }
    let error = api.payments().pay_named(7).with_header("x-request-key", "mine").await.unwrap_err();
    assert_eq!((error.idempotency_key(), error.attempts()), (Some("mine"), 3));
    assert_eq!(sent.all()[11].header("x-request-key"), "mine");
    assert_eq!(Payments::PAY_NAMED.operation().idempotency_key(), Some("x-request-key"));
    // R1: without one it is sent once.
    let error = api.payments().pay(7).await.unwrap_err();
    assert_eq!(
        (error.attempts(), error.outcome(), error.idempotency_key()),
        (1, Some(Outcome::Unknown), None)
    );
}

#[tokio::test(start_paused = true)]
async fn r11_delays_are_random() {
    let (transport, _) = recording(|number, _| Ok(respond(if number <= 50 { 503 } else { 200 }, "")));
    let api = Acme::builder().transport(transport).without_retry_budget().build().unwrap();
    let start = Instant::now();
    let calls: Vec<_> = (0..50).map(|_| tokio::spawn(api.payments().list().response())).collect();
    let mut buckets = [0; 11];
    for call in calls {
        let elapsed = call.await.unwrap().unwrap().elapsed();
        buckets[usize::try_from((elapsed.as_millis() - 500) / 50).unwrap()] += 1;
    }
    assert!(start.elapsed() <= Duration::from_millis(1_002));
    // Ten buckets with five each on average; twenty in one is less likely than one in ten million.
    assert!(buckets.iter().all(|count| *count < 20), "{buckets:?}");
}

#[tokio::test(start_paused = true)]
async fn configured_headers_of_the_server_decide_retries_and_delays() {
    let policy = || RetryPolicy::new().should_retry_header("x-should-retry").retry_after_ms_header("x-wait");
    let rows =
        [(503, "false", 1), (503, "true", 3), (503, "perhaps", 3), (400, "true", 3), (400, "false", 1)];
    for (status, verdict, attempts) in rows {
        let (api, _) = acme(move |_| Ok(respond(status, "").with_header("x-should-retry", verdict)));
        let error = api.payments().list().with_retry(policy()).await.unwrap_err();
        assert_eq!(error.attempts(), attempts, "{status} {verdict}");
        // It never makes a write be sent twice.
        assert_eq!(api.payments().pay(7).with_retry(policy()).await.unwrap_err().attempts(), 1);
    }
    let (api, _) = once(503, "x-wait", "7000");
    let start = Instant::now();
    api.payments().list().with_retry(policy()).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 7);
}
