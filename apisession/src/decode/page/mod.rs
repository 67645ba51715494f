//! Decodes one page of a list: its items, and what tells which page follows. A page is read once, item by item, and nothing else of it
//! is kept.

mod layout;
mod walk;
#[cfg_attr(not(feature = "xml"), path = "no_xml.rs")]
mod xml;

use std::any::type_name;

use bytes::Bytes;
use http::{HeaderName, header};
use serde::de::{DeserializeOwned, DeserializeSeed};
use serde_json::Value;

pub(crate) use self::layout::Facts;
pub use self::layout::{Fact, PageItem, PageLayout};
use self::walk::{Found, Walk, at};
use super::failure::Expected;
use super::json::error_path;
use super::reason::stated;
use crate::encode::without_bom;
use crate::error::Result;
use crate::message::{Response, charset};
use crate::model::RawJson;
use crate::redact;

/// A page that was decoded.
pub(crate) struct Parts<T> {
    pub(crate) items: Vec<T>,
    pub(crate) facts: Facts,
}

impl Response {
    /// Decodes the body as a page.
    pub(crate) fn page<T: DeserializeOwned>(&self, layout: &PageLayout) -> Result<Parts<T>> {
        let expected = Expected::of("a page of the type", type_name::<T>());
        let bytes = self.bytes(expected)?;
        let mut found = match self.found(bytes, layout) {
            Ok(found) => found,
            Err((path, why)) => {
                let why = redact::line(&why);
                return Err(match self.shown_path(path) {
                    Some(path) => self.decode_error(expected, &format!("{path}: {why}"), None),
                    None => self.decode_error(expected, &why, None),
                });
            }
        };
        for (slot, fact) in found.facts.iter_mut().zip(layout.facts()) {
            if let Some(Fact::Header(name)) = fact {
                *slot = self.header_fact(name);
            }
        }
        let Found { items, facts: [next, more, total, pages], last_id, .. } = found;
        let facts = Facts { next, more, total, pages, last_id };
        Ok(Parts { items: items.unwrap_or_default(), facts })
    }

    fn header_fact(&self, name: &'static str) -> Option<RawJson> {
        let value = self.headers().get(HeaderName::from_static(name))?;
        RawJson::of(&*String::from_utf8_lossy(value.as_bytes())).ok()
    }

    /// The items and facts in a body, or the path to what is wrong and why.
    fn found<T: DeserializeOwned>(
        &self,
        bytes: &Bytes,
        layout: &PageLayout,
    ) -> std::result::Result<Found<T>, (Option<String>, String)> {
        let bytes = without_bom(bytes);
        if bytes.trim_ascii().is_empty() {
            let is_none = bytes.is_empty() && self.status() != http::StatusCode::OK;
            let why = if bytes.is_empty() { "it has no body" } else { "its body is blank" };
            return if is_none { Ok(Found::default()) } else { Err((None, why.to_owned())) };
        }
        let content_type = self.headers().get(header::CONTENT_TYPE);
        let found = if layout.is_xml {
            xml::found(bytes, content_type, layout)?
        } else {
            from_json(bytes, layout).or_else(|error| match charset::transcoded(bytes, content_type) {
                Some(text) => {
                    let text = text.as_bytes();
                    from_json(text, layout).map_err(|error| failure::<T>(text, layout, &error))
                }
                None => Err(failure::<T>(bytes, layout, &error)),
            })?
        };
        if found.items.is_none() && !layout.may_be_absent {
            let place = format!("/{}", layout.items.join("/"));
            return Err((None, format!("it has no list at `{place}`")));
        }
        Ok(found)
    }
}

fn from_json<T: DeserializeOwned>(bytes: &[u8], layout: &PageLayout) -> serde_json::Result<Found<T>> {
    // Few items are larger in memory than as text. `serde` reserves no more either.
    const MOST: usize = 1024 * 1024;
    let mut found = Found { room: bytes.len().min(MOST), ..Found::default() };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    Walk::new(layout, &mut found).deserialize(&mut json)?;
    json.end()?;
    Ok(found)
}

/// Why a page can't be decoded, and the path to the value. It reads the page again.
#[cold]
fn failure<T: DeserializeOwned>(
    bytes: &[u8],
    layout: &PageLayout,
    error: &serde_json::Error,
) -> (Option<String>, String) {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return (None, error.to_string()) };
    let place = layout.items.join(".");
    let Some(list) = at(&body, layout.items) else { return (None, error.to_string()) };
    let items: Vec<(String, &Value)> = match list {
        Value::Array(items) if !layout.are_values => {
            items.iter().enumerate().map(|(index, item)| (format!("{place}[{index}]"), item)).collect()
        }
        Value::Object(items) if layout.are_values => {
            items.iter().map(|(name, item)| (format!("{place}.{name}"), item)).collect()
        }
        _ => {
            let expected = if layout.are_values { "an object" } else { "a list" };
            let why = format!("another type or value where {expected} is expected");
            return (Some(place).filter(|place| !place.is_empty()), why);
        }
    };
    for (path, item) in items {
        let text = item.to_string();
        let Err(error) = serde_json::from_str::<T>(&text) else { continue };
        let inner = error_path::<T>(text.as_bytes());
        let why = stated::<T>(text.as_bytes(), inner.as_deref(), &error);
        let why = why.unwrap_or_else(|| "a value that the type does not accept".to_owned());
        return (Some(path + &inner.map(|inner| format!(".{inner}")).unwrap_or_default()), why);
    }
    (None, error.to_string())
}
