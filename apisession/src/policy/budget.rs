//! How many retries an origin is worth: a bucket of tokens, so that a server that is down is not kept down.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use url::Url;

/// The tokens of each origin. It never makes anybody wait: a retry has its tokens, or it is not made.
#[derive(Debug)]
pub(crate) struct Budget {
    /// How many there are; `None` is no limit.
    capacity: Option<u32>,
    /// How many are gone. An origin that is not here has all of them.
    spent: Mutex<HashMap<String, u32>>,
}

/// The tokens of a new bucket.
pub(crate) const CAPACITY: u32 = 500;
const COST: u32 = 14;
const COST_THROTTLED: u32 = 5;
/// What a call that succeeds at once gives back.
const INCOME: u32 = 1;

impl Budget {
    pub(crate) fn new(capacity: Option<u32>) -> Self {
        Self { capacity, spent: Mutex::default() }
    }

    /// Takes the tokens of a retry; `None` if they are not there.
    pub(crate) fn take(&self, url: &Url, throttled: bool) -> Option<u32> {
        let Some(capacity) = self.capacity else { return Some(0) };
        let cost = if throttled { COST_THROTTLED } else { COST };
        let mut origins = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = origins.entry(url.origin().ascii_serialization()).or_default();
        let after = spent.checked_add(cost).filter(|after| *after <= capacity)?;
        *spent = after;
        Some(cost)
    }

    /// Gives tokens back after a success: those that its last retry took, or a single one if there was none.
    pub(crate) fn refund(&self, url: &Url, taken: Option<u32>) {
        if self.capacity.is_none() {
            return;
        }
        let mut origins = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a failure so far there is nothing to give back, and nothing to build a key for.
        if origins.is_empty() {
            return;
        }
        if let Some(spent) = origins.get_mut(&url.origin().ascii_serialization()) {
            *spent = spent.saturating_sub(taken.unwrap_or(INCOME));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_until_there_are_none_and_come_back_by_successes() {
        let url = Url::parse("https://a.test/x").unwrap();
        let other = Url::parse("https://a.test:8443/x").unwrap();
        let budget = Budget::new(Some(40));
        let taken = |url, throttled| budget.take(url, throttled);
        assert_eq!(
            [taken(&url, false), taken(&url, false), taken(&url, true)],
            [Some(14), Some(14), Some(5)]
        );
        assert_eq!((taken(&url, false), taken(&other, false)), (None, Some(14)));
        budget.refund(&url, Some(14));
        assert_eq!(taken(&url, false), Some(14));
        for _ in 0..7 {
            budget.refund(&url, None);
        }
        assert_eq!([taken(&url, false), taken(&url, false)], [Some(14), None]);
        let off = Budget::new(None);
        assert!((0..10_000).all(|_| off.take(&url, false) == Some(0)));
    }
}
