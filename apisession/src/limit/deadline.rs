//! Deadlines that a clock can represent.

use std::time::Duration;

use tokio::time::Instant;

/// The longest time limit: a year. The end of a longer one might not be representable.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The time `limit` after `start`, or a year after it if `limit` is longer.
pub(crate) fn deadline(limit: Duration, start: Instant) -> Instant {
    start + limit.min(LONGEST)
}
