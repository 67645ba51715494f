//! Credentials that have to be fetched: by whom, and for how long they are kept.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Credential;
use crate::error::{Error, ErrorKind, Result};
use crate::login::{Lease, Login};
use crate::session::Session;

/// A credential on its way.
pub type Provided<'a> = Pin<Box<dyn Future<Output = Result<Credential>> + Send + 'a>>;

/// Fetches credentials: a token endpoint, a file, another process. An async closure over the session is one.
///
/// A credential [of a provider](Credential::provided_by) asks it before the first request that carries it, when it is about
/// to [expire](Credential::expires_in), and once more for a call that was answered 401: for all calls at once, on a task of
/// its own, within the session's `timeout`. A failure is remembered for a second.
///
/// ```
/// use std::time::Duration;
/// use apisession::{Credential, Session};
///
/// let from_another_process = Credential::provided_by(|_: Session| async {
///     Ok(Credential::bearer("t0p-s3cret")?.expires_in(Duration::from_secs(600)))
/// });
/// # let _ = from_another_process;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fetch credentials",
    label = "no provider of credentials",
    note = "write `|session: Session| async move {{ … }}`, which ends in a `Result<Credential>`, or implement `CredentialProvider`"
)]
pub trait CredentialProvider: Send + Sync + 'static {
    /// Fetches a credential. Requests made through `session` carry none by themselves.
    fn credential(&self, session: Session) -> Provided<'_>;
}

impl<F, C> CredentialProvider for F
where
    F: Fn(Session) -> C + Send + Sync + 'static,
    C: Future<Output = Result<Credential>> + Send + 'static,
{
    fn credential(&self, session: Session) -> Provided<'_> {
        Box::pin(self(session))
    }
}

/// What a provider gives is a credential, and not another provider, which would never end.
fn leaf(credential: Credential) -> Result<Credential> {
    if credential.source().is_none() {
        return Ok(credential);
    }
    let message =
        "a provider gave the credential of another provider; give what `credential` of that one gives";
    Err(Error::new(ErrorKind::Configuration, message))
}

/// A provider, and what it gave last.
pub(crate) struct Source {
    provider: Arc<dyn CredentialProvider>,
    login: Login,
}

impl Source {
    pub(super) fn new(provider: impl CredentialProvider) -> Self {
        Self { provider: Arc::new(provider), login: Login::default() }
    }

    /// What the provider gave, or gives now.
    pub(crate) async fn current(&self, limit: Duration, session: &Session) -> Result<Lease> {
        let fetch = || {
            let (provider, session) = (Arc::clone(&self.provider), session.clone());
            async move { provider.credential(session).await.and_then(leaf) }
        };
        self.login.current(limit, fetch).await
    }

    /// Gives away what the provider gave.
    pub(crate) async fn take(&self) -> Option<Arc<Credential>> {
        self.login.take().await
    }
}
