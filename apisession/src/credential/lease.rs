//! One value for all calls, fetched by one task at a time and renewed before it expires.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::task_local;
use tokio::time::{Instant, timeout};
use tracing::instrument::WithSubscriber;
use tracing::{Instrument, Span};

use crate::error::{Error, ErrorKind, Result, shared};
use crate::limit::deadline;

/// How long a failure is remembered, unless the server asks for a pause.
const REMEMBERED: Duration = Duration::from_secs(1);
/// The longest time for which a failure is remembered. A wrong pause must not block the session for longer.
const LONGEST_MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

task_local! {
    /// Tells those who wait for the fetch of this task about a pause.
    static PAUSES: Box<dyn Fn(Pausing) + Send + Sync>;
}

/// A pause of a fetch, which its server has asked for.
#[derive(Clone, Debug)]
struct Pausing {
    until: Instant,
    pause: Duration,
    since: SystemTime,
    kind: ErrorKind,
    message: String,
}

impl Pausing {
    /// The error of a caller that can't wait for so long.
    fn too_long(&self) -> Error {
        let Self { pause, since, kind, message, .. } = self;
        let message =
            format!("{FAILED}: {message}; the server asks to wait {pause:?}, longer than the call may");
        let kind = if kind.is_outage() { *kind } else { ErrorKind::Authentication };
        Error::new(kind, message).with_pause(Some(*pause), *since)
    }
}

/// Announces that a call waits for `delay`, because of the `pause` with which this error was returned. A call that is not part of a
/// fetch announces it to nobody.
pub(crate) fn announce_pause(error: &Error, pause: Duration, delay: Duration) {
    let _ = PAUSES.try_with(|tell| {
        let (until, since) = (deadline(delay, Instant::now()), SystemTime::now());
        tell(Pausing { until, pause, since, kind: error.kind(), message: error.message().to_owned() });
    });
}

/// A value that expires.
pub(crate) trait Expires: Send + Sync + 'static {
    fn freshness(&self) -> Freshness;

    /// What those who wait for a fetch fail with. Default: that of a sign-in.
    fn failure(error: Error) -> Error {
        failed(error)
    }

    /// How long a failure is remembered. Default: that of a sign-in.
    fn remembered(error: &Error) -> Duration {
        memory(error)
    }

    /// What those who wait for a fetch fail with that was ended. Default: that of a sign-in.
    fn ended() -> Error {
        ended()
    }
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
    /// The last failure, and until when it is remembered.
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

/// The progress of a fetch, for all callers that wait for it.
type End<T> = watch::Receiver<Progress<T>>;

#[derive(Debug)]
enum Progress<T> {
    Running,
    Paused(Pausing),
    Ended(Result<Arc<T>, Arc<Error>>),
}

