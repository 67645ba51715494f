//! The base URL of a session, and the URLs below it.
//!
//! A path and a query are encoded already when they are put into a URL. If the parser changes a single byte of them, as for a dot
//! segment or a backslash, that is an error. So no value can reach another path, and the host is that of the base.

use std::borrow::Cow;
use std::sync::Arc;

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
    /// Both, to be cloned and extended.
    roomy: Arc<[Roomy; 2]>,
    /// The length of the scheme, the host and the port, with which both start.
    origin: usize,
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
        let origin = url[..Position::BeforePath].len();
        let roomy = Arc::new([Roomy::of(&url), Roomy::of(&url)]);
        let mut base = Self { url: url.clone(), root: url, roomy, origin };
        if !base_path.is_empty() {
            let base_path = base_path.trim_start_matches('/');
            let below = base.join(base_path, &Query::default(), false);
            let below = below.ok().filter(|url| url.query().or(url.fragment()).is_none());
            base.url = below.filter(|_| !has_dots(base_path)).ok_or(
                "`base_path` has a dot segment, a query, or what URL parsing would change; write a path like `/v2`, \
                 percent-encoded",
            )?;
            base.roomy = Arc::new([Roomy::of(&base.url), Roomy::of(&base.root)]);
        }
        Ok(base)
    }

    /// Whether `url` has the scheme, host and port of this base.
    pub(crate) fn is_origin_of(&self, url: &Url) -> bool {
        let origin = &self.url.as_str()[..self.origin];
        // Where the path starts, the host and the port have ended.
        url.as_str().strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'))
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
        let (base, [with_base, without]) = (if use_base { &self.url } else { &self.root }, &*self.roomy);
        let full = match (base.path().trim_end_matches('/'), path) {
            (_, "") => Cow::Borrowed(base.path()),
            ("", path) if path.starts_with('/') => Cow::Borrowed(path),
            // A value may have put a slash at the start of `path`, which belongs to it.
            (above, path) => Cow::Owned([above, "/", path.strip_prefix('/').unwrap_or(path)].concat()),
        };
        // Both parts are parsed as those of this URL, so its origin is neither parsed again nor changed.
        let mut url = if use_base { with_base.url() } else { without.url() };
        url.set_path(&full);
        if !query.as_str().is_empty() {
            url.set_query(Some(query.as_str()));
        }
        if url.path() == full && url.query().unwrap_or_default() == query.as_str() {
            Ok(url)
        } else if path.split(['/', '\\']).any(is_dot_segment) {
            Err(ArgumentError::DotSegment)
        } else {
            Err(ArgumentError::Path)
        }
    }
}

/// A URL whose clones have capacity for a path and a query. A cloned string has no spare capacity, so this URL has a fragment, which is
/// removed from each clone.
#[derive(Clone, Debug)]
struct Roomy(Url);

/// The capacity for a path and a query, in bytes.
const ROOM: usize = 48;

impl Roomy {
    fn of(url: &Url) -> Self {
        let mut url = url.clone();
        url.set_fragment(Some(&"-".repeat(ROOM)));
        Self(url)
    }

    fn url(&self) -> Url {
        let mut url = self.0.clone();
        url.set_fragment(None);
        url
    }
}

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
    fn an_origin_is_scheme_host_and_port() {
        let base = Base::parse("https://x.test/v1", "").unwrap();
        for own in ["https://x.test", "https://x.test:443/a", "https://x.test?b", "HTTPS://X.test/v1"] {
            assert!(base.is_origin_of(&Url::parse(own).unwrap()), "{own}");
        }
        let others = [
            "http://x.test/v1",
            "https://x.test.evil/v1",
            "https://x.test:8443/v1",
            "https://x.test@evil/v1",
            "https://x.test:@evil/v1",
            "https://a.x.test/v1",
        ];
        for other in others {
            assert!(!base.is_origin_of(&Url::parse(other).unwrap()), "{other}");
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
    }
}
