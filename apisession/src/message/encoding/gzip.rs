//! `gzip` (RFC 1952) and `deflate` (RFC 1950, or RFC 1951, which some servers send).

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::{Buffer, Codec, Decoder};

pub(super) const GZIP: Codec =
    Codec { name: "gzip", decoder: |_, buffer| Ok(Box::new(MultiGzDecoder::new(buffer))) };
pub(super) const DEFLATE: Codec = Codec { name: "deflate", decoder: deflate };

/// Detects whether the body has a zlib header. The lower half of the first byte of zlib is 8, and encoders don't start
/// a raw stream with such a byte.
fn deflate(first: &[u8], buffer: Buffer) -> io::Result<Box<dyn Decoder>> {
    let is_zlib = first.first().is_some_and(|byte| byte & 0x0f == 8);
    Ok(if is_zlib { Box::new(ZlibDecoder::new(buffer)) } else { Box::new(DeflateDecoder::new(buffer)) })
}

/// The three decoders have the same methods, but no common trait.
macro_rules! impl_decoder {
    ($($type:ident)*) => {
        $(
            impl Decoder for $type<Buffer> {
                fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
                    self.write_all(bytes)
                }

                fn finish(&mut self) -> io::Result<()> {
                    self.try_finish()
                }

                fn buffer(&mut self) -> &mut Buffer {
                    self.get_mut()
                }
            }
        )*
    };
}

impl_decoder!(MultiGzDecoder ZlibDecoder DeflateDecoder);
