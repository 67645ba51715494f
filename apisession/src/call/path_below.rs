//! The path from the root of a session to a place.

use super::site::Site;
use crate::redact::Secret;

/// A path from the root of a session, encoded.
#[derive(Clone, Default)]
pub(crate) struct PathBelow {
    pub(super) prefix: String,
    pub(super) site: Site,
    /// Its template, if it has placeholders.
    pub(super) template: Option<String>,
    /// The secrets in it.
    pub(super) secrets: Vec<Secret>,
    /// Why calls from here fail: an argument on the path can't be sent.
    pub(super) mistake: Option<String>,
}

impl PathBelow {
    /// The path with values.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The path with placeholders in place of values.
    pub(crate) fn template(&self) -> &str {
        self.template.as_deref().unwrap_or(&self.prefix)
    }
}
