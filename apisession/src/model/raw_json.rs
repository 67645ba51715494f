//! JSON as it was received.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// How deep JSON may be, as for `serde_json`.
const MAX_DEPTH: usize = 128;

/// The name by which `serde_json` knows that the text is asked for.
pub(crate) const RAW: &str = "$serde_json::private::RawValue";

/// The name of a number that is its text, if any crate turns on `serde_json/arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// JSON as it was received: byte for byte, with its numbers, its whitespace, and the order of its members.
///
/// ```
/// use apisession::RawJson;
///
/// let raw: RawJson = serde_json::from_str(r#"{"b": 1.10, "a": 2e400}"#)?;
/// assert_eq!(raw.get(), r#"{"b": 1.10, "a": 2e400}"#);
/// assert_eq!(serde_json::to_string(&raw)?, raw.get());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Where it is a field of a struct with `#[serde(flatten)]`, or part of an enum of serde, the text is gone already, and is written again: with
/// the same values, except for numbers that neither a 64-bit integer nor an `f64` can hold.
#[derive(Clone)]
pub struct RawJson(pub(super) Box<RawValue>);

impl RawJson {
    /// Returns the text.
    #[must_use]
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

/// Shows how long the text is, and nothing of it.
impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.get().len())
    }
}

/// Compares the texts.
impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for RawJson {}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, RawVisitor)
    }
}

struct RawVisitor;

macro_rules! scalars {
    ($($method:ident($type:ty))*) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<RawJson, E> {
            written(&Value::from(value))
        })*
    };
}

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawJson;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    scalars! { visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64) visit_str(&str) visit_string(String) }

    fn visit_unit<E: de::Error>(self) -> Result<RawJson, E> {
        written(&Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<RawJson, E> {
        written(&Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawJson, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawJson, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<RawJson, A::Error> {
        written(&Value::deserialize(SeqAccessDeserializer::new(items))?)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<RawJson, A::Error> {
        let Some(first) = members.next_key::<String>()? else { return written(&Value::Object(Map::new())) };
        if first == RAW || first == NUMBER {
            return read(members.next_value()?);
        }
        let mut all = Map::from_iter([(first, members.next_value()?)]);
        all.extend(Map::deserialize(MapAccessDeserializer::new(members))?);
        written(&Value::Object(all))
    }
}

fn written<E: de::Error>(value: &Value) -> Result<RawJson, E> {
    read(value.to_string())
}

fn read<E: de::Error>(text: String) -> Result<RawJson, E> {
    // A union decodes the text anew, without the depth that its parser has counted. A text that is deeper than any parser takes would
    // overflow the stack.
    if !is_shallow(&text) {
        return Err(E::custom("recursion limit exceeded"));
    }
    RawValue::from_string(text).map(RawJson).map_err(|_| E::custom("the value is no JSON"))
}

/// Whether valid JSON is no deeper than `serde_json` takes.
pub(super) fn is_shallow(text: &str) -> bool {
    !text.starts_with(['[', '{']) || depth(text) <= MAX_DEPTH
}

/// How deep lists and objects are in valid JSON.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut is_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
