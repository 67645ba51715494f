//! How long a call waits before a retry.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession_tests::{Seen, Sent, recording, respond, tokio};
use tokio::time::{Instant, sleep};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

/// A session, and what it has sent to a server that responds by `respond`.
fn acme<F>(respond: F) -> (Acme, Sent)
where
    F: Fn(usize, &Seen) -> Result<Response, Failure> + Send + Sync + 'static,
{
    let (transport, sent) = recording(respond);
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

/// The bounds of the wait before each retry, in milliseconds.
type Waits = &'static [(u64, u64)];

#[tokio::test(start_paused = true)]
async fn fault_e3_the_first_delay_is_a_second_of_which_the_upper_half_is_random() {
    let failed = |status: u16| Ok(respond(status, ""));
    let paused = |status: u16, pause: &str| Ok(respond(status, "").with_header("retry-after", pause));
    let refused = || Err(Failure::not_sent("refused"));
    let lost = || Err(Failure::unknown("reset"));
    let policy = RetryPolicy::new;
    let millis = Duration::from_millis;
    const DEFAULT: Waits = &[(500, 1_000), (1_000, 2_000)];
    type End = Box<dyn Fn() -> Result<Response, Failure> + Send + Sync>;
    let rows: [(&str, End, RetryPolicy, u32, Waits); 13] = [
        ("an error of the server", Box::new(move || failed(503)), policy(), 3, DEFAULT),
        ("no connection", Box::new(refused), policy(), 3, DEFAULT),
        ("a lost connection", Box::new(lost), policy(), 3, DEFAULT),
        ("throttled", Box::new(move || failed(429)), policy(), 3, DEFAULT),
        ("throttled, with 420", Box::new(move || failed(420)), policy(), 3, DEFAULT),
        ("a pause that can't be read", Box::new(move || paused(503, "soon")), policy(), 3, DEFAULT),
        ("a pause of zero", Box::new(move || paused(503, "0")), policy(), 3, DEFAULT),
        ("a pause", Box::new(move || paused(429, "3")), policy(), 3, &[(3_000, 3_300), (3_000, 3_300)]),
        (
            "a pause that is short",
            Box::new(move || paused(503, "0.1")),
            policy(),
            3,
            &[(100, 110), (100, 110)],
        ),
        (
            "up to the cap",
            Box::new(move || failed(503)),
            policy(),
            8,
            &[
                (500, 1_000),
                (1_000, 2_000),
                (2_000, 4_000),
                (4_000, 8_000),
                (8_000, 16_000),
                (10_000, 20_000),
                (10_000, 20_000),
            ],
        ),
        (
            "another first delay",
            Box::new(move || failed(503)),
            policy().first_delay(millis(100)),
            3,
            &[(50, 100), (100, 200)],
        ),
        (
            "the same base if throttled",
            Box::new(move || failed(429)),
            policy().first_delay(millis(100)),
            3,
            &[(50, 100), (100, 200)],
        ),
        (
            "a base of its own",
            Box::new(move || failed(429)),
            policy().throttled_delay(millis(400)),
            3,
            &[(200, 400), (400, 800)],
        ),
    ];
    for (what, end, retry, attempts, expected) in rows {
        let end = Arc::new(end);
        let mut seen = vec![Vec::new(); expected.len()];
        for _ in 0..40 {
            let times = Arc::<Mutex<Vec<Instant>>>::default();
            let (kept, end) = (Arc::clone(&times), Arc::clone(&end));
            // A session of its own has a whole budget of retries.
            let (api, _) = acme(move |_, _| {
                kept.lock().unwrap().push(Instant::now());
                end()
            });
            let call = api.raw().get("/x").with_retry(retry.clone()).with_max_attempts(attempts);
            call.await.unwrap_err();
            for (number, pair) in times.lock().unwrap().windows(2).enumerate() {
                seen[number].push(pair[1] - pair[0]);
            }
        }
        for (number, ((low, high), waits)) in expected.iter().zip(seen).enumerate() {
            // The clock of tokio has a resolution of a millisecond.
            let (low, high) = (millis(*low), millis(high + 1));
            let (least, most) = (*waits.iter().min().unwrap(), *waits.iter().max().unwrap());
            assert!(low <= least && most <= high, "{what}, retry {number}: {least:?} to {most:?}");
            assert!(most - least > (high - low) / 4, "{what}, retry {number}: {least:?} to {most:?}");
        }
    }
}

/// Eight workers call a server without a pause, while it restarts twenty times. `cargo run -p apisession-tests --bin restarts` does
/// the same on sockets.
#[tokio::test(start_paused = true)]
async fn fault_e3_a_restart_of_a_second_fails_no_call() {
    const PERIOD: Duration = Duration::from_secs(5);
    for outage in [200, 500, 1_000].map(Duration::from_millis) {
        let start = Instant::now();
        let is_down = move || {
            let elapsed = start.elapsed();
            elapsed.as_nanos() % PERIOD.as_nanos() >= (PERIOD - outage).as_nanos()
        };
        let server = Memory::new(move |_| async move {
            if is_down() {
                return Err(Failure::not_sent("refused"));
            }
            sleep(Duration::from_millis(50)).await;
            if is_down() { Err(Failure::unknown("reset")) } else { Ok(respond(200, "")) }
        });
        let api = Acme::builder().transport(server).build().unwrap();
        let workers = (0..8).map(|_| {
            let api = api.clone();
            tokio::spawn(async move {
                let (mut calls, mut failures) = (0, Vec::new());
                while start.elapsed() < PERIOD * 20 {
                    calls += 1;
                    failures.extend(api.raw().get("/x").await.err());
                }
                (calls, failures)
            })
        });
        let mut calls = 0;
        for worker in workers.collect::<Vec<_>>() {
            let (made, failures) = worker.await.unwrap();
            calls += made;
            assert!(
                failures.is_empty(),
                "{outage:?}: {} calls failed: {}",
                failures.len(),
                failures[0].report()
            );
        }
        assert!(calls > 5_000, "{calls}");
    }
}
