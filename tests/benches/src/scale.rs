//! What many calls, and many endpoints, cost in memory.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clients::{self, BY_HAND, Client, Counting, ON_HYPER, OURS};
use crate::figures::whole;
use crate::folders::target;
use crate::server::Server;
use crate::{Problem, left_out};

/// Calls in flight.
const IN_FLIGHT: [usize; 4] = [10, 100, 1_000, 10_000];
/// By how much a process may hold more after the calls than before.
const TOLERANCE: f64 = 0.05;
/// How long all calls of a run may take to reach the server.
const ARRIVAL: Duration = Duration::from_secs(120);

/// A client and its program.
type Built = (Client, PathBuf);

/// Measures, prints, and writes `scale.json`. Fails if the calls leave something behind.
pub(crate) fn run(calls: usize) -> Result<(), Problem> {
    let server = Server::start()?;
    let ours = (OURS, OURS.build(Counting::On)?);
    let on_hyper = (ON_HYPER, ON_HYPER.build(Counting::On)?);
    let by_hand = (BY_HAND, BY_HAND.build(Counting::On)?);

    println!(
        "| calls in flight | {0}, KiB each | {1} | {2} | {0}, with the connection | {1} | {2} |",
        ours.0.name, on_hyper.0.name, by_hand.0.name
    );
    println!("|---|---|---|---|---|---|---|");
    let mut flights = Vec::new();
    for count in IN_FLIGHT {
        if count + 100 > descriptors() {
            let why = "too few descriptors are allowed; raise them with `ulimit -n 20000`";
            left_out(&format!("{count} in flight"), why);
            continue;
        }
        let [ours_connected, ours] = in_flight(&ours, &server, count)?;
        let [on_hyper_connected, on_hyper] = in_flight(&on_hyper, &server, count)?;
        let [by_hand_connected, by_hand] = in_flight(&by_hand, &server, count)?;
        println!(
            "| {} | {ours:.1} | {on_hyper:.1} | {by_hand:.1} | {ours_connected:.1} | {on_hyper_connected:.1} | {by_hand_connected:.1} |",
            whole(count as f64)
        );
        flights.push(json!({
            "calls": count, "ours_kib": ours, "on_hyper_kib": on_hyper, "by_hand_kib": by_hand,
            "ours_connected_kib": ours_connected, "on_hyper_connected_kib": on_hyper_connected, "by_hand_connected_kib": by_hand_connected,
        }));
    }

    let endpoints = endpoints()?;
    println!(
        "\na session with 1,000 endpoints: {} bytes and {} on the heap, built in {:.0} µs, cloned in {:.0} µs",
        whole(endpoints.size),
        whole(endpoints.heap),
        endpoints.build_us,
        endpoints.clone_us
    );

    let soak = soak(&ours, &server, calls)?;
    println!("\nbefore {} sequential calls: {}\nafter: {}", whole(calls as f64), soak.before, soak.after);

    let path = target().join("scale.json");
    let report = json!({ "in_flight": flights, "endpoints": endpoints, "soak": soak });
    std::fs::write(&path, serde_json::to_string_pretty(&report)?)?;
    println!("\nwritten to {}", path.display());
    soak.check()
}

/// How many descriptors this process may have.
fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(usize::MAX)
}

/// The heap in KiB of each of `count` calls, of which the server holds back the responses: with its connection, and without.
fn in_flight((client, program): &Built, server: &Server, count: usize) -> Result<[f64; 2], Problem> {
    let mut child = Command::new(program)
        .args(client.arguments(&server.url(), "hold", count))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().ok_or("the client has no standard input")?;
    let mut output = BufReader::new(child.stdout.take().ok_or("the client has no standard output")?);
    let mut round = || {
        read(&mut output)?;
        server.hold(true);
        input.write_all(b"\n")?;
        let start = Instant::now();
        while server.held() < count {
            if start.elapsed() > ARRIVAL {
                return Err(format!("{}: {} of {count} calls arrived", client.name, server.held()).into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        input.write_all(b"\n")?;
        let heap = read(&mut output)?["heap"].as_f64().ok_or("the client printed no heap")?;
        server.hold(false);
        Ok::<_, Problem>(heap / 1024.0 / count as f64)
    };
    let heaps = round().and_then(|with_connection| Ok([with_connection, round()?]));
    server.hold(false);
    if heaps.is_err() {
        child.kill()?;
    }
    child.wait()?;
    heaps
}

fn read(output: &mut impl BufRead) -> Result<Value, Problem> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// What a process holds before and after the calls.
#[derive(Deserialize, Serialize)]
struct Soak {
    before: Held,
    after: Held,
}

/// What a process holds.
#[derive(Deserialize, Serialize)]
struct Held {
    descriptors: f64,
    tasks: f64,
    heap: f64,
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} descriptors, {} tasks, {} bytes of heap",
            self.descriptors,
            self.tasks,
            whole(self.heap)
        )
    }
}

/// A session with 1,000 endpoints.
#[derive(Deserialize, Serialize)]
struct Endpoints {
    size: f64,
    heap: f64,
    build_us: f64,
    clone_us: f64,
}

fn soak((client, program): &Built, server: &Server, calls: usize) -> Result<Soak, Problem> {
    eprintln!("{} sequential calls", whole(calls as f64));
    json_of(Command::new(program).args(client.arguments(&server.url(), "soak", calls)))
}

impl Soak {
    fn check(&self) -> Result<(), Problem> {
        let (before, after) = (&self.before, &self.after);
        let pairs = [
            ("descriptors", before.descriptors, after.descriptors),
            ("tasks", before.tasks, after.tasks),
            ("heap", before.heap, after.heap),
        ];
        match pairs.iter().find(|(_, before, after)| *after > before * (1.0 + TOLERANCE)) {
            Some((what, before, after)) => {
                Err(format!("{what}: {after} after the calls, more than {before} and 5 %").into())
            }
            None => Ok(()),
        }
    }
}

fn endpoints() -> Result<Endpoints, Problem> {
    json_of(&mut Command::new(clients::build("endpoints", "endpoints", Counting::On)?))
}

fn json_of<T: serde::de::DeserializeOwned>(command: &mut Command) -> Result<T, Problem> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{:?} failed with {}", Path::new(command.get_program()), output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
