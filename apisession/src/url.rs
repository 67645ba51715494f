//! URLs are built here and nowhere else: from a base, a path of encoded segments, and a query.
//!
//! The text is assembled by us and then parsed once; a parser that would change a single byte of it
//! (a dot segment, a stray backslash) is an error, so no value can reach another path or another host.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use url::{Position, Url};

use crate::parameter::{Encodable, ListStyle, Nested, Sink, Style, walk};

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

    /// The path of `url` below this base, with and without its base path, as far as it is below them.
    pub(crate) fn below<'u>(&self, url: &'u Url) -> [&'u str; 2] {
        [&self.url, &self.root].map(|base| {
            let rest = url.path().strip_prefix(base.path().trim_end_matches('/'));
            rest.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(url.path())
        })
    }

    /// The place `prefix` below this base, as what stands there sees it: with a slash at its end.
    pub(crate) fn place(&self, prefix: &str) -> Url {
        let mut path = self.url.path().to_owned();
        push_path(&mut path, prefix);
        path.truncate(path.trim_end_matches('/').len());
        path.push('/');
        let mut place = self.url.clone();
        place.set_path(&path);
        place
    }

    /// The base URL.
    pub(crate) fn url(&self) -> &Url {
        &self.url
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
    #[error(
        "is {0}; say how its fields are written: `#[query(flatten)]`, `#[query(nested = \"dots\")]` or \
         `#[query(nested = \"brackets\")]`"
    )]
    Nested(String),
    #[error("has {0} in it, which `flatten` can't write; use `nested` instead")]
    Deep(String),
    #[error("has an empty segment, which would address another resource; take out the slash")]
    EmptySegment,
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

/// Appends the segments of a path, whose slashes stay; a server decodes exactly `value`.
pub(crate) fn push_segments(path: &mut String, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
    let text = value.to_string();
    if text.is_empty() {
        return Err(ArgumentError::Empty);
    }
    // A slash at the end is the name of a folder.
    let segments = text.strip_suffix('/').unwrap_or(&text);
    for (index, segment) in segments.split('/').enumerate() {
        if index > 0 {
            path.push('/');
        }
        push_segment(path, format_args!("{segment}")).map_err(|error| match error {
            ArgumentError::Empty => ArgumentError::EmptySegment,
            error => error,
        })?;
    }
    if segments.len() < text.len() {
        path.push('/');
    }
    Ok(())
}

/// The query of one request, encoded, in the order it was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query(String);

