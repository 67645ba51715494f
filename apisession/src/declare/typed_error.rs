//! What the derive of `ApiError` asks of the types of a variant's fields.

use std::any::Any;

use serde::Deserialize;
use serde_json::Value;

use crate::decode::Probe;
use crate::error::{Error, ErrorKind};

/// A field of a variant: the decoded body, or the error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from a response",
    label = "this is neither `Deserialize` nor `apisession::Error`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`"
)]
pub trait ErrorField: Sized {
    /// What the body is decoded as.
    type Decoded;

    /// Decodes the body, if the field has it.
    fn decoded(error: &Error) -> Option<Self::Decoded>;

    /// The field. Takes the error, if the field is the error.
    fn completed(decoded: Self::Decoded, error: &mut Option<Error>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: for<'de> Deserialize<'de>> ErrorField for T {
    type Decoded = T;

    fn decoded(error: &Error) -> Option<T> {
        error.body_as()
    }

    fn completed(decoded: T, _: &mut Option<Error>) -> T {
        decoded
    }
}

impl ErrorField for Error {
    type Decoded = ();

    fn decoded(_: &Error) -> Option<()> {
        Some(())
    }

    fn completed((): (), error: &mut Option<Error>) -> Error {
        error.take().expect("the derive has checked that only one field is the error")
    }
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
