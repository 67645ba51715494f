//! A transport without a network, for tests.

use std::fmt;
use std::future::Future;

use futures_core::future::BoxFuture;

use super::{Failure, Transport};
use crate::message::{Request, Response};

/// Calls a function for each request. With tokio's paused clock, waits take no time.
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
pub struct Memory(Box<dyn Fn(Request) -> BoxFuture<'static, Result<Response, Failure>> + Send + Sync>);

impl Memory {
    /// Creates a transport that returns the results of `respond`.
    pub fn new<F, Fut>(respond: F) -> Self
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Failure>> + Send + 'static,
    {
        Self(Box::new(move |request| Box::pin(respond(request))))
    }
}

impl Transport for Memory {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        (self.0)(request)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}
