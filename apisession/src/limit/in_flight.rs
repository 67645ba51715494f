//! The limit on concurrent requests of a session.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limits how many requests of a session are sent at the same time.
#[derive(Debug, Default)]
pub(crate) struct InFlight {
    semaphore: Option<Arc<Semaphore>>,
}

/// The permission to send one request. It is released when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    _held: Option<OwnedSemaphorePermit>,
}

impl InFlight {
    /// Allows at most `max_in_flight` requests at the same time; `None` is no limit.
    pub(crate) fn new(max_in_flight: Option<usize>) -> Self {
        let semaphore = max_in_flight.map(|max| Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))));
        Self { semaphore }
    }

    /// Returns a permit if one is free.
    pub(crate) fn try_acquire(&self) -> Option<Permit> {
        match &self.semaphore {
            Some(semaphore) => {
                Arc::clone(semaphore).try_acquire_owned().ok().map(|held| Permit { _held: Some(held) })
            }
            None => Some(Permit { _held: None }),
        }
    }

    /// Waits for a permit.
    pub(crate) async fn acquire(&self) -> Permit {
        let held = match &self.semaphore {
            // The semaphore is never closed.
            Some(semaphore) => Arc::clone(semaphore).acquire_owned().await.ok(),
            None => None,
        };
        Permit { _held: held }
    }
}
