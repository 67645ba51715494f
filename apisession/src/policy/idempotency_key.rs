//! Idempotency keys, by which a server recognizes a request that it has seen before.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::encode::random;
use crate::error::Result;

/// Returns the key in the header `name`: the caller's own, or a random UUID, which is inserted.
pub(crate) fn ensure(headers: &mut HeaderMap, name: &'static str) -> Result<HeaderValue> {
    let name = HeaderName::from_static(name);
    if let Some(own) = headers.get(&name) {
        return Ok(own.clone());
    }
    let key = HeaderValue::try_from(random::uuid()?).expect("digits and hyphens are a header value");
    headers.insert(name, key.clone());
    Ok(key)
}
