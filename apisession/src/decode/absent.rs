//! The deserializer of nothing: an answer without a body, or a thing that is not there.

use serde::de::value::Error;
use serde::de::{self, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

/// What is absent decides what can be made of it: an `Option` of either, a unit only of the first.
#[derive(Clone, Copy)]
pub(crate) enum Absent {
    /// The body: 204, 205, or a success without content.
    Body,
    /// Only the body, of a thing that is there: the unit in an `Option`, which says yes or no.
    Content,
    /// The thing itself: 404.
    Thing,
}

impl<'de> Deserializer<'de> for Absent {
    type Error = Error;

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Content => visitor.visit_some(self),
            Self::Body | Self::Thing => visitor.visit_none(),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Body | Self::Content => visitor.visit_unit(),
            Self::Thing => self.deserialize_any(visitor),
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
        Err(de::Error::custom("nothing there"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
