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

/// Adds a cookie to the `Cookie` header, of which a request has one (RFC 6265 §5.4). Returns `false`, and adds nothing,
/// if the request already has a cookie of this name.
pub(super) fn add(headers: &mut HeaderMap, name: &str, value: &Secret) -> bool {
    let present = headers.get(header::COOKIE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_name = |cookie: &[u8]| {
        cookie.split(|byte| *byte == b'=').next().map(<[u8]>::trim_ascii) == Some(name.as_bytes())
    };
    if present.split(|byte| *byte == b';').any(is_name) {
        return false;
    }
    let separator: &[u8] = if present.is_empty() { b"" } else { b"; " };
    let all = Zeroizing::new([present, separator, name.as_bytes(), b"=", value.expose().as_bytes()].concat());
    // This can't fail: the name and the value were checked, and the rest is a header value already.
    let Ok(mut all) = HeaderValue::from_bytes(&all) else { return false };
    all.set_sensitive(true);
    headers.insert(header::COOKIE, all);
    true
}
