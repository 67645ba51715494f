//! Middlewares: code around calls and attempts.

use std::fmt;
use std::sync::Arc;

use futures_core::future::BoxFuture;

use crate::error::Result;
use crate::message::{Request, Response};

/// Wraps each call ([`per_call`](crate::Options::per_call)) or each attempt ([`per_attempt`](crate::Options::per_attempt)): sees the
/// request, runs the next middleware or not, sees the response.
///
/// Around a call, the request has no credential yet, and the response is the last one, with its body read. Around an attempt, the
/// request has its credential, and the body of the response is still to be read. A redirect is an attempt here. The middleware
/// that was added first is the outermost.
///
/// A middleware can't send a request twice, nor to another origin. Around an attempt, it can't change method, path and idempotency
/// key either. The headers `connection`, `content-length`, `host` and `transfer-encoding` are the transport's. Retries and redirects are the session's, which knows when they are safe.
///
/// ```
/// use apisession::middleware::{Middleware, Next};
/// use apisession::prelude::*;
/// use apisession::{BoxFuture, Request, http::HeaderValue};
///
/// /// Adds the run of the tests to each request.
/// struct Run(HeaderValue);
///
/// impl Middleware for Run {
///     fn handle<'a>(&'a self, mut request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
///         request.headers.insert("x-test-run", self.0.clone());
///         Box::pin(async move {
///             let response = next.run(request).await?;
///             println!("{}", response.status());
///             Ok(response)
///         })
///     }
/// }
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// let api = Acme::builder().per_call(Run(HeaderValue::from_static("17"))).build()?;
/// # Ok::<(), apisession::Error>(())
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Handles a request: usually changes it, runs `next`, and looks at the response.
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>>;
}

/// The rest of the middlewares, and the call or attempt itself.
pub struct Next<'a> {
    rest: &'a [Arc<dyn Middleware>],
    end: Box<dyn FnOnce(Request) -> BoxFuture<'a, Result<Response>> + Send + 'a>,
}

impl<'a> Next<'a> {
    pub(crate) fn new(
        rest: &'a [Arc<dyn Middleware>],
        end: impl FnOnce(Request) -> BoxFuture<'a, Result<Response>> + Send + 'a,
    ) -> Self {
        Self { rest, end: Box::new(end) }
    }

    /// Runs them with the request.
    pub fn run(self, request: Request) -> BoxFuture<'a, Result<Response>> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle(request, Self { rest, end: self.end }),
            None => (self.end)(request),
        }
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Next({} more)", self.rest.len())
    }
}

/// Calls a function with each request.
pub(crate) struct OnRequest<F>(pub(crate) F);

impl<F: Fn(&Request) + Send + Sync + 'static> Middleware for OnRequest<F> {
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        (self.0)(&request);
        next.run(request)
    }
}

/// Calls a function with each response.
pub(crate) struct OnResponse<F>(pub(crate) F);

impl<F: Fn(&Response) + Send + Sync + 'static> Middleware for OnResponse<F> {
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        Box::pin(async move {
            let response = next.run(request).await?;
            (self.0)(&response);
            Ok(response)
        })
    }
}
