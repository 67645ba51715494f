//! What an author writes: hooks, and the traits behind the macros. It imports `call` and what is below it.

mod about;
mod description;
mod endpoint;
mod hooks;
mod known;
#[cfg(feature = "models")]
mod known_values;
mod printed;
mod retry;
mod route;
mod typed_error;
mod variable;

pub use self::description::Description;
pub use self::endpoint::{
    DeclaringNothing, Endpoint, EndpointGroup, HasNoMethodsOfSessions, OneEndpointImplPerType,
};
pub(crate) use self::hooks::Hooks;
pub use self::hooks::{APISession, Root, State};
pub use self::known::{Known, NoTypedError, TypedError, Unknown};
pub use self::retry::Retry;
pub use self::route::{Route, Routes};
pub use self::typed_error::{
    FieldByBody, FieldByNothing, FieldBySerde, IsBody, OtherField, as_error, body_has, into_error,
    is_error_response,
};
pub use self::variable::{ByDisplay, ByStr, Variable, filled};
