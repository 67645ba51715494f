//! A call: an operation and its arguments, as a value that does nothing until it is awaited.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::de::DeserializeOwned;

use crate::arguments::Arguments;
use crate::decode::{self, Decode, FromResponse};
use crate::error::{Error, Result};
use crate::request::Request;
use crate::response::Response;
use crate::send;

/// A call that is ready to be made. Await it, or change it first with the `with_…` methods.
///
/// It owns all it needs, so it can be spawned, stored, or sent to another thread. An argument that can't
/// be sent is reported when the call is awaited, and nothing is sent.
///
/// ```no_run
/// # use std::time::Duration;
/// # use apisession::prelude::*;
/// # async fn example(call: Call<String>) -> Result<()> {
/// let name = call.with_timeout(Duration::from_secs(2)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T, E = Error> {
    arguments: Arguments,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E> Call<T, E> {
    pub(crate) fn new(arguments: Arguments, decode: Decode<T>) -> Self {
        Self { arguments, decode, error: PhantomData }
    }

    #[doc(hidden)]
    pub fn arguments(&mut self) -> &mut Arguments {
        &mut self.arguments
    }

    /// The future of the call, for where an `await` can't stand.
    pub fn send(self) -> Sent<T, E> {
        Sent { response: start(self.arguments), decode: self.decode, error: PhantomData }
    }

    /// Makes the call and returns status, headers and request id beside the value.
    ///
    /// # Errors
    ///
    /// As awaiting the call itself.
    pub async fn response(self) -> Result<Response<T>, E>
    where
        E: From<Error>,
    {
        let response = start(self.arguments).await?;
        let head = response.map(());
        let value = (self.decode)(Ok(response))?;
        Ok(head.map(value))
    }

    /// The same call, answered with the body as it came.
    pub fn raw(self) -> Call<Response, E> {
        Call::new(self.arguments, |end| Response::from_response(end?))
    }

    /// The same call, decoded as another type.
    pub fn json_as<U: DeserializeOwned>(self) -> Call<U, E> {
        Call::new(self.arguments, decode::json)
    }

    /// The request that would be sent, with everything but the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    pub fn build(self) -> Result<Request> {
        send::request(self.arguments)
    }
}

impl<T, E: From<Error>> IntoFuture for Call<T, E> {
    type Output = Result<T, E>;
    type IntoFuture = Sent<T, E>;

    fn into_future(self) -> Sent<T, E> {
        self.send()
    }
}

impl<T, E> fmt::Debug for Call<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.arguments.operation)
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

/// Everything up to the answer is the same code for every call, so a user's crate compiles none of it.
fn start(arguments: Arguments) -> Answering {
    Box::pin(send::send(arguments))
}

/// The future of a call.
#[must_use = "a future does nothing until it is awaited"]
pub struct Sent<T, E = Error> {
    response: Answering,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E: From<Error>> Future for Sent<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(self.response.as_mut().poll(context));
        Poll::Ready((self.decode)(end).map_err(E::from))
    }
}

impl<T, E> fmt::Debug for Sent<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sent")
    }
}

/// The options of a call: written once, for [`Call`] and for every generated call with setters.
#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    ([$($generics:tt)*] $type:ty, $self:ident => $arguments:expr) => {
        impl<$($generics)*> $type {
            /// Limits the whole call: all attempts and the waits between them.
            pub fn with_timeout(mut $self, limit: ::core::time::Duration) -> Self {
                $arguments.set($crate::__private::CallOption::Timeout(limit));
                $self
            }

            /// Limits each attempt, to the end of the answer's body.
            pub fn with_attempt_timeout(mut $self, limit: ::core::time::Duration) -> Self {
                $arguments.set($crate::__private::CallOption::AttemptTimeout(limit));
                $self
            }

            /// Limits how often the request is sent in all; 1 is no retry.
            pub fn with_max_attempts(mut $self, max: u32) -> Self {
                $arguments.set($crate::__private::CallOption::MaxAttempts(max));
                $self
            }

            /// Limits the body of the answer, in bytes.
            pub fn with_max_body(mut $self, bytes: usize) -> Self {
                $arguments.set($crate::__private::CallOption::MaxBody(bytes));
                $self
            }

            /// Sets a header, over the session's. One that can't be sent is reported by the call.
            pub fn with_header(mut $self, name: &str, value: &str) -> Self {
                $arguments.set($crate::__private::CallOption::Header(name, value));
                $self
            }

            /// Carries this credential instead of the session's.
            pub fn with_credential(mut $self, credential: $crate::Credential) -> Self {
                $arguments.set($crate::__private::CallOption::Credential(credential));
                $self
            }

            /// Carries no credential, and does not sign in.
            pub fn without_credential(mut $self) -> Self {
                $arguments.set($crate::__private::CallOption::NoCredential);
                $self
            }
        }
    };
}

__options!([T, E] Call<T, E>, self => self.arguments);

/// The terminals of a generated call with setters, which holds a [`Call`] in its field `call`.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    ($type:ident, $answer:ty, $error:ty) => {
        $crate::__options!([] $type, self => self.call.arguments());

        impl $type {
            /// The future of the call, for where an `await` can't stand.
            pub fn send(self) -> $crate::call::Sent<$answer, $error> {
                self.call.send()
            }

            /// Makes the call and returns status, headers and request id beside the value.
            ///
            /// # Errors
            ///
            /// As awaiting the call itself.
            pub async fn response(self) -> $crate::Result<$crate::Response<$answer>, $error> {
                self.call.response().await
            }

            /// The same call, answered with the body as it came.
            pub fn raw(self) -> $crate::Call<$crate::Response, $error> {
                self.call.raw()
            }

            /// The same call, decoded as another type.
            pub fn json_as<U: $crate::__private::DeserializeOwned>(self) -> $crate::Call<U, $error> {
                self.call.json_as()
            }

            /// The request that would be sent, with everything but the credential. Nothing is sent.
            ///
            /// # Errors
            ///
            /// If an argument can't be sent.
            pub fn build(self) -> $crate::Result<$crate::Request> {
                self.call.build()
            }
        }

        impl ::core::future::IntoFuture for $type {
            type Output = $crate::Result<$answer, $error>;
            type IntoFuture = $crate::call::Sent<$answer, $error>;

            fn into_future(self) -> Self::IntoFuture {
                self.send()
            }
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.call, f)
            }
        }
    };
}
