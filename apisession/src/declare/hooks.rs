//! The seven hooks of a session, and the one `dyn` boundary behind them.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;

use futures_core::future::BoxFuture;

use super::retry::Retry;
use super::route::{Route, Routes};
use crate::call::Session;
use crate::credential::Credential;
use crate::describe::{Operation, PathPattern};
use crate::error::Result;
use crate::message::Response;
use crate::policy::ErrorMap;
use crate::settings::{FieldValue, Options};

/// A vendor's API: the hooks that the author of an SDK overrides.
///
/// The derive of the same name does the rest. To override a hook, add `hooks` to `#[session(…)]` and write the impl. Without
/// `hooks` the derive writes an empty one. Async hooks are overridden by plain `async fn`.
///
/// Requests that a hook makes through `self` skip the async hooks and carry no credential, unless `.with_credential(…)` adds one. So
/// a login never waits for itself. Error map, `resp_error_check` and restricted paths apply to them as to any other request.
///
/// ```
/// use apisession::prelude::*;
///
/// #[derive(Clone, APISession)]
/// #[session(base_url = "https://api.acme.example/v1", hooks)]
/// pub struct Acme {
///     session: Session,
///     token: String,
/// }
///
/// impl APISession for Acme {
///     async fn authenticate(&self) -> Result<Credential> {
///         Credential::bearer(&self.token)
///     }
/// }
///
/// let api = Acme::builder("t0k3n".to_owned()).build()?;
/// # Ok::<(), apisession::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no hooks: there is no `impl APISession for {Self}`",
    label = "`#[session(hooks)]` requires one",
    note = "write `impl APISession for {Self} {{ … }}`, or remove `hooks`"
)]
pub trait APISession: Root {
    /// Changes the options of the session before it is built: headers, timeouts, transport. Default: returns them unchanged.
    ///
    /// # When it is called
    ///
    /// Once, in `build`, before all other hooks. `options` has what the declaration and the builder set. `self` is complete but not
    /// connected: a call on it fails with [`ErrorKind::NotBuilt`](crate::ErrorKind::NotBuilt).
    ///
    /// # Errors
    ///
    /// An error ends `build`, which returns it.
    fn build_session(&self, options: Options) -> Result<Options> {
        Ok(options)
    }

    /// Signs in, and returns the credential that requests carry from then on. Default: [`Credential::none`].
    ///
    /// # When it is called
    ///
    /// Before the first request that needs it, which is none that sets the header `Authorization` itself, when the credential is about to [expire](Credential::expires_in), and once more
    /// for a call whose response was a 401, or what [`Rule::expired_when`](crate::Rule::expired_when) names instead.
    ///
    /// It is called once for all calls that need it at the same time, on a task of its own, and may take as long as the session's
    /// `timeout`. A call that stops waiting does not stop it.
    ///
    /// # Errors
    ///
    /// An error ends all calls that waited, and those of the next second, with
    /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication). If the server of the sign-in can't be reached or is out of
    /// service, the kind is that of this failure, such as [`ErrorKind::Connect`](crate::ErrorKind::Connect). Later calls sign in again.
    ///
    /// If the server asks for a pause, calls fail until it ends, and [`Error::retry_at`](crate::Error::retry_at) returns when that is.
    /// While the sign-in itself waits for a pause, a call that has not the time to wait for it fails at once.
    fn authenticate(&self) -> impl Future<Output = Result<Credential>> + Send {
        async { Ok(Credential::none()) }
    }

    /// Signs out. Default: does nothing.
    ///
    /// # When it is called
    ///
    /// In `close().await`, and at the end of `scope`, if the session is signed in. The session no longer has the credential then. It may
    /// take as long as the session's `timeout`.
    ///
    /// # Errors
    ///
    /// `close` returns the error. The session is signed out all the same.
    fn deauthenticate(&self, credential: &Credential) -> impl Future<Output = Result<()>> + Send {
        let _ = credential;
        async { Ok(()) }
    }

    /// Returns what statuses mean where this vendor differs from the standards. Default: no difference.
    ///
    /// # When it is called
    ///
    /// Once, in `build`, after [`build_session`](Self::build_session). The map is laid over the base map.
    fn error_map(&self) -> ErrorMap {
        ErrorMap::new()
    }

    /// Checks each successful response, for vendors whose 200 can mean an error. Default: returns it unchanged.
    ///
    /// # When it is called
    ///
    /// After each response whose status is a success, before it is decoded. Its body was read; if the call streams,
    /// [`body`](Response::body) is `None`.
    ///
    /// # Errors
    ///
    /// An error ends the call, without a retry, unless the error map has another rule for the status:
    /// `Rule::success().retryable_when(…)`. [`Response::into_error`] makes one that keeps the response.
    fn resp_error_check(&self, response: Response) -> Result<Response> {
        Ok(response)
    }

    /// Changes or stops a retry. Default: does nothing.
    ///
    /// # When it is called
    ///
    /// After a failed attempt, once the policy has decided to retry, before the delay. `retry` has the failure, the number of
    /// attempts, the next request and the delay. A URL that the hook sets may have the session's origin, or one of
    /// `allowed_origins`, where it gets what [`AllowedOrigins`](crate::AllowedOrigins) grants to URLs that the server names.
    ///
    /// While [`Error::outcome`](crate::Error::outcome) is [`Unknown`](crate::Outcome::Unknown), the server may have processed the
    /// request. Then the call ends with the failure if the hook changes the method, the URL or the idempotency key of a write. It can
    /// change the URL of a GET or HEAD, and the key of a request whose method is idempotent.
    ///
    /// # Errors
    ///
    /// An error ends the call, in place of the failure.
    fn retry_request(&self, retry: &mut Retry<'_>) -> impl Future<Output = Result<()>> + Send {
        let _ = retry;
        async { Ok(()) }
    }

    /// Returns the paths whose query and body never reach a log or an error, besides those of
    /// `#[session(restricted_paths(…))]`. Default: none.
    ///
    /// # When it is called
    ///
    /// Once, in `build`, after [`error_map`](Self::error_map).
    fn restricted_paths(&self) -> Vec<PathPattern> {
        Vec::new()
    }
}

