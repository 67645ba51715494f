//! Random bytes from the operating system, for values that must not be guessable.

use std::fmt;

/// The operating system returned no random bytes.
#[derive(Debug)]
pub(crate) struct RandomError(getrandom::Error);

impl fmt::Display for RandomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the operating system returned no random bytes: {}", self.0)
    }
}

impl std::error::Error for RandomError {}

/// Random bytes from the operating system.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(RandomError)?;
    Ok(bytes)
}

/// A random UUID (RFC 9562 §5.4).
pub(crate) fn uuid() -> Result<String, RandomError> {
    let mut bytes: [u8; 16] = bytes()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = super::hex::hex(&bytes);
    for at in [8, 13, 18, 23] {
        text.insert(at, '-');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn uuids_are_well_formed_and_differ() {
        let uuids: HashSet<_> = (0..1_000).map(|_| uuid().unwrap()).collect();
        assert_eq!(uuids.len(), 1_000);
        for uuid in &uuids {
            let parts: Vec<_> = uuid.split('-').map(str::len).collect();
            assert_eq!((parts.as_slice(), &uuid[14..15]), (&[8, 4, 4, 4, 12][..], "4"), "{uuid}");
            assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"), "{uuid}");
        }
    }
}
