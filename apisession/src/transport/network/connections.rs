//! Limits the number of connections to each origin (`max_connections`).
//!
//! The limit has two parts. A `Claim` counts a call from before its request is sent until its response was read. A
//! `LimitedConnector` delays each new connection until there are fewer connections than the limit.
//!
//! Three facts about hyper's pool explain the rest:
//!
//! - A call that finds no idle connection in the pool waits for two things at once: a new connection, and one that
//!   another call returns to the pool. It takes the first.
//! - If a returned connection is first, hyper does not cancel the new one. It moves it to a background task, and puts
//!   it into the pool once it is made. Here such a connection is given up if it still waits for its turn.
//! - A connection is not back in the pool at the moment when its response has been read, but a little later, when a
//!   task of hyper has run. A call that looks in the pool in between finds nothing, and asks for a new connection. So a
//!   connection whose response was read is still counted, as `returning`, and the call waits for it. After
//!   `RETURN_TIME`, the connection is considered closed.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{HeaderMap, Version};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tower_layer::Layer;
use tower_service::Service;
use url::{Origin, Url};

use super::keep_alive;
use crate::error::BoxError;

/// How long a connection may take to return to the pool after its response was read. A connection that the pool still
/// does not have after this time is closed. It usually takes one turn of a task, which is long on a busy machine: after 100 ms
/// too many connections were opened there.
const RETURN_TIME: Duration = Duration::from_secs(1);

tokio::task_local! {
    /// The call that is being polled. It is unset in a background task of the pool.
    static CURRENT_CALL: CurrentCall;
}

/// The connections of a runtime, in the pools of all its clients.
pub(in crate::transport) struct Connections {
    max: usize,
    origins: Mutex<HashMap<Origin, Arc<PerOrigin>>>,
}

/// The connections to one origin.
struct PerOrigin {
    max: usize,
    counts: Mutex<Counts>,
    /// Notified when the counts change.
    changed: Notify,
}

/// The connections to one origin, by what they are used for. For a moment a connection may be counted twice, but it is
/// always counted, so the limit holds.
#[derive(Default)]
struct Counts {
    /// The calls that have a connection, make one, or wait until they may make one.
    calls: usize,
    /// Those of the calls that wait until they may make a connection. They have none.
    waiting: usize,
    /// The connections that are being made in the background, because their call got another one from the pool.
    background: usize,
    /// The connections that no call uses, by the time at which they became free, the oldest first. Each one is on its
    /// way to the pool, is idle in the pool, or was closed.
    returning: VecDeque<Instant>,
    /// How long a connection is counted as returning.
    return_time: Duration,
}

#[derive(Clone)]
struct CurrentCall {
    origin: Arc<PerOrigin>,
    /// Whether the pool asked the connector for a new connection, since it had no idle one.
    needs_connection: Arc<AtomicBool>,
}

impl Connections {
    /// Limits the connections to each origin to `max`.
    pub(in crate::transport) fn new(max: usize) -> Self {
        Self { max, origins: Mutex::default() }
    }

    /// Counts a call to the origin of `url`, until the claim is dropped. Its pool closes an idle connection after `idle`.
    pub(in crate::transport) fn claim(&self, url: &Url, idle: Duration) -> Claim {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        let key = url.origin();
        if !origins.contains_key(&key) {
            origins.retain(|_, origin| !origin.is_unused());
        }
        let new = || Arc::new(PerOrigin::new(self.max));
        let origin = Arc::clone(origins.entry(key).or_insert_with(new));
        {
            let mut counts = origin.counts();
            counts.calls += 1;
            counts.return_time = RETURN_TIME.min(idle);
        }
        Claim { origin, is_persistent: false, returns: false }
    }
}

