//! Fills the placeholders of a path template with values.

use super::argument::ArgumentError;
use super::segment::{push_path, push_segment, push_segments};
use super::value::{Encodable, scalars};

/// A path that is written value by value: the encoded part, and the rest of its template.
#[derive(Clone)]
pub(crate) struct Filling {
    /// The encoded part.
    path: String,
    /// The rest of the template, from the name of the next placeholder on, without its opening brace.
    rest: &'static str,
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

    /// Writes the value of the next placeholder, and the template up to the one after it. A greedy placeholder can allow empty segments.
    /// The error is a complete message.
    pub(crate) fn value<T: Encodable + ?Sized>(
        &mut self,
        value: &T,
        allows_empty: bool,
    ) -> Result<(), String> {
        let (placeholder, rest) = self.rest.split_once('}').unwrap_or_default();
        let (name, is_greedy) = match placeholder.strip_suffix('+') {
            Some(name) => (name, true),
            None => (placeholder, false),
        };
        let mut count = 0;
        let path = &mut self.path;
        let written = scalars(value, |text| {
            count += 1;
            match (is_greedy, count) {
                (true, 1) => push_segments(path, text, allows_empty),
                (true, _) => {
                    path.push('/');
                    push_segments(path, text, allows_empty)
                }
                (false, _) => push_segment(path, text),
            }
        });
        self.rest = rest;
        self.push_literal();
        let arity = match count {
            0 => Err(ArgumentError::Absent),
            1 => Ok(()),
            _ if is_greedy => Ok(()),
            _ => Err(ArgumentError::List),
        };
        written.and(arity).map_err(|error| format!("the path parameter `{name}` {error}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.path
    }

    /// Writes the template up to the next placeholder.
    fn push_literal(&mut self) {
        let (text, rest) = self.rest.split_once('{').unwrap_or((self.rest, ""));
        self.path.push_str(text);
        self.rest = rest;
    }
}
