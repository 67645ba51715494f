//! The transport on hyper-util's client. What that would do itself is disabled: retries, and proxies from the environment.

mod body;
mod connection;
mod connector;
mod pool;
#[cfg(feature = "socks")]
mod socks;
mod tunnel;

use self::pool::HyperPool;
use super::network::{Sockets, over_sockets};

/// Sends requests with hyper, over HTTP/1.1 and HTTP/2. A call costs a third less than with [`Reqwest`](crate::transport::Reqwest), and
/// behaves the same. The limits of responses are the same too.
///
/// It has the options of its session, such as TLS and proxies. One that is set here as well has the value that is set here. By
/// itself, as in [`mount`](crate::Options::mount), it has only its own. Clones share their connections. Each tokio runtime has its own.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::transport::Hyper;
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "http://127.0.0.1")]
/// # pub struct Acme { session: Session }
/// let api = Acme::builder().transport(Hyper::new()).build()?;
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Hyper(Sockets<HyperPool>);

over_sockets!(Hyper,);
