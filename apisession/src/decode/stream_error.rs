//! What the error of a stream must be, for the sake of the compiler's message.

use crate::error::{Error, ErrorKind, Result};
use crate::message::Response;

/// Any type that an error can be converted to.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a stream",
    label = "this is not `From<apisession::Error>`",
    note = "add `#[derive(ApiError)]` to `{Self}`, or implement `From<apisession::Error>` for it"
)]
pub trait StreamError {}

#[diagnostic::do_not_recommend]
impl<E: From<Error>> StreamError for E {}

/// The error of a type that is not decoded.
pub(super) fn never<S>(result: Result<Response>) -> Result<S> {
    Err(result.err().unwrap_or_else(|| Error::new(ErrorKind::Decode, "the type is not decoded")))
}
