//! The description of a session: all that its declarations state.

use std::fmt;
use std::sync::Arc;

use super::about::About;
use super::route::{Route, Routes};
use crate::describe::Constant;

/// What an SDK declares: its session, and all operations at their paths. It needs no session that is built.
///
/// The session's `description()` returns it. Its `Display` is a text of all that is known, the same for the same declarations, so that a
/// test can compare it with a file.
#[derive(Clone)]
pub struct Description {
    about: Arc<About>,
    operations: Vec<Route>,
}

impl Description {
    /// Returns the name of the session's type: `Acme`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.about.group().name()
    }

    /// Returns the doc comment of the session's type.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.about.group().docs()
    }

    /// Returns the vendor, if it is declared.
    #[must_use]
    pub fn vendor(&self) -> Option<&str> {
        self.about.get("vendor")
    }

    /// Returns the product, if it is declared.
    #[must_use]
    pub fn product(&self) -> Option<&str> {
        self.about.get("product")
    }

    /// Returns the base URL, if it is declared, with its variables in braces: `https://{subdomain}.acme.example`.
    #[must_use]
    pub fn base_url(&self) -> Option<&str> {
        self.about.get("base_url")
    }

    /// Returns the path between the base URL and every operation, if it is declared.
    #[must_use]
    pub fn base_path(&self) -> Option<&str> {
        self.about.get("base_path")
    }

    /// Returns the names of the variables of the base URL, each with the doc comment of its field.
    pub fn variables(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.about.group().pairs("variable")
    }

    /// Returns the headers and query parameters that every call sends.
    pub fn constants(&self) -> impl Iterator<Item = Constant> + use<> {
        self.about.group().constants()
    }

    /// Returns the other keys of the declaration with their values, as [`Operation::keys`](crate::Operation::keys) does.
    pub fn keys(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.about.group().keys()
    }

    /// Returns all operations with their full paths, in the order of the declarations. An operation with a `cfg` is after the others of
    /// its type.
    #[must_use]
    pub fn operations(&self) -> &[Route] {
        &self.operations
    }
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Description")
            .field("name", &self.name())
            .field("operations", &self.operations)
            .finish_non_exhaustive()
    }
}

impl Routes {
    /// The description of the session.
    #[must_use]
    pub fn into_description(self) -> Description {
        let (about, operations) = self.into_parts();
        Description { about, operations }
    }
}
