//! What the transports over sockets share: their options, the clients of each runtime, the limit of connections, the bodies, and the
//! meaning of failures.

mod body;
pub(super) mod connections;
mod failure;
pub(super) mod keep_alive;
pub(super) mod limit;
mod options;
pub(super) mod resolver;
mod runtimes;
mod wire;

pub(super) use self::body::{Chunks, Outgoing, content_length};
#[cfg(feature = "hyper")]
pub(super) use self::failure::{Refused, causes};
pub(super) use self::failure::{Signs, body_error, failure};
#[cfg(feature = "reqwest")]
pub(super) use self::options::CONNECT_TIMEOUT;
pub use self::options::Network;
pub(super) use self::options::network_setters;
pub(super) use self::wire::{Maker, Wire};
