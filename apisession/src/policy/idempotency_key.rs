//! Idempotency keys, by which a server recognizes a repeated request.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::encode::random;
use crate::error::Result;

/// Returns the key in the header `name`. If there is no such header, inserts a random UUID.
pub(crate) fn ensure(headers: &mut HeaderMap, name: &'static str) -> Result<HeaderValue> {
    let name = HeaderName::from_static(name);
    if let Some(existing) = headers.get(&name) {
        return Ok(existing.clone());
    }
    let key = HeaderValue::try_from(random::uuid()?).expect("digits and hyphens are a header value");
    headers.insert(name, key.clone());
    Ok(key)
}
