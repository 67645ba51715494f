//! Parses an event stream by the rules of the HTML standard (§9.2.6): bytes in, events out.

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use memchr::memchr2;

#[doc(hidden)]
/// An event, as long as the parser is not asked for the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(missing_debug_implementations, reason = "it would show the data")]
pub struct EventRef<'a> {
    /// The type; `message` if the server sets none.
    pub(crate) name: &'a str,
    pub(crate) data: &'a str,
    /// The id of this event, or of the last one that had one.
    pub(crate) id: &'a str,
}

/// A line or an event is longer than this, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong(pub(crate) usize);

/// The state between two pieces of a stream. Nothing is allocated before the first event.
pub(crate) struct EventParser {
    max: usize,
    piece: Bytes,
    /// The start of a line whose end is in a later piece.
    line: Vec<u8>,
    start: Start,
    /// Whether the last byte was a CR, so that an LF after it belongs to the same end of a line.
    after_cr: bool,
    name: String,
    data: String,
    has_data: bool,
    /// The event that was returned last is cleared when the next one is parsed.
    is_returned: bool,
    /// The id of the events so far, which becomes valid with the blank line after it.
    next_id: Option<String>,
    id: String,
    retry: Option<Duration>,
}

/// Where the parser is with regard to a byte order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// The first line is not complete.
    FirstLine,
    Over,
}

const BOM: &[u8] = "\u{feff}".as_bytes();

impl EventParser {
    /// Lines and events have at most `max` bytes.
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            piece: Bytes::new(),
            line: Vec::new(),
            start: Start::FirstLine,
            after_cr: false,
            name: String::new(),
            data: String::new(),
            has_data: false,
            is_returned: false,
            next_id: None,
            id: String::new(),
            retry: None,
        }
    }

    /// Adds the next piece. The events of the one before must have been taken.
    pub(crate) fn push(&mut self, piece: Bytes) {
        debug_assert!(self.piece.is_empty(), "the events of the last piece were not taken");
        self.piece = piece;
    }

    /// Parses on to the next event that is complete. Returns whether there is one, which is then the [`event`](Self::event).
    pub(crate) fn advance(&mut self) -> Result<bool, TooLong> {
        if mem::take(&mut self.is_returned) {
            self.clear();
        }
        while !self.piece.is_empty() {
            if mem::take(&mut self.after_cr) && self.piece[0] == b'\n' {
                let _ = self.piece.split_to(1);
                continue;
            }
            let Some(end) = memchr2(b'\r', b'\n', &self.piece) else {
                let rest = mem::take(&mut self.piece);
                self.check(self.line.len() + rest.len())?;
                self.line.extend_from_slice(&rest);
                break;
            };
            let line = self.piece.split_to(end + 1);
            let (line, is_cr) = (&line[..end], line[end] == b'\r');
            self.after_cr = is_cr;
            self.check(self.line.len() + line.len())?;
            let is_blank = if self.line.is_empty() {
                self.line(line)?
            } else {
                let mut whole = mem::take(&mut self.line);
                whole.extend_from_slice(line);
                let end = self.line(&whole);
                whole.clear();
                // The room for a long line is not kept.
                self.line = if whole.capacity() > KEPT { Vec::new() } else { whole };
                end?
            };
            if is_blank && self.is_dispatched() {
                self.is_returned = true;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the stream ends in the middle of an event. By the standard that is discarded.
    pub(crate) fn is_unfinished(&self) -> bool {
        let is_in_event = self.has_data && !self.is_returned;
        is_in_event || self.line.first().is_some_and(|byte| *byte != b':')
    }

    /// Makes what is left at the end of the stream an event, if only the blank line after it is missing. Returns whether it is one.
    pub(crate) fn complete(&mut self) -> bool {
        if mem::take(&mut self.is_returned) {
            self.clear();
        }
        let line = mem::take(&mut self.line);
        let _ = self.line(&line);
        self.is_returned = self.has_data;
        self.has_data
    }

    /// The id that a client sends when it connects again. It is empty if there is none.
    pub(crate) fn last_id(&self) -> &str {
        &self.id
    }

    /// How long a client waits before it connects again, if the server sets that.
    pub(crate) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Prepares for a stream that continues this one. What is not a whole event is dropped.
    pub(crate) fn reopen(&mut self) {
        let (id, retry) = (mem::take(&mut self.id), self.retry);
        *self = Self { id, retry, ..Self::new(self.max) };
    }

    /// The event that was parsed last.
    pub(crate) fn event(&self) -> EventRef<'_> {
        let name = if self.name.is_empty() { "message" } else { &self.name };
        EventRef { name, data: &self.data, id: &self.id }
    }

    /// A blank line ends an event, which is one if it has data.
    fn is_dispatched(&mut self) -> bool {
        // An id counts also without data.
        if let Some(id) = self.next_id.take() {
            self.id = id;
        }
        if !self.has_data {
            self.clear();
        }
        self.has_data
    }

    fn clear(&mut self) {
        for text in [&mut self.name, &mut self.data] {
            text.clear();
            if text.capacity() > KEPT {
                *text = String::new();
            }
        }
        self.has_data = false;
    }

    fn check(&self, length: usize) -> Result<(), TooLong> {
        if length > self.max { Err(TooLong(self.max)) } else { Ok(()) }
    }

    /// Reads one line. Returns whether it is blank.
    fn line(&mut self, mut line: &[u8]) -> Result<bool, TooLong> {
        if mem::replace(&mut self.start, Start::Over) == Start::FirstLine {
            line = line.strip_prefix(BOM).unwrap_or(line);
        }
        if line.is_empty() {
            return Ok(true);
        }
        // The stream is UTF-8, whatever its charset is. What is not becomes U+FFFD, as in a browser.
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => {
                self.check(self.data.len() + value.len())?;
                value.clone_into(&mut self.name);
            }
            "data" => {
                self.check(self.name.len() + self.data.len() + value.len() + 1)?;
                if mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "id" if !value.contains('\0') => self.next_id = Some(value.to_owned()),
            "retry" if value.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Ok(millis) = value.parse() {
                    self.retry = Some(Duration::from_millis(millis));
                }
            }
            // A comment, whose field is empty, or a field that the standard does not know.
            _ => {}
        }
        Ok(false)
    }
}

