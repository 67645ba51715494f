//! What is not understood is never taken for nothing. Names begin with the item of the list of faults.

use apisession::prelude::*;
use apisession::{Response, RetryPolicy};
use apisession_tests::{recording, respond, tokio};
use tokio::time::Instant;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

const SECOND: Duration = Duration::from_secs(1);

/// How long a call waits before its retry.
#[derive(Clone, Copy, Debug)]
enum Wait {
    /// As long as the policy waits after any failure.
    Short,
    /// As long as the policy waits after too many requests.
    Throttled,
    /// As long as the server asks, in milliseconds.
    Asked(u64),
}

type Headers = &'static [(&'static str, &'static str)];

fn with_headers(status: u16, headers: Headers) -> Response {
    headers.iter().fold(respond(status, ""), |response, (name, value)| response.with_header(name, value))
}

/// The time before the retry of a call whose first response has this status and these headers.
async fn waited(status: u16, headers: Headers) -> Duration {
    let (transport, _) = recording(move |number, _| match number {
        1 => Ok(with_headers(status, headers)),
        _ => Ok(respond(200, "")),
    });
    // The three waits can't be mistaken for each other.
    let policy = RetryPolicy::new().first_delay(Duration::from_nanos(1)).throttled_delay(20_000_000 * SECOND);
    let policy = policy.max_delay(20_000_000 * SECOND).max_retry_after(20_000_000 * SECOND);
    let policy = policy.retry_after_ms_header("x-acme-wait");
    let builder = Acme::builder().transport(transport).timeout(30_000_000 * SECOND).retry(policy);
    let api = builder.build().unwrap();
    let start = Instant::now();
    api.raw().get("/x").await.unwrap();
    start.elapsed()
}

async fn assert_wait(status: u16, headers: Headers, expected: Wait) {
    let first = waited(status, headers).await;
    match expected {
        Wait::Short => assert!(first <= Duration::from_millis(2), "{status} {headers:?}: {first:?}"),
        Wait::Asked(millis) => {
            let asked = Duration::from_millis(millis);
            // Jitter adds up to a tenth.
            let is_kept = asked <= first && first <= asked + asked / 10 + Duration::from_millis(2);
            assert!(is_kept, "{status} {headers:?}: {first:?}");
        }
        // A random delay is short once in a million times, and hardly ever twice.
        Wait::Throttled => {
            let longest = first.max(waited(status, headers).await);
            assert!(longest > 20_000 * SECOND, "{status} {headers:?}: {longest:?}");
        }
    }
}

/// The server's date in these tests, and ten seconds later.
const DATE: (&str, &str) = ("date", "Sat, 21 Nov 2026 12:00:00 GMT");
const LATER: &str = "Sat, 21 Nov 2026 12:00:10 GMT";

