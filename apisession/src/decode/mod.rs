//! Decodes a response as the declared type. It imports `message` and what is below it.

mod absent;
mod error;
mod failure;
mod json;
mod reason;
mod text;
#[cfg(feature = "xml")]
mod xml;

use std::marker::PhantomData;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use self::absent::Absent;
use self::failure::Expected;
pub use self::text::Text;
#[cfg(feature = "xml")]
pub use self::xml::Xml;
use crate::error::Result;
use crate::message::Response;

/// Decodes the result of a call.
///
/// The macros create one for each operation, in the crate of the SDK and without generics. So the crate of a user
/// compiles a function pointer, not a decoder.
pub type Decode<T> = fn(Result<Response>) -> Result<T>;

/// A type that is decoded from the whole response instead of by `Deserialize`.
///
/// ```
/// use apisession::{FromResponse, Response, Result};
///
/// /// The number of items, which this vendor returns in a header.
/// struct Total(u64);
///
/// impl FromResponse for Total {
///     fn from_response(response: Response) -> Result<Self> {
///         let total = response.headers().get("x-total").and_then(|value| value.to_str().ok()?.parse().ok());
///         Ok(Self(total.unwrap_or(0)))
///     }
/// }
/// ```
pub trait FromResponse: Sized {
    /// The media types that the request asks for in its `accept` header, unless a level of the settings or a parameter sets the
    /// header. Default: `application/json`.
    const ACCEPT: &'static str = JSON;

    /// Decodes a successful response.
    ///
    /// # Errors
    ///
    /// Fails if the response can't be decoded as this type.
    fn from_response(response: Response) -> Result<Self>;
}

/// What a response that is JSON is asked for by.
pub(crate) const JSON: &str = "application/json";
/// What a response of any type is asked for by.
pub(crate) const ANY: &str = "*/*";

/// Accepts any successful response, and ignores its body.
impl FromResponse for () {
    fn from_response(_: Response) -> Result<Self> {
        Ok(())
    }
}

/// Returns the raw body.
impl FromResponse for Bytes {
    const ACCEPT: &'static str = ANY;

    fn from_response(response: Response) -> Result<Self> {
        Ok(response.bytes(Expected::BYTES)?.clone())
    }
}

/// Returns the response unchanged.
impl FromResponse for Response {
    const ACCEPT: &'static str = ANY;

    fn from_response(response: Response) -> Result<Self> {
        Ok(response)
    }
}

/// Decodes the body as JSON, and keeps status and headers.
impl<T: DeserializeOwned> FromResponse for Response<T> {
    fn from_response(response: Response) -> Result<Self> {
        let value = response.json()?;
        Ok(response.map(|_| value))
    }
}

/// Decodes JSON. A 404 is `None` if `T` is an `Option`.
pub(crate) fn json<T: DeserializeOwned>(result: Result<Response>) -> Result<T> {
    match result {
        Ok(response) => response.json(),
        Err(error) if error.is_absent() => T::deserialize(Absent::Resource).map_err(|_| error),
        Err(error) => Err(error),
    }
}

/// Selects how `T` is decoded where a macro is expanded, by method probing on `&&&Probe<T>`: by `FromResponse`, else by
/// `Deserialize`, else not, with a compiler error that names what to implement.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<fn() -> Box<T>>);

impl<T: ?Sized> Probe<T> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Selects what the request of `T` accepts: `Probe::<T>::ACCEPT` is this constant, or else that of [`AcceptsJson`].
impl<T: FromResponse> Probe<T> {
    #[doc(hidden)]
    pub const ACCEPT: &'static str = T::ACCEPT;
}

#[doc(hidden)]
pub trait AcceptsJson {
    const ACCEPT: &'static str = JSON;
}

impl<T: ?Sized> AcceptsJson for Probe<T> {}

#[doc(hidden)]
pub trait ByResponse<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>;
}

impl<T: FromResponse> ByResponse<T> for &&Probe<T> {
    fn decode(&self, result: Result<Response>) -> Result<T> {
        T::from_response(result?)
    }
}

#[doc(hidden)]
pub trait BySerde<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>;
}

impl<T: DeserializeOwned> BySerde<T> for &Probe<T> {
    fn decode(&self, result: Result<Response>) -> Result<T> {
        json(result)
    }
}

#[doc(hidden)]
pub trait ByNothing<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>
    where
        T: Decodable;
}

impl<T> ByNothing<T> for Probe<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>
    where
        T: Decodable,
    {
        T::never(result)
    }
}

/// Required of a type that can't be decoded. No type implements it; it exists for the compiler's message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from a response",
    label = "this is neither `Deserialize` nor `FromResponse`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`, or implement `apisession::FromResponse` for it"
)]
pub trait Decodable: Sized {
    fn never(result: Result<Response>) -> Result<Self>;
}
