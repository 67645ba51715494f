//! The `Cookie` header of a request.

use http::{HeaderMap, HeaderValue, header};
use zeroize::Zeroizing;

use crate::redact::Secret;

/// Sets a cookie in place of those of its name, and joins all cookies in one `Cookie` header (RFC 6265 §5.4).
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &Secret) {
    join(headers, |cookie| name_of(cookie) != name.as_bytes(), Some((name, value)));
}

/// Adds a cookie to the cookies of a request, and joins all of them. Returns `false`, and does not add it, if the request already has a
/// cookie of this name.
pub(crate) fn add(headers: &mut HeaderMap, name: &str, value: &Secret) -> bool {
    let is_set = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(cookies)
        .any(|cookie| name_of(cookie) == name.as_bytes());
    if is_set && headers.get_all(header::COOKIE).iter().count() == 1 {
        return false;
    }
    join(headers, |_| true, Some((name, value)).filter(|_| !is_set));
    !is_set
}

/// Joins the cookies of a request that `stay`, and another one, in one header.
fn join(headers: &mut HeaderMap, stay: impl Fn(&[u8]) -> bool, another: Option<(&str, &Secret)>) {
    let another = another
        .map(|(name, value)| Zeroizing::new([name.as_bytes(), b"=", value.expose().as_bytes()].concat()));
    let present = headers.get_all(header::COOKIE).iter().flat_map(cookies).filter(|cookie| stay(cookie));
    let all: Vec<_> = present.chain(another.as_ref().map(|cookie| cookie.as_slice())).collect();
    let all = Zeroizing::new(all.join(&b"; "[..]));
    // This can't fail: the name and the value were checked, and the rest are header values already.
    let Ok(mut all) = HeaderValue::from_bytes(&all) else { return };
    all.set_sensitive(true);
    headers.insert(header::COOKIE, all);
}

fn name_of(cookie: &[u8]) -> &[u8] {
    cookie.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii()
}

/// The cookies in the value of a header.
fn cookies(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let cookies = value.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    cookies.filter(|cookie| !cookie.is_empty())
}
