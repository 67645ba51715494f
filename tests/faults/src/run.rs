//! The calls, and the check of their results.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use apisession::http::HeaderValue;
use apisession::prelude::*;
use apisession::{Outcome, RetryPolicy, Secret};
use tokio::task::JoinSet;

use crate::broken::BrokenBodies;
use crate::fault::{Client, Fault, Required, Write};
use crate::leaks::{self, Search};
use crate::server::{Ledger, Server};
use crate::wire::WireFault;

/// The header of the idempotency key.
const KEY: &str = "idempotency-key";
/// The time after which a call counts as hung.
const WATCHDOG: Duration = Duration::from_secs(30);
/// The time limit of what ends without one. No machine is so slow that this is reached.
const NEVER: Duration = Duration::from_secs(25);
/// The time limit of a connection that stalls. Nothing has to happen before its end.
const STALLED: Duration = Duration::from_secs(1);

/// The body of a correct response.
#[derive(Debug, serde::Deserialize)]
struct Thing {
    id: String,
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/{id}/{key}")]
    fn get(&self, id: &str, key: &Secret, #[query] token: &str) -> Call<Thing>;
    #[post("/{id}/{key}")]
    fn post(&self, id: &str, key: &Secret, #[query] token: &str, #[json] secret: &str) -> Call<Thing>;
    #[post("/{id}/{key}", idempotency_key)]
    fn post_once(&self, id: &str, key: &Secret, #[query] token: &str, #[json] secret: &str) -> Call<Thing>;
}

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test", headers("x-api-key" = leaks::API_KEY), hooks)]
struct Vendor {
    session: Session,
    #[endpoint]
    things: Things,
    /// What its own code does wrong.
    #[session(default)]
    client_fault: Option<Client>,
    /// The search for secrets in what its hooks get.
    #[session(default)]
    search: Arc<Mutex<Search>>,
}

impl APISession for Vendor {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer(leaks::BEARER)?.and_cookie("sid", leaks::COOKIE)
    }

    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        {
            let mut search = self.search.lock().unwrap_or_else(PoisonError::into_inner);
            search.debug("retry", retry);
            search.error("retry", retry.error());
            search.debug("request", retry.request());
        }
        let headers = &mut retry.request().headers;
        match self.client_fault {
            Some(Client::ChangesKey) if headers.contains_key(KEY) => {
                headers.insert(KEY, HeaderValue::from_static("another"));
            }
            Some(Client::DropsKey) => drop(headers.remove(KEY)),
            _ => {}
        }
        Ok(())
    }
}

/// The kind of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Get,
    Post,
    PostWithKey,
}

const KINDS: [Kind; 3] = [Kind::Get, Kind::Post, Kind::PostWithKey];

/// The extent of a run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The number of requests of each kind for each fault.
    pub requests: usize,
    /// The number of requests in flight at once, for each fault.
    pub at_once: usize,
    /// Whether retries have the default budget, instead of none.
    pub budget: bool,
    /// The seed of all random values.
    pub seed: u64,
    /// Whether requests are sent with hyper, instead of the default transport.
    pub hyper: bool,
    /// The time limit of an attempt that hangs. Before its end a request has to arrive, and another attempt has to succeed, so that a
    /// busy machine needs seconds. A response whose head drips takes seven.
    pub patience: Duration,
    /// The most bytes of a body that drips; then it is cut. With 10,000 it hangs until its throughput is measured, for 30 seconds.
    pub drip: usize,
}

impl Plan {
    /// The time limit of an attempt that meets a fault.
    pub(crate) fn limit(self, fault: Fault) -> Duration {
        if fault.hangs() { self.patience } else { NEVER }
    }
}