impl Query {
    /// Adds a value beside what is there.
    pub(crate) fn write<T: Encodable + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        style: Style,
    ) -> Result<(), ArgumentError> {
        let mut writer =
            Writer { query: self, name: Cow::Borrowed(name), style, depth: Vec::new(), joins: false };
        walk(value, &mut writer)
    }

    /// Writes a value in place of what is there of it.
    pub(crate) fn replace<T: Encodable + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
        style: Style,
    ) -> Result<(), ArgumentError> {
        match (style.nested, style.list) {
            (Nested::Refused, list) => {
                self.remove(name);
                if list == ListStyle::Brackets {
                    self.remove(&format!("{name}[]"));
                }
            }
            (Nested::Flat, _) => {
                let mut fields = Self::default();
                fields.write(name, value, style)?;
                self.overlay(fields);
                return Ok(());
            }
            (Nested::Dots, _) => self.remove_below(&format!("{name}.")),
            (Nested::Brackets, _) => self.remove_below(&format!("{name}[")),
        }
        self.write(name, value, style)
    }

    /// Adds a name without a value.
    pub(crate) fn flag(&mut self, name: &str) -> Result<(), ArgumentError> {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        push_encoded(&mut self.0, format_args!("{name}"))
    }

    /// Adds another query, whatever it has.
    pub(crate) fn append(&mut self, other: &Self) {
        if !self.0.is_empty() && !other.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(&other.0);
    }

    /// Adds another query, in place of what is there of its names.
    pub(crate) fn overlay(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        for name in other.0.split('&').filter_map(|pair| pair.split('=').next()) {
            self.retain(|pair| pair.split('=').next() != Some(name));
        }
        self.append(&other);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the query off a URL.
    pub(crate) fn take(url: &mut Url) -> Self {
        let query = Self(url.query().unwrap_or_default().to_owned());
        url.set_query(None);
        query
    }

    /// The URL with this query.
    pub(crate) fn of(&self, mut url: Url) -> Url {
        url.set_query(Some(&self.0).filter(|query| !query.is_empty()).map(String::as_str));
        url
    }

    fn push(&mut self, name: &str, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        push_encoded(&mut self.0, format_args!("{name}"))?;
        self.0.push('=');
        push_encoded(&mut self.0, value)
    }

    /// Adds to the value of the last pair, after a comma. Commas in values are encoded, so the two differ.
    fn join(&mut self, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        self.0.push(',');
        push_encoded(&mut self.0, value)
    }

    /// Takes every pair of `name` out, so that a parameter that is set twice is sent once.
    pub(crate) fn remove(&mut self, name: &str) {
        if self.0.is_empty() {
            return;
        }
        let name = encoded(name);
        self.retain(|pair| pair.split('=').next() != Some(&name));
    }

    /// Takes out every pair whose name begins with `start`.
    fn remove_below(&mut self, start: &str) {
        let start = encoded(start);
        self.retain(|pair| !pair.starts_with(&start));
    }

    fn retain(&mut self, stays: impl Fn(&str) -> bool) {
        if !self.0.split('&').all(&stays) {
            self.0 = self.0.split('&').filter(|pair| stays(pair)).collect::<Vec<_>>().join("&");
        }
    }

    #[cfg(test)]
    fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes a value as pairs.
struct Writer<'a> {
    query: &'a mut Query,
    name: Cow<'a, str>,
    style: Style,
    /// How long the name was at each struct on the way here.
    depth: Vec<usize>,
    /// Whether the next scalar of a list joins the one before.
    joins: bool,
}

impl Sink for Writer<'_> {
    fn scalar(&mut self, text: fmt::Arguments<'_>, in_list: bool) -> Result<(), ArgumentError> {
        match self.style.list {
            ListStyle::Comma if in_list && std::mem::replace(&mut self.joins, true) => self.query.join(text),
            ListStyle::Brackets if in_list => self.query.push(&format!("{}[]", self.name), text),
            ListStyle::Comma | ListStyle::Brackets | ListStyle::Repeat => self.query.push(&self.name, text),
        }
    }

    fn open(&mut self, what: &str) -> Result<(), ArgumentError> {
        let inner = !self.depth.is_empty();
        match self.style.nested {
            Nested::Refused => Err(ArgumentError::Nested(what.to_owned())),
            Nested::Flat if inner => Err(ArgumentError::Deep(what.to_owned())),
            Nested::Flat | Nested::Dots | Nested::Brackets => Ok(()),
        }
    }

    fn enter(&mut self, key: &str) -> Result<(), ArgumentError> {
        self.depth.push(self.name.len());
        self.joins = false;
        match self.style.nested {
            Nested::Dots => self.name.to_mut().extend([".", key]),
            Nested::Brackets => self.name.to_mut().extend(["[", key, "]"]),
            Nested::Refused | Nested::Flat => self.name = Cow::Owned(key.to_owned()),
        }
        Ok(())
    }

    fn leave(&mut self) {
        let length = self.depth.pop().unwrap_or_default();
        // A name that was replaced is replaced again by the next field.
        if self.style.nested != Nested::Flat {
            self.name.to_mut().truncate(length);
        }
    }
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    // A `&str` always writes itself.
    let _ = push_encoded(&mut encoded, format_args!("{text}"));
    encoded
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
    fn u3_every_joint_has_exactly_one_slash() {
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
    fn u7_a_base_url_that_hides_something_is_refused() {
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
    fn u1_u2_a_segment_is_one_segment_or_an_error() {
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
