//! The request that a redirect asks for: its URL, its method, its headers, and whether it keeps the body.

use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use url::Url;

use super::reach::{Reach, Refusal};
use crate::encode::messages;
use crate::message::location::{self, LocationError};
use crate::message::method;

/// The default number of redirects that a request which only reads follows.
pub(crate) const MAX_REDIRECTS: u32 = 10;

/// The request that follows a redirect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NextRequest {
    pub(crate) url: Url,
    pub(crate) method: Method,
    pub(crate) keeps_body: bool,
}

messages! {
    /// Why a redirect is not followed.
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum RedirectError {
        Location(error: LocationError) = "the redirect {error}",
        Insecure = "the redirect leads from `https` to `http`, which is not encrypted",
        Refused(error: Refusal) = "the redirect {error}",
        Spent = "the redirect requires the body again, but the stream was already sent (`Body::rewindable` can be sent again)",
        Unkeyed =
            "the redirect leads to an origin that does not get the idempotency key, and an earlier attempt may have been processed",
        TooMany(found: u32) = "more than {found} redirects; raise `redirects` to allow more",
    }
}

impl From<LocationError> for RedirectError {
    fn from(error: LocationError) -> Self {
        Self::Location(error)
    }
}

/// Whether a response is a redirect that can be followed.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The number of redirects that a request follows: the configured one, or else 10 for GET, HEAD and QUERY and 0 for
/// other methods. By default, only requests that change nothing are redirected.
pub(crate) fn max_redirects(configured: Option<u32>, method: &Method) -> u32 {
    configured.unwrap_or(if method::is_read(method) { MAX_REDIRECTS } else { 0 })
}

/// Why a redirect is returned if a request follows none, and the way out.
pub(crate) fn not_followed(method: &Method) -> String {
    format!("redirects of this {method} are not followed; set `redirects` to allow some")
}

/// The request after a redirect, which is the redirect number `count` of at most `max`.
pub(crate) fn follow(
    (status, headers): (StatusCode, &HeaderMap),
    (method, url): (&Method, &Url),
    has_body: bool,
    reach: &Reach<'_>,
    (count, max): (u32, u32),
) -> Result<NextRequest, RedirectError> {
    let target = location::text(headers)?;
    let (target, _) = reach.resolve(url, &target).map_err(RedirectError::Refused)?;
    if url.scheme() == "https" && target.scheme() == "http" {
        return Err(RedirectError::Insecure);
    }
    let (method, keeps_body) = rewrite(status, method);
    reach.admit(&target, &method, keeps_body && has_body).map_err(RedirectError::Refused)?;
    if count > max {
        return Err(RedirectError::TooMany(max));
    }
    Ok(NextRequest { url: target, method, keeps_body })
}

/// The method after a redirect, and whether the body is kept (RFC 9110 §15.4).
///
/// A GET or a HEAD stays as it is. 303 changes any other method to GET. 301 and 302 change POST to GET, as all browsers
/// do, and 302 also changes other methods to GET, but not QUERY (RFC 10008). 307 and 308 keep method and body.
fn rewrite(status: StatusCode, method: &Method) -> (Method, bool) {
    let becomes_get = match (status.as_u16(), method) {
        (_, &Method::GET | &Method::HEAD) => false,
        (303, _) | (301, &Method::POST) => true,
        (302, method) => *method != Method::QUERY,
        _ => false,
    };
    if becomes_get { (Method::GET, false) } else { (method.clone(), true) }
}

/// Removes the headers that must not be sent to another origin: all but a few that contain nothing confidential.
pub(crate) fn strip(headers: &mut HeaderMap) {
    const KEPT: [HeaderName; 13] = [
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::ACCEPT_LANGUAGE,
        header::USER_AGENT,
        header::RANGE,
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_UNMODIFIED_SINCE,
        header::IF_RANGE,
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::CONTENT_RANGE,
    ];
    let names: Vec<_> = headers.keys().cloned().collect();
    for name in names.iter().filter(|name| !KEPT.contains(name)) {
        headers.remove(name);
    }
}

/// Removes the headers that describe a body, for a request that does not keep it.
pub(crate) fn without_body(headers: &mut HeaderMap) {
    for name in [
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::CONTENT_LANGUAGE,
        header::CONTENT_LOCATION,
        header::CONTENT_RANGE,
    ] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_rewritten_as_by_browsers_and_a_body_is_dropped_only_for_get() {
        let table = [
            ("GET", ["GET", "GET", "GET", "GET", "GET"]),
            ("HEAD", ["HEAD", "HEAD", "HEAD", "HEAD", "HEAD"]),
            ("POST", ["GET", "GET", "GET", "POST+", "POST+"]),
            ("PUT", ["PUT+", "GET", "GET", "PUT+", "PUT+"]),
            ("PATCH", ["PATCH+", "GET", "GET", "PATCH+", "PATCH+"]),
            ("DELETE", ["DELETE+", "GET", "GET", "DELETE+", "DELETE+"]),
            ("QUERY", ["QUERY+", "QUERY+", "GET", "QUERY+", "QUERY+"]),
        ];
        for (method, expected) in table {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let found = [301, 302, 303, 307, 308].map(|status| {
                let (to, keeps) = rewrite(StatusCode::from_u16(status).unwrap(), &method);
                let is_read = matches!(method, Method::GET | Method::HEAD);
                format!("{to}{}", if keeps && !is_read { "+" } else { "" })
            });
            assert_eq!(found, expected, "{method}");
        }
    }
}
