//! Cookies of a credential.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::redact::Secret;

/// Checks the name and the value of a cookie (RFC 6265 §4.1.1).
pub(super) fn check(name: &str, value: &Secret) -> Result<()> {
    let is_value = |byte: u8| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte);
    if HeaderName::try_from(name).is_err() || !value.expose().bytes().all(is_value) {
        let name = name.escape_default();
        return Err(Error::argument(format!(
            "the cookie `{name}` has a name or a value that no cookie can have"
        )));
    }
    Ok(())
}

/// Adds a cookie to those of the request, which are one header (RFC 6265 §5.4). Returns `false` if there is one of this name.
pub(super) fn add(headers: &mut HeaderMap, name: &str, value: &Secret) -> bool {
    let present = headers.get(header::COOKIE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_name = |cookie: &[u8]| {
        cookie.split(|byte| *byte == b'=').next().map(<[u8]>::trim_ascii) == Some(name.as_bytes())
    };
    if present.split(|byte| *byte == b';').any(is_name) {
        return false;
    }
    let join: &[u8] = if present.is_empty() { b"" } else { b"; " };
    let all = Zeroizing::new([present, join, name.as_bytes(), b"=", value.expose().as_bytes()].concat());
    // Name and value were checked, and the others were in the header already.
    let Ok(mut all) = HeaderValue::from_bytes(&all) else { return false };
    all.set_sensitive(true);
    headers.insert(header::COOKIE, all);
    true
}
