//! Credentials that have to be fetched: by whom, and for how long they are kept.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Credential;
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hooks;
use crate::login::{Lease, Login};
use crate::session::Session;

/// A credential on its way.
pub type Provided<'a> = Pin<Box<dyn Future<Output = Result<Credential>> + Send + 'a>>;

/// Fetches credentials: a token endpoint, a file, another process. A closure over the session that returns a future is one.
///
/// A credential [of a provider](Credential::provided_by) asks it before the first request that carries it, when it is about
/// to [expire](Credential::expires_in), and once more for a call that was answered 401: for all calls at once, on a task of
/// its own, within the session's `timeout`. A failure is remembered for a second. Clones of a credential share what was fetched.
///
/// ```
/// use std::time::Duration;
/// use apisession::http::Method;
/// use apisession::{Credential, CredentialProvider, Provided, Secret, Session};
///
/// // With what it needs, as a closure:
/// let key = Secret::new("s3cret");
/// let by_closure = Credential::provided_by(move |session: Session| {
///     let key = key.clone();
///     async move {
///         let token: String = session.raw().post("/tokens").json(&key.expose()).json_as().await?;
///         Ok(Credential::bearer(token)?.expires_in(Duration::from_secs(600)))
///     }
/// });
///
/// // And as a type, here with a login on another host:
/// struct SingleSignOn(Secret);
///
/// impl CredentialProvider for SingleSignOn {
///     fn credential(&self, session: Session) -> Provided<'_> {
///         Box::pin(async move {
///             let login = session.raw().elsewhere(Method::POST, "https://sso.acme.example/login");
///             let token: String = login.json(&self.0.expose()).json_as().await?;
///             Credential::bearer(token)
///         })
///     }
/// }
///
/// let by_type = Credential::provided_by(SingleSignOn(Secret::new("s3cret")));
/// # let _ = (by_closure, by_type);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fetch credentials",
    label = "no provider of credentials",
    note = "write `move |session: Session| {{ let key = key.clone(); async move {{ … }} }}`, which ends in a `Result<Credential>`, or implement `CredentialProvider`"
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
        Self::of(provider, Login::default())
    }

    /// A provider whose login others share.
    pub(super) fn of(provider: impl CredentialProvider, login: Login) -> Self {
        Self { provider: Arc::new(provider), login }
    }

    /// What the provider gave, or gives now.
    pub(crate) async fn current(&self, limit: Duration, hooks: &Arc<dyn Hooks>) -> Result<Lease> {
        let fetch = || {
            let (provider, hooks) = (Arc::clone(&self.provider), Arc::clone(hooks));
            // The session that asks first may be gone before the end: its hooks are not.
            async move { provider.credential(hooks.session().clone()).await.and_then(leaf) }
        };
        self.login.current(limit, fetch).await
    }

    /// Gives away what the provider gave.
    pub(crate) async fn take(&self) -> Option<Arc<Credential>> {
        self.login.take().await
    }
}
