//! What an author declared, as static values. It imports `encode`.

mod operation;
mod pattern;

pub use self::operation::{Operation, Parameter, Place};
pub use self::pattern::PathPattern;
