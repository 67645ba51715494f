//! How fast the body of a response must arrive.

use std::time::Duration;

/// How fast the body of a response must arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// The longest time without a byte.
    pub(crate) idle_timeout: Duration,
    /// The least number of bytes per second, measured over [`WINDOW`](Self::WINDOW); zero is any.
    pub(crate) min_throughput: u32,
}

impl Pace {
    /// The time over which the throughput is measured.
    pub(crate) const WINDOW: Duration = Duration::from_secs(30);
}

impl Default for Pace {
    fn default() -> Self {
        Self { idle_timeout: Duration::from_secs(30), min_throughput: 1024 }
    }
}