impl PerOrigin {
    fn new(max: usize) -> Self {
        Self { max, counts: Mutex::default(), changed: Notify::new() }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the counts, and wakes the connectors that wait.
    fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.counts());
        self.changed.notify_waiters();
    }

    fn is_unused(&self) -> bool {
        let mut counts = self.counts();
        counts.forget_closed();
        counts.calls == 0 && counts.background == 0 && counts.returning.is_empty()
    }

    /// Waits until a waiting call may make a connection, and counts the call as no longer waiting.
    async fn reserve(&self) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            let next_check = {
                let mut counts = self.counts();
                // The pool had no idle connection for this call. So those that had the time to return to it are closed.
                counts.forget_closed();
                if counts.connections() < self.max {
                    counts.waiting -= 1;
                    return;
                }
                counts.returning.front().map(|since| *since + counts.return_time)
            };
            match next_check {
                Some(next_check) => drop(timeout_at(next_check, changed).await),
                None => changed.await,
            }
        }
    }
}

impl Counts {
    /// The number of connections that exist or are being made.
    fn connections(&self) -> usize {
        // The call of a connector that waits may have ended already. Then it is in `waiting` but no longer in `calls`.
        (self.calls + self.background + self.returning.len()).saturating_sub(self.waiting)
    }

    /// Removes the connections that became free longer than `return_time` ago.
    fn forget_closed(&mut self) {
        let now = Instant::now();
        while self.returning.front().is_some_and(|since| *since + self.return_time <= now) {
            self.returning.pop_front();
        }
    }

    /// Removes a returning connection, since a call got it from the pool. Which one it was is not known, nor needed.
    fn take_returned(&mut self) {
        self.returning.pop_front();
    }
}

/// Counts one call, and so its connection, from before the connection is made until the response was read.
pub(in crate::transport) struct Claim {
    origin: Arc<PerOrigin>,
    /// Whether the server keeps the connection open after this response.
    is_persistent: bool,
    /// Whether the connection returns to the pool: it is persistent, and the response was read to its end.
    returns: bool,
}

impl Claim {
    /// Sends a request over the connection that this claim counts.
    pub(in crate::transport) async fn send<F: Future>(&self, sending: F) -> F::Output {
        let call = CurrentCall { origin: Arc::clone(&self.origin), needs_connection: Arc::default() };
        let needs_connection = Arc::clone(&call.needs_connection);
        let mut sending = pin!(CURRENT_CALL.scope(call, sending));
        // The first poll looks in the pool, and asks for a new connection if there is no idle one.
        let first = std::future::poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await;
        if !needs_connection.load(Ordering::SeqCst) {
            self.origin.change(Counts::take_returned);
        }
        match first {
            Poll::Ready(output) => output,
            Poll::Pending => sending.await,
        }
    }

    /// Records whether the connection is persistent after a response with this head.
    pub(in crate::transport) fn with_head(mut self, version: Version, headers: &HeaderMap) -> Self {
        self.is_persistent = keep_alive::is_persistent(version, headers);
        self
    }

    /// Releases the claim after the response was read to its end. If a claim is dropped instead, its connection is not
    /// expected back.
    pub(in crate::transport) fn release(mut self) {
        self.returns = self.is_persistent;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.origin.change(|counts| {
            counts.calls -= 1;
            if self.returns {
                counts.returning.push_back(Instant::now());
            }
        });
    }
}

/// Adds the limit to a connector.
#[derive(Clone)]
pub(in crate::transport) struct LimitLayer;

/// A connector that becomes ready when a call may make a connection. `connect_timeout` starts when it is ready, so it
/// does not include the wait.
pub(in crate::transport) struct LimitedConnector<S> {
    connector: S,
    reservation: Reservation,
}

/// Whether a connector may make its next connection.
enum Reservation {
    /// It was not polled yet.
    Unasked,
    /// It waits. The mutex is never locked: it only makes the connector `Sync`.
    Waiting(Mutex<Waiting>),
    /// It may make this connection.
    Reserved(NewConnection),
    /// It is not limited, since it was polled outside of a call.
    Unlimited,
}

type Waiting = Pin<Box<dyn Future<Output = Result<NewConnection, BoxError>> + Send>>;

/// A clone makes another connection, and so needs another reservation.
impl<S: Clone> Clone for LimitedConnector<S> {
    fn clone(&self) -> Self {
        Self { connector: self.connector.clone(), reservation: Reservation::Unasked }
    }
}

impl<S> Layer<S> for LimitLayer {
    type Service = LimitedConnector<S>;

    fn layer(&self, connector: S) -> LimitedConnector<S> {
        LimitedConnector { connector, reservation: Reservation::Unasked }
    }
}

