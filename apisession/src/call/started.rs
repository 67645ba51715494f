//! A call that was started.

use std::future::{Future, ready};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::future::BoxFuture;

use crate::error::{Error, Result};
use crate::message::Response;
use crate::observe::Watch;

/// A call that was started: the future of its response, and what is seen of it, which nearly always is nothing.
pub(crate) struct Started {
    pub(super) response: BoxFuture<'static, Result<Response>>,
    pub(super) watch: Option<Box<Watch>>,
}

impl Started {
    /// A call that can't be made.
    pub(crate) fn failed(error: Error) -> Self {
        Self::unseen(Box::pin(ready(Err(error))))
    }

    /// A call whose parts are seen by themselves.
    pub(crate) fn unseen(response: BoxFuture<'static, Result<Response>>) -> Self {
        Self { response, watch: None }
    }

    /// Ends what is seen of the call with its value, or the error that there is none. Without this it ends with the response.
    pub(crate) fn end<T>(&mut self, value: &Result<T>) {
        if self.watch.is_some() {
            self.end_watch(value.as_ref().err());
        }
    }

    /// The same for any type of value.
    #[cold]
    fn end_watch(&mut self, error: Option<&Error>) {
        if let Some(mut watch) = self.watch.take() {
            match error {
                Some(error) => watch.fail(error),
                None => watch.succeed(),
            }
        }
    }
}

impl Future for Started {
    type Output = Result<Response>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { response, watch } = &mut *self;
        let Some(watch) = watch else { return response.as_mut().poll(context) };
        let end = {
            let _entered = watch.entered();
            ready!(response.as_mut().poll(context))
        };
        watch.note(end.as_ref().map(Response::head));
        Poll::Ready(end)
    }
}
