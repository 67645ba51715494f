//! `zstd` (RFC 8878).

use std::io::{self, Write};

use zstd::stream::raw::{self, DParameter, InBuffer, Operation, OutBuffer, WriteBuf};
use zstd::stream::zio::Writer;

use super::{Buffer, Codec, Decoder};

pub(super) const ZSTD: Codec = Codec { name: "zstd", decoder };

/// Limits the window of a frame to 8 MiB, as RFC 8878 §3.1.1.1.2 recommends. A frame with a larger window is an error.
const WINDOW_LOG: u32 = 23;

fn decoder(_: &[u8], buffer: Buffer) -> io::Result<Box<dyn Decoder>> {
    let mut decoder = raw::Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG))?;
    Ok(Box::new(Writer::new(buffer, Frames { decoder, has_complete: false })))
}

/// Decodes one or more frames.
struct Frames {
    decoder: raw::Decoder<'static>,
    /// Whether a frame was complete.
    has_complete: bool,
}

impl Operation for Frames {
    fn run<C: WriteBuf + ?Sized>(
        &mut self,
        input: &mut InBuffer<'_>,
        output: &mut OutBuffer<'_, C>,
    ) -> io::Result<usize> {
        let hint = self.decoder.run(input, output)?;
        self.has_complete |= hint == 0;
        Ok(hint)
    }

    /// The decoder can have output that the buffer had no room for. It is asked again as long as it fills the buffer.
    fn flush<C: WriteBuf + ?Sized>(&mut self, output: &mut OutBuffer<'_, C>) -> io::Result<usize> {
        self.decoder.run(&mut InBuffer::around(&[]), output)?;
        Ok(usize::from(output.pos() == output.capacity()))
    }

    fn reinit(&mut self) -> io::Result<()> {
        self.decoder.reinit()
    }

    fn finish<C: WriteBuf + ?Sized>(
        &mut self,
        output: &mut OutBuffer<'_, C>,
        finished_frame: bool,
    ) -> io::Result<usize> {
        self.decoder.finish(output, finished_frame)
    }
}

impl Decoder for Writer<Buffer, Frames> {
    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(self)
    }

    /// A frame that is not complete is cut off, unless it is the bytes after another one.
    fn finish(&mut self) -> io::Result<()> {
        let end = Self::finish(self);
        let is_after = self.operation().has_complete;
        end.map_err(|error| if is_after { io::Error::other(error) } else { error })
    }

    fn buffer(&mut self) -> &mut Buffer {
        self.writer_mut()
    }
}
