//! What may be shown, by allow-lists, and secrets that are never shown. It imports nothing of this crate.

mod secret;

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName};
use url::{Position, Url};

pub use self::secret::Secret;

/// How much of a server's text is ever shown, in bytes.
const SHOWN: usize = 1024;

/// The URL without the values of its query; on a restricted path without the query.
pub(crate) fn url(url: &Url, restricted: bool) -> String {
    // Without user name and password.
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

/// Why JSON could not be decoded, and where, without what the body says there.
///
/// serde's message can quote the body, so only its forms that are known not to are shown as they are.
pub(crate) fn decoding(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    if !error.is_data() {
        return line(&error.to_string());
    }
    let text = error.to_string();
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let expected = || text.rsplit_once(", expected ").map(|(_, expected)| expected);
    let shown = match text.split_once(' ').map(|(first, _)| first) {
        Some("missing" | "duplicate") => Some(text.to_owned()),
        Some("invalid") => {
            expected().map(|expected| format!("another type or value where {expected} is expected"))
        }
        Some("unknown") => expected().map(|expected| format!("a name where {expected} is expected")),
        _ => None,
    };
    line(&(shown.unwrap_or_else(|| "a value that the type refuses".to_owned()) + &place))
}

/// A text without these.
pub(crate) fn without(text: String, secrets: impl IntoIterator<Item = Secret>) -> String {
    let secrets = secrets.into_iter().filter(|secret| !secret.expose().is_empty());
    secrets.fold(text, |text, secret| text.replace(secret.expose(), "[redacted]"))
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
            assert_eq!(decoding(&error), expected, "{body}: {error}");
        }
    }

    #[test]
    fn a_servers_text_can_neither_break_the_line_nor_flood_it() {
        assert_eq!(line("a\r\n\u{1b}[31mb\u{202e}c"), "a\\r\\n\\u{1b}[31mb\\u{202e}c");
        assert_eq!(line(&"x".repeat(5000)).len(), SHOWN + '…'.len_utf8());
    }
}
