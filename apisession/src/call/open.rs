//! A call whose optional parameters can still be set: what all types with setters have in common.

use std::fmt;

use serde::de::DeserializeOwned;

use super::{Call, HeaderPairs, Responding, Sending, SentAsXml};
use crate::encode::{Encodable, Style};
use crate::error::{Error, Result};
use crate::message::multipart::PartValue;
use crate::message::{Body, Multipart, Request, Response};

/// The options of a call whose optional parameters can still be set.
///
/// The type of such a call, which the SDK has for each operation with optional parameters, has a setter for each of them, and by
/// `Deref` the methods of this one: the `with_…` options, which return the SDK's type again, so that setters and options can be
/// mixed in any order, and the ways to make the call. They leave the original as it is and act on a copy. Awaiting the call
/// itself copies nothing.
///
/// ```
/// # use std::time::Duration;
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// # #[endpoint(path = "/events")] pub struct Events;
/// # #[endpoint] impl Events { #[get] pub fn list(&self, since: Option<&str>, limit: Option<u32>) -> Call<Vec<u32>>; }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] events: Events }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async { Ok(Response::new(StatusCode::OK).with_body("[1]")) });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let events = api.events().list().since("2026-12-01").with_timeout(Duration::from_secs(2)).limit(10).await?;
/// # assert_eq!(events, [1]);
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
pub struct OpenCall<S, T, E = Error> {
    call: Call<T, E>,
    /// Makes the SDK's type of it.
    pub(super) make: fn(Self) -> S,
}

impl<T, E> Call<T, E> {
    /// The same call with setters.
    #[doc(hidden)]
    pub fn open<S>(self, make: fn(OpenCall<S, T, E>) -> S) -> S {
        make(OpenCall { call: self, make })
    }

    /// The same call once more. A body that can be sent once is sent by whichever is awaited first.
    pub(crate) fn copied(&self) -> Self {
        Self::new(self.session.clone(), Box::new(self.arguments.copied()), self.decode)
    }
}

impl<S, T, E> OpenCall<S, T, E> {
    /// Returns the call without its setters, for code that takes any [`Call`].
    pub fn to_call(&self) -> Call<T, E> {
        self.call.copied()
    }

    /// Returns the future of the call, where an `await` is not possible: `tokio::spawn(call.send())`.
    pub fn send(&self) -> Sending<T, E> {
        self.to_call().send()
    }

    /// Makes the call and returns status, headers and request id together with the value.
    pub fn response(&self) -> Responding<T, E> {
        self.to_call().response()
    }

    /// Returns the body as it was received, not decoded.
    pub fn raw(&self) -> Call<Response, E> {
        self.to_call().raw()
    }

    /// Returns the response as soon as its head is received: see [`Call::streaming`].
    pub fn streaming(&self) -> Call<Response, E> {
        self.to_call().streaming()
    }

    /// Decodes the body as JSON of another type.
    pub fn json_as<U: DeserializeOwned>(&self) -> Call<U, E> {
        self.to_call().json_as()
    }

    /// Returns the request that would be sent, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    pub fn build(&self) -> Result<Request> {
        self.to_call().build()
    }
}

/// What the macros call.
impl<S, T, E> OpenCall<S, T, E> {
    #[doc(hidden)]
    pub fn into_call(self) -> Call<T, E> {
        self.call
    }

    pub(super) fn call(&mut self) -> &mut Call<T, E> {
        &mut self.call
    }

    pub(super) fn changed(self, change: impl FnOnce(Call<T, E>) -> Call<T, E>) -> Self {
        Self { call: change(self.call), ..self }
    }
}

/// What the setters of the SDK's types call.
///
/// A setter is one call, which takes its type apart and returns it. So rustc finds no value in it that may be dropped, for which it would
/// inspect all that a call contains, for each type again.
impl<S, T, E> OpenCall<S, T, E> {
    #[doc(hidden)]
    pub fn body(self, of: &'static str, body: impl Into<Body>) -> S {
        self.set(|call| call.body(of, body))
    }

