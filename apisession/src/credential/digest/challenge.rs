//! Parses the headers `WWW-Authenticate` (RFC 9110 §11.6.1) and `Authentication-Info`.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};

/// A challenge. The scheme and the names of the parameters are in lower case. The values are bytes, since a realm may be in
/// any encoding, and a response repeats its bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) scheme: String,
    parameters: Vec<(String, Vec<u8>)>,
}

impl Challenge {
    /// Returns the first parameter of this name, which must be in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_slice())
    }

    /// Returns a parameter as text.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(String::from_utf8_lossy)
    }

    /// Whether a parameter has this value, ignoring case.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|actual| actual.eq_ignore_ascii_case(value.as_bytes()))
    }
}

/// Returns all challenges of a header, in their order. The rest of a header value after a syntax error is ignored.
pub(super) fn challenges(headers: &HeaderMap, name: &HeaderName) -> Vec<Challenge> {
    let mut all: Vec<Challenge> = Vec::new();
    for value in headers.get_all(name) {
        let mut rest = value.as_bytes();
        while let Some(item) = next(&mut rest) {
            match item {
                Item::Scheme(scheme) => {
                    all.push(Challenge { scheme: scheme.to_ascii_lowercase(), parameters: Vec::new() });
                }
                Item::Parameter(name, value) => {
                    // `Authentication-Info` has parameters without a scheme.
                    if all.is_empty() {
                        all.push(Challenge { scheme: String::new(), parameters: Vec::new() });
                    }
                    if let Some(last) = all.last_mut() {
                        last.parameters.push((name.to_ascii_lowercase(), value));
                    }
                }
            }
        }
    }
    all
}

enum Item<'a> {
    Scheme(&'a str),
    Parameter(&'a str, Vec<u8>),
}

/// Parses the next scheme or parameter. Returns `None` at the end, and at a syntax error.
fn next<'a>(rest: &mut &'a [u8]) -> Option<Item<'a>> {
    *rest = without_leading(rest, b" \t,");
    let (name, after) = split_token(rest)?;
    match without_leading(after, b" \t").strip_prefix(b"=") {
        Some(value) => {
            let (value, after) = split_value(without_leading(value, b" \t"))?;
            *rest = after;
            Some(Item::Parameter(name, value))
        }
        None => {
            *rest = after;
            skip_token68(rest);
            Some(Item::Scheme(name))
        }
    }
}

fn without_leading<'a>(text: &'a [u8], skipped: &[u8]) -> &'a [u8] {
    let start = text.iter().position(|byte| !skipped.contains(byte)).unwrap_or(text.len());
    &text[start..]
}

/// Splits a token off the start of a text.
fn split_token(text: &[u8]) -> Option<(&str, &[u8])> {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let end = text.iter().position(|byte| !is_token(byte)).unwrap_or(text.len());
    let (token, rest) = text.split_at_checked(end).filter(|_| end > 0)?;
    Some((std::str::from_utf8(token).ok()?, rest))
}

/// Splits a token or a quoted string off the start of a text.
fn split_value(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        return split_token(text).map(|(value, rest)| (value.into(), rest));
    };
    let mut value = Vec::new();
    let mut bytes = quoted.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((value, &quoted[at + 1..])),
            b'\\' => value.push(*bytes.next()?.1),
            byte => value.push(*byte),
        }
    }
    None
}

/// Skips a token68 after a scheme, which takes the place of parameters: `Negotiate YII=`.
fn skip_token68(rest: &mut &[u8]) {
    let text = without_leading(rest, b" \t");
    let item = text.split(|byte| *byte == b',').next().unwrap_or_default().trim_ascii_end();
    let end = item.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let is_token68 = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    if end > 0 && item[..end].iter().all(is_token68) {
        *rest = &text[item.len()..];
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::WWW_AUTHENTICATE;

    use super::*;

    #[test]
    fn challenges_are_parsed_from_one_header_or_several() {
        let rows: [(&[&str], &str); 9] = [
            (&["Basic"], "basic"),
            (
                &["Basic realm=\"a, b\", Digest nonce=x , QOP = \"auth,auth-int\""],
                "basic realm=a, b|digest nonce=x qop=auth,auth-int",
            ),
            (&["Negotiate YII=, Digest nonce=\"a\\\"b\\\\\""], "negotiate|digest nonce=a\"b\\"),
            (&["Digest nonce=1, nonce=2", "Bearer"], "digest nonce=1 nonce=2|bearer"),
            (&[",, Digest realm=\"r\",,stale=TRUE,"], "digest realm=r stale=TRUE"),
            (&["nextnonce=\"n\", qop=auth"], " nextnonce=n qop=auth"),
            (&["Digest nonce=\"open"], "digest"),
            (&["Digest nonce=, realm=x"], "digest realm=x"),
            (&["\"quoted\" Basic"], ""),
        ];
        for (values, expected) in rows {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
            }
            let found = challenges(&headers, &WWW_AUTHENTICATE);
            let found: Vec<_> = found
                .iter()
                .map(|Challenge { scheme, parameters }| {
                    let parameters = parameters
                        .iter()
                        .map(|(name, value)| format!(" {name}={}", String::from_utf8_lossy(value)));
                    format!("{scheme}{}", parameters.collect::<String>())
                })
                .collect();
            assert_eq!(found.join("|"), expected, "{values:?}");
        }
    }
}
