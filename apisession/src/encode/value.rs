//! Converts an argument to text with its `Serialize` implementation, scalar by scalar.

use std::fmt::{self, Display};

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::argument::ArgumentError;
use super::unset::{Asked, Kind};
use crate::model::{patch, raw_json};
use crate::redact::Secret;

/// Every `Serialize` type, and a [`Secret`], which is none so that it gets into no model by accident.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent",
    label = "this is not `Serialize`",
    note = "add `#[derive(serde::Serialize)]` to `{Self}`",
    note = "a `Part` is sent by `#[part]`, and a `Body` by `#[body(\"media/type\")]`"
)]
pub trait Encodable {
    #[doc(hidden)]
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// The value, if it must not be shown.
    #[doc(hidden)]
    fn secret(&self) -> Option<&Secret> {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Encodable for T {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

#[diagnostic::do_not_recommend]
impl Encodable for Secret {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize_exposed(serializer)
    }

    fn secret(&self) -> Option<&Secret> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl Encodable for &Secret {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize_exposed(serializer)
    }

    fn secret(&self) -> Option<&Secret> {
        Some(self)
    }
}

/// How lists and structs are encoded in a query or a form.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub list: ListStyle,
    pub nested: Nested,
}

impl Style {
    /// Whether the names of the pairs depend on the value.
    pub(crate) fn has_names_of_fields(self) -> bool {
        self.nested != Nested::Refused || self.list == ListStyle::Indices
    }
}

/// How a list is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListStyle {
    /// `a=1&a=2`
    #[default]
    Repeat,
    /// `a=1,2`
    Comma,
    /// `a[]=1&a[]=2`
    Brackets,
    /// `a[0]=1&a[1]=2`
    Indices,
    /// `a=1%7C2`
    Pipes,
    /// `a=1%202`
    Spaces,
}

/// How the fields of a struct or a map are encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nested {
    /// They are an error.
    #[default]
    Refused,
    /// `b=1`
    Flat,
    /// `a.b=1`
    Dots,
    /// `a[b]=1`
    Brackets,
}

/// Whether a value that can't be serialized is an unset [`Patch`](crate::Patch), which is no failure. It is asked only then, since all
/// other values would be serialized twice.
pub(crate) fn is_unset<T: Encodable + ?Sized>(value: &T) -> bool {
    matches!(value.encode(Asked), Err(Kind::Unset))
}

/// Passes the parts of `value` to `sink`, in order. `None` and an unset `Patch` have no parts.
pub(crate) fn walk<T: Encodable + ?Sized>(value: &T, sink: &mut dyn Sink) -> Result<(), ArgumentError> {
    match value.encode(&mut Walk { sink, in_number: false }) {
        Err(EncodeError(error)) if !is_unset(value) => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Like [`walk`], for a scalar or a list of scalars. A struct or a map is an error.
pub(crate) fn scalars<T, F>(value: &T, sink: F) -> Result<(), ArgumentError>
where
    T: Encodable + ?Sized,
    F: FnMut(&str) -> Result<(), ArgumentError>,
{
    walk(value, &mut Flat { sink, in_list: false })
}

/// Receives the parts of a value.
pub(crate) trait Sink {
    fn scalar(&mut self, text: &str) -> Result<(), ArgumentError>;

    /// Starts a list, a struct or a map.
    fn open(&mut self, group: Group) -> Result<(), ArgumentError>;

    /// Enters the field `key` of the innermost struct or map.
    fn enter(&mut self, key: &str) -> Result<(), ArgumentError>;

    /// Leaves the field that was entered last.
    fn leave(&mut self);

    /// Ends what was started last.
    fn close(&mut self) -> Result<(), ArgumentError>;
}

/// A value that has parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    List,
    Map,
    Struct,
}

impl Group {
    /// The noun with its article.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::List => "a list",
            Self::Map => "a map",
            Self::Struct => "a struct",
        }
    }
}

/// A sink for scalars only.
struct Flat<F> {
    sink: F,
    in_list: bool,
}

impl<F: FnMut(&str) -> Result<(), ArgumentError>> Sink for Flat<F> {
    fn scalar(&mut self, text: &str) -> Result<(), ArgumentError> {
        (self.sink)(text)
    }

