//! The methods of a serializer that takes few kinds of values: all others return an error, which ends the serialization.

/// Writes methods of `Serializer` that return `$error`, by the kind of what they serialize.
macro_rules! refused {
    ($error:expr; $($kind:ident)*) => {
        $($crate::model::refused::refused! { @ $kind $error })*
    };
    (@ scalars $error:expr) => {
        $crate::model::refused::refused! { @@ $error;
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
            serialize_unit() -> Ok;
            serialize_unit_struct(&'static str) -> Ok;
            serialize_unit_variant(&'static str, u32, &'static str) -> Ok;
        }
    };
    (@ bytes $error:expr) => {
        $crate::model::refused::refused! { @@ $error;
            serialize_bytes(&[u8]) -> Ok;
        }
    };
    (@ none $error:expr) => {
        $crate::model::refused::refused! { @@ $error;
            serialize_none() -> Ok;
        }
    };
    (@ lists $error:expr) => {
        $crate::model::refused::refused! { @@ $error;
            serialize_seq(Option<usize>) -> SerializeSeq;
            serialize_tuple(usize) -> SerializeTuple;
        }
    };
    (@ objects $error:expr) => {
        $crate::model::refused::refused! { @@ $error;
            serialize_map(Option<usize>) -> SerializeMap;
            serialize_struct(&'static str, usize) -> SerializeStruct;
        }
    };
    // A variant with data, and a struct of it without names.
    (@ variants $error:expr) => {
        $crate::model::refused::refused! { @@ $error;
            serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
            serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
            serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
        }

        fn serialize_newtype_variant<T: serde::Serialize + ?Sized>(
            self,
            _: &'static str,
            _: u32,
            _: &'static str,
            _: &T,
        ) -> Result<Self::Ok, Self::Error> {
            Err($error)
        }
    };
    (@@ $error:expr; $($method:ident($($type:ty),*) -> $ok:ident;)*) => {
        $(
            fn $method(self, $(_: $type),*) -> Result<Self::$ok, Self::Error> {
                Err($error)
            }
        )*
    };
}

/// Writes the methods of `Serializer` that serialize what is in an option or in a newtype.
macro_rules! seen_through {
    () => {
        fn serialize_some<T: serde::Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Self::Error> {
            value.serialize(self)
        }

        fn serialize_newtype_struct<T: serde::Serialize + ?Sized>(
            self,
            _: &'static str,
            value: &T,
        ) -> Result<Self::Ok, Self::Error> {
            value.serialize(self)
        }
    };
}

pub(crate) use {refused, seen_through};