#[tokio::test(start_paused = true)]
async fn fault_c2_a_pause_is_read_in_every_notation_or_counts_as_throttling() {
    use Wait::{Asked, Short, Throttled};
    let rows: &[(Headers, Wait)] = &[
        // Units.
        (&[("retry-after", "30")], Asked(30_000)),
        (&[("retry-after", "30s")], Asked(30_000)),
        (&[("retry-after", "30 s")], Asked(30_000)),
        (&[("retry-after", "30 seconds")], Asked(30_000)),
        (&[("retry-after", "1m0s")], Asked(60_000)),
        (&[("retry-after", "1M0S")], Asked(60_000)),
        (&[("retry-after", "2 minutes")], Asked(120_000)),
        (&[("retry-after", "1h2m3.5s")], Asked(3_723_500)),
        (&[("retry-after", "1500ms")], Asked(1_500)),
        (&[("retry-after", "PT1M")], Asked(60_000)),
        (&[("retry-after", LATER), DATE], Asked(10_000)),
        (&[("retry-after-ms", "1500")], Asked(1_500)),
        (&[("retry-after-ms", "1500ms")], Asked(1_500)),
        (&[("x-ms-retry-after-ms", "2s")], Asked(2_000)),
        (&[("x-acme-wait", "1m")], Asked(60_000)),
        // What can't be read.
        (&[("retry-after", "soon")], Throttled),
        (&[("retry-after", "")], Throttled),
        (&[("retry-after", "-1")], Throttled),
        (&[("retry-after", "-30s")], Throttled),
        (&[("retry-after", "NaN")], Throttled),
        (&[("retry-after", "inf")], Throttled),
        (&[("retry-after", "30 parsecs")], Throttled),
        (&[("retry-after", "30 40")], Throttled),
        (&[("retry-after", "2026-11-21T12:00:10Z")], Throttled),
        (&[("retry-after", "30 secondés")], Throttled),
        (&[("retry-after-ms", "soon")], Throttled),
        (&[("x-acme-wait", "soon")], Throttled),
        (&[("ratelimit", "\"é\";r=0;t=5")], Throttled),
        (&[("x-ratelimit-remaining", "é")], Throttled),
        // The next header that can be read, and what is a pause of zero.
        (&[("retry-after-ms", "soon"), ("retry-after", "9")], Asked(9_000)),
        (
            &[("retry-after", "soon"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "7")],
            Asked(7_000),
        ),
        (&[("retry-after", "soon"), ("x-ratelimit-remaining", "5"), ("x-ratelimit-reset", "7")], Throttled),
        (&[("retry-after", "0")], Short),
        (&[("retry-after", "0s")], Short),
        (&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], Short),
        (&[], Short),
        // Policies of a quota: that which is used up counts, and of several that which is reset last.
        (&[("ratelimit", "\"burst\";r=50;t=5, \"day\";r=0;t=600")], Asked(600_000)),
        (&[("ratelimit", "\"day\";r=0;t=600,\"burst\";r=50;t=5")], Asked(600_000)),
        (&[("ratelimit", "\"a\";r=0;t=5, \"b\";r=0;t=600, \"c\";r=0;t=60")], Asked(600_000)),
        (&[("ratelimit", "\"burst\";r=50;t=5"), ("ratelimit", "\"day\";r=0;t=600")], Asked(600_000)),
        (&[("ratelimit", "\"a,b;r=9\";r=0;t=40")], Asked(40_000)),
        (&[("ratelimit", "burst;r=1;t=5, day;t=600;r=0")], Asked(600_000)),
        (&[("ratelimit", "limit=100, remaining=0, reset=50")], Asked(50_000)),
        (&[("ratelimit", "limit=9, remaining=3, reset=1, limit=99, remaining=0, reset=50")], Asked(50_000)),
        (&[("ratelimit", "\"burst\";r=50;t=5, \"day\";r=7;t=600")], Short),
        (&[("ratelimit", "\"burst\";r=50;t=5, \"day\";r=0")], Throttled),
        (&[("ratelimit", "\"burst\";r=0;t=soon")], Throttled),
        (&[("ratelimit", "overloaded")], Throttled),
        (
            &[("ratelimit", "overloaded"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "7")],
            Asked(7_000),
        ),
        (&[("ratelimit-remaining", "5, 0"), ("ratelimit-reset", "30")], Asked(30_000)),
        (&[("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "30")], Asked(30_000)),
        (&[("x-ratelimit-remaining", "none"), ("x-ratelimit-reset", "30")], Throttled),
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "soon")], Throttled),
        (&[("x-ratelimit-remaining", "0")], Throttled),
        // Resets.
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1m0s")], Asked(60_000)),
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", LATER), DATE], Asked(10_000)),
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795262430"), DATE], Asked(30_000)),
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset-after", "64.5")], Asked(64_500)),
        (
            &[
                ("x-ratelimit-remaining", "0"),
                ("x-ratelimit-reset", "1470173023"),
                ("x-ratelimit-reset-after", "1.5"),
            ],
            Asked(1_500),
        ),
        (&[("x-rate-limit-remaining", "0"), ("x-rate-limit-reset-after", "3")], Asked(3_000)),
        (&[("ratelimit-remaining", "0"), ("ratelimit-reset-after", "3")], Asked(3_000)),
        (&[("x-ratelimit-reset-after", "5")], Asked(5_000)),
        (&[("x-ratelimit-reset-after", "5s")], Asked(5_000)),
        (&[("x-ratelimit-reset-after", "soon")], Throttled),
        (&[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset-after", "5")], Short),
    ];
    for (headers, expected) in rows {
        assert_wait(503, headers, *expected).await;
        // After too many requests, nothing is less than throttling.
        let throttled = if let Short = expected { Throttled } else { *expected };
        assert_wait(429, headers, throttled).await;
    }
}

#[tokio::test(start_paused = true)]
async fn fault_c2_the_policy_that_is_used_up_is_the_quota() {
    type Quota = Option<(Option<u64>, u64, Option<u64>)>;
    let rows: [(Headers, Quota); 8] = [
        (&[("ratelimit", "\"burst\";r=50;t=5, \"day\";r=0;t=600")], Some((None, 0, Some(600)))),
        (
            &[("ratelimit", "\"day\";q=100;r=3;t=600, \"burst\";q=10;r=4;t=5")],
            Some((Some(100), 3, Some(600))),
        ),
        (&[("ratelimit", "limit=100, remaining=7, reset=1m")], Some((Some(100), 7, Some(60)))),
        (
            &[
                ("x-ratelimit-limit", "10, 10;w=1"),
                ("x-ratelimit-remaining", "5, 0"),
                ("x-ratelimit-reset", "6m0s"),
            ],
            Some((Some(10), 0, Some(360))),
        ),
        (&[("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset-after", "2s")], Some((None, 0, Some(2)))),
        (&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "soon")], Some((None, 0, None))),
        (&[("x-ratelimit-remaining", "some")], None),
        (&[("ratelimit", "overloaded")], None),
    ];
    for (headers, expected) in rows {
        let quota = with_headers(200, headers).quota();
        let quota =
            quota.map(|quota| (quota.limit, quota.remaining, quota.reset.map(|reset| reset.as_secs())));
        assert_eq!(quota, expected, "{headers:?}");
    }
    // A limit that is learned waits for the reset of that policy.
    let used_up: Headers = &[("ratelimit", "\"burst\";r=50;t=5, \"day\";r=0;t=10m")];
    let (transport, _) = recording(move |_, _| Ok(with_headers(200, used_up)));
    let builder = Acme::builder().transport(transport).timeout(2_000 * SECOND);
    let api = builder.rate_limit(apisession::RateLimit::learned()).build().unwrap();
    let start = Instant::now();
    api.raw().get("/x").await.unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 600);
}
