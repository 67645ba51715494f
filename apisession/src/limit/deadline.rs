//! Deadlines that a clock can represent.

use std::time::Duration;

use tokio::time::Instant;

use crate::message::duration::LONGEST;

/// The time `limit` after `start`, or a year after it if `limit` is longer.
pub(crate) fn deadline(limit: Duration, start: Instant) -> Instant {
    start + limit.min(LONGEST)
}
