//! How fast the body of a response must arrive.

use std::time::Duration;

use crate::decode::Reads;

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

    /// The default. Events and lines may be few and far between.
    pub(super) const fn of(reads: Reads) -> Self {
        match reads {
            Reads::Whole | Reads::Streamed => {
                Self { idle_timeout: Duration::from_secs(30), min_throughput: 1024 }
            }
            Reads::Live => Self { idle_timeout: Duration::from_secs(300), min_throughput: 0 },
        }
    }
}
