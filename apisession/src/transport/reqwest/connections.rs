//! No more connections to an origin than are allowed.
//!
//! hyper's pool has a connection back a moment after its answer was read, and makes another for who asks in that moment.
//! So who is about to connect waits here for as long as one may be on its way back. If that one comes first, the
//! pool hands it out and carries on the other in the background, where it finds out that nobody needs it, and ends.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderMap, Version};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tower_layer::Layer;
use tower_service::Service;
use url::{Origin, Url};

use crate::error::BoxError;

/// Until then a connection whose answer was read is in the pool again, or gone. It takes the turn of a task.
const SETTLED: Duration = Duration::from_millis(100);

tokio::task_local! {
    /// The call that polls: a connection that is polled by none is made in the background.
    static CALL: Call;
}

/// The connections of one client's pool.
pub(super) struct Connections {
    most: usize,
    settled: Duration,
    lines: Mutex<HashMap<Origin, Arc<Line>>>,
}

/// The connections to one origin.
struct Line {
    most: usize,
    settled: Duration,
    counts: Mutex<Counts>,
    changed: Notify,
}

/// Each connection is counted by its call, as `spare`, or in `back`; sometimes by two, never by none.
#[derive(Default)]
struct Counts {
    /// The calls that have a connection, make one, or wait for one.
    calls: usize,
    /// Those of them that wait here, and have none.
    waiting: usize,
    /// Connections that are made in the background, since their call got another.
    spare: usize,
    /// Those that nobody uses, by the time at which they came back; the pool has them, or soon, or has closed them.
    back: VecDeque<Instant>,
}

#[derive(Clone)]
struct Call {
    line: Arc<Line>,
    connects: Arc<AtomicBool>,
}

impl Connections {
    /// At most so many to each origin, in a pool that keeps one that nobody uses for `idle`.
    pub(super) fn new(most: usize, idle: Duration) -> Self {
        Self { most, settled: SETTLED.min(idle), lines: Mutex::default() }
    }

    /// Counts a call to the origin of `url`.
    pub(super) fn enter(&self, url: &Url) -> Occupancy {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = url.origin();
        if !lines.contains_key(&origin) {
            lines.retain(|_, line| !line.is_quiet());
        }
        let new = || Arc::new(Line::new(self.most, self.settled));
        let line = Arc::clone(lines.entry(origin).or_insert_with(new));
        line.counts().calls += 1;
        Occupancy { line, is_kept: false, comes_back: false }
    }
}

impl Line {
    fn new(most: usize, settled: Duration) -> Self {
        Self { most, settled, counts: Mutex::default(), changed: Notify::new() }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts());
        self.changed.notify_waiters();
    }

    fn is_quiet(&self) -> bool {
        let mut counts = self.counts();
        counts.forget_settled(self.settled);
        counts.calls == 0 && counts.spare == 0 && counts.back.is_empty()
    }

    /// Waits until one more connection may be made, and counts it.
    async fn room(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let next = {
                let mut counts = self.counts();
                // The pool had none for us, so those that it should have are closed.
                counts.forget_settled(self.settled);
                if counts.all() < self.most {
                    counts.waiting -= 1;
                    return;
                }
                counts.back.front().map(|back| *back + self.settled)
            };
            match next {
                Some(next) => drop(timeout_at(next, changed).await),
                None => changed.await,
            }
        }
    }
}

impl Counts {
    fn all(&self) -> usize {
        // One that waits may have lost its call already, and not know.
        (self.calls + self.spare + self.back.len()).saturating_sub(self.waiting)
    }

    fn forget_settled(&mut self, settled: Duration) {
        let now = Instant::now();
        while self.back.front().is_some_and(|back| *back + settled <= now) {
            self.back.pop_front();
        }
    }
}

/// A call's connection, from before it is made until its answer was read.
pub(super) struct Occupancy {
    line: Arc<Line>,
    /// Whether it serves another request after this one.
    is_kept: bool,
    /// Whether its answer was read to the end, too.
    comes_back: bool,
}

impl Occupancy {
    /// Sends a request over this place's connection.
    pub(super) async fn over<F: Future>(&self, sending: F) -> F::Output {
        let call = Call { line: Arc::clone(&self.line), connects: Arc::default() };
        let connects = Arc::clone(&call.connects);
        let mut sending = pin!(CALL.scope(call, sending));
        let first = std::future::poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await;
        if !connects.load(Ordering::SeqCst) {
            // It has one of the pool's.
            self.line.change(|counts| {
                counts.back.pop_front();
            });
        }
        match first {
            Poll::Ready(output) => output,
            Poll::Pending => sending.await,
        }
    }

