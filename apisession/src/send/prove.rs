//! The credential of a request: which one, where it is from, and what happens when it is refused.

use std::future::Future;
use std::sync::Arc;

use http::{HeaderName, HeaderValue, header};

use super::fetch::Asked;
use super::{Draft, Sender};
use crate::credential::{AuthScheme, Clock, Credential, Lease, MAX_CHALLENGES};
use crate::encode::origin::is_loopback;
use crate::error::{Error, Outcome, Result};
use crate::message::Request;
use crate::redact::{Carried, Carries};
use crate::settings::Choice;

/// How a call is authenticated.
#[derive(Default)]
pub(super) struct Proof {
    /// What signs the next attempt.
    pub(super) scheme: Option<Arc<dyn AuthScheme>>,
    /// How far the clock is ahead by which it is signed, in milliseconds.
    pub(super) ahead: i64,
    /// The clock of a server that is not the session's.
    external_clock: Clock,
    /// The secrets that the request carries, which errors mask.
    pub(super) carried: Carried,
    /// How often the request was sent again because its credential was refused.
    pub(super) count: u32,
    /// How many of these were challenges to which the credential in use has responded.
    pub(super) challenges: u32,
    /// Whether one of these was a new sign-in, of which a call makes one.
    pub(super) renewed: bool,
    /// The credential with which the call has succeeded, if it was fetched.
    pub(super) lease: Option<Lease<Credential>>,
    /// The token that the server asks for, of a credential that is challenged.
    pub(super) asked: Option<Asked>,
}

/// What authenticates the next attempt.
#[derive(Default)]
pub(super) struct Credentials {
    /// The one that is set, and the one that its provider has returned.
    parts: [Option<Arc<Credential>>; 2],
    /// That of the last one, if it was fetched.
    lease: Option<Lease<Credential>>,
}

