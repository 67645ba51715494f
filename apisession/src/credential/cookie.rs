//! The cookies of a credential.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use super::check;
use crate::error::{Error, Result};
use crate::redact::Secret;

/// Checks the name and the value of a cookie (RFC 6265 §4.1.1).
pub(super) fn checked(name: &str, value: &Secret) -> Result<()> {
    let is_value = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
    let shown = name.escape_default();
    if HeaderName::try_from(name).is_err() {
        return Err(Error::argument(format!("`{shown}` is not a valid name of a cookie")));
    }
    let wrong = |why| Error::argument(format!("the value of the cookie `{shown}` {why}"));
    check::key(value.expose()).map_err(wrong)?;
    if !value.expose().bytes().all(is_value) {
        return Err(Error::argument(format!(
            "the value of the cookie `{shown}` contains a character that no cookie has, such as a space or a semicolon; \
             remove or encode it"
        )));
    }
    Ok(())
}

/// Adds a cookie to the cookies of a request, and joins all of them in one `Cookie` header (RFC 6265 §5.4). Returns `false`, and does
/// not add it, if the request already has a cookie of this name.
pub(super) fn add(headers: &mut HeaderMap, name: &str, value: &Secret) -> bool {
    let present: Vec<_> = headers.get_all(header::COOKIE).iter().flat_map(cookies).collect();
    let is_name = |cookie: &&[u8]| {
        cookie.split(|byte| *byte == b'=').next().map(<[u8]>::trim_ascii) == Some(name.as_bytes())
    };
    let is_set = present.iter().any(is_name);
    if is_set && headers.get_all(header::COOKIE).iter().count() == 1 {
        return false;
    }
    let own = Zeroizing::new([name.as_bytes(), b"=", value.expose().as_bytes()].concat());
    let all: Vec<_> = present.into_iter().chain((!is_set).then_some(own.as_slice())).collect();
    let all = Zeroizing::new(all.join(&b"; "[..]));
    // This can't fail: the name and the value were checked, and the rest are header values already.
    let Ok(mut all) = HeaderValue::from_bytes(&all) else { return false };
    all.set_sensitive(true);
    headers.insert(header::COOKIE, all);
    !is_set
}

/// The cookies in the value of a header.
fn cookies(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let cookies = value.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    cookies.filter(|cookie| !cookie.is_empty())
}
