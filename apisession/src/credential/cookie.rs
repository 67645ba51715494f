//! The cookies of a credential.

use http::HeaderName;

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
