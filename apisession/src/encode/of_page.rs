//! The value that leads to a page, in what is sent: it is read, and replaced.

use super::object::{Field, Object, tokens};
use super::pairs::decoded;
use super::percent::encoded;
use super::query::Query;

impl Object {
    /// Sets a field to JSON, in place of what it was before and of what the model has there.
    pub(crate) fn replace(&mut self, place: &'static str, json: &str) {
        let at = tokens(place);
        self.0.retain(|field| tokens(field.place) != at);
        self.0.push(Field { place, json: json.into(), replaces: true });
    }

    /// The JSON of a field.
    pub(crate) fn get(&self, place: &str) -> Option<&[u8]> {
        let at = tokens(place);
        self.0.iter().find(|field| tokens(field.place) == at).map(|field| &*field.json)
    }
}

impl Query {
    /// The value of the first pair of this name.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        let name = encoded(name);
        let mut pairs = self.as_str().split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(other, _)| *other == name).map(|(_, value)| decoded(value))
    }

    /// The names of the pairs.
    pub(crate) fn names_decoded(&self) -> Vec<String> {
        self.names().map(decoded).collect()
    }
}
