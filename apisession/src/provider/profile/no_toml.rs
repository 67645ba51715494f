//! What stands for TOML files in a build without the feature `toml`: none can be read.

use std::convert::Infallible;

use zeroize::Zeroizing;

use super::document_error::DocumentError;

/// A file, of which there is none.
#[derive(Clone)]
pub(crate) struct Toml(Infallible);

impl Toml {
    pub(super) fn parse(_: &str) -> Result<Self, DocumentError> {
        Err(DocumentError::NoToml)
    }

    pub(super) fn get(&self, _: &str, _: &str) -> Result<Option<String>, DocumentError> {
        match self.0 {}
    }

    pub(super) fn keys(&self, _: &str) -> Vec<String> {
        match self.0 {}
    }

    pub(super) fn sections(&self) -> Vec<String> {
        match self.0 {}
    }

    pub(super) fn set(&mut self, _: &str, _: &str, _: &str) -> Result<(), DocumentError> {
        match self.0 {}
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        match self.0 {}
    }
}
