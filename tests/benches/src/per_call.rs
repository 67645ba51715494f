//! What a call costs, ours and others side by side: each client in a process of its own, against one server, in rounds.

use std::path::PathBuf;

use serde::Serialize;

use crate::clients::{self, BY_HAND, Client, Counting, Measured};
use crate::figures::{Spread, whole};
use crate::folders::{root, target};
use crate::server::Server;
use crate::{Problem, callgrind, chart, left_out, python};

/// Calls of a run, one after the other and 64 at a time.
const CALLS: [usize; 2] = [4_000, 16_000];
/// The same for Python, which takes longer.
const PYTHON_CALLS: [usize; 2] = [400, 1_280];
/// Calls of a run that counts allocations.
const COUNTED_CALLS: usize = 2_000;
/// The work of the timed runs.
const TIMED: [&str; 2] = ["get", "get-64"];

/// What was measured of a client. Ratios are to reqwest by hand, each within its round.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Of a GET and a POST; none for Python, and where valgrind is missing.
    pub(crate) counts: [Counts; 2],
    /// CPU time of a call in microseconds.
    pub(crate) cpu_us: Spread,
    pub(crate) cpu: Spread,
    pub(crate) cpu_64_us: Spread,
    pub(crate) cpu_64: Spread,
    pub(crate) per_second_64: Spread,
    pub(crate) throughput_64: Spread,
}

/// What does not depend on the clock.
#[derive(Clone, Copy, Default, Serialize)]
pub(crate) struct Counts {
    pub(crate) instructions: Option<f64>,
    pub(crate) allocations: Option<f64>,
    pub(crate) bytes: Option<f64>,
}

/// A client that was built, and the results of its runs so far.
struct Entry {
    runner: Runner,
    counts: [Counts; 2],
    rounds: Vec<[Measured; 2]>,
}

enum Runner {
    Rust(Client, PathBuf),
    Python(python::Client, PathBuf),
}

impl Runner {
    fn name(&self) -> &'static str {
        match self {
            Self::Rust(client, _) => client.name,
            Self::Python(client, _) => client.name,
        }
    }

    fn round(&self, url: &str) -> Result<[Measured; 2], Problem> {
        let run = |index: usize| match self {
            Self::Rust(client, program) => client.run(program, url, TIMED[index], CALLS[index]),
            Self::Python(client, program) => client.run(program, url, TIMED[index], PYTHON_CALLS[index]),
        };
        Ok([run(0)?, run(1)?])
    }
}

/// Measures, prints the table, and writes `per-call.json` and the book's `per-call.svg`.
pub(crate) fn run(rounds: usize, only: Option<&str>) -> Result<(), Problem> {
    let server = Server::start()?;
    let mut missing = Vec::new();
    let mut entries = entries(&server, only, &mut missing)?;
    for round in 0..rounds.max(1) {
        eprintln!("round {} of {rounds}", round + 1);
        for entry in &mut entries {
            entry.rounds.push(entry.runner.round(&server.url())?);
        }
    }
    let rows = rows(&entries)?;
    print(&rows);
    for (name, why) in &missing {
        left_out(name, why);
    }
    let path = target().join("per-call.json");
    std::fs::write(&path, serde_json::to_string_pretty(&rows)?)?;
    println!("\nwritten to {}", path.display());
    // A picture of some of the clients would replace that of all.
    if only.is_none() && missing.is_empty() {
        std::fs::write(root().join("book/src/per-call.svg"), chart::draw(&rows))?;
        println!("drawn to book/src/per-call.svg");
    } else {
        println!("NOT DRAWN: book/src/per-call.svg is as it was, since clients were left out");
    }
    Ok(())
}

