//! The seven hooks of a session, and the one `dyn` boundary behind them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::credential::Credential;
use crate::error::{Error, Result};
use crate::graft::Route;
use crate::options::Options;
use crate::pattern::PathPattern;
use crate::request::Request;
use crate::response::Response;
use crate::session::Session;
use crate::status::ErrorMap;

/// A vendor's API: the hooks that an SDK's author overrides.
///
/// The derive of the same name does the rest. Say `hooks` in `#[session(…)]` and write the impl; without
/// the word the derive writes an empty one. Async hooks are overridden with plain `async fn`.
///
/// Requests that a hook makes through `self` skip the async hooks and carry no credential of their own
/// (`.with_credential(…)` adds one), so a login never waits for itself. Error map, `resp_error_check` and
/// restricted paths hold for them as for any other.
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
    label = "`#[session(hooks)]` says that there is one",
    note = "write `impl APISession for {Self} {{ … }}`, or take `hooks` away"
)]
pub trait APISession: Root {
    /// Shapes the session before it exists: headers, timeouts, transport.
    ///
    /// # When
    ///
    /// Once, first of all hooks, in `build`.
    ///
    /// # Sees
    ///
    /// The options of the declaration and the builder. `self` is complete but not connected: a call on it
    /// is [`ErrorKind::NotBuilt`](crate::ErrorKind::NotBuilt).
    ///
    /// # An error
    ///
    /// Ends `build`, which returns it.
    ///
    /// # Returns
    ///
    /// The options to build with. The default returns what it got.
    fn build_session(&self, options: Options) -> Result<Options> {
        Ok(options)
    }

    /// Signs in.
    ///
    /// # When
    ///
    /// Before the first request that needs it, when the credential is about to [expire](Credential::expires_in), and once more
    /// for a call whose credential was answered 401, or what [`Rule::expired_when`](crate::Rule::expired_when) says instead.
    /// Of many calls that need it at once one starts it and all wait for it, on a task of its own: a call that gives up
    /// waiting harms nobody. It has the session's `timeout`. A failure is everybody's who waited, and of those who ask in
    /// the next second.
    ///
    /// # Sees
    ///
    /// The session, through `self`.
    ///
    /// # An error
    ///
    /// Ends the call with [`ErrorKind::Authentication`](crate::ErrorKind::Authentication); after a second the next call
    /// tries again.
    ///
    /// # Returns
    ///
    /// What requests carry from now on. The default is [`Credential::none`].
    fn authenticate(&self) -> impl Future<Output = Result<Credential>> + Send {
        async { Ok(Credential::none()) }
    }

    /// Signs out.
    ///
    /// # When
    ///
    /// In `close().await`, if the session is signed in. It has the session's `timeout`.
    ///
    /// # Sees
    ///
    /// The credential, which the session has let go already.
    ///
    /// # An error
    ///
    /// Is what `close` returns. The credential stays let go.
    ///
    /// # Returns
    ///
    /// Nothing. The default does nothing.
    fn deauthenticate(&self, credential: &Credential) -> impl Future<Output = Result<()>> + Send {
        let _ = credential;
        async { Ok(()) }
    }

    /// Says what statuses mean where this vendor differs from the standards.
    ///
    /// # When
    ///
    /// Once, in `build`, after [`build_session`](Self::build_session).
    ///
    /// # Sees
    ///
    /// The struct's own fields.
    ///
    /// # An error
    ///
    /// There is none.
    ///
    /// # Returns
    ///
    /// The map that is laid over the base map. The default changes nothing.
    fn error_map(&self) -> ErrorMap {
        ErrorMap::new()
    }

    /// Looks at each successful answer, for vendors that answer 200 and mean an error.
    ///
    /// # When
    ///
    /// After each answer that the error map calls a success, before it is decoded.
    ///
    /// # Sees
    ///
    /// The answer with its body read; [`body`](Response::body) is `None` where it is streamed.
    ///
    /// # An error
    ///
    /// Ends the call, without a retry. [`Response::into_error`] makes one that remembers the answer.
    ///
    /// # Returns
    ///
    /// The answer to decode, the same or another. The default returns what it got.
    fn resp_error_check(&self, response: Response) -> Result<Response> {
        Ok(response)
    }

