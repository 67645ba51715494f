//! Points in time that a clock can represent.

use std::time::Duration;

use tokio::time::Instant;

/// The longest time limit: a year. A longer one might be past the end of the clock.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The time `limit` after `start`, at most a year.
pub(crate) fn deadline(limit: Duration, start: Instant) -> Instant {
    start + limit.min(LONGEST)
}
