//! The headers and the parameters of a query whose values are known to be harmless.

use std::borrow::Cow;

use super::MASK;

/// The headers in which servers return the id of a request: first those of the application, then those of what is in front of it.
pub(crate) const ID_HEADERS: [&str; 31] = [
    "x-request-id",
    "request-id",
    "x-requestid",
    "requestid",
    "x-amzn-requestid",
    "x-amzn-request-id",
    "x-amz-request-id",
    "apigw-requestid",
    "x-ms-request-id",
    "x-github-request-id",
    "x-goog-request-id",
    "x-okta-request-id",
    "x-slack-req-id",
    "x-dropbox-request-id",
    "x-openstack-request-id",
    "x-compute-request-id",
    "x-oss-request-id",
    "opc-request-id",
    "box-request-id",
    "x-fb-request-id",
    "x-correlation-id",
    "x-ms-correlation-request-id",
    "x-hubspot-correlation-id",
    "x-trace-id",
    "x-b3-traceid",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "x-amz-cf-id",
    "x-azure-ref",
    "fly-request-id",
    "cf-ray",
];

/// Ids of other kinds, which are shown as they are.
const OTHER_IDS: [&str; 5] = ["etag", "if-match", "if-none-match", "traceparent", "x-client-request-id"];

/// Headers whose values describe a message, and nobody (RFC 9110, RFC 9111, and in common use).
const HEADERS: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-patch",
    "accept-post",
    "accept-ranges",
    "age",
    "allow",
    "api-supported-versions",
    "api-version",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "deprecation",
    "expect",
    "expires",
    "host",
    "if-modified-since",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-modified",
    "max-forwards",
    "pragma",
    "prefer",
    "preference-applied",
    "range",
    "ratelimit",
    "ratelimit-limit",
    "ratelimit-policy",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "retry-after-ms",
    "server",
    "server-timing",
    "sunset",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "warning",
    "x-cache",
    "x-powered-by",
    "x-rate-limit-limit",
    "x-rate-limit-remaining",
    "x-rate-limit-reset",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-used",
    "x-retry-after",
    "x-runtime",
    "x-should-retry",
];

/// Parameters of a query that tell how a list is paged, sorted and formatted.
const PARAMETERS: &[&str] = &[
    "api-version",
    "count",
    "dir",
    "direction",
    "format",
    "limit",
    "max-results",
    "offset",
    "order",
    "order-by",
    "page",
    "page[limit]",
    "page[number]",
    "page[offset]",
    "page[size]",
    "page-number",
    "page-size",
    "per-page",
    "size",
    "skip",
    "sort",
    "sort-by",
    "sort-order",
    "start-index",
    "top",
    "$count",
    "$orderby",
    "$skip",
    "$top",
    "v",
    "version",
];

/// The value of a header as it is shown, if the header is harmless.
pub(super) fn header<'v>(name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    if ID_HEADERS.contains(&name) || OTHER_IDS.contains(&name) {
        return Some(value.into());
    }
    HEADERS.contains(&name).then(|| without_tokens(value))
}

/// The value of a parameter as it is shown, if the parameter is harmless. `perPage` and `per_page` are `per-page`.
pub(super) fn parameter<'v>(name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    let mut plain = String::with_capacity(name.len() + 1);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !plain.is_empty() {
            plain.push('-');
        }
        plain.push(if c == '_' { '-' } else { c.to_ascii_lowercase() });
    }
    PARAMETERS.contains(&&*plain).then(|| without_tokens(value))
}

/// How long a word is that can be a token.
const TOKEN: usize = 12;

/// The text without what looks like a token: a long word of letters and digits. No harmless value needs one, so it does not belong there.
fn without_tokens(text: &str) -> Cow<'_, str> {
    let is_token = |word: &str| {
        word.len() >= TOKEN
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let words = || text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let word = |part: &str| part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()).len();
    if !words().any(|part| is_token(&part[..word(part)])) {
        return text.into();
    }
    let shown = words().map(|part| match part.split_at(word(part)) {
        (own, end) if is_token(own) => format!("{MASK}{end}"),
        _ => part.to_owned(),
    });
    shown.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_values_are_shown_without_what_looks_like_a_token() {
        let rows = [
            (
                "content-type",
                "application/vnd.acme.v3+json; charset=utf-8",
                Some("application/vnd.acme.v3+json; charset=utf-8"),
            ),
            (
                "content-type",
                "multipart/form-data; boundary=7MA4YWxkTrZu0gW8",
                Some("multipart/form-data; boundary=[redacted]"),
            ),
            ("content-type", "text/t0kenOfAcme99", Some("text/[redacted]")),
            ("date", "Sat, 28 Nov 2026 06:57:23 GMT", Some("Sat, 28 Nov 2026 06:57:23 GMT")),
            ("last-modified", "20261128065723", Some("20261128065723")),
            ("ratelimit", "limit=100, remaining=7, reset=30", Some("limit=100, remaining=7, reset=30")),
            ("x-request-id", "7f3a9c1be2d84f06", Some("7f3a9c1be2d84f06")),
            ("etag", "\"7f3a9c1be2d84f06\"", Some("\"7f3a9c1be2d84f06\"")),
            ("x-plan", "gold", None),
            ("authorization", "Bearer x", None),
        ];
        for (name, value, expected) in rows {
            assert_eq!(header(name, value).as_deref(), expected, "{name}: {value}");
        }
        for name in ["page", "perPage", "per_page", "PageSize", "$top", "page[size]", "sort"] {
            assert_eq!(parameter(name, "7").as_deref(), Some("7"), "{name}");
        }
        assert_eq!(parameter("page", "eyJhbGciOiJIUzI1NiJ9").as_deref(), Some(MASK));
        for name in ["after", "q", "page_token", "key", "filter", ""] {
            assert_eq!(parameter(name, "7"), None, "{name}");
        }
    }

    #[test]
    fn the_lists_have_no_name_of_a_secret() {
        for name in HEADERS.iter().chain(PARAMETERS).chain(&ID_HEADERS).chain(&OTHER_IDS) {
            assert!(!super::super::is_secret_name(name), "{name}");
            assert_eq!(*name, name.to_ascii_lowercase());
        }
    }
}
