//! Fills the placeholders of a path template with values.

use super::argument::ArgumentError;
use super::segment::{push_item, push_path, push_segment, push_segments};
use super::value::{Encodable, scalars};

/// A path that is written value by value: the encoded part, and the rest of its template.
#[derive(Clone)]
pub(crate) struct Filling {
    /// The encoded part.
    path: String,
    /// The rest of the template, from the name of the next placeholder on, without its opening brace.
    rest: &'static str,
}

/// How the value of a placeholder is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segments {
    /// As one segment; of a greedy placeholder, as segments that are not empty.
    Plain,
    /// As segments that can be empty.
    Empty,
    /// As one segment with the items of a list, separated by commas.
    Commas,
}

/// The capacity that is reserved for the values, in bytes.
const VALUES_CAPACITY: usize = 24;

impl Filling {
    /// Starts a path with `prefix` and the template up to its first placeholder. A template that is not empty starts
    /// with a slash.
    pub(crate) fn new(prefix: &str, template: &'static str) -> Self {
        let prefix = if template.is_empty() { prefix } else { prefix.trim_end_matches('/') };
        let mut path = String::with_capacity(prefix.len() + template.len() + VALUES_CAPACITY);
        path.push_str(prefix);
        let mut filling = Self { path, rest: template };
        filling.push_literal();
        filling
    }

    /// A complete path below `prefix`; both are encoded already.
    pub(crate) fn whole(prefix: &str, path: &str) -> Self {
        let mut whole = prefix.to_owned();
        push_path(&mut whole, path);
        Self { path: whole, rest: "" }
    }

    /// Writes the value of the next placeholder, and the template up to the one after it. The error is a complete message.
    pub(crate) fn value<T: Encodable + ?Sized>(
        &mut self,
        value: &T,
        segments: Segments,
    ) -> Result<(), String> {
        let (placeholder, rest) = split_at_byte(self.rest, b'}').unwrap_or_default();
        let (name, is_greedy) = match placeholder.strip_suffix('+') {
            Some(name) => (name, true),
            None => (placeholder, false),
        };
        let mut count = 0;
        let mut is_dots = false;
        let allows_empty = segments == Segments::Empty;
        let path = &mut self.path;
        let written = scalars(value, |text| {
            count += 1;
            match (segments, is_greedy, count) {
                (Segments::Commas, ..) => {
                    // Beside a comma, it is no dot segment.
                    is_dots = count == 1 && matches!(text, "." | "..");
                    push_item(path, text, count > 1)
                }
                (_, true, 1) => push_segments(path, text, allows_empty),
                (_, true, _) => {
                    path.push('/');
                    push_segments(path, text, allows_empty)
                }
                (_, false, _) => push_segment(path, text),
            }
        });
        self.rest = rest;
        self.push_literal();
        let arity = match (segments, count) {
            (Segments::Commas, 0) => Err(ArgumentError::NoItems),
            (Segments::Commas, _) if is_dots => Err(ArgumentError::Dots),
            (_, 0) => Err(ArgumentError::Absent),
            (Segments::Commas, _) | (_, 1) => Ok(()),
            _ if is_greedy => Ok(()),
            _ => Err(ArgumentError::List),
        };
        written.and(arity).map_err(|error| format!("the path parameter `{name}` {error}"))
    }

    pub(crate) fn into_string(self) -> String {
        self.path
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.path
    }

    /// Writes the template up to the next placeholder.
    fn push_literal(&mut self) {
        let (text, rest) = split_at_byte(self.rest, b'{').unwrap_or((self.rest, ""));
        self.path.push_str(text);
        self.rest = rest;
    }
}

/// The text before and after an ASCII character. Templates are short, so that a loop is faster than the search of `split_once`.
fn split_at_byte(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|other| other == byte)?;
    Some((&text[..at], &text[at + 1..]))
}
