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
use crate::graft::Placed;
use crate::operation::Op;
use crate::parameter::{Encodable, Style};
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

/// What the error of a call is asked for, for the sake of the message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a call",
    label = "this is not made from an `apisession::Error`",
    note = "add `#[derive(ApiError)]` to `{Self}`, or implement `From<apisession::Error>` for it"
)]
pub trait CallError {}

#[diagnostic::do_not_recommend]
impl<E: From<Error>> CallError for E {}

/// Asks it of a type at the place where the author wrote it.
#[doc(hidden)]
pub const fn fails_with<E: CallError>() {}

impl<T, E> Op<T, E> {
    /// The call at a place, without its arguments.
    #[doc(hidden)]
    pub fn on(self, at: &impl Placed) -> Call<T, E> {
        Call::new(Arguments::new(at.handle(), self.operation()), self.decode)
    }
}

impl<T, E> Call<T, E> {
    pub(crate) fn arguments(&mut self) -> &mut Arguments {
        &mut self.arguments
    }

    pub(crate) fn new(arguments: Arguments, decode: Decode<T>) -> Self {
        Self { arguments, decode, error: PhantomData }
    }

    /// The future of the call, for where an `await` can't stand.
    pub fn send(self) -> Sending<T, E> {
        Sending { response: start(self.arguments), decode: self.decode, error: PhantomData }
    }

    /// The call with status, headers and request id beside the value.
    pub fn response(self) -> Responding<T, E> {
        Responding(self.send())
    }

    /// The same call, answered with the body as it came.
    pub fn raw(self) -> Call<Response, E> {
        Call::new(self.arguments, |end| Response::from_response(end?))
    }

    /// The same call, answered as soon as its head is there: the body is read piece by piece, as it came.
    ///
    /// The call's time limits end with the head. The body then has its `idle_timeout` and `min_throughput`, keeps its place in
    /// `max_in_flight` until it is read or dropped, and may be of any size.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(export: Call<String>) -> Result<(), apisession::BoxError> {
    /// let mut body = export.streaming().await?.into_value();
    /// while let Some(piece) = body.chunk().await? {
    ///     println!("{} bytes", piece.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn streaming(mut self) -> Call<Response, E> {
        self.arguments.streams = true;
        self.raw()
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

    #[doc(hidden)]
    pub fn path<V: Encodable + ?Sized>(mut self, value: &V) -> Self {
        self.arguments.path(value);
        self
    }

    #[doc(hidden)]
    pub fn query<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.arguments.query(name, value, Style::default());
        self
    }

    #[doc(hidden)]
    pub fn query_styled<V: Encodable + ?Sized>(
        mut self,
        name: &'static str,
        value: &V,
        style: Style,
    ) -> Self {
        self.arguments.query(name, value, style);
        self
    }

    #[doc(hidden)]
    pub fn query_flag(mut self, name: &'static str, value: &bool) -> Self {
        self.arguments.query_flag(name, *value);
        self
    }

    #[doc(hidden)]
    pub fn header<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.arguments.header_parameter(name, value);
        self
    }

    #[doc(hidden)]
    pub fn json<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.arguments.json(name, value);
        self
    }
}

crate::__settings!(call Call);

impl<T, E: From<Error>> IntoFuture for Call<T, E> {
    type Output = Result<T, E>;
    type IntoFuture = Sending<T, E>;

    fn into_future(self) -> Sending<T, E> {
        self.send()
    }
}

impl<T, E> fmt::Debug for Call<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arguments { operation, method, path, .. } = &self.arguments;
        match operation {
            Some(operation) => write!(f, "Call({operation})"),
            None => write!(f, "Call({method} {})", path.as_str()),
        }
    }
}

type Answering = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

/// Everything up to the answer is the same code for every call, so a user's crate compiles none of it.
fn start(arguments: Arguments) -> Answering {
    Box::pin(send::send(arguments))
}

/// The future of a call.
#[must_use = "a future does nothing until it is awaited"]
pub struct Sending<T, E = Error> {
    response: Answering,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E: From<Error>> Future for Sending<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(self.response.as_mut().poll(context));
        Poll::Ready((self.decode)(end).map_err(E::from))
    }
}

impl<T, E> fmt::Debug for Sending<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sending")
    }
}

/// The future of a call with status, headers and request id beside the value.
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Responding<T, E = Error>(Sending<T, E>);

impl<T, E: From<Error>> Future for Responding<T, E> {
    type Output = Result<Response<T>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(self.0.response.as_mut().poll(context));
        let head = match &end {
            Ok(response) => response.head(),
            Err(error) => error.head(),
        };
        Poll::Ready((self.0.decode)(end).map(|value| head.map(|()| value)).map_err(E::from))
    }
}

/// A call with setters: a type of the SDK's own around a [`Call`]. The macros give the setters, the rest is
/// the same for all.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    ($(#[$attribute:meta])* $vis:vis $type:ident($call:ty, $answer:ty, $error:ty) { $($setters:tt)* }) => {
        $(#[$attribute])*
        #[must_use = "a call does nothing until it is awaited"]
        $vis struct $type {
            call: $call,
        }

        impl $type {
            $($setters)*

            /// The future of the call, for where an `await` can't stand.
            $vis fn send(self) -> $crate::call::Sending<$answer, $error> {
                self.call.send()
            }

            /// The call with status, headers and request id beside the value.
            $vis fn response(self) -> $crate::call::Responding<$answer, $error> {
                self.call.response()
            }

            /// The same call, answered with the body as it came.
            $vis fn raw(self) -> $crate::Call<$crate::Response, $error> {
                self.call.raw()
            }

            /// The same call, answered as soon as its head is there.
            $vis fn streaming(self) -> $crate::Call<$crate::Response, $error> {
                self.call.streaming()
            }

            /// The same call, decoded as another type.
            $vis fn json_as<U: $crate::__private::DeserializeOwned>(self) -> $crate::Call<U, $error> {
                self.call.json_as()
            }

            /// The request that would be sent, with everything but the credential. Nothing is sent.
            ///
            /// # Errors
            ///
            /// If an argument can't be sent.
            $vis fn build(self) -> $crate::Result<$crate::Request> {
                self.call.build()
            }
        }

        $crate::__settings!(call_of($vis) $type);

        /// The same call, without the setters.
        impl ::core::convert::From<$type> for $crate::Call<$answer, $error> {
            fn from(call: $type) -> Self {
                call.call
            }
        }

        impl ::core::future::IntoFuture for $type {
            type Output = $crate::Result<$answer, $error>;
            type IntoFuture = $crate::call::Sending<$answer, $error>;

            fn into_future(self) -> Self::IntoFuture {
                self.call.send()
            }
        }

        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.call, f)
            }
        }
    };
}
