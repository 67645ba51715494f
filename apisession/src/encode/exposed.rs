//! Finds the secrets in a value that is sent, so that they are masked wherever the server repeats them.

use std::fmt::{self, Display};

use serde::ser::{self, Serialize, Serializer};

use super::value::Encodable;
use crate::redact::{EXPOSED, Secret};

/// The value, if it is a secret, and those in its fields, which are serialized by [`Secret::serialize_exposed`].
pub(crate) fn secrets<T: Encodable + ?Sized>(value: &T) -> Vec<Secret> {
    let mut secrets = Vec::new();
    find_secrets(value, &mut secrets);
    secrets
}

/// Adds the same secrets to others.
pub(crate) fn find_secrets<T: Encodable + ?Sized>(value: &T, secrets: &mut Vec<Secret>) {
    // A value that can't be serialized is not sent either.
    let _ = value.encode(&mut Finder { secrets, is_secret: false });
}

struct Finder<'a> {
    secrets: &'a mut Vec<Secret>,
    /// Whether the next string is a secret.
    is_secret: bool,
}

/// Why a value can't be serialized, which is reported when it is sent.
#[derive(Debug)]
struct Failed;

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value can't be serialized")
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

type Found = Result<(), Failed>;

macro_rules! skipped {
    ($($method:ident($($type:ty),*))*) => {
        $(fn $method(self, $(_: $type),*) -> Found {
            Ok(())
        })*
    };
}

macro_rules! entered {
    ($($method:ident($($type:ty),*))*) => {
        $(fn $method(self, $(_: $type),*) -> Result<Self, Failed> {
            Ok(self)
        })*
    };
}

impl Serializer for &mut Finder<'_> {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    skipped! {
        serialize_bool(bool) serialize_char(char) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_f32(f32) serialize_f64(f64)
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    entered! {
        serialize_seq(Option<usize>) serialize_tuple(usize) serialize_tuple_struct(&'static str, usize)
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
        serialize_map(Option<usize>) serialize_struct(&'static str, usize)
        serialize_struct_variant(&'static str, u32, &'static str, usize)
    }

    fn serialize_str(self, text: &str) -> Found {
        if std::mem::take(&mut self.is_secret) {
            self.secrets.push(Secret::from(text));
        }
        Ok(())
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Found {
        // A secret is a string already, and to format any other text would only cost time.
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Found {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Found {
        self.is_secret = name == EXPOSED;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Found {
        value.serialize(self)
    }
}

macro_rules! parts {
    ($($trait:ident::$method:ident($($key:ty)?))*) => {
        $(impl ser::$trait for &mut Finder<'_> {
            type Ok = ();
            type Error = Failed;

            fn $method<T: Serialize + ?Sized>(&mut self, $(_: $key,)? value: &T) -> Found {
                value.serialize(&mut **self)
            }

            fn end(self) -> Found {
                Ok(())
            }
        })*
    };
}

parts! {
    SerializeSeq::serialize_element()
    SerializeTuple::serialize_element()
    SerializeTupleStruct::serialize_field()
    SerializeTupleVariant::serialize_field()
    SerializeStruct::serialize_field(&'static str)
    SerializeStructVariant::serialize_field(&'static str)
}

impl ser::SerializeMap for &mut Finder<'_> {
    type Ok = ();
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Found {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Found {
        value.serialize(&mut **self)
    }

    fn end(self) -> Found {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(serde::Serialize)]
    struct Login {
        user: &'static str,
        #[serde(serialize_with = "Secret::serialize_exposed")]
        password: Secret,
    }

    #[derive(serde::Serialize)]
    enum Way {
        Direct(Login),
        Steps { first: Login, all: Vec<Way> },
        Both(Login, u8),
    }

    fn login(password: &str) -> Login {
        Login { user: "ana", password: password.into() }
    }

    #[test]
    fn the_secrets_of_a_value_are_found_and_nothing_else() {
        let way =
            Way::Steps { first: login("a"), all: vec![Way::Direct(login("b")), Way::Both(login("c"), 1)] };
        let map = BTreeMap::from([("x", Some(way))]);
        let found: Vec<_> = secrets(&map).iter().map(|secret| secret.expose().to_owned()).collect();
        assert_eq!(found, ["a", "b", "c"]);
        assert!(secrets(&("ana", [1, 2])).is_empty());
        assert_eq!(serde_json::to_string(&login("a")).unwrap(), r#"{"user":"ana","password":"a"}"#);
    }
}
