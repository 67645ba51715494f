//! Helpers of the tests: a transport that records requests, a server on a socket, and a watchdog.
//!
//! The code of the README and of the book runs here as doc tests.

use std::future::IntoFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use apisession::http::{HeaderMap, Method, StatusCode};
use apisession::transport::{Failure, Memory};
use apisession::{Request, Response, Route, Url};

mod pieces;
mod script;
mod server;
pub mod tokio;
pub mod provider;
mod tree;
pub mod upload;
mod watchdog;
mod wire;

pub use pieces::Pieces;
pub use script::{Step, scripted};
pub use server::Server;
pub use tree::{Node, Tree};
pub use watchdog::Watchdog;
pub use wire::{Names, Silent, Wire, wire};

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/face.md")]
mod face {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/batches.md")]
mod batches {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/bodies.md")]
mod bodies {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/cached_values.md")]
mod cached_values {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/coming_from_requests.md")]
mod coming_from_requests {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/coming_from_reqwest.md")]
mod coming_from_reqwest {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/coming_from_restfly.md")]
mod coming_from_restfly {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/coming_from_restfly_2.md")]
mod coming_from_restfly_2 {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/credentials.md")]
mod credentials {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/descriptor.md")]
mod descriptor {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/downloads.md")]
mod downloads {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/graphql.md")]
mod graphql {}

#[doc = include_str!("../../book/src/jobs.md")]
mod jobs {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/models.md")]
mod models {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/parameters.md")]
mod parameters {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/observing.md")]
mod observing {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/pages.md")]
mod pages {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/redaction.md")]
mod redaction {}

#[doc = include_str!("../../book/src/reference_errors.md")]
mod reference_errors {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/reference_hooks.md")]
mod reference_hooks {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/responses.md")]
mod responses {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/saved_models.md")]
mod saved_models {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/signing_in.md")]
mod signing_in {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/streams.md")]
mod streams {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/testing.md")]
mod testing {}

#[doc = include_str!("../../book/src/transports.md")]
mod transports {}

#[cfg(doctest)]
#[doc = include_str!("../../book/src/what_leaves.md")]
mod what_leaves {}

/// A request as the transport received it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: Url,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as text.
    pub body: String,
}

impl Seen {
    /// `GET /path?query`, the part that most tests compare.
    #[must_use]
    pub fn line(&self) -> String {
        let query = self.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{} {}{query}", self.method, self.url.path())
    }

    /// Returns a header as text, or an empty text without it.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn of(request: &Request) -> Self {
        let body = request.body.as_bytes().cloned().unwrap_or_default();
        Self {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

/// The requests that a transport has recorded.
#[derive(Clone, Debug, Default)]
pub struct Sent(Arc<Mutex<Vec<Seen>>>);

impl Sent {
    /// Returns all requests so far.
    #[must_use]
    pub fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the lines of all requests so far.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.all().iter().map(Seen::line).collect()
    }

    /// Returns the only request.
    ///
    /// # Panics
    ///
    /// Panics if there is none, or more than one.
    #[must_use]
    pub fn only(&self) -> Seen {
        let all = self.all();
        assert_eq!(all.len(), 1, "{:?}", self.lines());
        all[0].clone()
    }
}

/// A transport for sessions whose calls are built and not sent. It needs no TLS.
///
/// # Panics
///
/// The transport panics if a request is sent.
#[must_use]
pub fn offline() -> Memory {
    Memory::new(|request| async move { panic!("{} {} is sent", request.method, request.url) })
}

/// Returns a transport that records each request, and responds by `respond`, which gets the number of the request, from 1.
pub fn recording<F>(respond: F) -> (Memory, Sent)
where
    F: Fn(usize, &Seen) -> Result<Response, Failure> + Send + Sync + 'static,
{
    let sent = Sent::default();
    let kept = sent.clone();
    let memory = Memory::new(move |request| {
        let seen = Seen::of(&request);
        let number = {
            let mut all = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(seen.clone());
            all.len()
        };
        let response = respond(number, &seen);
        async move { response }
    });
    (memory, sent)
}

/// Returns routes as lines: `GET /events/{id} Events::get`.
#[must_use]
pub fn listed(routes: &[Route]) -> Vec<String> {
    let line =
        |route: &Route| format!("{} {} {}", route.operation().method(), route.path(), route.operation());
    routes.iter().map(line).collect()
}

/// Returns a response with a status and a JSON body.
#[must_use]
pub fn respond(status: u16, body: &str) -> Response {
    let status = StatusCode::from_u16(status).expect("tests name real statuses");
    Response::new(status).with_header("content-type", "application/json").with_body(body.to_owned())
}

/// Runs a future that uses sockets, with a timeout of 30 seconds.
///
/// # Panics
///
/// Panics after the timeout.
pub async fn watched<T>(future: impl IntoFuture<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("the test hangs")
}
