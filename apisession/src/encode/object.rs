//! A JSON object that is assembled field by field. What a value was encoded as is sent byte for byte.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::argument::ArgumentError;
use super::json::json_bytes;
use super::value::{Encodable, is_unset};

/// The fields of an object, in the order in which they are first set.
#[derive(Clone, Default)]
pub(crate) struct Object(pub(super) Vec<Field>);

#[derive(Clone)]
pub(super) struct Field {
    /// A name, or a pointer (RFC 6901), which begins with a slash.
    pub(super) place: &'static str,
    pub(super) json: Vec<u8>,
    /// Whether it takes the place of a member of the model.
    pub(super) replaces: bool,
}

impl Object {
    /// Sets a field, or replaces its value. An unset `Patch` removes it.
    pub(crate) fn set<T: Encodable + ?Sized>(
        &mut self,
        place: &'static str,
        value: &T,
    ) -> Result<(), ArgumentError> {
        let json = match json_bytes(value) {
            Ok(json) => json,
            Err(_) if is_unset(value) => {
                self.0.retain(|field| field.place != place);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        match self.0.iter_mut().find(|field| field.place == place) {
            Some(field) => field.json = json,
            None => self.0.push(Field { place, json, replaces: false }),
        }
        Ok(())
    }

    /// Returns the object as JSON: the members of `model`, if there is one, and then the fields.
    pub(crate) fn to_json(&self, model: Option<&[u8]>) -> Result<Vec<u8>, ArgumentError> {
        let model = model.map(members).transpose()?.unwrap_or_default();
        let fields = self.0.iter().map(|field| Placed { at: tokens(field.place), field }).collect();
        let mut json = Vec::new();
        merge(&mut json, model, fields)?;
        Ok(json)
    }
}

/// A field, and the names that lead to it from the object that is being written.
struct Placed<'a> {
    at: Vec<Cow<'a, str>>,
    field: &'a Field,
}

/// Writes an object with the members of a model and with fields, which may be inside of a member.
fn merge(json: &mut Vec<u8>, model: Members<'_>, mut fields: Vec<Placed<'_>>) -> Result<(), ArgumentError> {
    json.push(b'{');
    let mut separator = "";
    let mut begin = |json: &mut Vec<u8>, name: &str| {
        json.extend_from_slice(separator.as_bytes());
        json.extend(json_bytes(name)?);
        json.push(b':');
        separator = ",";
        Ok(())
    };
    for (name, value) in model.0 {
        begin(json, &name)?;
        let inner = inside(&mut fields, &name);
        match inner.iter().find(|placed| placed.at.is_empty()) {
            Some(placed) if placed.field.replaces => json.extend_from_slice(&placed.field.json),
            Some(placed) => return Err(clash(placed.field)),
            None if inner.is_empty() => json.extend_from_slice(value.get().as_bytes()),
            None => {
                let inside = members(value.get().as_bytes());
                let can_begin = value.get() == "null" && inner.iter().all(|placed| placed.field.replaces);
                let inside = inside.or_else(|_| {
                    if can_begin { Ok(Members::default()) } else { Err(clash(inner[0].field)) }
                })?;
                merge(json, inside, inner)?;
            }
        }
    }
    while let Some(first) = fields.first() {
        let name = first.at[0].clone();
        begin(json, &name)?;
        let inner = inside(&mut fields, &name);
        match inner.iter().find(|placed| placed.at.is_empty()) {
            Some(placed) => json.extend_from_slice(&placed.field.json),
            None => merge(json, Members::default(), inner)?,
        }
    }
    json.push(b'}');
    Ok(())
}

/// Takes the fields of the member `name`, without that name.
fn inside<'a>(fields: &mut Vec<Placed<'a>>, name: &str) -> Vec<Placed<'a>> {
    let inner = fields.extract_if(.., |placed| placed.at[0] == name);
    inner
        .map(|mut placed| {
            placed.at.remove(0);
            placed
        })
        .collect()
}

fn clash(field: &Field) -> ArgumentError {
    ArgumentError::Clash(field.place.to_owned(), "the operation".to_owned())
}

/// The names in a place.
pub(super) fn tokens(place: &str) -> Vec<Cow<'_, str>> {
    let Some(pointer) = place.strip_prefix('/') else { return vec![Cow::Borrowed(place)] };
    pointer
        .split('/')
        .map(|token| match token.contains('~') {
            true => Cow::Owned(token.replace("~1", "/").replace("~0", "~")),
            false => Cow::Borrowed(token),
        })
        .collect()
}

/// The members of an object, each with its text.
#[derive(Default)]
struct Members<'a>(Vec<(String, &'a RawValue)>);

fn members(json: &[u8]) -> Result<Members<'_>, ArgumentError> {
    serde_json::from_slice(json).map_err(|_| ArgumentError::NotAnObject)
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
