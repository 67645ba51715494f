//! Measures what the framework costs. Each command prints a table, and writes the same as JSON into the target folder.
//!
//! - `per-call`: CPU time, throughput, instructions and allocations of a call, beside other clients. `--rounds 3` is faster than
//!   the nine rounds of the default, and `--only ours,reqwest` leaves out the other binaries.
//! - `scale`: the heap of calls in flight, what a million calls leave behind, and a session with 1,000 endpoints. `--calls 100000`
//!   is faster.
//! - `size`: the binary of a quickstart, and the cold check of a minimal client. `--rounds 1` is faster than three.
//! - `guard`: fails if a call takes more instructions or allocations than its ceilings.
//! - `observing`: the instructions and allocations of a call without a subscriber, and with two.
//!
//! Times on a machine that does other things are noise: compare ratios of one run, and look at their spread.

use std::process::ExitCode;

mod callgrind;
mod chart;
mod clients;
mod figures;
mod folders;
mod guard;
mod observing;
mod per_call;
mod python;
mod scale;
mod server;
mod size;

/// Any error, for a person to read.
pub(crate) type Problem = Box<dyn std::error::Error>;

const USAGE: &str = "usage: per-call [--rounds N] [--only BINARY,…] | scale [--calls N] | size [--rounds N] | guard | observing";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Problem> {
    let (command, options) = arguments.split_first().ok_or(USAGE)?;
    let option = |name: &str| {
        let pairs = options.chunks(2);
        pairs.filter(|pair| pair[0] == name).find_map(|pair| pair.get(1)).map(String::as_str)
    };
    let number = |name: &str, default: usize| option(name).map_or(Ok(default), str::parse);
    match command.as_str() {
        "per-call" => per_call::run(number("--rounds", 9)?, option("--only")),
        "scale" => scale::run(number("--calls", 1_000_000)?),
        "size" => size::run(number("--rounds", 3)?),
        "guard" => guard::run(),
        "observing" => observing::run(),
        _ => Err(USAGE.into()),
    }
}

/// Says what a table does not have, so that nobody overlooks it.
pub(crate) fn left_out(name: &str, why: &str) {
    println!("LEFT OUT: {name}: {why}");
}
