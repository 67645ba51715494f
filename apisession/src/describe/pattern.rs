//! Patterns over paths, for what is said about many operations at once.

use std::borrow::Cow;

use crate::encode::segment::push_path;

/// A pattern over the paths below base URL and base path: `/login`, `/users/{id}/keys`, `/tokens/**`.
///
/// `*` and `{name}` stand for one segment, `**` and `{name+}` at the end for any number, none included. Slashes at
/// either end don't count.
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
    /// The pattern that is written `pattern`.
    pub fn new(pattern: impl Into<Cow<'static, str>>) -> Self {
        Self(pattern.into())
    }

    /// The pattern for paths that are written from a place `prefix` above it.
    pub(crate) fn below(&self, prefix: &str) -> Self {
        let mut whole = prefix.to_owned();
        push_path(&mut whole, &self.0);
        Self(whole.into())
    }

    /// Whether `path` is of this pattern.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let mut segments = path.trim_matches('/').split('/');
        for expected in self.0.trim_matches('/').split('/') {
            if expected == "**" || expected.ends_with("+}") {
                return true;
            }
            let any = expected == "*" || (expected.starts_with('{') && expected.ends_with('}'));
            match segments.next() {
                Some(segment) if any || segment == expected => {}
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
