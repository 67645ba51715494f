//! How many requests of a session are under way at once.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The slot that every attempt passes.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    in_flight: Option<Arc<Semaphore>>,
}

/// The right to send one request; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Permit {
    _held: Option<OwnedSemaphorePermit>,
}

impl InFlight {
    /// At most `max_in_flight` requests at once; `None` is no limit.
    pub(crate) fn new(max_in_flight: Option<usize>) -> Self {
        let in_flight = max_in_flight.map(|max| Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))));
        Self { in_flight }
    }

    /// A place at once, or none.
    pub(crate) fn try_acquire(&self) -> Option<Permit> {
        match &self.in_flight {
            Some(semaphore) => {
                Arc::clone(semaphore).try_acquire_owned().ok().map(|held| Permit { _held: Some(held) })
            }
            None => Some(Permit { _held: None }),
        }
    }

    pub(crate) async fn acquire(&self) -> Permit {
        let held = match &self.in_flight {
            // The semaphore is never closed.
            Some(semaphore) => Arc::clone(semaphore).acquire_owned().await.ok(),
            None => None,
        };
        Permit { _held: held }
    }
}
