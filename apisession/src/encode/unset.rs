//! Tells an unset `Patch`, which is not sent, from all other values.

use std::fmt::{self, Display};

use serde::ser::{self, Impossible, Serialize, Serializer};

use crate::model::patch;

/// A serializer that serializes nothing. Its error tells what the value is.
pub(super) struct Asked;

#[derive(Debug)]
pub(super) enum Kind {
    Unset,
    Other,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value is not serialized")
    }
}

impl std::error::Error for Kind {}

impl ser::Error for Kind {
    fn custom<T: Display>(text: T) -> Self {
        if text.to_string() == patch::UNSET { Self::Unset } else { Self::Other }
    }
}

macro_rules! other {
    ($($method:ident($($type:ty),*) -> $ok:ident;)*) => {
        $(
            fn $method(self, $(_: $type),*) -> Result<Self::$ok, Kind> {
                Err(Kind::Other)
            }
        )*
    };
}

impl Serializer for Asked {
    type Ok = ();
    type Error = Kind;
    type SerializeSeq = Impossible<(), Kind>;
    type SerializeTuple = Impossible<(), Kind>;
    type SerializeTupleStruct = Impossible<(), Kind>;
    type SerializeTupleVariant = Impossible<(), Kind>;
    type SerializeMap = Impossible<(), Kind>;
    type SerializeStruct = Impossible<(), Kind>;
    type SerializeStructVariant = Impossible<(), Kind>;

    other! {
        serialize_bool(bool) -> Ok;
        serialize_i8(i8) -> Ok;
        serialize_i16(i16) -> Ok;
        serialize_i32(i32) -> Ok;
        serialize_i64(i64) -> Ok;
        serialize_i128(i128) -> Ok;
        serialize_u8(u8) -> Ok;
        serialize_u16(u16) -> Ok;
        serialize_u32(u32) -> Ok;
        serialize_u64(u64) -> Ok;
        serialize_u128(u128) -> Ok;
        serialize_f32(f32) -> Ok;
        serialize_f64(f64) -> Ok;
        serialize_char(char) -> Ok;
        serialize_str(&str) -> Ok;
        serialize_bytes(&[u8]) -> Ok;
        serialize_none() -> Ok;
        serialize_unit() -> Ok;
        serialize_unit_struct(&'static str) -> Ok;
        serialize_unit_variant(&'static str, u32, &'static str) -> Ok;
        serialize_seq(Option<usize>) -> SerializeSeq;
        serialize_tuple(usize) -> SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
        serialize_map(Option<usize>) -> SerializeMap;
        serialize_struct(&'static str, usize) -> SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Kind> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Kind> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Kind> {
        Err(Kind::Other)
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<(), Kind> {
        Err(Kind::Other)
    }
}
