//! How a field or a parameter becomes parts of a multipart body: by its type.

use crate::decode::Probe;
use crate::encode::Encodable;
use crate::message::multipart::{IntoParts, PartValue};

/// The first of three ways, which are selected by method probing on `&&&Probe<T>`: the value is parts already.
pub trait ByParts<T: ?Sized> {
    /// Returns the parts.
    fn part_value(&self, value: &T) -> PartValue;
}

impl<T: IntoParts + ?Sized> ByParts<T> for &&Probe<T> {
    fn part_value(&self, value: &T) -> PartValue {
        PartValue::parts(value)
    }
}

/// The second way: the value is encoded.
pub trait ByValue<T: ?Sized> {
    /// Returns the parts.
    fn part_value(&self, value: &T) -> PartValue;
}

impl<T: Encodable + ?Sized> ByValue<T> for &Probe<T> {
    fn part_value(&self, value: &T) -> PartValue {
        PartValue::value(value)
    }
}

/// The third way, which fails to compile.
pub trait ByNoPart<T: ?Sized> {
    /// Fails to compile.
    fn part_value(&self, value: &T) -> PartValue
    where
        T: AsPart;
}

impl<T: ?Sized> ByNoPart<T> for Probe<T> {
    fn part_value(&self, value: &T) -> PartValue
    where
        T: AsPart,
    {
        value.never()
    }
}

/// Required of a type that can't be a part. No type implements it; it exists for the compiler's message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a part of a multipart body",
    label = "this is neither a `Part`, nor bytes, nor `Serialize`",
    note = "add `#[derive(serde::Serialize)]` to `{Self}`, or pass a `Part`, such as `Part::file(…)`"
)]
pub trait AsPart {
    /// Is never called.
    fn never(&self) -> PartValue;
}
