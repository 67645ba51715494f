//! Percent-encoding of all bytes outside a set of RFC 3986, and decoding.

use super::argument::ArgumentError;

pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_encoded(&mut encoded, text);
    encoded
}

/// Appends `text`, with all bytes outside the unreserved set percent-encoded.
pub(super) fn push_encoded(out: &mut String, text: &str) {
    push_unless(out, text, is_unreserved);
}

/// Appends `text` as a part of a path segment (RFC 3986 §3.3). A control character is an error.
///
/// `:` and `@` stay as they are: servers split custom methods and versions at them, not all of them after decoding. The delimiters of
/// the set are encoded, since a server may split a segment at them.
pub(super) fn push_in_segment(out: &mut String, text: &str) -> Result<(), ArgumentError> {
    let start = out.len();
    push_unless(out, text, |byte| is_unreserved(byte) || matches!(byte, b':' | b'@'));
    // A text that was not encoded has no control characters.
    let control = if out.len() - start == text.len() { None } else { text.chars().find(|c| c.is_control()) };
    control.map_or(Ok(()), |control| Err(ArgumentError::Control(control)))
}

/// Appends `text`, with the bytes percent-encoded that don't stay as they are.
fn push_unless(out: &mut String, text: &str, stays: impl Fn(u8) -> bool) {
    // Most texts need no encoding, so a run of bytes that stay is copied as a whole.
    let plain = text.bytes().position(|byte| !stays(byte)).unwrap_or(text.len());
    let (plain, rest) = text.split_at(plain);
    out.push_str(plain);
    for byte in rest.bytes() {
        if stays(byte) {
            out.push(char::from(byte));
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
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
