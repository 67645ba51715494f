//! Selects the transport of a request: the session's own, or one that is mounted at a prefix of the URL.

use std::fmt;
use std::sync::Arc;

use url::Url;

use super::Transport;
use crate::encode::origin::{self, UrlError};

/// The transports of a session.
pub(crate) struct Mounts {
    /// The longest prefix first.
    mounts: Vec<(Prefix, Arc<dyn Transport>)>,
    own: Arc<dyn Transport>,
}

impl Mounts {
    /// Sorts the mounts by the lengths of their prefixes. Of two equal prefixes, the later mount takes precedence.
    pub(crate) fn new(own: Arc<dyn Transport>, mut mounts: Vec<(Prefix, Arc<dyn Transport>)>) -> Self {
        mounts.reverse();
        mounts.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.length()));
        Self { mounts, own }
    }

    /// The transport that sends a request to `url`.
    pub(crate) fn transport(&self, url: &Url) -> &Arc<dyn Transport> {
        let mounted = self.mounts.iter().find(|(prefix, _)| prefix.matches(url));
        mounted.map_or(&self.own, |(_, transport)| transport)
    }

    /// Closes the idle connections of all transports.
    pub(crate) fn close_idle(&self) {
        for transport in self.mounts.iter().map(|(_, transport)| transport).chain([&self.own]) {
            transport.close_idle();
        }
    }
}

/// A scheme, an origin, or a path on an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Scheme(&'static str),
    /// An origin with a path that does not end with a slash.
    Below(Box<Url>),
}

impl Prefix {
    /// Parses `https://`, `https://api.example.com` or `https://api.example.com/v2`. The error is a complete message.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "http://" => return Ok(Self::Scheme("http")),
            "https://" => return Ok(Self::Scheme("https")),
            _ => {}
        }
        let mut url = origin::bare_http_url(text).map_err(|error| match error {
            // The message does not quote the prefix, which may contain a password.
            UrlError::UserInfo => "the prefix of a mount has a user name or password; remove it".to_owned(),
            error => format!(
                "the prefix of a mount must be `https://` or an absolute URL; `{}` {error}",
                text.escape_debug()
            ),
        })?;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self::Below(Box::new(url)))
    }

    fn length(&self) -> usize {
        match self {
            Self::Scheme(_) => 0,
            Self::Below(url) => url.path().trim_end_matches('/').len() + 1,
        }
    }

    /// Whether the prefix matches `url`, by origin and whole segments: `https://a.com` does not match
    /// `https://a.com.evil.org`.
    fn matches(&self, url: &Url) -> bool {
        match self {
            Self::Scheme(scheme) => url.scheme() == *scheme,
            Self::Below(prefix) => {
                let rest = url.path().strip_prefix(prefix.path().trim_end_matches('/'));
                url.origin() == prefix.origin()
                    && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        }
    }
}

impl fmt::Debug for Mounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.mounts.iter().map(|(prefix, _)| prefix)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_matches_whole_segments_of_its_origin() {
        let rows = [
            ("https://", "https://a.com/x", true),
            ("https://", "http://a.com/x", false),
            ("https://a.com", "https://a.com/x", true),
            ("https://a.com", "https://A.com:443/", true),
            ("https://a.com", "https://a.com.evil.org/x", false),
            ("https://a.com", "https://a.com:8443/x", false),
            ("https://a.com", "http://a.com/x", false),
            ("https://a.com/v1", "https://a.com/v1", true),
            ("https://a.com/v1/", "https://a.com/v1/x", true),
            ("https://a.com/v1", "https://a.com/v10", false),
            ("https://a.com/v1", "https://a.com/V1", false),
        ];
        for (prefix, url, expected) in rows {
            let (parsed, url) = (Prefix::parse(prefix).unwrap(), Url::parse(url).unwrap());
            assert_eq!(parsed.matches(&url), expected, "{prefix} {url}");
        }
        for prefix in
            ["", "a.com", "ftp://a.com", "https://ana:pw@a.com", "https://a.com?x", "https://a.com#x"]
        {
            let message = Prefix::parse(prefix).unwrap_err();
            assert!(!message.contains("pw"), "{message}");
        }
    }
}
