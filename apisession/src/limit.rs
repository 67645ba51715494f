//! How many requests of a session are under way at once.

use tokio::sync::{Semaphore, SemaphorePermit};

/// The slot that every attempt passes.
#[derive(Debug, Default)]
pub(crate) struct Limit {
    in_flight: Option<Semaphore>,
}

/// The right to send one request; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    _held: Option<SemaphorePermit<'a>>,
}

impl Limit {
    /// At most `max_in_flight` requests at once; `None` is no limit.
    pub(crate) fn new(max_in_flight: Option<usize>) -> Self {
        let in_flight = max_in_flight.map(|max| Semaphore::new(max.min(Semaphore::MAX_PERMITS)));
        Self { in_flight }
    }

    pub(crate) async fn acquire(&self) -> Permit<'_> {
        let held = match &self.in_flight {
            // The semaphore is never closed.
            Some(semaphore) => semaphore.acquire().await.ok(),
            None => None,
        };
        Permit { _held: held }
    }
}
