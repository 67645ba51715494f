//! The same faults for calls that return events or lines, and the check of what they return.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apisession::prelude::*;
use apisession::{RetryPolicy, Secret};
use tokio::task::JoinSet;

use crate::fault::{Fault, Required};
use crate::leaks;
use crate::run::{Plan, Sum, run_each, sent_by};
use crate::server::Server;

/// The time after which a stream counts as hung.
const WATCHDOG: Duration = Duration::from_secs(30);

#[derive(Debug, serde::Deserialize)]
struct Thing {
    id: String,
}

fn after(thing: &Thing) -> (&'static str, String) {
    ("after", thing.id.clone())
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/{id}/{key}", events(done = "[DONE]"))]
    fn events(&self, id: &str, key: &Secret, #[query] token: &str) -> Call<EventStream<Thing>>;
    #[get("/{id}/{key}", events(done = "[DONE]", reconnect))]
    fn reconnecting(&self, id: &str, key: &Secret, #[query] token: &str) -> Call<EventStream<Thing>>;
    #[get("/{id}/{key}")]
    fn lines(&self, id: &str, key: &Secret, #[query] token: &str) -> Call<Lines<Thing>>;
    #[get("/{id}/{key}", lines(done = "/token"), resume = after)]
    fn resumed(&self, id: &str, key: &Secret, #[query] token: &str) -> Call<Lines<Thing>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test", headers("x-api-key" = leaks::API_KEY))]
struct Vendor {
    session: Session,
    #[endpoint]
    things: Things,
}

/// The kind of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Events,
    Reconnecting,
    Lines,
    Resumed,
}

const KINDS: [Kind; 4] = [Kind::Events, Kind::Reconnecting, Kind::Lines, Kind::Resumed];

/// The results of streams, for one fault or for all.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The number of calls.
    pub calls: usize,
    /// The number of streams that ended with all their items.
    pub whole: usize,
    /// The number of streams that did not end.
    pub hung: usize,
    /// The number of calls that panicked.
    pub panics: usize,
    /// The number of streams that ended without an error, and without all their items, or with an item twice.
    pub short: usize,
    /// The search for secrets in errors.
    pub search: leaks::Search,
    /// The results that differ from the required one, with their number.
    pub wrong: BTreeMap<String, usize>,
}

impl Tally {
    /// Whether all results were as required.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let Self { hung, panics, short, search, wrong, .. } = self;
        hung + panics + short == 0 && search.found.is_empty() && wrong.is_empty()
    }

    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.whole += other.whole;
        self.hung += other.hung;
        self.panics += other.panics;
        self.short += other.short;
        self.search.add(other.search);
        for (what, count) in other.wrong {
            *self.wrong.entry(what).or_default() += count;
        }
    }
}

/// The counts, and a line for each wrong result.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, whole, hung, panics, short, search, wrong } = self;
        write!(
            f,
            "{calls} streams: {hung} hung, {panics} panics, {short} short successes, {whole} whole, {search}"
        )?;
        for (what, count) in wrong {
            write!(f, "\n  WRONG, {count} times: {what}")?;
        }
        Ok(())
    }
}

impl Sum for Tally {
    fn add(&mut self, other: Self) {
        self.add(other);
    }

    fn count_panic(&mut self) {
        self.panics += 1;
    }
}

/// Runs all faults of a server over events and lines, and calls `report` for each when it ends.
pub async fn run_streams(plan: Plan, report: impl Fn(&str, &Tally)) -> Tally {
    let faults = Fault::ALL.into_iter().filter(|fault| fault.client().is_none());
    run_each(faults, move |fault| run_fault(fault, plan), report).await
}

/// Returns the number of faults of a server.
#[must_use]
pub fn faults() -> usize {
    Fault::ALL.into_iter().filter(|fault| fault.client().is_none()).count()
}

async fn run_fault(fault: Fault, plan: Plan) -> Tally {
    let lanes = if fault.affects_connections() { plan.at_once } else { 1 };
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..lanes {
        let server = Server::dripping(fault, plan.drip).await.expect("loopback has a free port");
        let server = Arc::new(server);
        let retry = RetryPolicy::new()
            .first_delay(Duration::from_millis(1))
            .throttled_delay(Duration::from_millis(1));
        let limit = plan.limit(fault);
        let builder = Vendor::builder().base_url(server.url()).attempt_timeout(limit).idle_timeout(limit);
        let builder = sent_by!(builder.retry(retry).without_retry_budget(), plan);
        let api = builder
            .credential(Credential::bearer(leaks::BEARER).expect("it can be sent"))
            .build()
            .expect("the session can be built");
        for _ in 0..plan.at_once / lanes {
            let (api, server, next) = (api.clone(), Arc::clone(&server), Arc::clone(&next));
            workers.spawn(async move { work(&api, &server, fault, &next, plan.requests).await });
        }
    }
    let mut tally = Tally::default();
    while let Some(end) = workers.join_next().await {
        match end {
            Ok(part) => tally.add(part),
            Err(_) => tally.panics += 1,
        }
    }
    tally
}

