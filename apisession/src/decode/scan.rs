//! Finds the end of a JSON value without parsing it.

use memchr::memchr2;

/// Scans one JSON value, whose bytes can come in pieces. It sees strings and brackets alone: whether the value is JSON is found out by
/// the one who parses it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    depth: u32,
    is_string: bool,
    is_escaped: bool,
    is_scalar: bool,
}

impl Scan {
    /// A value from its start.
    pub(super) const START: Self = Self::inside(0);

    /// The rest of a value from inside of this number of brackets.
    pub(super) const fn inside(depth: u32) -> Self {
        Self { depth, is_string: false, is_escaped: false, is_scalar: false }
    }

    /// The number of the bytes that belong to the value, if it ends in these bytes. White space before a value belongs to it.
    ///
    /// A number or a literal ends before the byte that can't be part of it, which may be the first one of these.
    pub(super) fn end(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.is_string {
                at = self.string(bytes, at)?;
                if self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            let byte = bytes[at];
            if self.is_scalar {
                if is_end_of_scalar(byte) {
                    return Some(at);
                }
                at += 1;
                continue;
            }
            at += 1;
            match byte {
                b'"' => self.is_string = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at);
                    }
                }
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ if self.depth == 0 => self.is_scalar = true,
                _ => {}
            }
        }
        None
    }

    /// Whether the value is a number or a literal, which has no end of its own.
    pub(super) fn is_scalar(&self) -> bool {
        self.is_scalar
    }

    /// The place after the end of the string.
    fn string(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        while at < bytes.len() {
            if std::mem::take(&mut self.is_escaped) {
                at += 1;
                continue;
            }
            let found = memchr2(b'"', b'\\', &bytes[at..])?;
            at += found + 1;
            if bytes[at - 1] == b'"' {
                self.is_string = false;
                return Some(at);
            }
            self.is_escaped = true;
        }
        None
    }
}

fn is_end_of_scalar(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'}' | b']' | b'{' | b'[' | b'"' | b':' | 0x1e)
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
