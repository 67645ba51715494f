//! Decodes a response as the declared type. It imports `message` and what is below it.

mod absent;
mod byte_stream;
#[cfg(feature = "downloads")]
mod download;
mod error;
#[cfg(feature = "streams")]
mod events;
mod failure;
#[cfg(feature = "streams")]
mod feed;
mod graphql;
#[cfg(feature = "streams")]
mod item;
mod json;
#[cfg(feature = "streams")]
mod lines;
mod location;
mod pointer;
#[cfg(feature = "streams")]
mod resume;
mod reader;
mod reads;
#[cfg(feature = "pages")]
mod page;
mod reason;
#[cfg(feature = "models")]
mod replacement;
mod scan;
mod status;
#[cfg(feature = "streams")]
mod stream_error;
mod text;
mod value;
#[cfg(feature = "xml")]
mod xml;

use std::marker::PhantomData;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use serde::de::DeserializeOwned;

use self::absent::Absent;
pub use self::byte_stream::ByteStream;
#[cfg(feature = "downloads")]
pub use self::download::{Download, DownloadProgress, DownloadToken, Saved, ToFile, ToWriter};
pub use self::error::FromErrorBody;
#[cfg(feature = "streams")]
pub use self::events::{
    DeclaresEvents, EventItem, EventKeys, EventRef, EventStream, RawEvent, is_expired_event, with_events,
};
#[cfg(all(any(fuzzing, test), feature = "streams"))]
pub(crate) use self::events::{EventParser, TooLong};
use self::failure::Expected;
pub(crate) use self::graphql::{GRAPHQL, errors as graphql_errors};
pub use self::graphql::{GraphQl, GraphQlData, graphql};
#[cfg(feature = "streams")]
pub use self::lines::{DeclaresLines, Form, LineKeys, Lines, is_expired_item, with_lines, with_resume};
#[cfg(all(any(fuzzing, test), feature = "streams"))]
pub(crate) use self::lines::{Fault, Splitter};
#[cfg(feature = "jobs")]
pub(crate) use self::pointer::Pointer;
pub use self::reads::{Reads, common_reads};
#[cfg(feature = "models")]
pub use self::replacement::Replacement;
#[cfg(feature = "streams")]
pub use self::resume::Resume;
/// How many bytes a line, an event or an item may have by default.
pub(crate) const MAX_ITEM: usize = 8 * 1024 * 1024;
#[cfg(feature = "pages")]
pub use self::page::{Fact, PageItem, PageLayout};
#[cfg(feature = "pages")]
pub(crate) use self::page::{Facts, Parts};
pub use self::status::{common_accept, undeclared_status};
#[cfg(feature = "streams")]
pub use self::stream_error::StreamError;
pub use self::text::Text;
pub use self::value::{ValueInBody, value_at};
#[cfg(feature = "xml")]
pub use self::xml::Xml;
use crate::describe::ResponseKind;
use crate::error::{Head, Result};
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

    /// Whether a redirect (301, 302, 303, 307, 308) is a successful response, and so is not followed, as it is for a [`Location`].
    /// Default: `false`.
    ///
    /// [`Location`]: crate::Location
    const RETURNS_REDIRECTS: bool = false;

    /// How the body of a successful response is read before it is decoded. Default: as a whole.
    const READS: Reads = Reads::Whole;

    #[doc(hidden)]
    const KIND: ResponseKind = ResponseKind::Other;

    /// The text of the variants of a response by status.
    #[doc(hidden)]
    const CASES: &'static str = "";

    /// Decodes a successful response.
    ///
    /// # Errors
    ///
    /// Fails if the response can't be decoded as this type.
    fn from_response(response: Response) -> Result<Self>;

    /// Decodes the result of a call, for a type that has a value for an error. Default: an error stays an error.
    ///
    /// # Errors
    ///
    /// Fails with the error of the call, or if the response can't be decoded as this type.
    fn from_result(result: Result<Response>) -> Result<Self> {
        Self::from_response(result?)
    }

    /// Whether a successful response has no value of this type, so that it is `None` for an `Option`. Default: whether its body is
    /// empty.
    fn is_absent(response: &Response) -> bool {
        has_no_body(response)
    }
}

/// Whether the body is empty.
#[doc(hidden)]
#[must_use]
pub fn has_no_body(response: &Response) -> bool {
    response.body().is_some_and(Bytes::is_empty)
}

/// What a response that is JSON is asked for by.
pub(crate) const JSON: &str = "application/json";
/// What a response of any type is asked for by.
pub(crate) const ANY: &str = "*/*";

/// Accepts any successful response, and ignores its body.
impl FromResponse for () {
    const KIND: ResponseKind = ResponseKind::Nothing;

    fn from_response(_: Response) -> Result<Self> {
        Ok(())
    }

    fn is_absent(_: &Response) -> bool {
        false
    }
}