/// Builds the clients, checks their requests, and counts. What fails is missing, with the reason.
fn entries(
    server: &Server,
    only: Option<&str>,
    missing: &mut Vec<(&'static str, String)>,
) -> Result<Vec<Entry>, Problem> {
    let wanted = |binary: &str| only.is_none_or(|only| only.split(',').any(|name| name == binary));
    let has_valgrind = callgrind::is_installed();
    if !has_valgrind {
        missing.push((
            "instructions",
            "valgrind is not installed; install it with the package `valgrind`".to_owned(),
        ));
    }
    let mut entries = Vec::new();
    for client in
        clients::ALL.into_iter().filter(|client| wanted(client.binary) || client.name == BY_HAND.name)
    {
        match rust(&client, server, has_valgrind) {
            Ok(entry) => entries.push(entry),
            Err(problem) => missing.push((client.name, problem.to_string())),
        }
    }
    for client in python::ALL.into_iter().filter(|_| wanted("python")) {
        let name = client.name;
        match client
            .build()
            .and_then(|program| client.run(&program, &server.url(), "post", 1).map(|_| program))
        {
            Ok(program) => {
                let runner = Runner::Python(client, program);
                entries.push(Entry { runner, counts: Default::default(), rounds: Vec::new() });
            }
            Err(problem) => missing.push((name, problem.to_string())),
        }
    }
    if entries.iter().all(|entry| entry.runner.name() != BY_HAND.name) {
        return Err(format!("{missing:?}: there is nothing to compare with").into());
    }
    Ok(entries)
}

fn rust(client: &Client, server: &Server, has_valgrind: bool) -> Result<Entry, Problem> {
    let (program, counting) = (client.build(Counting::Off)?, client.build(Counting::On)?);
    let mut counts = [Counts::default(); 2];
    for (counts, work) in counts.iter_mut().zip(["get", "post"]) {
        *counts = allocations(client, &counting, server, work)?;
        if has_valgrind {
            counts.instructions = Some(callgrind::instructions(client, &program, &server.url(), work)?);
        }
    }
    Ok(Entry { runner: Runner::Rust(*client, program), counts, rounds: Vec::new() })
}

/// Counts the allocations of a call, and checks that the request is the one that all clients send.
pub(crate) fn allocations(
    client: &Client,
    counting: &std::path::Path,
    server: &Server,
    work: &str,
) -> Result<Counts, Problem> {
    let measured = client.run(counting, &server.url(), work, COUNTED_CALLS)?;
    check(&server.last_request(), work)?;
    Ok(Counts { instructions: None, allocations: Some(measured.allocations), bytes: Some(measured.bytes) })
}

fn check(request: &str, work: &str) -> Result<(), Problem> {
    let start =
        if work == "get" { "GET /events/7?limit=10 HTTP/1.1\r\n" } else { "POST /events HTTP/1.1\r\n" };
    let lower = request.to_ascii_lowercase();
    let agent = format!("user-agent: {}\r\n", bench::USER_AGENT).to_ascii_lowercase();
    let token = format!("authorization: bearer {}\r\n", bench::TOKEN);
    let wanted =
        [&start.to_ascii_lowercase(), "accept: application/json\r\n", agent.as_str(), token.as_str()];
    match wanted.into_iter().find(|part| !lower.contains(part)) {
        Some(part) => Err(format!("the request has no `{}`: {request:?}", part.trim()).into()),
        None => Ok(()),
    }
}

fn rows(entries: &[Entry]) -> Result<Vec<Row>, Problem> {
    let hand = entries
        .iter()
        .find(|entry| entry.runner.name() == BY_HAND.name)
        .ok_or("reqwest by hand is missing")?;
    let spread = |entry: &Entry, index: usize, figure: fn(&Measured) -> f64| {
        Spread::of(entry.rounds.iter().map(|round| figure(&round[index])))
    };
    let ratio = |entry: &Entry, index: usize, figure: fn(&Measured) -> f64| {
        let pairs = entry.rounds.iter().zip(&hand.rounds);
        Spread::of(pairs.map(|(round, hand)| figure(&round[index]) / figure(&hand[index])))
    };
    let row = |entry: &Entry| Row {
        name: entry.runner.name(),
        counts: entry.counts,
        cpu_us: spread(entry, 0, |measured| measured.cpu_us),
        cpu: ratio(entry, 0, |measured| measured.cpu_us),
        cpu_64_us: spread(entry, 1, |measured| measured.cpu_us),
        cpu_64: ratio(entry, 1, |measured| measured.cpu_us),
        per_second_64: spread(entry, 1, |measured| measured.per_second),
        throughput_64: ratio(entry, 1, |measured| measured.per_second),
    };
    Ok(entries.iter().map(row).collect())
}

fn print(rows: &[Row]) {
    println!(
        "Times are those of a GET, relative to {}; in parentheses the least and the greatest ratio.\n",
        BY_HAND.name
    );
    println!("| | CPU, sequential | CPU, 64 at once | requests/s, 64 at once |");
    println!("|---|---|---|---|");
    for row in rows {
        println!("| {} | {} | {} | {} |", row.name, row.cpu, row.cpu_64, row.throughput_64);
    }
    println!("\n| | CPU, sequential, µs | CPU, 64 at once, µs | requests/s, 64 at once |");
    println!("|---|---|---|---|");
    for row in rows {
        let (one, many) = (row.cpu_us.median, row.cpu_64_us.median);
        println!("| {} | {one:.1} | {many:.1} | {} |", row.name, whole(row.per_second_64.median));
    }
    let by_hand = rows.iter().find(|row| row.name == BY_HAND.name).map(|row| row.counts).unwrap_or_default();
    for (index, method) in ["GET", "POST"].into_iter().enumerate() {
        println!("\n| {method} | instructions | relative | allocations | bytes allocated |");
        println!("|---|---|---|---|---|");
        for row in rows.iter().filter(|row| row.counts[index].allocations.is_some()) {
            let counts = row.counts[index];
            let number = |value: Option<f64>| value.map_or("not counted".to_owned(), whole);
            let relative = counts.instructions.zip(by_hand[index].instructions);
            let relative =
                relative.map_or("not counted".to_owned(), |(ours, theirs)| format!("{:.2}", ours / theirs));
            println!(
                "| {} | {} | {relative} | {} | {} |",
                row.name,
                number(counts.instructions),
                number(counts.allocations),
                number(counts.bytes)
            );
        }
    }
}
