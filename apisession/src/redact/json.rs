//! A body of JSON as it is shown: with the names of its fields, and without their values.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::allow_list::{Step, Verdict};
use super::line::is_reordering;
use super::{AllowList, MASK, is_secret_name};

/// The JSON without the values that are not shown, on one line, and whether that is all of it: it ends with the first value after `max`
/// bytes, or where it is not JSON any more.
pub(super) fn shown(text: &[u8], list: Option<&AllowList>, max: usize) -> (String, bool) {
    let mut writer = Writer { out: String::new(), path: Vec::new(), list, max };
    let mut read = serde_json::Deserializer::from_slice(text);
    let is_whole = writer.deserialize(&mut read).and_then(|()| read.end()).is_ok();
    (writer.out, is_whole)
}

/// Writes the value that is read.
struct Writer<'a> {
    out: String,
    /// Where the value is.
    path: Vec<Step>,
    list: Option<&'a AllowList>,
    max: usize,
}

/// The key of a number, where `serde_json` keeps all its digits.
const NUMBER: &str = "$serde_json::private::Number";

impl Writer<'_> {
    fn verdict(&self) -> Option<Verdict> {
        self.list?.of_field(&self.path)
    }

    /// Whether a number or a string is shown here.
    fn shows_value(&self) -> bool {
        match self.verdict() {
            Some(Verdict::Shown) => true,
            Some(Verdict::ShownByPattern) => {
                !self.path.iter().rev().find_map(Step::key).is_some_and(is_secret_name)
            }
            Some(Verdict::Hidden) | None => false,
        }
    }

    fn value<E: Error>(&mut self, text: impl fmt::Display) -> Result<(), E> {
        if self.shows_value() {
            self.out.push_str(&text.to_string());
        } else {
            self.out.push_str(&format!("\"{MASK}\""));
        }
        self.unless_full()
    }

    fn unless_full<E: Error>(&self) -> Result<(), E> {
        if self.out.len() > self.max { Err(E::custom("the rest is not shown")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.verdict() == Some(Verdict::Hidden) {
            deserializer.deserialize_ignored_any(IgnoredAny)?;
            self.out.push_str(&format!("\"{MASK}\""));
            return self.unless_full();
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Writer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.out.push_str("null");
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.value(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.value(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.value(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.value(quoted(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.out.push('[');
        let mut index = 0;
        loop {
            let length = self.out.len();
            if index > 0 {
                self.out.push(',');
            }
            self.path.push(Step::Index(index));
            if items.next_element_seed(&mut *self)?.is_none() {
                self.out.truncate(length);
                break;
            }
            self.path.pop();
            index += 1;
        }
        self.path.pop();
        self.out.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut is_first = true;
        while let Some(key) = fields.next_key::<String>()? {
            if is_first && key == NUMBER {
                let digits = fields.next_value::<String>()?;
                return self.value(digits);
            }
            self.out.push(if is_first { '{' } else { ',' });
            is_first = false;
            self.out.push_str(&quoted(&key));
            self.out.push(':');
            self.path.push(Step::Key(key));
            fields.next_value_seed(&mut *self)?;
            self.path.pop();
        }
        self.out.push_str(if is_first { "{}" } else { "}" });
        Ok(())
    }
}

/// The text as a string of JSON, in which no character has an effect on the text around it.
fn quoted(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_default();
    let mut quoted = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_control() || is_reordering(c) {
            // All of these have one unit in UTF-16.
            quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            quoted.push(c);
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hidden_and_names_are_shown() {
        let mut list = AllowList::default();
        list.extend(&["id".into(), "/items/*/name".into(), "/open/**".into()], true);
        list.extend(&["card".into(), "/open/note".into()], false);
        let rows = [
            (
                r#"{"a": 1, "b": "x", "c": null, "d": true}"#,
                r#"{"a":"[redacted]","b":"[redacted]","c":null,"d":true}"#,
            ),
            ("7", r#""[redacted]""#),
            ("[]", "[]"),
            ("{}", "{}"),
            (r#"{"id": 1.5, "x": {"id": ["a\n", -2]}}"#, r#"{"id":1.5,"x":{"id":["a\n",-2]}}"#),
            (
                r#"{"items": [{"name": "a", "b": 1}, {"name": "c"}]}"#,
                r#"{"items":[{"name":"a","b":"[redacted]"},{"name":"c"}]}"#,
            ),
            (
                r#"{"card": {"id": 7}, "x": [{"card": 1}]}"#,
                r#"{"card":"[redacted]","x":[{"card":"[redacted]"}]}"#,
            ),
            (
                r#"{"open": {"note": "x", "token": "x", "y": ["z"]}}"#,
                r#"{"open":{"note":"[redacted]","token":"[redacted]","y":["z"]}}"#,
            ),
            ("{\"id\": \"\u{202e}\u{7f}\"}", r#"{"id":"\u202e\u007f"}"#),
        ];
        for (body, expected) in rows {
            let (text, is_whole) = shown(body.as_bytes(), Some(&list), 1000);
            assert_eq!((&*text, is_whole), (expected, true), "{body}");
        }
        for (body, expected) in
            [("{\"a\": 1, \"b", "{\"a\":\"[redacted]\""), ("", ""), ("x", ""), ("1 2", "\"[redacted]\"")]
        {
            assert_eq!(shown(body.as_bytes(), Some(&list), 1000), (expected.to_owned(), false), "{body}");
        }
        let long = format!("[{}1]", "1,".repeat(100_000));
        let (text, is_whole) = shown(long.as_bytes(), None, 100);
        assert!(!is_whole && text.len() < 120, "{text}");
    }
}
