//! What the transports over sockets share: their options, the clients of each runtime, the limit of connections, the names, the bodies,
//! and the meaning of failures.

mod body;
pub(super) mod connections;
mod failure;
#[cfg(feature = "sign-in")]
mod found;
pub(super) mod keep_alive;
pub(super) mod limit;
mod options;
pub(super) mod resolver;
mod runtimes;
mod sockets;
mod wire;

pub(super) use self::body::{Outgoing, Pending, add_length};
#[cfg(feature = "hyper")]
pub(super) use self::failure::{Refused, causes};
pub(super) use self::failure::{Signs, body_error};
pub use self::options::Network;
pub(super) use self::sockets::{Sockets, over_sockets};
pub(super) use self::wire::{Pool, Wire};
#[cfg(feature = "reqwest")]
pub(super) use self::{failure::failure, options::CONNECT_TIMEOUT};
