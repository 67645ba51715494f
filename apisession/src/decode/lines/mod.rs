//! Items that arrive one after the other: lines, sequences and arrays of JSON.

mod array;
mod scan;
mod splitter;

pub(crate) use self::splitter::{Fault, Form, Splitter};