/// A 404 is `None`, and so is a success without a value, such as a 204.
impl<T: FromResponse> FromResponse for Option<T> {
    const ACCEPT: &'static str = T::ACCEPT;
    const RETURNS_REDIRECTS: bool = T::RETURNS_REDIRECTS;
    const READS: Reads = T::READS;
    const KIND: ResponseKind = T::KIND;
    const CASES: &'static str = T::CASES;

    fn from_response(response: Response) -> Result<Self> {
        if T::is_absent(&response) { Ok(None) } else { T::from_response(response).map(Some) }
    }

    fn from_result(result: Result<Response>) -> Result<Self> {
        match result {
            Ok(response) => Self::from_response(response),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn is_absent(_: &Response) -> bool {
        false
    }
}

/// Returns the raw body.
impl FromResponse for Bytes {
    const ACCEPT: &'static str = ANY;
    const KIND: ResponseKind = ResponseKind::Bytes;

    fn from_response(response: Response) -> Result<Self> {
        Ok(response.bytes(Expected::BYTES)?.clone())
    }
}

/// Returns the response unchanged.
impl FromResponse for Response {
    const ACCEPT: &'static str = ANY;
    const KIND: ResponseKind = ResponseKind::Whole;

    fn from_response(response: Response) -> Result<Self> {
        Ok(response)
    }

    fn is_absent(_: &Response) -> bool {
        false
    }
}

/// Decodes the body as JSON, and keeps status and headers. A 404 has the value `None` if `T` is an `Option`.
impl<T: DeserializeOwned> FromResponse for Response<T> {
    const KIND: ResponseKind = ResponseKind::Json;

    fn from_response(response: Response) -> Result<Self> {
        let value = response.json()?;
        Ok(response.map(|_| value))
    }

    fn from_result(result: Result<Response>) -> Result<Self> {
        match result {
            Ok(response) => Self::from_response(response),
            Err(error) => {
                let head = error.head().cloned();
                let value = json(Err(error))?;
                let head = head.unwrap_or_else(|| Head::new(StatusCode::NOT_FOUND));
                Ok(Self::from_parts(head, value))
            }
        }
    }

    fn is_absent(response: &Response) -> bool {
        is_absent_json::<T>(response)
    }
}

/// Whether a successful response has no JSON, and the type has no value for that.
fn is_absent_json<T: DeserializeOwned>(response: &Response) -> bool {
    response.body().is_some_and(|body| body.trim_ascii().is_empty()) && T::deserialize(Absent::Body).is_err()
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

/// What a type asks of its call.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Asks {
    /// The default of the header `accept`.
    pub accept: &'static str,
    /// Whether a redirect is a successful response.
    pub redirects: bool,
    /// How the body of a successful response is read.
    pub reads: Reads,
    /// How it is decoded.
    pub kind: ResponseKind,
    /// The text of the variants of a response by status.
    pub cases: &'static str,
}

/// Selects what `T` asks of its call: `Probe::<T>::ASKS` is this constant, or else that of [`AcceptsJson`].
impl<T: FromResponse> Probe<T> {
    #[doc(hidden)]
    pub const ASKS: Asks = {
        // It must be the value of a header. This is evaluated once for each type, when the SDK is compiled.
        std::mem::forget(HeaderValue::from_static(T::ACCEPT));
        Asks {
            accept: T::ACCEPT,
            redirects: T::RETURNS_REDIRECTS,
            reads: T::READS,
            kind: T::KIND,
            cases: T::CASES,
        }
    };
}

#[doc(hidden)]
pub trait AcceptsJson {
    const ASKS: Asks =
        Asks { accept: JSON, redirects: false, reads: Reads::Whole, kind: ResponseKind::Json, cases: "" };
}

impl<T: ?Sized> AcceptsJson for Probe<T> {}

#[doc(hidden)]
pub trait ByResponse<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>;
    fn is_absent(&self, response: &Response) -> bool;
}

impl<T: FromResponse> ByResponse<T> for &&Probe<T> {
    fn decode(&self, result: Result<Response>) -> Result<T> {
        T::from_result(result)
    }

    fn is_absent(&self, response: &Response) -> bool {
        T::is_absent(response)
    }
}

#[doc(hidden)]
pub trait BySerde<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>;
    fn is_absent(&self, response: &Response) -> bool;
}

impl<T: DeserializeOwned> BySerde<T> for &Probe<T> {
    fn decode(&self, result: Result<Response>) -> Result<T> {
        json(result)
    }

    fn is_absent(&self, response: &Response) -> bool {
        is_absent_json::<T>(response)
    }
}

#[doc(hidden)]
pub trait ByNothing<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>
    where
        T: Decodable;
    fn is_absent(&self, response: &Response) -> bool;
}

impl<T> ByNothing<T> for Probe<T> {
    fn decode(&self, result: Result<Response>) -> Result<T>
    where
        T: Decodable,
    {
        T::never(result)
    }

    fn is_absent(&self, _: &Response) -> bool {
        false
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
