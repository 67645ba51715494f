//! Decides which URLs a request may be sent to, and what goes along. Redirects, links, and hooks all use it.

use http::Method;
use url::Url;

use super::allowed_origins::{AllowedOrigins, Grant};
use crate::encode::messages;
use crate::encode::origin::{self, UrlError};

/// The origins to which a call may send requests: its own, and those that its levels allow.
#[derive(Debug)]
pub(crate) struct Reach<'a> {
    pub(crate) own: &'a Url,
    /// The session's origin and what goes along there, if the call was declared at another.
    pub(crate) session: Option<(&'a Url, Grant)>,
    pub(crate) allowed: &'a AllowedOrigins,
}

/// The kind of the origin of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The origin of the call, which receives credentials, headers, and cookies.
    Own,
    /// Another origin that is allowed.
    Allowed(Grant),
}

messages! {
    /// Why no request is sent to a URL. The message continues a sentence: "the redirect leads to …".
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum Refusal {
        Url(error: UrlError) = "{error}",
        Origin(found: String) = "leads to `{found}`, another origin; add it to `allowed_origins` to allow it, without credentials",
        Body { what: String, origin: String } =
            "would send {what} to `{origin}`, another origin; allow it by `allowed_origins(\"{origin}\" = bodies)`",
        Changed = "is not the URL that the credential was attached for; change it in a `per_call` middleware",
    }
}

impl From<UrlError> for Refusal {
    fn from(error: UrlError) -> Self {
        Self::Url(error)
    }
}

impl Reached {
    /// Whether the session's headers and its credential go along.
    pub(crate) fn is_trusted(self) -> bool {
        matches!(self, Self::Own | Self::Allowed(Grant::Credential))
    }
}

impl Reach<'_> {
    /// Resolves `target` against `from`. User name, password, and fragment are removed.
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
        if url.origin() == self.own.origin() {
            return Ok(Reached::Own);
        }
        let refused = || Refusal::Origin(url.origin().ascii_serialization());
        let back = self.session.filter(|(session, _)| session.origin() == url.origin());
        let grant = back.map(|(_, grant)| grant).max(self.allowed.grant(url));
        grant.map(Reached::Allowed).ok_or_else(refused)
    }

    /// Like [`of`](Self::of), for a request of this method, with or without a body.
    pub(crate) fn admit(&self, url: &Url, method: &Method, has_body: bool) -> Result<Reached, Refusal> {
        let reached = self.of(url)?;
        let is_read = matches!(*method, Method::GET | Method::HEAD) && !has_body;
        if reached == Reached::Allowed(Grant::Reads) && !is_read {
            let what = if has_body { "the body".to_owned() } else { format!("a {method}") };
            return Err(Refusal::Body { what, origin: url.origin().ascii_serialization() });
        }
        Ok(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_of_another_origin_is_refused_unless_it_is_allowed() {
        let own = Url::parse("https://api.test/v1/a").unwrap();
        let allowed = AllowedOrigins::from(&["https://cdn.test", "http://localhost:8080"]);
        let reach = Reach { own: &own, session: None, allowed: &allowed };
        let rows = [
            ("/b", Ok(("https://api.test/b", Reached::Own))),
            ("b?c=d#e", Ok(("https://api.test/v1/b?c=d", Reached::Own))),
            ("https://API.test:443/b", Ok(("https://api.test/b", Reached::Own))),
            ("https://ana:s3cret@api.test/b", Ok(("https://api.test/b", Reached::Own))),
            ("https://cdn.test/b", Ok(("https://cdn.test/b", Reached::Allowed(Grant::Reads)))),
            ("//cdn.test/b", Ok(("https://cdn.test/b", Reached::Allowed(Grant::Reads)))),
            ("http://localhost:8080/b", Ok(("http://localhost:8080/b", Reached::Allowed(Grant::Reads)))),
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
}
