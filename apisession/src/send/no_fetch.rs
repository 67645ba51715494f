//! Replaces the credentials that are fetched in a build without sign-in: there are none.

use std::sync::Arc;

use super::Sender;
use super::engine::Core;
use crate::call::PathBelow;
use crate::credential::{Credential, Lease};
use crate::declare::Hooks;
use crate::error::{Error, Result};

/// The place at which a call was made.
pub(super) struct Called(Option<Arc<PathBelow>>);

impl Called {
    pub(super) fn new(place: Option<Arc<PathBelow>>, _: String) -> Self {
        Self(place)
    }

    pub(super) fn template(&self) -> &str {
        self.0.as_ref().map_or("", |place| place.template())
    }
}

/// Never created: no server is asked for a token.
pub(super) enum Asked {}

/// Never created.
pub(super) enum Source {}

impl Sender<'_> {
    pub(super) fn ask(&mut self, _: &Credential, _: Option<Asked>) -> Result<()> {
        Ok(())
    }

    pub(super) fn source(&self, _: &Credential) -> Option<&Source> {
        None
    }

    pub(super) async fn fetched(&self, source: &Source) -> Result<Lease<Credential>> {
        match *source {}
    }

    pub(super) fn forget_asked(&self) {}

    pub(super) fn is_asked(&mut self, _: &Error) -> bool {
        false
    }
}

impl Core {
    pub(super) async fn fetch(&self, _: &Credential, _: &Arc<dyn Hooks>) -> Result<()> {
        Ok(())
    }
}
