//! Descriptors of operations, and patterns of paths. It imports `encode`.

mod operation;
mod pattern;

pub use self::operation::{Operation, Parameter, Place};
pub use self::pattern::PathPattern;
