//! Percent-encoding of all bytes outside the unreserved set of RFC 3986.

use std::fmt::{self, Write as _};

use super::argument::ArgumentError;

pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    // Formatting a `&str` can't fail.
    let _ = push_encoded(&mut encoded, format_args!("{text}"));
    encoded
}

/// Appends `value`, with all bytes outside the unreserved set of RFC 3986 percent-encoded.
pub(super) fn push_encoded(out: &mut String, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
    Encoder { out, control: None }.write_all(value)
}

/// Like [`push_encoded`], but a control character is an error.
pub(super) fn push_printable(out: &mut String, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
    let mut encoder = Encoder { out, control: None };
    encoder.write_all(value)?;
    encoder.control.map_or(Ok(()), |control| Err(ArgumentError::Control(control)))
}

struct Encoder<'a> {
    out: &'a mut String,
    /// The first control character that was written.
    control: Option<char>,
}

impl Encoder<'_> {
    fn write_all(&mut self, value: fmt::Arguments<'_>) -> Result<(), ArgumentError> {
        self.write_fmt(value).map_err(|fmt::Error| ArgumentError::Shape("its `Display` failed".to_owned()))
    }
}

impl fmt::Write for Encoder<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Most texts need no encoding, so a run of unreserved bytes is copied as a whole.
        let plain = text.bytes().position(|byte| !is_unreserved(byte)).unwrap_or(text.len());
        let (plain, rest) = text.split_at(plain);
        self.out.push_str(plain);
        self.control = self.control.or_else(|| rest.chars().find(|c| c.is_control()));
        for byte in rest.bytes() {
            if is_unreserved(byte) {
                self.out.push(char::from(byte));
            } else {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                self.out.push('%');
                self.out.push(char::from(HEX[usize::from(byte >> 4)]));
                self.out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
        Ok(())
    }
}

/// Whether a byte is unreserved (RFC 3986 §2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}
