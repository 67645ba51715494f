//! What stands around an operation: endpoints, grafts, and the session.

use std::fmt;

use super::constant::{Constant, constants};
use super::parameter::{Facts, Parameters};
use super::text::Record;

/// An endpoint or a graft on the way to an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Group {
    text: &'static str,
    facts: &'static [Facts],
}

impl Group {
    /// The group that is written down in `text`, as an operation is.
    pub(crate) const fn new(text: &'static str, facts: &'static [Facts]) -> Self {
        Self { text, facts }
    }

    fn record(&self) -> Record {
        Record::first(self.text)
    }

    pub(crate) fn get(&self, key: &'static str) -> Option<&'static str> {
        self.record().get(key)
    }

    /// The value of a key of the declaration, as it is written.
    pub(crate) fn key(&self, name: &str) -> Option<&'static str> {
        self.keys().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub(crate) fn pairs(
        self,
        key: &'static str,
    ) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.record().pairs(key)
    }

    pub(crate) fn all(self, key: &'static str) -> impl Iterator<Item = &'static str> + use<> {
        self.record().all(key)
    }

    /// Returns the name of the endpoint's type, `Events`, or of the graft's fn, `shared`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.record().name()
    }

    /// Whether it is the fn of a graft, and not an endpoint.
    #[must_use]
    pub fn is_graft(&self) -> bool {
        self.record().has("graft")
    }

    /// Returns the doc comment.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.record().docs()
    }

    /// Returns the parameters, which a graft has.
    #[must_use]
    pub fn parameters(&self) -> Parameters {
        Parameters::new(self.text, &[], self.facts)
    }

    /// Returns the tags that it declares, for the operations below it that have none.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.all("tag")
    }

    /// Returns the scopes that it declares, for the operations below it that have none.
    pub fn scopes(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.all("scope")
    }

    /// Returns the headers and query parameters that it sets.
    pub fn constants(&self) -> impl Iterator<Item = Constant> + use<> {
        constants(self.record())
    }

    /// Returns the other keys of the declaration with their values, as [`Operation::keys`](crate::Operation::keys) does.
    pub fn keys(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.record().pairs("key")
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
