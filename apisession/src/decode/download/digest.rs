//! Digests that a server announces (RFC 9530, RFC 3230, RFC 1864) or a caller expects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName};
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512};

/// A digest under way, and what it must be.
#[derive(Clone)]
pub(super) struct Check {
    /// Who expects it, for the error: a header, or the caller.
    source: &'static str,
    expected: Vec<u8>,
    hasher: Hasher,
}

#[derive(Clone)]
enum Hasher {
    Md5(Md5),
    Sha256(Sha256),
    Sha512(Box<Sha512>),
}

/// The algorithms that are checked, the strongest first.
const ALGORITHMS: [&str; 3] = ["sha-512", "sha-256", "md5"];

impl Check {
    fn new(source: &'static str, algorithm: &str, expected: Vec<u8>) -> Option<Self> {
        let (hasher, length) = match algorithm {
            "sha-512" => (Hasher::Sha512(Box::default()), 64),
            "sha-256" => (Hasher::Sha256(Sha256::new()), 32),
            "md5" => (Hasher::Md5(Md5::new()), 16),
            _ => return None,
        };
        (expected.len() == length).then_some(Self { source, expected, hasher })
    }

    /// What the caller expects.
    pub(super) fn sha256(expected: [u8; 32]) -> Self {
        Self {
            source: "the expected SHA-256",
            expected: expected.to_vec(),
            hasher: Hasher::Sha256(Sha256::new()),
        }
    }

    /// That of the representation, if the response announces one. A part of it has it too.
    pub(super) fn of_representation(headers: &HeaderMap) -> Option<Self> {
        const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");
        const DIGEST: HeaderName = HeaderName::from_static("digest");
        let modern = strongest(headers, &REPR_DIGEST, member);
        let (source, (algorithm, expected)) = match modern {
            Some(found) => ("`Repr-Digest`", found),
            None => ("`Digest`", strongest(headers, &DIGEST, instance)?),
        };
        Self::new(source, algorithm, expected)
    }

    /// That of the content of one response, if it announces one. `is_part` is for a response that is not the whole, whose
    /// `Content-MD5` is of the one or of the other, by the server.
    pub(super) fn of_content(headers: &HeaderMap, is_part: bool) -> Option<Self> {
        const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
        const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
        if let Some((algorithm, expected)) = strongest(headers, &CONTENT_DIGEST, member) {
            return Self::new("`Content-Digest`", algorithm, expected);
        }
        let value = headers.get(CONTENT_MD5).filter(|_| !is_part)?;
        Self::new("`Content-MD5`", "md5", STANDARD.decode(value.as_bytes().trim_ascii()).ok()?)
    }

    pub(super) fn update(&mut self, piece: &[u8]) {
        match &mut self.hasher {
            Hasher::Md5(hasher) => hasher.update(piece),
            Hasher::Sha256(hasher) => hasher.update(piece),
            Hasher::Sha512(hasher) => hasher.update(piece),
        }
    }

    /// Whether both are the same check, whether a header or the caller announced it.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.expected == other.expected
    }

    /// Fails with who expected another one.
    pub(super) fn verify(self) -> Result<(), &'static str> {
        let found = match self.hasher {
            Hasher::Md5(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha256(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha512(hasher) => hasher.finalize().to_vec(),
        };
        if found == self.expected { Ok(()) } else { Err(self.source) }
    }
}

/// The name of an algorithm, and a digest.
type Named<'n> = (&'n str, Vec<u8>);

/// The strongest digest of a header. What can't be read is as if it were not there.
fn strongest(
    headers: &HeaderMap,
    name: &HeaderName,
    read: fn(&str) -> Option<Named<'_>>,
) -> Option<(&'static str, Vec<u8>)> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let found: Vec<_> = values.flat_map(|value| value.split(',')).filter_map(read).collect();
    ALGORITHMS.into_iter().find_map(|algorithm| {
        // Of a key that is repeated, the last one counts (RFC 9651 §4.2.2).
        let mut of_it = found.iter().rev().filter(|(name, _)| name.eq_ignore_ascii_case(algorithm));
        of_it.next().map(|(_, digest)| (algorithm, digest.clone()))
    })
}

/// A member of the dictionary of RFC 9530: `sha-256=:…:`. Parameters don't matter.
fn member(text: &str) -> Option<(&str, Vec<u8>)> {
    let (name, value) = text.trim().split_once('=')?;
    let encoded = value.split(';').next()?.trim().strip_prefix(':')?.strip_suffix(':')?;
    Some((name, STANDARD.decode(encoded).ok()?))
}

/// A digest of RFC 3230: `SHA-256=…`.
fn instance(text: &str) -> Option<(&str, Vec<u8>)> {
    let (name, encoded) = text.trim().split_once('=')?;
    Some((name, STANDARD.decode(encoded).ok()?))
}

/// Reads a SHA-256 in hexadecimal digits.
pub(super) fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let text = text.trim().as_bytes();
    let mut digest = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, digits) in digest.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?;
    }
    Some(digest)
}
