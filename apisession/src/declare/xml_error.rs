//! `Xml<T>` as a field of a typed error.

use serde::de::DeserializeOwned;

use super::typed_error::ErrorField;
use crate::decode::Xml;
use crate::error::Error;

impl<T: DeserializeOwned> ErrorField for Xml<T> {
    type Decoded = Self;

    fn decoded(error: &Error) -> Option<Self> {
        error.body_as_xml().map(Self)
    }

    fn completed(decoded: Self, _: &mut Option<Error>) -> Self {
        decoded
    }
}
