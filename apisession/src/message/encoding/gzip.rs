//! `gzip` (RFC 1952) and `deflate` (RFC 1950, and RFC 1951 as some servers have it).

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::{Codec, Decoder, Sink};

pub(super) const GZIP: Codec =
    Codec { name: "gzip", decoder: |_, sink| Ok(Box::new(MultiGzDecoder::new(sink))) };
pub(super) const DEFLATE: Codec = Codec { name: "deflate", decoder: deflate };

/// The lower half of zlib's first byte is 8, which no encoder lets a bare stream begin with.
fn deflate(first: &[u8], sink: Sink) -> io::Result<Box<dyn Decoder>> {
    let is_zlib = first.first().is_some_and(|byte| byte & 0x0f == 8);
    Ok(if is_zlib { Box::new(ZlibDecoder::new(sink)) } else { Box::new(DeflateDecoder::new(sink)) })
}

/// The three are the same but for their name.
macro_rules! decodes {
    ($($type:ident)*) => {
        $(
            impl Decoder for $type<Sink> {
                fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
                    self.write_all(bytes)
                }

                fn finish(&mut self) -> io::Result<()> {
                    self.try_finish()
                }

                fn sink(&mut self) -> &mut Sink {
                    self.get_mut()
                }
            }
        )*
    };
}

decodes!(MultiGzDecoder ZlibDecoder DeflateDecoder);
