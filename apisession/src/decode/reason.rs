//! Why JSON can't be decoded, in the words of serde alone.
//!
//! The message of an error can quote the body: serde does, and so may the `custom` error of an author's type. So the text of an error is
//! not read. The body is decoded once more with an error type that keeps what serde states about the type, and forgets the rest.

use std::fmt::{self, Display};

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Number, Value};

/// Why the value at `path` can't be decoded as `T`, and at which position, without any text of the body.
#[cold]
pub(super) fn reason<T: DeserializeOwned>(
    body: &[u8],
    path: Option<&str>,
    error: &serde_json::Error,
) -> String {
    if !error.is_data() {
        // Errors of syntax have fixed texts.
        return error.to_string();
    }
    let stated = stated::<T>(body, path, error);
    let stated = stated.unwrap_or_else(|| "a value that the type does not accept".to_owned());
    format!("{stated} at line {} column {}", error.line(), error.column())
}

/// What serde states about the type at `path`.
fn stated<T: DeserializeOwned>(body: &[u8], path: Option<&str>, error: &serde_json::Error) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let Err(again) = serde_path_to_error::deserialize::<_, T>(Node(&body)) else {
        return repeated(&body, &error.to_string());
    };
    let is_same = again.path().to_string() == path.unwrap_or(".");
    match again.into_inner() {
        Reason::Stated(text) => Some(text).filter(|_| is_same),
        Reason::Expected(expected) if is_same && !quotes(&expected, &body) => {
            Some(format!("another type or value where {expected} is expected"))
        }
        Reason::Expected(_) | Reason::Custom => None,
    }
}

/// A `Value` has each key once, so the error of a key that is repeated does not come again. Its text is exact only with such a key.
fn repeated(body: &Value, text: &str) -> Option<String> {
    let (name, _) = text.strip_prefix("duplicate field `")?.split_once('`')?;
    has_key(body, name).then(|| format!("duplicate field `{name}`"))
}

fn has_key(body: &Value, name: &str) -> bool {
    match body {
        Value::Array(items) => items.iter().any(|item| has_key(item, name)),
        Value::Object(fields) => {
            fields.contains_key(name) || fields.values().any(|field| has_key(field, name))
        }
        _ => false,
    }
}

/// Whether a text contains a scalar of the body.
fn quotes(text: &str, body: &Value) -> bool {
    match body {
        Value::Null | Value::Bool(_) => false,
        Value::Number(number) => contains(text, &number.to_string()),
        Value::String(scalar) => contains(text, scalar),
        Value::Array(items) => items.iter().any(|item| quotes(text, item)),
        Value::Object(fields) => fields.values().any(|field| quotes(text, field)),
    }
}

/// Whether a text contains a scalar; one of a byte or two, such as the 64 in `u64`, as a word of its own.
pub(super) fn contains(text: &str, scalar: &str) -> bool {
    match scalar.len() {
        0 => false,
        1 | 2 => text.split(|c: char| !c.is_alphanumeric()).any(|word| word == scalar),
        _ => text.contains(scalar),
    }
}

/// The error of a type, without the value that it is about.
#[derive(Debug)]
enum Reason {
    /// A complete text, made of names in the declaration of the type.
    Stated(String),
    /// What is expected. An author's type may have written it.
    Expected(String),
    /// The text of an author's type, which may hold anything.
    Custom,
}

impl Reason {
    fn name(expected: &[&str]) -> Self {
        let quoted = |name: &&str| format!("`{name}`");
        let names = match expected {
            [] => return Self::Stated("a name where none is expected".to_owned()),
            [one] => format!("`{one}`"),
            [one, other] => format!("`{one}` or `{other}`"),
            all => format!("one of {}", all.iter().map(quoted).collect::<Vec<_>>().join(", ")),
        };
        Self::Stated(format!("a name where {names} is expected"))
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value can't be decoded")
    }
}

impl std::error::Error for Reason {}

impl de::Error for Reason {
    fn custom<T: Display>(_: T) -> Self {
        Self::Custom
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::Expected(expected.to_string())
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::name(expected)
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::name(expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Stated(format!("missing field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Stated(format!("duplicate field `{field}`"))
    }
}

/// A value of the body.
#[derive(Clone, Copy)]
struct Node<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, Reason> for Node<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn fields(
    fields: &Map<String, Value>,
) -> MapDeserializer<'_, impl Iterator<Item = (Key<'_>, Node<'_>)>, Reason> {
    MapDeserializer::new(fields.iter().map(|(key, value)| (Key(key), Node(value))))
}

fn number<'de, V: Visitor<'de>>(value: &Number, visitor: V) -> Result<V::Value, Reason> {
    match (value.as_u64(), value.as_i64()) {
        (Some(value), _) => visitor.visit_u64(value),
        (None, Some(value)) => visitor.visit_i64(value),
        (None, None) => visitor.visit_f64(value.as_f64().unwrap_or(f64::NAN)),
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Reason;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(value) => number(value, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(Node));
                let value = visitor.visit_seq(&mut items)?;
                items.end().map(|()| value)
            }
            Value::Object(all) => visitor.visit_map(fields(all)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Object(all) => visitor.visit_enum(MapAccessDeserializer::new(fields(all))),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A key of an object. JSON has no other keys than text, so a number or a boolean is parsed.
#[derive(Clone, Copy)]
struct Key<'de>(&'de str);

impl<'de> IntoDeserializer<'de, Reason> for Key<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
            match serde_json::from_str::<Value>(self.0) {
                Ok(Value::Bool(value)) => visitor.visit_bool(value),
                Ok(Value::Number(value)) => number(&value, visitor),
                _ => visitor.visit_borrowed_str(self.0),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Reason;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoding_error_never_quotes_the_body() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        struct Card {
            number: u64,
            kind: Option<Kind>,
        }
        #[derive(Debug, serde::Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum Kind {
            Gold,
        }
        let rows = [
            (r#"{"number":"s3cret"}"#, "another type or value where u64 is expected at line 1 column 18"),
            (r#"{"number":-3141592}"#, "another type or value where u64 is expected at line 1 column 18"),
            (
                r#"{"number":1,"kind":"s3cret, expected x"}"#,
                "a name where `gold` is expected at line 1 column 39",
            ),
            (r#"{"number":1,"s3cret":2}"#, "a name where `number` or `kind` is expected at line 1 column 20"),
            (r#"{"kind":"gold"}"#, "missing field `number` at line 1 column 15"),
            (r#"{"number":1,"number":2}"#, "duplicate field `number` at line 1 column 20"),
            ("s3cret", "expected value at line 1 column 1"),
            (r#"{"number":"#, "EOF while parsing a value at line 1 column 10"),
        ];
        for (body, expected) in rows {
            let error = serde_json::from_str::<Card>(body).unwrap_err();
            let mut json = serde_json::Deserializer::from_str(body);
            let path = serde_path_to_error::deserialize::<_, Card>(&mut json).unwrap_err().path().to_string();
            assert_eq!(reason::<Card>(body.as_bytes(), Some(&path), &error), expected, "{body}: {error}");
        }
    }
}
