//! What a type expects, in the words of serde alone: an error that keeps what serde states about the type, and forgets the value.

use std::fmt::{self, Display};

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Number, Value};

/// How the errors of unions begin, by which they are known.
pub(super) const OF_UNION: &str = "data of the union";

/// The error of a type, without the value that it is about.
#[derive(Debug)]
pub(crate) enum Reason {
    /// A complete text, made of names in the declaration of the type.
    Stated(String),
    /// What is expected. An author's type may have written it.
    Expected(String),
    /// The place in the data of a union, which is made of names, and what is expected there.
    OfUnion(String, String),
    /// The text of an author's type, which may hold anything.
    Custom,
}

impl Reason {
    fn name(expected: &[&str]) -> Self {
        let quoted = |name: &&str| format!("`{name}`");
        let names = match expected {
            [] => return Self::Stated("a name where none is expected".to_owned()),
            [one] => format!("`{one}`"),
            [one, other] => format!("`{one}` or `{other}`"),
            all => format!("one of {}", all.iter().map(quoted).collect::<Vec<_>>().join(", ")),
        };
        Self::Stated(format!("a name where {names} is expected"))
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value can't be decoded")
    }
}

impl std::error::Error for Reason {}

impl de::Error for Reason {
    fn custom<T: Display>(_: T) -> Self {
        Self::Custom
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        match unexpected {
            Unexpected::Other(place) if place.starts_with(OF_UNION) => {
                Self::OfUnion(place.to_owned(), expected.to_string())
            }
            _ => Self::Expected(expected.to_string()),
        }
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::name(expected)
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::name(expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Stated(format!("missing field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Stated(format!("duplicate field `{field}`"))
    }
}

/// A value of the body.
#[derive(Clone, Copy)]
pub(crate) struct Node<'de>(pub(crate) &'de Value);

impl<'de> IntoDeserializer<'de, Reason> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn fields(
    fields: &Map<String, Value>,
) -> MapDeserializer<'_, impl Iterator<Item = (Key<'_>, Node<'_>)>, Reason> {
    MapDeserializer::new(fields.iter().map(|(key, value)| (Key(key), Node(value))))
}

fn number<'de, V: Visitor<'de>>(value: &Number, visitor: V) -> Result<V::Value, Reason> {
    match (value.as_u64(), value.as_i64()) {
        (Some(value), _) => visitor.visit_u64(value),
        (None, Some(value)) => visitor.visit_i64(value),
        (None, None) => visitor.visit_f64(value.as_f64().unwrap_or(f64::NAN)),
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Reason;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(value) => number(value, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(Node));
                let value = visitor.visit_seq(&mut items)?;
                items.end().map(|()| value)
            }
            Value::Object(all) => visitor.visit_map(fields(all)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Object(all) => visitor.visit_enum(MapAccessDeserializer::new(fields(all))),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A key of an object. JSON has no other keys than text, so a number or a boolean is parsed.
#[derive(Clone, Copy)]
struct Key<'de>(&'de str);

impl<'de> IntoDeserializer<'de, Reason> for Key<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
            match serde_json::from_str::<Value>(self.0) {
                Ok(Value::Bool(value)) => visitor.visit_bool(value),
                Ok(Value::Number(value)) => number(&value, visitor),
                _ => visitor.visit_borrowed_str(self.0),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Reason;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
