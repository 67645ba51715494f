//! Idempotency keys: by which a server knows a request that it has seen.

use std::fmt::Write as _;

use http::HeaderValue;

use crate::error::{Error, ErrorKind, Result};

/// A key that nobody else makes: a random UUID (RFC 9562 §5.4).
pub(crate) fn fresh() -> Result<HeaderValue> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(ErrorKind::Configuration, "the system has no random numbers for an idempotency key")
            .caused_by(error.to_string().into())
    })?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        // Writing to a `String` can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(HeaderValue::try_from(text).expect("digits and hyphens are a header value"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_are_uuids_and_differ() {
        let keys: HashSet<_> = (0..1_000).map(|_| fresh().unwrap().to_str().unwrap().to_owned()).collect();
        assert_eq!(keys.len(), 1_000);
        for key in &keys {
            let parts: Vec<_> = key.split('-').map(str::len).collect();
            assert_eq!((parts.as_slice(), &key[14..15]), ([8, 4, 4, 4, 12].as_slice(), "4"), "{key}");
        }
    }
}
