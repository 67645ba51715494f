//! Encodes a value as an XML document.

use std::borrow::Cow;

use quick_xml::se::{SeError, Serializer};

use super::argument::ArgumentError;
use super::value::Encodable;

/// What a document begins with.
const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// The value as a document, whose root element has the name of the value's type, or what `#[serde(rename = "…")]` sets.
pub(crate) fn document<T: Encodable + ?Sized>(value: &T) -> Result<Vec<u8>, ArgumentError> {
    let mut text = String::from(DECLARATION);
    value.encode(Serializer::new(&mut text)).map_err(|error| {
        // A text that is not a constant can hold the value, so it is not shown.
        let why = match &error {
            SeError::Unsupported(Cow::Borrowed(why)) => why,
            SeError::Unsupported(_) => "its shape has no form in XML",
            _ => "its `Serialize` failed",
        };
        ArgumentError::Encoding("XML", why.to_owned())
    })?;
    match text.chars().find(|c| !is_allowed(*c)) {
        Some(c) => Err(ArgumentError::Encoding("XML", format!("it contains {c:?}, which XML can't contain"))),
        None => Ok(text.into_bytes()),
    }
}

/// Whether a document can contain a character (XML 1.0 §2.2).
fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[test]
    fn a_value_is_a_document_of_its_type() {
        #[derive(Serialize)]
        #[serde(rename = "event")]
        struct Event<'a> {
            #[serde(rename = "@id")]
            id: u64,
            title: &'a str,
            tag: Vec<&'a str>,
        }
        let event = |title| Event { id: 7, title, tag: vec!["a", "<b>"] };
        let document = |title| document(&event(title)).map(|text| String::from_utf8(text).unwrap());
        assert_eq!(
            document("R&D \"now\"").unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><event id=\"7\"><title>R&amp;D \"now\"</title><tag>a</tag>\
             <tag>&lt;b&gt;</tag></event>"
        );
        assert_eq!(
            document("s3cret\0").unwrap_err().to_string(),
            "can't be encoded as XML: it contains '\\0', which XML can't contain"
        );
        let error = super::document(&["s3cret", "s3cret"]).unwrap_err().to_string();
        assert!(error.starts_with("can't be encoded as XML: ") && !error.contains("s3cret"), "{error}");
    }
}
