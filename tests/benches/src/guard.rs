//! Fails if a call costs more than reqwest by hand by more than a ceiling. Nothing here depends on the clock.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::clients::{BY_HAND, Client, Counting, ON_HYPER, OURS};
use crate::server::Server;
use crate::{Problem, callgrind, per_call};

/// What a call may cost.
struct Ceiling {
    client: Client,
    work: &'static str,
    /// Instructions, relative to those of reqwest by hand in the same run.
    instructions: f64,
    /// The same where the server is named by its IPv4 address, which costs more to parse than `localhost`.
    by_address: Option<f64>,
    allocations: f64,
    bytes: f64,
}

const CEILINGS: [Ceiling; 4] = [
    Ceiling {
        client: OURS,
        work: "get",
        instructions: 1.05,
        by_address: Some(1.02),
        allocations: 52.0,
        bytes: 20_100.0,
    },
    Ceiling {
        client: OURS,
        work: "post",
        instructions: 1.04,
        by_address: Some(1.02),
        allocations: 55.0,
        bytes: 20_650.0,
    },
    Ceiling {
        client: ON_HYPER,
        work: "get",
        instructions: 0.76,
        by_address: None,
        allocations: 31.0,
        bytes: 16_300.0,
    },
    Ceiling {
        client: ON_HYPER,
        work: "post",
        instructions: 0.76,
        by_address: None,
        allocations: 34.0,
        bytes: 16_500.0,
    },
];

pub(crate) fn run() -> Result<(), Problem> {
    let server = Server::start()?;
    let by_hand = BY_HAND.build(Counting::Off)?;
    let has_valgrind = callgrind::is_installed();
    // The instructions of reqwest by hand, by the URL and the work.
    let mut expected = HashMap::new();
    let mut failures = Vec::new();
    let mut check = |work: &str, what: &str, value: f64, ceiling: f64| {
        let digits = if value < 10.0 { 3 } else { 0 };
        println!("{work}: {value:.digits$} {what}, at most {ceiling}");
        if value > ceiling {
            failures.push(format!("{work}: {value:.digits$} {what} are more than {ceiling}"));
        }
    };
    for ceiling in CEILINGS {
        let client = ceiling.client;
        println!("{}", client.name);
        let (program, counting) = (client.build(Counting::Off)?, client.build(Counting::On)?);
        let counts = per_call::allocations(&client, &counting, &server, ceiling.work)?;
        check(ceiling.work, "allocations", counts.allocations.unwrap_or(f64::MAX), ceiling.allocations);
        check(ceiling.work, "bytes allocated", counts.bytes.unwrap_or(f64::MAX), ceiling.bytes);
        if !has_valgrind {
            continue;
        }
        let places = [
            ("", server.url(), Some(ceiling.instructions)),
            (" by address", server.url_by_address(), ceiling.by_address),
        ];
        for (place, url, most) in places {
            let Some(most) = most else { continue };
            let ours = callgrind::instructions(&client, &program, &url, ceiling.work)?;
            let expected = match expected.entry((place, ceiling.work)) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    *entry.insert(callgrind::instructions(&BY_HAND, &by_hand, &url, ceiling.work)?)
                }
            };
            let work = format!("{}{place}", ceiling.work);
            check(&work, "of the instructions of reqwest by hand", ours / expected, most);
        }
    }
    if !has_valgrind {
        println!("SKIPPED: valgrind is not installed; instructions were not counted");
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}
