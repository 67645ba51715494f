//! What may be shown: allow-lists, read by errors and by everything that logs.

use std::fmt::Write as _;

use url::{Position, Url};

/// How much of a server's text is ever shown, in bytes.
const SHOWN: usize = 1024;

/// The URL without the values of its query; on a restricted path without the query.
pub(crate) fn url(url: &Url, restricted: bool) -> String {
    let mut shown = url[..Position::AfterPath].to_owned();
    let Some(query) = url.query().filter(|query| !query.is_empty()) else { return shown };
    if restricted {
        shown.push_str("?[restricted]");
        return shown;
    }
    for (index, pair) in query.split('&').enumerate() {
        shown.push(if index == 0 { '?' } else { '&' });
        shown.push_str(pair.split('=').next().unwrap_or_default());
        if pair.contains('=') {
            shown.push_str("=[redacted]");
        }
    }
    shown
}

/// Somebody else's text on one line: control and bidirectional characters escaped, at most 1 KiB.
pub(crate) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(SHOWN));
    for c in text.chars() {
        if shown.len() >= SHOWN {
            shown.push('…');
            break;
        }
        if c.is_control() || is_bidirectional(c) {
            // Writing to a `String` can't fail.
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The characters of Unicode's bidirectional algorithm that reorder the text around them.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_a_query_are_shown() {
        let rows = [
            ("https://x.test/a", false, "https://x.test/a"),
            ("https://x.test/a?", false, "https://x.test/a"),
            ("https://x.test/a?k=s3cret&flag&l=", false, "https://x.test/a?k=[redacted]&flag&l=[redacted]"),
            ("https://x.test/a?k=s3cret", true, "https://x.test/a?[restricted]"),
        ];
        for (from, restricted, expected) in rows {
            assert_eq!(url(&Url::parse(from).unwrap(), restricted), expected);
        }
    }

    #[test]
    fn a_servers_text_can_neither_break_the_line_nor_flood_it() {
        assert_eq!(line("a\r\n\u{1b}[31mb\u{202e}c"), "a\\r\\n\\u{1b}[31mb\\u{202e}c");
        assert_eq!(line(&"x".repeat(5000)).len(), SHOWN + '…'.len_utf8());
    }
}
