//! Why a document can't be decoded as a type, without any of its text: an error of serde, or of an author's type, can quote it.

use quick_xml::events::Event;
use quick_xml::{DeError, Reader};

use crate::decode::reason::contains;

/// What is wrong, in the words of serde if these are about the type.
pub(in crate::decode) fn reason(document: &str, error: &DeError) -> String {
    let why = match error {
        DeError::Custom(text) => return stated(document, text),
        DeError::InvalidXml(_) => "it is not well-formed, or has an unknown entity",
        DeError::MixedContent(_) => "an element where text is expected",
        DeError::UnexpectedEof => "it ends too early",
        _ => "its type can't be decoded from XML",
    };
    why.to_owned()
}

/// What serde states: only names in the declaration of the type are shown, and no part of the document's text.
fn stated(document: &str, text: &str) -> String {
    let field = |start: &str| text.strip_prefix(start)?.strip_suffix('`');
    let (missing, repeated) = (field("missing field `"), field("duplicate field `"));
    let expected = text.rsplit_once(", expected ").map(|(_, expected)| expected);
    let (stated, from_type) = match (missing.or(repeated), expected) {
        (Some(name), _) => (text.to_owned(), name),
        (None, Some(expected)) => (format!("another type or value where {expected} is expected"), expected),
        (None, None) => (String::new(), ""),
    };
    if from_type.is_empty() || quotes(from_type, document) {
        return "a value that the type does not accept".to_owned();
    }
    stated
}

/// Whether a text contains a text or the value of an attribute in the document. A reference hides what it stands for.
fn quotes(text: &str, document: &str) -> bool {
    let mut reader = Reader::from_str(document);
    loop {
        let scalars: Vec<String> = match reader.read_event() {
            Ok(Event::Text(scalar)) => vec![scalar.as_ref().to_owned()],
            Ok(Event::CData(scalar)) => vec![scalar.as_ref().to_owned()],
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                tag.attributes().flatten().map(|attribute| attribute.value.as_ref().to_owned()).collect()
            }
            Ok(Event::GeneralRef(_)) | Err(_) => return true,
            Ok(Event::Eof) => return false,
            Ok(_) => continue,
        };
        if scalars.iter().any(|scalar| scalar.contains('&') || contains(text, scalar.trim())) {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoding_error_never_quotes_the_document() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code)]
        struct Card {
            number: u64,
            kind: Option<Kind>,
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Kind {
            Gold,
        }
        let other = "a value that the type does not accept";
        let rows = [
            ("<a><number>s3cret</number></a>", "another type or value where u64 is expected"),
            (
                "<a><number>1</number><kind>s3cret</kind></a>",
                "another type or value where `gold` is expected",
            ),
            ("<a><kind>gold</kind></a>", "missing field `number`"),
            ("<a><b>number</b></a>", other),
            ("<a><number>1</number><number>2</number></a>", "duplicate field `number`"),
            ("<a b='number'/>", other),
            ("<a>s3&amp;cret</a>", other),
        ];
        for (document, expected) in rows {
            let error = quick_xml::de::from_str::<Card>(document).unwrap_err();
            assert_eq!(reason(document, &error), expected, "{document}: {error}");
        }
    }
}