impl Sender<'_> {
    /// The credential of the next attempt, which is waited for before there is a request. A request of a hook gets none by itself, and
    /// a request to another origin none at all.
    pub(super) async fn credentials(&mut self, draft: &Draft) -> Result<Credentials> {
        // These are those of an attempt; the rest is that of the call.
        (self.proof.scheme, self.proof.carried) = (None, Carried::default());
        let asked = self.proof.asked.take();
        self.proof.ahead = self.clock().ahead();
        // What the transport adds, and what the caller sets itself, are secrets as well, and so are some arguments. They are looked
        // for when a text is masked.
        let url = &self.exchange.url;
        let added = self.transport(url).secrets(url);
        if !added.is_empty() {
            self.proof.carried.add(Arc::new(added));
        }
        self.proof.carried.add(Arc::clone(&draft.headers) as Arc<dyn Carries>);
        if self.trail.off_origin || !self.is_trusted(&self.exchange.url) {
            return Ok(Credentials::default());
        }
        let brings_own = self.brings_authorization(draft);
        let (credential, lease) = match &self.limits.credential {
            Choice::This(credential) => (Arc::clone(credential), None),
            Choice::Named(name) => (self.named(name)?, None),
            Choice::Session if !self.kind.is_inside && !brings_own => {
                let lease = self.signed_in().await?;
                (Arc::clone(&lease.value), Some(lease))
            }
            Choice::None | Choice::Session => return Ok(Credentials::default()),
        };
        self.accept(&credential)?;
        if !brings_own {
            self.ask(&credential, asked)?;
        }
        let Some(source) = self.source(&credential).filter(|_| !brings_own) else {
            return Ok(Credentials { parts: [Some(credential), None], lease });
        };
        let lease = self.fetched(source).await.inspect_err(|_| self.forget_asked())?;
        self.accept(&lease.value)?;
        let fetched = Arc::clone(&lease.value);
        Ok(Credentials { parts: [Some(credential), Some(fetched)], lease: Some(lease) })
    }

    /// Adds the credential to the request of the next attempt. Returns the lease of one that was fetched, if the response judges it: if all
    /// of it was added.
    pub(super) fn authenticate(
        &mut self,
        request: &mut Request,
        credentials: Credentials,
    ) -> Option<Lease<Credential>> {
        let mut is_whole = true;
        for credential in credentials.parts.iter().flatten() {
            let scheme = credential.auth_scheme();
            let applies = scheme.is_none_or(|scheme| scheme.applies(request));
            self.proof.scheme = scheme.filter(|_| applies).cloned().or(self.proof.scheme.take());
            is_whole &= credential.attach(request) && applies;
        }
        credentials.lease.filter(|lease| is_whole && !lease.value.is_none())
    }

    /// Whether the call sets its `Authorization` itself, so that signing in would have no effect. A session can set one for all its
    /// calls besides the credential of the hook, which has other headers then.
    fn brings_authorization(&self, draft: &Draft) -> bool {
        // A few names are faster compared than hashed.
        let is_own = |(name, _): &(&HeaderName, &HeaderValue)| **name == header::AUTHORIZATION;
        let own = draft.headers.iter().find(is_own).map(|(_, value)| value);
        own.is_some_and(|own| !self.levels.session.sets_header(&header::AUTHORIZATION, own))
    }

    /// The credential of the `authenticate` hook.
    async fn signed_in(&self) -> Result<Lease<Credential>> {
        match self.core.login.fresh() {
            Some(lease) => Ok(lease),
            None => Box::pin(self.awaited(self.core.signed_in(self.hooks, self.deadline()))).await,
        }
    }

    /// Waits for a credential that is fetched.
    pub(super) async fn awaited(
        &self,
        fetch: impl Future<Output = Result<Lease<Credential>>>,
    ) -> Result<Lease<Credential>> {
        self.within("credential", fetch)
            .await?
            .map_err(|error| self.hook_error(error.with_outcome(self.trail.outcome)))
    }

    /// Checks that a credential can be sent. From then on its secrets are masked.
    fn accept(&mut self, credential: &Arc<Credential>) -> Result<()> {
        if let Some(mistake) = credential.mistake() {
            return Err(self.hook_error(Error::argument(mistake).with_outcome(self.trail.outcome)));
        }
        self.check_exposure(credential)?;
        self.check_fields(credential)?;
        self.proof.carried.add(Arc::clone(credential) as Arc<dyn Carries>);
        Ok(())
    }

    /// Whether the request is sent again because its credential was refused: after a challenge to which the credential can respond,
    /// and once per call after a 401, or what this vendor returns instead, for which the next attempt signs in again.
    pub(super) fn proves_again(&mut self, error: &Error, lease: Option<Lease<Credential>>) -> bool {
        let Some(status) = error.status().filter(|_| error.is_about(&self.exchange)) else { return false };
        let scheme = self.proof.scheme.as_ref().filter(|_| self.proof.challenges < MAX_CHALLENGES);
        let is_off_time = |scheme: &dyn AuthScheme| {
            let is_first = self.proof.challenges == 0 && !self.is_exposed(&self.exchange.url);
            let tolerated = scheme.clock_tolerance(status).filter(|_| is_first);
            tolerated.is_some_and(|tolerated| self.clock().is_corrected(error, self.proof.ahead, tolerated))
        };
        let is_challenged = scheme.is_some_and(|scheme| {
            scheme.on_challenge(error, self.proof.challenges) || is_off_time(&**scheme)
        });
        if is_challenged || self.is_asked(error) {
            self.proof.challenges += 1;
        } else if let Some(lease) = lease.filter(|_| self.levels.is_expired(error) && !self.proof.renewed) {
            lease.revoke();
            self.proof.renewed = true;
            if self.proof.asked.is_none() {
                // The next credential is another one, which may be challenged in its turn.
                self.proof.challenges = 0;
            }
        } else {
            return false;
        }
        self.proof.count += 1;
        // A request that was refused for its credential was not processed.
        self.trail.outcome = self.trail.outcome.max(Outcome::Rejected);
        true
    }

    /// The clock of the server. That of another server than the session's is set for this call alone.
    fn clock(&self) -> &Clock {
        if self.kind.is_at_session() { &self.core.clock } else { &self.proof.external_clock }
    }

    /// The credential that the session has under `name`.
    fn named(&self, name: &str) -> Result<Arc<Credential>> {
        self.core.credentials.get(name).cloned().ok_or_else(|| {
            let message = format!(
                "`auth` selects the credential `{name}`, which the session does not have; add it by `add_credential` on the builder"
            );
            self.hook_error(Error::configuration(message).with_outcome(self.trail.outcome))
        })
    }

    /// Refuses a field that would take the place of the credential. A parameter that the caller names does so on purpose.
    fn check_fields(&self, credential: &Credential) -> Result<()> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let checked = self.fields.check(&credential.parameters(), "the credential");
        let checked = checked
            .and_then(|()| self.fields.check_headers(|name| credential.has_header(name), "the credential"));
        checked.map_err(|clash| self.hook_error(Error::argument(clash).with_outcome(self.trail.outcome)))
    }

    /// Refuses to send a credential where an eavesdropper could read it.
    fn check_exposure(&self, credential: &Credential) -> Result<()> {
        let url = &self.exchange.url;
        if !credential.needs_privacy() || !self.is_exposed(url) {
            return Ok(());
        }
        let message = if is_loopback(url) {
            "a credential would be sent over plain HTTP through a proxy or to a name that is looked up, although it is for this \
             machine; use `https`, or `Proxies::no_proxy` and an address"
        } else {
            "a credential would be sent over plain HTTP, where anybody on the way can read it; use `https`"
        };
        Err(self.hook_error(Error::configuration(message).with_outcome(self.trail.outcome)))
    }
}
