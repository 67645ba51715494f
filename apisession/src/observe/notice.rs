//! Notices of the server that an operation will go away.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use http::HeaderName;
use tracing::{Level, enabled, warn};

use super::name::TARGET;
use crate::describe::Operation;
use crate::error::Head;

/// The operations of which a notice was logged, by their addresses. All raw calls count as one, so that there are never many.
#[derive(Default)]
pub(super) struct Noticed(Mutex<HashSet<usize>>);

impl Noticed {
    /// Whether this is the first notice of an operation.
    fn is_first(&self, operation: Option<&'static Operation>) -> bool {
        let key = operation.map_or(0, |operation| std::ptr::from_ref(operation).addr());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key)
    }

    /// Logs what a response announces in `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), once for each operation.
    pub(super) fn notice(&self, operation: Option<&'static Operation>, head: &Head) {
        let text = |name: &HeaderName| {
            let value = head.headers.get(name)?;
            Some(head.shown(&String::from_utf8_lossy(value.as_bytes())))
        };
        let (deprecation, sunset) = (text(&DEPRECATION), text(&SUNSET));
        if deprecation.is_none() && sunset.is_none() || !enabled!(target: TARGET, Level::WARN) {
            return;
        }
        if self.is_first(operation) {
            warn!(
                target: TARGET,
                operation = operation.map(tracing::field::display),
                deprecation,
                sunset,
                "the server announces that what was called is deprecated or will go away"
            );
        }
    }
}

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");
