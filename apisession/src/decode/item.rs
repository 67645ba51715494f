//! One item of a stream: its value, or the error that it reports.

use std::any::type_name;

use bytes::Bytes;
use http::HeaderValue;
use serde::de::DeserializeOwned;

use super::absent::Absent;
use super::failure::Expected;
use super::feed::Feed;
use super::json::error_path;
use super::reason::reason;
use crate::error::{Error, ErrorKind, Result};
use crate::message::problem;
use crate::redact;

/// Decodes an item that was counted already.
pub(super) fn json<T: DeserializeOwned>(text: &[u8], feed: &Feed) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| json_error::<T>(text, &error, feed))
}

#[cold]
fn json_error<T: DeserializeOwned>(text: &[u8], error: &serde_json::Error, feed: &Feed) -> Error {
    let path = error_path::<T>(text);
    let why = redact::line(&reason::<T>(text, path.as_deref(), error));
    let path = path.filter(|_| !feed.is_restricted()).map(|path| format!("{}: ", feed.shown(&path)));
    let path = path.unwrap_or_default();
    undecoded(text, feed, &format!("{}: {path}{why}", Expected::of("JSON", type_name::<T>())))
}

/// What there is instead of a value: `None` for an `Option`.
pub(super) fn absent<T: DeserializeOwned>() -> Result<T, serde::de::value::Error> {
    T::deserialize(Absent::Resource)
}

/// The error of an item that can't be decoded. It continues a sentence: "item 7 of the stream can't be decoded as …".
#[cold]
pub(super) fn undecoded(text: &[u8], feed: &Feed, why: &str) -> Error {
    let message = format!("item {} of the stream can't be decoded as {why}", feed.items);
    feed.error_with(Bytes::copy_from_slice(text), ErrorKind::Decode, message)
}

/// The error that an item reports. Its body is what the server sent about it.
#[cold]
pub(super) fn reported(text: &[u8], feed: &Feed) -> Error {
    let json = HeaderValue::from_static("application/json");
    let found = problem::message(Some(&json), text).filter(|_| !feed.is_restricted());
    let mut message = "the server reported an error in the stream".to_owned();
    if let Some(found) = found {
        message.push_str(": ");
        message.push_str(&feed.shown(&found));
    }
    feed.error_with(Bytes::copy_from_slice(text), ErrorKind::InStream, message).after_items(feed.items)
}
