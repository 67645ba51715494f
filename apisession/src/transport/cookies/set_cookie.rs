//! Whether a server may set a cookie.

use std::borrow::Cow;
use std::net::IpAddr;

use cookie_store::{Cookie, RawCookie};
use http::HeaderName;
use url::Url;
use zeroize::Zeroizing;

use super::date;

/// How long a cookie may be with its attributes, in bytes.
const MAX_COOKIE: usize = 4 * 1024;

/// Parses a `Set-Cookie` header of a response from `url` (RFC 6265 §5.2 and §5.3). The cookie is one of the host alone.
pub(super) fn parse(url: &Url, text: &[u8]) -> Option<Cookie<'static>> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= MAX_COOKIE)?;
    // A tab between attributes does no harm, and in a value it is no octet of a cookie.
    if text.contains(char::is_control) {
        return None;
    }
    let text = with_date(text);
    let mut raw = RawCookie::parse(Cow::Borrowed(text.as_str())).ok()?.into_owned();
    if HeaderName::try_from(raw.name()).is_err() {
        return None;
    }
    let is_https = url.scheme() == "https";
    let has_domain = raw.domain().is_some_and(|domain| !domain.is_empty());
    if has_domain && !covers(raw.domain()?, url.host_str()?) {
        return None;
    }
    if raw.secure() == Some(true) && !is_https {
        return None;
    }
    let name = raw.name().to_ascii_lowercase();
    let is_secure = raw.secure() == Some(true);
    let is_of_host = is_secure && !has_domain && raw.path() == Some("/");
    if name.starts_with("__secure-") && !is_secure || name.starts_with("__host-") && !is_of_host {
        return None;
    }
    raw.unset_domain();
    Cookie::try_from_raw_cookie(&raw, url).ok()
}

/// The same header, with the date of its `Expires` in the form that the crate reads. Servers write others.
fn with_date(text: &str) -> Zeroizing<String> {
    let mut parts = text.split(';');
    let mut written = Zeroizing::new(parts.next().unwrap_or_default().to_owned());
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        if !name.trim().eq_ignore_ascii_case("expires") {
            written.extend([";", part]);
        } else if let Some(end) = date::parse(value) {
            written.extend(["; Expires=", &httpdate::fmt_http_date(end)]);
        }
    }
    written
}

/// Whether the domain of a cookie is that of the host: itself, or one above that is no public suffix.
fn covers(domain: &str, host: &str) -> bool {
    let domain = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    if domain == host {
        return true;
    }
    let is_address = host.starts_with('[') || host.parse::<IpAddr>().is_ok();
    let is_above = host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
    let is_suffix = psl::suffix(domain.as_bytes()).is_none_or(|suffix| suffix == domain.as_bytes());
    !is_address && is_above && !is_suffix && !domain.is_empty()
}
