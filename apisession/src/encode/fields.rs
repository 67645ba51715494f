//! The parts of a request whose names depend on values: the fields of query parameters, and the headers of maps.

use http::{HeaderMap, HeaderName};

use super::argument::ArgumentError;
use super::pairs::decoded;
use super::query::Query;
use super::value::{Encodable, Style};

/// The pairs of a parameter whose names depend on its value: the fields of a struct or a map.
#[derive(Clone)]
struct Fields {
    parameter: &'static str,
    pairs: Query,
}

/// The headers of a parameter that is a map of them.
#[derive(Clone)]
struct Headers {
    parameter: &'static str,
    headers: HeaderMap,
}

/// The fields of a call's parameters. None of them may replace another parameter. Each call keeps a set, and most are empty.
#[derive(Clone, Default)]
pub(crate) struct FieldSet(Option<Box<Sets>>);

#[derive(Clone, Default)]
struct Sets {
    query: Vec<Fields>,
    headers: Vec<Headers>,
}

impl FieldSet {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Sets a parameter in `query`, in place of the pairs that it has. `declared` are the names of the other parameters.
    pub(crate) fn set<T: Encodable + ?Sized>(
        &mut self,
        query: &mut Query,
        (parameter, value, style): (&'static str, &T, Style),
        declared: impl IntoIterator<Item = &'static str>,
    ) -> Result<(), ArgumentError> {
        if !style.has_names_of_fields() {
            // Its pairs have its own name.
            return query.replace(parameter, value, style);
        }
        let set = &mut self.0.get_or_insert_default().query;
        if let Some(at) = set.iter().position(|earlier| earlier.parameter == parameter) {
            query.remove_all(&set.remove(at).pairs);
        }
        let mut fields = Fields { parameter, pairs: Query::default() };
        fields.pairs.write(parameter, value, style)?;
        let clash = declared.into_iter().find_map(|other| Some((fields.pairs.part_of(other)?, other)));
        if let Some((field, other)) = clash.or_else(|| set.iter().find_map(|other| fields.shared(other))) {
            return Err(ArgumentError::Clash(field, format!("the parameter `{other}`")));
        }
        // A constant of a form is not among the parameters.
        if let Some((field, other)) = fields.pairs.clash(query) {
            return Err(ArgumentError::Clash(field, format!("another field, `{other}`")));
        }
        query.append(&fields.pairs);
        set.push(fields);
        Ok(())
    }

    /// Replaces the headers of a parameter that is a map of them. `declared` are the names of the other headers.
    pub(crate) fn replace_headers<'d>(
        &mut self,
        parameter: &'static str,
        headers: HeaderMap,
        declared: impl IntoIterator<Item = &'d str>,
    ) -> Result<(), ArgumentError> {
        let set = &mut self.0.get_or_insert_default().headers;
        set.retain(|earlier| earlier.parameter != parameter);
        let mut declared = declared.into_iter();
        if let Some(name) = declared.find(|name| headers.contains_key(*name)) {
            return Err(ArgumentError::HeaderClash(
                name.to_ascii_lowercase(),
                "another parameter".to_owned(),
            ));
        }
        for other in &*set {
            if let Some(name) = headers.keys().find(|name| other.headers.contains_key(*name)) {
                let owner = format!("the parameter `{}`", other.parameter);
                return Err(ArgumentError::HeaderClash(name.to_string(), owner));
            }
        }
        set.push(Headers { parameter, headers });
        Ok(())
    }

    /// The headers of the maps.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &HeaderMap> {
        self.0.iter().flat_map(|sets| &sets.headers).map(|map| &map.headers)
    }

    /// Checks that no map has a header that `owner` sets. The error is a complete message.
    pub(crate) fn check_headers(
        &self,
        is_set: impl Fn(&HeaderName) -> bool,
        owner: &str,
    ) -> Result<(), String> {
        let mut maps = self.0.iter().flat_map(|sets| &sets.headers);
        let clash = maps.find_map(|map| Some((map.parameter, map.headers.keys().find(|name| is_set(name))?)));
        let Some((parameter, name)) = clash else { return Ok(()) };
        let clash = ArgumentError::HeaderClash(name.to_string(), owner.to_owned());
        Err(format!("the header parameter `{parameter}` {clash}"))
    }

    /// Checks that no field replaces a parameter that `owner` sets in `query`. The error is a complete message.
    pub(crate) fn check(&self, query: &Query, owner: &str) -> Result<(), String> {
        let mut set = self.0.iter().flat_map(|sets| &sets.query);
        let clash = set.find_map(|fields| Some((fields.parameter, fields.pairs.clash(query)?)));
        let Some((parameter, (field, other))) = clash else { return Ok(()) };
        let clash = ArgumentError::Clash(field, format!("the parameter `{other}` of {owner}"));
        Err(format!("the query parameter `{parameter}` {clash}"))
    }
}

impl Fields {
    /// The first field that another parameter has as well, and that parameter.
    fn shared(&self, other: &Self) -> Option<(String, &'static str)> {
        let field = self.pairs.names().find(|name| other.pairs.names().any(|field| field == *name))?;
        Some((decoded(field), other.parameter))
    }
}
