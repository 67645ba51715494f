//! Which transport a request goes through: the session's own, or one that is mounted at a prefix of its URL.

use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::transport::Transport;

/// The transports of a session, the longest prefix first.
pub(crate) struct Mounts {
    mounts: Vec<(Prefix, Arc<dyn Transport>)>,
    own: Arc<dyn Transport>,
}

impl Mounts {
    /// Sorts what was mounted. Of two equal prefixes the one that was mounted later stands.
    pub(crate) fn new(own: Arc<dyn Transport>, mut mounts: Vec<(Prefix, Arc<dyn Transport>)>) -> Self {
        mounts.reverse();
        mounts.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.length()));
        Self { mounts, own }
    }

    pub(crate) fn of(&self, url: &Url) -> &dyn Transport {
        let mounted = self.mounts.iter().find(|(prefix, _)| prefix.matches(url));
        mounted.map_or(&*self.own, |(_, transport)| &**transport)
    }
}

/// A scheme, an origin, or a path on an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Scheme(&'static str),
    /// An origin with a path that has no slash at its end.
    Place(Box<Url>),
}

impl Prefix {
    /// `https://`, `https://api.example.com` or `https://api.example.com/v2`. The error is a sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why| format!("`{}` can't be mounted at: {why}", text.escape_debug());
        match text {
            "http://" => return Ok(Self::Scheme("http")),
            "https://" => return Ok(Self::Scheme("https")),
            _ => {}
        }
        let mut url = Url::parse(text).map_err(|_| refuse("a prefix is `https://` or an absolute URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("its scheme is neither `http` nor `https`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a prefix to mount at has a user name or password, which it can't match by".into());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("a prefix ends with its path"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self::Place(Box::new(url)))
    }

    fn length(&self) -> usize {
        match self {
            Self::Scheme(_) => 0,
            Self::Place(url) => url.path().trim_end_matches('/').len() + 1,
        }
    }

    /// By origin and whole segments, not by letters: `https://a.com` is no prefix of `https://a.com.evil.org`.
    fn matches(&self, url: &Url) -> bool {
        match self {
            Self::Scheme(scheme) => url.scheme() == *scheme,
            Self::Place(place) => {
                let rest = url.path().strip_prefix(place.path().trim_end_matches('/'));
                url.origin() == place.origin()
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
