//! Runs the faults: `cargo run --release -p faults -- --requests 1000 --seed 7`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use faults::downloads::run_downloads;
use faults::fault::Fault;
use faults::run::{Plan, Tally, line, run, run_before, summary};
use faults::streams::{self, run_streams};
use faults::wire::WireFault;

const USAGE: &str = "usage: faults [--requests N] [--at-once N] [--seed N] [--budget on|off] [--transport reqwest|hyper]

Without --budget there are two runs: one without a retry budget, which must be clean, and one with the default
budget, which counts the retries that it refused. A run of the faults of TLS and of proxies follows, one of the faults of a
server over events and lines, and one over downloads.";

#[tokio::main]
async fn main() -> ExitCode {
    let Some((plan, budgets)) = plan(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut clean = true;
    for budget in budgets {
        let (plan, start) = (Plan { budget, ..plan }, Instant::now());
        let total = run(plan, report).await;
        println!("{}", summary(Fault::ALL.len(), &total, plan, start));
        clean &= total.is_clean();
    }
    let start = Instant::now();
    let total = run_before(plan, report).await;
    println!("{}", summary(WireFault::ALL.len(), &total, plan, start));
    clean &= total.is_clean();
    let start = Instant::now();
    let total = run_streams(plan, |fault, tally| println!("{}", streams::line(fault, tally))).await;
    let seconds = start.elapsed().as_secs_f64();
    println!("{} faults × {} × events and lines: {total}; {seconds:.1} s", streams::faults(), plan.requests);
    clean &= total.is_clean();
    let start = Instant::now();
    let total = run_downloads(plan, report).await;
    println!("downloads, in pieces and to a file: {total}; {:.1} s", start.elapsed().as_secs_f64());
    clean &= total.is_clean();
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(fault: &str, tally: &Tally) {
    println!("{}", line(fault, tally));
}

fn plan(mut arguments: impl Iterator<Item = String>) -> Option<(Plan, Vec<bool>)> {
    let mut plan = Plan {
        requests: 100,
        at_once: 64,
        budget: false,
        seed: fastrand::u64(..),
        hyper: false,
        patience: Duration::from_secs(1),
        drip: usize::MAX,
    };
    let mut budgets = vec![false, true];
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--requests" => plan.requests = value.parse().ok()?,
            "--at-once" => plan.at_once = value.parse().ok().filter(|at_once| *at_once > 0)?,
            "--seed" => plan.seed = value.parse().ok()?,
            "--transport" if matches!(&*value, "hyper" | "reqwest") => plan.hyper = value == "hyper",
            "--budget" => budgets = vec![value == "on"],
            _ => return None,
        }
    }
    Some((plan, budgets))
}
