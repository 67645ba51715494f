//! Checks the names and values of headers that callers set, and reads those of responses.

use std::borrow::Cow;
use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::error::{Error, ErrorKind, Result};

/// The headers that frame a request. The transport sets them.
const FRAMING: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::HOST, header::TRANSFER_ENCODING];

/// The value of a header as text; `None` if it is not visible ASCII.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The value of a header with a URL, as text. Bytes that are not UTF-8 are percent-encoded, so that the URL keeps them.
pub(crate) fn url_text(value: &HeaderValue) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(value.as_bytes()) {
        return Cow::Borrowed(text);
    }
    let mut text = String::new();
    for chunk in value.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a `String` can't fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    Cow::Owned(text)
}

/// The media type in a `content-type`, without its parameters, in lower case.
pub(crate) fn essence(content_type: &HeaderValue) -> Vec<u8> {
    let essence = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().to_ascii_lowercase()
}

/// Checks a header that is set. The error names the header, but not its value.
pub(crate) fn parse(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let name = self::name(name)?;
    let value = HeaderValue::try_from(value).map_err(|_| {
        argument_error(format!("the value of the header `{name}` contains a control character; remove it"))
    })?;
    Ok((name, value))
}

/// Checks the name of a header that is set.
pub(crate) fn name(name: &str) -> Result<HeaderName> {
    let header = HeaderName::try_from(name)
        .map_err(|_| argument_error(format!("`{}` is not a valid header name", name.escape_default())))?;
    if FRAMING.contains(&header) {
        return Err(framing_error(&header));
    }
    Ok(header)
}

/// Checks that a request leaves to the transport what frames it. Otherwise a proxy and a server could read two requests where one was
/// sent, or the request of another host.
pub(crate) fn check_framing(headers: &HeaderMap) -> Result<()> {
    let found = headers.keys().find(|name| FRAMING.contains(name));
    found.map_or(Ok(()), |name| Err(framing_error(name)))
}

fn framing_error(name: &HeaderName) -> Error {
    argument_error(format!("the header `{name}` is written by the transport; leave it out"))
}

fn argument_error(message: String) -> Error {
    Error::new(ErrorKind::Argument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h1_h2_the_error_of_an_invalid_header_names_it_and_hides_its_value() {
        let rows = [
            ("x-a", "b c", None),
            ("x-a", "s3cret\r\nx-b: 1", Some("`x-a`")),
            ("x-a", "s3cret\0", Some("`x-a`")),
            ("x a", "s3cret", Some("`x a`")),
            ("", "s3cret", Some("``")),
            ("Host", "evil.test", Some("`host`")),
            ("Content-Length", "0", Some("`content-length`")),
            ("transfer-encoding", "chunked", Some("`transfer-encoding`")),
        ];
        for (name, value, expected) in rows {
            let message = parse(name, value).err().map(|error| error.report());
            match (&message, expected) {
                (None, None) => {}
                (Some(message), Some(expected)) => {
                    assert!(message.contains(expected) && !message.contains("s3cret"), "{message}");
                }
                _ => panic!("{name}: {message:?}"),
            }
        }
    }
}
