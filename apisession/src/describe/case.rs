//! The variants of a typed error, or of a response by status.

use std::fmt;

use super::text::{Record, Records};

/// A variant of a typed error ([`derive@ApiError`](macro@crate::ApiError)) or of a response by status
/// ([`derive@ApiResponse`](macro@crate::ApiResponse)), and the responses that become it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Case(Record);

impl Case {
    /// Returns the name of the variant: `NotFound`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Returns the statuses and classes of statuses as they are declared: `404`, `5xx`. There are none for the variants of all other
    /// errors.
    pub fn statuses(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.0.all("status")
    }

    /// Returns what the body must have, each as a JSON pointer and a value as they are declared: `("/code", "\"GONE\"")`.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.0.pairs("condition")
    }

    /// Returns the types of the fields as they are declared: `Problem`.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.0.all("field")
    }

    /// Whether the variant is that of all other error responses that can be decoded: `#[default]`.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0.has("default")
    }

    /// Whether the variant is that of all other errors: `#[other]`.
    #[must_use]
    pub fn is_other(&self) -> bool {
        self.0.has("other")
    }

    /// Returns the doc comment.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.0.docs()
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The variants, in the order of the declaration.
#[derive(Clone, Copy)]
pub struct Cases(Option<&'static str>);

impl Cases {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self(if text.is_empty() { None } else { Some(text) })
    }
}

impl Iterator for Cases {
    type Item = Case;

    fn next(&mut self) -> Option<Case> {
        let mut records = Records::new(self.0);
        let first = records.next();
        self.0 = records.rest();
        first.map(Case)
    }
}

impl fmt::Debug for Cases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
