//! Decodes the body of a response as JSON.

use std::any::type_name;

use serde::de::DeserializeOwned;

use super::absent::Absent;
use super::failure::Expected;
use super::reason::reason;
use crate::encode::without_bom;
use crate::error::{Error, Result};
use crate::message::Response;
use crate::redact;

impl Response {
    /// Decodes the body as JSON, whatever its content type.
    ///
    /// An empty or blank body decodes as `None` for an `Option`, as `()` for a unit, and as `Some(())` for an `Option<()>`. A byte
    /// order mark at its start is ignored.
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
        serde_json::from_slice(bytes).map_err(|error| {
            let path = error_path::<T>(bytes);
            let why = reason::<T>(bytes, path.as_deref(), &error);
            self.json_error(path, &redact::line(&why), type_name::<T>())
        })
    }

    #[cold]
    fn json_error(&self, path: Option<String>, why: &str, name: &'static str) -> Error {
        match self.shown_path(path) {
            Some(path) => {
                self.decode_error(Expected::of("JSON", name), &format!("{path}: {why}"), hint(name))
            }
            None => self.decode_error(Expected::of("JSON", name), why, hint(name)),
        }
    }
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
fn error_path<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = serde_path_to_error::deserialize::<_, T>(&mut json).err()?;
    Some(error.path().to_string()).filter(|path| path != ".")
}
