//! The token that a server asks for: by a challenge, or by a scope that is stated beforehand.

use std::sync::Arc;

use http::StatusCode;

use super::Sender;
use crate::call::PathBelow;
use crate::credential::{Challenged, MAX_CHALLENGES, Source};
use crate::describe::Operation;
use crate::encode::placeholders;
use crate::encode::segment::joined;
use crate::error::{Error, Result};
use crate::settings::ScopeError;

/// The path of a call below its base URL, and the place at which it was called, for the values of its placeholders.
pub(super) struct Called {
    pub(super) place: Option<Arc<PathBelow>>,
    pub(super) path: String,
}

/// The tokens of a challenged credential, and the one that the call needs.
pub(super) struct Asked {
    pub(super) challenged: Arc<Challenged>,
    pub(super) source: Option<Arc<Source>>,
}

impl Sender<'_> {
    /// The token that the call needs: the one of the last challenge, of the scope that is stated, or of an earlier challenge to the
    /// same request.
    pub(super) fn asked(&self, challenged: &Arc<Challenged>, last: Option<Asked>) -> Result<Asked> {
        let url = &self.exchange.url;
        let last = last.filter(|last| Arc::ptr_eq(&last.challenged, challenged)).and_then(|last| last.source);
        let source = match last {
            Some(source) => Some(source),
            None => match self.levels.scope(|name| self.value(name)) {
                Some(scope) => {
                    let refuse = |why| self.hook_error(Error::argument(why).with_outcome(self.trail.outcome));
                    Some(challenged.stated(scope.map_err(refuse)?, url))
                }
                None => challenged.expected(&self.exchange.method, url),
            },
        };
        Ok(Asked { challenged: Arc::clone(challenged), source })
    }

    /// Whether the server asks for another token than the request had, by an error response. That is what the next attempt needs.
    pub(super) fn is_asked(&mut self, error: &Error) -> bool {
        let source = self.other_source(error);
        match (&mut self.proof.asked, source) {
            (Some(asked), Some(source)) => {
                asked.source = Some(source);
                true
            }
            _ => false,
        }
    }

    /// Forgets what the server has asked for, since that token can't be fetched.
    pub(super) fn forget_asked(&self) {
        if let Some(asked) = &self.proof.asked {
            asked.challenged.forget(&self.exchange.method, &self.exchange.url);
        }
    }

    fn other_source(&self, error: &Error) -> Option<Arc<Source>> {
        let Asked { challenged, source } = self.proof.asked.as_ref()?;
        let challenge = challenged.challenge(error.headers()?)?;
        let is_challenge = match error.status()? {
            StatusCode::UNAUTHORIZED => true,
            StatusCode::FORBIDDEN => challenge.is("error", "insufficient_scope"),
            _ => self.levels.is_expired(error),
        };
        if !is_challenge || self.proof.challenges >= MAX_CHALLENGES {
            return None;
        }
        let next = challenged.asked(challenge, &self.exchange.method, &self.exchange.url);
        let is_same = source.as_ref().is_some_and(|source| Arc::ptr_eq(source, &next));
        (!is_same).then_some(next)
    }

    /// The value of a parameter of the path, or else of the query.
    fn value(&self, name: &str) -> Result<String, ScopeError> {
        let Called { place, path } = &self.called;
        let (place, prefix) = place.as_ref().map_or(("", ""), |place| (place.template(), place.prefix()));
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
