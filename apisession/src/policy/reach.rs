//! Checks to which origins a request may be sent, and whether with credentials. Redirects, links, and hooks all use it.

use url::{Origin, Url};

use crate::encode::origin::{self, UrlError};

/// The origins to which a call may send requests: its own, and those that receive no credentials.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) own: &'a Url,
    pub(crate) allowed: &'a [Origin],
}

/// The kind of the origin of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The origin of the call, which receives credentials, headers, and cookies.
    Own,
    /// Another origin that is allowed. It receives none of them.
    Allowed,
}

/// Why no request is sent to a URL. The message continues a sentence: "the redirect leads to …".
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    #[error(transparent)]
    Url(#[from] UrlError),
    #[error("leads to `{0}`, another origin; add it to `allowed_origins` to allow it, without credentials")]
    Origin(String),
    #[error("is not the URL that the credential was attached for; change it in a `per_call` middleware")]
    Changed,
}

impl Reach<'_> {
    /// Resolves `target` against `from`, and checks its origin. User name, password, and fragment are removed.
    pub(crate) fn resolve(&self, from: &Url, target: &str) -> Result<(Url, Reached), Refusal> {
        let mut url = from.join(target).map_err(UrlError::from)?;
        origin::check(&url)?;
        // A user name and a password in a redirect or a link must not become a credential. Removing them can't fail for
        // `http` and `https`.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_fragment(None);
        let reached = self.of(&url)?;
        Ok((url, reached))
    }

    /// The kind of the origin of `url`. An origin that is not allowed is an error.
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

/// Parses an origin in the list of an author: `https://cdn.example.com`. The error is a complete message.
pub(crate) fn allowed_origin(text: &str) -> Result<Origin, String> {
    let url = origin::bare_http_url(text).map_err(|error| match error {
        // The text is not quoted, since it can contain a password.
        UrlError::UserInfo => {
            "an allowed origin has a user name or password; write one like `https://cdn.example.com`"
                .to_owned()
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
    fn a_target_of_another_origin_is_refused_unless_it_is_allowed() {
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
    fn an_allowed_origin_is_scheme_host_and_port_only() {
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
