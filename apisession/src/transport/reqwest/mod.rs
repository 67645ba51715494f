//! The default transport, by reqwest. What reqwest would do itself is disabled: redirects, retries, the `Referer`,
//! proxies from the environment, and decompression. The send loop does these.

mod body;
mod client;
mod finished;
mod pool;
mod resolver;

use std::sync::Arc;

use reqwest::ClientBuilder;

use self::pool::ReqwestPool;
use super::network::{Sockets, over_sockets};

/// The builder that a transport starts with.
pub(crate) type OwnClient = Arc<dyn Fn() -> ClientBuilder + Send + Sync>;

/// Sends requests with reqwest, over HTTP/1.1 and HTTP/2. A response may have at most 100 headers, of 408 KiB
/// together with its status line; over HTTP/2 they may have 64 KiB.
///
/// It is the transport of a session that sets none. It has the options of its session, such as TLS and proxies. One that is set here as
/// well has the value that is set here. By itself, as in [`mount`](crate::Options::mount), it has only its own. Clones share their
/// connections.
///
/// Each tokio runtime in which it is used has its own client, and so its own pool of connections, until the runtime ends. Servers that
/// announce that they close idle connections earlier have at most four further clients: see
/// [`pool_idle_timeout`](Self::pool_idle_timeout).
///
/// ```
/// use std::time::Duration;
/// use apisession::transport::Reqwest;
///
/// let transport = Reqwest::new().connect_timeout(Duration::from_secs(3));
/// # let _ = transport;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Reqwest(Sockets<ReqwestPool>);

over_sockets!(
    Reqwest,
    /// The shortest time that it has announced counts. At most four such times are told apart in each tokio runtime; further servers use
    /// the next shorter one, or a new connection for each request.
);

impl Reqwest {
    /// Starts with the reqwest builder that `make` returns, for options that are not offered here. It is called for each tokio runtime in
    /// which the transport is used.
    ///
    /// Its redirects, retries, Referer, proxies and connect timeout are replaced by those of the session. It should not set
    /// other timeouts. TLS is set either there or by [`tls`](Self::tls). Unless a [`resolver`](Self::resolver) is set here, names are
    /// resolved as it does, so that names below `localhost` count as those of another machine, to which no credential is sent over
    /// plain HTTP.
    #[must_use]
    pub fn client(mut self, make: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        self.0.options_mut().set_client(Arc::new(make));
        self
    }
}
