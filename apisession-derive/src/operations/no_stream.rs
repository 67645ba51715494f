//! Streams of events and lines, in a build without the feature `streams`: none have keys.

use proc_macro2::TokenStream;
use syn::Type;

use crate::keys::Keys;
use crate::mistakes::Mistakes;

/// What an operation states about its stream.
pub(super) enum Stream {}

impl Stream {
    /// Refuses the keys.
    pub(super) fn parse(keys: &Keys, _: &str, mistakes: &mut Mistakes) -> Option<Self> {
        let names = ["events", "expired_when_item", "lines", "resume"];
        for key in names.into_iter().filter_map(|name| keys.get(name)) {
            mistakes.at(key, format!("`{}` requires the feature `streams` of `apisession`", key.name));
        }
        None
    }

    pub(super) fn mode(&self) -> &'static str {
        match *self {}
    }

    pub(super) fn applied_to(&self, _: &TokenStream, _: &Type, _: &TokenStream) -> TokenStream {
        match *self {}
    }
}