impl<T> Progress<T> {
    fn is_end(&self) -> bool {
        matches!(self, Self::Ended(_))
    }
}

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
            state.remove();
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
    /// A caller that stops waiting doesn't stop the fetch. One whose `end` is before that of a pause of the fetch fails at once.
    pub(crate) async fn current<F, V>(&self, limit: Duration, end: Instant, fetch: F) -> Result<Lease<T>>
    where
        F: Fn() -> V,
        V: Future<Output = Result<T>> + Send + 'static,
    {
        loop {
            let (access, task) = self.access()?;
            let is_own = task.is_some();
            // The lock is not held here: a runtime that shuts down drops the task at once, and the task takes the lock.
            if let Some(task) = task {
                // A renewal in the background outlives the call that has started it.
                let span = if matches!(access, Access::Awaited(_)) { Span::current() } else { Span::none() };
                tokio::spawn(task.run(limit, fetch()).instrument(span).with_current_subscriber());
            }
            let mut progress = match access {
                Access::Held(held) => return Ok(self.lease(held)),
                Access::Awaited(progress) => progress,
            };
            let is_known = |progress: &Progress<T>| match progress {
                Progress::Running => false,
                Progress::Paused(pausing) => pausing.until >= end,
                Progress::Ended(_) => true,
            };
            match progress.wait_for(is_known).await.as_deref() {
                Ok(Progress::Ended(Ok(fetched))) => return Ok(self.lease(Arc::clone(fetched))),
                Ok(Progress::Ended(Err(error))) => return Err(shared(error)),
                Ok(Progress::Paused(pausing)) => return Err(pausing.too_long()),
                Ok(Progress::Running) | Err(_) if is_own => return Err(T::ended()),
                // The runtime of the caller that had started it has ended, and this one has not.
                Ok(Progress::Running) | Err(_) => {}
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
        let (sender, end) = watch::channel(Progress::Running);
        state.started += 1;
        state.fetch = Some(Fetching { number: state.started, end: end.clone(), outdated: false });
        (end, Some(Task { store: self.clone(), number: state.started, sender }))
    }

    /// Removes the value and returns it. A fetch that is under way is waited for.
    pub(crate) async fn take(&self) -> Option<Arc<T>> {
        let end = self.state().fetch.as_ref().map(|fetch| fetch.end.clone());
        if let Some(mut end) = end {
            let _ = end.wait_for(Progress::is_end).await;
        }
        self.state().held.take()
    }

    fn lease(&self, value: Arc<T>) -> Lease<T> {
        Lease { store: self.clone(), value }
    }
}

impl<T> LeaseStore<T> {
    /// Removes the value, which was refused. A fetch that was started before may return it again. One that replaces it already goes on.
    #[cfg(feature = "sign-in")]
    pub(crate) fn invalidate(&self) {
        let mut state = self.state();
        if state.held.is_some() {
            state.remove();
        }
    }

    /// Removes the value. What a fetch returns that is under way goes to those who wait for it alone.
    pub(crate) fn forget(&self) {
        let mut state = self.state();
        (state.held, state.fetch, state.failed) = (None, None, None);
    }

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
    /// Removes the value, and what a fetch returns that is under way.
    fn remove(&mut self) {
        self.held = None;
        if let Some(fetch) = &mut self.fetch {
            fetch.outdated = true;
        }
    }

    fn recent_failure(&self) -> Option<&Arc<Error>> {
        let (until, error) = self.failed.as_ref()?;
        Some(error).filter(|_| Instant::now() < *until)
    }
}

/// The task of a fetch.
struct Task<T: Expires> {
    store: LeaseStore<T>,
    number: u64,
    sender: watch::Sender<Progress<T>>,
}

impl<T: Expires> Task<T> {
    /// Waits for `fetched`, for at most `limit`, and sends the result to all callers that wait.
    async fn run(self, limit: Duration, fetched: impl Future<Output = Result<T>>) {
        let waiters = self.sender.clone();
        let tell = move |pausing| drop(waiters.send_replace(Progress::Paused(pausing)));
        let fetched = PAUSES.scope(Box::new(tell), fetched);
        let end = match timeout(limit, fetched).await {
            Ok(end) => end.map(Arc::new).map_err(|error| Arc::new(T::failure(error))),
            Err(_) => {
                let message = format!("not signed in within {limit:?} (`timeout`)");
                Err(Arc::new(Error::new(ErrorKind::Timeout, message)))
            }
        };
        let mut state = self.store.state();
        if self.is_latest(&state) {
            match &end {
                Ok(fetched) => (state.held, state.failed) = (Some(Arc::clone(fetched)), None),
                Err(error) => state.failed = Some((Instant::now() + T::remembered(error), Arc::clone(error))),
            }
        }
        drop(state);
        // This fails if no caller waits any more.
        let _ = self.sender.send(Progress::Ended(end));
    }

    /// Whether no other fetch was started since.
    fn is_latest(&self, state: &State<T>) -> bool {
        state.fetch.as_ref().is_some_and(|fetch| fetch.number == self.number)
    }
}

/// A fetch ends with its task, even if that panics or is dropped.
impl<T: Expires> Drop for Task<T> {
    fn drop(&mut self) {
        let mut state = self.store.state();
        if self.is_latest(&state) {
            state.fetch = None;
        }
        drop(state);
        if thread::panicking() {
            let _ = self.sender.send(Progress::Ended(Err(Arc::new(T::ended()))));
        }
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::Authentication, "the sign-in was ended, by a panic or with its runtime")
}

/// What calls fail with that waited for a fetch.
const FAILED: &str = "can't sign in";

/// The error of a fetch. An error that the author's code describes as one stays as it is. Programs ask for another password after
/// `Authentication`, so a server that gave no response about the password is none.
fn failed(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Authentication if error.exchange().is_none() => error,
        kind if kind.is_outage() => Error::outer(kind, FAILED, error),
        _ => Error::outer(ErrorKind::Authentication, FAILED, error),
    }
}

/// How long a failure is remembered: as long as the server asks not to be called.
fn memory(error: &Error) -> Duration {
    let pause = error.retry_at().and_then(|end| end.duration_since(SystemTime::now()).ok());
    pause.unwrap_or_default().clamp(REMEMBERED, LONGEST_MEMORY)
}
