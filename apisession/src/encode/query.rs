//! The query of a request, encoded as pairs.

use std::borrow::Cow;
use std::fmt;

use url::Url;

use super::argument::ArgumentError;
use super::percent::{encoded, push_encoded};
use super::value::{Encodable, ListStyle, Nested, Sink, Style, walk};

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
        let mut writer =
            Writer { query: self, name: Cow::Borrowed(name), style, lengths: Vec::new(), joins: false };
        walk(value, &mut writer)
    }

    /// Replaces the pairs of a parameter by those of `value`, which may be none.
    pub(crate) fn replace<T: Encodable + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        style: Style,
    ) -> Result<(), ArgumentError> {
        match (style.nested, style.list) {
            (Nested::Refused, list) => {
                self.remove(name);
                if list == ListStyle::Brackets {
                    self.remove(&format!("{name}[]"));
                }
            }
            (Nested::Flat, _) => {
                let mut fields = Self::default();
                fields.write(name, value, style)?;
                self.overlay(fields);
                return Ok(());
            }
            (Nested::Dots, _) => self.remove_below(&format!("{name}.")),
            (Nested::Brackets, _) => self.remove_below(&format!("{name}[")),
        }
        self.write(name, value, style)
    }

    /// Adds a name without a value.
    pub(crate) fn flag(&mut self, name: &str) -> Result<(), ArgumentError> {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        push_encoded(&mut self.0, format_args!("{name}"))
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
        for name in other.0.split('&').filter_map(|pair| pair.split('=').next()) {
            self.retain(|pair| pair.split('=').next() != Some(name));
        }
        self.append(&other);
    }

    /// The query of a URL.
    pub(crate) fn of(url: &Url) -> Self {
        Self(url.query().unwrap_or_default().to_owned())
    }

    /// The URL with this query.
    pub(crate) fn applied_to(&self, mut url: Url) -> Url {
        url.set_query(Some(&self.0).filter(|query| !query.is_empty()).map(String::as_str));
        url
    }

    fn push(&mut self, name: &str, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        push_encoded(&mut self.0, format_args!("{name}"))?;
        self.0.push('=');
        push_encoded(&mut self.0, value)
    }

    /// Appends to the value of the last pair, after a comma. A comma inside a value is percent-encoded, so it is
    /// distinct.
    fn join(&mut self, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        self.0.push(',');
        push_encoded(&mut self.0, value)
    }

    /// Removes all pairs of `name`.
    pub(crate) fn remove(&mut self, name: &str) {
        if self.0.is_empty() {
            return;
        }
        let name = encoded(name);
        self.retain(|pair| pair.split('=').next() != Some(&name));
    }

    /// Removes all pairs whose name starts with `start`.
    fn remove_below(&mut self, start: &str) {
        let start = encoded(start);
        self.retain(|pair| !pair.starts_with(&start));
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

/// Writes the pairs of one value.
struct Writer<'a> {
    query: &'a mut Query,
    name: Cow<'a, str>,
    style: Style,
    /// For each enclosing struct, the length that the name had there.
    lengths: Vec<usize>,
    /// Whether the next scalar of a list is appended to the value before it.
    joins: bool,
}

impl Sink for Writer<'_> {
    fn scalar(&mut self, text: fmt::Arguments<'_>, in_list: bool) -> Result<(), ArgumentError> {
        match self.style.list {
            ListStyle::Comma if in_list && std::mem::replace(&mut self.joins, true) => self.query.join(text),
            ListStyle::Brackets if in_list => self.query.push(&format!("{}[]", self.name), text),
            ListStyle::Comma | ListStyle::Brackets | ListStyle::Repeat => self.query.push(&self.name, text),
        }
    }

    fn open(&mut self, what: &str) -> Result<(), ArgumentError> {
        let is_nested = !self.lengths.is_empty();
        match self.style.nested {
            Nested::Refused => Err(ArgumentError::Nested(what.to_owned())),
            Nested::Flat if is_nested => Err(ArgumentError::Deep(what.to_owned())),
            Nested::Flat | Nested::Dots | Nested::Brackets => Ok(()),
        }
    }

    fn enter(&mut self, key: &str) -> Result<(), ArgumentError> {
        self.lengths.push(self.name.len());
        self.joins = false;
        match self.style.nested {
            Nested::Dots => self.name.to_mut().extend([".", key]),
            Nested::Brackets => self.name.to_mut().extend(["[", key, "]"]),
            Nested::Refused | Nested::Flat => self.name = Cow::Owned(key.to_owned()),
        }
        Ok(())
    }

    fn leave(&mut self) {
        let length = self.lengths.pop().unwrap_or_default();
        // With `Flat`, the next field replaces the whole name.
        if self.style.nested != Nested::Flat {
            self.name.to_mut().truncate(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remove_removes_all_pairs_of_a_name_and_no_others() {
        let mut query = Query::default();
        for (name, value) in [("a", "1"), ("b[]", "x&y"), ("b[]", "z"), ("ab", "2")] {
            query.push(name, format_args!("{value}")).unwrap();
        }
        query.remove("b[]");
        query.remove("missing");
        assert_eq!(query.as_str(), "a=1&ab=2");
        query.remove("a");
        query.remove("ab");
        assert_eq!(query.as_str(), "");
    }
}
