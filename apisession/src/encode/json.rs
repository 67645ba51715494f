//! A value as JSON: in a body, in a query, or in a header.

use std::fmt::Write as _;

use super::argument::ArgumentError;
use super::value::Encodable;

/// How long a JSON body is expected to be.
const ROOM: usize = 128;

/// The value as the bytes of compact JSON.
pub(crate) fn json_bytes<T: Encodable + ?Sized>(value: &T) -> Result<Vec<u8>, ArgumentError> {
    let mut bytes = Vec::with_capacity(ROOM);
    match value.encode(&mut serde_json::Serializer::new(&mut bytes)) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(ArgumentError::json(&error)),
    }
}

/// The value as compact JSON.
pub(crate) fn json<T: Encodable + ?Sized>(value: &T) -> Result<String, ArgumentError> {
    // The serializer writes UTF-8.
    Ok(String::from_utf8(json_bytes(value)?).unwrap_or_default())
}

/// The value as compact JSON that a header can have: what is not ASCII is escaped, which JSON allows in strings, and it is nowhere else.
pub(crate) fn ascii_json<T: Encodable + ?Sized>(value: &T) -> Result<String, ArgumentError> {
    let json = json(value)?;
    let is_plain = |c: char| c.is_ascii() && c != '\x7f';
    if json.chars().all(is_plain) {
        return Ok(json);
    }
    let mut ascii = String::with_capacity(json.len() * 2);
    for c in json.chars() {
        if is_plain(c) {
            ascii.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a `String` can't fail.
            let _ = write!(ascii, "\\u{unit:04x}");
        }
    }
    Ok(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_for_a_header_is_ascii_and_reads_as_the_same_value() {
        let rows = [
            ("a\"b", r#""a\"b""#),
            ("é", r#""\u00e9""#),
            ("\u{1f600}", r#""\ud83d\ude00""#),
            ("\x7f\n", r#""\u007f\n""#),
        ];
        for (value, expected) in rows {
            let found = ascii_json(value).unwrap();
            assert_eq!((found.as_str(), serde_json::from_str(&found).unwrap()), (expected, value.to_owned()));
        }
    }
}
