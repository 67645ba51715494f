//! The handle of a session, and the port to the engine behind it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use futures_core::future::BoxFuture;
use url::Url;

use super::arguments::Arguments;
use super::values::CachedValues;
use crate::credential::CredentialSource;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Quota, Request, Response};
use crate::observe::Watch;
use crate::settings::Settings;
use crate::transport::Transport;

/// The field that makes a struct a session. It is cheap to clone, and all clones are the same session.
///
/// A builder fills it. Every call of a session made by hand ([`Default`]) fails with [`ErrorKind::NotBuilt`].
#[derive(Clone, Default)]
pub struct Session(Arc<OnceLock<Arc<dyn Engine>>>);

/// What a session does. [`send`](crate::send) implements it, which stands above this layer.
pub(crate) trait Engine: Send + Sync {
    /// Makes a call.
    fn send(self: Arc<Self>, arguments: Box<Arguments>) -> BoxFuture<'static, Result<Response>>;

    /// Begins what is seen of a call that is made next. `None` if nobody looks.
    fn watch(&self, arguments: &Arguments) -> Option<Box<Watch>>;

    /// The observers of the session, which are told of each page.
    #[cfg(feature = "pages")]
    fn observers(&self) -> &crate::observe::Observers;

    /// Waits between two calls of a job.
    #[cfg(feature = "jobs")]
    fn wait(&self, length: std::time::Duration) -> BoxFuture<'static, ()>;

    /// The request of a call, which is not sent.
    fn request(&self, arguments: Box<Arguments>) -> Result<Request>;

    /// The same session with other settings.
    fn with(&self, settings: Settings) -> Arc<dyn Engine>;

    /// The quota that the server reported last for a limit.
    fn quota(&self, limit: &str) -> Option<Quota>;

    /// Where the session's credential comes from.
    fn credential_source(&self) -> CredentialSource;

    /// The values that the session keeps.
    fn values(&self) -> &CachedValues;

    /// The base URL, with the base path.
    fn base_url(&self) -> Url;

    /// The transport of requests to a URL.
    fn transport(&self, url: &Url) -> Arc<dyn Transport>;

    /// Closes the idle connections.
    fn close_idle(&self);

    fn sign_in(&self) -> BoxFuture<'_, Result<()>>;

    fn sign_out(&self) -> BoxFuture<'_, Result<()>>;
}

impl Session {
    /// A session with an engine.
    pub(crate) fn new(engine: Arc<dyn Engine>) -> Self {
        Self(Arc::new(OnceLock::from(engine)))
    }

    /// Sets the engine, if there is none.
    pub(crate) fn install(&self, engine: Arc<dyn Engine>) {
        let _ = self.0.set(engine);
    }

    pub(crate) fn engine(&self) -> Result<&Arc<dyn Engine>> {
        self.0.get().ok_or_else(|| {
            Error::new(
                ErrorKind::NotBuilt,
                "the session isn't built yet; `builder(…).build()` returns one that is",
            )
        })
    }

    /// Returns the base URL, with the base path if there is one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotBuilt`] while the session is built.
    pub fn base_url(&self) -> Result<Url> {
        Ok(self.engine()?.base_url())
    }

    /// Returns the transport of requests to `url`: the one that is mounted at the longest prefix of it, or else the session's own. No
    /// request is sent, and the transport does not make a URL one that the session may reach.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotBuilt`] while the session is built.
    pub fn transport_of(&self, url: &Url) -> Result<Arc<dyn Transport>> {
        Ok(self.engine()?.transport(url))
    }

    /// Signs out, if the session is signed in, and closes the connections that are idle. It can be used again, and signs in again.
    ///
    /// The `deauthenticate` hook is called with what the `authenticate` hook returned, and with what the providers of the session's
    /// credentials returned.
    ///
    /// # Errors
    ///
    /// The error of the `deauthenticate` hook, or [`ErrorKind::Timeout`] if it takes longer than `timeout`.
    pub async fn close(&self) -> Result<()> {
        let engine = self.engine()?;
        let end = engine.sign_out().await;
        engine.close_idle();
        end
    }

    /// Returns the quota that the server reported last for the limit of this name, if that is
    /// [learned](crate::RateLimit::learned). The session's own limit is named `session`.
    #[must_use]
    pub fn quota(&self, limit: &str) -> Option<Quota> {
        self.engine().ok()?.quota(limit)
    }

    /// Returns where the session's credential comes from: which step of its chain was used, and what each step looked at. Of a session
    /// that is not built, it has nothing.
    #[must_use]
    pub fn credential_source(&self) -> CredentialSource {
        self.engine().map(|engine| engine.credential_source()).unwrap_or_default()
    }

    /// The same session with other settings: it shares connections, login and limits.
    #[doc(hidden)]
    #[must_use]
    pub fn with(&self, settings: Settings) -> Self {
        self.engine().map_or_else(|_| Self::default(), |engine| Self::new(engine.with(settings)))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "Session" } else { "Session(not built)" })
    }
}
