//! The keys `poll` and `wait` of an operation: how the state of its job is read, and what it means.

mod check;
mod expand;
mod parse;

pub(super) use self::check::{UNDECLARED, check, targets};
pub(super) use self::parse::Polls;