/// The results of the calls, for one fault or for all.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The number of calls.
    pub calls: usize,
    /// The number of attempts of those calls.
    pub attempts: usize,
    /// The number of calls that succeeded.
    pub ok: usize,
    /// The number of calls that did not end.
    pub hung: usize,
    /// The number of calls that panicked.
    pub panics: usize,
    /// The number of GETs that can succeed, and the number of those that did.
    pub gets: (usize, usize),
    /// The number of writes that were delivered more than once without a key, or not under one key.
    pub repeated: usize,
    /// The number of writes that arrived with more than one key.
    pub rekeyed: usize,
    /// The number of errors with the outcome `NotSent` although the request was delivered.
    pub false_not_sent: usize,
    /// The number of calls that succeeded although the request was not delivered.
    pub undelivered: usize,
    /// The search for secrets in errors and responses.
    pub search: Search,
    /// The number of retries that the budget refused.
    pub refused: usize,
    /// The other results that differ from the required one, with their number.
    pub wrong: BTreeMap<String, usize>,
}

impl Tally {
    /// Whether all results were as required.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let Self { hung, panics, repeated, rekeyed, false_not_sent, undelivered, search, wrong, .. } = self;
        let faults = hung + panics + repeated + rekeyed + false_not_sent + undelivered;
        faults == 0 && search.found.is_empty() && wrong.is_empty()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.attempts += other.attempts;
        self.ok += other.ok;
        self.hung += other.hung;
        self.panics += other.panics;
        self.gets.0 += other.gets.0;
        self.gets.1 += other.gets.1;
        self.repeated += other.repeated;
        self.rekeyed += other.rekeyed;
        self.false_not_sent += other.false_not_sent;
        self.undelivered += other.undelivered;
        self.search.add(other.search);
        self.refused += other.refused;
        for (what, count) in other.wrong {
            *self.wrong.entry(what).or_default() += count;
        }
    }
}

/// The counts, and a line for each wrong result.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, ok, attempts, hung, panics, gets, repeated, false_not_sent, .. } = self;
        write!(
            f,
            "{calls} requests: {hung} hung, {panics} panics, {ok} ok, recoverable GETs {} of {}, ",
            gets.1, gets.0
        )?;
        write!(
            f,
            "writes without a key delivered twice {repeated}, NotSent but delivered {false_not_sent}, "
        )?;
        write!(f, "ok but undelivered {}, keys changed {}, ", self.undelivered, self.rekeyed)?;
        write!(f, "refused by the budget {}, ", self.refused)?;
        write!(f, "attempts ÷ calls {:.2}, ", *attempts as f64 / (*calls).max(1) as f64)?;
        write!(f, "{}", self.search)?;
        for (what, count) in &self.wrong {
            write!(f, "\n  WRONG, {count} times: {what}")?;
        }
        Ok(())
    }
}

/// Runs all faults, and calls `report` for each when it ends.
pub async fn run(plan: Plan, report: impl Fn(&str, &Tally)) -> Tally {
    run_each(Fault::ALL, move |fault| run_fault(fault, plan), report).await
}

/// Gives a session the transport of a plan.
macro_rules! sent_by {
    ($builder:expr, $plan:expr) => {
        if $plan.hyper { $builder.transport(apisession::transport::Hyper::new()) } else { $builder }
    };
}

pub(crate) use sent_by;

/// What runs add up to.
pub(crate) trait Sum: Default + Send + 'static {
    fn add(&mut self, other: Self);
    fn count_panic(&mut self);
}

impl Sum for Tally {
    fn add(&mut self, other: Self) {
        self.add(other);
    }

    fn count_panic(&mut self) {
        self.panics += 1;
    }
}

