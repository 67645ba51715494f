//! Items that arrive one after the other: lines, sequences and arrays of JSON.

mod array;
mod input;
mod keys;
mod splitter;
mod stream;

pub use self::keys::{DeclaresLines, LineKeys, is_expired_item, with_lines, with_resume};
pub use self::splitter::Form;
pub use self::stream::Lines;
#[cfg(any(fuzzing, test))]
pub(crate) use self::{input::Fault, splitter::Splitter};
