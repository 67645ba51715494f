//! The query of a request, encoded as pairs.

use std::fmt;

use url::{Url, form_urlencoded};

use super::argument::ArgumentError;
use super::pairs;
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
        pairs::write(&mut self.0, push_encoded, Some(name), value, style)
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
        pairs::write(&mut self.0, push_encoded, None, value, style)
    }

    /// The first name that servers read as one of `other`, or as a part of it, and that name.
    pub(crate) fn clash(&self, other: &Self) -> Option<(String, String)> {
        Fields { parameter: "", pairs: self.clone() }.within(other)
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
    fn remove_all(&mut self, other: &Self) {
        self.retain(|pair| !other.names().any(|name| pair.split('=').next() == Some(name)));
    }

    /// The encoded names.
    fn names(&self) -> impl Iterator<Item = &str> {
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

/// The pairs of a parameter whose names depend on its value: the fields of a struct or a map.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    parameter: &'static str,
    pairs: Query,
}

/// The fields of a call's parameters. None of them may replace another parameter.
#[derive(Clone, Debug, Default)]
#[expect(clippy::box_collection, reason = "each call keeps a set, and most are empty")]
pub(crate) struct FieldSet(Option<Box<Vec<Fields>>>);

impl FieldSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Replaces the pairs of a parameter in `query` by those of `value`. `declared` are the names of the other parameters.
    pub(crate) fn replace<T: Encodable + ?Sized>(
        &mut self,
        query: &mut Query,
        (parameter, value, style): (&'static str, &T, Style),
        declared: impl IntoIterator<Item = &'static str>,
    ) -> Result<(), ArgumentError> {
        let set = self.0.get_or_insert_default();
        if let Some(at) = set.iter().position(|earlier| earlier.parameter == parameter) {
            query.remove_all(&set.remove(at).pairs);
        }
        let mut fields = Fields { parameter, pairs: Query::default() };
        fields.pairs.write(parameter, value, style)?;
        let clash = declared.into_iter().find_map(|other| Some((fields.part_of(other)?, other)));
        if let Some((field, other)) = clash.or_else(|| set.iter().find_map(|other| fields.shared(other))) {
            return Err(ArgumentError::Clash(field, format!("the parameter `{other}`")));
        }
        query.append(&fields.pairs);
        set.push(fields);
        Ok(())
    }

    /// Checks that no field replaces a parameter that `owner` sets in `query`. The error is a complete message.
    pub(crate) fn check(&self, query: &Query, owner: &str) -> Result<(), String> {
        let mut set = self.0.iter().flat_map(|set| set.iter());
        let clash = set.find_map(|fields| Some((fields.parameter, fields.within(query)?)));
        let Some((parameter, (field, other))) = clash else { return Ok(()) };
        let clash = ArgumentError::Clash(field, format!("the parameter `{other}` of {owner}"));
        Err(format!("the query parameter `{parameter}` {clash}"))
    }
}

impl Fields {
    /// The first field that would replace a parameter of `query`, and that parameter.
    fn within(&self, query: &Query) -> Option<(String, String)> {
        query.names().map(decoded).find_map(|name| Some((self.part_of(&name)?, name)))
    }

    /// The field that servers read as the parameter `name`, or as a part of it: `a`, `a[b]` and `a.b` for `a`.
    fn part_of(&self, name: &str) -> Option<String> {
        let name = encoded(name);
        let is_part = |field: &&str| {
            let rest = field.strip_prefix(&name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with("%5B"))
        };
        self.pairs.names().find(is_part).map(decoded)
    }

    /// The first field that another parameter has as well, and that parameter.
    fn shared(&self, other: &Self) -> Option<(String, &'static str)> {
        let field = self.pairs.names().find(|name| other.pairs.names().any(|field| field == *name))?;
        Some((decoded(field), other.parameter))
    }
}

pub(super) fn decoded(name: &str) -> String {
    form_urlencoded::parse(name.as_bytes()).map(|(name, _)| name.into_owned()).collect()
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
