//! The items of an array that is at a pointer in a document.

use super::input::{At, Fault, Input};
use crate::decode::scan::Scan;

/// Where in the document the reader is.
pub(super) struct Array {
    /// The keys that lead to the array.
    keys: Vec<String>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    /// Before the value below this number of keys.
    Seek(usize),
    /// In an object, before a key or its end.
    Key(usize),
    /// In a key.
    InKey(usize),
    /// After a key, and whether it is the one that leads on.
    Colon(usize, bool),
    /// Before or in a value that is passed over.
    Pass(usize, Scan),
    /// After a value of an object.
    Comma(usize),
    /// After the bracket: an item, or the end.
    First,
    /// After a comma: an item.
    Item,
    /// In an item.
    InItem,
    /// After an item: a comma, or the end.
    Next,
    /// After the array, in the objects around it.
    Tail(Scan),
    Over,
}

const NOT_JSON: Fault = Fault::Malformed("is not JSON around its array");
const NO_ARRAY: Fault = Fault::Malformed("has no array where one was declared");

impl Array {
    /// The array at a pointer (RFC 6901), which is empty for the whole document.
    pub(super) fn new(pointer: &str) -> Self {
        let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
        Self { keys: keys.collect(), state: State::Seek(0) }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    pub(super) fn find(&mut self, input: &mut Input) -> Result<Option<At>, Fault> {
        loop {
            // These three don't end at white space.
            match &mut self.state {
                State::InItem => {
                    let found = input.value()?;
                    if found.is_some() {
                        self.state = State::Next;
                    }
                    return Ok(found);
                }
                State::InKey(level) => {
                    let level = *level;
                    let Some(found) = input.value()? else { return Ok(None) };
                    let key = serde_json::from_slice::<String>(input.item(&found)).map_err(|_| NOT_JSON)?;
                    input.clear();
                    self.state = State::Colon(level, key == self.keys[level]);
                    continue;
                }
                State::Tail(scan) => {
                    if !input.pass_value(scan)? {
                        return Ok(None);
                    }
                    self.state = State::Over;
                    continue;
                }
                State::Pass(level, scan) => {
                    let level = *level;
                    if !input.pass_value(scan)? {
                        return Ok(None);
                    }
                    self.state = State::Comma(level);
                    continue;
                }
                _ => {}
            }
            let Some(byte) = input.next_byte() else { return Ok(None) };
            let is_taken = !matches!((self.state, byte), (State::Key(_), b'"'))
                && !matches!((self.state, byte), (State::First, byte) if byte != b']')
                && !matches!(self.state, State::Item);
            self.state = match (self.state, byte) {
                (State::Seek(level), b'[') if level == self.keys.len() => State::First,
                (State::Seek(level), b'{') if level < self.keys.len() => State::Key(level),
                (State::Seek(_), _) => return Err(NO_ARRAY),
                (State::Key(level), b'"') => State::InKey(level),
                (State::Key(_), b'}') => return Err(NO_ARRAY),
                (State::Colon(level, true), b':') => State::Seek(level + 1),
                (State::Colon(level, false), b':') => State::Pass(level, Scan::START),
                (State::Comma(level), b',') => State::Key(level),
                (State::Comma(_), b'}') => return Err(NO_ARRAY),
                (State::First | State::Next, b']') => match self.keys.len() {
                    0 => State::Over,
                    depth => State::Tail(Scan::inside(u32::try_from(depth).unwrap_or(u32::MAX))),
                },
                (State::First | State::Item, byte) if !matches!(byte, b',' | b']' | b'}' | b':') => {
                    State::InItem
                }
                (State::Next, b',') => State::Item,
                (State::Over, _) => return Err(Fault::Malformed("goes on after the end of its JSON")),
                _ => return Err(NOT_JSON),
            };
            if is_taken {
                input.take();
            }
        }
    }
}
