//! How an argument becomes text: through `Serialize`, scalar by scalar.

use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::argument::ArgumentError;

/// What an argument is asked for, for the sake of the message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be sent",
    label = "this is not `Serialize`",
    note = "add `#[derive(serde::Serialize)]` to `{Self}`"
)]
pub trait Encodable {
    #[doc(hidden)]
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> Encodable for T {
    fn encode<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }
}

/// How a value that is more than a scalar is written in a query.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    pub list: ListStyle,
    pub nested: Nested,
}

/// How a list is written.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListStyle {
    /// `a=1&a=2`
    #[default]
    Repeat,
    /// `a=1,2`
    Comma,
    /// `a[]=1&a[]=2`
    Brackets,
}

/// How the fields of a struct are written.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nested {
    /// Not at all.
    #[default]
    Refused,
    /// `b=1`
    Flat,
    /// `a.b=1`
    Dots,
    /// `a[b]=1`
    Brackets,
}

/// Walks through `value` in order, and hands what it finds to `sink`; `None` and empty lists are nothing.
pub(crate) fn walk<T: Encodable + ?Sized>(value: &T, sink: &mut dyn Sink) -> Result<(), ArgumentError> {
    value.encode(&mut Walk { sink, in_list: false }).map_err(|Refused(error)| error)
}

/// As [`walk`], for a value of scalars alone.
pub(crate) fn scalars<T, F>(value: &T, sink: F) -> Result<(), ArgumentError>
where
    T: Encodable + ?Sized,
    F: FnMut(fmt::Arguments<'_>) -> Result<(), ArgumentError>,
{
    walk(value, &mut Flat(sink))
}

/// What takes the parts of a value.
pub(crate) trait Sink {
    fn scalar(&mut self, text: fmt::Arguments<'_>, in_list: bool) -> Result<(), ArgumentError>;

    /// Begins a struct or a map, which `what` names.
    fn open(&mut self, what: &str) -> Result<(), ArgumentError>;

    /// Goes to a field of the struct that was begun last.
    fn enter(&mut self, key: &str) -> Result<(), ArgumentError>;

    /// Comes back from it.
    fn leave(&mut self);
}

/// A sink that takes scalars alone.
struct Flat<F>(F);

impl<F: FnMut(fmt::Arguments<'_>) -> Result<(), ArgumentError>> Sink for Flat<F> {
    fn scalar(&mut self, text: fmt::Arguments<'_>, _: bool) -> Result<(), ArgumentError> {
        (self.0)(text)
    }

    fn open(&mut self, what: &str) -> Result<(), ArgumentError> {
        Err(ArgumentError::Shape(format!("it is {what}")))
    }

    fn enter(&mut self, _: &str) -> Result<(), ArgumentError> {
        Ok(())
    }

    fn leave(&mut self) {}
}

struct Walk<'a> {
    sink: &'a mut dyn Sink,
    in_list: bool,
}

/// `ArgumentError` in the form that serde asks for.
#[derive(Debug)]
struct Refused(ArgumentError);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(message: T) -> Self {
        Self(ArgumentError::Shape(message.to_string()))
    }
}

type Done = Result<(), Refused>;

impl Walk<'_> {
    fn scalar(&mut self, text: fmt::Arguments<'_>) -> Done {
        self.sink.scalar(text, self.in_list).map_err(Refused)
    }

    fn open(&mut self, what: &str) -> Result<&mut Self, Refused> {
        if self.in_list {
            return Err(Refused(ArgumentError::Shape(format!("it is a list with {what}"))));
        }
        self.sink.open(what).map_err(Refused)?;
        Ok(self)
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Done {
        self.sink.enter(key).map_err(Refused)?;
        value.serialize(&mut *self)?;
        self.sink.leave();
        Ok(())
    }

    fn shape<T>(&self, what: &str) -> Result<T, Refused> {
        Err(Refused(ArgumentError::Shape(format!("it is {what}"))))
    }

    fn list(&mut self) -> Result<&mut Self, Refused> {
        if self.in_list {
            return self.shape("a list of lists");
        }
        self.in_list = true;
        Ok(self)
    }
}

macro_rules! display {
    ($($method:ident($type:ty))*) => {
        $(fn $method(self, value: $type) -> Done {
            self.scalar(format_args!("{value}"))
        })*
    };
}

impl<'a, 's> Serializer for &'a mut Walk<'s> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Impossible<(), Refused>;
    type SerializeMap = Fields<'a, 's>;
    type SerializeStruct = &'a mut Walk<'s>;
    type SerializeStructVariant = Impossible<(), Refused>;

    display! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_char(char) serialize_str(&str)
    }

    fn serialize_f32(self, value: f32) -> Done {
        if !value.is_finite() {
            return Err(Refused(ArgumentError::NotFinite));
        }
        self.scalar(format_args!("{value}"))
    }

    fn serialize_f64(self, value: f64) -> Done {
        if !value.is_finite() {
            return Err(Refused(ArgumentError::NotFinite));
        }
        self.scalar(format_args!("{value}"))
    }

    fn serialize_bytes(self, _: &[u8]) -> Done {
        self.shape("bytes")
    }

    fn serialize_none(self) -> Done {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.shape("a unit")
    }

    fn serialize_unit_struct(self, name: &'static str) -> Done {
        self.scalar(format_args!("{name}"))
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.scalar(format_args!("{variant}"))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Done {
        self.shape("an enum variant with data")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Refused> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Refused> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Refused> {
        self.shape("an enum variant with data")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a, 's>, Refused> {
        Ok(Fields { walk: self.open("a map")?, key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Refused> {
        self.open("a struct")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Refused> {
        self.shape("an enum variant with data")
    }
}

macro_rules! list {
    ($($trait:ident::$method:ident)*) => {
        $(impl ser::$trait for &mut Walk<'_> {
            type Ok = ();
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                value.serialize(&mut **self)
            }

            fn end(self) -> Done {
                self.in_list = false;
                Ok(())
            }
        })*
    };
}

/// A map on its way, key by key.
struct Fields<'a, 's> {
    walk: &'a mut Walk<'s>,
    key: String,
}

impl ser::SerializeMap for Fields<'_, '_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.key.clear();
        let text = &mut self.key;
        scalars(key, |scalar| {
            write!(text, "{scalar}").map_err(|_| ArgumentError::Shape("its key fails".into()))
        })
        .map_err(Refused)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.walk.field(&self.key, value)
    }

    fn end(self) -> Done {
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Walk<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        self.field(key, value)
    }

    fn end(self) -> Done {
        Ok(())
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

    #[test]
    fn what_is_no_text_is_refused() {
        let map = std::collections::BTreeMap::from([("a", 1)]);
        assert_eq!(texts(&f64::NAN), Err(ArgumentError::NotFinite));
        assert_eq!(texts(&map), Err(ArgumentError::Shape("it is a map".to_owned())));
        assert_eq!(texts(&[[1]]), Err(ArgumentError::Shape("it is a list of lists".to_owned())));
    }
}
