//! The cookies of a credential.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use super::check;
use crate::error::{Error, Result};
use crate::redact::Secret;

/// Checks the name and the value of a credential's cookie (RFC 6265 §4.1.1).
pub(super) fn checked(name: &str, value: &Secret) -> Result<()> {
    let shown = name.escape_default();
    if HeaderName::try_from(name).is_err() {
        return Err(Error::argument(format!("`{shown}` is not a valid name of a cookie")));
    }
    let wrong = |why| Error::argument(format!("the value of the cookie `{shown}` {why}"));
    check::key(value.expose()).map_err(wrong)?;
    check_octets(name, value)
}

/// Checks the value of a cookie (RFC 6265 §4.1.1).
pub(crate) fn check_octets(name: &str, value: &Secret) -> Result<()> {
    let is_octet = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
    if value.expose().bytes().all(is_octet) {
        return Ok(());
    }
    let shown = name.escape_default();
    Err(Error::argument(format!(
        "the value of the cookie `{shown}` contains a character that no cookie has, such as a space or a semicolon; remove or encode \
         it"
    )))
}

/// Sets a cookie in place of those of its name, and joins all cookies in one `Cookie` header (RFC 6265 §5.4).
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &Secret) {
    join(headers, |cookie| name_of(cookie) != name.as_bytes(), Some((name, value)));
}

/// Adds a cookie to the cookies of a request, and joins all of them. Returns `false`, and does not add it, if the request already has a
/// cookie of this name.
pub(super) fn add(headers: &mut HeaderMap, name: &str, value: &Secret) -> bool {
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
