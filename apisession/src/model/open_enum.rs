//! Enums of known values that keep unknown ones.

use std::fmt;

use serde::de::{self, Deserializer, Unexpected, Visitor};

use super::Values;

/// An enum of known values that keeps an unknown one, as [`derive@OpenEnum`](macro@crate::OpenEnum) makes it.
///
/// ```
/// use apisession::{OpenEnum, Values};
///
/// #[derive(OpenEnum)]
/// #[open_enum(rename_all = "lowercase")]
/// enum State {
///     Open,
///     Closed,
///     Other(String),
/// }
///
/// assert_eq!(State::VALUES, Values::Text(&["open", "closed"]));
/// ```
pub trait OpenEnum {
    /// The known values, in the order of the variants.
    const VALUES: Values;
}

/// Deserializes a text.
#[doc(hidden)]
pub fn text_of<'de, T, D: Deserializer<'de>>(deserializer: D, make: fn(&str) -> T) -> Result<T, D::Error> {
    deserializer.deserialize_str(Text(make))
}

/// Deserializes an integer.
#[doc(hidden)]
pub fn integer_of<'de, T, D: Deserializer<'de>>(deserializer: D, make: fn(i64) -> T) -> Result<T, D::Error> {
    deserializer.deserialize_i64(Integer(make))
}

struct Text<T>(fn(&str) -> T);

impl<T> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }
}

struct Integer<T>(fn(i64) -> T);

impl<T> Visitor<'_> for Integer<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer of 64 bits")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        Ok((self.0)(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        match i64::try_from(number) {
            Ok(number) => Ok((self.0)(number)),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }
}
