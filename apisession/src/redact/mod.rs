//! Removes secrets from text that is shown, by allow-lists, and has the type of a secret. It imports nothing of this
//! crate.

mod mask;
mod secret;
mod url_mask;

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName};

pub(crate) use self::mask::{Carried, Carries, masked};
pub(crate) use self::secret::EXPOSED;
pub use self::secret::Secret;
pub(crate) use self::url_mask::UrlMask;

/// The longest text of a server that is shown, in bytes.
const MAX_SHOWN: usize = 1024;

/// A relative reference to a URL without its fragment and the values of its query.
pub(crate) fn reference(reference: &str) -> String {
    let whole = reference.split('#').next().unwrap_or_default();
    let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
    // `//ana:pw@host` has a user and a password.
    let shown = path.rsplit('@').next().unwrap_or_default().to_owned();
    shown + &names_in(query)
}

/// The query without its values, from its question mark on.
fn names_in(query: &str) -> String {
    let mut shown = String::new();
    for (index, pair) in query.split('&').enumerate().filter(|_| !query.is_empty()) {
        shown.push(if index == 0 { '?' } else { '&' });
        if let Some(name) = parameter(pair) {
            shown.push_str(name);
            shown.push('=');
        }
        shown.push_str("[redacted]");
    }
    shown
}

/// The name of a parameter in a query. Without a value it may be the value itself, and the `=` at its end the padding of base64.
fn parameter(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    (!value.trim_end_matches('=').is_empty()).then_some(name)
}

/// Whether a header or a parameter of this name has a secret as its value, as `x-api-key` and `access_token` have.
pub(crate) fn is_secret_name(name: &str) -> bool {
    const PARTS: [&str; 8] =
        ["key", "token", "secret", "passw", "passphrase", "credential", "signature", "authorization"];
    const WORDS: [&str; 6] = ["auth", "sig", "pwd", "pin", "sid", "session"];
    let name = name.to_ascii_lowercase().replace("keyword", "");
    // The key of a write is no secret, and errors show it.
    !name.contains("idempotency")
        && (PARTS.iter().any(|part| name.contains(part))
            || name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word)))
}

/// The names of headers, without their values.
pub(crate) fn names(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).collect()
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
    use url::Url;

    use super::*;

    #[test]
    fn the_values_of_a_query_are_redacted() {
        let rows = [
            ("https://x.test/a", false, "https://x.test/a"),
            ("https://x.test/a?", false, "https://x.test/a"),
            ("https://x.test/a?k=s3cret&l=m=n", false, "https://x.test/a?k=[redacted]&l=[redacted]"),
            ("https://x.test/a?s3cret", false, "https://x.test/a?[redacted]"),
            (
                "https://x.test/a?k=1&s3cret&czNjcmV0=&czNjc==",
                false,
                "https://x.test/a?k=[redacted]&[redacted]&[redacted]&[redacted]",
            ),
            ("https://x.test/a?=s3cret", false, "https://x.test/a?=[redacted]"),
            ("https://x.test/a?k=s3cret", true, "https://x.test/a?[restricted]"),
        ];
        for (from, restricted, expected) in rows {
            let mask = UrlMask::new(restricted, None, None);
            assert_eq!(mask.url(&Url::parse(from).unwrap()), expected);
        }
    }

    #[test]
    fn the_names_of_secrets_are_known() {
        let secret = "x-api-key X-ApiKeys apikey key private-token accessToken client_secret password passwd auth x-auth-user
            proxy-authorization sid session x-session-id sig X-Amz-Signature a[pin] pwd";
        let plain = "keyword keywords author idempotency-key accept version id design opinion pinned assign x-impersonate limit";
        for name in secret.split_whitespace() {
            assert!(is_secret_name(name), "{name}");
        }
        for name in plain.split_whitespace() {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_line_has_no_control_characters_and_is_cut_at_its_limit() {
        assert_eq!(line("a\r\n\u{1b}[31mb\u{202e}c"), "a\\r\\n\\u{1b}[31mb\\u{202e}c");
        assert_eq!(line(&"x".repeat(5000)).len(), MAX_SHOWN + '…'.len_utf8());
    }
}
