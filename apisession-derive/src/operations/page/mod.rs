//! The key `page` of an operation: how the pages of its list follow each other.

mod check;
mod expand;
mod parse;

pub(super) use self::check::{UNDECLARED, check};
pub(super) use self::parse::Pages;
