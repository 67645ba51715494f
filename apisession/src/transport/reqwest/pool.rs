//! The clients of a runtime. There is one for most servers. Those that close an idle connection earlier than it does have further ones.
//!
//! A client has one idle time for all its connections. There is a client for each idle time and not for each server, so that a session
//! that reaches many servers has few.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Error, Response};
use url::{Origin, Url};

use super::body::{incoming, outgoing};
use super::client::keeping;
use crate::error::BoxError;
use crate::message::{self, Request};
use crate::transport::Failure;
use crate::transport::network::connections::Connections;
use crate::transport::network::{Network, Pending, Pool, Signs, Wire, keep_alive};
use crate::transport::proxy::ProxyRules;
use crate::transport::tls::Backend;

/// The number of idle times that servers can choose, besides zero, which stands for each time that is shorter than all of them.
const CHOSEN_TIMES: usize = 3;

/// The number of servers whose idle time is remembered. The oldest is forgotten first, and is known again after its next response.
const MAX_SERVERS: usize = 100;

/// The clients of a runtime. It is never changed, but replaced.
#[derive(Clone)]
pub(in crate::transport) struct ReqwestPool {
    usual: Timed,
    /// At most `CHOSEN_TIMES`, and one that keeps no connection.
    shorter: Vec<Timed>,
    /// The servers that have one of the shorter clients, and its position.
    servers: VecDeque<(Origin, usize)>,
    /// The limit on the connections of all clients, if there is one.
    connections: Option<Arc<Connections>>,
}

/// A client, and how long it keeps an idle connection.
#[derive(Clone)]
struct Timed {
    client: Client,
    idle: Duration,
}

impl Pool for ReqwestPool {
    type Response = Response;
    type Error = Error;

    const TAKES_CLIENT: bool = true;

    fn new(options: &Network, proxies: &ProxyRules, backend: Option<&Backend>) -> Result<Self, BoxError> {
        let idle = options.pool_idle_timeout_or_default();
        let usual = Timed { client: keeping(idle, options, proxies, backend)?, idle };
        let connections = options.max_connections.map(|max| Arc::new(Connections::new(max)));
        Ok(Self { usual, shorter: Vec::new(), servers: VecDeque::new(), connections })
    }

    fn limits(&self, url: &Url) -> (Duration, Option<&Connections>) {
        (self.timed(url).idle, self.connections.as_deref())
    }

    fn start(
        &self,
        request: Request,
        _: Option<&Url>,
    ) -> Result<impl Future<Output = Result<Response, Error>> + Send + 'static, Failure> {
        let client = &self.timed(&request.url).client;
        Ok(client.execute(outgoing(request)))
    }

    fn explain(error: Error) -> (Signs, BoxError) {
        let (is_connect, is_timeout, is_dns) = (error.is_connect(), error.is_timeout(), error.is_dns());
        // The query of the URL may contain secrets. The error of the call has the redacted URL.
        (Signs { is_connect, is_timeout, is_dns, ..Signs::default() }, error.without_url().into())
    }

    fn receive(wire: &Wire<Self>, response: Response, idle: Duration, pending: Pending) -> message::Response {
        let announced = keep_alive::idle_time(response.version(), response.headers());
        if let Some(announced) = announced.filter(|announced| *announced < idle) {
            wire.update(|pool, backend| {
                pool.shortened(response.url(), announced, |idle| {
                    keeping(idle, &wire.options, &wire.proxies, backend)
                })
            });
        }
        incoming(response, pending)
    }
}

impl ReqwestPool {
    /// The client for the server of a URL.
    fn timed(&self, url: &Url) -> &Timed {
        if self.servers.is_empty() {
            return &self.usual;
        }
        let origin = url.origin();
        let server = self.servers.iter().find(|(server, _)| *server == origin);
        server.map_or(&self.usual, |(_, at)| &self.shorter[*at])
    }

    /// The pool that keeps an idle connection to the server of a URL for `idle` at most, with the clients that `make` makes; `None` if
    /// this one does.
    ///
    /// The time of a server becomes only shorter. There may be connections that are idle since it announced the shorter one.
    fn shortened<E>(
        &self,
        url: &Url,
        idle: Duration,
        make: impl Fn(Duration) -> Result<Client, E>,
    ) -> Result<Option<Self>, E> {
        if self.timed(url).idle <= idle {
            return Ok(None);
        }
        let make = |idle| make(idle).map(|client| Timed { client, idle });
        let mut pool = self.clone();
        let origin = url.origin();
        let server = pool.servers.iter().position(|(server, _)| *server == origin);
        let before = server.and_then(|at| pool.servers.remove(at)).map(|(_, at)| at);
        if pool.connections.is_some() {
            // The idle connections to this server, which count in the limit, are closed with their client.
            let left = before.map_or(&mut pool.usual, |at| &mut pool.shorter[at]);
            *left = make(left.idle)?;
        }
        let idle = pool.available(idle);
        let at = match pool.shorter.iter().position(|shorter| shorter.idle == idle) {
            Some(at) => at,
            None => {
                pool.shorter.push(make(idle)?);
                pool.shorter.len() - 1
            }
        };
        if pool.servers.len() == MAX_SERVERS {
            pool.servers.pop_front();
        }
        pool.servers.push_back((origin, at));
        Ok(Some(pool))
    }

    /// The longest idle time up to `idle` that a client has or can have.
    fn available(&self, idle: Duration) -> Duration {
        let chosen = || self.shorter.iter().map(|shorter| shorter.idle).filter(|idle| !idle.is_zero());
        if chosen().count() < CHOSEN_TIMES {
            return idle;
        }
        chosen().filter(|chosen| *chosen <= idle).max().unwrap_or_default()
    }
}
