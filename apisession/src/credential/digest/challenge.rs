//! Parses the headers `WWW-Authenticate` (RFC 9110 §11.6.1) and `Authentication-Info`.

use http::{HeaderMap, HeaderName};

/// A challenge. The scheme and the names of the parameters are in lower case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Returns the first parameter of this name, which must be in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter has this value, ignoring case.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|actual| actual.eq_ignore_ascii_case(value))
    }
}

/// Returns all challenges of a header, in their order. The rest of a header value after a syntax error is ignored.
pub(super) fn challenges(headers: &HeaderMap, name: &HeaderName) -> Vec<Challenge> {
    let mut all: Vec<Challenge> = Vec::new();
    for value in headers.get_all(name) {
        let Ok(text) = std::str::from_utf8(value.as_bytes()) else { continue };
        let mut rest = text;
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
    Parameter(&'a str, String),
}

/// Parses the next scheme or parameter. Returns `None` at the end, and at a syntax error.
fn next<'a>(rest: &mut &'a str) -> Option<Item<'a>> {
    *rest = rest.trim_start_matches([' ', '\t', ',']);
    let (name, after) = split_token(rest)?;
    match after.trim_start_matches([' ', '\t']).strip_prefix('=') {
        Some(value) => {
            let (value, after) = split_value(value.trim_start_matches([' ', '\t']))?;
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

/// Splits a token off the start of a text.
fn split_token(text: &str) -> Option<(&str, &str)> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let end = text.bytes().position(|byte| !is_token(byte)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// Splits a token or a quoted string off the start of a text.
fn split_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return split_token(text).map(|(value, rest)| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// Skips a token68 after a scheme, which takes the place of parameters: `Negotiate YII=`.
fn skip_token68(rest: &mut &str) {
    let text = rest.trim_start_matches([' ', '\t']);
    let item = text.split(',').next().unwrap_or_default().trim_end();
    let body = item.trim_end_matches('=');
    let is_token68 = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if !body.is_empty() && body.bytes().all(is_token68) {
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
                    let parameters = parameters.iter().map(|(name, value)| format!(" {name}={value}"));
                    format!("{scheme}{}", parameters.collect::<String>())
                })
                .collect();
            assert_eq!(found.join("|"), expected, "{values:?}");
        }
    }
}
