//! The other origins that a call may reach, and what goes along to each.

use std::fmt;

use url::Url;

use crate::encode::origin::{self, UrlError};

/// The origins that requests may go to besides the session's own, and what goes along to each of them.
///
/// The server can name a URL at another origin: in a redirect, in a link, in a job's address. It is called only if its origin is in
/// this list. What is sent there depends on the entry, and each grant includes those before it:
///
/// | entry | a URL that the server names | the `base_url` of an endpoint or an operation | a URL that the SDK names ([`elsewhere`](crate::Raw::elsewhere)) |
/// |---|---|---|---|
/// | none | is refused | gets what it declares itself | gets what the call sets |
/// | [`allow`](Self::allow) | gets GET and HEAD without a body, and nothing of the session | the same | the same |
/// | [`allow_bodies`](Self::allow_bodies) | gets every method, and bodies | the same | the same |
/// | [`allow_credential`](Self::allow_credential) | gets the session's headers and its credential as well | gets the session's credential as well | gets the session's credential as well |
///
/// A host can begin with the wildcard `*.`, which stands for one label: `https://*.blob.example.com` is
/// `https://eu.blob.example.com`, but neither `https://a.eu.blob.example.com` nor `https://blob.example.com`. If several entries are
/// about an origin, the greatest grant applies. A list of plain origins becomes one by `into()`.
///
/// ```
/// use apisession::AllowedOrigins;
/// # use apisession::prelude::*;
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session }
///
/// let origins = AllowedOrigins::new()
///     .allow("https://cdn.example.com")
///     .allow_bodies("https://*.blob.example.com")
///     .allow_credential("https://upload.example.com");
/// let api = Acme::builder().allowed_origins(origins).build()?;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct AllowedOrigins {
    list: Vec<Entry>,
    /// The first mistake.
    mistake: Option<String>,
}

#[derive(Clone)]
struct Entry {
    scheme: String,
    /// The host; with `is_wildcard`, the part after the `*`, which begins with a dot.
    host: String,
    port: Option<u16>,
    is_wildcard: bool,
    grant: Grant,
}

/// What goes along to another origin. Each grant includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// GET and HEAD without a body, and nothing of the session.
    Reads,
    /// Every method, and bodies.
    Bodies,
    /// The session's headers and its credential.
    Credential,
}

impl AllowedOrigins {
    /// Creates an empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows GET and HEAD without a body, and nothing of the session.
    ///
    /// An origin that can't be one is reported by `build`, or by the call.
    #[must_use]
    pub fn allow(self, origin: &str) -> Self {
        self.with(origin, Grant::Reads)
    }

    /// Allows every method and bodies, and nothing of the session.
    ///
    /// An origin that can't be one is reported by `build`, or by the call.
    #[must_use]
    pub fn allow_bodies(self, origin: &str) -> Self {
        self.with(origin, Grant::Bodies)
    }

    /// Allows the session's headers and its credential, besides every method and bodies.
    ///
    /// An origin with a wildcard, or one that can't be an origin, is reported by `build`, or by the call.
    #[must_use]
    pub fn allow_credential(self, origin: &str) -> Self {
        self.with(origin, Grant::Credential)
    }

    pub(crate) const fn none() -> Self {
        Self { list: Vec::new(), mistake: None }
    }

    fn with(mut self, origin: &str, grant: Grant) -> Self {
        match Entry::parse(origin, grant) {
            Ok(entry) => self.list.push(entry),
            Err(mistake) => drop(self.mistake.get_or_insert(mistake)),
        }
        self
    }

    pub(crate) fn mistake(&self) -> Option<&str> {
        self.mistake.as_deref()
    }

    /// What goes along to the origin of `url`; `None` if the list doesn't have it.
    pub(crate) fn grant(&self, url: &Url) -> Option<Grant> {
        self.list.iter().filter(|entry| entry.matches(url)).map(|entry| entry.grant).max()
    }
}

impl Entry {
    /// Parses an origin of an author: `https://cdn.example.com`. The error is a complete message.
    fn parse(text: &str, grant: Grant) -> Result<Self, String> {
        const USAGE: &str = "write one like `https://cdn.example.com`";
        let shown = text.escape_debug();
        let url = origin::bare_http_url(text).map_err(|error| match error {
            // The text is not quoted, since it can contain a password.
            UrlError::UserInfo => format!("an allowed origin has a user name or password; {USAGE}"),
            error => format!("the allowed origin `{shown}` {error}"),
        })?;
        if url.path() != "/" {
            return Err(format!("the allowed origin `{shown}` has a path; {USAGE}"));
        }
        let host = url.host_str().unwrap_or_default();
        let (host, is_wildcard) = match host.strip_prefix('*') {
            Some(rest) => (rest, true),
            None => (host, false),
        };
        let labels = host.split('.').filter(|label| !label.is_empty()).count();
        if host.contains('*') || is_wildcard && (!host.starts_with('.') || labels < 2) {
            return Err(format!(
                "the allowed origin `{shown}` has a `*` that can't be one; it stands for the first label of a host with two more, \
                 as in `https://*.blob.example.com`"
            ));
        }
        if is_wildcard && grant == Grant::Credential {
            return Err(format!(
                "the allowed origin `{shown}` has a `*`; a credential can be allowed for one host only"
            ));
        }
        let (scheme, host) = (url.scheme().to_owned(), host.to_owned());
        Ok(Self { scheme, host, port: url.port_or_known_default(), is_wildcard, grant })
    }

