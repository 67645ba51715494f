//! Decodes the variants of a union.

use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Unexpected, Visitor};
use serde_json::Value;

use super::RawJson;
use super::reason::{Node, OF_UNION, Reason};

/// The text of the tag. Data that is no object, or has no such text, has none.
#[doc(hidden)]
#[must_use]
pub fn tag_of(raw: &RawJson, tag: &str) -> Option<String> {
    serde_json::Deserializer::from_str(raw.get()).deserialize_map(Tag(tag)).ok().flatten()
}

struct Tag<'t>(&'t str);

impl<'de> Visitor<'de> for Tag<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<String>()? {
            if name == self.0 && found.is_none() {
                found = Some(members.next_value::<Value>()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found.and_then(|value| value.as_str().map(str::to_owned)))
    }
}

/// Decodes the data of the variant that the tag selects.
#[doc(hidden)]
pub fn variant<T: DeserializeOwned, U, E: de::Error>(raw: &RawJson, make: fn(T) -> U) -> Result<U, E> {
    serde_json::from_str(raw.get()).map(make).map_err(|_| failed::<T, E>(raw))
}

/// Decodes the data of a variant, if it has that shape.
#[doc(hidden)]
#[must_use]
pub fn shaped<T: DeserializeOwned, U>(raw: &RawJson, make: fn(T) -> U) -> Option<U> {
    serde_json::from_str(raw.get()).map(make).ok()
}

/// Where the data is not what its type expects, and what that is. The text of the data is not quoted.
#[cold]
fn failed<T: DeserializeOwned, E: de::Error>(raw: &RawJson) -> E {
    let value: Value = match serde_json::from_str(raw.get()) {
        Ok(value) => value,
        Err(error) => return E::custom(error),
    };
    let Err(error) = serde_path_to_error::deserialize::<_, T>(Node(&value)) else {
        return E::custom("the data is not what the type of the variant expects");
    };
    let path = error.path().to_string();
    let place = if path == "." { OF_UNION.to_owned() } else { format!("{OF_UNION} at `{path}`") };
    let (place, expected) = match error.into_inner() {
        Reason::Expected(expected) => (place, expected),
        Reason::OfUnion(inner, expected) => (format!("{inner} in the {place}"), expected),
        Reason::Stated(stated) => (format!("{place} ({stated})"), "other data".to_owned()),
        Reason::Custom => (place, "a value that the type accepts".to_owned()),
    };
    E::invalid_value(Unexpected::Other(&place), &expected.as_str())
}
