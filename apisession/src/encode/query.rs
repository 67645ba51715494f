//! The query of a request, encoded as pairs.

use std::fmt;

use url::Url;

use super::argument::ArgumentError;
use super::pairs::{self, decoded};
use super::percent::{encoded, push_encoded};
use super::value::{Encodable, ListStyle, Style};

/// The encoded query of one request, in the order in which its parameters are added.
#[derive(Clone, Default)]
pub(crate) struct Query(String);

impl Query {
    /// Adds the pairs of a value. Existing pairs of the same name stay.
    pub(crate) fn write<T: Encodable + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        style: Style,
    ) -> Result<(), ArgumentError> {
        pairs::write(&mut self.0, Some(name), value, style)
    }

    /// Replaces the pairs of a parameter by those of `value`, a scalar or a list, which may be none.
    pub(crate) fn replace<T: Encodable + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        style: Style,
    ) -> Result<(), ArgumentError> {
        self.remove(name);
        if style.list == ListStyle::Brackets {
            self.remove(&format!("{name}[]"));
        }
        self.write(name, value, style)
    }

    /// Adds the fields of a struct or a map by their own names.
    pub(crate) fn write_fields<T: Encodable + ?Sized>(
        &mut self,
        value: &T,
        style: Style,
    ) -> Result<(), ArgumentError> {
        pairs::write(&mut self.0, None, value, style)
    }

    /// The first name that servers read as one of `other`, or as a part of it, and that name.
    pub(crate) fn clash(&self, other: &Self) -> Option<(String, String)> {
        other.names().map(decoded).find_map(|name| Some((self.part_of(&name)?, name)))
    }

    /// The first name that servers read as `name`, or as a part of it: `a`, `a[b]` and `a.b` for `a`.
    pub(super) fn part_of(&self, name: &str) -> Option<String> {
        let name = encoded(name);
        let is_part = |other: &&str| {
            let rest = other.strip_prefix(&name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with("%5B"))
        };
        self.names().find(is_part).map(decoded)
    }

    /// Adds a name without a value.
    pub(crate) fn flag(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        push_encoded(&mut self.0, name);
    }

    /// Appends another query. Existing pairs of the same names stay.
    pub(crate) fn append(&mut self, other: &Self) {
        if !self.0.is_empty() && !other.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(&other.0);
    }

    /// Appends another query, and removes the existing pairs of its names.
    pub(crate) fn overlay(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        self.remove_all(&other);
        self.append(&other);
    }

    /// The query of a URL.
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.query().unwrap_or_default().to_owned())
    }

    /// The URL with this query. One that is the URL's own stays as it is.
    pub(crate) fn applied_to(&self, mut url: Url) -> Url {
        if url.query().unwrap_or_default() == self.0 {
            return url;
        }
        url.set_query(Some(&self.0).filter(|query| !query.is_empty()).map(String::as_str));
        url
    }

    /// Removes all pairs of `name`.
    pub(crate) fn remove(&mut self, name: &str) {
        if self.0.is_empty() {
            return;
        }
        let name = encoded(name);
        self.retain(|pair| pair.split('=').next() != Some(&name));
    }

    /// Removes the pairs whose names `other` has.
    pub(super) fn remove_all(&mut self, other: &Self) {
        self.retain(|pair| !other.names().any(|name| pair.split('=').next() == Some(name)));
    }

    /// The encoded names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| pair.split('=').next())
    }

    fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        if !self.0.split('&').all(&keep) {
            self.0 = self.0.split('&').filter(|pair| keep(pair)).collect::<Vec<_>>().join("&");
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows the names of the parameters, never their values.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A pair without a value may be a value.
        let names = self.0.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remove_removes_all_pairs_of_a_name_and_no_others() {
        let mut query = Query::default();
        for (name, value) in [("a", "1"), ("b[]", "x&y"), ("b[]", "z"), ("ab", "2")] {
            query.write(name, value, Style::default()).unwrap();
        }
        query.remove("b[]");
        query.remove("missing");
        assert_eq!(query.as_str(), "a=1&ab=2");
        query.remove("a");
        query.remove("ab");
        assert_eq!(query.as_str(), "");
    }
}
