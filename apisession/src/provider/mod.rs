//! Providers: sources of credentials that are fetched, usually by calls. It imports `call` and what is below it.

mod challenged;
mod chain;
pub(crate) mod environment;
mod code;
mod device;
mod file;
mod look;
mod netrc;
mod oauth2;
pub(crate) mod profile;
mod token_store;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;

pub use self::chain::{Chain, Mechanism};
pub use self::device::DeviceCode;
pub use self::environment::Environment;
pub use self::netrc::Netrc;
pub use self::oauth2::OAuth2;
pub use self::profile::{Profile, SaveConfig};
pub use self::token_store::{StoredTokens, TokenFile, TokenStore};
use crate::call::Session;
use crate::credential::{Caller, Credential, Fetch, Source};
use crate::error::Result;

/// Fetches credentials, for example from a token endpoint, a file or another process. A closure that takes the session
/// and returns a future is a provider.
///
/// A [credential of a provider](Credential::provided_by) is fetched before the first request that carries it, when it
/// is about to [expire](Credential::expires_in), and once more for a call whose response is a 401. It is fetched once
/// for all calls, on a separate task, within the session's `timeout`. A failure is remembered for one second. Clones of
/// a credential share the fetched value, within the sessions whose base URLs have the same origin.
///
/// ```
/// use std::time::Duration;
/// use apisession::http::Method;
/// use apisession::{BoxFuture, Credential, CredentialProvider, Result, Secret, Session};
///
/// // As a closure:
/// let key = Secret::new("s3cret");
/// let by_closure = Credential::provided_by(move |session: Session| {
///     let key = key.clone();
///     async move {
///         let token: String = session.raw().post("/tokens").json(&key.expose()).json_as().await?;
///         Ok(Credential::bearer(token)?.expires_in(Duration::from_secs(600)))
///     }
/// });
///
/// // As a type, here with a login on another host:
/// struct SingleSignOn(Secret);
///
/// impl CredentialProvider for SingleSignOn {
///     fn credential(&self, session: Session) -> BoxFuture<'_, Result<Credential>> {
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
    label = "this is not a provider of credentials",
    note = "write `move |session: Session| {{ let key = key.clone(); async move {{ … }} }}`, which ends in a `Result<Credential>`, or implement `CredentialProvider`"
)]
pub trait CredentialProvider: Send + Sync + 'static {
    /// Fetches a credential. Requests made through `session` carry no credential unless they set one.
    fn credential(&self, session: Session) -> BoxFuture<'_, Result<Credential>>;

    /// Returns how long a fetch may take, if a person is asked for it. Default: the session's `timeout`.
    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

impl<F, C> CredentialProvider for F
where
    F: Fn(Session) -> C + Send + Sync + 'static,
    C: Future<Output = Result<Credential>> + Send + 'static,
{
    fn credential(&self, session: Session) -> BoxFuture<'_, Result<Credential>> {
        Box::pin(self(session))
    }
}

/// Adapts a provider to the credentials, a lower layer.
impl<P: CredentialProvider> Fetch for P {
    fn fetch(self: Arc<Self>, caller: Caller) -> BoxFuture<'static, Result<Credential>> {
        Box::pin(async move { self.credential(caller.into_session()?).await })
    }

    fn time_limit(&self) -> Option<Duration> {
        CredentialProvider::time_limit(self)
    }
}

impl Credential {
    /// Creates a credential that is fetched when it is needed: see [`CredentialProvider`].
    #[must_use]
    pub fn provided_by(provider: impl CredentialProvider) -> Self {
        Self::from_source(Source::by_origin(Arc::new(provider)))
    }
}
