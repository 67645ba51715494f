//! Fails if a call costs more than reqwest by hand by more than a ceiling. Nothing here depends on the clock.

use crate::clients::{BY_HAND, Counting, OURS};
use crate::server::Server;
use crate::{Problem, callgrind, per_call};

/// What a call may cost.
struct Ceiling {
    work: &'static str,
    /// Instructions, relative to those of reqwest by hand in the same run.
    instructions: f64,
    allocations: f64,
    bytes: f64,
}

const CEILINGS: [Ceiling; 2] = [
    Ceiling { work: "get", instructions: 1.05, allocations: 53.0, bytes: 20_350.0 },
    Ceiling { work: "post", instructions: 1.04, allocations: 56.0, bytes: 20_900.0 },
];

pub(crate) fn run() -> Result<(), Problem> {
    let server = Server::start()?;
    let url = server.url();
    let (ours, counting, by_hand) =
        (OURS.build(Counting::Off)?, OURS.build(Counting::On)?, BY_HAND.build(Counting::Off)?);
    let has_valgrind = callgrind::is_installed();
    let mut failures = Vec::new();
    let mut check = |work: &str, what: &str, value: f64, ceiling: f64| {
        let digits = if value < 10.0 { 3 } else { 0 };
        println!("{work}: {value:.digits$} {what}, at most {ceiling}");
        if value > ceiling {
            failures.push(format!("{work}: {value:.digits$} {what} are more than {ceiling}"));
        }
    };
    for ceiling in CEILINGS {
        let counts = per_call::allocations(&OURS, &counting, &server, ceiling.work)?;
        check(ceiling.work, "allocations", counts.allocations.unwrap_or(f64::MAX), ceiling.allocations);
        check(ceiling.work, "bytes allocated", counts.bytes.unwrap_or(f64::MAX), ceiling.bytes);
        if has_valgrind {
            let ours = callgrind::instructions(&OURS, &ours, &url, ceiling.work)?;
            let by_hand = callgrind::instructions(&BY_HAND, &by_hand, &url, ceiling.work)?;
            check(
                ceiling.work,
                "of the instructions of reqwest by hand",
                ours / by_hand,
                ceiling.instructions,
            );
        }
    }
    if !has_valgrind {
        println!("SKIPPED: valgrind is not installed; instructions were not counted");
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}
