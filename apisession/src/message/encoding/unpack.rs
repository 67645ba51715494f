//! Decodes a body whose parts are needed as soon as they arrive.

use std::io;

use bytes::{Buf, Bytes};

use super::{Buffer, Codec, Decoder};

/// How many encoded bytes are decoded at a time, so that a bomb is found out before it needs much memory.
const STEP: usize = 1024;

/// Decodes a body piece by piece, and passes on at once what each piece decodes to.
pub(crate) struct Unpack {
    codec: &'static Codec,
    /// There is one once the first byte has arrived.
    decoder: Option<Box<dyn Decoder>>,
    /// How many bytes one step may decode to.
    limit: usize,
    piece: Bytes,
}

impl Unpack {
    pub(crate) fn new(codec: &'static Codec, limit: usize) -> Self {
        Self { codec, decoder: None, limit, piece: Bytes::new() }
    }

    /// Adds the next piece. That before must have been decoded.
    pub(crate) fn push(&mut self, piece: Bytes) {
        self.piece = piece;
    }

    /// The next bytes that the piece decodes to; `None` once it is decoded.
    pub(crate) fn next(&mut self) -> io::Result<Option<Bytes>> {
        while !self.piece.is_empty() {
            let decoder = match &mut self.decoder {
                Some(decoder) => decoder,
                None => self.decoder.insert(self.codec.decoder(&self.piece, Buffer::new(self.limit))?),
            };
            let length = self.piece.len().min(STEP);
            decoder.push(&self.piece[..length])?;
            decoder.flush()?;
            self.piece.advance(length);
            let decoded = taken(&mut **decoder, self.limit);
            if !decoded.is_empty() {
                return Ok(Some(decoded));
            }
        }
        Ok(None)
    }

    /// Ends the body, and returns the rest of it. A body without bytes has no coding.
    pub(crate) fn finish(&mut self) -> io::Result<Bytes> {
        let Some(decoder) = &mut self.decoder else { return Ok(Bytes::new()) };
        decoder.finish()?;
        Ok(taken(&mut **decoder, self.limit))
    }

    /// Whether a step has decoded to more than its limit.
    pub(crate) fn is_full(&mut self) -> bool {
        self.decoder.as_mut().is_some_and(|decoder| decoder.buffer().is_full())
    }
}

fn taken(decoder: &mut dyn Decoder, limit: usize) -> Bytes {
    std::mem::replace(decoder.buffer(), Buffer::new(limit)).into_bytes()
}
