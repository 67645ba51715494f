//! A field of a partial update: absent, null, or a value.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{self, Serialize, Serializer};

/// A field of a partial update: left as it is, set to null, or set to a value.
///
/// An `Option` can't tell the first two apart. A field of a model needs both attributes of serde, the second of which lets it be left
/// out. A parameter, such as a `#[field]`, needs none: an unset one is not sent.
///
/// ```
/// use apisession::Patch;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct EditEvent {
///     #[serde(default, skip_serializing_if = "Patch::is_unset")]
///     title: Patch<String>,
///     #[serde(default, skip_serializing_if = "Patch::is_unset")]
///     note: Patch<String>,
///     #[serde(default, skip_serializing_if = "Patch::is_unset")]
///     room: Patch<u32>,
/// }
///
/// let edit = EditEvent { title: "Standup".into(), note: Patch::Null, ..EditEvent::default() };
/// assert_eq!(serde_json::to_string(&edit)?, r#"{"title":"Standup","note":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// A field that is unset and has no `skip_serializing_if` fails to serialize: a null would erase the value. In a query, a form and a
/// multipart body [`Null`](Self::Null) is an error, since these have no null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The field is not sent. The value stays as it is.
    #[default]
    Unset,
    /// The field is sent as null, which erases the value.
    Null,
    /// The field is sent with this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether the field is not sent.
    #[must_use]
    pub const fn is_unset(&self) -> bool {
        matches!(self, Self::Unset)
    }

    /// Whether the field is sent as null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Returns the value, if there is one.
    #[must_use]
    pub fn value(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Unset | Self::Null => None,
        }
    }

    /// Returns the same with a reference to the value.
    #[must_use]
    pub const fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Unset => Patch::Unset,
            Self::Null => Patch::Null,
            Self::Set(value) => Patch::Set(value),
        }
    }

    /// Returns [`Set`](Self::Set) for a value, and [`Null`](Self::Null) for `None`.
    #[must_use]
    pub fn or_null(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Set)
    }

    /// Returns [`Set`](Self::Set) for a value, and [`Unset`](Self::Unset) for `None`.
    #[must_use]
    pub fn or_unset(value: Option<T>) -> Self {
        value.map_or(Self::Unset, Self::Set)
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for Patch<String> {
    fn from(text: &str) -> Self {
        Self::Set(text.to_owned())
    }
}

/// Why an unset value is not serialized. The encoders of arguments know it, and leave the value out.
pub(crate) const UNSET: &str = "an unset `Patch` would be sent as null; write `#[serde(default, skip_serializing_if = \"Patch::is_unset\")]` above \
     the field";

/// The name of a null, by which the encoders of arguments know it. JSON does not write it.
pub(crate) const NULL: &str = "$apisession::Null";

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unset => Err(ser::Error::custom(UNSET)),
            Self::Null => serializer.serialize_unit_struct(NULL),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

/// A value that is present: null, or of type `T`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::or_null)
    }
}
