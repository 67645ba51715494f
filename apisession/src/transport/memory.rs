//! A transport without a network, for tests.

use std::fmt;
use std::future::Future;

use super::{Failure, Reply, Transport};
use crate::request::Request;
use crate::response::Response;

/// Answers every request by a function.
///
/// Together with tokio's paused clock, all waits take no time.
///
/// ```
/// use apisession::transport::Memory;
/// use apisession::{Response, http::StatusCode};
///
/// let vendor = Memory::new(|request| async move {
///     assert_eq!(request.url.path(), "/v1/events/42");
///     Ok(Response::new(StatusCode::OK).with_body(r#"{"id":42}"#))
/// });
/// # let _ = vendor;
/// ```
pub struct Memory(Box<dyn Fn(Request) -> Reply<'static> + Send + Sync>);

impl Memory {
    /// A transport that answers by `answer`.
    pub fn new<F, Fut>(answer: F) -> Self
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        Self(Box::new(move |request| Box::pin(answer(request))))
    }
}

impl Transport for Memory {
    fn send(&self, request: Request) -> Reply<'_> {
        (self.0)(request)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}
