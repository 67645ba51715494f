//! Credentials that are fetched: by a provider, or after a challenge.

mod scope;

use std::sync::Arc;

use http::StatusCode;
use tokio::time::Instant;

pub(super) use self::scope::Called;
use super::Sender;
use super::engine::{Core, never};
use crate::credential::{Caller, Challenged, Credential, Lease, MAX_CHALLENGES, Source, Sources};
use crate::declare::Hooks;
use crate::error::{Error, Result};

/// The tokens of a challenged credential, and the one that the call needs.
pub(super) struct Asked {
    challenged: Arc<Challenged>,
    source: Option<Arc<Source>>,
}

impl Sender<'_> {
    /// Decides which token the next attempt needs, if servers ask for those of `credential`. `last` is what the last attempt needed.
    pub(super) fn ask(&mut self, credential: &Credential, last: Option<Asked>) -> Result<()> {
        if let Some(Sources::Asked(challenged)) = credential.sources() {
            self.proof.asked = Some(self.asked(challenged, last)?);
        }
        Ok(())
    }

    /// Where what the next attempt carries besides `credential` is fetched from.
    pub(super) fn source<'s>(&'s self, credential: &'s Credential) -> Option<&'s Arc<Source>> {
        match credential.sources()? {
            Sources::One(source) => Some(source),
            Sources::Asked(_) => self.proof.asked.as_ref()?.source.as_ref(),
        }
    }

    /// The credential of a source.
    pub(super) async fn fetched(&self, source: &Arc<Source>) -> Result<Lease<Credential>> {
        match source.lease(&self.core.origin).fresh() {
            Some(lease) => Ok(lease),
            None => Box::pin(self.awaited(self.core.fetched(source, self.hooks, self.deadline()))).await,
        }
    }

    /// The token that the call needs: the one of the last challenge, of the scope that is stated, or of an earlier challenge to the
    /// same request.
    fn asked(&self, challenged: &Arc<Challenged>, last: Option<Asked>) -> Result<Asked> {
        let url = &self.exchange.url;
        let last = last.filter(|last| Arc::ptr_eq(&last.challenged, challenged)).and_then(|last| last.source);
        let source = match last {
            Some(source) => Some(source),
            None => match self.stated_scope()? {
                Some(scope) => Some(challenged.stated(scope, url)),
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
}

impl Core {
    /// Fetches what requests with this credential carry, if that is of a provider.
    pub(super) async fn fetch(&self, credential: &Credential, hooks: &Arc<dyn Hooks>) -> Result<()> {
        if let Some(Sources::One(source)) = credential.sources() {
            self.fetched(source, hooks, never()).await?;
        }
        Ok(())
    }

    /// The credential of a source, for a call that waits until `end`.
    async fn fetched(
        &self,
        source: &Arc<Source>,
        hooks: &Arc<dyn Hooks>,
        end: Instant,
    ) -> Result<Lease<Credential>> {
        let fetch = || {
            let (source, hooks) = (Arc::clone(source), Arc::clone(hooks));
            let telemetry = Arc::clone(&self.telemetry);
            // The session that starts the fetch may be dropped before it ends, so the fetch holds the hooks.
            async move {
                let fetch = source.fetch(Caller::new(hooks.session().clone()));
                telemetry.fetched(fetch, Credential::is_none).await
            }
        };
        let limit = source.time_limit().unwrap_or(self.timeout);
        source.lease(&self.origin).current(limit, end, fetch).await
    }
}
