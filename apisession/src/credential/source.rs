//! The source of a credential that is fetched, and the value that was fetched last.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
use url::Origin;

use super::Credential;
use super::lease::LeaseStore;
use crate::error::{Error, Result};

/// Fetches a credential. The module [`provider`](crate::provider), a higher layer, implements it.
pub(crate) trait Fetch: Send + Sync {
    fn fetch(self: Arc<Self>, caller: Caller) -> BoxFuture<'static, Result<Credential>>;

    /// How long it may take, if not as long as a sign-in of the session.
    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

/// The session whose call needs a credential. It is a type of a higher layer, so its type is erased here; only
/// `provider` restores it.
pub(crate) struct Caller(Box<dyn Any + Send>);

impl Caller {
    pub(crate) fn new(session: impl Any + Send) -> Self {
        Self(Box::new(session))
    }

    /// Returns the session as its original type. Fails if it has another type.
    pub(crate) fn into_session<S: Any>(self) -> Result<S> {
        let session = self.0.downcast().map_err(|_| Error::configuration("the caller is not a session"))?;
        Ok(*session)
    }
}

/// Where a credential is fetched from.
pub(crate) struct Source {
    fetch: Arc<dyn Fetch>,
    fetched: Fetched,
}

/// The values that were fetched.
enum Fetched {
    /// One for all sessions, since it does not depend on them. Several sources can share it.
    Once(LeaseStore<Credential>),
    /// One for the sessions of each origin. It may be from their server, and no other server gets it.
    ByOrigin(Mutex<HashMap<Origin, LeaseStore<Credential>>>),
}

impl Source {
    /// A source whose value does not depend on the session that asks.
    pub(crate) fn shared(fetch: Arc<dyn Fetch>, lease: LeaseStore<Credential>) -> Self {
        Self { fetch, fetched: Fetched::Once(lease) }
    }

    /// A source that may ask the server of the session.
    pub(crate) fn by_origin(fetch: Arc<dyn Fetch>) -> Self {
        Self { fetch, fetched: Fetched::ByOrigin(Mutex::default()) }
    }

    /// The value for sessions of this origin.
    pub(crate) fn lease(&self, origin: &Origin) -> LeaseStore<Credential> {
        match &self.fetched {
            Fetched::Once(lease) => lease.clone(),
            Fetched::ByOrigin(leases) => {
                let mut leases = leases.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(lease) = leases.get(origin) {
                    return lease.clone();
                }
                leases.entry(origin.clone()).or_default().clone()
            }
        }
    }

    pub(crate) fn time_limit(&self) -> Option<Duration> {
        self.fetch.time_limit()
    }

    /// Removes all values.
    pub(super) fn invalidate(&self) {
        match &self.fetched {
            Fetched::Once(lease) => lease.invalidate(),
            Fetched::ByOrigin(leases) => {
                let leases = leases.lock().unwrap_or_else(PoisonError::into_inner);
                leases.values().for_each(LeaseStore::invalidate);
            }
        }
    }

    /// Fetches a credential, which must not have a source itself.
    pub(crate) async fn fetch(self: Arc<Self>, caller: Caller) -> Result<Credential> {
        let fetched = Arc::clone(&self.fetch).fetch(caller).await?;
        if fetched.is_fetched() {
            return Err(Error::configuration(
                "a provider returned the credential of another provider; return the result of that provider's `credential`",
            ));
        }
        Ok(fetched)
    }
}
