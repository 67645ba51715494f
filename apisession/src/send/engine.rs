//! The engine of a session: what all its calls share, and the one implementation of the port that the handle calls.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::HeaderName;
use tokio::time::{Instant, timeout};
use url::{Origin, Url};

use super::again::send_streamed;
use super::concealed::Concealed;
use super::{Sender, send};
use crate::call::{Arguments, CachedValues, Engine};
use crate::credential::{Clock, Credential, CredentialSource, Lease, LeaseStore};
use crate::declare::Hooks;
use crate::encode::Base;
use crate::error::{Error, ErrorKind, Result};
use crate::limit::limiter::Limiter;
use crate::limit::{InFlight, deadline};
use crate::message::duration::LONGEST;
use crate::message::{Quota, Request, Response};
use crate::observe::{Telemetry, Watch};
use crate::policy::Budget;
use crate::settings::{Choice, Resolved, Settings};
use crate::transport::Transport;
use crate::transport::middleware::Middleware;
use crate::transport::mount::Mounts;

/// A session that was built.
pub(super) struct SessionEngine {
    pub(super) core: Arc<Core>,
    pub(super) hooks: HooksLink,
    pub(super) settings: Settings,
    /// What holds for a call that sets nothing.
    pub(super) resolved: Resolved,
    pub(super) source: Arc<CredentialSource>,
    /// The values that this session keeps. One with other settings has its own.
    pub(super) values: CachedValues,
}

/// The author's hooks run on a copy of the struct whose own session is *inside*: it holds the hooks only weakly, so that nothing
/// holds itself. The struct that `build` returns is *outside*.
#[derive(Clone)]
pub(super) enum HooksLink {
    Outside(Arc<dyn Hooks>),
    Inside(Weak<dyn Hooks>),
}

/// What all calls share, whatever the settings of a session are.
pub(super) struct Core {
    pub(super) base: Base,
    /// That of the base URL.
    pub(super) origin: Origin,
    /// The credential of the `authenticate` hook, for a call that waits until `end`.
    pub(super) login: LeaseStore<Credential>,
    /// The server's clock.
    pub(super) clock: Clock,
    pub(super) credentials: HashMap<String, Arc<Credential>>,
    /// How long signing in and out may take.
    pub(super) timeout: Duration,
    pub(super) in_flight: InFlight,
    pub(super) budget: Budget,
    pub(super) limiter: Arc<dyn Limiter>,
    pub(super) mounts: Mounts,
    pub(super) concealed: Concealed,
    /// The header in which the vendor returns the id of a request.
    pub(super) id_header: Option<Arc<HeaderName>>,
    /// The header in which each call sends an id of its own.
    pub(super) client_request_id: Option<HeaderName>,
    pub(super) per_call: Vec<Arc<dyn Middleware>>,
    pub(super) per_attempt: Vec<Arc<dyn Middleware>>,
    pub(super) telemetry: Arc<Telemetry>,
}

