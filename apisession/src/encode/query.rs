//! The query of a request, encoded pair by pair.

use std::borrow::Cow;
use std::fmt;

use url::Url;

use super::argument::ArgumentError;
use super::percent::{encoded, push_encoded};
use super::value::{Encodable, ListStyle, Nested, Sink, Style, walk};

/// The query of one request, encoded, in the order it was given.
#[derive(Clone, Default)]
pub(crate) struct Query(String);

impl Query {
    /// Adds a value beside what is there.
    pub(crate) fn write<T: Encodable + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        style: Style,
    ) -> Result<(), ArgumentError> {
        let mut writer =
            Writer { query: self, name: Cow::Borrowed(name), style, depth: Vec::new(), joins: false };
        walk(value, &mut writer)
    }

    /// Writes a value in place of what is there of it.
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

    /// Adds another query, whatever it has.
    pub(crate) fn append(&mut self, other: &Self) {
        if !self.0.is_empty() && !other.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(&other.0);
    }

    /// Adds another query, in place of what is there of its names.
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

    /// Adds to the value of the last pair, after a comma. Commas in values are encoded, so the two differ.
    fn join(&mut self, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        self.0.push(',');
        push_encoded(&mut self.0, value)
    }

    /// Takes every pair of `name` out, so that a parameter that is set twice is sent once.
    pub(crate) fn remove(&mut self, name: &str) {
        if self.0.is_empty() {
            return;
        }
        let name = encoded(name);
        self.retain(|pair| pair.split('=').next() != Some(&name));
    }

    /// Takes out every pair whose name begins with `start`.
    fn remove_below(&mut self, start: &str) {
        let start = encoded(start);
        self.retain(|pair| !pair.starts_with(&start));
    }

    fn retain(&mut self, stays: impl Fn(&str) -> bool) {
        if !self.0.split('&').all(&stays) {
            self.0 = self.0.split('&').filter(|pair| stays(pair)).collect::<Vec<_>>().join("&");
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Shows the names of the parameters, never their values.
impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.split('&').filter_map(|pair| pair.split('=').next())).finish()
    }
}

/// Writes a value as pairs.
struct Writer<'a> {
    query: &'a mut Query,
    name: Cow<'a, str>,
    style: Style,
    /// How long the name was at each struct on the way here.
    depth: Vec<usize>,
    /// Whether the next scalar of a list joins the one before.
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
        let inner = !self.depth.is_empty();
        match self.style.nested {
            Nested::Refused => Err(ArgumentError::Nested(what.to_owned())),
            Nested::Flat if inner => Err(ArgumentError::Deep(what.to_owned())),
            Nested::Flat | Nested::Dots | Nested::Brackets => Ok(()),
        }
    }

    fn enter(&mut self, key: &str) -> Result<(), ArgumentError> {
        self.depth.push(self.name.len());
        self.joins = false;
        match self.style.nested {
            Nested::Dots => self.name.to_mut().extend([".", key]),
            Nested::Brackets => self.name.to_mut().extend(["[", key, "]"]),
            Nested::Refused | Nested::Flat => self.name = Cow::Owned(key.to_owned()),
        }
        Ok(())
    }

    fn leave(&mut self) {
        let length = self.depth.pop().unwrap_or_default();
        // A name that was replaced is replaced again by the next field.
        if self.style.nested != Nested::Flat {
            self.name.to_mut().truncate(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_set_again_replaces_its_pairs() {
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
