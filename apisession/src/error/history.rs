//! The redirects that a call has followed.

use std::sync::Arc;

use http::StatusCode;
use url::Url;

/// The redirects that were followed, with the URLs that returned them. It is a pointer, since every response has one, and most calls follow
/// none.
#[derive(Clone, Default)]
pub(crate) struct History(Option<Arc<Vec<(StatusCode, Url)>>>);

impl History {
    pub(crate) fn push(&mut self, status: StatusCode, url: Url) {
        Arc::make_mut(self.0.get_or_insert_default()).push((status, url));
    }

    /// In the order in which they were followed.
    pub(crate) fn list(&self) -> &[(StatusCode, Url)] {
        self.0.as_ref().map_or(&[], |list| list)
    }

    /// How many they are.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.list().len()).unwrap_or(u32::MAX)
    }
}
