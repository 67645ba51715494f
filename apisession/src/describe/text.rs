//! The text in which the macros write down an operation: one literal, which costs the compiler next to nothing, and is
//! read when it is asked for.
//!
//! It consists of records, which begin with their name: that of the operation, and one for each parameter. The other units of a record
//! are `key=value`, and a key can be there several times. The derive's `record.rs` writes it.

/// Ends a unit, except the last of a record.
const UNIT: u8 = 0x1f;
/// Ends a record, except the last.
const RECORD: u8 = 0x1e;
/// Ends the first of two values.
const VALUE: char = '\u{1d}';

/// The text of an operation or a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record(&'static str);

impl Record {
    /// The first record of `text`.
    pub(super) const fn first(text: &'static str) -> Self {
        Self(until(text, RECORD).0)
    }

    /// The records of `text` after the first.
    pub(super) fn others(text: &'static str) -> Records {
        Records(until(text, RECORD).1)
    }

    /// The whole of `text`.
    pub(super) const fn whole(text: &'static str) -> Self {
        Self(text)
    }

    /// The name.
    pub(super) const fn name(self) -> &'static str {
        until(self.0, UNIT).0
    }

    /// The value of a key.
    pub(super) fn get(self, key: &'static str) -> Option<&'static str> {
        self.all(key).next()
    }

    /// Whether the key is there.
    pub(super) fn has(self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// The values of a key.
    pub(super) fn all(self, key: &'static str) -> impl Iterator<Item = &'static str> {
        let units = self.0.split(char::from(UNIT)).skip(1);
        units.filter_map(move |unit| unit.strip_prefix(key)?.strip_prefix('='))
    }

    /// The values of a key that has two: the second is empty if there is only one.
    pub(super) fn pairs(self, key: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.all(key).map(|unit| unit.split_once(VALUE).unwrap_or((unit, "")))
    }

    /// The doc comment.
    pub(super) fn docs(self) -> &'static str {
        self.get("docs").unwrap_or_default()
    }
}

/// Records, if there is a text of them.
#[derive(Clone, Debug)]
pub(super) struct Records(Option<&'static str>);

impl Records {
    pub(super) const fn new(text: Option<&'static str>) -> Self {
        Self(text)
    }

    /// The text of the records that are left.
    pub(super) const fn rest(&self) -> Option<&'static str> {
        self.0
    }

    pub(super) fn len(&self) -> usize {
        self.clone().count()
    }
}

impl Iterator for Records {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let (first, rest) = until(self.0?, RECORD);
        self.0 = rest;
        Some(Record(first))
    }
}

/// The text before the first `end`, and the text after it.
const fn until(text: &'static str, end: u8) -> (&'static str, Option<&'static str>) {
    let mut at = 0;
    while at < text.len() {
        if text.as_bytes()[at] == end {
            let (first, rest) = text.split_at(at);
            return (first, Some(rest.split_at(1).1));
        }
        at += 1;
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::Record;

    #[test]
    fn a_record_has_a_name_and_keys() {
        let text =
            "list\u{1f}tag=a\u{1f}docs=a = b\nc\u{1f}tag=b\u{1f}empty=\u{1e}since\u{1f}type=&str\u{1e}limit";
        let first = Record::first(text);
        assert_eq!(first.name(), "list");
        assert_eq!(
            (first.get("docs"), first.get("empty"), first.get("do")),
            (Some("a = b\nc"), Some(""), None)
        );
        assert_eq!(first.all("tag").collect::<Vec<_>>(), ["a", "b"]);
        let others = Record::others(text);
        assert_eq!(others.len(), 2);
        assert_eq!(others.map(Record::name).collect::<Vec<_>>(), ["since", "limit"]);
        assert_eq!(Record::others("get").len(), 0);
        assert_eq!(Record::whole("limit").name(), "limit");
    }
}
