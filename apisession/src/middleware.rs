//! What stands around calls and attempts.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::error::Result;
use crate::request::Request;
use crate::response::Response;

/// Stands around each call ([`per_call`](crate::Options::per_call)) or around each sending
/// ([`per_attempt`](crate::Options::per_attempt)): sees the request, lets it go on or not, sees the answer.
///
/// Around a call the request has no credential yet, and the answer is the last one, its body read. Around a sending it has, and
/// the answer's body is still on its way. Those that were added first stand outside. A middleware can't send a request
/// twice, and not to another origin; around a sending, method, path and idempotency key stay as well. Retries and redirects are
/// the session's, since only it knows what is safe.
///
/// ```
/// use apisession::middleware::{Answer, Middleware, Next};
/// use apisession::prelude::*;
/// use apisession::{Request, http::HeaderValue};
///
/// /// Names the run of the tests in each request.
/// struct Run(HeaderValue);
///
/// impl Middleware for Run {
///     fn handle<'a>(&'a self, mut request: Request, next: Next<'a>) -> Answer<'a> {
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
    /// Handles a request: usually changes it, runs `next`, and looks at the answer.
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> Answer<'a>;
}

/// What a middleware returns: an answer on its way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response>> + Send + 'a>>;

/// The way on from a middleware.
pub struct Next<'a> {
    rest: &'a [Arc<dyn Middleware>],
    end: Box<dyn FnOnce(Request) -> Answer<'a> + Send + 'a>,
}

impl<'a> Next<'a> {
    pub(crate) fn new(
        rest: &'a [Arc<dyn Middleware>],
        end: impl FnOnce(Request) -> Answer<'a> + Send + 'a,
    ) -> Self {
        Self { rest, end: Box::new(end) }
    }

    /// Goes on with the request.
    pub fn run(self, request: Request) -> Answer<'a> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle(request, Self { rest, end: self.end }),
            None => (self.end)(request),
        }
    }
}

impl std::fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Next({} more)", self.rest.len())
    }
}

/// Looks at each request that is sent.
pub(crate) struct OnRequest<F>(pub(crate) F);

impl<F: Fn(&Request) + Send + Sync + 'static> Middleware for OnRequest<F> {
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> Answer<'a> {
        (self.0)(&request);
        next.run(request)
    }
}

/// Looks at each answer that comes.
pub(crate) struct OnResponse<F>(pub(crate) F);

impl<F: Fn(&Response) + Send + Sync + 'static> Middleware for OnResponse<F> {
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> Answer<'a> {
        Box::pin(async move {
            let response = next.run(request).await?;
            (self.0)(&response);
            Ok(response)
        })
    }
}
