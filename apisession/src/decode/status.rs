//! A response that is decoded by its status: what the derive of `ApiResponse` writes down.

use std::any::type_name;

use super::failure::Expected;
use crate::error::{Error, status_text};
use crate::message::Response;

/// The error of a response whose status has no variant in `T`, which declares these.
#[cold]
pub fn undeclared_status<T>(response: &Response, declared: &str) -> Error {
    let why = format!(
        "its status, {}, is none of those that the type declares: {declared}",
        status_text(response.status())
    );
    let hint = "add a variant with this status, or with `2xx`";
    response.decode_error(Expected::of("a variant", type_name::<T>()), &why, Some(hint))
}

/// What a request accepts if its response is one of several types: what all of them accept, or else anything.
#[must_use]
pub const fn common_accept(all: &[&'static str]) -> &'static str {
    let [first, rest @ ..] = all else { return super::JSON };
    let mut index = 0;
    while index < rest.len() {
        if !is_same(first.as_bytes(), rest[index].as_bytes()) {
            return super::ANY;
        }
        index += 1;
    }
    first
}

/// `==`, which is not const.
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}
