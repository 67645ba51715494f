//! A credential that has to be fetched, and the value that was fetched last.

use std::any::Any;
use std::sync::Arc;

use futures_core::future::BoxFuture;

use super::Credential;
use super::lease::LeaseStore;
use crate::error::{Error, Result};

/// Fetches a credential. [`provider`](crate::provider) implements it, which stands above this layer.
pub(crate) trait Fetch: Send + Sync {
    fn fetch(self: Arc<Self>, caller: Caller) -> BoxFuture<'static, Result<Credential>>;
}

/// The session whose call needs a credential. A type of a higher layer, which only `provider` takes out again.
pub(crate) struct Caller(Box<dyn Any + Send>);

impl Caller {
    pub(crate) fn new(session: impl Any + Send) -> Self {
        Self(Box::new(session))
    }

    /// The session, as the type that it was made of.
    pub(crate) fn into_session<S: Any>(self) -> Result<S> {
        let session = self.0.downcast().map_err(|_| Error::configuration("the caller is not a session"))?;
        Ok(*session)
    }
}

/// Where a credential is fetched from.
pub(crate) struct Source {
    fetch: Arc<dyn Fetch>,
    /// What was fetched. Several sources can share it.
    pub(crate) lease: LeaseStore<Credential>,
}

impl Source {
    pub(crate) fn new(fetch: Arc<dyn Fetch>, lease: LeaseStore<Credential>) -> Self {
        Self { fetch, lease }
    }

    pub(crate) async fn fetch(self: Arc<Self>, caller: Caller) -> Result<Credential> {
        let fetched = Arc::clone(&self.fetch).fetch(caller).await?;
        if fetched.source().is_some() {
            return Err(Error::configuration(
                "a provider returned the credential of another provider; return what its `credential` returns",
            ));
        }
        Ok(fetched)
    }
}

impl Credential {
    /// The credential that a source fetches.
    pub(crate) fn from_source(source: Source) -> Self {
        Self { source: Some(Arc::new(source)), ..Self::default() }
    }

    pub(crate) fn source(&self) -> Option<&Arc<Source>> {
        self.source.as_ref()
    }
}
