//! The text of a body in its charset: that of its byte order mark, or else the declared one, or else UTF-8.

use std::borrow::Cow;

use http::HeaderValue;

use super::charset_table::Charset;
use crate::encode::messages;

messages! {
    /// Why bytes are not text. It continues a sentence: "the body …". It names the charset by its registered name, and never quotes the header.
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum CharsetError {
        Marked(name: &'static str) = "is not {name}, as its byte order mark requires",
        Declared(name: &'static str) = "is not {name}, the charset that its content type declares",
        #[cfg_attr(not(feature = "xml"), expect(dead_code, reason = "other bodies declare no charset themselves"))]
        Own(name: &'static str) = "is not {name}, which it declares",
        Missing = "has another charset than UTF-8, which only the feature `charset` of `apisession` reads",
        Unknown = "is not UTF-8, and the charset that its content type declares is unknown",
        Default = "is not UTF-8",
    }
}

/// The body as text, without its byte order mark.
pub(crate) fn text<'b>(
    body: &'b [u8],
    content_type: Option<&HeaderValue>,
) -> Result<Cow<'b, str>, CharsetError> {
    if let Some((charset, length)) = Charset::marked(body) {
        return text_in(charset, &body[length..], CharsetError::Marked);
    }
    match content_type.and_then(declared) {
        Some(label) => match Charset::labelled(&label) {
            Some(charset) => text_in(charset, body, CharsetError::Declared),
            None => Charset::UTF_8.decoded(body).ok_or(CharsetError::Unknown),
        },
        None => Charset::UTF_8.decoded(body).ok_or(CharsetError::Default),
    }
}

/// The body as text in this charset, or else the error that names it.
pub(crate) fn text_in(
    charset: Charset,
    body: &[u8],
    error: fn(&'static str) -> CharsetError,
) -> Result<Cow<'_, str>, CharsetError> {
    charset.decoded(body).ok_or_else(|| charset.name().map_or(CharsetError::Missing, error))
}

/// The way out for a body whose charset is not built in.
pub(crate) fn hint(body: &[u8], content_type: Option<&HeaderValue>) -> Option<&'static str> {
    let is_missing = text(body, content_type) == Err(CharsetError::Missing);
    is_missing.then_some(
        "it has another charset than UTF-8, which only the feature `charset` of `apisession` reads",
    )
}

/// The body in UTF-8, if it has another charset.
pub(crate) fn transcoded(body: &[u8], content_type: Option<&HeaderValue>) -> Option<String> {
    let charset = match Charset::marked(body) {
        Some((charset, _)) => charset,
        None => Charset::labelled(&declared(content_type?)?)?,
    };
    (charset != Charset::UTF_8).then(|| text(body, content_type).ok())?.map(Cow::into_owned)
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

    fn check(rows: &[(&str, &[u8], Result<&str, CharsetError>)]) {
        for (content_type, body, expected) in rows {
            let header = HeaderValue::try_from(*content_type).unwrap();
            let found = text(body, Some(&header).filter(|_| !content_type.is_empty()));
            match (found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, *expected, "{content_type} {body:?}"),
                (found, expected) => {
                    assert_eq!(found.err().as_ref(), expected.as_ref().err(), "{content_type} {body:?}");
                }
            }
        }
    }

    #[test]
    fn text_in_utf_8_needs_no_table() {
        check(&[
            ("", "Zürich".as_bytes(), Ok("Zürich")),
            ("text/plain", b"", Ok("")),
            ("text/plain; charset=utf-8", "Zürich".as_bytes(), Ok("Zürich")),
            ("text/plain; charset=\"UTF8\"", "\u{feff}Zürich".as_bytes(), Ok("Zürich")),
            ("text/plain; charset=iso-8859-1", "\u{feff}Zürich".as_bytes(), Ok("Zürich")),
            ("text/plain; charset=us-ascii", b"Zurich\r\n", Ok("Zurich\r\n")),
            ("text/csv; charset=shift_jis", b"a;b", Ok("a;b")),
            ("text/plain; charset=", b"\xfc", Err(CharsetError::Default)),
            ("text/plain", b"Z\xfcrich", Err(CharsetError::Default)),
            ("text/plain; charset=utf8", b"\xfc", Err(CharsetError::Declared("UTF-8"))),
            ("text/plain; charset=latin1", b"\xef\xbb\xbf\xfc", Err(CharsetError::Marked("UTF-8"))),
        ]);
        assert!(matches!(text(b"abc", None), Ok(Cow::Borrowed("abc"))));
    }

    #[cfg(not(feature = "charset"))]
    #[test]
    fn another_charset_is_an_error_that_names_the_feature() {
        let missing = Err(CharsetError::Missing);
        for (content_type, body) in [
            ("text/plain; charset=ISO-8859-1", &b"Z\xfcrich"[..]),
            ("text/plain; charset=windows-1252", "ü".as_bytes()),
            ("text/plain; charset=iso-2022-jp", b"\x1b$BF|K\\\x1b(B"),
            ("text/plain; charset=utf-16le", b"a\0b\0"),
            ("text/plain; charset=unicode", b"ab"),
            ("text/plain; charset=utf-8", b"\xff\xfea\0"),
            ("", b"\xfe\xff\0a"),
            ("text/plain; charset=nonsense", b"\xfc"),
        ] {
            let header = HeaderValue::from_static(content_type);
            assert_eq!(text(body, Some(&header)), missing, "{content_type}");
        }
    }

    #[cfg(feature = "charset")]
    #[test]
    fn text_has_the_charset_of_its_mark_or_the_declared_one_or_utf_8() {
        check(&[
            ("text/plain; charset=ISO-8859-1", b"Z\xfcrich", Ok("Zürich")),
            ("text/plain; Charset = \"latin1\"; x=y", b"Z\xfcrich", Ok("Zürich")),
            ("text/plain; x=charset; charset='windows-1252'", b"5 \x80", Ok("5 €")),
            ("text/csv;charset=shift_jis", b"\x93\xfa\x96{", Ok("日本")),
            ("text/plain; charset=utf-16", b"a\0b\0", Ok("ab")),
            ("text/plain; charset=utf-8", b"\xff\xfea\0", Ok("a")),
            ("", b"\xfe\xff\0a", Ok("a")),
            ("text/plain; charset=nonsense", "ü".as_bytes(), Ok("ü")),
            ("text/plain; charset=nonsense", b"\xfc", Err(CharsetError::Unknown)),
            ("text/plain; charset=shift_jis", b"\x93", Err(CharsetError::Declared("Shift_JIS"))),
        ]);
    }
}
