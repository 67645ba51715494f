//! Serializes a variant of a union by tag: its data, and the tag if the data doesn't have it.

use std::fmt;

use serde::ser::{self, Error as _, Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};

use super::refused::{refused, seen_through};

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

    refused!(S::Error::custom(OBJECT); scalars bytes none lists variants);
    seen_through!();

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

    refused!(Found(false); scalars bytes none lists variants);
    seen_through!();

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
