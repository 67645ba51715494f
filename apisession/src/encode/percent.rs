//! Percent-encoding of all bytes outside the unreserved set of RFC 3986, and decoding.

use super::argument::ArgumentError;

pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_encoded(&mut encoded, text);
    encoded
}

/// Appends `text`, with all bytes outside the unreserved set of RFC 3986 percent-encoded.
pub(super) fn push_encoded(out: &mut String, text: &str) {
    // Most texts need no encoding, so a run of unreserved bytes is copied as a whole.
    let plain = text.bytes().position(|byte| !is_unreserved(byte)).unwrap_or(text.len());
    let (plain, rest) = text.split_at(plain);
    out.push_str(plain);
    for byte in rest.bytes() {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Like [`push_encoded`], but a control character is an error.
pub(super) fn push_printable(out: &mut String, text: &str) -> Result<(), ArgumentError> {
    let start = out.len();
    push_encoded(out, text);
    // A text that was not encoded has no control characters.
    let control = if out.len() - start == text.len() { None } else { text.chars().find(|c| c.is_control()) };
    control.map_or(Ok(()), |control| Err(ArgumentError::Control(control)))
}

/// Whether a byte is unreserved (RFC 3986 §2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Decodes `%XX`. A `%` without two hexadecimal digits is left as it is.
pub(crate) fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|digits| byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let value = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(value.unwrap_or(byte));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    bytes
}
