//! The text of a body in its charset: that of its byte order mark, or else the declared one, or else UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use http::HeaderValue;

/// Why bytes are not text. It continues a sentence: "the body …". It names the charset by its registered name, and never quotes the header.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CharsetError {
    #[error("is not {0}, as its byte order mark requires")]
    Marked(&'static str),
    #[error("is not {0}, the charset that its content type declares")]
    Declared(&'static str),
    #[error("is not UTF-8, and the charset that its content type declares is unknown")]
    Unknown,
    #[error("is not UTF-8")]
    Default,
}

/// The body as text, without its byte order mark.
pub(crate) fn text<'b>(
    body: &'b [u8],
    content_type: Option<&HeaderValue>,
) -> Result<Cow<'b, str>, CharsetError> {
    if let Some((charset, length)) = Encoding::for_bom(body) {
        return decoded(charset, &body[length..]).ok_or(CharsetError::Marked(charset.name()));
    }
    match content_type.and_then(declared) {
        Some(label) => match known(&label) {
            Some(charset) => decoded(charset, body).ok_or(CharsetError::Declared(charset.name())),
            None => decoded(UTF_8, body).ok_or(CharsetError::Unknown),
        },
        None => decoded(UTF_8, body).ok_or(CharsetError::Default),
    }
}

/// The body in UTF-8, if it has another charset.
pub(crate) fn transcoded(body: &[u8], content_type: Option<&HeaderValue>) -> Option<String> {
    let charset = match Encoding::for_bom(body) {
        Some((charset, _)) => charset,
        None => known(&declared(content_type?)?)?,
    };
    (charset != UTF_8).then(|| text(body, content_type).ok())?.map(Cow::into_owned)
}

/// The charset with this label, if it can be decoded.
pub(crate) fn known(label: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label)
}

/// The bytes as text, if all are valid. A byte order mark is not looked for.
pub(crate) fn decoded<'b>(charset: &'static Encoding, bytes: &'b [u8]) -> Option<Cow<'b, str>> {
    charset.decode_without_bom_handling_and_without_replacement(bytes)
}

/// The label of the charset in a content type: `text/plain; charset="iso-8859-1"`.
pub(crate) fn declared(content_type: &HeaderValue) -> Option<Vec<u8>> {
    let parameters = content_type.as_bytes().split(|byte| *byte == b';').skip(1);
    let charset = parameters.filter_map(|parameter| {
        let at = parameter.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (parameter[..at].trim_ascii(), parameter[at + 1..].trim_ascii());
        let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
        let value: Vec<u8> = value.iter().copied().filter(|byte| !is_quote(byte)).collect();
        (name.eq_ignore_ascii_case(b"charset") && !value.is_empty()).then_some(value)
    });
    charset.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_the_charset_of_its_mark_or_the_declared_one_or_utf_8() {
        let rows: [(&str, &[u8], Result<&str, CharsetError>); 18] = [
            ("", "Zürich".as_bytes(), Ok("Zürich")),
            ("text/plain", b"", Ok("")),
            ("text/plain; charset=utf-8", "Zürich".as_bytes(), Ok("Zürich")),
            ("text/plain; charset=ISO-8859-1", b"Z\xfcrich", Ok("Zürich")),
            ("text/plain; Charset = \"latin1\"; x=y", b"Z\xfcrich", Ok("Zürich")),
            ("text/plain; x=charset; charset='windows-1252'", b"5 \x80", Ok("5 €")),
            ("text/csv;charset=shift_jis", b"\x93\xfa\x96{", Ok("日本")),
            ("text/plain; charset=utf-16", b"a\0b\0", Ok("ab")),
            ("text/plain; charset=iso-8859-1", "\u{feff}Zürich".as_bytes(), Ok("Zürich")),
            ("text/plain; charset=utf-8", b"\xff\xfea\0", Ok("a")),
            ("", b"\xfe\xff\0a", Ok("a")),
            ("text/plain; charset=nonsense", "ü".as_bytes(), Ok("ü")),
            ("text/plain; charset=nonsense", b"\xfc", Err(CharsetError::Unknown)),
            ("text/plain; charset=", b"\xfc", Err(CharsetError::Default)),
            ("text/plain", b"Z\xfcrich", Err(CharsetError::Default)),
            ("text/plain; charset=utf8", b"\xfc", Err(CharsetError::Declared("UTF-8"))),
            ("text/plain; charset=shift_jis", b"\x93", Err(CharsetError::Declared("Shift_JIS"))),
            ("text/plain; charset=latin1", b"\xef\xbb\xbf\xfc", Err(CharsetError::Marked("UTF-8"))),
        ];
        for (content_type, body, expected) in rows {
            let header = HeaderValue::from_static(content_type);
            let found = text(body, Some(&header).filter(|_| !content_type.is_empty()));
            assert_eq!(found, expected.map(Cow::Borrowed), "{content_type} {body:?}");
        }
        assert!(matches!(text(b"abc", None), Ok(Cow::Borrowed("abc"))));
    }
}
