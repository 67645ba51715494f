//! What generated code names. Not for hands: it changes with every version.

pub use serde::de::DeserializeOwned;
pub use serde::ser::Serialize;

pub use crate::call::fails_with;
pub use crate::decode::{ByNothing, ByResponse, BySerde, Decode, Probe};
pub use crate::graft::{Branch, Declares, Declaring, DeclaringNothing, Endpoint, Handle, Placed, Routes};
pub use crate::hooks::{Root, State};
pub use crate::parameter::{ListStyle, Nested, Style};
pub use crate::session::build;
pub use crate::status::of_status;
pub use crate::{
    __builder as builder, __call as call,
    __no_hooks_unless_session_says_hooks as no_hooks_unless_session_says_hooks,
};
