//! Descriptors of operations, and patterns of paths. It imports `encode` and what is below it.

mod case;
mod constant;
mod graphql;
mod group;
mod mode;
mod operation;
mod parameter;
mod pattern;
mod response;
mod text;

pub use self::case::{Case, Cases};
pub use self::constant::Constant;
pub use self::graphql::GraphQlDocument;
pub use self::group::Group;
pub use self::mode::Mode;
pub use self::operation::{BodyKind, Deprecation, Operation};
pub use self::parameter::{Facts, Parameter, Parameters, Place};
pub use self::pattern::PathPattern;
pub use self::response::ResponseKind;
pub(crate) use self::response::Returned;
