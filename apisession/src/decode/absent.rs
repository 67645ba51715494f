//! A deserializer for a response without a value: without a body, or with status 404.

use serde::de::value::Error;
use serde::de::{self, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

/// What a response lacks. It decides which types can be decoded: an `Option` is always `None` or `Some(())`, and a unit
/// can be decoded unless the resource is missing.
#[derive(Clone, Copy)]
pub(crate) enum Absent {
    /// The body of a success, as of 204 or 205, or a blank one. An `Option` is `None`, and a unit is `()`.
    Body,
    /// The body of a success, for an `Option<()>` that reports whether the resource exists: it is `Some(())`.
    Content,
    /// The resource itself: 404. An `Option` is `None`, and a unit is an error.
    Resource,
}

impl<'de> Deserializer<'de> for Absent {
    type Error = Error;

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Content => visitor.visit_some(self),
            Self::Body | Self::Resource => visitor.visit_none(),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Body | Self::Content => visitor.visit_unit(),
            Self::Resource => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(de::Error::custom("the response has no value"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
