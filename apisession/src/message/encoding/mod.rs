//! Content codings (RFC 9110 §8.4.1). Bodies are decoded piece by piece, so that limits apply to the decoded size.

use std::io::{self, Write};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

#[cfg(feature = "streams")]
pub(crate) use self::unpack::Unpack;

#[cfg(feature = "brotli")]
mod brotli;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "streams")]
mod unpack;
#[cfg(feature = "zstd")]
mod zstd;

/// The codings that are built in, in the order of `accept-encoding`.
const CODECS: &[Codec] = &[
    #[cfg(feature = "zstd")]
    zstd::ZSTD,
    #[cfg(feature = "brotli")]
    brotli::BROTLI,
    #[cfg(feature = "gzip")]
    gzip::GZIP,
    #[cfg(feature = "gzip")]
    gzip::DEFLATE,
];

/// A content coding.
pub(crate) struct Codec {
    name: &'static str,
    decoder: MakeDecoder,
}

/// Creates a decoder for a body that starts with these bytes, and decodes into the buffer.
type MakeDecoder = fn(&[u8], Buffer) -> io::Result<Box<dyn Decoder>>;

impl Codec {
    /// Creates a decoder for a body that starts with `first`. The caller pushes `first` as well.
    pub(crate) fn decoder(&self, first: &[u8], buffer: Buffer) -> io::Result<Box<dyn Decoder>> {
        (self.decoder)(first, buffer)
    }
}

/// Decodes a body piece by piece.
pub(crate) trait Decoder: Send {
    /// Decodes the next piece. Bytes after the end of the coding are an error.
    fn push(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Passes on all that the bytes so far decode to, for a body whose next bytes may be long in coming.
    // A body that is read as a whole is not flushed.
    #[cfg_attr(not(feature = "streams"), allow(dead_code))]
    fn flush(&mut self) -> io::Result<()>;

    /// Ends the body. If it ends before its coding does, the error is [cut off](is_cut_off). Any other error is permanent: the
    /// body is not what its coding requires, for example because of bytes after its end.
    fn finish(&mut self) -> io::Result<()>;

    /// The buffer of the decoded bytes.
    fn buffer(&mut self) -> &mut Buffer;
}

/// The error of a body that ends before its coding does.
#[cfg(any(feature = "brotli", feature = "gzip"))]
fn cut_off(source: impl Into<crate::error::BoxError>) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, source)
}

/// Whether a body ended before its coding did.
pub(crate) fn is_cut_off(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

/// The number of bytes that may encode a body of at most `limit` bytes. Codings add little to what they can't compress, so more is
/// padding, such as empty members of gzip.
pub(crate) fn encoded_limit(limit: usize) -> usize {
    const ADDED: usize = 64 * 1024;
    limit.saturating_add(ADDED)
}

/// The value of `accept-encoding`; `None` if no coding is built in.
pub(crate) fn accepted() -> Option<HeaderValue> {
    let names = names().join(", ");
    HeaderValue::try_from(names).ok().filter(|names| !names.is_empty())
}

/// The names of the codings that are built in.
pub(crate) fn names() -> Vec<&'static str> {
    CODECS.iter().map(|codec| codec.name).collect()
}

/// The codings that are registered with IANA, which an error names. The header of a server is not shown, since it can hold anything.
const REGISTERED: [&str; 10] =
    ["aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip", "pack200-gzip", "zstd"];

/// Names codings that can't be decoded. It continues a sentence: "the body has …".
fn unsupported(codings: &[String]) -> String {
    let known = |coding: &String| REGISTERED.into_iter().find(|known| known == coding);
    match codings.iter().map(known).collect::<Option<Vec<_>>>().as_deref() {
        Some([one]) => format!("the content coding `{one}`"),
        Some(several) if !several.is_empty() => format!("the content codings `{}`", several.join(", ")),
        _ => "an unknown content coding".to_owned(),
    }
}

/// The coding of a body with these headers; `None` if it is not encoded. The error names a coding that can't be decoded. Several
/// codings of one body are not supported, since no API needs them.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<&'static Codec>, String> {
    if !headers.contains_key(header::CONTENT_ENCODING) {
        return Ok(None);
    }
    let values = headers.get_all(header::CONTENT_ENCODING).into_iter();
    let mut codings = Vec::new();
    for value in values {
        let text = value.to_str().map_err(|_| unsupported(&[]))?;
        let names = text.split(',').map(|name| name.trim().to_ascii_lowercase());
        codings.extend(names.filter(|name| !matches!(name.as_str(), "" | "identity")));
    }
    let [name] = codings.as_slice() else {
        return if codings.is_empty() { Ok(None) } else { Err(unsupported(&codings)) };
    };
    // RFC 9110 §8.4.1.3 defines `x-gzip` as another name of `gzip`.
    let known = name.strip_prefix("x-").unwrap_or(name);
    let codec = CODECS.iter().find(|codec| codec.name == known);
    codec.map(Some).ok_or_else(|| unsupported(&[known.to_owned()]))
}

/// Collects decoded bytes, at most `limit` of them.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    limit: usize,
    length: usize,
    /// Their capacity grows from piece to piece, and no piece is ever reallocated. So a decompression bomb allocates
    /// its limit, not twice that.
    pieces: Vec<Vec<u8>>,
    full: bool,
}

const SMALLEST_PIECE: usize = 8 * 1024;
const LARGEST_PIECE: usize = 1024 * 1024;

impl Buffer {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// How many bytes were collected.
    #[cfg(feature = "brotli")]
    fn len(&self) -> usize {
        self.length
    }

    /// Whether the limit was exceeded.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// The collected bytes.
    pub(crate) fn into_bytes(mut self) -> Bytes {
        match self.pieces.len() {
            0 | 1 => self.pieces.pop().unwrap_or_default().into(),
            _ => self.pieces.concat().into(),
        }
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = bytes.len().min(self.limit - self.length);
        self.full |= fits < bytes.len();
        let mut rest = &bytes[..fits];
        while !rest.is_empty() {
            let room = self.pieces.last().map_or(0, |piece| piece.capacity() - piece.len());
            if room == 0 {
                let capacity = self.length.clamp(SMALLEST_PIECE, LARGEST_PIECE).min(self.limit - self.length);
                self.pieces.push(Vec::with_capacity(capacity));
                continue;
            }
            let (now, later) = rest.split_at(room.min(rest.len()));
            if let Some(piece) = self.pieces.last_mut() {
                piece.extend_from_slice(now);
            }
            self.length += now.len();
            rest = later;
        }
        if self.full {
            Err(io::Error::other("the decoded body is larger than its limit"))
        } else {
            Ok(bytes.len())
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Copies a body that is not encoded.
impl Decoder for Buffer {
    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn buffer(&mut self) -> &mut Buffer {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_keeps_its_limit_and_fails_above_it() {
        let mut buffer = Buffer::new(20_000);
        for _ in 0..3 {
            buffer.write_all(&[7; 6_000]).unwrap();
        }
        assert!(!buffer.is_full());
        assert!(buffer.write_all(&[8; 6_000]).is_err());
        assert!(buffer.is_full());
        let bytes = buffer.into_bytes();
        assert_eq!((bytes.len(), bytes[17_999], bytes[18_000]), (20_000, 7, 8));
    }
}