    fn open(&mut self, group: Group) -> Result<(), ArgumentError> {
        let shape = match (self.in_list, group) {
            (false, Group::List) => {
                self.in_list = true;
                return Ok(());
            }
            (true, Group::List) => "a list of lists".to_owned(),
            (true, group) => format!("a list with {}", group.noun()),
            (false, group) => group.noun().to_owned(),
        };
        Err(ArgumentError::Shape(format!("it is {shape}")))
    }

    fn enter(&mut self, _: &str) -> Result<(), ArgumentError> {
        Ok(())
    }

    fn leave(&mut self) {}

    fn close(&mut self) -> Result<(), ArgumentError> {
        self.in_list = false;
        Ok(())
    }
}

struct Walk<'a> {
    sink: &'a mut dyn Sink,
    /// Whether the struct that is open is [`NUMBER`].
    in_number: bool,
}

/// The struct as which `serde_json::Number` is serialized if any crate turns on `serde_json/arbitrary_precision`. Its one field is
/// the number as text.
const NUMBER: &str = "$serde_json::private::Number";

/// An `ArgumentError` that implements the error trait of serde.
#[derive(Debug)]
struct EncodeError(ArgumentError);

impl Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for EncodeError {}

impl ser::Error for EncodeError {
    /// The text of an author's type can hold the value, so it is not shown.
    fn custom<T: Display>(_: T) -> Self {
        Self(ArgumentError::Shape("its `Serialize` failed".to_owned()))
    }
}

type Encoded = Result<(), EncodeError>;

impl Walk<'_> {
    fn scalar(&mut self, text: &str) -> Encoded {
        self.sink.scalar(text).map_err(EncodeError)
    }

    fn open(&mut self, group: Group) -> Result<&mut Self, EncodeError> {
        self.sink.open(group).map_err(EncodeError)?;
        Ok(self)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Encoded {
        self.sink.enter(key).map_err(EncodeError)?;
        match value.serialize(&mut *self) {
            Err(error) if !is_unset(value) => return Err(error),
            Ok(()) | Err(_) => self.sink.leave(),
        }
        Ok(())
    }

    fn close(&mut self) -> Encoded {
        self.sink.close().map_err(EncodeError)
    }

    fn shape<T>(&self, what: &str) -> Result<T, EncodeError> {
        Err(EncodeError(ArgumentError::Shape(format!("it is {what}"))))
    }
}

macro_rules! integers {
    ($($method:ident($type:ty))*) => {
        $(fn $method(self, value: $type) -> Encoded {
            self.scalar(itoa::Buffer::new().format(value))
        })*
    };
}