/// Runs each of the faults, and calls `report` when it ends.
pub(crate) async fn run_each<T: Sum, F>(
    faults: impl IntoIterator<Item = Fault>,
    run_fault: impl Fn(Fault) -> F,
    report: impl Fn(&str, &T),
) -> T
where
    F: Future<Output = T> + Send + 'static,
{
    let mut total = T::default();
    // Faults that hang need time but little work, so all of those run beside the others.
    let (hanging, others): (Vec<_>, Vec<_>) = faults.into_iter().partition(|fault| fault.hangs());
    let mut background = JoinSet::new();
    for fault in hanging {
        let end = run_fault(fault);
        background.spawn(async move { (fault, end.await) });
    }
    for fault in others {
        let tally = run_fault(fault).await;
        report(&format!("{fault:?}"), &tally);
        total.add(tally);
    }
    while let Some(end) = background.join_next().await {
        match end {
            Ok((fault, tally)) => {
                report(&format!("{fault:?}"), &tally);
                total.add(tally);
            }
            Err(_) => total.count_panic(),
        }
    }
    total
}

/// Runs the faults of TLS and of proxies, and calls `report` for each when it ends.
pub async fn run_before(plan: Plan, report: impl Fn(&str, &Tally)) -> Tally {
    let mut total = Tally::default();
    for fault in WireFault::ALL {
        let tally = run_wire_fault(fault, plan).await;
        report(&format!("{fault:?}"), &tally);
        total.add(tally);
    }
    total
}

/// Sends all requests of a plan to servers with one fault.
pub async fn run_fault(fault: Fault, plan: Plan) -> Tally {
    // A fault of connections does not know which request follows, so each lane has its own server and makes one call at
    // a time.
    let search = Arc::<Mutex<Search>>::default();
    let lanes = if fault.affects_connections() { plan.at_once } else { 1 };
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for lane in 0..lanes {
        let server = match Server::dripping(fault, plan.drip).await {
            Ok(server) => Arc::new(server),
            Err(error) => return wrong(format!("no server: {error}")),
        };
        let api = match vendor(&server, fault, plan, &search).await {
            Ok(api) => api,
            Err(error) => return wrong(format!("no session: {error}")),
        };
        for worker in 0..plan.at_once / lanes {
            let (api, server, next) = (api.clone(), Arc::clone(&server), Arc::clone(&next));
            let random = fastrand::Rng::with_seed(plan.seed ^ ((lane * 1_000 + worker) as u64));
            workers.spawn(async move { work(&api, &server, fault, &next, plan.requests, random).await });
        }
    }
    let mut tally = Tally::default();
    while let Some(end) = workers.join_next().await {
        match end {
            Ok(part) => tally.add(part),
            Err(_) => tally.panics += 1,
        }
    }
    tally.search.add(std::mem::take(&mut search.lock().unwrap_or_else(PoisonError::into_inner)));
    tally
}

fn wrong(what: String) -> Tally {
    Tally { wrong: BTreeMap::from([(what, 1)]), ..Tally::default() }
}

async fn vendor(server: &Server, fault: Fault, plan: Plan, search: &Arc<Mutex<Search>>) -> Result<Vendor> {
    let builder = Vendor::builder().base_url(server.url()).attempt_timeout(plan.limit(fault)).retry(quick());
    let builder = sent_by!(builder.search(Arc::clone(search)), plan);
    let builder = if plan.budget { builder } else { builder.without_retry_budget() };
    match fault.client() {
        Some(Client::BreaksBody) => builder.per_call(BrokenBodies::new().await).build(),
        Some(client) => builder.client_fault(Some(client)).build(),
        None => builder.build(),
    }
}

fn quick() -> RetryPolicy {
    RetryPolicy::new().first_delay(Duration::from_millis(1)).throttled_delay(Duration::from_millis(1))
}

/// Makes a call for each number of `next`, until the plan has no more requests.
async fn work(
    api: &Vendor,
    server: &Server,
    fault: Fault,
    next: &AtomicUsize,
    requests: usize,
    mut random: fastrand::Rng,
) -> Tally {
    let mut tally = Tally::default();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let Some(kind) = KINDS.get(number / requests.max(1)) else { return tally };
        let id = format!("{number}-{:08x}", random.u32(..));
        tokio::task::yield_now().await;
        if fault.affects_connections() {
            server.arm();
        }
        tally.calls += 1;
        match tokio::time::timeout(WATCHDOG, call(api, *kind, &id)).await {
            Ok(end) => check(&mut tally, fault, *kind, &id, &end, server.ledger()),
            Err(_) => tally.hung += 1,
        }
    }
}