async fn work(api: &Vendor, server: &Server, fault: Fault, next: &AtomicUsize, requests: usize) -> Tally {
    let mut tally = Tally::default();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let Some(kind) = KINDS.get(number / requests.max(1)) else { return tally };
        let id = format!("{number}-stream");
        tokio::task::yield_now().await;
        if fault.affects_connections() {
            server.arm();
        }
        tally.calls += 1;
        match tokio::time::timeout(WATCHDOG, read(api, *kind, &id)).await {
            Ok(end) => check(&mut tally, fault, *kind, &id, &end),
            Err(_) => tally.hung += 1,
        }
    }
}

/// Reads a stream to its end.
async fn read(api: &Vendor, kind: Kind, id: &str) -> Result<Vec<String>> {
    let (things, key) = (api.things(), Secret::new(leaks::PATH));
    let mut ids = Vec::new();
    match kind {
        Kind::Events | Kind::Reconnecting => {
            let call = match kind {
                Kind::Events => things.events(id, &key, leaks::QUERY),
                _ => things.reconnecting(id, &key, leaks::QUERY),
            };
            let mut events = call.await?;
            while let Some(thing) = events.next().await {
                ids.push(thing?.id);
            }
        }
        Kind::Lines | Kind::Resumed => {
            let call = match kind {
                Kind::Lines => things.lines(id, &key, leaks::QUERY),
                _ => things.resumed(id, &key, leaks::QUERY),
            };
            let mut lines = call.await?;
            while let Some(thing) = lines.next().await {
                ids.push(thing?.id);
            }
        }
    }
    Ok(ids)
}

/// Compares the result with the required one.
fn check(tally: &mut Tally, fault: Fault, kind: Kind, id: &str, end: &Result<Vec<String>>) {
    let is_whole = matches!(end, Ok(ids) if ids == &[id]);
    // A body without bytes is a stream without lines.
    let is_empty =
        fault == Fault::EmptyBody200 && kind == Kind::Lines && matches!(end, Ok(ids) if ids.is_empty());
    tally.whole += usize::from(is_whole);
    tally.short += usize::from(end.is_ok() && !is_whole && !is_empty);
    if let Err(error) = end {
        tally.search.error(&format!("{fault:?}"), error);
    }
    let goes_on = matches!(kind, Kind::Reconnecting | Kind::Resumed);
    let is_as_required = match (fault.required(), end) {
        (Required::Success, _) => is_whole,
        (Required::Recovers(_) | Required::RecoversReads, Ok(_)) => is_whole,
        // What is lost of a body can't be had again, unless the stream goes on.
        (Required::Recovers(_), Err(error)) => {
            is_of_body(fault) && !goes_on && matches!(error.kind(), ErrorKind::Transport | ErrorKind::Timeout)
        }
        (Required::Fails(ErrorKind::Decode), Err(error)) => {
            // Without its sentinel, a stream was interrupted.
            error.kind() == ErrorKind::Decode
                || fault == Fault::EmptyBody200 && kind != Kind::Lines && error.kind() == ErrorKind::Transport
        }
        (Required::Fails(ErrorKind::Decode), Ok(_)) => is_empty,
        // The head is good, and the body is found out when it is read.
        (Required::Fails(expected), Err(error)) => error.kind() == expected,
        (Required::Fails(_) | Required::FailsWrites(_) | Required::RecoversReads, _) => false,
    };
    if !is_as_required {
        let found = match end {
            Ok(ids) => format!("Ok with {} items", ids.len()),
            Err(error) => format!("{:?}: {error}", error.kind()),
        };
        *tally.wrong.entry(format!("{fault:?} {kind:?}: {found}")).or_default() += 1;
    }
}

/// Whether the fault is found out after the head of the response.
fn is_of_body(fault: Fault) -> bool {
    use Fault::*;
    matches!(fault, ClShortClose | ClRstMid | ChunkTrunc | ChunkNoEnd | StallMidBody | DripBody | GzipTrunc)
}

/// Returns the line of a fault: its name, and the results of its streams.
#[must_use]
pub fn line(fault: &str, tally: &Tally) -> String {
    let Tally { calls, whole, .. } = tally;
    let is_clean = if tally.is_clean() { "as required".to_owned() } else { format!("WRONG: {tally}") };
    format!("{fault}: {whole} of {calls} streams whole; {is_clean}")
}
