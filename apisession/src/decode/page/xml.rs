//! A page of XML.

use http::HeaderValue;
use quick_xml::de::Deserializer;
use serde::de::{DeserializeOwned, DeserializeSeed};

use super::layout::PageLayout;
use super::walk::{Found, Walk};
use crate::decode::xml::{document, reason};

/// The items and facts in a document: each element at the place of the items is one. Without any, the list is empty.
pub(super) fn found<T: DeserializeOwned>(
    body: &[u8],
    content_type: Option<&HeaderValue>,
    layout: &PageLayout,
) -> Result<Found<T>, (Option<String>, String)> {
    let text = document(body, content_type).map_err(|failure| (failure.path, failure.why))?;
    let mut found = Found { items: Some(Vec::new()), ..Found::default() };
    let read = Walk::new(layout, &mut found).deserialize(&mut Deserializer::from_str(&text));
    read.map_err(|error| (None, reason::reason(&text, &error)))?;
    Ok(found)
}