    /// Has a say before each retry.
    ///
    /// # When
    ///
    /// After an attempt has failed and the policy has decided to try again, before the wait.
    ///
    /// # Sees
    ///
    /// The failure with its answer if there is one, the number of attempts, the next request and the delay.
    ///
    /// # An error
    ///
    /// Ends the call and replaces the failure.
    ///
    /// # Returns
    ///
    /// Nothing; it may change the request or the delay through `retry`, or stop. A URL that it sets may be of the
    /// session's origin, or of `allowed_origins`, where nothing of the session goes along. The default lets it be.
    fn retry_request(&self, retry: &mut Retry<'_>) -> impl Future<Output = Result<()>> + Send {
        let _ = retry;
        async { Ok(()) }
    }

    /// Names the paths whose query and body never reach a log or an error.
    ///
    /// # When
    ///
    /// Once, in `build`, after [`error_map`](Self::error_map).
    ///
    /// # Sees
    ///
    /// The struct's own fields.
    ///
    /// # An error
    ///
    /// There is none.
    ///
    /// # Returns
    ///
    /// Patterns in addition to those of `#[session(restricted_paths(…))]`. The default adds none.
    fn restricted_paths(&self) -> Vec<PathPattern> {
        Vec::new()
    }
}

/// The empty impl of a session that doesn't say `hooks`. It is a macro for the sake of its name, which rustc quotes
/// where there is another impl.
#[doc(hidden)]
#[macro_export]
macro_rules! __no_hooks_unless_session_says_hooks {
    ($type:ident) => {
        #[automatically_derived]
        impl $crate::APISession for $type {}
    };
}

/// What the derive knows about a session's struct.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an API session",
    label = "the derive is missing here",
    note = "add `#[derive(Clone, APISession)]` above `struct {Self}`"
)]
#[doc(hidden)]
pub trait Root: Clone + Send + Sync + 'static {
    /// The session in the struct's field.
    fn session(&self) -> &Session;

    /// The same struct over another session: the author's fields copied, the endpoints grafted anew.
    #[must_use]
    fn over(&self, session: Session) -> Self;

    /// All operations, with their full paths.
    fn routes() -> Vec<Route>;
}

/// A field of a session that is the author's own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a session",
    label = "not `Clone + Send + Sync + 'static`",
    note = "the struct is copied once while it is built and shared between threads; put the value behind an `Arc`"
)]
#[doc(hidden)]
pub trait State: Sized {
    /// The copy that the struct handed out holds.
    #[must_use]
    fn copied(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> State for T {
    fn copied(&self) -> Self {
        self.clone()
    }
}

/// A retry that is about to happen.
#[derive(Debug)]
pub struct Retry<'a> {
    pub(crate) attempts: u32,
    pub(crate) error: &'a Error,
    pub(crate) request: &'a mut Request,
    pub(crate) delay: Duration,
    pub(crate) stopped: bool,
}

impl Retry<'_> {
    /// How many attempts were made; 1 before the first retry.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Why the last attempt failed, with status, headers and body if the server answered.
    #[must_use]
    pub fn error(&self) -> &Error {
        self.error
    }

    /// The request that will be sent next, to look at or to change. The credential comes later.
    #[must_use]
    pub fn request(&mut self) -> &mut Request {
        self.request
    }

    /// How long the session will wait first.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// Waits `delay` instead.
    pub fn set_delay(&mut self, delay: Duration) {
        self.delay = delay;
    }

    /// Gives up: the call ends with the failure as it is.
    pub fn stop(&mut self) {
        self.stopped = true;
    }
}

/// The hooks without the author's type, so that the send loop is compiled once.
pub(crate) trait Hooks: Send + Sync {
    fn session(&self) -> &Session;
    fn authenticate(&self) -> Hook<'_, Credential>;
    fn deauthenticate<'a>(&'a self, credential: &'a Credential) -> Hook<'a, ()>;
    fn resp_error_check(&self, response: Response) -> Result<Response>;
    fn retry_request<'a>(&'a self, retry: &'a mut Retry<'_>) -> Hook<'a, ()>;
}

pub(crate) type Hook<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

impl<S: APISession> Hooks for S {
    fn session(&self) -> &Session {
        Root::session(self)
    }

    fn authenticate(&self) -> Hook<'_, Credential> {
        Box::pin(APISession::authenticate(self))
    }

    fn deauthenticate<'a>(&'a self, credential: &'a Credential) -> Hook<'a, ()> {
        Box::pin(APISession::deauthenticate(self, credential))
    }

    fn resp_error_check(&self, response: Response) -> Result<Response> {
        APISession::resp_error_check(self, response)
    }

    fn retry_request<'a>(&'a self, retry: &'a mut Retry<'_>) -> Hook<'a, ()> {
        Box::pin(APISession::retry_request(self, retry))
    }
}
