//! The login of a session: one at a time, on a task of its own, shared by all its calls.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::credential::{Credential, Left};
use crate::error::{Error, ErrorKind, Result};
use crate::hooks::Hooks;

/// How long a failure is remembered.
const REMEMBERED: Duration = Duration::from_secs(1);

/// The credential in use, and the sign-in that brings the next one.
pub(crate) struct Login {
    state: Arc<Mutex<State>>,
    /// How long a sign-in may take.
    limit: Duration,
}

#[derive(Default)]
struct State {
    held: Option<Arc<Credential>>,
    under_way: Option<watch::Receiver<Option<End>>>,
    failed: Option<(Instant, Arc<Error>)>,
}

type End = Result<Arc<Credential>, Arc<Error>>;

impl Login {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { state: Arc::default(), limit }
    }

    /// The credential in use; signs in if there is none, or it is about to expire. Whoever gives up waiting harms nobody.
    pub(crate) async fn current(&self, hooks: &Arc<dyn Hooks>) -> Result<Arc<Credential>> {
        let mut under_way = {
            let mut state = locked(&self.state);
            if let Some(held) = &state.held {
                let (held, left) = (Arc::clone(held), held.left());
                if left == Left::Some && state.recent_failure().is_none() {
                    self.begin(&mut state, hooks);
                }
                if left != Left::Little {
                    return Ok(held);
                }
            }
            if let Some(error) = state.recent_failure() {
                return Err(shared(error));
            }
            self.begin(&mut state, hooks)
        };
        match under_way.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(Ok(fresh))) => Ok(Arc::clone(fresh)),
            Ok(Some(Err(error))) => Err(shared(error)),
            Ok(None) | Err(_) => Err(Error::new(
                ErrorKind::Authentication,
                "the sign-in was ended, by a panic or with its runtime",
            )),
        }
    }

    /// The sign-in that is under way, or a new one.
    fn begin(&self, state: &mut State, hooks: &Arc<dyn Hooks>) -> watch::Receiver<Option<End>> {
        if let Some(under_way) = &state.under_way {
            return under_way.clone();
        }
        let (sender, receiver) = watch::channel(None);
        state.under_way = Some(receiver.clone());
        let landing = Landing(Arc::clone(&self.state));
        let (hooks, limit) = (Arc::clone(hooks), self.limit);
        tokio::spawn(async move {
            let end = match timeout(limit, hooks.authenticate()).await {
                Ok(end) => end.map(Arc::new).map_err(|error| Arc::new(failed(error))),
                Err(_) => {
                    let message = format!("not signed in within {limit:?} (`timeout`)");
                    Err(Arc::new(Error::new(ErrorKind::Timeout, message)))
                }
            };
            landing.keep(&end);
            // There may be nobody who waits any more.
            let _ = sender.send(Some(end));
        });
        receiver
    }

    /// Forgets `refused`, unless another caller has replaced it already.
    pub(crate) fn forget(&self, refused: &Arc<Credential>) {
        let mut state = locked(&self.state);
        if state.held.as_ref().is_some_and(|held| Arc::ptr_eq(held, refused)) {
            state.held = None;
        }
    }

    /// Gives the credential away, for good; one that is being fetched is waited for.
    pub(crate) async fn take(&self) -> Option<Arc<Credential>> {
        let under_way = locked(&self.state).under_way.clone();
        if let Some(mut under_way) = under_way {
            let _ = under_way.wait_for(Option::is_some).await;
        }
        locked(&self.state).held.take()
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
struct Landing(Arc<Mutex<State>>);

impl Landing {
    fn keep(&self, end: &End) {
        let mut state = locked(&self.0);
        match end {
            Ok(fresh) => (state.held, state.failed) = (Some(Arc::clone(fresh)), None),
            Err(error) => state.failed = Some((Instant::now(), Arc::clone(error))),
        }
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        locked(&self.0).under_way = None;
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
struct Shared(Arc<Error>);

impl Shared {
    fn cause(&self) -> Option<&(dyn std::error::Error + 'static)> {
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
