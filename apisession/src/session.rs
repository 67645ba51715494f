//! The session: what all calls of an SDK share, and how it comes to be.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use http::{HeaderValue, header};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::budget::Budget;
use crate::credential::{Choice, Clock, Credential};
use crate::encoding;
use crate::error::{Error, ErrorKind, Result};
use crate::graft;
use crate::hooks::{APISession, Hooks};
use crate::levels::Resolved;
use crate::limit::Limit;
use crate::limiter::{Limiter, Local};
use crate::login::{Lease, Login};
use crate::middleware::Middleware;
use crate::mount::{Mounts, Prefix};
use crate::options::Options;
use crate::quota::Quota;
use crate::raw::Raw;
use crate::settings::{Setting, Settings};
use crate::url::Base;
use crate::user_agent::user_agent;

/// The field that makes a struct a session. Cheap to clone: all clones are the same session.
///
/// A builder fills it. One that was made by hand ([`Default`]) answers every call with
/// [`ErrorKind::NotBuilt`].
#[derive(Clone, Default)]
pub struct Session(Arc<OnceLock<Wired>>);

/// Signs out of a scope that is dropped, or panics, and of a sign-in that nobody waits for.
struct Farewell(Option<Session>);

/// How long that may take.
const FAREWELL: Duration = Duration::from_secs(5);

impl Drop for Farewell {
    fn drop(&mut self) {
        let (Some(session), Ok(runtime)) = (self.0.take(), Handle::try_current()) else { return };
        runtime.spawn(async move {
            match timeout(FAREWELL, session.close()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the session can't sign out"),
                Err(_) => tracing::warn!("the session is not signed out within {FAREWELL:?}"),
            }
        });
    }
}

/// A session in operation.
pub(crate) struct Wired {
    pub(crate) core: Arc<Core>,
    hooks: HooksLink,
    /// What the session says about its calls.
    pub(crate) settings: Settings,
    /// What holds for a call about which nothing nearer says more.
    pub(crate) resolved: Resolved,
}

/// The author's hooks run on a copy of the struct whose own session is *inside*: it knows the hooks only
/// weakly, so nothing holds itself. The struct that is handed out is *outside*.
#[derive(Clone)]
enum HooksLink {
    Outside(Arc<dyn Hooks>),
    Inside(Weak<dyn Hooks>),
}

/// What all calls share, whatever a session's settings are.
pub(crate) struct Core {
    pub(crate) base: Base,
    pub(crate) login: Login,
    /// The server's, as far as its refusals have said.
    pub(crate) clock: Clock,
    pub(crate) credentials: HashMap<String, Arc<Credential>>,
    /// How long signing in and out may take.
    pub(crate) timeout: Duration,
    pub(crate) limit: Limit,
    pub(crate) budget: Budget,
    pub(crate) limiter: Arc<dyn Limiter>,
    pub(crate) mounts: Mounts,
    pub(crate) per_call: Vec<Arc<dyn Middleware>>,
    pub(crate) per_attempt: Vec<Arc<dyn Middleware>>,
}

/// Builds a session: the struct over a vacant one, the hooks that shape it, the struct over the real one.
#[doc(hidden)]
pub fn build<S: APISession>(options: Options, make: impl FnOnce(Session) -> S) -> Result<S> {
    let inside = Session::default();
    let copy = Arc::new(make(inside.clone()));
    let mut options = copy.build_session(options)?;
    let said = std::mem::take(&mut options.settings);
    let mut settings = Settings::new().error_map(copy.error_map());
    for pattern in copy.restricted_paths() {
        settings.say(Setting::Restricted(pattern));
    }
    settings.extend(said);
    let (settings, resolved) = options.resolve(settings)?;
    let core = Arc::new(Core::new(options, resolved.timeout)?);
    let hooks = Arc::clone(&copy) as Arc<dyn Hooks>;
    let link = HooksLink::Inside(Arc::downgrade(&hooks));
    let wired = Wired { core, hooks: link, settings, resolved };
    let outside = wired.linked(HooksLink::Outside(hooks));
    // Nobody else has this session yet, so it is still vacant.
    let _ = inside.0.set(wired);
    Ok(copy.over(Session(Arc::new(OnceLock::from(outside)))))
}