impl<'a, 's> Serializer for &'a mut Walk<'s> {
    type Ok = ();
    type Error = EncodeError;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), EncodeError>;
    type SerializeMap = Fields<'a, 's>;
    type SerializeStruct = &'a mut Walk<'s>;
    type SerializeStructVariant = Impossible<(), EncodeError>;

    integers! {
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }

    fn serialize_bool(self, value: bool) -> Encoded {
        self.scalar(if value { "true" } else { "false" })
    }

    fn serialize_char(self, value: char) -> Encoded {
        self.scalar(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Encoded {
        self.scalar(value)
    }

    fn serialize_f32(self, value: f32) -> Encoded {
        if !value.is_finite() {
            return Err(EncodeError(ArgumentError::NotFinite));
        }
        self.scalar(&value.to_string())
    }

    fn serialize_f64(self, value: f64) -> Encoded {
        if !value.is_finite() {
            return Err(EncodeError(ArgumentError::NotFinite));
        }
        self.scalar(&value.to_string())
    }

    fn serialize_bytes(self, _: &[u8]) -> Encoded {
        self.shape("bytes")
    }

    fn serialize_none(self) -> Encoded {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Encoded {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Encoded {
        self.shape("a unit")
    }

    fn serialize_unit_struct(self, name: &'static str) -> Encoded {
        if name == patch::NULL {
            return Err(EncodeError(ArgumentError::Null));
        }
        self.scalar(name)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Encoded {
        self.scalar(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Encoded {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Encoded {
        self.shape("an enum variant with data")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, EncodeError> {
        self.open(Group::List)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, EncodeError> {
        self.open(Group::List)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, EncodeError> {
        self.open(Group::List)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, EncodeError> {
        self.shape("an enum variant with data")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a, 's>, EncodeError> {
        Ok(Fields { walk: self.open(Group::Map)?, key: String::new() })
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self, EncodeError> {
        if name == NUMBER {
            self.in_number = true;
            return Ok(self);
        }
        if name == raw_json::RAW {
            return self.shape("raw JSON");
        }
        self.open(Group::Struct)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, EncodeError> {
        self.shape("an enum variant with data")
    }
}

macro_rules! list {
    ($($trait:ident::$method:ident)*) => {
        $(impl ser::$trait for &mut Walk<'_> {
            type Ok = ();
            type Error = EncodeError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Encoded {
                value.serialize(&mut **self)
            }

            fn end(self) -> Encoded {
                self.close()
            }
        })*
    };
}

/// Serializes the entries of a map.
struct Fields<'a, 's> {
    walk: &'a mut Walk<'s>,
    key: String,
}

impl ser::SerializeMap for Fields<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Encoded {
        self.key.clear();
        let text = &mut self.key;
        scalars(key, |scalar| {
            text.push_str(scalar);
            Ok(())
        })
        .map_err(EncodeError)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Encoded {
        self.walk.field(&self.key, value)
    }

    fn end(self) -> Encoded {
        self.walk.close()
    }
}

impl ser::SerializeStruct for &mut Walk<'_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Encoded {
        if self.in_number { value.serialize(&mut **self) } else { self.field(key, value) }
    }

    fn end(self) -> Encoded {
        if std::mem::take(&mut self.in_number) { Ok(()) } else { self.close() }
    }
}

list! { SerializeSeq::serialize_element SerializeTuple::serialize_element SerializeTupleStruct::serialize_field }

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<T: Serialize>(value: &T) -> Result<Vec<String>, ArgumentError> {
        let mut texts = Vec::new();
        scalars(value, |text| {
            texts.push(text.to_string());
            Ok(())
        })?;
        Ok(texts)
    }

    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Order {
        NewestFirst,
    }

    #[derive(serde::Serialize)]
    struct Id(u64);

    #[test]
    fn scalars_and_lists_of_them_become_text() {
        let none: Option<u8> = None;
        let rows: [(Result<Vec<String>, _>, &[&str]); 9] = [
            (texts(&"a b"), &["a b"]),
            (texts(&-7_i64), &["-7"]),
            (texts(&true), &["true"]),
            (texts(&1.5_f64), &["1.5"]),
            (texts(&Id(9)), &["9"]),
            (texts(&Order::NewestFirst), &["newest-first"]),
            (texts(&Some([1, 2])), &["1", "2"]),
            (texts(&none), &[]),
            (texts(&("a", 1)), &["a", "1"]),
        ];
        for (found, expected) in rows {
            assert_eq!(found.unwrap(), expected);
        }
    }

    /// As `serde_json::Number` with `arbitrary_precision`.
    #[derive(serde::Serialize)]
    #[serde(rename = "$serde_json::private::Number")]
    struct Arbitrary {
        text: &'static str,
    }

    #[test]
    fn fault_f5_a_number_of_arbitrary_precision_is_a_scalar() {
        let rows: [(Result<Vec<String>, _>, &[&str]); 3] = [
            (texts(&Arbitrary { text: "1.50" }), &["1.50"]),
            (texts(&[Arbitrary { text: "1" }, Arbitrary { text: "2" }]), &["1", "2"]),
            (texts(&Some(Arbitrary { text: "-1e400" })), &["-1e400"]),
        ];
        for (found, expected) in rows {
            assert_eq!(found.unwrap(), expected);
        }
    }

    #[test]
    fn a_value_that_is_not_a_scalar_or_a_list_of_them_is_an_error() {
        let map = std::collections::BTreeMap::from([("a", 1)]);
        assert_eq!(texts(&f64::NAN), Err(ArgumentError::NotFinite));
        assert_eq!(texts(&map), Err(ArgumentError::Shape("it is a map".to_owned())));
        assert_eq!(texts(&[[1]]), Err(ArgumentError::Shape("it is a list of lists".to_owned())));
    }
}
