//! The settings of a call for a page of a list: the value of the page takes the place of what they set.

use http::HeaderName;

use super::{Setting, Settings};

impl Settings {
    /// The first value of a query parameter that this level sets.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        self.list.iter().rev().find_map(|setting| match setting {
            Setting::Query(own, query) if own == name => query.get(name),
            _ => None,
        })
    }

    /// Sets neither this query parameter nor this header any more.
    pub(crate) fn forget(&mut self, query: Option<&str>, header: Option<&HeaderName>) {
        self.list.retain(|setting| match setting {
            Setting::Query(name, _) => Some(&**name) != query,
            Setting::Header(name, _) => Some(name) != header,
            _ => true,
        });
    }
}
