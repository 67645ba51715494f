//! What of a request and its response is shown.

use std::sync::Arc;

use super::Secret;
use super::allow_list::{AllowList, Verdict};

/// What of a request and its response may be shown, by the settings of all levels. It is a pointer, since every request has one, and most
/// have the defaults.
#[derive(Clone, Debug, Default)]
pub(crate) struct Redaction(Option<Arc<Rules>>);

#[derive(Debug)]
struct Rules {
    restricted: bool,
    path: Option<String>,
    secrets: Option<Arc<Vec<Secret>>>,
    list: Option<Arc<AllowList>>,
}

impl Redaction {
    /// The defaults.
    pub(crate) const DEFAULT: Self = Self(None);

    /// For a URL whose path is `restricted`, so that neither query nor body is shown. With a `path`, that is shown in place of its own, and
    /// the `secrets` are hidden wherever they are.
    pub(crate) fn new(
        restricted: bool,
        path: Option<String>,
        secrets: Option<Arc<Vec<Secret>>>,
        list: Option<Arc<AllowList>>,
    ) -> Self {
        if !restricted && path.is_none() && secrets.is_none() && list.is_none() {
            return Self(None);
        }
        Self(Some(Arc::new(Rules { restricted, path, secrets, list })))
    }

    /// Whether neither query nor body is shown.
    pub(crate) fn is_restricted(&self) -> bool {
        self.0.as_ref().is_some_and(|rules| rules.restricted) && !self.shows_all()
    }

    /// Whether everything is shown, secrets included.
    pub(crate) fn shows_all(&self) -> bool {
        self.list().is_some_and(|list| list.shows_all)
    }

    /// What is shown in place of the path.
    pub(crate) fn path(&self) -> Option<&str> {
        self.0.as_ref()?.path.as_deref()
    }

    /// The secrets among the arguments.
    pub(crate) fn secrets(&self) -> Option<&Arc<Vec<Secret>>> {
        self.0.as_ref()?.secrets.as_ref()
    }

    /// What the author allows and hides.
    pub(crate) fn list(&self) -> Option<&Arc<AllowList>> {
        self.0.as_ref()?.list.as_ref()
    }

    pub(super) fn of_name(&self, name: &str) -> Option<Verdict> {
        self.list()?.of_name(name)
    }
}
