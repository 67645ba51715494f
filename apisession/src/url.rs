//! URLs are built here and nowhere else: from a base, a path of encoded segments, and a query.
//!
//! The text is assembled by us and then parsed once; a parser that would change a single byte of it
//! (a dot segment, a stray backslash) is an error, so no value can reach another path or another host.

use std::fmt::{self, Write as _};

use url::{Position, Url};

/// Where all paths of a session start: scheme, host, port and base path.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// With the base path.
    url: Url,
    /// Without it.
    root: Url,
}

/// Why a base URL can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaseUrlError {
    #[error("`base_url` is not a URL: {0}; write one like `https://api.example.com/v1`")]
    Parse(#[from] url::ParseError),
    #[error("`base_url` has the scheme `{0}`; only `http` and `https` can be called")]
    Scheme(String),
    #[error("`base_url` holds a user name or password; return them as a `Credential` from `authenticate`")]
    UserInfo,
    #[error("`base_url` has a query; set default query parameters on the session instead")]
    Query,
    #[error("`base_url` has a fragment, which is never sent; take it away")]
    Fragment,
    #[error("`base_url` names port 0, which can't be called")]
    Port,
}

impl Base {
    pub(crate) fn parse(base_url: &str, base_path: &str) -> Result<Self, BaseUrlError> {
        let mut url = Url::parse(base_url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BaseUrlError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::UserInfo);
        }
        if url.query().is_some() {
            return Err(BaseUrlError::Query);
        }
        if url.fragment().is_some() {
            return Err(BaseUrlError::Fragment);
        }
        if url.port() == Some(0) {
            return Err(BaseUrlError::Port);
        }
        let root = url.clone();
        if !base_path.is_empty() {
            let mut path = url.path().to_owned();
            push_path(&mut path, base_path);
            url.set_path(&path);
        }
        Ok(Self { url, root })
    }

    /// Whether `url` has the scheme, host and port of this base.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.url[..Position::BeforePath] == url[..Position::BeforePath]
    }

    /// The URL of `path` (already encoded) below this base.
    pub(crate) fn join(&self, path: &str, query: &Query, use_base: bool) -> Result<Url, ArgumentError> {
        let base = if use_base { &self.url } else { &self.root };
        let base = &base[..Position::AfterPath];
        let mut text = String::with_capacity(base.len() + path.len() + query.0.len() + 2);
        text.push_str(base);
        push_path(&mut text, path);
        if !query.0.is_empty() {
            text.push('?');
            text.push_str(&query.0);
        }
        match Url::parse(&text) {
            Ok(url) if url.as_str() == text => Ok(url),
            _ => Err(ArgumentError::Path),
        }
    }
}

/// Appends `part` with exactly one slash at the joint; an empty part adds nothing.
pub(crate) fn push_path(path: &mut String, part: &str) {
    if part.is_empty() {
        return;
    }
    path.truncate(path.trim_end_matches('/').len());
    path.push('/');
    path.push_str(part.trim_start_matches('/'));
}

/// Why an argument can't be sent; the name of the parameter is added by whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgumentError {
    #[error("is empty, and an empty segment would address another resource; pass a value")]
    Empty,
    #[error("is a dot segment, which every URL parser resolves away; it can't be sent as a path segment")]
    Dots,
    #[error("holds the control character {0:?}; take it out")]
    Control(char),
    #[error("is `None`, and a path can't leave a segment out; pass a value")]
    Absent,
    #[error("is a list, and a path segment is one value; pass a single one")]
    List,
    #[error("is not a finite number")]
    NotFinite,
    #[error("can't be written as text: {0}; pass a string, number, boolean or list of them")]
    Shape(String),
    #[error("can't be written as JSON: {0}")]
    Json(String),
    #[error("would be changed by URL parsing; write it percent-encoded")]
    Path,
}

/// Appends one path segment; a server decodes exactly `value`.
pub(crate) fn push_segment(path: &mut String, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
    let start = path.len();
    push_printable(path, value)?;
    match &path[start..] {
        "" => Err(ArgumentError::Empty),
        "." | ".." => Err(ArgumentError::Dots),
        _ => Ok(()),
    }
}

/// The query of one request, encoded, in the order it was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(String);

impl Query {
    pub(crate) fn push(&mut self, name: &str, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        push_encoded(&mut self.0, format_args!("{name}"))?;
        self.0.push('=');
        push_encoded(&mut self.0, value)
    }

    /// Adds to the value of the last pair, after a comma. Commas in values are encoded, so the two differ.
    pub(crate) fn join(&mut self, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        self.0.push(',');
        push_encoded(&mut self.0, value)
    }

    /// Takes every pair of `name` out, so that a parameter that is set twice is sent once.
    pub(crate) fn remove(&mut self, name: &str) {
        if self.0.is_empty() {
            return;
        }
        let mut encoded = String::with_capacity(name.len());
        if push_encoded(&mut encoded, format_args!("{name}")).is_err() {
            return;
        }
        let is_other = |pair: &&str| pair.split('=').next() != Some(&encoded);
        if !self.0.split('&').all(|pair| is_other(&pair)) {
            self.0 = self.0.split('&').filter(is_other).collect::<Vec<_>>().join("&");
        }
    }

