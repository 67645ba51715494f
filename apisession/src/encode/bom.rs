//! The byte order mark that some editors and servers put at the start of UTF-8.

/// The bytes without the mark at their start.
pub(crate) fn without_bom(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}
