//! Serializes a variant of a union by tag: its data, and the tag if the data doesn't have it.

use std::fmt;

use serde::ser::{self, Error as _, Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

/// Serializes the data of a variant. The tag stands first, unless the data has it: then it stays where and what it is.
#[doc(hidden)]
pub fn tagged<T: Serialize, S: Serializer>(
    data: &T,
    tag: &'static str,
    value: &'static str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let has_tag = data.serialize(HasTag(tag)).is_err_and(|Found(has_tag)| has_tag);
    if has_tag { data.serialize(serializer) } else { data.serialize(Tagged { serializer, tag, value }) }
}

/// Adds the tag to a struct or a map.
struct Tagged<S> {
    serializer: S,
    tag: &'static str,
    value: &'static str,
}

/// Searches the tag in a struct or a map.
struct HasTag(&'static str);

/// Whether the tag is there. It ends the search.
#[derive(Debug)]
struct Found(bool);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the search for the tag has ended")
    }
}

impl std::error::Error for Found {}

impl ser::Error for Found {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(false)
    }
}

macro_rules! refused {
    ($error:expr; $($method:ident($($type:ty),*) -> $ok:ident;)*) => {
        $(
            fn $method(self, $(_: $type),*) -> Result<Self::$ok, Self::Error> {
                Err($error)
            }
        )*
    };
}

macro_rules! all_but_objects {
    ($error:expr) => {
        refused! { $error;
            serialize_bool(bool) -> Ok;
            serialize_i8(i8) -> Ok;
            serialize_i16(i16) -> Ok;
            serialize_i32(i32) -> Ok;
            serialize_i64(i64) -> Ok;
            serialize_u8(u8) -> Ok;
            serialize_u16(u16) -> Ok;
            serialize_u32(u32) -> Ok;
            serialize_u64(u64) -> Ok;
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
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
        }

        fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Self::Error> {
            value.serialize(self)
        }

        fn serialize_newtype_struct<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            value: &T,
        ) -> Result<Self::Ok, Self::Error> {
            value.serialize(self)
        }

        fn serialize_newtype_variant<T: Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Self::Error> {
            Err($error)
        }
    };
}

const OBJECT: &str = "the data of a union by tag must be a struct or a map, to which the tag is added";

impl<S: Serializer> Serializer for Tagged<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Impossible<S::Ok, S::Error>;
    type SerializeTuple = Impossible<S::Ok, S::Error>;
    type SerializeTupleStruct = Impossible<S::Ok, S::Error>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = S::SerializeMap;
    type SerializeStruct = S::SerializeStruct;
    type SerializeStructVariant = Impossible<S::Ok, S::Error>;

    all_but_objects!(S::Error::custom(OBJECT));

    fn serialize_map(self, length: Option<usize>) -> Result<S::SerializeMap, S::Error> {
        let mut map = self.serializer.serialize_map(length.map(|length| length + 1))?;
        map.serialize_entry(self.tag, self.value)?;
        Ok(map)
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<S::SerializeStruct, S::Error> {
        let mut fields = self.serializer.serialize_struct(name, length + 1)?;
        fields.serialize_field(self.tag, self.value)?;
        Ok(fields)
    }
}

impl Serializer for HasTag {
    type Ok = ();
    type Error = Found;
    type SerializeSeq = Impossible<(), Found>;
    type SerializeTuple = Impossible<(), Found>;
    type SerializeTupleStruct = Impossible<(), Found>;
    type SerializeTupleVariant = Impossible<(), Found>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Found>;

    all_but_objects!(Found(false));

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Found> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Found> {
        Ok(self)
    }
}

impl SerializeMap for HasTag {
    type Ok = ();
    type Error = Found;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Found> {
        match serde_json::to_value(key) {
            Ok(key) if key == *self.0 => Err(Found(true)),
            _ => Ok(()),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Found> {
        Ok(())
    }

    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}

impl SerializeStruct for HasTag {
    type Ok = ();
    type Error = Found;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, _: &T) -> Result<(), Found> {
        if key == self.0 { Err(Found(true)) } else { Ok(()) }
    }

    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}
