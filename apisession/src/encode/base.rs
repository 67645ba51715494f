//! The base URL of a session, and the URLs below it.
//!
//! A URL is assembled from encoded parts and then parsed once. If the parser changes a single byte of it, as for a dot
//! segment or a backslash, that is an error. So no value can reach another path or another host.

use url::{Position, Url};

use super::argument::ArgumentError;
use super::origin::{self, UrlError};
use super::query::Query;
use super::segment::{is_dot_segment, joined, push_path};

/// The URL that all paths of a session are below: scheme, host, port, and base path.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    /// The base URL with the base path.
    url: Url,
    /// The base URL without the base path.
    root: Url,
}

impl Base {
    /// Parses a base URL and appends the base path to it. The error is a complete message.
    pub(crate) fn parse(base_url: &str, base_path: &str) -> Result<Self, String> {
        let url = origin::bare_http_url(base_url).map_err(|error| {
            let advice = match error {
                UrlError::Parse(_) => "; write one like `https://api.example.com/v1`",
                UrlError::UserInfo => ": return them from `authenticate`",
                UrlError::Query => "; set default query parameters on the session instead",
                UrlError::Fragment => "; remove it",
                UrlError::Scheme(_) | UrlError::Port => "",
            };
            format!("`base_url` {error}{advice}")
        })?;
        let mut base = Self { url: url.clone(), root: url };
        if !base_path.is_empty() {
            let base_path = base_path.trim_start_matches('/');
            let below = base.join(base_path, &Query::default(), false);
            let below = below.ok().filter(|url| url.query().or(url.fragment()).is_none());
            base.url = below.filter(|_| !has_dots(base_path)).ok_or(
                "`base_path` has a dot segment, a query, or what URL parsing would change; write a path like `/v2`, \
                 percent-encoded",
            )?;
        }
        Ok(base)
    }

    /// Whether `url` has the scheme, host and port of this base.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        self.url[..Position::BeforePath] == url[..Position::BeforePath]
    }

    /// The path of `url` relative to the base URL with its base path, and relative to the base URL without it. If `url`
    /// is not below one of them, that entry is the full path.
    pub(crate) fn below<'u>(&self, url: &'u Url) -> [&'u str; 2] {
        [&self.url, &self.root].map(|base| {
            let rest = url.path().strip_prefix(base.path().trim_end_matches('/'));
            rest.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(url.path())
        })
    }

    /// The path of a template or a pattern below this base.
    pub(crate) fn shown(&self, template: &str) -> String {
        joined(self.url.path(), template)
    }

    /// The URL that relative links of the endpoint at `prefix` are resolved against. It ends with a slash.
    pub(crate) fn directory(&self, prefix: &str) -> Url {
        let mut path = self.url.path().to_owned();
        push_path(&mut path, prefix);
        path.truncate(path.trim_end_matches('/').len());
        path.push('/');
        let mut url = self.url.clone();
        url.set_path(&path);
        url
    }

    /// The base URL with the base path.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// The URL of `path`, which is encoded already, below this base. Without `use_base`, the base path is left out.
    pub(crate) fn join(&self, path: &str, query: &Query, use_base: bool) -> Result<Url, ArgumentError> {
        let base = if use_base { &self.url } else { &self.root };
        let origin = &base[..Position::BeforePath];
        let room = BLANK.get(..origin.len()).unwrap_or(BLANK);
        let length = base.path().len() + path.len() + query.as_str().len() + 2;
        let mut text = String::with_capacity(length + room.len());
        text.push_str(base.path());
        if !path.is_empty() {
            // A value may have put a slash at the start of `path`, which belongs to it.
            text.truncate(text.trim_end_matches('/').len());
            text.push('/');
            text.push_str(path.strip_prefix('/').unwrap_or(path));
        }
        if !query.as_str().is_empty() {
            text.push('?');
            text.push_str(query.as_str());
        }
        // The origin was parsed once, so it is not parsed again. A reference that starts with two slashes would name another
        // origin; a base path can start so.
        let url = match text.strip_prefix("//") {
            Some(_) => Url::parse(&format!("{origin}{text}")),
            None => {
                // The parser's buffer has the length of its input. With blanks at the end, which the parser trims, it has room for the
                // origin, and is not allocated again.
                let end = text.len();
                text.push_str(room);
                let url = base.join(&text);
                text.truncate(end);
                url
            }
        };
        match url {
            Ok(url) if self.is_origin_of(&url) && url[Position::BeforePath..] == text => Ok(url),
            _ if path.split(['/', '\\']).any(is_dot_segment) => Err(ArgumentError::DotSegment),
            _ => Err(ArgumentError::Path),
        }
    }
}

/// As long as most origins.
const BLANK: &str = "                                                                ";

/// Whether a path has a segment that a server may read as `.` or `..`, also if it decodes the path before it splits it, or ignores
/// the parameters of a segment.
fn has_dots(path: &str) -> bool {
    let decoded = [("%2e", "."), ("%2f", "/"), ("%5c", "\\"), ("%3b", ";")];
    let path = decoded.iter().fold(path.to_ascii_lowercase(), |path, (from, to)| path.replace(from, to));
    let mut segments = path.split(['/', '\\']).map(|segment| segment.split(';').next().unwrap_or_default());
    segments.any(|segment| matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u3_parts_of_a_path_are_joined_by_exactly_one_slash() {
        let rows = [
            ("https://x.test", "", "", "https://x.test/"),
            ("https://x.test", "", "/users", "https://x.test/users"),
            ("https://x.test/", "", "users", "https://x.test/users"),
            ("https://x.test/v1", "", "/users", "https://x.test/v1/users"),
            ("https://x.test/v1/", "", "/users", "https://x.test/v1/users"),
            ("https://x.test/v1/", "", "users/", "https://x.test/v1/users/"),
            ("https://x.test/v1", "/rest/", "/users", "https://x.test/v1/rest/users"),
            ("https://x.test/v1", "/rest/", "//users", "https://x.test/v1/rest//users"),
            ("https://x.test/", "", "//users", "https://x.test//users"),
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
    fn u7_a_base_url_is_scheme_host_port_and_path_only() {
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
            let message = Base::parse(base_url, "").unwrap_err();
            assert!(message.contains(expected), "{base_url}: {message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn a_path_that_url_parsing_would_change_is_an_error() {
        let base = Base::parse("https://x.test/v1", "").unwrap();
        for path in ["/a b", "/a\\b", "/a\tb", "/é", "/a ", " ", "/a\n"] {
            assert_eq!(base.join(path, &Query::default(), true), Err(ArgumentError::Path), "{path}");
        }
        for path in ["/a/../b", "/a/%2e%2e/b", "/a/.%2E", "/./a", "/a/%2e"] {
            assert_eq!(base.join(path, &Query::default(), true), Err(ArgumentError::DotSegment), "{path}");
        }
        // An origin can be longer than the room that is made for it.
        let origin = format!("https://{}.test", ["long"; 30].join("."));
        let url = Base::parse(&origin, "").unwrap().join("/a", &Query::default(), true).unwrap();
        assert_eq!(url.as_str(), format!("{origin}/a"));
    }
}
