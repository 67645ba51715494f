//! The rules for headers that come from outside.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::error::{Error, ErrorKind, Result};

/// The headers that frame a request; the transport writes them.
const FRAMING: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::HOST, header::TRANSFER_ENCODING];

/// Sets `name` to `value`, replacing what was there.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) -> Result<()> {
    let (name, value) = parse(name, value)?;
    headers.insert(name, value);
    Ok(())
}

/// A header as it can be sent. The error names the header, never its value.
pub(crate) fn parse(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let refuse = |message| Err(Error::new(ErrorKind::Argument, message));
    let Ok(header) = HeaderName::try_from(name) else {
        return refuse(format!("`{}` is no name for a header", name.escape_default()));
    };
    if FRAMING.contains(&header) {
        return refuse(format!("the header `{header}` is written by the transport; leave it out"));
    }
    let Ok(value) = HeaderValue::try_from(value) else {
        return refuse(format!("the value of the header `{header}` holds a control character; take it out"));
    };
    Ok((header, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_would_break_the_request_is_refused_without_its_value() {
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
