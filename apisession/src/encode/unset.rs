//! Tells an unset `Patch`, which is not sent, from all other values.

use std::fmt::{self, Display};

use serde::ser::{self, Impossible, Serializer};

use crate::model::patch;
use crate::model::refused::{refused, seen_through};

/// A serializer that serializes nothing. Its error tells what the value is.
pub(super) struct Asked;

#[derive(Debug)]
pub(super) enum Kind {
    Unset,
    Other,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value is not serialized")
    }
}

impl std::error::Error for Kind {}

impl ser::Error for Kind {
    fn custom<T: Display>(text: T) -> Self {
        if text.to_string() == patch::UNSET { Self::Unset } else { Self::Other }
    }
}

impl Serializer for Asked {
    type Ok = ();
    type Error = Kind;
    type SerializeSeq = Impossible<(), Kind>;
    type SerializeTuple = Impossible<(), Kind>;
    type SerializeTupleStruct = Impossible<(), Kind>;
    type SerializeTupleVariant = Impossible<(), Kind>;
    type SerializeMap = Impossible<(), Kind>;
    type SerializeStruct = Impossible<(), Kind>;
    type SerializeStructVariant = Impossible<(), Kind>;

    refused!(Kind::Other; scalars bytes none lists objects variants);
    seen_through!();

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<(), Kind> {
        Err(Kind::Other)
    }
}
