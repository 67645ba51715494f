//! A job whose optional parameters can still be set: what all types with setters have in common.

use std::fmt;
use std::time::Duration;

use super::plan::Options;
use super::polling::Polling;
use super::{Job, Poller, Starting};
use crate::call::{Call, Handle, HeaderPairs, Sending, SentAsXml, writes};
use crate::encode::{Encodable, Style};
use crate::error::{Error, Result};
use crate::message::multipart::PartValue;
use crate::message::{Body, Multipart, Request};

/// The options of a job whose optional parameters can still be set.
///
/// The type of such a job, which the SDK has for each operation with optional parameters, has a setter for each of them, and by
/// `Deref` the methods of this one: those of a [`Poller`], whose `with_…` options return the SDK's type again, so that setters and options
/// can be mixed in any order. They leave the original as it is and act on a copy. Awaiting the job itself copies nothing.
pub struct OpenPoller<S, T, E = Error> {
    call: Call<T, E>,
    handle: Handle,
    polling: &'static Polling,
    options: Options,
    /// Makes the SDK's type of it.
    make: fn(Self) -> S,
}

impl<T, E> Poller<T, E> {
    /// The same job with setters.
    #[doc(hidden)]
    pub fn open<S>(self, make: fn(OpenPoller<S, T, E>) -> S) -> S {
        let (call, handle, polling, options) = self.into_parts();
        make(OpenPoller { call, handle, polling, options, make })
    }
}

impl<S, T, E> OpenPoller<S, T, E> {
    /// Returns the job without its setters, for code that takes any [`Poller`].
    pub fn to_poller(&self) -> Poller<T, E> {
        self.call.copied().poller_at(self.handle.clone(), self.polling, self.options)
    }

    /// Returns the future of the result: see [`Poller::send`].
    pub fn send(&self) -> Sending<T, E> {
        self.to_poller().send()
    }

    /// Starts the job, and returns it while it runs: see [`Poller::start`].
    pub fn start(&self) -> Starting<T, E> {
        self.to_poller().start()
    }

    /// Returns the job of a token: see [`Poller::resume`].
    ///
    /// # Errors
    ///
    /// If the text is no token of a job that this call has started.
    pub fn resume(&self, token: impl AsRef<str>) -> Result<Job<T, E>, E>
    where
        E: From<Error>,
    {
        self.to_poller().resume(token)
    }

    /// Returns the request that starts the job, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    pub fn build(&self) -> Result<Request> {
        self.to_poller().build()
    }

    #[doc(hidden)]
    pub fn into_poller(self) -> Poller<T, E> {
        self.call.poller_at(self.handle, self.polling, self.options)
    }

    fn to_call(&self) -> Poller<T, E> {
        self.to_poller()
    }
}

impl<S, T, E> OpenPoller<S, T, E> {
    /// Limits the whole time from the start of the job to its last state: see [`Poller::with_total`].
    pub fn with_total(&self, total: Duration) -> S {
        self.to_poller().with_total(total).open(self.make)
    }

    /// Sets the time between two reads of the state: see [`Poller::with_poll_interval`].
    pub fn with_poll_interval(&self, interval: Duration) -> S {
        self.to_poller().with_poll_interval(interval).open(self.make)
    }
}

crate::__settings!(open OpenPoller);

writes!(OpenPoller);

impl<S, T, E> fmt::Debug for OpenPoller<S, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_poller().fmt(f)
    }
}

/// A type with setters. The macros write the setters; the rest is the same for all of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_poller {
    ({ $($attribute:tt)* } $vis:vis $type:ident($value:ty, $error:ty) $([$allowed:ident])? {
        $({ $($gate:tt)* } { $($doc:tt)* } $maybe:ident $leaves:literal $setter:ident($($argument:tt)*) [$($given:tt)*] { $($write:tt)* })*
    }) => {
        $($attribute)*
        #[must_use = "a poller does nothing until it is awaited or started"]
        #[allow(non_camel_case_types)]
        $vis struct $type($crate::OpenPoller<Self, $value, $error>);

        $(#[allow($allowed)])?
        impl $type {
            $(
                $($gate)*
                $($doc)*
                $vis fn $setter(self, $($argument)*) -> Self {
                    self.0 $($write)*
                }

                $($gate)*
                #[doc = $leaves]
                $vis fn $maybe(self, $setter: ::core::option::Option<$($given)*>) -> Self {
                    self.0.maybe($setter, Self::$setter)
                }
            )*
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::ops::Deref for $type {
            type Target = $crate::OpenPoller<Self, $value, $error>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::future::IntoFuture for $type {
            type Output = $crate::Result<$value, $error>;
            type IntoFuture = $crate::Sending<$value, $error>;

            fn into_future(self) -> Self::IntoFuture {
                self.0.into_poller().send()
            }
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}
