//! Request bodies that break off with the error of another call.

use std::collections::VecDeque;
use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use apisession::http::Method;
use apisession::middleware::{Middleware, Next};
use apisession::prelude::*;
use apisession::{BoxError, BoxFuture, Bytes, Request};
use futures_core::Stream;

use crate::refusing::RefusingPort;

/// Replaces the body of each POST by a stream that breaks off. The error is that of another call, which was not sent.
#[derive(Debug)]
pub struct BrokenBodies(OtherCall);

/// The error of another call.
#[derive(Clone, Debug)]
struct OtherCall(Arc<Error>);

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test")]
struct Other {
    session: Session,
}

impl BrokenBodies {
    /// Makes the other call, which can't connect.
    ///
    /// # Panics
    ///
    /// If it can.
    pub async fn new() -> Self {
        let refusing = RefusingPort::new();
        let api = Other::builder().base_url(format!("http://{}", refusing.address())).max_attempts(1).build();
        let call = api.expect("the session can be built").raw().get("/x");
        Self(OtherCall(Arc::new(call.await.expect_err("the port refuses connections"))))
    }
}

impl Middleware for BrokenBodies {
    fn handle<'a>(&'a self, mut request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        if request.method == Method::POST {
            let error = self.0.clone();
            let pieces = move || {
                let error: BoxError = error.clone().into();
                Pieces(VecDeque::from([Ok(Bytes::from_static(b"\"some bytes")), Err(error)]))
            };
            request.body = Body::rewindable(pieces).with_length(1_000);
        }
        next.run(request)
    }
}

struct Pieces(VecDeque<Result<Bytes, BoxError>>);

impl Stream for Pieces {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front())
    }
}

impl fmt::Display for OtherCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another call failed")
    }
}

impl StdError for OtherCall {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}
