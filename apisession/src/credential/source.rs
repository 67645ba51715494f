//! The source of a credential that is fetched, and the value that was fetched last.

use std::any::Any;
use std::sync::Arc;

use futures_core::future::BoxFuture;

use super::Credential;
use super::lease::LeaseStore;
use crate::error::{Error, Result};

/// Fetches a credential. The module [`provider`](crate::provider), a higher layer, implements it.
pub(crate) trait Fetch: Send + Sync {
    fn fetch(self: Arc<Self>, caller: Caller) -> BoxFuture<'static, Result<Credential>>;
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
    /// The value that was fetched. Several sources can share it.
    pub(crate) lease: LeaseStore<Credential>,
}

impl Source {
    pub(crate) fn new(fetch: Arc<dyn Fetch>, lease: LeaseStore<Credential>) -> Self {
        Self { fetch, lease }
    }

    /// Fetches a credential, which must not have a source itself.
    pub(crate) async fn fetch(self: Arc<Self>, caller: Caller) -> Result<Credential> {
        let fetched = Arc::clone(&self.fetch).fetch(caller).await?;
        if fetched.source().is_some() {
            return Err(Error::configuration(
                "a provider returned the credential of another provider; return the result of that provider's `credential`",
            ));
        }
        Ok(fetched)
    }
}

impl Credential {
    /// Creates a credential that `source` fetches.
    pub(crate) fn from_source(source: Source) -> Self {
        Self { source: Some(Arc::new(source)), ..Self::default() }
    }

    pub(crate) fn source(&self) -> Option<&Arc<Source>> {
        self.source.as_ref()
    }
}
