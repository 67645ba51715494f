//! Conditional requests (RFC 9110 §13).

use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::{Call, OpenCall, Sending, responded};
use crate::error::{Error, Result};
use crate::message::{ETag, Response};

/// A call whose result is `None` if the resource is still the one that the caller knows: the server responds with 304.
///
/// [`Call::if_none_match`] and [`Call::if_modified_since`] return it. It has all options of a call.
///
/// ```
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// # #[endpoint(path = "/events")] pub struct Events;
/// # #[endpoint] impl Events { #[get("/{id}")] pub fn get(&self, id: u64) -> Call<String>; }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] events: Events }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|request| async move {
/// #     let is_known = request.headers.get("if-none-match").is_some_and(|tag| tag == "\"v1\"");
/// #     let status = if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
/// #     Ok(Response::new(status).with_header("etag", "\"v1\"").with_body(if is_known { "" } else { "\"Standup\"" }))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let first = api.events().get(42).response().await?;
/// let tag = first.etag().expect("this vendor sends entity tags");
/// if let Some(newer) = api.events().get(42).if_none_match(&tag).await? {
///     println!("it is {} now", newer.value());
/// }
/// # assert!(api.events().get(42).if_none_match(&tag).await?.is_none());
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Conditional<T, E = Error> {
    call: OpenCall<Self, T, E>,
}

impl<T, E> Call<T, E> {
    /// Makes the call, unless the resource still has this entity tag: then the result is `None`. Weak tags are compared as well
    /// (RFC 9110 §13.1.2).
    pub fn if_none_match(self, tag: &ETag) -> Conditional<T, E> {
        self.with_header("if-none-match", &tag.to_string()).open(Conditional::of)
    }

    /// Makes the call, unless the resource was not modified since then: then the result is `None`. The time is sent in whole seconds.
    pub fn if_modified_since(self, time: SystemTime) -> Conditional<T, E> {
        self.with_date("if-modified-since", time).open(Conditional::of)
    }

    /// Makes the call only if the resource still has this entity tag. Otherwise the server responds with 412, and the call fails with
    /// [`ErrorKind::PreconditionFailed`](crate::ErrorKind::PreconditionFailed).
    ///
    /// A weak tag never matches here (RFC 9110 §13.1.1), so with one the call fails, and nothing is sent.
    pub fn with_if_match(mut self, tag: &ETag) -> Self {
        if tag.is_weak() {
            self.arguments().refuse(Error::argument(
                "the entity tag is weak, and `if-match` compares only strong ones (RFC 9110 §13.1.1); use `with_if_unmodified_since`, or \
                 leave the condition out",
            ));
        }
        self.with_header("if-match", &tag.to_string())
    }

    /// Makes the call only if the resource was not modified since then. Otherwise the server responds with 412, and the call fails with
    /// [`ErrorKind::PreconditionFailed`](crate::ErrorKind::PreconditionFailed). The time is sent in whole seconds.
    pub fn with_if_unmodified_since(self, time: SystemTime) -> Self {
        self.with_date("if-unmodified-since", time)
    }

    fn with_date(mut self, name: &'static str, time: SystemTime) -> Self {
        // The form of HTTP has years of four digits.
        const YEAR_10000: Duration = Duration::from_secs(253_402_300_800);
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) if since < YEAR_10000 => self.with_header(name, &httpdate::fmt_http_date(time)),
            _ => {
                self.arguments().refuse(Error::argument(format!(
                    "the time of `{name}` must be in the years 1970 to 9999"
                )));
                self
            }
        }
    }
}

impl<S, T, E> OpenCall<S, T, E> {
    /// Makes the call, unless the resource still has this entity tag: see [`Call::if_none_match`].
    pub fn if_none_match(&self, tag: &ETag) -> Conditional<T, E> {
        self.to_call().if_none_match(tag)
    }

    /// Makes the call, unless the resource was not modified since then: see [`Call::if_modified_since`].
    pub fn if_modified_since(&self, time: SystemTime) -> Conditional<T, E> {
        self.to_call().if_modified_since(time)
    }
}

impl<S, T, E> OpenCall<S, T, E> {
    /// Makes the call only if the resource still has this entity tag: see [`Call::with_if_match`].
    pub fn with_if_match(&self, tag: &ETag) -> S {
        self.to_call().with_if_match(tag).open(self.make)
    }

    /// Makes the call only if the resource was not modified since then: see [`Call::with_if_unmodified_since`].
    pub fn with_if_unmodified_since(&self, time: SystemTime) -> S {
        self.to_call().with_if_unmodified_since(time).open(self.make)
    }
}

impl<T, E> Conditional<T, E> {
    fn of(call: OpenCall<Self, T, E>) -> Self {
        Self { call }
    }

    /// Returns the future of the call, where an `await` is not possible.
    pub fn send(&self) -> Checking<T, E> {
        Checking(self.to_call().send())
    }
}

impl<T, E> Deref for Conditional<T, E> {
    type Target = OpenCall<Self, T, E>;

    fn deref(&self) -> &Self::Target {
        &self.call
    }
}

impl<T, E: From<Error>> IntoFuture for Conditional<T, E> {
    type Output = Result<Option<Response<T>>, E>;
    type IntoFuture = Checking<T, E>;

    fn into_future(self) -> Checking<T, E> {
        Checking(self.call.into_call().send())
    }
}

impl<T, E> fmt::Debug for Conditional<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// The future of a conditional call.
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Checking<T, E = Error>(Sending<T, E>);

impl<T, E: From<Error>> Future for Checking<T, E> {
    type Output = Result<Option<Response<T>>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(Pin::new(&mut self.0.started).poll(context));
        let is_unchanged = |error: &Error| error.status() == Some(StatusCode::NOT_MODIFIED);
        let value = match end {
            Err(error) if is_unchanged(&error) => Ok(None),
            end => responded(end, self.0.decode).map(Some),
        };
        self.0.started.end(&value);
        Poll::Ready(value.map_err(E::from))
    }
}
