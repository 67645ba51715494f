//! The session: what all calls of an SDK share, and how it comes to be.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use tokio::time::timeout;

use crate::credential::Keeper;
use crate::error::{Error, ErrorKind, Result};
use crate::graft::Handle;
use crate::hooks::{APISession, Hooks};
use crate::limit::Limit;
use crate::options::Options;
use crate::pattern::PathPattern;
use crate::settings::Settings;
use crate::status::ErrorMap;
use crate::transport::{Reqwest, Transport};
use crate::url::Base;
use crate::user_agent::user_agent;

/// The field that makes a struct a session. Cheap to clone: all clones are the same session.
///
/// A builder fills it. One that was made by hand ([`Default`]) answers every call with
/// [`ErrorKind::NotBuilt`].
#[derive(Clone, Default)]
pub struct Session(Arc<OnceLock<Wired>>);

/// A session in operation.
pub(crate) struct Wired {
    pub(crate) core: Arc<Core>,
    hooks: HooksLink,
}

/// The author's hooks run on a copy of the struct whose own session is *inside*: it knows the hooks only
/// weakly, so nothing holds itself. The struct that is handed out is *outside*.
enum HooksLink {
    Outside(Arc<dyn Hooks>),
    Inside(Weak<dyn Hooks>),
}

/// What all calls share.
pub(crate) struct Core {
    pub(crate) base: Base,
    pub(crate) headers: HeaderMap,
    pub(crate) settings: Settings,
    pub(crate) errors: ErrorMap,
    pub(crate) restricted: Vec<PathPattern>,
    pub(crate) credentials: Keeper,
    pub(crate) limit: Limit,
    pub(crate) transport: Arc<dyn Transport>,
}

/// Builds a session: the struct over a vacant one, the hooks that shape it, the struct over the real one.
#[doc(hidden)]
pub fn build<S: APISession>(options: Options, make: impl FnOnce(Session) -> S) -> Result<S> {
    let inside = Session::default();
    let copy = Arc::new(make(inside.clone()));
    let options = copy.build_session(options)?;
    let core = Core::new(options, copy.error_map(), copy.restricted_paths())?;
    let outside = inside.wire(core, Arc::clone(&copy) as Arc<dyn Hooks>);
    Ok(copy.over(outside))
}

impl Session {
    /// Signs out if the session is signed in. The session can be used again, and signs in again.
    ///
    /// # Errors
    ///
    /// What the `deauthenticate` hook returns, or [`ErrorKind::Timeout`] if it takes longer than `timeout`.
    pub async fn close(&self) -> Result<()> {
        let wired = self.wired()?;
        let credential = wired.core.credentials.take().await.filter(|credential| !credential.is_none());
        let Some(credential) = credential else { return Ok(()) };
        let hooks = wired.hooks()?;
        let limit = Settings::resolve(&[&wired.core.settings]).timeout;
        match timeout(limit, hooks.deauthenticate(&credential)).await {
            Ok(end) => end,
            Err(_) => {
                Err(Error::new(ErrorKind::Timeout, format!("not signed out within {limit:?} (`timeout`)")))
            }
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::root(self.clone())
    }

    pub(crate) fn wired(&self) -> Result<&Wired> {
        self.0.get().ok_or_else(|| {
            Error::new(
                ErrorKind::NotBuilt,
                "the session isn't built yet; `builder(…).build()` returns one that is",
            )
        })
    }

    /// Fills this session, and returns its outside.
    fn wire(&self, core: Core, hooks: Arc<dyn Hooks>) -> Self {
        let core = Arc::new(core);
        let inside = Wired { core: Arc::clone(&core), hooks: HooksLink::Inside(Arc::downgrade(&hooks)) };
        // Nobody else has this session yet, so it is still vacant.
        let _ = self.0.set(inside);
        Self(Arc::new(OnceLock::from(Wired { core, hooks: HooksLink::Outside(hooks) })))
    }
}

impl Wired {
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

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl Core {
    fn new(options: Options, errors: ErrorMap, restricted: Vec<PathPattern>) -> Result<Self> {
        if let Some(error) = options.failed {
            return Err(error);
        }
        let base_url = options.base_url.as_deref().ok_or_else(|| {
            configuration("`base_url` is missing; declare it in `#[session(…)]` or set it on the builder")
        })?;
        let base =
            Base::parse(base_url, &options.base_path).map_err(|error| configuration(error.to_string()))?;
        check(&options.settings, options.connect_timeout, options.max_in_flight)?;
        let transport = match options.transport {
            Some(transport) => transport,
            None => Arc::new(Reqwest::new(options.connect_timeout.unwrap_or(CONNECT_TIMEOUT))?),
        };
        let mut headers = options.headers;
        if !headers.contains_key(header::USER_AGENT) {
            let agent = user_agent(&options.vendor, &options.product, &options.build);
            headers.insert(
                header::USER_AGENT,
                HeaderValue::try_from(agent).expect("it was made of visible ASCII"),
            );
        }
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        Ok(Self {
            base,
            headers,
            settings: options.settings,
            errors,
            restricted: options.restricted.into_iter().chain(restricted).collect(),
            credentials: Keeper::default(),
            limit: Limit::new(options.max_in_flight),
            transport,
        })
    }

    pub(crate) fn is_restricted(&self, path: &str) -> bool {
        self.restricted.iter().any(|pattern| pattern.matches(path))
    }
}

fn check(settings: &Settings, connect_timeout: Option<Duration>, max_in_flight: Option<usize>) -> Result<()> {
    let limits = [
        ("timeout", settings.timeout),
        ("attempt_timeout", settings.attempt_timeout),
        ("connect_timeout", connect_timeout),
    ];
    for (name, limit) in limits {
        if limit == Some(Duration::ZERO) {
            return Err(configuration(format!(
                "`{name}` is zero, which no call can keep; leave it out or raise it"
            )));
        }
    }
    if max_in_flight == Some(0) {
        return Err(configuration(
            "`max_in_flight` is zero, which lets no request out; leave it out for no limit",
        ));
    }
    if settings.max_attempts == Some(0) {
        return Err(configuration("`max_attempts` is zero; 1 sends each request once, without a retry"));
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
