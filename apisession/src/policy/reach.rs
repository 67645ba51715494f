//! Which origins a request may reach, and what it may take along: the one guard of redirects, links and hooks.

use url::{Origin, Url};

use crate::encode::origin::{self, UrlError};

/// The origins of a call: its own, and those that may be reached without credentials.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) own: &'a Url,
    pub(crate) allowed: &'a [Origin],
}

/// What kind of origin a URL has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The call's own, which gets credentials, headers and cookies.
    Own,
    /// Another one, which gets none of them.
    Allowed,
}

/// Why a URL is not reached. It continues a sentence: "the redirect leads to …".
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error(
        "leads to `{0}`, another origin; `allowed_origins` can allow it, and no credential will go there"
    )]
    Origin(String),
    #[error(
        "is not the one that the credential was added for; a `per_call` middleware can change the path of a request"
    )]
    Changed,
}

impl Reach<'_> {
    /// Resolves `target` against `from`, without user name, password and fragment.
    pub(crate) fn resolve(&self, from: &Url, target: &str) -> Result<(Url, Reached), Refusal> {
        let mut url = from.join(target).map_err(UrlError::from)?;
        origin::check(&url)?;
        // User name and password from a server never become a credential. `http` and `https` URLs can have them removed.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_fragment(None);
        let reached = self.of(&url)?;
        Ok((url, reached))
    }

    /// What kind of origin `url` has.
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

/// Parses an origin as an author writes it: `https://cdn.example.com`.
pub(crate) fn allowed_origin(text: &str) -> Result<Origin, String> {
    let url = origin::bare_http_url(text).map_err(|error| match error {
        // It is not quoted, since it may hold a password.
        UrlError::UserInfo => {
            "an allowed origin has a user name or password; it is a scheme and a host".to_owned()
        }
        error => format!("the allowed origin `{}` {error}", text.escape_debug()),
    })?;
    if url.path() != "/" {
        let text = text.escape_debug();
        return Err(format!(
            "the allowed origin `{text}` has a path; write one like `https://cdn.example.com`"
        ));
    }
    Ok(url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_own_allowed_or_refused() {
        let own = Url::parse("https://api.test/v1/a").unwrap();
        let allowed = ["https://cdn.test", "http://localhost:8080"].map(|text| allowed_origin(text).unwrap());
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
            ("https://[", Err("is not a URL")),
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
            assert!(allowed_origin(text).is_err(), "{text}");
        }
    }
}
