//! What every call of an operation sends.

use std::fmt;

use super::parameter::Place;
use super::text::Record;
use crate::redact;

/// A header, a query parameter or a field of the body that every call sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Constant {
    place: Place,
    name: &'static str,
    value: Option<&'static str>,
}

impl Constant {
    /// Returns the place in the request.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Returns the name that is sent.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the value as it is written in the declaration, `"2026-11"` or `VERSION`, or `None` if the declaration removes what an outer
    /// level sets. The value of a name that tells of a secret is `[redacted]`.
    #[must_use]
    pub fn value(&self) -> Option<&'static str> {
        self.value.map(|value| if redact::is_secret_name(self.name) { "[redacted]" } else { value })
    }
}

impl fmt::Debug for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, name, .. } = self;
        write!(f, "Constant({} {name})", place.name())
    }
}

/// The constants of a record.
pub(super) fn constants(record: Record) -> impl Iterator<Item = Constant> {
    [
        (Place::Header, ["header", "no-header"]),
        (Place::Query, ["query", "no-query"]),
        (Place::Field, ["field", "no-field"]),
    ]
    .into_iter()
    .flat_map(move |(place, [set, unset])| {
        let set = record.pairs(set).map(move |(name, value)| Constant { place, name, value: Some(value) });
        set.chain(record.all(unset).map(move |name| Constant { place, name, value: None }))
    })
}
