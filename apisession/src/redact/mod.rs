//! What is shown of requests, responses and texts of servers, by allow-lists, and the type of a secret. It imports nothing of this crate.
//!
//! [`Redaction`] has what the settings of a call allow, and [`Shown`] makes text of it.

mod allow_list;
mod carried;
mod harmless;
mod json;
mod line;
mod mask;
mod redaction;
mod secret;
mod shown;

pub(crate) use self::allow_list::{AllowList, check};
pub(crate) use self::carried::{Carried, Carries, header_secrets};
pub(crate) use self::harmless::ID_HEADERS;
pub(crate) use self::line::{escaped, line};
pub(crate) use self::mask::masked;
pub(crate) use self::redaction::Redaction;
pub(crate) use self::secret::EXPOSED;
pub use self::secret::Secret;
pub(crate) use self::shown::Shown;

/// What takes the place of a value that is not shown.
pub(crate) const MASK: &str = "[redacted]";

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

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use url::Url;

    use super::*;

    #[test]
    fn the_values_of_a_query_are_redacted_unless_they_are_harmless() {
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
            (
                "https://x.test/a?page=2&page%5Bsize%5D=5&q=x",
                false,
                "https://x.test/a?page=2&page%5Bsize%5D=5&q=[redacted]",
            ),
        ];
        for (from, restricted, expected) in rows {
            let redaction = Redaction::new(restricted, None, None, None);
            assert_eq!(redaction.shown().url(&Url::parse(from).unwrap()), expected);
        }
    }

    /// The redaction of an author's lists.
    fn redaction(allowed: &[&str], hidden: &[&str]) -> Redaction {
        let mut list = AllowList::default();
        list.extend(&allowed.iter().copied().map(Box::from).collect::<Vec<_>>(), true);
        list.extend(&hidden.iter().copied().map(Box::from).collect::<Vec<_>>(), false);
        Redaction::new(false, None, None, Some(list.into()))
    }

    #[test]
    fn headers_are_shown_by_the_lists_and_without_secrets() {
        let redaction = redaction(&["x-plan"], &["user-agent"]);
        let shown = redaction.shown_without(vec!["s3cret".into()]);
        let rows = [
            ("content-type", "text/html", "text/html"),
            ("x-plan", "gold", "gold"),
            ("x-plan", "gold of s3cret", "gold of [redacted]"),
            ("x-request-id", "7f3a9c1be2d84f06-s3cret", "7f3a9c1be2d84f06-[redacted]"),
            ("user-agent", "acme/1.0", "[redacted]"),
            ("x-other", "gold", "[redacted]"),
            ("set-cookie", "a=b", "[redacted]"),
        ];
        for (name, value, expected) in rows {
            let name = HeaderName::from_static(name);
            assert_eq!(shown.header(&name, &HeaderValue::from_static(value)), expected, "{name}");
        }
        let mut sensitive = HeaderValue::from_static("text/html");
        sensitive.set_sensitive(true);
        assert_eq!(shown.header(&http::header::CONTENT_TYPE, &sensitive), "[redacted]");
    }

    #[test]
    fn bodies_are_shown_by_their_type_and_cut() {
        let redaction = redaction(&["id", "q"], &[]);
        let shown = redaction.shown_without(vec!["s3cret".into()]);
        let rows = [
            (
                "application/json",
                "{\"id\": \"s3cret\", \"a\": 1}",
                "{\"id\":\"[redacted]\",\"a\":\"[redacted]\"}",
            ),
            ("application/problem+json; charset=utf-8", "{\"id\": 7", "{\"id\":7… (8 bytes)"),
            ("application/json", "nothing", "[redacted: 7 bytes]"),
            ("application/x-www-form-urlencoded", "q=1&b=2", "q=1&b=[redacted]"),
            ("text/plain", "hello", "[redacted: 5 bytes]"),
            ("", "hello", "[redacted: 5 bytes]"),
        ];
        for (media_type, body, expected) in rows {
            let headers =
                HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
            assert_eq!(shown.body(&headers, body.as_bytes()), expected, "{media_type}: {body}");
        }
        let headers =
            HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static("text/json"))]);
        let long = format!("{{\"id\": [{}1]}}", "1,".repeat(100_000));
        let text = shown.body(&headers, long.as_bytes());
        assert!(text.len() <= 1024 && text.ends_with("… (200011 bytes)"), "{text}");
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
}
