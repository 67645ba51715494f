//! What lists and jobs read of JSON.

use std::borrow::Cow;

use super::RawJson;

impl RawJson {
    /// JSON without anything around it, or `None` for a text that is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// What the JSON is as a text: the content of a string, and the JSON itself of all else.
    pub(crate) fn content(&self) -> Cow<'_, str> {
        let text = self.get();
        if !text.starts_with('"') {
            return Cow::Borrowed(text);
        }
        match serde_json::from_str(text) {
            Ok(plain) => Cow::Borrowed(plain),
            // A string with escapes can't be borrowed.
            Err(_) => serde_json::from_str(text).map_or(Cow::Borrowed(text), Cow::Owned),
        }
    }
}
