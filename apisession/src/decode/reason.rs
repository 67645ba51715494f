//! Why JSON can't be decoded, in the words of serde alone.
//!
//! The message of an error can quote the body: serde does, and so may the `custom` error of an author's type. So the text of an error is
//! not read. The body is decoded once more with an error type that keeps what serde states about the type, and forgets the rest.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::reason::{Node, Reason};

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
pub(super) fn stated<T: DeserializeOwned>(
    body: &[u8],
    path: Option<&str>,
    error: &serde_json::Error,
) -> Option<String> {
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
        Reason::OfUnion(place, expected) if is_same => {
            let expected = if quotes(&expected, &body) { "another one" } else { &*expected };
            Some(format!("another type or value in the {place} where {expected} is expected"))
        }
        Reason::Expected(_) | Reason::OfUnion(..) | Reason::Custom => None,
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
