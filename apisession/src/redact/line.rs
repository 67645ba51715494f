//! Text of servers, as it is shown on one line.

use std::fmt::Write as _;

/// The longest text of a server that is shown, in bytes, with the note that it was cut.
pub(crate) const MAX_SHOWN: usize = 1024;

/// The text of a server on one line: control and bidirectional characters are escaped, and it is cut after 1 KiB.
pub(crate) fn line(text: &str) -> String {
    if text.len() <= MAX_SHOWN {
        return cut(escaped(text), MAX_SHOWN, text.len());
    }
    // What is cut off is not escaped first.
    noted(escaped(at_boundary(text, MAX_SHOWN)), MAX_SHOWN, text.len())
}

/// The text on one line: control and bidirectional characters are escaped.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_reordering(c) {
            // Writing to a `String` can't fail.
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The text, if it has no more than `max` bytes, or else its start with a note of the `length` of the whole.
pub(super) fn cut(text: String, max: usize, length: usize) -> String {
    if text.len() > max { noted(text, max, length) } else { text }
}

/// The start of the text, with a note of the `length` of the whole, in `max` bytes.
pub(super) fn noted(mut text: String, max: usize, length: usize) -> String {
    let note = format!("… ({length} bytes)");
    text.truncate(at_boundary(&text, max.saturating_sub(note.len())).len());
    text + &note
}

/// As much of the start of the text as `max` bytes hold.
fn at_boundary(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// Whether this character changes the order or the lines of the text around it: a control character of Unicode's bidirectional algorithm,
/// or a separator of lines.
pub(super) fn is_reordering(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_control_characters_and_is_cut_at_its_limit() {
        assert_eq!(line("a\r\n\u{1b}[31mb\u{202e}c\u{2028}"), "a\\r\\n\\u{1b}[31mb\\u{202e}c\\u{2028}");
        assert_eq!(line(&"x".repeat(1024)), "x".repeat(1024));
        for text in ["x".repeat(5000), "é".repeat(2500), "\u{1b}".repeat(5000)] {
            let shown = line(&text);
            assert!(shown.len() <= MAX_SHOWN && shown.ends_with("… (5000 bytes)"), "{shown}");
        }
    }
}
