//! Splits a stream of JSON into its items, which are not parsed: bytes in, items out.

use std::mem;

use bytes::Bytes;
use memchr::memchr;

use super::array::Array;
use super::input::{At, Fault, Input};
use crate::decode::scan::is_blank;

/// How items follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// By the content type and the first byte: JSON is an array or values one after the other, a record separator begins a sequence, and
    /// everything else is lines.
    Auto,
    /// One item a line (NDJSON).
    Lines,
    /// A JSON text sequence (RFC 7464).
    Sequence,
    /// Values one after the other, with or without white space between them.
    Concatenated,
    /// The items of an array, at a JSON pointer (RFC 6901).
    Array(&'static str),
}

/// The state between two pieces of a stream. Nothing is allocated unless an item is in two pieces.
pub(crate) struct Splitter {
    input: Input,
    state: State,
    /// How many bytes of a byte order mark were found; all of them once that is decided.
    bom: usize,
    /// The item that was found last is dropped when the next one is asked for.
    returned: Option<At>,
}

enum State {
    /// Decided by the first byte. Whether the content type is that of JSON.
    Unknown {
        is_json: bool,
    },
    Lines,
    Sequence(Sequence),
    /// Whether a value is being scanned.
    Concatenated {
        is_in_value: bool,
    },
    Array(Box<Array>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sequence {
    /// Before the first record separator.
    Before,
    /// After a record separator.
    Open,
    Value,
    /// After a value.
    After,
    /// In an element that is not whole.
    Broken,
}

const BOM: &[u8] = "\u{feff}".as_bytes();
const SEPARATOR: u8 = 0x1e;

impl Splitter {
    /// Items have at most `max` bytes.
    pub(crate) fn new(form: Form, is_json: bool, max: usize) -> Self {
        let state = match form {
            Form::Auto => State::Unknown { is_json },
            Form::Lines => State::Lines,
            Form::Sequence => State::Sequence(Sequence::Before),
            Form::Concatenated => State::Concatenated { is_in_value: false },
            Form::Array(pointer) => State::Array(Box::new(Array::new(pointer))),
        };
        Self { input: Input::new(max), state, bom: 0, returned: None }
    }

    /// Adds the next piece. The items of the one before must have been taken.
    pub(crate) fn push(&mut self, piece: Bytes) {
        debug_assert!(self.input.is_empty(), "the items of the last piece were not taken");
        self.drop_returned();
        (self.input.piece, self.input.at) = (piece, 0);
    }

    /// Whether a value that is no JSON leaves open where the next one begins.
    pub(crate) fn needs_json(&self) -> bool {
        matches!(self.state, State::Concatenated { .. } | State::Array(_))
    }

    /// Goes on to the next item that is complete. Returns whether there is one, which is then the [`item`](Self::item).
    pub(crate) fn advance(&mut self) -> Result<bool, Fault> {
        self.drop_returned();
        self.pass_bom();
        let found = self.find();
        self.returned(found)
    }

    /// Ends the stream. Returns whether there is one more item, which has no end of its own.
    pub(crate) fn finish(&mut self) -> Result<bool, Fault> {
        self.drop_returned();
        let is_whole = match &self.state {
            State::Unknown { is_json } => !is_json,
            State::Lines => true,
            State::Sequence(Sequence::Value) => false,
            State::Sequence(_) => true,
            State::Concatenated { is_in_value } => !is_in_value || self.input.scan.is_scalar(),
            State::Array(array) => array.is_over(),
        };
        if !is_whole {
            return Err(Fault::Cut);
        }
        self.keep_bom();
        let is_item = self.input.rest.iter().any(|byte| !is_blank(*byte));
        self.returned(Ok(is_item.then_some(At::Rest)))
    }

    /// The item that was found last.
    pub(crate) fn item(&self) -> &[u8] {
        self.returned.as_ref().map_or(&[], |found| self.input.item(found))
    }

    fn returned(&mut self, found: Result<Option<At>, Fault>) -> Result<bool, Fault> {
        self.returned = found?;
        Ok(self.returned.is_some())
    }

    fn drop_returned(&mut self) {
        if self.returned.take() == Some(At::Rest) {
            self.input.clear();
        }
    }

    fn find(&mut self) -> Result<Option<At>, Fault> {
        loop {
            match &mut self.state {
                State::Unknown { is_json } => {
                    let is_json = *is_json;
                    let Some(first) = self.input.next_byte() else { return Ok(None) };
                    self.state = match first {
                        SEPARATOR => State::Sequence(Sequence::Before),
                        b'[' if is_json => State::Array(Box::new(Array::new(""))),
                        _ if is_json => State::Concatenated { is_in_value: false },
                        _ => State::Lines,
                    };
                }
                State::Lines => return self.input.line(),
                State::Sequence(sequence) => return sequence.find(&mut self.input),
                State::Concatenated { is_in_value } => {
                    if !*is_in_value && self.input.next_byte().is_none() {
                        return Ok(None);
                    }
                    let found = self.input.value()?;
                    *is_in_value = found.is_none();
                    return Ok(found);
                }
                State::Array(array) => return array.find(&mut self.input),
            }
        }
    }

    /// A byte order mark at the start is not part of the first item.
    fn pass_bom(&mut self) {
        while self.bom < BOM.len() {
            let Some(byte) = self.input.peek() else { return };
            if byte == BOM[self.bom] {
                self.input.at += 1;
                self.bom += 1;
            } else {
                self.keep_bom();
            }
        }
    }

    /// The start of a byte order mark that does not go on is part of the first item.
    fn keep_bom(&mut self) {
        let start = mem::replace(&mut self.bom, BOM.len());
        if start < BOM.len() {
            self.input.rest.extend_from_slice(&BOM[..start]);
        }
    }
}

impl Sequence {
    fn find(&mut self, input: &mut Input) -> Result<Option<At>, Fault> {
        loop {
            match *self {
                Self::Before | Self::Open | Self::After => {
                    let Some(byte) = input.next_byte() else { return Ok(None) };
                    match (byte, *self) {
                        (SEPARATOR, _) => {
                            input.at += 1;
                            *self = Self::Open;
                        }
                        (_, Self::Open) => *self = Self::Value,
                        (_, Self::After) => {
                            *self = Self::Broken;
                            return Err(Fault::Broken("has an element with more than one value"));
                        }
                        _ => {
                            return Err(Fault::Malformed(
                                "does not start with a record separator (RFC 7464)",
                            ));
                        }
                    }
                }
                Self::Value => {
                    let separator = memchr(SEPARATOR, input.bytes());
                    match input.value_before(separator)? {
                        Some(found) => {
                            // A number without a byte after it may be the start of another one (RFC 7464 §2.4).
                            let is_sure = !input.is_bare(&found) || input.peek().is_some_and(is_blank);
                            *self = Self::After;
                            if is_sure {
                                return Ok(Some(found));
                            }
                            input.clear();
                            *self = Self::Broken;
                            return Err(Fault::Broken(TRUNCATED));
                        }
                        None if separator.is_some() => {
                            input.clear();
                            *self = Self::Before;
                            return Err(Fault::Broken(TRUNCATED));
                        }
                        None => return Ok(None),
                    }
                }
                Self::Broken => {
                    let end = memchr(SEPARATOR, input.bytes());
                    input.at = end.map_or(input.piece.len(), |end| input.at + end);
                    if end.is_none() {
                        return Ok(None);
                    }
                    *self = Self::Before;
                }
            }
        }
    }
}

const TRUNCATED: &str = "has an element that is not whole";

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of a stream that arrives in these pieces, and how it ends.
    fn split<'a>(
        form: Form,
        is_json: bool,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Vec<String>, Option<Fault>) {
        let mut splitter = Splitter::new(form, is_json, 40);
        let mut items = Vec::new();
        let mut add = |found: Result<bool, Fault>, splitter: &Splitter| match found {
            Ok(true) => {
                items.push(String::from_utf8_lossy(splitter.item()).trim().to_owned());
                Ok(true)
            }
            Ok(false) => Ok(false),
            Err(fault) if fault.is_fatal() => Err(fault),
            Err(_) => {
                items.push("broken".to_owned());
                Ok(true)
            }
        };
        for piece in pieces {
            splitter.push(Bytes::copy_from_slice(piece));
            loop {
                match add(splitter.advance(), &splitter) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(fault) => return (items, Some(fault)),
                }
            }
        }
        let end = add(splitter.finish(), &splitter).err();
        (items, end)
    }

    #[test]
    fn a_stream_that_ends_in_a_byte_order_mark_is_not_empty() {
        for end in [&b"\xef"[..], b"\xef\xbb"] {
            assert_eq!(split(Form::Lines, false, [end]), (vec!["\u{fffd}".to_owned()], None));
            assert_eq!(split(Form::Concatenated, true, [end]), (vec!["\u{fffd}".to_owned()], None));
            assert_eq!(split(Form::Array(""), true, [end]), (vec![], Some(Fault::Cut)));
        }
        assert_eq!(split(Form::Lines, false, [&b"\xef\xbb\xbf"[..]]), (vec![], None));
    }

    #[test]
    fn a_stream_has_the_same_items_in_any_chunks() {
        const LINES: (Form, bool) = (Form::Auto, false);
        const JSON: (Form, bool) = (Form::Auto, true);
        const CONCATENATED: (Form, bool) = (Form::Concatenated, false);
        const DATA: (Form, bool) = (Form::Array("/a/data"), false);
        let cut = Some(Fault::Cut);
        type Row = ((Form, bool), &'static str, &'static [&'static str], Option<Fault>);
        let rows: &[Row] = &[
            (LINES, "{\"a\":1}\n{\"a\":2}\n", &["{\"a\":1}", "{\"a\":2}"], None),
            (LINES, "{\"a\":1}\r\n\r\n \n{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"], None),
            (LINES, "\u{feff}1\n2\n", &["1", "2"], None),
            (LINES, "\n\n[1]\n[2]\n", &["[1]", "[2]"], None),
            (LINES, "", &[], None),
            (LINES, "{\"a\":", &["{\"a\":"], None),
            (LINES, "\"a\u{2028}b\"\n", &["\"a\u{2028}b\""], None),
            (LINES, "\x1e{\"a\":1}\n\x1e2\n", &["{\"a\":1}", "2"], None),
            (JSON, "[{\"a\":1},{\"a\":2}]", &["{\"a\":1}", "{\"a\":2}"], None),
            (JSON, " [ 1 , \"]\\\"\" ,[2,[3]],null ] \n", &["1", "\"]\\\"\"", "[2,[3]]", "null"], None),
            (JSON, "[]", &[], None),
            (JSON, "", &[], cut),
            (JSON, "[1,2", &["1"], cut),
            (JSON, "[1,{\"a\":2}", &["1", "{\"a\":2}"], cut),
            (JSON, "[1 2]", &["1"], Some(Fault::Malformed("is not JSON around its array"))),
            (JSON, "[1,]", &["1"], Some(Fault::Malformed("is not JSON around its array"))),
            (JSON, "[,1]", &[], Some(Fault::Malformed("is not JSON around its array"))),
            (JSON, "[1] 2", &["1"], Some(Fault::Malformed("goes on after the end of its JSON"))),
            (JSON, "{\"a\":1}{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"], None),
            (
                CONCATENATED,
                "1 2\n[3]\"4\"true null{}",
                &["1", "2", "[3]", "\"4\"", "true", "null", "{}"],
                None,
            ),
            (
                CONCATENATED,
                "{\"a\":\"}\\\\\"}{\"b\":\"\\\"{\"}",
                &["{\"a\":\"}\\\\\"}", "{\"b\":\"\\\"{\"}"],
                None,
            ),
            (CONCATENATED, "{\n  \"a\": [1,\n 2]\n}\n{}", &["{\n  \"a\": [1,\n 2]\n}", "{}"], None),
            (CONCATENATED, "{}{\"a\"", &["{}"], cut),
            (CONCATENATED, "\"a", &[], cut),
            (DATA, "{\"x\":[1,{\"a\":2}],\"a\":{\"data\":[1,{}]}}", &["1", "{}"], None),
            (DATA, "{\"a\":{\"n\":\"data\",\"data\":[7],\"m\":[[]]},\"b\":\"]}\"} ", &["7"], None),
            (DATA, "{\"\\u0061\":{\"data\":[]}}", &[], None),
            (DATA, "{\"a\":{\"data\":[1]}", &["1"], cut),
            (DATA, "{\"a\":{}}", &[], Some(Fault::Malformed("has no array where one was declared"))),
            (
                DATA,
                "{\"a\":{\"data\":{}}}",
                &[],
                Some(Fault::Malformed("has no array where one was declared")),
            ),
            (DATA, "[1]", &[], Some(Fault::Malformed("has no array where one was declared"))),
            (DATA, "{a}", &[], Some(Fault::Malformed("is not JSON around its array"))),
            // RFC 7464.
            ((Form::Sequence, false), "\x1e1\n\x1e\x1e{}\x1e[2]\n", &["1", "{}", "[2]"], None),
            ((Form::Sequence, false), "\x1e{\"a\":\x1e2\n", &["broken", "2"], None),
            ((Form::Sequence, false), "\x1e12\x1e3\n", &["broken", "3"], None),
            ((Form::Sequence, false), "\x1e{} {}\n\x1e3\n", &["{}", "broken", "3"], None),
            ((Form::Sequence, false), "\x1e{}\n\x1e12", &["{}"], cut),
            (
                (Form::Sequence, false),
                "{}",
                &[],
                Some(Fault::Malformed("does not start with a record separator (RFC 7464)")),
            ),
            // Limits.
            (
                LINES,
                "0123456789012345678901234567890123456789\n1\n",
                &["0123456789012345678901234567890123456789", "1"],
                None,
            ),
            (LINES, "01234567890123456789012345678901234567890\n", &[], Some(Fault::TooLong(40))),
            (CONCATENATED, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", &[], Some(Fault::TooLong(40))),
            (DATA, "{\"x\":\"0123456789012345678901234567890123456789\",", &[], Some(Fault::TooLong(40))),
        ];
        for ((form, is_json), stream, expected, end) in rows {
            let bytes = stream.as_bytes();
            let expected: (Vec<_>, _) = (expected.iter().map(|item| (*item).to_owned()).collect(), *end);
            assert_eq!(split(*form, *is_json, [bytes]), expected, "{stream:?}");
            assert_eq!(split(*form, *is_json, bytes.chunks(1)), expected, "{stream:?}, byte by byte");
            for at in 1..bytes.len() {
                let (first, second) = bytes.split_at(at);
                assert_eq!(split(*form, *is_json, [first, second]), expected, "{stream:?}, cut at {at}");
            }
        }
    }
}
