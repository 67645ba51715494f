//! The format of cookie files: JSON, in which no value can be taken for another cookie.

use std::time::{Duration, SystemTime};

use http::HeaderName;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::StoredCookie;
use crate::redact::Secret;

/// The version of the format.
const VERSION: u64 = 1;

/// The text of a file.
pub(super) fn text(cookies: &[StoredCookie]) -> Zeroizing<String> {
    let cookies: Vec<_> = cookies.iter().map(written).collect();
    Zeroizing::new(format!("{:#}\n", json!({ "version": VERSION, "cookies": cookies })))
}

fn written(cookie: &StoredCookie) -> Value {
    let end = cookie.expires.and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok());
    json!({
        "host": cookie.host,
        "path": cookie.path,
        "name": cookie.name,
        "value": cookie.value.expose(),
        "secure": cookie.secure,
        "http_only": cookie.http_only,
        "expires": end.map(|end| end.as_secs()),
    })
}

/// The cookies of a file. The error continues a sentence, and quotes nothing.
pub(super) fn parse(file: &[u8]) -> Result<Vec<StoredCookie>, String> {
    let file: Map<String, Value> =
        serde_json::from_slice(file).map_err(|error| format!("is no valid JSON in line {}", error.line()))?;
    if file.get("version").and_then(Value::as_u64) != Some(VERSION) {
        return Err("has another version than 1".to_owned());
    }
    let cookies = file.get("cookies").and_then(Value::as_array).ok_or("has no list of cookies")?;
    let read = cookies.iter().enumerate().map(|(index, cookie)| {
        read(cookie).ok_or_else(|| format!("has a cookie, number {}, that is not valid", index + 1))
    });
    read.collect()
}

fn read(cookie: &Value) -> Option<StoredCookie> {
    let text = |name: &str| cookie.get(name)?.as_str().map(str::to_owned);
    let flag = |name: &str| cookie.get(name)?.as_bool();
    let expires = match cookie.get("expires")? {
        Value::Null => None,
        end => Some(SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end.as_u64()?))?),
    };
    // The end of the year 9999, which is the last that an HTTP-date can have.
    let is_date = expires.is_none_or(|end| {
        end.duration_since(SystemTime::UNIX_EPOCH).is_ok_and(|since| since.as_secs() < 253_402_300_800)
    });
    let (host, path, name, value) = (text("host")?, text("path")?, text("name")?, text("value")?);
    let is_plain =
        |text: &str| text == text.trim() && !text.contains(';') && !text.contains(char::is_control);
    let is_valid =
        HeaderName::try_from(&name).is_ok() && path.starts_with('/') && is_plain(&path) && is_plain(&value);
    let (secure, http_only) = (flag("secure")?, flag("http_only")?);
    let cookie = StoredCookie { host, path, name, value: Secret::new(value), secure, http_only, expires };
    (is_valid && is_date && cookie.url().is_some()).then_some(cookie)
}