    fn matches(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let is_host = if self.is_wildcard {
            let label = host.strip_suffix(&self.host);
            label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
        } else {
            host == self.host
        };
        is_host && url.scheme() == self.scheme && url.port_or_known_default() == self.port
    }
}

impl From<&[&str]> for AllowedOrigins {
    fn from(origins: &[&str]) -> Self {
        origins.iter().fold(Self::new(), |list, origin| list.allow(origin))
    }
}

impl<const N: usize> From<&[&str; N]> for AllowedOrigins {
    fn from(origins: &[&str; N]) -> Self {
        Self::from(origins.as_slice())
    }
}

/// The form in which the macros pass the list of a declaration. They have checked the grants.
#[doc(hidden)]
impl<const N: usize> From<[(&str, &str); N]> for AllowedOrigins {
    fn from(origins: [(&str, &str); N]) -> Self {
        origins.into_iter().fold(Self::new(), |list, (origin, grant)| match grant {
            "credential" => list.allow_credential(origin),
            "bodies" => list.allow_bodies(origin),
            _ => list.allow(origin),
        })
    }
}

impl fmt::Debug for AllowedOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.list.iter().map(|entry| (entry.to_string(), entry.grant))).finish()
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port, is_wildcard, .. } = self;
        let star = if *is_wildcard { "*" } else { "" };
        write!(f, "{scheme}://{star}{host}")?;
        port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_scheme_a_host_and_a_port_and_matches_nothing_else() {
        let list = AllowedOrigins::new()
            .allow("https://cdn.test")
            .allow("http://localhost:8080")
            .allow_bodies("https://*.blob.test.example")
            .allow_credential("https://eu.blob.test.example:8443");
        assert_eq!(list.mistake(), None);
        let rows = [
            ("https://cdn.test/a?b", Some(Grant::Reads)),
            ("https://CDN.test:443/", Some(Grant::Reads)),
            ("http://cdn.test/", None),
            ("https://cdn.test:444/", None),
            ("https://cdn.test./", None),
            ("https://a.cdn.test/", None),
            ("http://localhost:8080/", Some(Grant::Reads)),
            ("https://eu.blob.test.example/", Some(Grant::Bodies)),
            ("https://EU.blob.test.example/", Some(Grant::Bodies)),
            ("https://a.eu.blob.test.example/", None),
            ("https://blob.test.example/", None),
            ("https://.blob.test.example/", None),
            ("https://evilblob.test.example/", None),
            ("https://eu.blob.test.example.evil.test/", None),
            ("https://eu.blob.test.example:8443/", Some(Grant::Credential)),
        ];
        for (url, expected) in rows {
            let Ok(parsed) = Url::parse(url) else {
                assert_eq!(expected, None, "{url}");
                continue;
            };
            assert_eq!(list.grant(&parsed), expected, "{url}");
        }
        let list = AllowedOrigins::new()
            .allow("https://*.blob.test.example")
            .allow_credential("https://a.blob.test.example");
        let grant = |url| list.grant(&Url::parse(url).unwrap());
        assert_eq!(grant("https://a.blob.test.example"), Some(Grant::Credential));
        assert_eq!(grant("https://b.blob.test.example"), Some(Grant::Reads));
    }

    #[test]
    fn what_is_no_origin_is_a_mistake() {
        let rows = [
            ("cdn.test", Grant::Reads),
            ("https://cdn.test/files", Grant::Reads),
            ("https://a@cdn.test", Grant::Reads),
            ("ftp://cdn.test", Grant::Reads),
            ("https://cdn.test?a", Grant::Reads),
            ("https://*", Grant::Reads),
            ("https://*.test", Grant::Reads),
            ("https://*.", Grant::Reads),
            ("https://*cdn.example.test", Grant::Reads),
            ("https://cdn.*.example.test", Grant::Reads),
            ("https://*.*.example.test", Grant::Reads),
            ("https://%2A.*.example.test", Grant::Reads),
            ("https://cdn.test:*", Grant::Reads),
            ("*://cdn.test", Grant::Reads),
            ("https://*.blob.example.test", Grant::Credential),
        ];
        for (text, grant) in rows {
            assert!(Entry::parse(text, grant).is_err(), "{text}");
        }
    }
}
