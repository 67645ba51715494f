//! Decodes the body of a response as JSON or text.

use bytes::Bytes;
use http::{HeaderValue, header};
use serde::de::DeserializeOwned;

use super::absent::Absent;
use super::reason::reason;
use crate::encode::without_bom;
use crate::error::{Error, ErrorKind, Result};
use crate::message::Response;
use crate::redact;

impl Response {
    /// Decodes the body as JSON.
    ///
    /// An empty or blank body decodes as `None` for an `Option`, as `()` for a unit, and as `Some(())` for an `Option<()>`. A byte
    /// order mark at its start is ignored.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`] if the body is not JSON of this type, or is a stream that was not read.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let bytes = without_bom(self.bytes()?);
        if bytes.trim_ascii().is_empty() {
            let why = if bytes.is_empty() { "it has no body" } else { "its body is blank" };
            let empty = T::deserialize(Absent::Content).or_else(|_| T::deserialize(Absent::Body));
            return empty.map_err(|_| self.decode_error(why, hint::<T>()));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            let path = error_path::<T>(bytes);
            let why = reason::<T>(bytes, path.as_deref(), &error);
            self.json_error(path, &redact::line(&why), hint::<T>())
        })
    }

    /// Returns the body as text.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`] if the body is not UTF-8, or is a stream that was not read.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| {
            self.decode_error("it is not UTF-8", Some("`Call<Bytes>` returns any body as it is"))
        })
    }

    pub(super) fn bytes(&self) -> Result<&Bytes> {
        self.body().ok_or_else(|| {
            let hint = "read its pieces by `Body::chunk`, or make the call without `streaming()`";
            self.decode_error("its body is a stream that was not read", Some(hint))
        })
    }

    #[cold]
    fn json_error(&self, path: Option<String>, why: &str, hint: Option<&str>) -> Error {
        let is_restricted = self.head().sent.as_ref().is_some_and(|sent| sent.exchange.mask.is_restricted());
        // The keys of a map are text of the body.
        match path.filter(|_| !is_restricted) {
            Some(path) => self.decode_error(&format!("{}: {why}", self.head().shown(&path)), hint),
            None => self.decode_error(why, hint),
        }
    }

    #[cold]
    fn decode_error(&self, why: &str, hint: Option<&str>) -> Error {
        let content_type = self.headers().get(header::CONTENT_TYPE).map_or("none", known_type);
        let mut message = format!("the response can't be decoded: {why} (content type: {content_type})");
        let streamed = STREAMED_TYPES
            .contains(&content_type)
            .then_some("`streaming()` returns its pieces as they arrive");
        if let Some(hint) = streamed.filter(|_| self.body().is_some()).or(hint) {
            message.push_str("; ");
            message.push_str(hint);
        }
        Self::from_parts(self.head().clone(), self.value().replay()).into_error(ErrorKind::Decode, message)
    }
}

/// The types that an error names. The header of a server is not shown, since it can hold anything.
const KNOWN_TYPES: [&str; 10] = [
    "application/json",
    "application/octet-stream",
    "application/problem+json",
    "application/x-ndjson",
    "application/xml",
    "text/csv",
    "text/event-stream",
    "text/html",
    "text/plain",
    "text/xml",
];

/// The types of bodies that are read while they arrive.
const STREAMED_TYPES: [&str; 2] = ["application/x-ndjson", "text/event-stream"];

/// The way out for a type that is JSON where the body seldom is.
#[cold]
fn hint<T>() -> Option<&'static str> {
    let name = std::any::type_name::<T>();
    let is = |inner: &str| name == inner || name == format!("core::option::Option<{inner}>");
    if is("alloc::string::String") || is("alloc::boxed::Box<str>") || is("alloc::sync::Arc<str>") {
        Some("a `String` is a string in JSON; `Call<Text>` returns any text, and `Call<Bytes>` any body")
    } else if is("alloc::vec::Vec<u8>") {
        Some("a `Vec<u8>` is a list of numbers in JSON; `Call<Bytes>` returns any body as it is")
    } else {
        None
    }
}

/// The name of a content type without its parameters, or `another`.
fn known_type(value: &HeaderValue) -> &'static str {
    let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let known = KNOWN_TYPES.into_iter().find(|known| essence.eq_ignore_ascii_case(known.as_bytes()));
    known.unwrap_or("another")
}

/// The path to the value that can't be decoded: `data[3].title`. It decodes a second time, with tracking.
#[cold]
fn error_path<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = serde_path_to_error::deserialize::<_, T>(&mut json).err()?;
    Some(error.path().to_string()).filter(|path| path != ".")
}
