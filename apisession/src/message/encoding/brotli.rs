//! `br` (RFC 7932).

use std::io::{self, Write};

use brotli_decompressor::{BrotliDecoderParameter, DecompressorWriter};

use super::{Buffer, Codec, Decoder, cut_off};

pub(super) const BROTLI: Codec = Codec { name: "br", decoder };

const BUFFER: usize = 32 * 1024;

/// Disables large windows, which the decoder accepts by default: an extension that allows windows of up to a gigabyte
/// instead of the 16 MiB of the RFC.
fn decoder(_: &[u8], buffer: Buffer) -> io::Result<Box<dyn Decoder>> {
    let mut decoder = DecompressorWriter::new(buffer, BUFFER);
    decoder.set_parameter(BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW, 0);
    Ok(Box::new(decoder))
}

impl Decoder for DecompressorWriter<Buffer> {
    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    /// The decoder can have output that its buffer had no room for. It is asked again as long as there is more.
    fn flush(&mut self) -> io::Result<()> {
        loop {
            let before = self.get_ref().len();
            let read = self.write(&[])?;
            debug_assert_eq!(read, 0, "there is nothing to read");
            if self.get_ref().len() == before {
                return Ok(());
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.close().map_err(cut_off)
    }

    fn buffer(&mut self) -> &mut Buffer {
        self.get_mut()
    }
}