    /// Hears whether the connection serves another request after this answer (RFC 9112 §9.3). One of HTTP/2 was never away.
    pub(super) fn after_head(mut self, version: Version, headers: &HeaderMap) -> Self {
        let is_said = |option| {
            let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|value| value.split(',')).any(|said| said.trim().eq_ignore_ascii_case(option))
        };
        self.is_kept = match version {
            Version::HTTP_10 => is_said("keep-alive"),
            Version::HTTP_11 => !is_said("close"),
            _ => false,
        };
        self
    }

    /// The answer was read to its end.
    pub(super) fn leave(mut self) {
        self.comes_back = self.is_kept;
    }
}

impl Drop for Occupancy {
    fn drop(&mut self) {
        self.line.change(|counts| {
            counts.calls -= 1;
            if self.comes_back {
                counts.back.push_back(Instant::now());
            }
        });
    }
}

/// A connector that is ready when there is room: only then its time begins.
#[derive(Clone)]
pub(super) struct Gate;

pub(super) struct Gated<S> {
    connector: S,
    room: Room,
}

/// The way of one clone of a connector to its one connection.
enum Room {
    Unasked,
    Awaited(Mutex<Admission>),
    Had(Making),
    /// Nobody counts.
    Free,
}

type Admission = Pin<Box<dyn Future<Output = Result<Making, BoxError>> + Send>>;

/// A clone makes a connection of its own.
impl<S: Clone> Clone for Gated<S> {
    fn clone(&self) -> Self {
        Self { connector: self.connector.clone(), room: Room::Unasked }
    }
}

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, connector: S) -> Gated<S> {
        Gated { connector, room: Room::Unasked }
    }
}

impl<S, D> Service<D> for Gated<S>
where
    S: Service<D, Error = BoxError, Future: Send> + Clone + Send + 'static,
    S::Response: 'static,
    S::Future: 'static,
    D: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if let Room::Unasked = self.room {
            self.room = CALL.try_with(asked).unwrap_or(Room::Free);
        }
        if let Room::Awaited(admission) = &mut self.room {
            let admission = admission.get_mut().unwrap_or_else(PoisonError::into_inner);
            self.room = Room::Had(ready!(admission.as_mut().poll(context))?);
        }
        self.connector.poll_ready(context)
    }

    fn call(&mut self, destination: D) -> Self::Future {
        let connecting = self.connector.call(destination);
        match std::mem::replace(&mut self.room, Room::Unasked) {
            Room::Had(making) => Box::pin(making.made(connecting)),
            Room::Unasked | Room::Awaited(_) | Room::Free => Box::pin(connecting),
        }
    }
}

/// A call asks for a connection.
fn asked(call: &Call) -> Room {
    call.connects.store(true, Ordering::SeqCst);
    let mut making = Making::begin(Arc::clone(&call.line));
    Room::Awaited(Mutex::new(Box::pin(async move {
        making.room().await?;
        Ok(making)
    })))
}

/// A connection that is being made.
struct Making {
    line: Arc<Line>,
    stage: Stage,
}

#[derive(PartialEq)]
enum Stage {
    /// For room, and is counted as waiting.
    Waits,
    /// For its call, which counts it.
    Connects,
    /// For the pool, and is counted as spare.
    Spare,
    /// Counted by nobody.
    Done,
}

impl Making {
    fn begin(line: Arc<Line>) -> Self {
        line.change(|counts| counts.waiting += 1);
        Self { line, stage: Stage::Waits }
    }

    /// Waits for room, or until another connection serves the call.
    async fn room(&mut self) -> Result<(), BoxError> {
        let line = Arc::clone(&self.line);
        let mut room = pin!(line.room());
        std::future::poll_fn(|context| {
            if is_needed() {
                ready!(room.as_mut().poll(context));
                self.stage = Stage::Connects;
                return Poll::Ready(Ok(()));
            }
            self.line.change(|counts| {
                counts.waiting -= 1;
                counts.back.pop_front();
            });
            self.stage = Stage::Done;
            Poll::Ready(Err("another connection came back first".into()))
        })
        .await
    }

    /// Makes the connection, be it for its call or for the pool.
    async fn made<C>(mut self, connecting: impl Future<Output = Result<C, BoxError>>) -> Result<C, BoxError> {
        let mut connecting = pin!(connecting);
        let made = std::future::poll_fn(|context| {
            if self.stage == Stage::Connects && !is_needed() {
                self.line.change(|counts| {
                    counts.spare += 1;
                    counts.back.pop_front();
                });
                self.stage = Stage::Spare;
            }
            connecting.as_mut().poll(context)
        })
        .await;
        if self.stage == Stage::Spare && made.is_ok() {
            self.line.counts().back.push_back(Instant::now());
        }
        made
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        match self.stage {
            Stage::Waits => self.line.change(|counts| counts.waiting -= 1),
            Stage::Spare => self.line.change(|counts| counts.spare -= 1),
            Stage::Connects | Stage::Done => {}
        }
    }
}

/// Whether a call waits for what is polled.
fn is_needed() -> bool {
    CALL.try_with(|_| ()).is_ok()
}
