//! Which origins a request may go to, and what it may take along: the one guard of redirects, links and hooks.

use url::{Host, Origin, Url};

/// Whether a URL leads to the machine that this runs on.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The origins of a call: the session's own, and those that may be reached without credentials.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) own: &'a Url,
    pub(crate) allowed: &'a [Origin],
}

/// What kind of place a URL is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The session's origin: credentials, headers and cookies are at home there.
    Own,
    /// Another one, which gets none of them.
    Allowed,
}

/// Why a URL is not reached.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error("is no URL: {0}")]
    Parse(#[from] url::ParseError),
    #[error("has the scheme `{0}`; only `http` and `https` can be called")]
    Scheme(String),
    #[error("leads to `{0}`, another origin; `allowed_origins` may name it, and no credential will go there")]
    Origin(String),
    #[error("names port 0, which can't be called")]
    Port,
    #[error(
        "is another than the one that the credential was added for; a middleware around the call can change its path"
    )]
    Changed,
}

impl Reach<'_> {
    /// The absolute URL that `target` stands for, seen from `from`, without user name, password and fragment.
    pub(crate) fn resolve(&self, from: &Url, target: &str) -> Result<(Url, Reached), Refusal> {
        let mut url = from.join(target)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme(url.scheme().chars().take(16).collect()));
        }
        if url.port() == Some(0) {
            return Err(Refusal::Port);
        }
        // What a server writes there never becomes a credential. `http` and `https` URLs can have them taken away.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_fragment(None);
        let reached = self.of(&url)?;
        Ok((url, reached))
    }

    /// What kind of place `url` is.
    pub(crate) fn of(&self, url: &Url) -> Result<Reached, Refusal> {
        let origin = url.origin();
        if origin == self.own.origin() {
            return Ok(Reached::Own);
        }
        if self.allowed.contains(&origin) {
            return Ok(Reached::Allowed);
        }
        Err(Refusal::Origin(origin.ascii_serialization()))
    }
}

/// Reads an origin as an author writes it: `https://cdn.example.com`.
pub(crate) fn parse(text: &str) -> Result<Origin, String> {
    let url = Url::parse(text).map_err(|error| format!("the allowed origin `{text}` is no URL: {error}"))?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if !matches!(url.scheme(), "http" | "https") || !bare || url.password().is_some() {
        return Err("an allowed origin is a scheme and a host, as `https://cdn.example.com`".to_owned());
    }
    Ok(url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_own_allowed_or_refused() {
        let own = Url::parse("https://api.test/v1/a").unwrap();
        let allowed = ["https://cdn.test", "http://localhost:8080"].map(|text| parse(text).unwrap());
        let reach = Reach { own: &own, allowed: &allowed };
        let rows = [
            ("/b", Ok(("https://api.test/b", Reached::Own))),
            ("b?c=d#e", Ok(("https://api.test/v1/b?c=d", Reached::Own))),
            ("https://API.test:443/b", Ok(("https://api.test/b", Reached::Own))),
            ("https://ana:s3cret@api.test/b", Ok(("https://api.test/b", Reached::Own))),
            ("https://cdn.test/b", Ok(("https://cdn.test/b", Reached::Allowed))),
            ("//cdn.test/b", Ok(("https://cdn.test/b", Reached::Allowed))),
            ("http://localhost:8080/b", Ok(("http://localhost:8080/b", Reached::Allowed))),
            ("https://api.test.evil.test/", Err("`https://api.test.evil.test`")),
            ("https://api.test@evil.test/", Err("`https://evil.test`")),
            ("//evil.test/", Err("`https://evil.test`")),
            ("/\\evil.test/", Err("`https://evil.test`")),
            ("\\\\evil.test\\", Err("`https://evil.test`")),
            ("https://api.test./b", Err("`https://api.test.`")),
            ("https://api.test:8443/", Err("`https://api.test:8443`")),
            ("http://api.test/", Err("`http://api.test`")),
            ("https://аpi.test/", Err("`https://xn--pi-6kc.test`")),
            ("http://cdn.test/", Err("`http://cdn.test`")),
            ("file:///etc/passwd", Err("scheme `file`")),
            ("javascript:alert(1)", Err("scheme `javascript`")),
            ("https://[", Err("is no URL")),
            ("https://api.test:0/", Err("port 0")),
        ];
        for (target, expected) in rows {
            match (reach.resolve(&own, target), expected) {
                (Ok((url, reached)), Ok(expected)) => {
                    assert_eq!((url.as_str(), reached), expected, "{target}");
                }
                (Err(refusal), Err(expected)) => {
                    assert!(refusal.to_string().contains(expected), "{target}: {refusal}");
                }
                (found, expected) => panic!("{target}: {found:?} is not {expected:?}"),
            }
        }
    }

    #[test]
    fn an_allowed_origin_is_nothing_more() {
        for text in [
            "cdn.test",
            "https://cdn.test/files",
            "https://a@cdn.test",
            "ftp://cdn.test",
            "https://cdn.test?a",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
