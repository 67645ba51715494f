//! One value for all calls, fetched by one task at a time and renewed before it expires.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::error::{Error, ErrorKind, Result, shared};

/// How long a failure is remembered.
const REMEMBERED: Duration = Duration::from_secs(1);

/// A value that expires.
pub(crate) trait Expires: Send + Sync + 'static {
    fn freshness(&self) -> Freshness;
}

/// How much of its lifetime a value has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// It is used as it is.
    Fresh,
    /// It is used, and renewed in the background.
    Aging,
    /// It is renewed before it is used.
    Expiring,
}

/// The value in use, and the fetch of the next one. Clones share both.
pub(crate) struct LeaseStore<T>(Arc<Mutex<State<T>>>);

struct State<T> {
    held: Option<Arc<T>>,
    fetch: Option<Fetching<T>>,
    failed: Option<(Instant, Arc<Error>)>,
    /// The number of fetches that were started.
    started: u64,
}

/// A fetch that is under way.
struct Fetching<T> {
    number: u64,
    end: End<T>,
    /// Whether it was started before a value was refused, so that it may return one that is refused as well.
    outdated: bool,
}

/// The result of a fetch, for all callers that wait for it.
type End<T> = watch::Receiver<Option<Result<Arc<T>, Arc<Error>>>>;

/// How a caller gets its value.
enum Access<T> {
    Held(Arc<T>),
    Awaited(End<T>),
}

/// A value in use, and the store that it is from.
pub(crate) struct Lease<T> {
    store: LeaseStore<T>,
    pub(crate) value: Arc<T>,
}

impl<T> Lease<T> {
    /// Removes a value that was refused from its store, unless a newer one has replaced it.
    pub(crate) fn revoke(&self) {
        let mut state = self.store.state();
        if state.held.as_ref().is_some_and(|held| Arc::ptr_eq(held, &self.value)) {
            state.held = None;
            if let Some(fetch) = &mut state.fetch {
                fetch.outdated = true;
            }
        }
    }
}

impl<T: Expires> LeaseStore<T> {
    /// The value in use, if it is fresh, without a wait.
    pub(crate) fn fresh(&self) -> Option<Lease<T>> {
        let held = self.state().held.clone()?;
        (held.freshness() == Freshness::Fresh).then(|| self.lease(held))
    }

    /// The value in use. If there is none, or it expires soon, calls `fetch` on a separate task, for at most `limit`.
    /// A caller that stops waiting doesn't stop the fetch.
    pub(crate) async fn current<F, V>(&self, limit: Duration, fetch: F) -> Result<Lease<T>>
    where
        F: Fn() -> V,
        V: Future<Output = Result<T>> + Send + 'static,
    {
        loop {
            let (access, task) = self.access()?;
            let is_own = task.is_some();
            // The lock is not held here: a runtime that shuts down drops the task at once, and the task takes the lock.
            if let Some(task) = task {
                tokio::spawn(task.run(limit, fetch()));
            }
            let mut end = match access {
                Access::Held(held) => return Ok(self.lease(held)),
                Access::Awaited(end) => end,
            };
            match end.wait_for(Option::is_some).await.as_deref() {
                Ok(Some(Ok(fetched))) => return Ok(self.lease(Arc::clone(fetched))),
                Ok(Some(Err(error))) => return Err(shared(error)),
                Ok(None) | Err(_) if is_own => return Err(ended()),
                // The runtime of the caller that had started it has ended, and this one has not.
                Ok(None) | Err(_) => {}
            }
        }
    }

    /// How the caller gets its value, and the fetch that it has to start for it.
    fn access(&self) -> Result<(Access<T>, Option<Task<T>>)> {
        let mut state = self.state();
        if let Some(held) = state.held.clone() {
            let freshness = held.freshness();
            let renews = freshness == Freshness::Aging && state.recent_failure().is_none();
            if freshness != Freshness::Expiring {
                let task = if renews { self.start(&mut state).1 } else { None };
                return Ok((Access::Held(held), task));
            }
        }
        if let Some(error) = state.recent_failure() {
            return Err(shared(error));
        }
        let (end, task) = self.start(&mut state);
        Ok((Access::Awaited(end), task))
    }

    /// The fetch that is under way, or a new one.
    fn start(&self, state: &mut State<T>) -> (End<T>, Option<Task<T>>) {
        if let Some(fetch) = state.fetch.as_ref().filter(|fetch| !fetch.outdated) {
            return (fetch.end.clone(), None);
        }
        let (sender, end) = watch::channel(None);
        state.started += 1;
        state.fetch = Some(Fetching { number: state.started, end: end.clone(), outdated: false });
        (end, Some(Task { store: self.clone(), number: state.started, sender }))
    }

    /// Removes the value and returns it. A fetch that is under way is waited for.
    pub(crate) async fn take(&self) -> Option<Arc<T>> {
        let end = self.state().fetch.as_ref().map(|fetch| fetch.end.clone());
        if let Some(mut end) = end {
            let _ = end.wait_for(Option::is_some).await;
        }
        self.state().held.take()
    }

    fn lease(&self, value: Arc<T>) -> Lease<T> {
        Lease { store: self.clone(), value }
    }
}

impl<T> LeaseStore<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for LeaseStore<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for LeaseStore<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { held: None, fetch: None, failed: None, started: 0 })))
    }
}

impl<T> State<T> {
    fn recent_failure(&self) -> Option<&Arc<Error>> {
        let (at, error) = self.failed.as_ref()?;
        Some(error).filter(|_| at.elapsed() < REMEMBERED)
    }
}

/// The task of a fetch.
struct Task<T> {
    store: LeaseStore<T>,
    number: u64,
    sender: watch::Sender<Option<Result<Arc<T>, Arc<Error>>>>,
}

impl<T> Task<T> {
    /// Waits for `fetched`, for at most `limit`, and sends the result to all callers that wait.
    async fn run(self, limit: Duration, fetched: impl Future<Output = Result<T>>) {
        let end = match timeout(limit, fetched).await {
            Ok(end) => end.map(Arc::new).map_err(|error| Arc::new(failed(error))),
            Err(_) => {
                let message = format!("not signed in within {limit:?} (`timeout`)");
                Err(Arc::new(Error::new(ErrorKind::Timeout, message)))
            }
        };
        let mut state = self.store.state();
        if self.is_latest(&state) {
            match &end {
                Ok(fetched) => (state.held, state.failed) = (Some(Arc::clone(fetched)), None),
                Err(error) => state.failed = Some((Instant::now(), Arc::clone(error))),
            }
        }
        drop(state);
        // This fails if no caller waits any more.
        let _ = self.sender.send(Some(end));
    }

    /// Whether no other fetch was started since.
    fn is_latest(&self, state: &State<T>) -> bool {
        state.fetch.as_ref().is_some_and(|fetch| fetch.number == self.number)
    }
}

/// A fetch ends with its task, even if that panics or is dropped.
impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        let mut state = self.store.state();
        if self.is_latest(&state) {
            state.fetch = None;
        }
        drop(state);
        if thread::panicking() {
            let _ = self.sender.send(Some(Err(Arc::new(ended()))));
        }
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::Authentication, "the sign-in was ended, by a panic or with its runtime")
}

fn failed(error: Error) -> Error {
    if error.kind() == ErrorKind::Authentication {
        return error;
    }
    Error::new(ErrorKind::Authentication, "the session can't sign in").caused_by(error.into())
}
