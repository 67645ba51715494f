//! The scope of a token, as a level states it, with the values of the call.

use std::sync::Arc;

use crate::call::PathBelow;
use crate::describe::Operation;
use crate::encode::placeholders;
use crate::encode::segment::joined;
use crate::error::{Error, Result};
use crate::send::Sender;
use crate::settings::{ScopeError, Setting};

/// The path of a call below its base URL, and the place at which it was called, for the values of its placeholders.
pub(in crate::send) struct Called {
    place: Option<Arc<PathBelow>>,
    path: String,
}

impl Called {
    pub(in crate::send) fn new(place: Option<Arc<PathBelow>>, path: String) -> Self {
        Self { place, path }
    }

    /// The path of the place, with placeholders in place of values.
    pub(in crate::send) fn template(&self) -> &str {
        self.place.as_ref().map_or("", |place| place.template())
    }
}

impl Sender<'_> {
    /// The scope that a level states, if one does.
    pub(super) fn stated_scope(&self) -> Result<Option<String>> {
        let scope = self.levels.nearest(|setting| match setting {
            Setting::Scope(scope) => Some(scope),
            _ => None,
        });
        let filled = scope.map(|scope| scope.filled(|name| self.value(name))).transpose();
        filled.map_err(|why| self.hook_error(Error::argument(why).with_outcome(self.trail.outcome)))
    }

    /// The value of a parameter of the path, or else of the query.
    fn value(&self, name: &str) -> Result<String, ScopeError> {
        let Called { place, path } = &self.called;
        let (place, prefix) = (self.called.template(), place.as_ref().map_or("", |place| place.prefix()));
        let operation = self.exchange.operation.map_or("", Operation::path);
        let mut values = placeholders::values(place, prefix);
        let template = joined(place, operation);
        if !operation.is_empty() {
            values = placeholders::values(&template, path);
        }
        // Of two placeholders of one name, the nearer one is the operation's.
        if let Some((_, value)) = values.into_iter().rev().find(|(other, _)| *other == name) {
            return value.ok_or(ScopeError::Ambiguous);
        }
        let mut pairs = self.exchange.url.query_pairs().filter(|(other, _)| other == name);
        match (pairs.next(), pairs.next()) {
            (Some((_, value)), None) => Ok(value.into_owned()),
            (Some(_), Some(_)) => Err(ScopeError::List),
            (None, _) => Err(ScopeError::Unknown),
        }
    }
}
