//! A path template on its way to become a path, value by value.

use super::argument::ArgumentError;
use super::segment::{push_path, push_segment, push_segments};
use super::value::{Encodable, scalars};

/// What is written of a path, and what is still to be written.
#[derive(Clone, Debug)]
pub(crate) struct Filling {
    path: String,
    /// The name of the next placeholder, its brace, and what follows.
    rest: &'static str,
}

/// How much longer than its template a path is expected to be.
const ROOM_FOR_VALUES: usize = 24;

impl Filling {
    /// The template below a prefix, up to its first placeholder. A template starts with the slash of the joint.
    pub(crate) fn new(prefix: &str, template: &'static str) -> Self {
        let prefix = if template.is_empty() { prefix } else { prefix.trim_end_matches('/') };
        let mut path = String::with_capacity(prefix.len() + template.len() + ROOM_FOR_VALUES);
        path.push_str(prefix);
        let mut filling = Self { path, rest: template };
        filling.literal();
        filling
    }

    /// A path below a prefix that is encoded already.
    pub(crate) fn whole(prefix: &str, path: &str) -> Self {
        let mut whole = prefix.to_owned();
        push_path(&mut whole, path);
        Self { path: whole, rest: "" }
    }

    /// Writes the value of the next placeholder, and what follows it. The error is a sentence.
    pub(crate) fn value<T: Encodable + ?Sized>(&mut self, value: &T) -> Result<(), String> {
        let (placeholder, rest) = self.rest.split_once('}').unwrap_or_default();
        let (name, greedy) = match placeholder.strip_suffix('+') {
            Some(name) => (name, true),
            None => (placeholder, false),
        };
        let mut given = 0;
        let path = &mut self.path;
        let written = scalars(value, |text| {
            given += 1;
            match (greedy, given) {
                (true, 1) => push_segments(path, text),
                (true, _) => {
                    path.push('/');
                    push_segments(path, text)
                }
                (false, _) => push_segment(path, text),
            }
        });
        self.rest = rest;
        self.literal();
        let amount = match given {
            0 => Err(ArgumentError::Absent),
            1 => Ok(()),
            _ if greedy => Ok(()),
            _ => Err(ArgumentError::List),
        };
        written.and(amount).map_err(|error| format!("the path parameter `{name}` {error}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.path
    }

    /// Writes what stands before the next placeholder.
    fn literal(&mut self) {
        let (text, rest) = self.rest.split_once('{').unwrap_or((self.rest, ""));
        self.path.push_str(text);
        self.rest = rest;
    }
}
