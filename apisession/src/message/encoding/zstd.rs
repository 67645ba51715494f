//! `zstd` (RFC 8878).

use std::io::{self, Write};

use zstd::stream::write::Decoder as Zstd;

use super::{Buffer, Codec, Decoder};

pub(super) const ZSTD: Codec = Codec { name: "zstd", decoder };

/// Limits the window of a frame to 8 MiB, as RFC 8878 §3.1.1.1.2 recommends. A frame with a larger window is an error.
const WINDOW_LOG: u32 = 23;

fn decoder(_: &[u8], buffer: Buffer) -> io::Result<Box<dyn Decoder>> {
    let mut decoder = Zstd::new(buffer)?;
    decoder.window_log_max(WINDOW_LOG)?;
    Ok(Box::new(decoder))
}

impl Decoder for Zstd<'static, Buffer> {
    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.do_finish()
    }

    fn buffer(&mut self) -> &mut Buffer {
        self.get_mut()
    }
}