/// The room that a buffer keeps for the next event.
const KEPT: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a stream that arrives in these pieces, as `name|data|id`, and what remains.
    fn parsed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, EventParser) {
        let mut parser = EventParser::new(1000);
        let mut events = Vec::new();
        for piece in pieces {
            parser.push(Bytes::copy_from_slice(piece));
            while parser.advance().unwrap() {
                let EventRef { name, data, id } = parser.event();
                events.push(format!("{name}|{data}|{id}"));
            }
        }
        (events, parser)
    }

    #[test]
    fn the_rules_of_the_standard_hold_in_any_chunks() {
        let rows: [(&[u8], &[&str]); 28] = [
            // The examples of §9.2.6.
            (b"data: YHOO\ndata: +2\ndata: 10\n\n", &["message|YHOO\n+2\n10|"]),
            (
                b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n",
                &["message|first event|1", "message|second event|"],
            ),
            (b"data\n\ndata\ndata\n\ndata:", &["message||", "message|\n|"]),
            (b"data:test\n\ndata: test\n\n", &["message|test|", "message|test|"]),
            (b"event: add\ndata: 7\n\nevent: remove\ndata: 8\n\n", &["add|7|", "remove|8|"]),
            // Ends of lines.
            (b"data:a\rdata:b\r\rdata:c\r\n\r\ndata:d\n\n", &["message|a\nb|", "message|c|", "message|d|"]),
            (b"data:a\r\n\rdata:b\n\r\n", &["message|a|", "message|b|"]),
            (b"data:a\r\r\ndata:b\n\n", &["message|a|", "message|b|"]),
            ("data:a\u{2028}b\u{85}c\x0bd\x0c\n\n".as_bytes(), &["message|a\u{2028}b\u{85}c\u{b}d\u{c}|"]),
            // A byte order mark.
            (b"\xef\xbb\xbfdata:a\n\n", &["message|a|"]),
            (b"\xef\xbb\xbf\xef\xbb\xbfdata:a\n\ndata:b\n\n", &["message|b|"]),
            (b"data:a\n\n\xef\xbb\xbfdata:b\n\n", &["message|a|"]),
            // UTF-8.
            ("data:Z\u{fc}rich \u{1f600}\n\n".as_bytes(), &["message|Z\u{fc}rich \u{1f600}|"]),
            (b"data:Z\xfcrich\n\n", &["message|Z\u{fffd}rich|"]),
            (b"data:\xf0\x9f\n\n", &["message|\u{fffd}|"]),
            // Fields.
            (b"data:  two\ndata:\tone\n\n", &["message| two\n\tone|"]),
            (b"data :x\n data:x\nDATA:x\ndata:y\n\n", &["message|y|"]),
            (b"data:a:b: c\n\n", &["message|a:b: c|"]),
            (b"event:\ndata:x\n\n", &["message|x|"]),
            (b"event:a\nevent:b\ndata:x\n\n", &["b|x|"]),
            (b"event:a\n\ndata:x\n\n", &["message|x|"]),
            (b":\n: comment\nfoo:bar\ndata:x\n\n", &["message|x|"]),
            (b"\n\n\r\r\n", &[]),
            // Ids.
            (b"id:1\ndata:x\n\ndata:y\n\n", &["message|x|1", "message|y|1"]),
            (b"id:1\n\ndata:y\n\n", &["message|y|1"]),
            (b"id:1\ndata:x\nid:2\n\n", &["message|x|2"]),
            (b"id:1\ndata:x\n\nid:2\x00\ndata:y\n\n", &["message|x|1", "message|y|1"]),
            (b"id:1\ndata:x\n\nid\ndata:y\n\n", &["message|x|1", "message|y|"]),
        ];
        for (stream, expected) in rows {
            let shown = String::from_utf8_lossy(stream);
            assert_eq!(parsed([stream]).0, expected, "{shown:?}");
            assert_eq!(parsed(stream.chunks(1)).0, expected, "{shown:?}, byte by byte");
            for at in 1..stream.len() {
                let (first, second) = stream.split_at(at);
                assert_eq!(parsed([first, second]).0, expected, "{shown:?}, cut at {at}");
            }
        }
    }

    #[test]
    fn a_retry_is_digits_and_an_id_is_valid_after_its_event() {
        let rows: [(&[u8], Option<u64>, &str); 9] = [
            (b"retry: 250\n", Some(250), ""),
            (b"retry:0\n", Some(0), ""),
            (b"retry: 250\nretry: x1\n", Some(250), ""),
            (b"retry: -1\n", None, ""),
            (b"retry: 1.5\n", None, ""),
            (b"retry\n", None, ""),
            (b"retry: 99999999999999999999999\n", None, ""),
            (b"id: 7\ndata: x\n", None, ""),
            (b"id: 7\n\n", None, "7"),
        ];
        for (stream, retry, id) in rows {
            let (_, parser) = parsed([stream]);
            assert_eq!(parser.retry(), retry.map(Duration::from_millis), "{stream:?}");
            assert_eq!(parser.last_id(), id, "{stream:?}");
        }
    }

    #[test]
    fn what_is_left_at_the_end_is_known() {
        let rows: [(&[u8], bool, Option<&str>); 8] = [
            (b"", false, None),
            (b"data:x\n\n", false, None),
            (b": keep-ali", false, None),
            (b"id:7\n", false, None),
            (b"data:x\n", true, Some("x")),
            (b"data:[DONE]", true, Some("[DONE]")),
            (b"data:x\ndata:y", true, Some("x\ny")),
            (b"da", true, None),
        ];
        for (stream, is_unfinished, data) in rows {
            let (_, mut parser) = parsed([stream]);
            assert_eq!(parser.is_unfinished(), is_unfinished, "{stream:?}");
            assert_eq!(parser.complete().then(|| parser.event().data), data, "{stream:?}");
        }
    }

    #[test]
    fn a_line_and_an_event_have_a_limit() {
        let rows = [
            ("x".repeat(11), false),
            ("data:12345".to_owned(), true),
            (format!("data:{}\n", "1".repeat(6)), false),
            ("data:1234\ndata:1234\n\n".to_owned(), true),
            ("data:1234\ndata:1234\ndata:1\n".to_owned(), false),
            (": ten bytes".to_owned(), false),
            ("data:\n".repeat(10), true),
            ("data:\n".repeat(12), false),
            ("data:1\n\n".repeat(1000), true),
        ];
        for (stream, fits) in rows {
            for size in [1, 3, stream.len()] {
                let mut parser = EventParser::new(10);
                let end = stream.as_bytes().chunks(size).try_for_each(|piece| {
                    parser.push(Bytes::copy_from_slice(piece));
                    while parser.advance()? {}
                    Ok(())
                });
                assert_eq!(end, if fits { Ok(()) } else { Err(TooLong(10)) }, "{stream:?} by {size}");
            }
        }
    }
}
