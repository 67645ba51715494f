//! The retry budget of each origin: a bucket of tokens, so that retries don't overload a server that is failing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use url::Url;

/// The tokens of each origin. A retry takes its tokens at once, or is not made; it never waits for them.
#[derive(Debug)]
pub(crate) struct Budget {
    /// The number of tokens of an origin; `None` is no limit.
    capacity: Option<u32>,
    /// The number of spent tokens by origin. An origin without an entry has spent none.
    spent: Mutex<HashMap<String, u32>>,
}

/// The default number of tokens.
pub(crate) const CAPACITY: u32 = 500;
/// The cost of a retry.
const COST: u32 = 14;
/// The cost of a retry after the server reported too many requests.
const COST_THROTTLED: u32 = 5;
/// The number of tokens that a call returns if it succeeds without a retry.
const REFUND: u32 = 1;

impl Budget {
    pub(crate) fn new(capacity: Option<u32>) -> Self {
        Self { capacity, spent: Mutex::default() }
    }

    /// Takes the tokens of a retry, and returns their number; `None` if there are not enough.
    pub(crate) fn take(&self, url: &Url, throttled: bool) -> Option<u32> {
        let Some(capacity) = self.capacity else { return Some(0) };
        let cost = if throttled { COST_THROTTLED } else { COST };
        let mut origins = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = origins.entry(url.origin().ascii_serialization()).or_default();
        let after = spent.checked_add(cost).filter(|after| *after <= capacity)?;
        *spent = after;
        Some(cost)
    }

    /// Returns tokens after a success: those that the last retry of the call took, or one token if there was no retry.
    pub(crate) fn refund(&self, url: &Url, taken: Option<u32>) {
        if self.capacity.is_none() {
            return;
        }
        let mut origins = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a retry so far, all tokens are there. This spares building the key.
        if origins.is_empty() {
            return;
        }
        if let Some(spent) = origins.get_mut(&url.origin().ascii_serialization()) {
            *spent = spent.saturating_sub(taken.unwrap_or(REFUND));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_take_tokens_until_none_are_left_and_successes_return_them() {
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
