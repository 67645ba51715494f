//! Finds the text of a value in JSON by a pointer (RFC 6901), without parsing the rest.

use memchr::memmem;

use super::scan::{Scan, is_blank};

/// A pointer, as it is declared: `/error/code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pointer(pub(crate) &'static str);

impl Pointer {
    /// The text of the value, without white space around it; `None` if there is none, or the text is not JSON up to it.
    pub(crate) fn find(self, json: &[u8]) -> Option<&[u8]> {
        let last = self.0.rsplit('/').next()?;
        // Most items have no such key. One that is written with escapes has a backslash.
        let is_plain = !last.contains('~');
        if is_plain && memmem::find(json, last.as_bytes()).is_none() && !json.contains(&b'\\') {
            return None;
        }
        self.0.split('/').skip(1).try_fold(json, |json, token| child(json, token)).map(<[u8]>::trim_ascii)
    }

    /// The same, unless the value is `null` or `false`.
    pub(crate) fn find_present(self, json: &[u8]) -> Option<&[u8]> {
        self.find(json).filter(|value| !matches!(*value, b"null" | b"false"))
    }
}

/// The value of a member of an object, or of an item of an array.
fn child<'j>(json: &'j [u8], token: &str) -> Option<&'j [u8]> {
    let mut rest = json.trim_ascii_start();
    let is_object = match rest.first()? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    rest = &rest[1..];
    let mut index = 0;
    loop {
        let is_found = if is_object {
            let key = value(&mut rest)?;
            rest = rest.trim_ascii_start().strip_prefix(b":")?;
            is_key(key, token)
        } else {
            // A number with a zero or a sign before it is no index (RFC 6901 §4).
            token.parse() == Ok(index) && (token == "0" || !token.starts_with(['0', '+']))
        };
        index += 1_usize;
        let value = value(&mut rest)?;
        if is_found {
            return Some(value);
        }
        rest = rest.trim_ascii_start().strip_prefix(b",")?;
    }
}

/// Takes a value.
fn value<'j>(rest: &mut &'j [u8]) -> Option<&'j [u8]> {
    let blanks = rest.iter().take_while(|byte| is_blank(**byte)).count();
    let start = &rest[blanks..];
    if matches!(start.first()?, b'}' | b']' | b',' | b':') {
        return None;
    }
    let mut scan = Scan::START;
    let end = scan.end(start).or_else(|| scan.is_scalar().then_some(start.len()))?;
    let (value, after) = start.split_at(end);
    *rest = after;
    Some(value)
}

/// Whether the text of a key is a token of a pointer.
fn is_key(key: &[u8], token: &str) -> bool {
    let Some(inner) = key.strip_prefix(b"\"").and_then(|key| key.strip_suffix(b"\"")) else { return false };
    if !inner.contains(&b'\\') && !token.contains('~') {
        return inner == token.as_bytes();
    }
    let token = token.replace("~1", "/").replace("~0", "~");
    serde_json::from_slice::<String>(key).is_ok_and(|key| key == token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_the_text_of_a_value() {
        let rows = [
            (r#"{"a": 1, "b" : {"c":[ 2, "x" ]} }"#, "/b/c/1", Some("\"x\"")),
            (r#"{"a": 1, "b" : {"c":[ 2, "x" ]} }"#, "/b", Some(r#"{"c":[ 2, "x" ]}"#)),
            (r#"{"a": 1, "b" : 2 }"#, "/b", Some("2")),
            (r#"{"a":"}\"{","b":true}"#, "/b", Some("true")),
            (r#"{"\u0061":3}"#, "/a", Some("3")),
            (r#"{"a/b":{"~":4}}"#, "/a~1b/~0", Some("4")),
            (r#"{"a":{"b":5},"b":6}"#, "/b", Some("6")),
            (r#"{"a":{"b":5}}"#, "/b", None),
            (r#"{"a":{}}"#, "/a/b", None),
            (r#"[{"a":7}]"#, "/0/a", Some("7")),
            (r#"[{"a":7}]"#, "/1/a", None),
            ("7", "/a", None),
            ("", "/a", None),
            (r#"{"a":"#, "/a", None),
            (r#"{"a"}"#, "/a", None),
            (r#"{"x":[}"#, "/a", None),
            (r#"{"a":7}"#, "", Some(r#"{"a":7}"#)),
        ];
        for (json, pointer, expected) in rows {
            let found = Pointer(pointer).find(json.as_bytes()).map(|found| str::from_utf8(found).unwrap());
            assert_eq!(found, expected, "{json} {pointer}");
        }
        assert_eq!(Pointer("/a").find_present(b"{\"a\":null}"), None);
        assert_eq!(Pointer("/a").find_present(b"{\"a\": false }"), None);
        assert_eq!(Pointer("/a").find_present(b"{\"a\":{}}"), Some(&b"{}"[..]));
    }
}
