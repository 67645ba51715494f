//! What is not understood is never taken for nothing. Names begin with the item of the list of faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::{OAuth2, Response, RetryPolicy, Secret};
use apisession_tests::{Sent, recording, respond, tokio};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::time::{Instant, sleep};

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
        (&[("ratelimit", "\"burst\";r=50;t=5, \"day\";r=none;t=600")], Throttled),
        (&[("ratelimit", "\"burst\";r=0;t=5, \"day\";r=none;t=600")], Asked(5_000)),
        (&[("ratelimit", "\"burst\";r=50;t=5, \"day\";w=86400")], Short),
        (&[("x-ratelimit-remaining", "5, none")], Throttled),
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

const TOKENS: &str = "https://login.test/token";

/// A session whose token endpoint responds with this, and its requests.
fn granting(tokens: OAuth2, status: u16, body: &str) -> (Acme, Sent) {
    let body = body.to_owned();
    let (transport, sent) = recording(move |_, seen| match seen.url.host_str() {
        Some("login.test") => Ok(respond(status, &body)),
        _ => Ok(respond(200, "")),
    });
    (Acme::builder().transport(transport).credential(tokens).build().unwrap(), sent)
}

fn token_requests(sent: &Sent) -> usize {
    sent.all().iter().filter(|seen| seen.url.host_str() == Some("login.test")).count()
}

fn client() -> OAuth2 {
    OAuth2::client_credentials(TOKENS, "id", "s3cret")
}

