//! From a response to the author's type. It imports `message` and what is below it.

mod absent;
mod json;

use std::marker::PhantomData;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use self::absent::Absent;
use crate::error::Result;
use crate::message::Response;

/// Turns the end of a call into its value. The macros make one for each operation, in the SDK's crate
/// and without generics, so that a user's crate compiles a pointer and not a decoder.
pub type Decode<T> = fn(Result<Response>) -> Result<T>;

/// A type that reads the answer itself instead of through `Deserialize`.
///
/// ```
/// use apisession::{FromResponse, Response, Result};
///
/// /// How many there are, which this vendor says in a header.
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
    /// Reads a successful answer.
    ///
    /// # Errors
    ///
    /// If the answer is not what the type stands for.
    fn from_response(response: Response) -> Result<Self>;
}

/// Any successful answer, whatever its body.
impl FromResponse for () {
    fn from_response(_: Response) -> Result<Self> {
        Ok(())
    }
}

/// The body as it came.
impl FromResponse for Bytes {
    fn from_response(response: Response) -> Result<Self> {
        Ok(response.bytes()?.clone())
    }
}

/// The answer as it came.
impl FromResponse for Response {
    fn from_response(response: Response) -> Result<Self> {
        Ok(response)
    }
}

/// The decoded body together with status and headers.
impl<T: DeserializeOwned> FromResponse for Response<T> {
    fn from_response(response: Response) -> Result<Self> {
        let value = response.json()?;
        Ok(response.map(|_| value))
    }
}

/// A body of text; the operation returns `Call<Text>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub String);

impl FromResponse for Text {
    fn from_response(response: Response) -> Result<Self> {
        Ok(Self(response.text()?.to_owned()))
    }
}

/// Decodes JSON; a 404 is `None` for a type that knows it.
pub(crate) fn json<T: DeserializeOwned>(end: Result<Response>) -> Result<T> {
    match end {
        Ok(response) => response.json(),
        Err(error) if error.is_absent() => T::deserialize(Absent::Thing).map_err(|_| error),
        Err(error) => Err(error),
    }
}

/// Picks the decode function for `T` at the macro's site, by method probing on `&&&Probe<T>`: a type
/// that reads the answer itself, else a type of serde, else a sentence about what to do.
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

#[doc(hidden)]
pub trait ByResponse<T> {
    fn decode(&self, end: Result<Response>) -> Result<T>;
}

impl<T: FromResponse> ByResponse<T> for &&Probe<T> {
    fn decode(&self, end: Result<Response>) -> Result<T> {
        T::from_response(end?)
    }
}

#[doc(hidden)]
pub trait BySerde<T> {
    fn decode(&self, end: Result<Response>) -> Result<T>;
}

impl<T: DeserializeOwned> BySerde<T> for &Probe<T> {
    fn decode(&self, end: Result<Response>) -> Result<T> {
        json(end)
    }
}

#[doc(hidden)]
pub trait ByNothing<T> {
    fn decode(&self, end: Result<Response>) -> Result<T>
    where
        T: Decodable;
}

impl<T> ByNothing<T> for Probe<T> {
    fn decode(&self, end: Result<Response>) -> Result<T>
    where
        T: Decodable,
    {
        T::never(end)
    }
}

/// What the probe asks of a type that it can't decode, for the sake of the message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be decoded from an answer",
    label = "this is neither `Deserialize` nor `FromResponse`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`, or implement `apisession::FromResponse` for it"
)]
pub trait Decodable: Sized {
    fn never(end: Result<Response>) -> Result<Self>;
}