/// Makes all calls of a plan with a fault of TLS or of a proxy, so that nothing may be sent.
pub async fn run_wire_fault(fault: WireFault, plan: Plan) -> Tally {
    let setup = match fault.set_up(leaks::PROXY).await {
        Ok(setup) => setup,
        Err(error) => return wrong(format!("no server: {error}")),
    };
    let builder =
        Vendor::builder().base_url(&*setup.url).tls(setup.tls.clone()).proxies(setup.proxies.clone());
    let limit = if fault.stalls() { STALLED } else { NEVER };
    let builder = builder.connect_timeout(limit).max_attempts(fault.max_attempts()).retry(quick());
    let builder = sent_by!(builder, plan);
    // Each fault is the only result of its calls, so that a budget would be used up.
    let api = match builder.without_retry_budget().build() {
        Ok(api) => api,
        Err(error) => return wrong(format!("no session: {error}")),
    };
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..plan.at_once {
        let (api, next) = (api.clone(), Arc::clone(&next));
        workers.spawn(async move {
            let mut tally = Tally::default();
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                let Some(kind) = KINDS.get(number / plan.requests.max(1)) else { return tally };
                tally.calls += 1;
                match tokio::time::timeout(WATCHDOG, call(&api, *kind, &number.to_string())).await {
                    Ok(end) => check_wire_fault(&mut tally, fault, &end),
                    Err(_) => tally.hung += 1,
                }
            }
        });
    }
    let mut tally = Tally::default();
    while let Some(end) = workers.join_next().await {
        match end {
            Ok(part) => tally.add(part),
            Err(_) => tally.panics += 1,
        }
    }
    tally.false_not_sent += setup.delivered();
    tally
}

fn check_wire_fault(tally: &mut Tally, fault: WireFault, end: &Result<Response<Thing>>) {
    let found = match end {
        Ok(_) => "Ok".to_owned(),
        Err(error) => {
            tally.attempts += error.attempts() as usize;
            tally.search.error(&format!("{fault:?}"), error);
            let facts = (error.kind(), error.outcome(), error.attempts());
            if facts == (fault.kind(), Some(Outcome::NotSent), fault.attempts()) {
                return;
            }
            format!("{:?} {:?} after {} attempts {error:#}", facts.0, facts.1, facts.2)
        }
    };
    *tally.wrong.entry(format!("{fault:?}: {found}")).or_default() += 1;
}

fn call(api: &Vendor, kind: Kind, id: &str) -> impl Future<Output = Result<Response<Thing>>> + use<> {
    let (things, key) = (api.things(), Secret::new(leaks::PATH));
    match kind {
        Kind::Get => things.get(id, &key, leaks::QUERY).response(),
        Kind::Post => things.post(id, &key, leaks::QUERY, leaks::BODY).response(),
        Kind::PostWithKey => things.post_once(id, &key, leaks::QUERY, leaks::BODY).response(),
    }
}

