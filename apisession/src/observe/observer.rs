//! What is told about calls to the code that counts and measures them.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::describe::Operation;
use crate::error::{ErrorKind, Outcome};

/// Is told what happens to the calls of a session, for metrics. A builder's `observer` adds one.
///
/// All methods are provided, and do nothing. They are called where the thing happens, so they should return at once: a method that
/// blocks delays the call. A panic in one harms no call. The first one is logged.
///
/// Nothing that an observer gets is secret: no header, URL or body.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use apisession::prelude::*;
/// use apisession::observe::{CallEnded, Observer, RetryPlanned};
///
/// #[derive(Default)]
/// struct Counts {
///     calls: AtomicU64,
///     retries: AtomicU64,
/// }
///
/// impl Observer for Counts {
///     fn call_ended(&self, _: &CallEnded) {
///         self.calls.fetch_add(1, Ordering::Relaxed);
///     }
///
///     fn retry_planned(&self, _: &RetryPlanned) {
///         self.retries.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// # fn main() -> Result<()> {
/// let counts = Arc::new(Counts::default());
/// let api = Acme::builder().observer(Arc::clone(&counts)).build()?;
/// # let _ = api;
/// # Ok(())
/// # }
/// ```
pub trait Observer: Send + Sync {
    /// A call begins. Nothing is sent yet.
    fn call_started(&self, event: &CallStarted) {
        let _ = event;
    }

    /// A request was sent, and there is a response, a failure, or nobody who waits for either any more. A redirect that is followed is an
    /// attempt here, since it is a request of its own.
    fn attempt_ended(&self, event: &AttemptEnded) {
        let _ = event;
    }

    /// An attempt failed, and another one is made after a delay.
    fn retry_planned(&self, event: &RetryPlanned) {
        let _ = event;
    }

    /// A call ends. Each call that has started ends once, also if its future is dropped. A call whose response is read while it arrives
    /// ends with the head of the response.
    fn call_ended(&self, event: &CallEnded) {
        let _ = event;
    }

    /// A sign-in ends: of the `authenticate` hook, or of a provider. A credential that is not fetched is none.
    fn token_fetched(&self, event: &TokenFetched) {
        let _ = event;
    }

    /// A page of a list was decoded. Its call has ended before.
    fn page_read(&self, event: &PageRead) {
        let _ = event;
    }

    /// A whole item of an [`EventStream`](crate::EventStream) or of [`Lines`](crate::Lines) has arrived.
    fn item_received(&self, event: &ItemReceived) {
        let _ = event;
    }
}

/// An observer that is shared.
impl<O: Observer + ?Sized> Observer for std::sync::Arc<O> {
    fn call_started(&self, event: &CallStarted) {
        (**self).call_started(event);
    }

    fn attempt_ended(&self, event: &AttemptEnded) {
        (**self).attempt_ended(event);
    }

    fn retry_planned(&self, event: &RetryPlanned) {
        (**self).retry_planned(event);
    }

    fn call_ended(&self, event: &CallEnded) {
        (**self).call_ended(event);
    }

    fn token_fetched(&self, event: &TokenFetched) {
        (**self).token_fetched(event);
    }

    fn page_read(&self, event: &PageRead) {
        (**self).page_read(event);
    }

    fn item_received(&self, event: &ItemReceived) {
        (**self).item_received(event);
    }
}

/// A call begins.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallStarted {
    /// The operation, or `None` for a raw call.
    pub operation: Option<&'static Operation>,
    /// The method of its request.
    pub method: Method,
}

/// A request was sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AttemptEnded {
    /// The operation, or `None` for a raw call.
    pub operation: Option<&'static Operation>,
    /// The method of the request.
    pub method: Method,
    /// The host of the request's URL.
    pub host: String,
    /// The port of the request's URL.
    pub port: Option<u16>,
    /// How many requests of the call came before this one: retries, redirects, and those whose credential was refused.
    pub resends: u32,
    /// How it ended.
    pub end: End,
    /// The status of the response, if there was one.
    pub status: Option<StatusCode>,
    /// The size of the request's body in bytes, if it is known before it is sent.
    pub request_size: Option<u64>,
    /// The size of the response's body in bytes, decoded, if it was read.
    pub response_size: Option<u64>,
    /// The time from the request to the end of the response's body, or of its head for a response that is read while it arrives.
    pub duration: Duration,
}

/// How an attempt or a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// With a response that is no error.
    Success,
    /// With an error.
    #[non_exhaustive]
    Failure {
        /// The kind of the error.
        kind: ErrorKind,
        /// What is known about the request.
        outcome: Option<Outcome>,
    },
    /// Its future was dropped before it ended.
    Dropped,
}

/// An attempt failed, and another one follows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryPlanned {
    /// The operation, or `None` for a raw call.
    pub operation: Option<&'static Operation>,
    /// The method of the request.
    pub method: Method,
    /// The number of attempts so far.
    pub attempts: u32,
    /// The kind of the error of the last one.
    pub kind: ErrorKind,
    /// The status of its response, if there was one.
    pub status: Option<StatusCode>,
    /// What is known about the attempts so far.
    pub outcome: Option<Outcome>,
    /// How long the call waits before the next one.
    pub delay: Duration,
}

/// A call has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CallEnded {
    /// The operation, or `None` for a raw call.
    pub operation: Option<&'static Operation>,
    /// The method of its first request.
    pub method: Method,
    /// How it ended. A 404 that is decoded as `None` is a success.
    pub end: End,
    /// The status of the last response, if there was one.
    pub status: Option<StatusCode>,
    /// The number of attempts. A redirect that is followed belongs to its attempt.
    pub attempts: u32,
    /// The time from its start to its end, sign-ins and waits included.
    pub duration: Duration,
}

/// A credential was fetched, or can't be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenFetched {
    /// The kind of the error, if it failed.
    pub failure: Option<ErrorKind>,
    /// How long it took.
    pub duration: Duration,
}

/// A page of a list was decoded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PageRead {
    /// The operation that lists.
    pub operation: Option<&'static Operation>,
    /// Which page it is, from 1 on.
    pub number: u64,
    /// How many items it has.
    pub items: usize,
}

/// An item of a stream has arrived.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ItemReceived {
    /// The operation, or `None` for a raw call.
    pub operation: Option<&'static Operation>,
    /// Which item of the stream it is, from 1 on.
    pub number: u64,
}