impl Session {
    /// Signs out if the session is signed in: hands what the `authenticate` hook returned, and what the providers of the session's
    /// credentials gave, to the `deauthenticate` hook. It can be used again, and signs in again.
    ///
    /// # Errors
    ///
    /// What the `deauthenticate` hook returns, or [`ErrorKind::Timeout`] if it takes longer than `timeout`.
    pub async fn close(&self) -> Result<()> {
        let wired = self.wired()?;
        let own = wired.core.login.take().await;
        let mut end = wired.sign_out(own).await;
        let fixed =
            wired.fixed().into_iter().filter(|_| !matches!(wired.resolved.credential, Choice::Named(_)));
        let named = wired.core.credentials.values().map(Arc::clone);
        for credential in fixed.chain(named).filter(|credential| credential.source().is_some()) {
            let one = wired.sign_out(Some(credential)).await;
            end = end.and(one);
        }
        end
    }

    /// Signs in if the session is not, without a call. Who gives up, or fails when half of it is done, is signed out.
    ///
    /// # Errors
    ///
    /// What the `authenticate` hook returns, or the provider of the session's credential.
    #[doc(hidden)]
    pub async fn sign_in(&self) -> Result<()> {
        let wired = self.wired()?;
        let hooks = wired.hooks()?;
        let mut farewell = Farewell(Some(self.clone()));
        let credential = match &wired.resolved.credential {
            Choice::Session => Some(wired.core.signed_in(&hooks).await?.credential),
            _ => wired.fixed(),
        };
        if let Some(source) = credential.as_ref().and_then(|credential| credential.source()) {
            source.current(wired.core.timeout, &hooks).await?;
        }
        farewell.0 = None;
        Ok(())
    }

    /// Signs out when `run` ends, however it ends.
    #[doc(hidden)]
    pub async fn scoped<T, E: From<Error>>(&self, run: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mut farewell = Farewell(Some(self.clone()));
        let end = run.await;
        farewell.0 = None;
        // On a task of its own, so that it comes to its end even if nobody waits any more.
        let session = self.clone();
        let closed = tokio::spawn(async move { session.close().await }).await;
        let closed = closed.unwrap_or_else(|error| Err(Error::other(error)));
        match (end, closed) {
            (Ok(_), Err(error)) => Err(error.into()),
            (end, Ok(())) => end,
            (Err(error), Err(also)) => {
                tracing::warn!(error = %also, "the session can't sign out");
                Err(error)
            }
        }
    }

    /// What an answer has said last of the limit of this name, which is `session` for the session's own, if it is
    /// [learned](crate::RateLimit::learned).
    #[must_use]
    pub fn quota(&self, limit: &str) -> Option<Quota> {
        self.wired().ok()?.core.limiter.quota(limit)
    }

    /// Requests that nobody declared, as a [`CredentialProvider`](crate::CredentialProvider) makes them.
    #[must_use]
    pub fn raw(&self) -> Raw {
        self.handle().raw()
    }

    #[doc(hidden)]
    #[must_use]
    pub fn handle(&self) -> graft::Handle {
        graft::Handle::root(self.clone())
    }

    pub(crate) fn wired(&self) -> Result<&Wired> {
        self.0.get().ok_or_else(|| {
            Error::new(
                ErrorKind::NotBuilt,
                "the session isn't built yet; `builder(…).build()` returns one that is",
            )
        })
    }

    /// The same session with other defaults: it shares connections, login and limits.
    #[doc(hidden)]
    #[must_use]
    pub fn with(&self, settings: Settings) -> Self {
        let Ok(wired) = self.wired() else { return Self::default() };
        let mut changed = wired.linked(wired.hooks.clone());
        changed.resolved.apply(&settings);
        changed.settings.extend(settings);
        Self(Arc::new(OnceLock::from(changed)))
    }
}

impl Wired {
    /// The credential that the session has instead of what the `authenticate` hook returns.
    fn fixed(&self) -> Option<Arc<Credential>> {
        match &self.resolved.credential {
            Choice::This(credential) => Some(Arc::clone(credential)),
            Choice::Named(name) => self.core.credentials.get(&**name).cloned(),
            Choice::None | Choice::Session => None,
        }
    }

