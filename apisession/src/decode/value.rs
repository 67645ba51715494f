//! Decodes the one value that a body of JSON has inside of others: `{"data": …}`.

use std::any::type_name;
use std::borrow::Cow;

use http::header;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::absent::Absent;
use super::failure::Expected;
use super::json::error_path;
use super::pointer::Pointer;
use super::reason::stated;
use crate::encode::without_bom;
use crate::error::Result;
use crate::message::{Response, charset};
use crate::redact;

/// Required of a type that an operation with the key `value` returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the value at a place in the body",
    label = "this is not `Deserialize`",
    note = "the key `value` is for JSON; add `#[derive(serde::Deserialize)]` to `{Self}`, or remove the key"
)]
pub trait ValueInBody: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> ValueInBody for T {}

/// Decodes the value at a place of the body. Without a value, or for a 404, an `Option` is `None`.
#[doc(hidden)]
pub fn value_at<T: ValueInBody>(result: Result<Response>, pointer: &'static str) -> Result<T> {
    match result {
        Ok(response) => response.json_at(pointer),
        Err(error) if error.is_absent() => T::deserialize(Absent::Resource).map_err(|_| error),
        Err(error) => Err(error),
    }
}

impl Response {
    fn json_at<T: DeserializeOwned>(&self, pointer: &'static str) -> Result<T> {
        let expected = Expected::of("JSON", type_name::<T>());
        let bytes = without_bom(self.bytes(expected)?);
        if bytes.trim_ascii().is_empty() {
            return self.json();
        }
        let text = match charset::transcoded(bytes, self.headers().get(header::CONTENT_TYPE)) {
            Some(text) => Cow::Owned(text.into_bytes()),
            None => Cow::Borrowed(bytes),
        };
        let Some(value) = Pointer(pointer).find(&text) else {
            // A body that is no JSON has no place either.
            let why = match serde_json::from_slice::<IgnoredAny>(&text) {
                Ok(_) => match T::deserialize(Absent::Resource) {
                    Ok(value) => return Ok(value),
                    Err(_) => format!("it has no value at `{pointer}`"),
                },
                Err(error) => error.to_string(),
            };
            return Err(self.decode_error(expected, &why, None));
        };
        serde_json::from_slice(value).map_err(|error| {
            let inner = error_path::<T>(value);
            let why = match stated::<T>(value, inner.as_deref(), &error) {
                Some(why) => redact::line(&why),
                None if error.is_data() => "a value that the type does not accept".to_owned(),
                None => error.to_string(),
            };
            let place = pointer[1..].replace('/', ".");
            let path = inner.map_or(place.clone(), |inner| match inner.starts_with('[') {
                true => place + &inner,
                false => format!("{place}.{inner}"),
            });
            match self.shown_path(Some(path)) {
                Some(path) => self.decode_error(expected, &format!("{path}: {why}"), None),
                None => self.decode_error(expected, &why, None),
            }
        })
    }
}
