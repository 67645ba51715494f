//! Lists in pages, in a build without the feature `pages`: none are declared.

use proc_macro2::TokenStream;
use syn::Signature;

use super::parameter::Parameter;
use super::parse::{Operation, Verb};
use crate::keys::Key;
use crate::mistakes::Mistakes;

/// Why a `Pager` can't be returned.
pub(super) const UNDECLARED: &str = "`Pager` requires the feature `pages` of `apisession`";

/// How the pages of a list follow each other.
pub(super) enum Pages {}

impl Pages {
    /// Refuses the key.
    pub(super) fn parse(key: &Key, _: Option<&Key>, mistakes: &mut Mistakes) -> Option<Self> {
        mistakes.at(key, "`page` requires the feature `pages` of `apisession`");
        None
    }

    pub(super) fn make_variables(&mut self) {
        match *self {}
    }

    pub(super) fn variables(&self) -> Vec<String> {
        match *self {}
    }

    pub(super) fn name(&self) -> String {
        match *self {}
    }

    pub(super) fn is_xml(&self) -> bool {
        match *self {}
    }

    pub(super) fn layout(&self, _: &TokenStream) -> TokenStream {
        match *self {}
    }

    pub(super) fn pager(&self, _: &TokenStream, _: &TokenStream, _: &Operation) -> TokenStream {
        match *self {}
    }
}

pub(super) fn check(_: &Verb, pages: &Pages, _: &Signature, _: &[Parameter], _: &mut Mistakes) {
    match *pages {}
}