/// The empty impl of a session without `hooks`. It is a macro for the sake of its name, which rustc quotes if there is another
/// impl.
#[doc(hidden)]
#[macro_export]
macro_rules! __no_hooks_unless_session_has_hooks {
    ($type:ident) => {
        #[automatically_derived]
        #[allow(deprecated)]
        impl $crate::APISession for $type {}
    };
}

/// What the derive writes for the struct of a session.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an API session",
    label = "the derive is missing here",
    note = "add `#[derive(Clone, APISession)]` above `struct {Self}`"
)]
#[doc(hidden)]
pub trait Root: Clone + Send + Sync + 'static {
    /// The session in the struct's field.
    fn session(&self) -> &Session;

    /// The same struct with another session: the fields are copied, and the endpoints grafted again.
    #[must_use]
    fn over(&self, session: Session) -> Self;

    /// The struct over a session: the author's fields are copied, and the endpoints grafted.
    #[must_use]
    fn assembled(session: Session, fields: &[&dyn Any]) -> Self;

    /// Its base URL, if that depends on the author's fields and the builder has set no other.
    ///
    /// # Errors
    ///
    /// If a value can't be where its variable is.
    fn base_url_of(_: &[&dyn Any]) -> Result<Option<String>> {
        Ok(None)
    }

    /// All operations, with their full paths.
    fn routes() -> Routes;
}

/// A field of a session that is the author's own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a session",
    label = "not `Clone + Send + Sync + 'static`",
    note = "the struct is copied while it is built and shared between threads; put the value behind an `Arc`"
)]
#[doc(hidden)]
pub trait State: Sized {
    /// The value, for a builder.
    #[must_use]
    fn kept(self) -> FieldValue;

    /// A copy of the value of this field.
    #[must_use]
    fn copied(fields: &[&dyn Any], index: usize) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> State for T {
    fn kept(self) -> FieldValue {
        Arc::new(self)
    }

    fn copied(fields: &[&dyn Any], index: usize) -> Self {
        fields[index].downcast_ref::<Self>().expect("the derive writes the fields in one order").clone()
    }
}

/// The hooks without the author's type, so that the send loop is compiled once.
pub(crate) trait Hooks: Send + Sync {
    /// The author's session, with which a provider fetches.
    #[cfg(feature = "sign-in")]
    fn session(&self) -> &Session;
    /// Where an operation is declared.
    fn route(&self, operation: &'static Operation) -> Option<Route>;
    fn authenticate(&self) -> BoxFuture<'_, Result<Credential>>;
    fn deauthenticate<'a>(&'a self, credential: &'a Credential) -> BoxFuture<'a, Result<()>>;
    fn resp_error_check(&self, response: Response) -> Result<Response>;
    fn retry_request<'a>(&'a self, retry: &'a mut Retry<'_>) -> BoxFuture<'a, Result<()>>;
}

impl<S: APISession> Hooks for S {
    #[cfg(feature = "sign-in")]
    fn session(&self) -> &Session {
        Root::session(self)
    }

    fn route(&self, operation: &'static Operation) -> Option<Route> {
        // A static has no single address: the constant of an operation and the table of its type are different copies.
        let facts =
            |row: &'static Operation| (row.endpoint(), row.name(), row.method(), row.path(), row.docs());
        let wanted = facts(operation);
        S::routes().into_vec().into_iter().find(|route| facts(route.operation()) == wanted)
    }

    fn authenticate(&self) -> BoxFuture<'_, Result<Credential>> {
        Box::pin(APISession::authenticate(self))
    }

    fn deauthenticate<'a>(&'a self, credential: &'a Credential) -> BoxFuture<'a, Result<()>> {
        Box::pin(APISession::deauthenticate(self, credential))
    }

    fn resp_error_check(&self, response: Response) -> Result<Response> {
        APISession::resp_error_check(self, response)
    }

    fn retry_request<'a>(&'a self, retry: &'a mut Retry<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(APISession::retry_request(self, retry))
    }
}
