//! The credential of a request: which one, from whom, and what is done when it is refused.

use std::future::Future;
use std::sync::Arc;

use super::Sender;
use crate::credential::{AuthScheme, Choice, Credential, MAX_CHALLENGES};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::login::Lease;
use crate::request::Request;
use crate::secret::Secret;

/// How a call proves who sends it.
#[derive(Default)]
pub(super) struct Proof {
    /// What signs the next sending.
    pub(super) scheme: Option<Arc<dyn AuthScheme>>,
    /// How far ahead the clock is by which that is signed.
    pub(super) ahead: i64,
    /// What the request carries, which no error repeats.
    carried: [Option<Arc<Credential>>; 2],
    /// How often the request was sent again since its credential was refused.
    pub(super) count: u32,
    /// How many of these were challenges that the credential in use has answered.
    challenges: u32,
    /// Whether one was a sign-in, of which a call makes one.
    renewed: bool,
}

impl Proof {
    /// What a server may repeat of it.
    pub(super) fn shown(&self) -> impl Iterator<Item = Secret> {
        self.carried.iter().flatten().flat_map(|credential| credential.shown())
    }
}

impl Sender<'_> {
    /// Adds the credential. Returns the one that was fetched, if that is what the request is judged by: if it was added
    /// whole. Hooks get none by themselves, and no other origin gets one at all.
    pub(super) async fn attach(&mut self, request: &mut Request) -> Result<Option<Lease>> {
        let Proof { count, challenges, renewed, .. } = self.proof;
        self.proof = Proof { ahead: self.core.clock.ahead(), count, challenges, renewed, ..Proof::default() };
        if self.left || !self.is_home(&request.url) {
            return Ok(None);
        }
        let (mut credential, mut lease) = match &self.limits.credential {
            Choice::This(credential) => (Arc::clone(credential), None),
            Choice::Named(name) => (self.named(name)?, None),
            Choice::Session if !self.inside => {
                let lease = self.leased(self.core.signed_in(self.hooks)).await?;
                (Arc::clone(&lease.credential), Some(lease))
            }
            Choice::None | Choice::Session => return Ok(None),
        };
        let mut whole = self.add(&credential, request)?;
        self.proof.carried[0] = Some(Arc::clone(&credential));
        if let Some(source) = credential.source() {
            let fetched = self.leased(source.current(self.core.timeout, self.hooks)).await?;
            credential = Arc::clone(&fetched.credential);
            whole &= self.add(&credential, request)?;
            self.proof.carried[1] = Some(Arc::clone(&credential));
            lease = Some(fetched);
        }
        Ok(lease.filter(|_| whole && !credential.is_none()))
    }

    /// Adds what a credential has to add; whether that was all of it.
    fn add(&mut self, credential: &Credential, request: &mut Request) -> Result<bool> {
        self.check_exposure(credential, request)?;
        let scheme = credential.auth_scheme();
        let applies = scheme.is_none_or(|scheme| scheme.applies(request));
        self.proof.scheme = scheme.filter(|_| applies).cloned().or(self.proof.scheme.take());
        Ok(credential.attach(request) && applies)
    }

    /// Whether the request is sent again since its credential was refused: after a challenge that the credential can answer, and
    /// after a 401, or what this vendor says instead, once per call, for which the next attempt signs in.
    pub(super) fn proves_anew(&mut self, error: &Error, lease: Option<Lease>) -> bool {
        let Some(status) = error.status().filter(|_| error.is_about(&self.exchange)) else { return false };
        let scheme = self.proof.scheme.as_ref().filter(|_| self.proof.challenges < MAX_CHALLENGES);
        let is_expired = || self.levels.is_expired(error) && !self.proof.renewed;
        let is_early = |scheme: &dyn AuthScheme| {
            let tolerated = scheme.clock_tolerance(status).filter(|_| self.proof.challenges == 0);
            tolerated
                .is_some_and(|tolerated| self.core.clock.is_corrected(error, self.proof.ahead, tolerated))
        };
        if scheme.is_some_and(|scheme| scheme.challenged(error, self.proof.challenges) || is_early(&**scheme))
        {
            self.proof.challenges += 1;
        } else if let Some(lease) = lease.filter(|_| is_expired()) {
            lease.forget();
            self.proof.renewed = true;
            // What comes is another, which may be challenged as this one was.
            self.proof.challenges = 0;
        } else {
            return false;
        }
        self.proof.count += 1;
        // A request that was refused for its credential alone was not processed.
        self.worst = self.worst.max(Outcome::Rejected);
        true
    }

    /// The credential that the session has under `name`.
    fn named(&self, name: &str) -> Result<Arc<Credential>> {
        self.core.credentials.get(name).cloned().ok_or_else(|| {
            let message = format!(
                "`auth` names the credential `{name}`, which the session does not have; `add_credential` on its builder gives it one"
            );
            self.outside(Error::new(ErrorKind::Configuration, message).with_outcome(self.worst))
        })
    }

    /// Waits for a credential that is fetched.
    async fn leased(&self, fetched: impl Future<Output = Result<Lease>>) -> Result<Lease> {
        self.within("credential", fetched)
            .await?
            .map_err(|error| self.outside(error.with_outcome(self.worst)))
    }

    /// A credential goes only where nobody reads along.
    fn check_exposure(&self, credential: &Credential, request: &Request) -> Result<()> {
        if !credential.is_exposed_to(&request.url) {
            return Ok(());
        }
        let message =
            "a credential would go over plain HTTP, where anybody on the way can read it; use `https`";
        Err(self.outside(Error::new(ErrorKind::Configuration, message).with_outcome(self.worst)))
    }
}
