//! A small run of all faults. CONTRIBUTING.md has the command of a full run.
//!
//! All requests with a fault are in flight at once, so that each that hangs waits for its time limit beside the others.

use std::time::{Duration, Instant};

use faults::downloads::run_downloads;
use faults::run::{Plan, run, run_before, summary};
use faults::streams::{faults, run_streams};

/// A plan with a limit that a busy machine keeps, and a drip that lasts a second longer.
fn plan(requests: usize, at_once: usize, hyper: bool) -> Plan {
    let patience = Duration::from_secs(5);
    Plan { requests, at_once, budget: false, seed: 0, hyper, patience, drip: 150 }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_every_fault_has_the_required_result() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let plans = [false, true].map(|hyper| Plan { seed, ..plan(8, 8 * 3, hyper) });
    let start = Instant::now();
    let (by_default, on_hyper) = tokio::join!(run(plans[0], |_, _| ()), run(plans[1], |_, _| ()));
    for (plan, total) in plans.into_iter().zip([by_default, on_hyper]) {
        let (hyper, summary) = (plan.hyper, summary(43, &total, plan, start));
        println!("hyper {hyper}: {summary}");
        assert!(total.is_clean(), "hyper {hyper}: {summary}");
        assert_eq!((total.calls, total.gets), (43 * 3 * 8, (28 * 8, 28 * 8)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_before_the_first_byte_means_not_sent() {
    let plans = [false, true].map(|hyper| Plan { budget: true, ..plan(4, 4 * 3, hyper) });
    let start = Instant::now();
    let (by_default, on_hyper) =
        tokio::join!(run_before(plans[0], |_, _| ()), run_before(plans[1], |_, _| ()));
    for (plan, total) in plans.into_iter().zip([by_default, on_hyper]) {
        let (hyper, summary) = (plan.hyper, summary(14, &total, plan, start));
        println!("hyper {hyper}: {summary}");
        assert!(total.is_clean(), "hyper {hyper}: {summary}");
        assert_eq!(total.calls, 14 * 3 * 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_and_lines_have_the_required_end_after_every_fault_of_a_server() {
    let total = run_streams(plan(4, 4 * 4, false), |_, _| ()).await;
    println!("{total}");
    assert!(total.is_clean(), "{total}");
    assert_eq!(total.calls, faults() * 4 * 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_a_download_is_whole_or_an_error_with_every_fault() {
    let total = run_downloads(plan(2, 4, false), |_, _| ()).await;
    println!("{total}");
    assert!(total.is_clean(), "{total}");
    assert_eq!(total.calls, 40 * 2 * 2);
}
