//! The error of a response that can't be decoded. It names what was expected and what came, and quotes neither header nor body.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, header};

use crate::error::{Error, ErrorKind, Result};
use crate::message::{Response, headers};

/// What a response is decoded as. It continues a sentence: "the response can't be decoded as …".
#[derive(Clone, Copy)]
pub(super) struct Expected {
    form: &'static str,
    type_name: Option<&'static str>,
}

impl Expected {
    pub(super) const BYTES: Self = Self::form("bytes");
    pub(super) const LOCATION: Self = Self::form("a location");
    pub(super) const TEXT: Self = Self::form("text");

    /// A form that has one type only.
    pub(super) const fn form(form: &'static str) -> Self {
        Self { form, type_name: None }
    }

    /// A form such as JSON, of the type with this name.
    pub(super) const fn of(form: &'static str, type_name: &'static str) -> Self {
        Self { form, type_name: Some(type_name) }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.type_name {
            Some(name) => write!(f, "{} of the type `{}`", self.form, written(name)),
            None => f.write_str(self.form),
        }
    }
}

impl Response {
    /// The body, which must have been read.
    pub(super) fn bytes(&self, expected: Expected) -> Result<&Bytes> {
        self.body().ok_or_else(|| {
            let hint = "read its pieces by `Body::chunk`, or make the call without `streaming()`";
            self.decode_error(expected, "its body is a stream that was not read", Some(hint))
        })
    }

    /// The error that the response can't be decoded, why, and the way out.
    #[cold]
    pub(super) fn decode_error(&self, expected: Expected, why: &str, hint: Option<&str>) -> Error {
        let content_type = self.headers().get(header::CONTENT_TYPE).map_or("none", known_type);
        let mut message =
            format!("the response can't be decoded as {expected}: {why} (content type: {content_type})");
        let streamed = STREAMED_TYPES
            .contains(&content_type)
            .then_some("`streaming()` returns its pieces as they arrive");
        if let Some(hint) = streamed.filter(|_| self.body().is_some()).or(hint) {
            message.push_str("; ");
            message.push_str(hint);
        }
        Self::from_parts(self.head().clone(), self.value().replay()).into_error(ErrorKind::Decode, message)
    }

    /// The path to the value that can't be decoded. On a restricted path it is not shown, since the keys of a map are text of the body.
    pub(super) fn shown_path(&self, path: Option<String>) -> Option<String> {
        let is_restricted =
            self.head().sent.as_ref().is_some_and(|sent| sent.exchange.redaction.is_restricted());
        path.filter(|_| !is_restricted).map(|path| self.head().shown(&path))
    }
}

/// The types that an error names. The header of a server is not shown, since it can hold anything.
const KNOWN_TYPES: [&str; 21] = [
    "application/atom+xml",
    "application/hal+json",
    "application/json",
    "application/ld+json",
    "application/octet-stream",
    "application/pdf",
    "application/problem+json",
    "application/problem+xml",
    "application/soap+xml",
    "application/vnd.api+json",
    "application/x-ndjson",
    "application/x-www-form-urlencoded",
    "application/xhtml+xml",
    "application/xml",
    "application/zip",
    "text/csv",
    "text/event-stream",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/xml",
];

/// The types of bodies that are read while they arrive.
const STREAMED_TYPES: [&str; 2] = ["application/x-ndjson", "text/event-stream"];

/// The name of a content type without its parameters, or what is known of another.
fn known_type(value: &HeaderValue) -> &'static str {
    let essence = headers::essence(value);
    match KNOWN_TYPES.into_iter().find(|known| known.as_bytes() == essence) {
        Some(known) => known,
        None if essence.ends_with(b"+json") => "another of `+json`",
        None if essence.ends_with(b"+xml") => "another of `+xml`",
        None => "another",
    }
}

/// A type as it is written where its name is imported: `Vec<Event>`, not `alloc::vec::Vec<acme::Event>`.
fn written(name: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '{' | '}' | '#');
    let parts = name.split_inclusive(|c| !is_path(c));
    parts.map(|part| part.rsplit("::").next().unwrap_or(part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_without_its_modules() {
        let rows = [
            ("acme::Event", "Event"),
            ("alloc::vec::Vec<acme::models::Event>", "Vec<Event>"),
            ("core::option::Option<(a::B, &c::D<'_>, [u8; 4])>", "Option<(B, &D<'_>, [u8; 4])>"),
            ("it::responses::reads::{{closure}}::Page", "Page"),
            ("bool", "bool"),
        ];
        for (name, expected) in rows {
            assert_eq!(written(name), expected);
        }
    }

    #[test]
    fn a_content_type_is_named_only_if_it_is_a_known_one() {
        let rows = [
            ("Text/HTML; charset=utf-8", "text/html"),
            ("application/vnd.acme.event+json", "another of `+json`"),
            ("application/s3cret", "another"),
            ("", "another"),
        ];
        for (value, expected) in rows {
            assert_eq!(known_type(&HeaderValue::from_static(value)), expected);
        }
    }
}