    /// Hands a credential, or what its provider gave, to the hook.
    async fn sign_out(&self, credential: Option<Arc<Credential>>) -> Result<()> {
        let Some(mut credential) = credential else { return Ok(()) };
        if let Some(source) = credential.source() {
            let Some(fetched) = source.take().await else { return Ok(()) };
            credential = fetched;
        }
        if credential.is_none() {
            return Ok(());
        }
        let (hooks, limit) = (self.hooks()?, self.core.timeout);
        match timeout(limit, hooks.deauthenticate(&credential)).await {
            Ok(end) => end,
            Err(_) => {
                Err(Error::new(ErrorKind::Timeout, format!("not signed out within {limit:?} (`timeout`)")))
            }
        }
    }

    /// The same, with other hooks.
    fn linked(&self, hooks: HooksLink) -> Self {
        let Self { core, settings, resolved, .. } = self;
        Self { core: Arc::clone(core), hooks, settings: settings.clone(), resolved: resolved.clone() }
    }

    /// The hooks, for as long as the session that was handed out lives.
    pub(crate) fn hooks(&self) -> Result<Arc<dyn Hooks>> {
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
    pub(crate) fn is_inside(&self) -> bool {
        matches!(self.hooks, HooksLink::Inside(_))
    }
}

impl Core {
    /// The credential of the `authenticate` hook.
    pub(crate) async fn signed_in(&self, hooks: &Arc<dyn Hooks>) -> Result<Lease> {
        let fetch = || {
            let hooks = Arc::clone(hooks);
            async move { hooks.authenticate().await }
        };
        self.login.current(self.timeout, fetch).await
    }

    fn new(options: Options, timeout: Duration) -> Result<Self> {
        let base_url = options.base_url.as_deref().ok_or_else(|| {
            configuration("`base_url` is missing; declare it in `#[session(…)]` or set it on the builder")
        })?;
        let base =
            Base::parse(base_url, &options.base_path).map_err(|error| configuration(error.to_string()))?;
        let transport = match (options.transport, options.wire.is_said()) {
            (Some(_), Some(said)) => {
                return Err(configuration(format!(
                    "`{said}` is of the default transport, and `transport` replaces that; say it there"
                )));
            }
            (Some(transport), None) => transport,
            (None, _) => {
                let wire = match options.max_in_flight {
                    Some(max) => options.wire.max_connections(max),
                    None => options.wire,
                };
                Arc::new(wire.built(base.url().scheme() == "https")?)
            }
        };
        if let Some(name) = options.credentials.keys().find(|name| !is_name(name)) {
            return Err(configuration(format!(
                "`add_credential` gives the name `{}`, which `auth` can't have; a name is a word other than `none` and `session`",
                name.escape_default()
            )));
        }
        let limit = Limit::new(options.max_in_flight);
        let budget = Budget::new(options.retry_budget.0);
        let mounts = options.mounts.into_iter();
        let mounts = mounts.map(|(prefix, transport)| Ok((Prefix::parse(&prefix)?, transport)));
        let mounts = mounts.collect::<Result<_, String>>().map_err(configuration)?;
        Ok(Self {
            base,
            login: Login::default(),
            clock: Clock::default(),
            credentials: options.credentials,
            timeout,
            limit,
            budget,
            limiter: options.limiter.unwrap_or_else(|| Arc::new(Local::default())),
            mounts: Mounts::new(transport, mounts),
            per_call: options.per_call,
            per_attempt: options.per_attempt,
        })
    }
}

impl Options {
    /// The settings of the session, and what holds by them alone.
    fn resolve(&self, settings: Settings) -> Result<(Settings, Resolved)> {
        if let Some(message) = settings.failed() {
            return Err(configuration(message));
        }
        let mut resolved = Resolved::default();
        let agent = user_agent(&self.vendor, &self.product, &self.build, self.lib.as_deref());
        resolved.headers.insert(header::USER_AGENT, agent);
        resolved.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(codings) = encoding::accepted() {
            resolved.headers.insert(header::ACCEPT_ENCODING, codings);
        }
        resolved.apply(&settings);
        for limit in &mut resolved.rate_limits {
            *limit = std::mem::take(limit).or_named("session");
        }
        check(self)?;
        Ok((settings, resolved))
    }
}

/// Whether `auth = NAME` can say it.
fn is_name(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word && !name.is_empty() && !name.as_bytes()[0].is_ascii_digit() && !matches!(name, "none" | "session")
}

fn check(options: &Options) -> Result<()> {
    if options.max_in_flight == Some(0) {
        return Err(configuration(
            "`max_in_flight` is zero, which lets no request out; leave it out for no limit",
        ));
    }
    Ok(())
}

fn configuration(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "Session" } else { "Session(not built)" })
    }
}
