//! The sources of a credential that is fetched, and what was fetched from them.

use std::sync::Arc;

use url::Origin;

use super::challenged::Challenged;
use super::source::Source;
use super::{Credential, LeaseStore};

/// The sources of a credential that is fetched.
#[derive(Clone)]
pub(crate) enum Sources {
    One(Arc<Source>),
    /// One for each token that a server asks for.
    Asked(Arc<Challenged>),
}

impl Sources {
    /// What they are, for `Debug`.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::One(_) => "of a provider",
            Self::Asked(_) => "for challenges",
        }
    }

    /// Those so far, for this origin or for all.
    fn list(&self, origin: Option<&Origin>) -> Vec<Arc<Source>> {
        match self {
            Self::One(source) => vec![Arc::clone(source)],
            Self::Asked(challenged) => challenged.sources(origin),
        }
    }
}

impl Credential {
    /// Creates a credential that `source` fetches.
    pub(crate) fn from_source(source: Source) -> Self {
        Self { sources: Some(Sources::One(Arc::new(source))), ..Self::default() }
    }

    /// Whether what requests carry is fetched.
    pub(crate) fn is_fetched(&self) -> bool {
        self.sources.is_some()
    }

    /// The values that were fetched for requests to this origin.
    pub(crate) fn leases(&self, origin: &Origin) -> Vec<LeaseStore<Self>> {
        let sources = self.sources.iter().flat_map(|sources| sources.list(Some(origin)));
        sources.map(|source| source.lease(origin)).collect()
    }

    /// Removes what was fetched, for all sessions that share it.
    pub(super) fn invalidate_fetched(&self) {
        for source in self.sources.iter().flat_map(|sources| sources.list(None)) {
            source.invalidate();
        }
    }

    /// Creates a credential whose tokens servers ask for.
    pub(crate) fn of_challenges(challenged: Challenged) -> Self {
        Self { sources: Some(Sources::Asked(Arc::new(challenged))), ..Self::default() }
    }

    pub(crate) fn sources(&self) -> Option<&Sources> {
        self.sources.as_ref()
    }
}
