//! Descriptors of operations, and patterns of paths. It imports `encode`.

mod mode;
mod operation;
mod parameter;
mod pattern;
mod text;

pub use self::mode::Mode;
pub use self::operation::Operation;
pub use self::parameter::{Parameter, Parameters, Place};
pub use self::pattern::PathPattern;
