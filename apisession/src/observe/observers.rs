//! The observers of a session, and how they are told.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::error;

use super::name::TARGET;
use super::observer::Observer;

/// The observers of a session. A clone is cheap.
#[derive(Clone)]
pub(crate) struct Observers(Arc<List>);

struct List {
    observers: Vec<Arc<dyn Observer>>,
    /// Whether the panic of one was logged.
    has_panicked: AtomicBool,
}

impl Observers {
    pub(super) fn new(observers: Vec<Arc<dyn Observer>>) -> Self {
        Self(Arc::new(List { observers, has_panicked: AtomicBool::new(false) }))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.observers.is_empty()
    }

    /// Tells each observer. A panic in one is caught, and the first one is logged.
    pub(crate) fn tell(&self, tell: impl Fn(&dyn Observer)) {
        for observer in &self.0.observers {
            let told = catch_unwind(AssertUnwindSafe(|| tell(&**observer)));
            if told.is_err() && !self.0.has_panicked.swap(true, Ordering::Relaxed) {
                error!(target: TARGET, "an observer has panicked; calls go on, and later panics are not logged");
            }
        }
    }
}