#[tokio::test(start_paused = true)]
async fn fault_c3_a_token_type_is_read_in_every_spelling() {
    let rows = [
        (r#""Bearer""#, true),
        (r#""bearer""#, true),
        (r#""BEARER""#, true),
        (r#""BearerToken""#, true),
        (r#""bearer_token""#, true),
        (r#""Bearer Token""#, true),
        (r#""bearer-token""#, true),
        (r#"" Bearer ""#, true),
        (r#""""#, true),
        ("null", true),
        (r#""DPoP""#, false),
        (r#""mac""#, false),
        (r#""N_A""#, false),
        (r#""forbearer""#, false),
        (r#""Bearers""#, false),
    ];
    for (token_type, is_accepted) in rows {
        let (api, sent) =
            granting(client(), 200, &format!(r#"{{"access_token":"t","token_type":{token_type}}}"#));
        match api.raw().get("/x").await {
            Ok(_) => {
                assert!(is_accepted, "{token_type}");
                assert_eq!(sent.all()[1].header("authorization"), "Bearer t", "{token_type}");
            }
            Err(error) => {
                assert!(!is_accepted, "{token_type}: {error}");
                assert!(error.report().contains("only bearer tokens are supported"), "{}", error.report());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn fault_c3_an_error_is_looked_for_first_and_an_empty_token_is_none() {
    let refused = "the token endpoint refused the request";
    let empty = "has no `access_token`, or an empty one";
    let rows = [
        (r#"{"error":"invalid_grant"}"#, format!("{refused}: `invalid_grant`")),
        (
            r#"{"error":"invalid_grant","error_description":"s3cret is \u0007 wrong"}"#,
            format!("{refused}: `invalid_grant`, [redacted] is \\u{{7}} wrong"),
        ),
        (
            r#"{"access_token":"t","token_type":"Bearer","error":"slow_down"}"#,
            format!("{refused}: `slow_down`"),
        ),
        (r#"{"ok":false,"error":"invalid_auth"}"#, format!("{refused}: `invalid_auth`")),
        (r#"{"error":"invalid_scope","token_type":"DPoP"}"#, format!("{refused}: `invalid_scope`")),
        (
            r#"{"error":{"type":"OAuthException","message":"no such app"}}"#,
            format!("{refused}: `OAuthException`, no such app"),
        ),
        (r#"{"error":{"code":190,"message":"expired"}}"#, format!("{refused}: expired")),
        (r#"{"error":true}"#, refused.to_owned()),
        (r#"{"error":["a"]}"#, refused.to_owned()),
        (r#"{"access_token":""}"#, empty.to_owned()),
        (r#"{"access_token":"  "}"#, empty.to_owned()),
        (r#"{"access_token":null}"#, empty.to_owned()),
        (r#"{"error":"","access_token":""}"#, empty.to_owned()),
    ];
    for (body, expected) in rows {
        for status in [200, 400] {
            let (api, sent) = granting(client(), status, body);
            let error = api.raw().get("/x").await.unwrap_err();
            let report = error.report();
            assert_eq!(
                (error.kind(), sent.all().len()),
                (ErrorKind::Authentication, 1),
                "{status} {body}: {report}"
            );
            if status == 200 || expected.starts_with(refused) {
                let is_said = report.lines().any(|line| line.ends_with(&expected));
                assert!(is_said && !report.contains("s3cret"), "{status} {body}: {report}");
            }
            // The response stays reachable.
            let inner = error.inner().and_then(Error::status).map(|status| status.as_u16());
            assert!(inner.is_none_or(|inner| inner == status), "{report}");
            assert!(inner.is_some() || expected == empty, "{report}");
        }
    }
    // These name no error.
    for error in ["null", "\"\"", "false", "0", "{}", "[]"] {
        let (api, _) = granting(client(), 200, &format!(r#"{{"access_token":"t","error":{error}}}"#));
        api.raw().get("/x").await.unwrap();
    }
}

/// An empty refresh token does not take the place of one.
#[tokio::test(start_paused = true)]
async fn fault_c3_an_empty_refresh_token_replaces_none() {
    for next in ["\"\"", "\" \"", "null", "7"] {
        let kept = |_: &Secret| panic!("nothing is rotated");
        let tokens = OAuth2::refresh_token(TOKENS, "first").on_rotation(kept);
        let body = format!(r#"{{"access_token":"t","expires_in":20,"refresh_token":{next}}}"#);
        let (api, sent) = granting(tokens, 200, &body);
        for _ in 0..3 {
            api.raw().get("/x").await.unwrap();
            sleep(30 * SECOND).await;
        }
        let all = sent.all();
        let bodies = all.iter().filter(|seen| seen.url.host_str() == Some("login.test"));
        assert!(
            bodies.clone().count() == 3 && bodies.into_iter().all(|seen| seen.body.ends_with("=first")),
            "{next}"
        );
    }
}

/// Under every lifetime there is a floor of 10 seconds.
#[tokio::test(start_paused = true)]
async fn fault_c3_a_short_lifetime_does_not_cost_a_token_request_for_each_call() {
    // The lifetime, and the number of token requests in five minutes with a call each second.
    let rows = [
        ("0", 30..=70),
        ("-1", 30..=70),
        ("0.5", 30..=70),
        ("1", 30..=70),
        (r#""0""#, 30..=70),
        (r#""-1""#, 30..=70),
        (r#""NaN""#, 30..=70),
        (r#""-inf""#, 30..=70),
        (r#""soon""#, 30..=70),
        (r#""""#, 30..=70),
        ("true", 30..=70),
        ("[]", 30..=70),
        ("-1e300", 30..=70),
        ("10", 30..=70),
        ("30", 10..=25),
        (r#""30""#, 10..=25),
        (r#""30s""#, 10..=25),
        ("600", 1..=1),
        (r#""1h""#, 1..=1),
        ("1e300", 1..=1),
        (r#""1e300""#, 1..=1),
        (r#""inf""#, 1..=1),
        ("null", 1..=1),
    ];
    for (lifetime, expected) in rows {
        let body = format!(r#"{{"access_token":"t","token_type":"Bearer","expires_in":{lifetime}}}"#);
        let (api, sent) = granting(client(), 200, &body);
        for _ in 0..20 {
            api.raw().get("/x").await.unwrap();
        }
        assert_eq!(token_requests(&sent), 1, "{lifetime}");
        for _ in 0..300 {
            sleep(SECOND).await;
            api.raw().get("/x").await.unwrap();
        }
        let requests = token_requests(&sent);
        assert!(expected.contains(&requests), "{lifetime}: {requests}");
    }
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct SignsIn {
    session: Session,
    logins: Arc<AtomicUsize>,
    lifetime: Duration,
}

impl APISession for SignsIn {
    async fn authenticate(&self) -> Result<Credential> {
        self.logins.fetch_add(1, Ordering::SeqCst);
        Ok(Credential::bearer("t")?.expires_in(self.lifetime))
    }
}

/// The lifetimes of sign-ins and of tokens in files have the same floor.
#[tokio::test(start_paused = true)]
async fn fault_c3_the_floor_is_under_every_lifetime() {
    for millis in [0, 1, 999, 10_000] {
        let logins = Arc::new(AtomicUsize::new(0));
        let (transport, _) = recording(|_, _| Ok(respond(200, "")));
        let builder = SignsIn::builder(Arc::clone(&logins), Duration::from_millis(millis));
        let api = builder.transport(transport).build().unwrap();
        for _ in 0..20 {
            api.raw().get("/x").await.unwrap();
        }
        assert_eq!(logins.load(Ordering::SeqCst), 1, "{millis}");
    }
    // A JWT that has expired, or whose end can't be read, is read from its file again after that time.
    for end in ["1", "-1", "\"soon\"", "\"1\"", "true", "{}"] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let token = |name: &str| {
            let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{end},"jti":"{name}"}}"#));
            format!("e30.{claims}.c2ln")
        };
        std::fs::write(&file, token("a")).unwrap();
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let credential = Credential::bearer_file(file.path());
        let api = Acme::builder().transport(transport).credential(credential).build().unwrap();
        api.raw().get("/x").await.unwrap();
        std::fs::write(&file, token("b")).unwrap();
        api.raw().get("/x").await.unwrap();
        sleep(20 * SECOND).await;
        api.raw().get("/x").await.unwrap();
        let carried: Vec<_> = sent.all().iter().map(|seen| seen.header("authorization").to_owned()).collect();
        let expected = ["a", "a", "b"].map(|name| format!("Bearer {}", token(name)));
        assert_eq!(carried, expected, "{end}");
    }
}
