//! Jobs, in a build without the feature `jobs`: none are declared.

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use super::item::Item;
use super::parameter::Parameter;
use super::parse::Verb;
use crate::keys::Keys;
use crate::mistakes::Mistakes;

/// Why a `Poller` can't be returned.
pub(super) const UNDECLARED: &str = "`Poller` requires the feature `jobs` of `apisession`";

/// How an operation polls.
pub(super) enum Polls {}

impl Polls {
    /// Refuses the keys.
    pub(super) fn parse(keys: &Keys, mistakes: &mut Mistakes) -> Option<Self> {
        for key in ["poll", "wait"].into_iter().filter_map(|name| keys.get(name)) {
            mistakes.at(key, format!("`{}` requires the feature `jobs` of `apisession`", key.name));
        }
        None
    }

    pub(super) fn name(&self) -> &Ident {
        match *self {}
    }

    pub(super) fn is_wait(&self) -> bool {
        match *self {}
    }

    pub(super) fn style(&self) -> String {
        match *self {}
    }

    pub(super) fn result_operation(&self) -> Option<&Ident> {
        match *self {}
    }

    pub(super) fn polling(&self, _: &TokenStream, _: &Type) -> TokenStream {
        match *self {}
    }
}

pub(super) fn check(_: &Verb, polls: &Polls, _: &[Parameter], _: &mut Mistakes) {
    match *polls {}
}

/// No job names another operation.
pub(super) fn targets(_: &mut [Item]) {}