impl Engine for SessionEngine {
    fn send(self: Arc<Self>, arguments: Box<Arguments>) -> BoxFuture<'static, Result<Response>> {
        match arguments.reads.is_streamed() {
            true => send_streamed(self, arguments),
            false => Box::pin(send(self, arguments)),
        }
    }

    fn watch(&self, arguments: &Arguments) -> Option<Box<Watch>> {
        self.core.telemetry.watch(arguments.operation(), &arguments.method)
    }

    #[cfg(feature = "pages")]
    fn observers(&self) -> &crate::observe::Observers {
        self.core.telemetry.observers()
    }

    #[cfg(feature = "jobs")]
    fn wait(&self, length: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(length))
    }

    fn request(&self, arguments: Box<Arguments>) -> Result<Request> {
        let hooks = self.hooks()?;
        let (sender, mut draft) = Sender::prepare(self, &hooks, *arguments)?;
        Ok(draft.take_request(&sender.exchange))
    }

    fn with(&self, settings: Settings) -> Arc<dyn Engine> {
        let mut changed = self.linked(self.hooks.clone());
        changed.resolved.apply(&settings);
        if let Some(choice) = settings.choice() {
            changed.source = Arc::new(match choice {
                Choice::Session => CredentialSource::clone(&self.source),
                choice => choice.source(),
            });
        }
        changed.settings.extend(settings);
        Arc::new(changed)
    }

    fn quota(&self, limit: &str) -> Option<Quota> {
        self.core.limiter.quota(limit)
    }

    fn credential_source(&self) -> CredentialSource {
        CredentialSource::clone(&self.source)
    }

    fn values(&self) -> &CachedValues {
        &self.values
    }

    fn base_url(&self) -> Url {
        self.core.base.url().clone()
    }

    fn transport(&self, url: &Url) -> Arc<dyn Transport> {
        Arc::clone(self.core.mounts.transport(url))
    }

    fn close_idle(&self) {
        self.core.mounts.close_idle();
    }

    fn sign_in(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let hooks = self.hooks()?;
            let credential = match &self.resolved.limits.credential {
                Choice::Session => Some(self.core.signed_in(&hooks, never()).await?.value),
                _ => self.fixed(),
            };
            match credential {
                Some(credential) => self.core.fetch(&credential, &hooks).await,
                None => Ok(()),
            }
        })
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let own = self.core.login.take().await;
            let is_fetched = own.as_ref().is_some_and(|own| own.is_fetched());
            let mut end = self.sign_out_of(own.clone().filter(|_| !is_fetched)).await;
            let fixed = self.fixed().filter(|_| !matches!(self.resolved.limits.credential, Choice::Named(_)));
            let named = self.core.credentials.values().map(Arc::clone);
            for credential in own.into_iter().chain(fixed).chain(named) {
                for lease in credential.leases(&self.core.origin) {
                    let fetched = lease.take().await;
                    let one = self.sign_out_of(fetched).await;
                    end = end.and(one);
                }
            }
            end
        })
    }
}

impl SessionEngine {
    /// The same engine with other hooks.
    pub(super) fn linked(&self, hooks: HooksLink) -> Self {
        let Self { core, settings, resolved, source, .. } = self;
        let (core, source) = (Arc::clone(core), Arc::clone(source));
        let values = CachedValues::default();
        Self { core, hooks, settings: settings.clone(), resolved: resolved.clone(), source, values }
    }

    /// The hooks, as long as the session that `build` returned exists.
    pub(super) fn hooks(&self) -> Result<Arc<dyn Hooks>> {
        match &self.hooks {
            HooksLink::Outside(hooks) => Ok(Arc::clone(hooks)),
            HooksLink::Inside(hooks) => hooks.upgrade().ok_or_else(|| {
                Error::new(
                    ErrorKind::NotBuilt,
                    "the session was dropped while one of its hooks still used it",
                )
            }),
        }
    }

    /// Whether calls are made by a hook.
    pub(super) fn is_inside(&self) -> bool {
        matches!(self.hooks, HooksLink::Inside(_))
    }

    /// The session's credential, if it is not that of the `authenticate` hook.
    fn fixed(&self) -> Option<Arc<Credential>> {
        match &self.resolved.limits.credential {
            Choice::This(credential) => Some(Arc::clone(credential)),
            Choice::Named(name) => self.core.credentials.get(&**name).cloned(),
            Choice::None | Choice::Session => None,
        }
    }

    /// Passes a credential to the `deauthenticate` hook.
    async fn sign_out_of(&self, credential: Option<Arc<Credential>>) -> Result<()> {
        let Some(credential) = credential.filter(|credential| !credential.is_none()) else { return Ok(()) };
        let (hooks, limit) = (self.hooks()?, self.core.timeout);
        match timeout(limit, hooks.deauthenticate(&credential)).await {
            Ok(end) => end,
            Err(_) => {
                Err(Error::new(ErrorKind::Timeout, format!("not signed out within {limit:?} (`timeout`)")))
            }
        }
    }
}

impl Core {
    /// The credential of the `authenticate` hook.
    pub(super) async fn signed_in(&self, hooks: &Arc<dyn Hooks>, end: Instant) -> Result<Lease<Credential>> {
        let fetch = || {
            let (hooks, telemetry) = (Arc::clone(hooks), Arc::clone(&self.telemetry));
            async move { telemetry.fetched(hooks.authenticate(), Credential::is_none).await }
        };
        self.login.current(self.timeout, end, fetch).await
    }
}

/// The end of a wait that only a sign-in's own limit ends.
pub(super) fn never() -> Instant {
    deadline(LONGEST, Instant::now())
}
