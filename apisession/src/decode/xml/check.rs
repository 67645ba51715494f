//! What is checked of a document before anything is decoded: that it is well-formed, not too deep, and has no document type declaration.

use quick_xml::Reader;
use quick_xml::events::Event;

/// The most elements inside of one another, as of JSON.
const MAX_DEPTH: usize = 128;

/// Checks a document. The error has no text of it.
pub(super) fn check(text: &str) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut has_root) = (0_usize, false);
    loop {
        let event = reader.read_event();
        let place = || place(text, reader.buffer_position());
        match event {
            Ok(Event::Start(_) | Event::Empty(_)) if depth == 0 && has_root => {
                return Err(format!("it has a second root element before {}", place()));
            }
            Ok(Event::Start(_)) if depth == MAX_DEPTH => {
                return Err(format!("its elements are more than {MAX_DEPTH} deep at {}", place()));
            }
            Ok(Event::Start(_)) => (depth, has_root) = (depth + 1, true),
            Ok(Event::Empty(_)) => has_root = true,
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Text(text)) if depth == 0 && text.as_ref().trim_ascii().is_empty() => {}
            Ok(Event::Text(_) | Event::CData(_) | Event::GeneralRef(_)) if depth == 0 => {
                return Err(format!("it has text outside of its root element before {}", place()));
            }
            Ok(Event::DocType(_)) => {
                return Err(
                    "it has a document type declaration, which could define entities and is not read"
                        .to_owned(),
                );
            }
            Ok(Event::Eof) if has_root && depth == 0 => return Ok(()),
            Ok(Event::Eof) => return Err("it ends before its root element does".to_owned()),
            Ok(_) => {}
            // The text of this error can quote the document.
            Err(_) => {
                return Err(format!(
                    "it is not well-formed at {}",
                    self::place(text, reader.error_position())
                ));
            }
        }
    }
}

/// A position as a line and a column, which counts bytes.
fn place(text: &str, position: u64) -> String {
    let position = usize::try_from(position).unwrap_or(usize::MAX).min(text.len());
    let before = &text.as_bytes()[..position];
    let lines = before.split(|byte| *byte == b'\n');
    let (line, last) = lines.enumerate().last().unwrap_or_default();
    format!("line {} column {}", line + 1, last.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_checked_before_it_is_decoded() {
        let deep = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        let (deepest, too_deep) = (deep(MAX_DEPTH), deep(100_000));
        let rows = [
            ("<a/>", None),
            ("<?xml version=\"1.0\"?>\n<!-- c --><a b='1'>c &amp; &#x41;<d/></a>\n<?p q?>", None),
            (&deepest, None),
            (&too_deep, Some("its elements are more than 128 deep at line 1 column 388")),
            ("<!DOCTYPE a><a/>", Some("document type declaration")),
            ("<!DOCTYPE a [<!ENTITY b 's3cret'>]><a>&b;</a>", Some("document type declaration")),
            ("<!doctype html><p>s3cret</p>", Some("document type declaration")),
            ("<a>s3cret", Some("it ends before its root element does")),
            ("<?xml version=\"1.0\"?>", Some("it ends before its root element does")),
            ("<a>\n s3cret</b>", Some("it is not well-formed at line 2 column 8")),
            ("<a", Some("it is not well-formed at line 1 column 1")),
            ("</a>", Some("it is not well-formed at line 1 column 1")),
            ("<a/><b/>", Some("it has a second root element before line 1 column 9")),
            ("<a/>s3cret", Some("it has text outside of its root element")),
            ("{\"s3cret\":1}", Some("it has text outside of its root element")),
        ];
        for (text, expected) in rows {
            let found = check(text);
            let shown = &text[..text.len().min(40)];
            match (&found, expected) {
                (Ok(()), None) => {}
                (Err(why), Some(expected)) => {
                    assert!(why.contains(expected) && !why.contains("s3cret"), "{shown}: {why}");
                }
                _ => panic!("{shown}: {found:?}"),
            }
        }
    }
}
