//! Patterns of paths, for settings of many operations at once.

use std::borrow::Cow;

use crate::encode::percent::decoded;
use crate::encode::segment::joined;

/// A pattern of paths below the base URL and the base path: `/login`, `/users/{id}/keys`, `/tokens/**`.
///
/// `*` and `{name}` match one segment. `**` and `{name+}` at the end match any number of segments, none included.
/// Slashes at either end are ignored.
///
/// ```
/// use apisession::PathPattern;
///
/// let tokens = PathPattern::new("/tokens/**");
/// assert!(tokens.matches("/tokens/7/renew"));
/// assert!(!tokens.matches("/token"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(Cow<'static, str>);

impl PathPattern {
    /// Creates a pattern.
    pub fn new(pattern: impl Into<Cow<'static, str>>) -> Self {
        Self(pattern.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The pattern with `prefix` before it.
    pub(crate) fn below(&self, prefix: &str) -> Self {
        Self(joined(prefix, &self.0).into())
    }

    /// Whether the pattern matches `path`, which may be percent-encoded.
    ///
    /// Segments are compared decoded, and without the parameters after a `;` (RFC 3986 §3.3). An encoded slash is tried both ways,
    /// since some servers decode a path before they split it.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let whole = decoded(path);
        let is_slash = |byte: &u8| *byte == b'/';
        self.match_segments(path.trim_matches('/').split('/').map(|segment| Cow::Owned(decoded(segment))))
            || self.match_segments(trimmed(&whole).split(is_slash).map(Cow::Borrowed))
    }

    fn match_segments<'s>(&self, mut segments: impl Iterator<Item = Cow<'s, [u8]>>) -> bool {
        for expected in self.0.trim_matches('/').split('/') {
            if expected == "**" || expected.ends_with("+}") {
                return true;
            }
            let is_wildcard = expected == "*" || (expected.starts_with('{') && expected.ends_with('}'));
            let is_it =
                |segment: &[u8]| without_parameters(segment) == without_parameters(&decoded(expected));
            match segments.next() {
                Some(segment) if is_wildcard || is_it(&segment) => {}
                _ => return false,
            }
        }
        segments.next().is_none()
    }
}

/// The bytes without the slashes at either end.
fn trimmed(mut path: &[u8]) -> &[u8] {
    while let [b'/', rest @ ..] | [rest @ .., b'/'] = path {
        path = rest;
    }
    path
}

/// The segment up to its first `;`.
fn without_parameters(segment: &[u8]) -> &[u8] {
    segment.split(|byte| *byte == b';').next().unwrap_or_default()
}

impl From<&'static str> for PathPattern {
    fn from(pattern: &'static str) -> Self {
        Self::new(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::PathPattern;

    #[test]
    fn a_pattern_matches_segment_by_segment() {
        let rows = [
            ("/login", "login/", true),
            ("login", "/login", true),
            ("/login", "/logins", false),
            ("/login", "/login/x", false),
            ("/users/{id}/keys", "/users/7/keys", true),
            ("/users/{id}/keys", "/users/{user}/keys", true),
            ("/users/*/keys", "/users/7/8/keys", false),
            ("/tokens/**", "/tokens", true),
            ("/tokens/**", "/tokens/a/b", true),
            ("/tokens/**", "/token", false),
            ("/**", "/anything", true),
            ("/login", "/l%6Fgin", true),
            ("/log in", "/log%20in", true),
            ("/log%20in", "/log in", true),
            ("/login", "/login;v=1", true),
            ("/login", "/login%3Bv=1", true),
            ("/users/{id}/keys", "/users;a=b/7;c/keys;d", true),
            ("/tokens/**", "/tokens%2F7", true),
            ("/tokens/{id}", "/tokens%2f7", true),
            ("/tokens/{id}", "/tokens/a%2Fb", true),
            ("/caf\u{e9}", "/caf%C3%A9", true),
            ("/login", "/login%00", false),
            ("/login", "/%ZZlogin", false),
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(PathPattern::new(pattern).matches(path), expected, "{pattern} on {path}");
        }
    }
}
