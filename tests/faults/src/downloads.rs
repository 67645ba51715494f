//! The same faults for calls that return a download, which is read in pieces or stored in a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use apisession::prelude::*;
use apisession::{RetryPolicy, Secret};
use tokio::task::{JoinError, JoinSet};

use crate::fault::{Act, Fault, Form, Required, Script};
use crate::leaks;
use crate::run::{Plan, Tally, run_each, sent_by};
use crate::server::Server;

/// The time after which a download counts as hung. The throughput of one is measured over 30 seconds.
const WATCHDOG: Duration = Duration::from_secs(90);

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/{id}/{key}")]
    fn content(&self, id: &str, key: &Secret, #[query] token: &str) -> Call<Download>;
}

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test")]
struct Vendor {
    session: Session,
    #[endpoint]
    things: Things,
}

/// Runs all faults of a server over downloads, and calls `report` for each when it ends. The faults of the client itself are of writes.
pub async fn run_downloads(plan: Plan, report: impl Fn(&str, &Tally)) -> Tally {
    let faults = Fault::ALL.into_iter().filter(|fault| fault.client().is_none());
    run_each(faults, move |fault| run_fault(fault, plan), report).await
}

async fn run_fault(fault: Fault, plan: Plan) -> Tally {
    let (Ok(server), Ok(folder)) = (Server::dripping(fault, plan.drip).await, folder(fault)) else {
        return wrong("no server, or no folder");
    };
    let Ok(api) = vendor(&server, fault, plan) else { return wrong("no session") };
    let mut tally = Tally::default();
    let mut running = JoinSet::new();
    for number in 0..plan.requests * 2 {
        let to_file = number % 2 == 1;
        let (id, folder, api) =
            (format!("{number}-{}", if to_file { "file" } else { "bytes" }), folder.clone(), api.clone());
        // A fault of connections does not know which request follows, nor do others of one that is used again.
        if running.len() >= if fault.affects_connections() { 1 } else { plan.at_once } {
            tally.add_end(running.join_next().await);
        }
        if fault.affects_connections() {
            server.arm();
        }
        running.spawn(async move {
            let path = folder.join(&id);
            let end = download(&api, &id, to_file.then_some(&*path));
            let mut tally = Tally { calls: 1, ..Tally::default() };
            match tokio::time::timeout(WATCHDOG, end).await {
                Ok(end) => check(&mut tally, fault, &id, end, &path),
                Err(_) => tally.hung += 1,
            }
            tally
        });
    }
    while let Some(end) = running.join_next().await {
        tally.add_end(Some(end));
    }
    let is_temporary = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let left = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    if left.filter(|entry| is_temporary(&entry.file_name())).count() > 0 {
        tally.add(wrong(&format!("{fault:?}: a temporary file is left")));
    }
    let _ = std::fs::remove_dir_all(folder);
    tally
}

impl Tally {
    fn add_end(&mut self, end: Option<Result<Self, JoinError>>) {
        match end {
            Some(Ok(part)) => self.add(part),
            Some(Err(_)) => self.panics += 1,
            None => {}
        }
    }
}

fn vendor(server: &Server, fault: Fault, plan: Plan) -> Result<Vendor> {
    let limit = plan.limit(fault);
    let builder = Vendor::builder().base_url(server.url()).attempt_timeout(limit).idle_timeout(limit);
    let quick =
        RetryPolicy::new().first_delay(Duration::from_millis(1)).throttled_delay(Duration::from_millis(1));
    let builder = sent_by!(builder, plan).retry(quick).without_retry_budget();
    let builder = builder.header("x-api-key", leaks::API_KEY);
    let credential = Credential::bearer(leaks::BEARER)?.and_cookie("sid", leaks::COOKIE)?;
    builder.credential(credential).build()
}

fn wrong(what: &str) -> Tally {
    Tally { wrong: BTreeMap::from([(what.to_owned(), 1)]), ..Tally::default() }
}

fn folder(fault: Fault) -> std::io::Result<PathBuf> {
    let folder =
        std::env::temp_dir().join(format!("faults-{}-{fault:?}-{:x}", std::process::id(), fastrand::u64(..)));
    std::fs::create_dir(&folder).map(|()| folder)
}

async fn download(api: &Vendor, id: &str, to_file: Option<&Path>) -> Result<Vec<u8>> {
    let download = api.things().content(id, &Secret::new(leaks::PATH), leaks::QUERY).await?;
    match to_file {
        None => Ok(download.bytes(1024 * 1024).await?.to_vec()),
        Some(path) => {
            let saved = download.to_file(path).await?;
            std::fs::read(saved.path()).map_err(Error::other)
        }
    }
}

/// Compares a result with what the server sent: all of it, or an error. There is no third one.
fn check(tally: &mut Tally, fault: Fault, id: &str, end: Result<Vec<u8>>, path: &Path) {
    tally.ok += usize::from(end.is_ok());
    let succeeds =
        !matches!(fault.required(), Required::Fails(ErrorKind::Protocol | ErrorKind::TooManyRedirects));
    let found = match end {
        Ok(body) if body != whole(fault, id) => format!("a short success with {} bytes", body.len()),
        Ok(_) if succeeds => return,
        Ok(_) => "a success".to_owned(),
        Err(error) => {
            tally.search.error(&format!("{fault:?}"), &error);
            match path.exists() {
                true => "a file after an error".to_owned(),
                false if !succeeds => return,
                false => format!("{:?} after {} attempts: {error}", error.kind(), error.attempts()),
            }
        }
    };
    tally.add(wrong(&format!("{fault:?} {}: {found}", id.split('-').next_back().unwrap_or_default())));
}

/// The file that the server sends: a download decodes nothing, so a page and a broken coding are files too.
fn whole(fault: Fault, id: &str) -> Vec<u8> {
    let is_file = matches!(fault.required(), Required::Fails(ErrorKind::Decode)) || fault == Fault::GzipTrunc;
    let script = if is_file { fault.script(id, Form::Json) } else { Script::healthy(id, Form::Json) };
    let Some(Act::Write(message)) = script.acts.first() else { return Vec::new() };
    let head = message.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
    message[head..].to_vec()
}
