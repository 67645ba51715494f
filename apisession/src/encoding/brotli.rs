//! `br` (RFC 7932).

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;

use super::{Codec, Decoder, Sink};

pub(super) const BROTLI: Codec =
    Codec { name: "br", decoder: |_, sink| Ok(Box::new(DecompressorWriter::new(sink, BUFFER))) };

const BUFFER: usize = 32 * 1024;

impl Decoder for DecompressorWriter<Sink> {
    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.close()
    }

    fn sink(&mut self) -> &mut Sink {
        self.get_mut()
    }
}
