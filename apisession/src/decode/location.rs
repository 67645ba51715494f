//! The location of a response as its value.

use super::FromResponse;
use super::failure::Expected;
use crate::describe::ResponseKind;
use crate::error::Result;
use crate::message::{Location, Response};

/// Returns the `Location` of a successful response, or of a redirect, which is not followed.
impl FromResponse for Location {
    const RETURNS_REDIRECTS: bool = true;
    const KIND: ResponseKind = ResponseKind::Location;

    fn from_response(response: Response) -> Result<Self> {
        response.read_location().map_err(|why| {
            let why = response.head().shown(&format!("it {why}"));
            let hint = "if the server sends none at times, return `Call<Option<Location>>`; if it is in the body, return that";
            response.decode_error(Expected::LOCATION, &why, Some(hint))
        })
    }

    fn is_absent(response: &Response) -> bool {
        !response.headers().contains_key(http::header::LOCATION)
    }
}
