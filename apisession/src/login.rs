//! A login: one at a time, on a task of its own, shared by all calls.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::credential::{Credential, Left};
use crate::error::{Error, ErrorKind, Result};

/// How long a failure is remembered.
const REMEMBERED: Duration = Duration::from_secs(1);

/// The credential in use, and the sign-in that brings the next one. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Login(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    held: Option<Arc<Credential>>,
    under_way: Option<UnderWay>,
    failed: Option<(Instant, Arc<Error>)>,
    /// How many sign-ins were begun.
    begun: u64,
}

#[derive(Clone)]
struct UnderWay {
    number: u64,
    end: watch::Receiver<Option<End>>,
    /// Whether it was begun before a credential was refused, so that it may bring one that is refused as well.
    outdated: bool,
}

type End = Result<Arc<Credential>, Arc<Error>>;

/// How a caller comes to its credential.
enum Way {
    Held(Arc<Credential>),
    Awaited(watch::Receiver<Option<End>>),
}

/// A credential in use, and whose it is.
pub(crate) struct Lease {
    login: Login,
    pub(crate) credential: Arc<Credential>,
}

impl Lease {
    /// Forgets a credential that was refused, unless another caller has replaced it already.
    pub(crate) fn forget(&self) {
        let mut state = locked(&self.login.0);
        if state.held.as_ref().is_some_and(|held| Arc::ptr_eq(held, &self.credential)) {
            state.held = None;
            if let Some(under_way) = &mut state.under_way {
                under_way.outdated = true;
            }
        }
    }
}

impl Login {
    /// The credential in use; signs in by `fetch`, for at most `limit`, if there is none, or it is about to expire. Whoever gives up
    /// waiting harms nobody.
    pub(crate) async fn current<F, C>(&self, limit: Duration, fetch: F) -> Result<Lease>
    where
        F: Fn() -> C,
        C: Future<Output = Result<Credential>> + Send + 'static,
    {
        let lease = |credential: &Arc<_>| Lease { login: self.clone(), credential: Arc::clone(credential) };
        let (way, begun) = self.way()?;
        // Not while the state is held: a runtime that comes to its end drops the task at once, and the task looks at the state.
        if let Some(landing) = begun {
            tokio::spawn(landing.after(limit, fetch()));
        }
        let mut end = match way {
            Way::Held(held) => return Ok(lease(&held)),
            Way::Awaited(end) => end,
        };
        match end.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(Ok(fresh))) => Ok(lease(fresh)),
            Ok(Some(Err(error))) => Err(shared(error)),
            Ok(None) | Err(_) => Err(Error::new(
                ErrorKind::Authentication,
                "the sign-in was ended, by a panic or with its runtime",
            )),
        }
    }

    /// How the caller comes to its credential, and the sign-in that it has to begin for it.
    fn way(&self) -> Result<(Way, Option<Landing>)> {
        let mut state = locked(&self.0);
        if let Some(held) = state.held.clone() {
            let left = held.left();
            let renews = left == Left::Some && state.recent_failure().is_none();
            if left != Left::Little {
                let begun = if renews { self.begin(&mut state).1 } else { None };
                return Ok((Way::Held(held), begun));
            }
        }
        if let Some(error) = state.recent_failure() {
            return Err(shared(error));
        }
        let (end, begun) = self.begin(&mut state);
        Ok((Way::Awaited(end), begun))
    }

    /// The sign-in that is under way, or a new one.
    fn begin(&self, state: &mut State) -> (watch::Receiver<Option<End>>, Option<Landing>) {
        if let Some(under_way) = state.under_way.as_ref().filter(|under_way| !under_way.outdated) {
            return (under_way.end.clone(), None);
        }
        let (sender, end) = watch::channel(None);
        state.begun += 1;
        state.under_way = Some(UnderWay { number: state.begun, end: end.clone(), outdated: false });
        (end, Some(Landing { login: self.clone(), number: state.begun, sender }))
    }

    /// Gives the credential away, for good; one that is being fetched is waited for.
    pub(crate) async fn take(&self) -> Option<Arc<Credential>> {
        let under_way = locked(&self.0).under_way.clone();
        if let Some(mut under_way) = under_way {
            let _ = under_way.end.wait_for(Option::is_some).await;
        }
        locked(&self.0).held.take()
    }
}

impl State {
    fn recent_failure(&self) -> Option<&Arc<Error>> {
        let (at, error) = self.failed.as_ref()?;
        Some(error).filter(|_| at.elapsed() < REMEMBERED)
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends a sign-in, however it ends.
struct Landing {
    login: Login,
    number: u64,
    sender: watch::Sender<Option<End>>,
}

impl Landing {
    /// Waits for what is fetched, for at most `limit`, and gives it to those who wait.
    async fn after(self, limit: Duration, fetched: impl Future<Output = Result<Credential>>) {
        let end = match timeout(limit, fetched).await {
            Ok(end) => end.map(Arc::new).map_err(|error| Arc::new(failed(error))),
            Err(_) => {
                let message = format!("not signed in within {limit:?} (`timeout`)");
                Err(Arc::new(Error::new(ErrorKind::Timeout, message)))
            }
        };
        let mut state = locked(&self.login.0);
        if self.is_latest(&state) {
            match &end {
                Ok(fresh) => (state.held, state.failed) = (Some(Arc::clone(fresh)), None),
                Err(error) => state.failed = Some((Instant::now(), Arc::clone(error))),
            }
        }
        drop(state);
        // There may be nobody who waits any more.
        let _ = self.sender.send(Some(end));
    }

    /// Whether no other was begun since.
    fn is_latest(&self, state: &State) -> bool {
        state.under_way.as_ref().is_some_and(|under_way| under_way.number == self.number)
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut state = locked(&self.login.0);
        if self.is_latest(&state) {
            state.under_way = None;
        }
    }
}

fn failed(error: Error) -> Error {
    if error.kind() == ErrorKind::Authentication {
        return error;
    }
    Error::new(ErrorKind::Authentication, "the session can't sign in").caused_by(error.into())
}

/// The same error for everybody who waited.
fn shared(error: &Arc<Error>) -> Error {
    let cause = std::error::Error::source(&**error).is_some().then(|| Shared(Arc::clone(error)));
    let same = Error::new(error.kind(), error.message());
    match cause {
        Some(cause) => same.caused_by(cause.into()),
        None => same,
    }
}

/// What caused an error that many have.
pub(crate) struct Shared(Arc<Error>);

impl Shared {
    pub(crate) fn cause(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause().map_or(Ok(()), |cause| fmt::Display::fmt(cause, f))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause().map_or(Ok(()), |cause| fmt::Debug::fmt(cause, f))
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.cause()?.source()
    }
}
