//! Removes secrets from text that is shown, by allow-lists, and has the type of a secret. It imports nothing of this
//! crate.

mod mask;
mod secret;

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName};
use url::{Position, Url};

pub(crate) use self::mask::{Carried, Carries, masked};
pub use self::secret::Secret;

/// The longest text of a server that is shown, in bytes.
const MAX_SHOWN: usize = 1024;

/// The URL without user name, password, fragment, and the values of its query; on a restricted path without the query.
pub(crate) fn url(url: &Url, restricted: bool) -> String {
    // This leaves out user name and password.
    let mut shown = format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::AfterPath]);
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

/// The names of headers, without their values.
pub(crate) fn names(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).collect()
}

/// Why JSON can't be decoded, and at which position, without any text of the body.
///
/// The message of serde can quote the body. It is shown unchanged only in the forms that are known not to quote it.
pub(crate) fn decode_error(error: &serde_json::Error) -> String {
    let position = format!(" at line {} column {}", error.line(), error.column());
    if !error.is_data() {
        return line(&error.to_string());
    }
    let text = error.to_string();
    let text = text.strip_suffix(&position).unwrap_or(&text);
    let expected = || text.rsplit_once(", expected ").map(|(_, expected)| expected);
    let shown = match text.split_once(' ').map(|(first, _)| first) {
        Some("missing" | "duplicate") => Some(text.to_owned()),
        Some("invalid") => {
            expected().map(|expected| format!("another type or value where {expected} is expected"))
        }
        Some("unknown") => expected().map(|expected| format!("a name where {expected} is expected")),
        _ => None,
    };
    line(&(shown.unwrap_or_else(|| "a value that the type does not accept".to_owned()) + &position))
}

/// The text of a server on one line: control and bidirectional characters are escaped, and it is cut after 1 KiB.
pub(crate) fn line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_SHOWN));
    for c in text.chars() {
        if shown.len() >= MAX_SHOWN {
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

/// Whether this is a control character of Unicode's bidirectional algorithm, which reorders the text around it.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_a_query_are_redacted() {
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
    fn a_decoding_error_never_quotes_the_body() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
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
        let rows = [
            (r#"{"number":"s3cret"}"#, "another type or value where u64 is expected at line 1 column 18"),
            (r#"{"number":-3141592}"#, "another type or value where u64 is expected at line 1 column 18"),
            (
                r#"{"number":1,"kind":"s3cret, expected x"}"#,
                "a name where `gold` is expected at line 1 column 39",
            ),
            (r#"{"number":1,"s3cret":2}"#, "a name where `number` or `kind` is expected at line 1 column 20"),
            (r#"{"kind":"gold"}"#, "missing field `number` at line 1 column 15"),
            (r#"{"number":1,"number":2}"#, "duplicate field `number` at line 1 column 20"),
            ("s3cret", "expected value at line 1 column 1"),
            (r#"{"number":"#, "EOF while parsing a value at line 1 column 10"),
        ];
        for (body, expected) in rows {
            let error = serde_json::from_str::<Card>(body).unwrap_err();
            assert_eq!(decode_error(&error), expected, "{body}: {error}");
        }
    }

    #[test]
    fn a_line_has_no_control_characters_and_is_cut_at_its_limit() {
        assert_eq!(line("a\r\n\u{1b}[31mb\u{202e}c"), "a\\r\\n\\u{1b}[31mb\\u{202e}c");
        assert_eq!(line(&"x".repeat(5000)).len(), MAX_SHOWN + '…'.len_utf8());
    }
}
