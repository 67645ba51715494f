//! A small run of all faults. CONTRIBUTING.md has the command of a full run.

use std::time::Instant;

use faults::downloads::run_downloads;
use faults::run::{Plan, run, run_before, summary};
use faults::streams::{faults, run_streams};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m1_every_fault_has_the_required_result() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    for hyper in [false, true] {
        let plan = Plan { requests: 8, at_once: 8, budget: false, seed, hyper };
        let start = Instant::now();
        let total = run(plan, |_, _| ()).await;
        let summary = summary(43, &total, plan, start);
        println!("hyper {hyper}: {summary}");
        assert!(total.is_clean(), "hyper {hyper}: {summary}");
        assert_eq!((total.calls, total.gets), (43 * 3 * 8, (28 * 8, 28 * 8)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_before_the_first_byte_means_not_sent() {
    for hyper in [false, true] {
        let plan = Plan { requests: 4, at_once: 4, budget: true, seed: 0, hyper };
        let start = Instant::now();
        let total = run_before(plan, |_, _| ()).await;
        let summary = summary(14, &total, plan, start);
        println!("hyper {hyper}: {summary}");
        assert!(total.is_clean(), "hyper {hyper}: {summary}");
        assert_eq!(total.calls, 14 * 3 * 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_and_lines_have_the_required_end_after_every_fault_of_a_server() {
    let plan = Plan { requests: 4, at_once: 4, budget: false, seed: 0, hyper: false };
    let total = run_streams(plan, |_, _| ()).await;
    println!("{total}");
    assert!(total.is_clean(), "{total}");
    assert_eq!(total.calls, faults() * 4 * 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f1_a_download_is_whole_or_an_error_with_every_fault() {
    let plan = Plan { requests: 2, at_once: 4, budget: false, seed: 0, hyper: false };
    let total = run_downloads(plan, |_, _| ()).await;
    println!("{total}");
    assert!(total.is_clean(), "{total}");
    assert_eq!(total.calls, 40 * 2 * 2);
}