impl<S, D> Service<D> for LimitedConnector<S>
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
        if let Reservation::Unasked = self.reservation {
            self.reservation = CURRENT_CALL.try_with(reserve).unwrap_or(Reservation::Unlimited);
        }
        if let Reservation::Waiting(waiting) = &mut self.reservation {
            let waiting = waiting.get_mut().unwrap_or_else(PoisonError::into_inner);
            self.reservation = Reservation::Reserved(ready!(waiting.as_mut().poll(context))?);
        }
        self.connector.poll_ready(context)
    }

    fn call(&mut self, destination: D) -> Self::Future {
        let connecting = self.connector.call(destination);
        match std::mem::replace(&mut self.reservation, Reservation::Unasked) {
            Reservation::Reserved(connection) => Box::pin(connection.connect(connecting)),
            Reservation::Unasked | Reservation::Waiting(_) | Reservation::Unlimited => Box::pin(connecting),
        }
    }
}

/// Starts the wait of a call for a new connection.
fn reserve(call: &CurrentCall) -> Reservation {
    call.needs_connection.store(true, Ordering::SeqCst);
    let mut connection = NewConnection::new(Arc::clone(&call.origin));
    Reservation::Waiting(Mutex::new(Box::pin(async move {
        connection.reserve().await?;
        Ok(connection)
    })))
}

/// A connection that is being made, or waits until it may be.
struct NewConnection {
    origin: Arc<PerOrigin>,
    stage: Stage,
}

/// How far a new connection is. It names the count that has the connection, which `Drop` lowers.
#[derive(PartialEq)]
enum Stage {
    /// It waits until it may be made. `waiting` counts it.
    Waiting,
    /// It is being made for its call, whose claim counts it.
    ForCall,
    /// It is being made for the pool, since its call got another one. `background` counts it.
    ForPool,
    /// It was given up. No count has it.
    GivenUp,
}

impl NewConnection {
    fn new(origin: Arc<PerOrigin>) -> Self {
        origin.change(|counts| counts.waiting += 1);
        Self { origin, stage: Stage::Waiting }
    }

    /// Waits until the connection may be made. Fails if its call gets another one from the pool first.
    async fn reserve(&mut self) -> Result<(), BoxError> {
        let origin = Arc::clone(&self.origin);
        let mut reserved = pin!(origin.reserve());
        std::future::poll_fn(|context| {
            if is_polled_by_call() {
                ready!(reserved.as_mut().poll(context));
                self.stage = Stage::ForCall;
                return Poll::Ready(Ok(()));
            }
            self.origin.change(|counts| {
                counts.waiting -= 1;
                counts.take_returned();
            });
            self.stage = Stage::GivenUp;
            Poll::Ready(Err("the call got another connection from the pool".into()))
        })
        .await
    }

    /// Makes the connection, for its call, or for the pool if the call gets another one in the meantime.
    async fn connect<C>(
        mut self,
        connecting: impl Future<Output = Result<C, BoxError>>,
    ) -> Result<C, BoxError> {
        let mut connecting = pin!(connecting);
        let connected = std::future::poll_fn(|context| {
            if self.stage == Stage::ForCall && !is_polled_by_call() {
                self.origin.change(|counts| {
                    counts.background += 1;
                    counts.take_returned();
                });
                self.stage = Stage::ForPool;
            }
            connecting.as_mut().poll(context)
        })
        .await;
        if self.stage == Stage::ForPool && connected.is_ok() {
            // `Drop` wakes the connectors that wait, once `background` is lowered.
            self.origin.counts().returning.push_back(Instant::now());
        }
        connected
    }
}

impl Drop for NewConnection {
    fn drop(&mut self) {
        match self.stage {
            Stage::Waiting => self.origin.change(|counts| counts.waiting -= 1),
            Stage::ForPool => self.origin.change(|counts| counts.background -= 1),
            Stage::ForCall | Stage::GivenUp => {}
        }
    }
}

/// Whether the code that runs is polled by a call. If not, the pool polls it in a background task, since the call got
/// another connection.
fn is_polled_by_call() -> bool {
    CURRENT_CALL.try_with(|_| ()).is_ok()
}
