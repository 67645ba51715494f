//! TOML files. A change keeps comments and the order of the rest.

use toml_edit::{DocumentMut, Item, Table, value};
use zeroize::Zeroizing;

use super::document_error::DocumentError;

/// A file.
#[derive(Clone)]
pub(crate) struct Toml(DocumentMut);

impl Toml {
    pub(super) fn parse(text: &str) -> Result<Self, DocumentError> {
        let parsed = text.trim_start_matches('\u{feff}').parse();
        // The parser's own message quotes the line.
        parsed.map(Self).map_err(|error: toml_edit::TomlError| {
            let line =
                error.span().map(|span| text.get(..span.start).unwrap_or_default().matches('\n').count() + 1);
            DocumentError::Toml(line.unwrap_or(1))
        })
    }

    pub(super) fn get(&self, section: &str, key: &str) -> Result<Option<String>, DocumentError> {
        let Some(item) = self.0.get(section).and_then(|section| section.get(key)) else { return Ok(None) };
        let text = match item {
            Item::Value(toml_edit::Value::String(text)) => text.value().clone(),
            Item::Value(toml_edit::Value::Integer(number)) => number.value().to_string(),
            Item::Value(toml_edit::Value::Float(number)) => number.value().to_string(),
            Item::Value(toml_edit::Value::Boolean(is_set)) => is_set.value().to_string(),
            _ => return Err(DocumentError::NoText(key.to_owned())),
        };
        Ok(Some(text))
    }

    pub(super) fn keys(&self, section: &str) -> Vec<String> {
        let section = self.0.get(section).and_then(Item::as_table_like);
        section.iter().flat_map(|section| section.iter()).map(|(key, _)| key.to_owned()).collect()
    }

    pub(super) fn sections(&self) -> Vec<String> {
        let tables = self.0.iter().filter(|(_, item)| item.is_table_like());
        tables.map(|(name, _)| name.to_owned()).collect()
    }

    pub(super) fn set(&mut self, section: &str, key: &str, text: &str) -> Result<(), DocumentError> {
        let section = self.0.entry(section).or_insert_with(|| Item::Table(Table::new()));
        let section = section.as_table_like_mut().ok_or(DocumentError::NoTable)?;
        match section.get_mut(key).and_then(Item::as_value_mut) {
            // A comment behind the value stays.
            Some(old) => {
                let decor = old.decor().clone();
                *old = text.into();
                *old.decor_mut() = decor;
            }
            None => drop(section.insert(key, value(text))),
        }
        Ok(())
    }

    pub(super) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.to_string())
    }
}
