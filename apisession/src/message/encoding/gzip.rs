//! `gzip` (RFC 1952) and `deflate` (RFC 1950, or RFC 1951, which some servers send).

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, GzDecoder, ZlibDecoder};

use super::{Buffer, Codec, Decoder, cut_off};

pub(super) const GZIP: Codec = Codec { name: "gzip", decoder: |_, buffer| Ok(Box::new(Gzip::new(buffer))) };
pub(super) const DEFLATE: Codec = Codec { name: "deflate", decoder: deflate };

/// Detects whether the body has a zlib header. The lower half of the first byte of zlib is 8, and encoders don't start
/// a raw stream with such a byte.
fn deflate(first: &[u8], buffer: Buffer) -> io::Result<Box<dyn Decoder>> {
    let is_zlib = first.first().is_some_and(|byte| byte & 0x0f == 8);
    Ok(if is_zlib { Box::new(ZlibDecoder::new(buffer)) } else { Box::new(DeflateDecoder::new(buffer)) })
}

/// One or more members (RFC 1952 §2.2), with zeros after them. It is not `MultiGzDecoder`, which reports other bytes after a member
/// as the start of one that is cut off, if they are few.
struct Gzip {
    member: GzDecoder<Buffer>,
    /// Whether a byte of this member was read.
    is_open: bool,
    /// Whether there was a member before this one.
    has_earlier: bool,
}

impl Gzip {
    fn new(buffer: Buffer) -> Self {
        Self { member: GzDecoder::new(buffer), is_open: false, has_earlier: false }
    }
}

impl Decoder for Gzip {
    fn push(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.has_earlier && !self.is_open {
                let padding = bytes.iter().take_while(|byte| **byte == 0).count();
                bytes = &bytes[padding..];
                if bytes.is_empty() {
                    break;
                }
            }
            self.is_open = true;
            match self.member.write(bytes)? {
                // The member is complete.
                0 => {
                    self.member.try_finish()?;
                    let buffer = std::mem::take(self.member.get_mut());
                    *self = Self { has_earlier: true, ..Self::new(buffer) };
                }
                read => bytes = &bytes[read..],
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.member.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.has_earlier && !self.is_open {
            return Ok(());
        }
        // A member that accepts another byte is not complete.
        match self.member.write(&[0])? {
            0 => self.member.try_finish(),
            _ if self.has_earlier => {
                Err(io::Error::other("the bytes after a gzip member are not another one"))
            }
            _ => Err(cut_off("the gzip member is not complete")),
        }
    }

    fn buffer(&mut self) -> &mut Buffer {
        self.member.get_mut()
    }
}

/// Both decoders have the same methods, but no common trait. Bytes after their stream are an error of `write_all`.
macro_rules! impl_decoder {
    ($($type:ident)*) => {
        $(
            impl Decoder for $type<Buffer> {
                fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
                    self.write_all(bytes)
                }

                fn flush(&mut self) -> io::Result<()> {
                    Write::flush(self)
                }

                fn finish(&mut self) -> io::Result<()> {
                    self.try_finish().map_err(cut_off)
                }

                fn buffer(&mut self) -> &mut Buffer {
                    self.get_mut()
                }
            }
        )*
    };
}

impl_decoder!(ZlibDecoder DeflateDecoder);
