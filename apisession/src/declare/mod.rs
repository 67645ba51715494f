//! What an author writes: hooks, and the traits behind the macros. It imports `call` and what is below it.

mod endpoint;
mod hooks;
mod retry;
mod route;

pub use self::endpoint::{Declaring, DeclaringNothing, Endpoint, OneEndpointImplPerType};
pub(crate) use self::hooks::Hooks;
pub use self::hooks::{APISession, Root, State};
pub use self::retry::Retry;
pub use self::route::{Route, Routes};
