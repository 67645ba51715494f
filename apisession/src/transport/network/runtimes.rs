//! The clients of each runtime, so that a session can be used by several, as one in a `static` is by the runtimes of tests.
//!
//! A connection is driven by a task of the runtime that opened it. In a shared pool, the request of a runtime could go to a
//! connection of another one that is idle, and would never be sent, or that has ended.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use tokio::runtime::{Handle, Id};
use tokio::sync::oneshot;

use crate::transport::tls::Backend;

/// The clients of a transport, each of which is a `C`.
pub(in crate::transport) struct Clients<C>(Arc<RwLock<State<C>>>);

struct State<C> {
    /// What the clients have of TLS. It is replaced when the client certificate changes.
    backend: Option<Backend>,
    /// The client that was made with the transport, until a runtime takes it.
    spare: Option<C>,
    /// Mostly one.
    running: Vec<Running<C>>,
}

/// The client of a runtime that has not ended.
struct Running<C> {
    /// `None` is outside of a runtime.
    runtime: Option<Id>,
    client: C,
    /// Ends the task that waits for the end of the runtime, once this is dropped.
    _present: oneshot::Sender<Infallible>,
}

/// Held by a task of a runtime, and so dropped with it.
struct Presence<C> {
    clients: Weak<RwLock<State<C>>>,
    runtime: Id,
}

impl<C: Clone + Send + Sync + 'static> Clients<C> {
    /// The first client is that of the current runtime, or else of the first that makes a request.
    pub(in crate::transport) fn new(first: C, backend: Option<Backend>) -> Self {
        let clients = Self(Arc::new(RwLock::new(State { backend, spare: None, running: Vec::new() })));
        match Handle::try_current() {
            Ok(_) => drop(clients.current(|_| Ok::<_, Infallible>(first))),
            Err(_) => clients.0.write().unwrap_or_else(PoisonError::into_inner).spare = Some(first),
        }
        clients
    }

    /// The client of the current runtime, which `make` makes if this is its first request.
    pub(in crate::transport) fn current<E>(
        &self,
        make: impl FnOnce(Option<&Backend>) -> Result<C, E>,
    ) -> Result<C, E> {
        let handle = Handle::try_current().ok();
        let runtime = handle.as_ref().map(Handle::id);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).of(runtime);
        if let Some(client) = known {
            return Ok(client);
        }
        let (present, absent) = oneshot::channel();
        let client = {
            let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if let Some(client) = state.of(runtime) {
                return Ok(client);
            }
            let client = match state.spare.take() {
                Some(spare) => spare,
                None => make(state.backend.as_ref())?,
            };
            state.running.push(Running { runtime, client: client.clone(), _present: present });
            client
        };
        // The lock is not held here: a runtime that shuts down drops the task at once, and that takes the lock.
        if let (Some(handle), Some(runtime)) = (handle, runtime) {
            let presence = Presence { clients: Arc::downgrade(&self.0), runtime };
            handle.spawn(async move {
                let _presence = presence;
                let _ = absent.await;
            });
        }
        Ok(client)
    }

    /// Replaces the client of the current runtime by the one that `make` makes of it, if it makes one.
    #[cfg(feature = "reqwest")]
    pub(in crate::transport) fn update<E>(
        &self,
        make: impl FnOnce(&C, Option<&Backend>) -> Result<Option<C>, E>,
    ) -> Result<(), E> {
        let runtime = Handle::try_current().ok().map(|handle| handle.id());
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let State { backend, running, .. } = &mut *state;
        let Some(running) = running.iter_mut().find(|running| running.runtime == runtime) else {
            return Ok(());
        };
        let before = match make(&running.client, backend.as_ref())? {
            Some(client) => std::mem::replace(&mut running.client, client),
            None => return Ok(()),
        };
        // A client is dropped after the lock.
        drop(state);
        drop(before);
        Ok(())
    }

    /// Replaces all clients by new ones. The old ones end with their last request.
    pub(in crate::transport) fn renew<E>(
        &self,
        make: impl Fn(Option<&Backend>) -> Result<C, E>,
    ) -> Result<(), E> {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let State { backend, running, .. } = &mut *state;
        let clients: Vec<C> = running.iter().map(|_| make(backend.as_ref())).collect::<Result<_, E>>()?;
        let before: Vec<C> = running
            .iter_mut()
            .zip(clients)
            .map(|(running, client)| std::mem::replace(&mut running.client, client))
            .collect();
        // A client is dropped after the lock.
        drop(state);
        drop(before);
        Ok(())
    }

    /// Replaces all clients by those that `make` makes with other options of TLS.
    pub(in crate::transport) fn replace<E>(
        &self,
        backend: Backend,
        make: impl Fn(&Backend) -> Result<C, E>,
    ) -> Result<(), E> {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let clients: Vec<C> = state.running.iter().map(|_| make(&backend)).collect::<Result<_, E>>()?;
        for (running, client) in state.running.iter_mut().zip(clients) {
            running.client = client;
        }
        (state.backend, state.spare) = (Some(backend), None);
        Ok(())
    }
}

impl<C: Clone> State<C> {
    fn of(&self, runtime: Option<Id>) -> Option<C> {
        self.running.iter().find(|running| running.runtime == runtime).map(|running| running.client.clone())
    }
}

/// Removes the client of a runtime that has ended.
impl<C> Drop for Presence<C> {
    fn drop(&mut self) {
        let Some(clients) = self.clients.upgrade() else { return };
        let ended = {
            let mut state = clients.write().unwrap_or_else(PoisonError::into_inner);
            let at = state.running.iter().position(|running| running.runtime == Some(self.runtime));
            at.map(|at| state.running.swap_remove(at))
        };
        // A client is dropped after the lock.
        drop(ended);
    }
}
