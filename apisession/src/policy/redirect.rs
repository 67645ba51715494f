//! Where a redirect leads, and what goes there: values in, values out.

use http::{HeaderMap, HeaderName, Method, StatusCode, header};
use url::Url;

use super::reach::{Reach, Reached, Refusal};

/// How many redirects a GET or a HEAD follows.
pub(crate) const MAX_REDIRECTS: u32 = 10;
/// How long a `Location` may be, in bytes.
const MAX_LOCATION: usize = 8 * 1024;

/// The next request of a chain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) url: Url,
    pub(crate) method: Method,
    pub(crate) keeps_body: bool,
    pub(crate) reached: Reached,
}

/// Why a redirect is not followed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum RedirectError {
    #[error("the redirect has no `Location`")]
    Missing,
    #[error("the `Location` of the redirect is longer than 8 KiB")]
    Long,
    #[error("the `Location` of the redirect holds a control character, or is not UTF-8")]
    Control,
    #[error("the redirect leads from `https` to `http`, where anybody can read along")]
    Insecure,
    #[error("the redirect {0}")]
    Refused(Refusal),
    #[error("the redirect would send the body to another origin; `redirects = off` or another URL avoids it")]
    Body,
    #[error(
        "the redirect asks for the body again, which is a stream and was sent already (`Body::rewindable` makes it anew)"
    )]
    Spent,
    #[error("more than {0} redirects (`redirects`)")]
    TooMany(u32),
}

/// Whether an answer is a redirect that can be followed.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// How many redirects a request follows where nobody says it: only what is safe goes on by itself.
pub(crate) fn max_redirects(said: Option<u32>, method: &Method) -> u32 {
    let safe = matches!(*method, Method::GET | Method::HEAD);
    said.unwrap_or(if safe { MAX_REDIRECTS } else { 0 })
}

/// The request after a redirect, the `hops`-th of at most `max`.
pub(crate) fn follow(
    (status, headers): (StatusCode, &HeaderMap),
    (method, url): (&Method, &Url),
    reach: &Reach<'_>,
    (hops, max): (u32, u32),
) -> Result<Hop, RedirectError> {
    let target = location(headers)?;
    let (target, reached) = reach.resolve(url, target).map_err(RedirectError::Refused)?;
    if url.scheme() == "https" && target.scheme() == "http" {
        return Err(RedirectError::Insecure);
    }
    let (method, keeps_body) = rewritten(status, method);
    if keeps_body && reached == Reached::Allowed && !matches!(method, Method::GET | Method::HEAD) {
        return Err(RedirectError::Body);
    }
    if hops > max {
        return Err(RedirectError::TooMany(max));
    }
    Ok(Hop { url: target, method, keeps_body, reached })
}

fn location(headers: &HeaderMap) -> Result<&str, RedirectError> {
    let value = headers.get(header::LOCATION).ok_or(RedirectError::Missing)?;
    if value.len() > MAX_LOCATION {
        return Err(RedirectError::Long);
    }
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| RedirectError::Control)?;
    if text.chars().any(char::is_control) { Err(RedirectError::Control) } else { Ok(text) }
}

/// The method after a redirect, and whether the body goes along (RFC 9110 §15.4): 303 asks for a GET; 301 and 302 make
/// a GET of a POST, as every browser does, and 302 of other writes too; 307 and 308 change nothing.
fn rewritten(status: StatusCode, method: &Method) -> (Method, bool) {
    let asks = match (status.as_u16(), method) {
        (_, &Method::GET | &Method::HEAD) => return (method.clone(), true),
        (302 | 303, _) | (301, &Method::POST) => true,
        _ => false,
    };
    if asks { (Method::GET, false) } else { (method.clone(), true) }
}

/// What is left of the headers of a request that goes to another origin: what the other side may know of anybody.
pub(crate) fn strip(headers: &mut HeaderMap) {
    const STAY: [HeaderName; 11] = [
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
    ];
    let all: Vec<_> = headers.keys().cloned().collect();
    for name in all.iter().filter(|name| !STAY.contains(name)) {
        headers.remove(name);
    }
}

/// Takes off what describes a body that does not go along.
pub(crate) fn without_body(headers: &mut HeaderMap) {
    for name in
        [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LOCATION]
    {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_rewritten_as_browsers_do_and_no_body_is_lost() {
        let table = [
            ("GET", ["GET", "GET", "GET", "GET", "GET"]),
            ("HEAD", ["HEAD", "HEAD", "HEAD", "HEAD", "HEAD"]),
            ("POST", ["GET", "GET", "GET", "POST+", "POST+"]),
            ("PUT", ["PUT+", "GET", "GET", "PUT+", "PUT+"]),
            ("PATCH", ["PATCH+", "GET", "GET", "PATCH+", "PATCH+"]),
            ("DELETE", ["DELETE+", "GET", "GET", "DELETE+", "DELETE+"]),
        ];
        for (method, expected) in table {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let found = [301, 302, 303, 307, 308].map(|status| {
                let (to, keeps) = rewritten(StatusCode::from_u16(status).unwrap(), &method);
                let is_read = matches!(method, Method::GET | Method::HEAD);
                format!("{to}{}", if keeps && !is_read { "+" } else { "" })
            });
            assert_eq!(found, expected, "{method}");
        }
    }
}
