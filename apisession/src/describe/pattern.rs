//! Patterns of paths, for settings of many operations at once.

use std::borrow::Cow;

use crate::encode::segment::push_path;

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

    /// The pattern with `prefix` before it.
    pub(crate) fn below(&self, prefix: &str) -> Self {
        let mut joined = prefix.to_owned();
        push_path(&mut joined, &self.0);
        Self(joined.into())
    }

    /// Whether the pattern matches `path`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut segments = path.trim_matches('/').split('/');
        for expected in self.0.trim_matches('/').split('/') {
            if expected == "**" || expected.ends_with("+}") {
                return true;
            }
            let is_wildcard = expected == "*" || (expected.starts_with('{') && expected.ends_with('}'));
            match segments.next() {
                Some(segment) if is_wildcard || segment == expected => {}
                _ => return false,
            }
        }
        segments.next().is_none()
    }
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
        ];
        for (pattern, path, expected) in rows {
            assert_eq!(PathPattern::new(pattern).matches(path), expected, "{pattern} on {path}");
        }
    }
}
