//! Content codings (RFC 9110 §8.4.1), undone piece by piece, so that what counts is what comes out.

use std::io::{self, Write};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

#[cfg(feature = "brotli")]
mod brotli;
#[cfg(feature = "gzip")]
mod gzip;
#[cfg(feature = "zstd")]
mod zstd;

/// The codings that were built in, in the order in which they are asked for.
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

/// From the first bytes of a body and where it is to come out.
type MakeDecoder = fn(&[u8], Sink) -> io::Result<Box<dyn Decoder>>;

impl Codec {
    /// A decoder of a body that begins with `first`, which has yet to be pushed.
    pub(crate) fn decoder(&self, first: &[u8], sink: Sink) -> io::Result<Box<dyn Decoder>> {
        (self.decoder)(first, sink)
    }
}

/// Undoes a coding.
pub(crate) trait Decoder: Send {
    /// Takes the next piece.
    fn push(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Says that there was the last one; an error if it was not.
    fn finish(&mut self) -> io::Result<()>;

    /// Where it comes out.
    fn sink(&mut self) -> &mut Sink;
}

/// The codings as they are asked for; `None` without any.
pub(crate) fn accepted() -> Option<HeaderValue> {
    let names = names().join(", ");
    HeaderValue::try_from(names).ok().filter(|names| !names.is_empty())
}

/// The names of the codings that were built in.
pub(crate) fn names() -> Vec<&'static str> {
    CODECS.iter().map(|codec| codec.name).collect()
}

/// The coding of a body with these headers: `None` if there is none, an error if it can't be undone here. More than one
/// on top of each other is none that an API needs.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<&'static Codec>, String> {
    let values = headers.get_all(header::CONTENT_ENCODING).into_iter();
    let mut codings = Vec::new();
    for value in values {
        let text = value.to_str().map_err(|_| "unreadable".to_owned())?;
        let names = text.split(',').map(|name| name.trim().to_ascii_lowercase());
        codings.extend(names.filter(|name| !matches!(name.as_str(), "" | "identity")));
    }
    let [name] = codings.as_slice() else {
        return if codings.is_empty() { Ok(None) } else { Err(codings.join(", ")) };
    };
    // RFC 9110 §8.4.1.3 has `x-gzip` as another name.
    let name = name.strip_prefix("x-").unwrap_or(name);
    CODECS.iter().find(|codec| codec.name == name).map(Some).ok_or_else(|| name.to_owned())
}

/// What came out so far, at most `limit` bytes of it.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    limit: usize,
    length: usize,
    /// Of growing capacity, none of which is ever moved: a bomb costs its limit, not twice that.
    pieces: Vec<Vec<u8>>,
    /// Instead of those: a body that came in one piece.
    whole: Option<Bytes>,
    full: bool,
}

const SMALLEST_PIECE: usize = 8 * 1024;
const LARGEST_PIECE: usize = 1024 * 1024;

impl Sink {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Takes everything at once.
    pub(crate) fn whole(&mut self, bytes: Bytes) {
        self.whole = Some(bytes);
    }

    /// Whether there was more than the limit.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Everything that came out.
    pub(crate) fn into_bytes(mut self) -> Bytes {
        match (self.whole, self.pieces.len()) {
            (Some(whole), _) => whole,
            (None, 0 | 1) => self.pieces.pop().unwrap_or_default().into(),
            (None, _) => self.pieces.concat().into(),
        }
    }
}

impl Write for Sink {
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
        if self.full { Err(io::Error::other("more than the limit")) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// No coding.
impl Decoder for Sink {
    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sink(&mut self) -> &mut Sink {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_keeps_what_fits() {
        let mut sink = Sink::new(20_000);
        for _ in 0..3 {
            sink.write_all(&[7; 6_000]).unwrap();
        }
        assert!(!sink.is_full());
        assert!(sink.write_all(&[8; 6_000]).is_err());
        assert!(sink.is_full());
        let bytes = sink.into_bytes();
        assert_eq!((bytes.len(), bytes[17_999], bytes[18_000]), (20_000, 7, 8));
    }
}
