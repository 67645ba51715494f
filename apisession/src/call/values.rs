//! The values that a session keeps.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// The most values that a session keeps. Beyond it, the one that was not asked for the longest is fetched again.
const MAX_VALUES: usize = 1000;

/// The values that a session keeps, each in a store.
#[derive(Default)]
pub(crate) struct CachedValues(Mutex<HashMap<Key, Stored>>);

/// Which value it is: where it is declared, its type, and the path at which it is asked for.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// The address tells apart what one call of a macro declares.
    pub(super) declared: (&'static Location<'static>, usize),
    pub(super) of: TypeId,
    pub(super) path: String,
}

struct Stored {
    store: Arc<dyn Any + Send + Sync>,
    asked: Instant,
}

impl CachedValues {
    /// The store of a value, which is made if there is none.
    pub(super) fn find<S: Any + Send + Sync>(
        &self,
        key: Key,
        new: impl FnOnce() -> Arc<S>,
    ) -> Arc<dyn Any + Send + Sync> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= MAX_VALUES && !values.contains_key(&key) {
            let oldest = values.values().map(|stored| stored.asked).min();
            values.retain(|_, stored| Some(stored.asked) != oldest);
        }
        let now = Instant::now();
        let stored = values.entry(key).or_insert_with(|| Stored { store: new(), asked: now });
        stored.asked = now;
        Arc::clone(&stored.store)
    }
}
