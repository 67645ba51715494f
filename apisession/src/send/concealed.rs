//! The secrets among the arguments of a session's calls. A link of the server's can repeat them in another call.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::redact::Secret;

/// How many secrets are remembered, the latest ones.
const MAX_REMEMBERED: usize = 64;

/// The secrets that were arguments of earlier calls.
#[derive(Default)]
pub(super) struct Concealed(Mutex<VecDeque<Secret>>);

impl Concealed {
    /// The secrets that a call may show: its own, and those of other calls if its path is not a declared one.
    pub(super) fn of_call(&self, own: Vec<Secret>, is_declared: bool) -> Option<Arc<Vec<Secret>>> {
        if own.is_empty() && is_declared {
            return None;
        }
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for secret in &own {
            if !remembered.contains(secret) {
                remembered.push_back(secret.clone());
            }
        }
        let excess = remembered.len().saturating_sub(MAX_REMEMBERED);
        remembered.drain(..excess);
        let mut all = own;
        if !is_declared {
            all.extend(remembered.iter().cloned());
        }
        Some(all).filter(|all| !all.is_empty()).map(Arc::new)
    }
}