    #[doc(hidden)]
    pub fn cookie<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.cookie(name, value))
    }

    #[doc(hidden)]
    pub fn field<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.field(name, value))
    }

    #[doc(hidden)]
    pub fn form<V: Encodable + ?Sized>(self, name: &'static str, value: &V, style: Style) -> S {
        self.set(|call| call.form(name, value, style))
    }

    #[doc(hidden)]
    pub fn form_field<V: Encodable + ?Sized>(self, name: &'static str, value: &V, style: Style) -> S {
        self.set(|call| call.form_field(name, value, style))
    }

    #[doc(hidden)]
    pub fn form_field_json<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.form_field_json(name, value))
    }

    #[doc(hidden)]
    pub fn header<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.header(name, value))
    }

    #[doc(hidden)]
    pub fn header_json<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.header_json(name, value))
    }

    #[doc(hidden)]
    pub fn headers<V: HeaderPairs + ?Sized>(self, name: &'static str, prefix: &'static str, value: &V) -> S {
        self.set(|call| call.headers(name, prefix, value))
    }

    #[doc(hidden)]
    pub fn json<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.json(name, value))
    }

    #[doc(hidden)]
    pub fn json_of_type<V: Encodable + ?Sized>(self, name: &'static str, value: &V, of: &'static str) -> S {
        self.set(|call| call.json_of_type(name, value, of))
    }

    #[doc(hidden)]
    pub fn multipart(self, name: &'static str, value: &impl Multipart) -> S {
        self.set(|call| call.multipart(name, value))
    }

    #[doc(hidden)]
    pub fn part(self, name: &'static str, value: PartValue) -> S {
        self.set(|call| call.part(name, value))
    }

    #[doc(hidden)]
    pub fn query<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.query(name, value))
    }

    #[doc(hidden)]
    pub fn query_flag(self, name: &'static str, value: &bool) -> S {
        self.set(|call| call.query_flag(name, value))
    }

    #[doc(hidden)]
    pub fn query_json<V: Encodable + ?Sized>(self, name: &'static str, value: &V) -> S {
        self.set(|call| call.query_json(name, value))
    }

    #[doc(hidden)]
    pub fn query_styled<V: Encodable + ?Sized>(self, name: &'static str, value: &V, style: Style) -> S {
        self.set(|call| call.query_styled(name, value, style))
    }

    #[doc(hidden)]
    pub fn xml<V: SentAsXml + ?Sized>(self, name: &'static str, value: &V, of: &'static str) -> S {
        self.set(|call| call.xml(name, value, of))
    }

    /// Calls a setter, if there is a value.
    #[doc(hidden)]
    pub fn maybe<V>(self, value: Option<V>, set: fn(S, V) -> S) -> S {
        let call = (self.make)(self);
        match value {
            Some(value) => set(call, value),
            None => call,
        }
    }

    fn set(self, change: impl FnOnce(Call<T, E>) -> Call<T, E>) -> S {
        (self.make)(self.changed(change))
    }
}

crate::__settings!(open OpenCall);

impl<S, T, E> fmt::Debug for OpenCall<S, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// A type with setters. The macros write the setters; the rest is the same for all of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_call {
    ({ $($attribute:tt)* } $vis:vis $type:ident($value:ty, $error:ty) $([$allowed:ident])? {
        $({ $($gate:tt)* } { $($doc:tt)* } $maybe:ident $leaves:literal $setter:ident($($argument:tt)*) [$($given:tt)*] { $($write:tt)* })*
    }) => {
        $($attribute)*
        #[must_use = "a call does nothing until it is awaited"]
        #[allow(non_camel_case_types)]
        $vis struct $type($crate::OpenCall<Self, $value, $error>);

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
            type Target = $crate::OpenCall<Self, $value, $error>;

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
                self.0.into_call().send()
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
