//! A thread that aborts the process if a test takes too long.

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Many times what the slowest test takes on an idle machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Watches the test that runs on this thread, until it is dropped.
#[derive(Debug)]
#[must_use = "the test is watched until this is dropped"]
pub struct Watchdog(#[expect(dead_code, reason = "its drop is the message")] Sender<()>);

impl Watchdog {
    /// Starts a thread that prints the name of the test and aborts the process, if this is not dropped within two minutes.
    ///
    /// A timeout of tokio's can't do that: it does not pass on the paused clock, nor while a task never waits.
    pub fn start() -> Self {
        crate::provider::install();
        let (sender, end) = channel();
        // The test harness names the thread of a test after the test.
        let test = thread::current().name().unwrap_or("a test").to_owned();
        thread::spawn(move || {
            if end.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                // Not `eprintln!`, which the test harness captures.
                let _ = writeln!(
                    std::io::stderr(),
                    "\n{test} takes longer than {LIMIT:?}; the process is aborted"
                );
                std::process::abort();
            }
        });
        Self(sender)
    }
}
