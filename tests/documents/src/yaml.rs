//! Reads YAML as a JSON value: the core schema of YAML 1.2, with numbers of any size.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// Reads the first document of a text.
///
/// # Errors
///
/// Fails with a message if the text is not YAML.
pub fn read(text: &str) -> Result<Value, String> {
    let mut stack: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, Value> = HashMap::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => (scalar(&text, style), anchor),
            Event::Alias(anchor) => (anchors.get(&anchor).cloned().ok_or("an alias has no anchor")?, 0),
            Event::SequenceStart(anchor, _) => {
                stack.push(Open::List(Vec::new(), anchor));
                continue;
            }
            Event::MappingStart(anchor, _) => {
                stack.push(Open::Map(Map::new(), None, anchor));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                match stack.pop().ok_or("the events are not balanced")? {
                    Open::List(list, anchor) => (Value::Array(list), anchor),
                    Open::Map(map, _, anchor) => (Value::Object(map), anchor),
                }
            }
            _ => continue,
        };
        if anchor != 0 {
            anchors.insert(anchor, value.clone());
        }
        match stack.last_mut() {
            None => return Ok(value),
            Some(Open::List(list, _)) => list.push(value),
            Some(Open::Map(_, key @ None, _)) => *key = Some(as_key(&value)),
            Some(Open::Map(map, key @ Some(_), _)) => {
                map.insert(key.take().unwrap_or_default(), value);
            }
        }
    }
    Err("there is no document".to_owned())
}

/// A list or a map that is not complete, and its anchor.
enum Open {
    List(Vec<Value>, usize),
    Map(Map<String, Value>, Option<String>, usize),
}

/// Keys such as `200` are text in JSON.
fn as_key(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return text.into();
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        _ if !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) => text.into(),
        _ => text
            .parse::<i64>()
            .map(Value::from)
            .or_else(|_| text.parse::<u64>().map(Value::from))
            .or_else(|_| text.parse::<f64>().map(Value::from))
            .unwrap_or_else(|_| text.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn a_text_is_read_as_json() {
        let rows = [
            ("a: [1, -2, 2.5, '3', true, ~]", json!({"a": [1, -2, 2.5, "3", true, null]})),
            (
                "200: ok\nmax: 18446744073709552000",
                json!({"200": "ok", "max": 18_446_744_073_709_552_000_f64}),
            ),
            ("a: &x {b: 1}\nc: *x", json!({"a": {"b": 1}, "c": {"b": 1}})),
            (
                "version: 1.2.3\nday: 2026-01-31\nminus: '-'",
                json!({"version": "1.2.3", "day": "2026-01-31", "minus": "-"}),
            ),
            ("text: |\n  two\n  lines\n", json!({"text": "two\nlines\n"})),
        ];
        for (text, expected) in rows {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        assert!(read("a: [1").is_err());
    }
}
