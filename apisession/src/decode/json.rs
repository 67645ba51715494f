//! Decodes the body of a response as JSON.

use std::any::type_name;
use std::borrow::Cow;

use http::{HeaderValue, header};
use serde::de::DeserializeOwned;

use super::absent::Absent;
use super::failure::Expected;
use super::reason::reason;
use crate::encode::without_bom;
use crate::error::{Error, Result};
use crate::message::{Response, charset};
use crate::redact;

impl Response {
    /// Decodes the body as JSON, whatever its content type.
    ///
    /// An empty or blank body decodes as `None` for an `Option`, as `()` for a unit, and as `Some(())` for an `Option<()>`. A byte
    /// order mark at its start is ignored. A body that is not JSON in UTF-8 is read in its own charset, as by [`text`](Self::text).
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the body is not JSON of this type, or is a stream that was not
    /// read. The error names the type and the content type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let bytes = without_bom(self.bytes(Expected::of("JSON", type_name::<T>()))?);
        if bytes.trim_ascii().is_empty() {
            let why = if bytes.is_empty() { "it has no body" } else { "its body is blank" };
            let empty = T::deserialize(Absent::Content).or_else(|_| T::deserialize(Absent::Body));
            return empty.map_err(|_| self.json_error(None, why, type_name::<T>()));
        }
        parse(bytes, || self.headers().get(header::CONTENT_TYPE)).map_err(|(error, bytes)| {
            let path = error_path::<T>(&bytes);
            let why = reason::<T>(&bytes, path.as_deref(), &error);
            self.json_error(path, &redact::line(&why), type_name::<T>())
        })
    }

    #[cold]
    fn json_error(&self, path: Option<String>, why: &str, name: &'static str) -> Error {
        let content_type = self.headers().get(header::CONTENT_TYPE);
        let by_charset = self.body().and_then(|body| charset::hint(body, content_type));
        let hint = by_charset.or_else(|| hint(name));
        match self.shown_path(path) {
            Some(path) => self.decode_error(Expected::of("JSON", name), &format!("{path}: {why}"), hint),
            None => self.decode_error(Expected::of("JSON", name), why, hint),
        }
    }
}

/// Parses JSON. It is UTF-8 (RFC 8259 §8.1), and what can't be read as such is read in its own charset. The error has the text that it
/// is about.
pub(super) fn parse<'b, 'h, T: DeserializeOwned>(
    bytes: &'b [u8],
    content_type: impl FnOnce() -> Option<&'h HeaderValue>,
) -> Result<T, (serde_json::Error, Cow<'b, [u8]>)> {
    serde_json::from_slice(bytes).or_else(|error| match charset::transcoded(bytes, content_type()) {
        Some(text) => {
            serde_json::from_slice(text.as_bytes()).map_err(|error| (error, text.into_bytes().into()))
        }
        None => Err((error, bytes.into())),
    })
}

/// The way out for a type that is JSON where the body seldom is.
fn hint(name: &str) -> Option<&'static str> {
    let is = |inner: &str| name == inner || name == format!("core::option::Option<{inner}>");
    if is("alloc::string::String") || is("alloc::boxed::Box<str>") || is("alloc::sync::Arc<str>") {
        Some("a `String` is a string in JSON; `Call<Text>` returns any text, and `Call<Bytes>` any body")
    } else if is("alloc::vec::Vec<u8>") {
        Some("a `Vec<u8>` is a list of numbers in JSON; `Call<Bytes>` returns any body as it is")
    } else {
        None
    }
}

/// The path to the value that can't be decoded: `data[3].title`. It decodes a second time, with tracking.
#[cold]
pub(super) fn error_path<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = serde_path_to_error::deserialize::<_, T>(&mut json).err()?;
    Some(error.path().to_string()).filter(|path| path != ".")
}
