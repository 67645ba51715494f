//! Parses and checks absolute `http` and `https` URLs that authors write.

use super::messages::messages;
use url::{Host, ParseError, Url};

messages! {
    /// Why a URL can't be called. The message continues a sentence: "`base_url` has …".
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum UrlError {
        Parse(error: ParseError) = "is not a URL: {error}",
        Scheme(found: String) = "has the scheme `{found}`; only `http` and `https` can be called",
        Port = "has port 0, which can't be called",
        UserInfo = "has a user name or password; send them as a credential or a header",
        Query = "has a query",
        Fragment = "has a fragment, which is never sent",
    }
}

impl From<ParseError> for UrlError {
    fn from(error: ParseError) -> Self {
        Self::Parse(error)
    }
}

/// Parses an absolute `http` or `https` URL. A user name or a password is an error.
pub(crate) fn http_url(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text)?;
    check(&url)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::UserInfo);
    }
    Ok(url)
}

/// Parses an absolute `http` or `https` URL. A user name, a password, a query, or a fragment is an error.
pub(crate) fn bare_http_url(text: &str) -> Result<Url, UrlError> {
    let url = http_url(text)?;
    if url.query().is_some() {
        return Err(UrlError::Query);
    }
    if url.fragment().is_some() {
        return Err(UrlError::Fragment);
    }
    Ok(url)
}

/// Checks that a URL with this scheme and port can be called.
pub(crate) fn check(url: &Url) -> Result<(), UrlError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme(url.scheme().chars().take(16).collect()));
    }
    if url.port() == Some(0) {
        return Err(UrlError::Port);
    }
    Ok(())
}

/// Whether the host of a URL is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a name in lower case is one of this machine, which is not looked up (RFC 6761 §6.3).
pub(crate) fn is_loopback_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether `url` is plain HTTP to another machine, so that anybody on the way can read and change what is sent.
pub(crate) fn is_plain_remote(url: &Url) -> bool {
    url.scheme() == "http" && !is_loopback(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_absolute_http_url_without_user_query_or_fragment_is_accepted() {
        let rows = [
            ("https://x.test/v1", Ok("https://x.test/v1")),
            ("HTTP://X.test:80", Ok("http://x.test/")),
            ("x.test", Err("is not a URL")),
            ("/v1", Err("is not a URL")),
            ("ftp://x.test", Err("`ftp`")),
            ("https://x.test:0/", Err("port 0")),
            ("https://ana@x.test", Err("user name")),
            ("https://ana:s3cret@x.test", Err("user name")),
            ("https://x.test?a", Err("query")),
            ("https://x.test#a", Err("fragment")),
        ];
        for (text, expected) in rows {
            match (bare_http_url(text), expected) {
                (Ok(url), Ok(expected)) => assert_eq!(url.as_str(), expected),
                (Err(error), Err(expected)) => {
                    let error = error.to_string();
                    assert!(error.contains(expected) && !error.contains("s3cret"), "{text}: {error}");
                }
                (found, expected) => panic!("{text}: {found:?} is not {expected:?}"),
            }
        }
    }

    #[test]
    fn plain_http_is_remote_unless_the_host_is_loopback() {
        let rows = [
            ("http://localhost:8080", false),
            ("http://a.localhost", false),
            ("http://A.B.LocalHost.", false),
            ("http://localhost..", true),
            ("http://alocalhost", true),
            ("http://127.8.8.8", false),
            ("http://[::1]/", false),
            ("https://x.test", false),
            ("http://x.test", true),
            ("http://localhost.evil.test", true),
            ("http://10.0.0.1", true),
        ];
        for (url, expected) in rows {
            assert_eq!(is_plain_remote(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