/// Compares the result of a call with the required one and with the requests that arrived.
fn check(
    tally: &mut Tally,
    fault: Fault,
    kind: Kind,
    id: &str,
    end: &Result<Response<Thing>>,
    ledger: &Ledger,
) {
    let delivered = ledger.delivered(id);
    let attempts = end.as_ref().map_or_else(Error::attempts, Response::attempts);
    tally.attempts += attempts as usize;
    tally.ok += usize::from(end.is_ok());
    let has_one_key = kind == Kind::PostWithKey && fault.client().is_none();
    tally.repeated += usize::from(kind != Kind::Get && !has_one_key && delivered > 1);
    tally.rekeyed += usize::from(ledger.keys(id) > 1);
    tally.undelivered += usize::from(end.is_ok() && delivered == 0);
    let recoverable = kind == Kind::Get && !matches!(fault.required(), Required::Fails(_));
    tally.gets.0 += usize::from(recoverable);
    tally.gets.1 += usize::from(recoverable && end.is_ok());
    match end {
        Ok(response) => tally.search.debug(&format!("{fault:?}: response"), response),
        Err(error) => tally.search.error(&format!("{fault:?}"), error),
    }
    if let Err(error) = end {
        tally.false_not_sent += usize::from(error.outcome() == Some(Outcome::NotSent) && delivered > 0);
        if error.to_string().contains("retry budget") {
            tally.refused += 1;
            return;
        }
    }
    let is_as_required = match (fault.required(), kind) {
        (Required::Success, _) => matches!(end, Ok(thing) if thing.value().id == id && attempts == 1),
        (Required::Recovers(Write::IsUnknown), Kind::Post) => {
            // If the connection failed before the request, the client may know that nothing was sent and retry.
            let is_known = fault.affects_connections();
            // A 4xx is a complete response, which leaves nothing in doubt.
            let outcome = Some(Outcome::Unknown).filter(|_| fault != Fault::Status408);
            match end {
                Ok(_) => is_known,
                Err(error) => is_known || (error.outcome(), attempts) == (outcome, 1),
            }
        }
        (Required::RecoversReads, Kind::Post | Kind::PostWithKey) => {
            matches!(end, Err(error) if (error.outcome(), attempts) == (Some(Outcome::Unknown), 1))
        }
        (Required::FailsWrites(_), Kind::Get) => {
            matches!(end, Ok(thing) if thing.value().id == id && attempts == 1)
        }
        (Required::FailsWrites(expected), _) => {
            let facts = (expected, Some(Outcome::Unknown), 1);
            matches!(end, Err(error) if (error.kind(), error.outcome(), attempts) == facts)
        }
        (Required::Recovers(_) | Required::RecoversReads, _) => {
            matches!(end, Ok(thing) if thing.value().id == id && attempts == 2)
        }
        // A 302 to a POST is not followed.
        (Required::Fails(ErrorKind::TooManyRedirects), Kind::Post | Kind::PostWithKey) => {
            matches!(end, Err(error) if (error.kind(), attempts) == (ErrorKind::Redirect, 1))
        }
        (Required::Fails(expected), _) => {
            matches!(end, Err(error) if (error.kind(), attempts) == (expected, 1))
        }
    };
    if !is_as_required {
        let found = match end {
            Ok(_) => "Ok".to_owned(),
            Err(error) => {
                let source = std::error::Error::source(error).map(|error| error.to_string());
                format!("{:?} {:?} {}", error.kind(), error.outcome(), source.unwrap_or_default())
            }
        };
        *tally.wrong.entry(format!("{fault:?} {kind:?}: {found} after {attempts} attempts")).or_default() +=
            1;
    }
}

/// Returns the line of a fault: its name, and the results of its calls.
#[must_use]
pub fn line(fault: &str, tally: &Tally) -> String {
    let Tally { calls, ok, attempts, refused, .. } = tally;
    let is_clean = if tally.is_clean() { "as required".to_owned() } else { format!("WRONG: {tally}") };
    format!("{fault}: {ok} of {calls} ok by {attempts} attempts, {refused} refused by the budget; {is_clean}")
}

/// Returns the last line of a run.
#[must_use]
pub fn summary(faults: usize, total: &Tally, plan: Plan, since: Instant) -> String {
    let budget = if plan.budget { "default budget" } else { "no budget" };
    format!(
        "{} faults × {} × {} kinds: {total}; {budget}; {:.1} s; seed {}",
        faults,
        plan.requests,
        KINDS.len(),
        since.elapsed().as_secs_f64(),
        plan.seed
    )
}
