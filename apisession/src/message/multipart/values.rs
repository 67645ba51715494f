//! Encodes a value as parts, by how it serializes: a scalar is text, a list is one part for each element, anything else is JSON.

use std::fmt::{self, Display};

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::part::Part;
use crate::encode::value::{Group, Sink, walk};
use crate::encode::{self, ArgumentError, Encodable, is_unset};
use crate::model::refused::{refused, seen_through};

/// The parts of `value`. `None`, an unset `Patch` and an empty list have none.
pub(super) fn parts<T: Encodable + ?Sized>(value: &T) -> Result<Vec<Part>, ArgumentError> {
    let mut parts = Vec::new();
    match value.encode(Elements(&mut parts)) {
        Ok(()) => {}
        Err(Stop::Whole) => one(value, &mut parts)?,
        Err(Stop::Failed(error)) if !is_unset(value) => return Err(error),
        Err(Stop::Failed(_)) => {}
    }
    Ok(parts)
}

/// The value as one part of JSON.
pub(super) fn json<T: Encodable + ?Sized>(value: &T) -> Result<Part, ArgumentError> {
    encode::json_bytes(value).map(Part::of_json)
}

/// Adds a value that is one part.
fn one<T: Encodable + ?Sized>(value: &T, parts: &mut Vec<Part>) -> Result<(), ArgumentError> {
    let mut single = Single(None);
    match walk(value, &mut single) {
        Ok(()) => parts.extend(single.0.map(Part::text)),
        Err(ArgumentError::Shape(_)) => parts.push(json(value)?),
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Takes one scalar.
struct Single(Option<String>);

impl Sink for Single {
    fn scalar(&mut self, text: &str) -> Result<(), ArgumentError> {
        self.0 = Some(text.to_owned());
        Ok(())
    }

    fn open(&mut self, group: Group) -> Result<(), ArgumentError> {
        Err(ArgumentError::Shape(group.noun().to_owned()))
    }

    fn enter(&mut self, _: &str) -> Result<(), ArgumentError> {
        Ok(())
    }

    fn leave(&mut self) {}

    fn close(&mut self) -> Result<(), ArgumentError> {
        Ok(())
    }
}

/// Why a value is not a list.
#[derive(Debug)]
enum Stop {
    /// It is one part. Nothing was added.
    Whole,
    Failed(ArgumentError),
}

impl Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is no list")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    /// The text of an author's type can hold the value, so it is not shown.
    fn custom<T: Display>(_: T) -> Self {
        Self::Failed(ArgumentError::Encoding("JSON", "its `Serialize` failed".to_owned()))
    }
}

/// Adds the elements of a list.
struct Elements<'p>(&'p mut Vec<Part>);

impl Serializer for Elements<'_> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Impossible<(), Stop>;
    type SerializeTupleVariant = Impossible<(), Stop>;
    type SerializeMap = Impossible<(), Stop>;
    type SerializeStruct = Impossible<(), Stop>;
    type SerializeStructVariant = Impossible<(), Stop>;

    refused!(Stop::Whole; scalars objects variants);
    seen_through!();

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Stop> {
        self.0.push(Part::bytes(bytes));
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Stop> {
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Stop> {
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Stop> {
        Ok(self)
    }
}

impl ser::SerializeSeq for Elements<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        one(value, self.0).map_err(Stop::Failed)
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

impl ser::SerializeTuple for Elements<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        one(value, self.0).map_err(Stop::Failed)
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}
