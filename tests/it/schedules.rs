//! Random schedules of failures on the paused clock, for which the guarantees of a call are asserted.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Bytes, Outcome, Response};
use apisession_tests::{Pieces, Watchdog, respond};
use fastrand::Rng;
use tokio::time::{Instant, sleep};

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[post(idempotency_key)]
    fn keyed(&self) -> Call<Text>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", allowed_origins("https://cdn.test"), hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer("canary")
    }
}

/// What the server does with one request.
#[derive(Clone, Copy, Debug)]
enum Step {
    NotSent,
    Rejected,
    Unknown,
    Hangs,
    Status(u16),
    /// With so many seconds to wait.
    Later(u16, u64),
    Redirect(u16, &'static str),
    /// A body with a byte every so many seconds, which is complete or breaks off.
    Drips(u64, bool),
    Ok,
}

fn step(random: &mut Rng) -> Step {
    match random.u8(0..12) {
        0 => Step::NotSent,
        1 => Step::Rejected,
        2 | 3 => Step::Unknown,
        4 => Step::Hangs,
        5 | 6 => {
            Step::Status(random.choice([400, 401, 404, 408, 409, 420, 429, 500, 502, 503, 504]).unwrap())
        }
        7 => Step::Later(random.choice([429, 503]).unwrap(), random.u64(0..90)),
        8 => {
            let to =
                random.choice(["/y", "https://cdn.test/z", "https://evil.test/", "http://api.test/", ""]);
            Step::Redirect(random.choice([301, 302, 303, 307, 308]).unwrap(), to.unwrap())
        }
        9 => Step::Drips(random.u64(0..40), random.bool()),
        _ => Step::Ok,
    }
}

/// One request, as the server saw it.
#[derive(Clone, Debug)]
struct Arrival {
    at: Instant,
    method: Method,
    origin: String,
    key: Option<String>,
    has_canary: bool,
    step: Step,
}

async fn play(step: Step, pause: Duration) -> Result<Response, Failure> {
    sleep(pause).await;
    match step {
        Step::NotSent => Err(Failure::not_sent("refused")),
        Step::Rejected => Err(Failure::rejected("refused stream")),
        Step::Unknown => Err(Failure::unknown("reset")),
        Step::Hangs => std::future::pending().await,
        Step::Status(status) => Ok(respond(status, "")),
        Step::Later(status, seconds) => {
            Ok(respond(status, "").with_header("retry-after", &seconds.to_string()))
        }
        Step::Redirect(status, "") => Ok(respond(status, "")),
        Step::Redirect(status, to) => Ok(respond(status, "").with_header("location", to)),
        Step::Drips(gap, ends) => {
            let pieces = Pieces::new(vec![Bytes::from_static(b"x"); 8], Duration::from_secs(gap));
            let body = apisession::Body::stream(pieces);
            let body = if ends { body } else { body.with_length(9) };
            Ok(respond(200, "").with_body(body))
        }
        Step::Ok => Ok(respond(200, "")),
    }
}

#[tokio::test(start_paused = true)]
async fn every_random_schedule_keeps_the_guarantees() {
    let seed =
        std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    let schedules = std::env::var("SCHEDULES").ok().and_then(|count| count.parse().ok()).unwrap_or(5_000);
    println!("SEED={seed}, {schedules} schedules");
    let mut random = Rng::with_seed(seed);
    let (mut ok, mut sent) = (0, 0);
    for number in 0..schedules {
        let _watchdog = Watchdog::start();
        let (succeeded, requests) = schedule(random.fork(), number).await;
        ok += usize::from(succeeded);
        sent += requests;
    }
    println!("{ok} of {schedules} succeeded, with {sent} requests");
    assert!(ok > schedules / 4 && sent > schedules);
}

async fn schedule(mut random: Rng, number: usize) -> (bool, usize) {
    let arrivals = Arc::new(Mutex::new(Vec::<Arrival>::new()));
    let kept = Arc::clone(&arrivals);
    let drawn = Mutex::new(random.fork());
    let transport = Memory::new(move |request| {
        let (step, pause) = {
            let mut random = drawn.lock().unwrap();
            (step(&mut random), Duration::from_millis(random.u64(0..3_000)))
        };
        let header = |name| request.headers.get(name).map(|value| format!("{value:?}"));
        let has_canary = request.headers.contains_key("authorization");
        kept.lock().unwrap().push(Arrival {
            at: Instant::now(),
            method: request.method.clone(),
            origin: request.url.origin().ascii_serialization(),
            key: header("idempotency-key"),
            has_canary,
            step,
        });
        play(step, pause)
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let methods = [Method::GET, Method::PUT, Method::POST, Method::DELETE];
    let method = random.choice(methods).unwrap();
    let keyed = method == Method::POST && random.bool();
    let max = random.u32(1..6);
    let redirects = random.u32(0..3);
    let timeout = Duration::from_secs(random.u64(1..200));
    let start = Instant::now();
    let call = if keyed {
        let call = api.things().keyed().with_max_attempts(max).with_timeout(timeout);
        call.with_redirects(redirects).response().await.map(drop)
    } else {
        let call = api.raw().request(method.clone(), "/x").with_max_attempts(max).with_timeout(timeout);
        call.with_redirects(redirects).response().await.map(drop)
    };
    let elapsed = start.elapsed();
    let arrivals = arrivals.lock().unwrap().clone();
    let context =
        format!("schedule {number}: {method} keyed {keyed}, {max} attempts: {call:?} {arrivals:#?}");

    // It ends in time, and not after a wait for nothing.
    assert!(elapsed <= timeout + Duration::from_millis(2), "{elapsed:?} of {timeout:?}; {context}");
    // It is sent as often as it may: each attempt with its redirects, and once more after a 401.
    let renewals = arrivals.iter().filter(|seen| matches!(seen.step, Step::Status(401))).count().min(1);
    let hops = arrivals.iter().filter(|seen| matches!(seen.step, Step::Redirect(..))).count();
    assert!(arrivals.len() <= max as usize + renewals + hops, "{context}");
    // A write is not sent again once it may have been processed.
    for (seen, next) in arrivals.iter().zip(arrivals.iter().skip(1)) {
        let may_have_been = match seen.step {
            Step::NotSent | Step::Rejected | Step::Status(401 | 420 | 429) | Step::Later(429, _) => false,
            // A redirect asks to send the same request elsewhere.
            Step::Redirect(..) => false,
            _ => true,
        };
        let is_write = next.method == Method::POST && seen.method == Method::POST && !keyed;
        assert!(!(is_write && may_have_been), "{context}");
        // A pause that the server asks for is kept.
        if let Step::Later(_, seconds) = seen.step {
            assert!(next.at - seen.at >= Duration::from_secs(seconds), "{context}");
        }
        // Another origin gets no credential and no key.
        assert!(["https://api.test", "https://cdn.test"].contains(&next.origin.as_str()), "{context}");
        assert!(next.origin == "https://api.test" || (!next.has_canary && next.key.is_none()), "{context}");
    }
    let keys: HashSet<_> = arrivals.iter().filter_map(|seen| seen.key.clone()).collect();
    assert!(keys.len() <= 1 && (!keyed || arrivals.is_empty() || arrivals[0].key.is_some()), "{context}");
    // The outcome in the error is true.
    if let Err(error) = &call {
        let worst = arrivals.iter().map(|seen| match seen.step {
            Step::NotSent => Outcome::NotSent,
            // A 4xx is a complete response. A redirect that keeps the method means that the request was not processed.
            Step::Rejected | Step::Status(400..=499) | Step::Later(400..=499, _) | Step::Redirect(..) => {
                Outcome::Rejected
            }
            _ => Outcome::Unknown,
        });
        let worst = worst.max().unwrap_or(Outcome::NotSent);
        assert!(
            error.outcome().map_or(worst <= Outcome::Rejected, |outcome| outcome >= worst),
            "{:?} {worst:?}; {context}",
            error.outcome()
        );
        assert!(error.attempts() <= max + u32::try_from(renewals).unwrap(), "{context}");
    }
    (call.is_ok(), arrivals.len())
}
