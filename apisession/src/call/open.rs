//! A call whose optional parameters can still be set: what all types with setters have in common.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::header_pairs::HeaderPairs;
use super::{Call, Responding, Sending};
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
    setters: PhantomData<fn() -> S>,
}

impl<T, E> Call<T, E> {
    /// The same call with setters.
    #[doc(hidden)]
    pub fn open<S: From<OpenCall<S, T, E>>>(self) -> S {
        OpenCall { call: self, setters: PhantomData }.into()
    }

    /// The same call once more. A body that can be sent once is sent by whichever is awaited first.
    pub(crate) fn copied(&self) -> Self {
        Self::new(self.session.clone(), Box::new(self.arguments.copied()), self.decode)
    }
}

impl<S, T, E> OpenCall<S, T, E> {
    /// What setters write to that are not those of a call.
    pub(crate) fn of(call: Call<T, E>) -> Self {
        Self { call, setters: PhantomData }
    }

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

/// What the setters write.
impl<S, T, E> OpenCall<S, T, E> {
    #[doc(hidden)]
    pub fn into_call(self) -> Call<T, E> {
        self.call
    }

    #[doc(hidden)]
    pub fn query<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V) {
        self.call.arguments.query(name, value, Style::default());
    }

    #[doc(hidden)]
    pub fn query_styled<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V, style: Style) {
        self.call.arguments.query(name, value, style);
    }

    #[doc(hidden)]
    pub fn query_flag(&mut self, name: &'static str, value: &bool) {
        self.call.arguments.query_flag(name, *value);
    }

    #[doc(hidden)]
    pub fn query_json<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V) {
        self.call.arguments.query_json(name, value);
    }

    #[doc(hidden)]
    pub fn header_json<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V) {
        self.call.arguments.header_json(name, value);
    }

    #[doc(hidden)]
    pub fn headers<V: HeaderPairs + ?Sized>(&mut self, name: &'static str, prefix: &'static str, value: &V) {
        self.call.arguments.headers(name, prefix, value);
    }

    #[doc(hidden)]
    pub fn cookie<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V) {
        self.call.arguments.cookie(name, value);
    }

    #[doc(hidden)]
    pub fn header<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V) {
        self.call.arguments.header_parameter(name, value);
    }

    #[doc(hidden)]
    pub fn json<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V) {
        self.call.arguments.json(name, value);
    }

    #[doc(hidden)]
    pub fn json_of_type<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V, of: &'static str) {
        self.call.arguments.json_of_type(name, value, of);
    }

    #[doc(hidden)]
    pub fn field<V: Encodable + ?Sized>(&mut self, place: &'static str, value: &V) {
        self.call.arguments.field(place, value);
    }

    #[doc(hidden)]
    pub fn form_field<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V, style: Style) {
        self.call.arguments.form_field(name, value, style);
    }

    #[doc(hidden)]
    pub fn form_field_json<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V) {
        self.call.arguments.form_field_json(name, value);
    }

    #[doc(hidden)]
    pub fn form<V: Encodable + ?Sized>(&mut self, name: &'static str, value: &V, style: Style) {
        self.call.arguments.form(name, value, style);
    }

    #[doc(hidden)]
    pub fn body(&mut self, content_type: &'static str, body: impl Into<Body>) {
        self.call.arguments.set_body(body, content_type);
    }

    #[doc(hidden)]
    pub fn multipart(&mut self, _: &'static str, value: &impl Multipart) {
        self.call.arguments.multipart(value);
    }

    #[doc(hidden)]
    pub fn part(&mut self, name: &'static str, value: PartValue) {
        self.call.arguments.part(name, value);
    }

    pub(super) fn call(&mut self) -> &mut Call<T, E> {
        &mut self.call
    }

    pub(super) fn changed(self, change: impl FnOnce(Call<T, E>) -> Call<T, E>) -> Self {
        Self { call: change(self.call), setters: PhantomData }
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
    ($(#[$attribute:meta])* $vis:vis $type:ident($value:ty, $error:ty) $([$allowed:ident])? { $($setters:tt)* }) => {
        $(#[$attribute])*
        #[must_use = "a call does nothing until it is awaited"]
        #[allow(non_camel_case_types)]
        $vis struct $type {
            call: $crate::OpenCall<Self, $value, $error>,
        }

        $(#[allow($allowed)])?
        impl $type {
            $($setters)*
        }

        #[doc(hidden)]
        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::convert::From<$crate::OpenCall<Self, $value, $error>> for $type {
            fn from(call: $crate::OpenCall<Self, $value, $error>) -> Self {
                Self { call }
            }
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::ops::Deref for $type {
            type Target = $crate::OpenCall<Self, $value, $error>;

            fn deref(&self) -> &Self::Target {
                &self.call
            }
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::future::IntoFuture for $type {
            type Output = $crate::Result<$value, $error>;
            type IntoFuture = $crate::Sending<$value, $error>;

            fn into_future(self) -> Self::IntoFuture {
                self.call.into_call().send()
            }
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.call, f)
            }
        }
    };
}