    #[cfg(test)]
    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Percent-encodes everything outside RFC 3986's unreserved set.
fn push_encoded(out: &mut String, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
    Encoder { out, control: None }.write_all(value)
}

/// As [`push_encoded`], but refuses control characters.
fn push_printable(out: &mut String, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
    let mut encoder = Encoder { out, control: None };
    encoder.write_all(value)?;
    encoder.control.map_or(Ok(()), |control| Err(ArgumentError::Control(control)))
}

struct Encoder<'a> {
    out: &'a mut String,
    /// The first control character that was written.
    control: Option<char>,
}

impl Encoder<'_> {
    fn write_all(&mut self, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        self.write_fmt(value).map_err(|fmt::Error| ArgumentError::Shape("its `Display` failed".to_owned()))
    }
}

impl fmt::Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.control = self.control.or_else(|| text.chars().find(|c| c.is_control()));
        for &byte in text.as_bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                self.out.push(char::from(byte));
            } else {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                self.out.push('%');
                self.out.push(char::from(HEX[usize::from(byte >> 4)]));
                self.out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_joint_has_exactly_one_slash() {
        let rows = [
            ("https://x.test", "", "", "https://x.test/"),
            ("https://x.test", "", "/users", "https://x.test/users"),
            ("https://x.test/", "", "users", "https://x.test/users"),
            ("https://x.test/v1", "", "/users", "https://x.test/v1/users"),
            ("https://x.test/v1/", "", "/users", "https://x.test/v1/users"),
            ("https://x.test/v1/", "", "users/", "https://x.test/v1/users/"),
            ("https://x.test/v1", "/rest/", "//users", "https://x.test/v1/rest/users"),
            ("https://x.test", "rest", "", "https://x.test/rest"),
            ("https://x.test:443/v1", "", "/users", "https://x.test/v1/users"),
            ("HTTPS://X.test/v1", "", "/users", "https://x.test/v1/users"),
        ];
        for (base_url, base_path, path, expected) in rows {
            let url = Base::parse(base_url, base_path).unwrap().join(path, &Query::default(), true).unwrap();
            assert_eq!(url.as_str(), expected, "{base_url} + {base_path} + {path}");
        }
    }

    #[test]
    fn a_base_url_that_hides_something_is_refused() {
        let rows = [
            ("api.example.com", "not a URL"),
            ("ftp://x.test", "`ftp`"),
            ("https://ana:s3cret@x.test", "user name"),
            ("https://ana@x.test", "user name"),
            ("https://x.test/v1?key=1", "query"),
            ("https://x.test/v1#top", "fragment"),
            ("https://x.test:0/", "port 0"),
        ];
        for (base_url, expected) in rows {
            let message = Base::parse(base_url, "").unwrap_err().to_string();
            assert!(message.contains(expected), "{base_url}: {message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn a_segment_is_one_segment_or_an_error() {
        let rows = [
            ("42", Ok("42")),
            ("a/b", Ok("a%2Fb")),
            ("a b+c", Ok("a%20b%2Bc")),
            ("%2e%2e", Ok("%252e%252e")),
            ("..a", Ok("..a")),
            ("é\u{202e}", Ok("%C3%A9%E2%80%AE")),
            ("?#\\;", Ok("%3F%23%5C%3B")),
            ("", Err(ArgumentError::Empty)),
            (".", Err(ArgumentError::Dots)),
            ("..", Err(ArgumentError::Dots)),
            ("a\r\nb", Err(ArgumentError::Control('\r'))),
            ("\0", Err(ArgumentError::Control('\0'))),
        ];
        for (value, expected) in rows {
            let mut path = String::new();
            let result = push_segment(&mut path, format_args!("{value}")).map(|()| path.as_str());
            assert_eq!(result, expected, "{value:?}");
        }
    }

    #[test]
    fn a_path_that_a_parser_would_change_is_refused() {
        let base = Base::parse("https://x.test/v1", "").unwrap();
        for path in ["/a/../b", "/a/%2e%2e/b", "/a b", "/a\\b", "/a\tb", "/é"] {
            assert_eq!(base.join(path, &Query::default(), true), Err(ArgumentError::Path), "{path}");
        }
    }

    #[test]
    fn a_parameter_that_is_set_again_replaces_its_pairs() {
        let mut query = Query::default();
        for (name, value) in [("a", "1"), ("b[]", "x&y"), ("b[]", "z"), ("ab", "2")] {
            query.push(name, format_args!("{value}")).unwrap();
        }
        query.remove("b[]");
        query.remove("missing");
        assert_eq!(query.as_str(), "a=1&ab=2");
        query.remove("a");
        query.remove("ab");
        assert_eq!(query.as_str(), "");
    }
}
