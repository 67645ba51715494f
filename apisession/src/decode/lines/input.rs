//! The bytes of a stream of JSON that are not taken yet.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use memchr::memchr;

use crate::decode::scan::{Scan, is_blank};

/// Why there is no next item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An item is longer than this, in bytes. Nothing can follow.
    TooLong(usize),
    /// The text is not of its form. Nothing can follow.
    Malformed(&'static str),
    /// An element of a sequence is not whole. The next one can follow.
    Broken(&'static str),
    /// The stream ends inside of an item, or of its form.
    Cut,
}

impl Fault {
    pub(crate) fn is_fatal(self) -> bool {
        !matches!(self, Self::Broken(_))
    }
}

/// It continues a sentence: "the stream …".
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(max) => {
                write!(f, "has an item of more than {max} bytes; raise `max_item` to allow it")
            }
            Self::Malformed(why) | Self::Broken(why) => f.write_str(why),
            Self::Cut => f.write_str("ended in the middle of an item"),
        }
    }
}

/// Where an item is, as long as there is no other piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    Piece(Range<usize>),
    Rest,
}

/// The bytes of the stream that are not taken yet.
pub(super) struct Input {
    max: usize,
    pub(super) piece: Bytes,
    pub(super) at: usize,
    /// The start of an item whose end is in a later piece.
    pub(super) rest: Vec<u8>,
    pub(super) scan: Scan,
    /// How many bytes were passed over since the last item.
    passed: usize,
}

impl Input {
    pub(super) fn new(max: usize) -> Self {
        Self { max, piece: Bytes::new(), at: 0, rest: Vec::new(), scan: Scan::START, passed: 0 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.piece[self.at..]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes().is_empty()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes().first().copied()
    }

    pub(super) fn take(&mut self) {
        self.at += 1;
    }

    /// The next byte that is not white space, which is not taken.
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        let blanks = self.bytes().iter().take_while(|byte| is_blank(**byte)).count();
        self.at += blanks;
        self.peek()
    }

    pub(super) fn clear(&mut self) {
        self.rest.clear();
        if self.rest.capacity() > KEPT {
            self.rest = Vec::new();
        }
        (self.scan, self.passed) = (Scan::START, 0);
    }

    fn check(&self, more: usize) -> Result<(), Fault> {
        if self.rest.len() + more > self.max { Err(Fault::TooLong(self.max)) } else { Ok(()) }
    }

    /// The next line that is not blank.
    pub(super) fn line(&mut self) -> Result<Option<At>, Fault> {
        loop {
            let Some(length) = memchr(b'\n', self.bytes()) else {
                return self.keep().map(|()| None);
            };
            self.check(length)?;
            let range = self.at..self.at + length;
            self.at += length + 1;
            if self.rest.is_empty() {
                if !self.piece[range.clone()].iter().copied().all(is_blank) {
                    return Ok(Some(At::Piece(range)));
                }
                continue;
            }
            self.rest.extend_from_slice(&self.piece[range]);
            if !self.rest.iter().copied().all(is_blank) {
                return Ok(Some(At::Rest));
            }
            self.clear();
        }
    }

    /// Keeps the start of an item.
    fn keep(&mut self) -> Result<(), Fault> {
        self.check(self.bytes().len())?;
        let Self { piece, at, rest, .. } = self;
        rest.extend_from_slice(&piece[*at..]);
        *at = piece.len();
        Ok(())
    }

    /// The value that begins or goes on here, if it ends in this piece.
    pub(super) fn value(&mut self) -> Result<Option<At>, Fault> {
        self.value_before(None)
    }

    pub(super) fn value_before(&mut self, end: Option<usize>) -> Result<Option<At>, Fault> {
        let end = end.map_or(self.piece.len(), |end| self.at + end);
        let bytes = &self.piece[self.at..end];
        let length = self
            .scan
            .end(bytes)
            .or_else(|| (end < self.piece.len() && self.scan.is_scalar()).then_some(bytes.len()));
        let Some(length) = length else {
            self.check(bytes.len())?;
            self.rest.extend_from_slice(bytes);
            self.at = end;
            return Ok(None);
        };
        self.check(length)?;
        let range = self.at..self.at + length;
        self.at += length;
        if self.rest.is_empty() {
            self.scan = Scan::START;
            return Ok(Some(At::Piece(range)));
        }
        self.rest.extend_from_slice(&self.piece[range]);
        self.scan = Scan::START;
        Ok(Some(At::Rest))
    }

    /// Passes over the value that begins or goes on here. Returns whether it ends in this piece.
    pub(super) fn pass_value(&mut self, scan: &mut Scan) -> Result<bool, Fault> {
        let bytes = self.bytes();
        let end = scan.end(bytes);
        let length = end.unwrap_or(bytes.len());
        self.passed += length;
        if self.passed > self.max {
            return Err(Fault::TooLong(self.max));
        }
        self.at += length;
        if end.is_some() {
            self.passed = 0;
        }
        Ok(end.is_some())
    }

    /// Whether the value has no end of its own: a number or a literal.
    pub(super) fn is_bare(&self, found: &At) -> bool {
        !matches!(self.item(found).first(), Some(b'"' | b'{' | b'[' | b'}' | b']'))
    }

    pub(super) fn item(&self, found: &At) -> &[u8] {
        match found {
            At::Piece(range) => &self.piece[range.clone()],
            At::Rest => &self.rest,
        }
    }
}

/// The room that a buffer keeps for the next item.
const KEPT: usize = 16 * 1024;
