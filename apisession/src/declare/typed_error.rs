//! What the derive of `ApiError` asks of the types of a variant's fields.

use std::any::Any;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::decode::{FromErrorBody, Probe};
use crate::error::{Error, ErrorKind};

/// Decodes a field of a variant, which method probing on `&&&Probe<T>` selects: by `FromErrorBody`, else by `Deserialize`, else as the
/// error, else not, with a compiler error.
pub trait FieldByBody<T> {
    /// Decodes the body.
    fn decoded(&self, error: &Error) -> Option<T>;

    /// The field.
    fn completed(&self, decoded: T, error: &mut Option<Error>) -> T;
}

impl<T: FromErrorBody> FieldByBody<T> for &&Probe<T> {
    fn decoded(&self, error: &Error) -> Option<T> {
        T::from_error_body(error)
    }

    fn completed(&self, decoded: T, _: &mut Option<Error>) -> T {
        decoded
    }
}

/// As [`FieldByBody`].
pub trait FieldBySerde<T> {
    /// Decodes the body.
    fn decoded(&self, error: &Error) -> Option<T>;

    /// The field.
    fn completed(&self, decoded: T, error: &mut Option<Error>) -> T;
}

impl<T: DeserializeOwned> FieldBySerde<T> for &Probe<T> {
    fn decoded(&self, error: &Error) -> Option<T> {
        error.body_as()
    }

    fn completed(&self, decoded: T, _: &mut Option<Error>) -> T {
        decoded
    }
}

/// The field that is the error. These methods are before those of [`FieldByNothing`].
impl Probe<Error> {
    #[doc(hidden)]
    #[must_use]
    pub fn decoded(&self, _: &Error) -> Option<()> {
        Some(())
    }

    #[doc(hidden)]
    pub fn completed(&self, (): (), error: &mut Option<Error>) -> Error {
        error.take().expect("the derive has checked that only one field is the error")
    }
}

/// As [`FieldByBody`].
pub trait FieldByNothing<T> {
    /// Decodes the body.
    fn decoded(&self, error: &Error) -> Option<T>
    where
        T: ErrorField;

    /// The field.
    fn completed(&self, decoded: T, error: &mut Option<Error>) -> T;
}

impl<T> FieldByNothing<T> for Probe<T> {
    fn decoded(&self, error: &Error) -> Option<T>
    where
        T: ErrorField,
    {
        T::never(error)
    }

    fn completed(&self, decoded: T, _: &mut Option<Error>) -> T {
        decoded
    }
}

/// Required of a field that can't be decoded. No type implements it; it exists for the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from a response",
    label = "this is neither `Deserialize` nor `apisession::Error`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`, or implement `apisession::FromErrorBody` for it"
)]
pub trait ErrorField: Sized {
    /// Never called.
    fn never(error: &Error) -> Option<Self>;
}

/// What is known of a field by its type: the constants of these names are these, or else those of [`IsBody`].
impl Probe<Error> {
    #[doc(hidden)]
    pub const IS_ERROR: bool = true;
    #[doc(hidden)]
    pub const TAKES_ALL: bool = true;
}

impl<T> Probe<Option<T>> {
    #[doc(hidden)]
    pub const TAKES_ALL: bool = true;
}

/// The fields that are not the error.
pub trait IsBody {
    /// Whether the field is the error.
    const IS_ERROR: bool = false;
    /// Whether there is a value of the field for every response.
    const TAKES_ALL: bool = false;
}

impl<T> IsBody for Probe<T> {}

/// The field of the variant for all other errors.
#[diagnostic::on_unimplemented(
    message = "the `#[other]` variant must contain only the error: `Other(apisession::Error)`",
    label = "this is not `apisession::Error`"
)]
pub trait OtherField {
    /// The field.
    fn of(error: Error) -> Self;
}

impl OtherField for Error {
    fn of(error: Error) -> Self {
        error
    }
}

/// Whether the server's response is the error, and not what became of reading it.
#[must_use]
pub fn is_error_response(error: &Error) -> bool {
    let is_unreadable = || {
        matches!(
            error.kind(),
            ErrorKind::BodyTooLarge
                | ErrorKind::Decode
                | ErrorKind::Timeout
                | ErrorKind::Transport
                | ErrorKind::UnsupportedEncoding
        )
    };
    error.status().is_some_and(|status| !status.is_success() || !is_unreadable())
}

/// Whether the JSON body of the response has this value at the pointer (RFC 6901).
pub fn body_has<T>(error: &Error, pointer: &str, value: &T) -> bool
where
    Value: PartialEq<T>,
{
    error.body_as::<Value>().is_some_and(|body| body.pointer(pointer).is_some_and(|found| *found == *value))
}

/// The error, if the field is it.
pub fn as_error<T: 'static>(field: &T) -> Option<&Error> {
    (field as &dyn Any).downcast_ref()
}

/// The error, if the field is it.
pub fn into_error<T: 'static>(field: T) -> Option<Error> {
    let mut field = Some(field);
    (&mut field as &mut dyn Any).downcast_mut::<Option<Error>>()?.take()
}
