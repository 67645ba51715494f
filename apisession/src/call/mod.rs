//! What a user holds: the session, calls, and raw requests. It imports `settings` and what is below it.

mod arguments;
#[cfg(feature = "jobs")]
mod batch;
mod body;
mod cached;
mod conditional;
mod content;
mod header_pairs;
#[cfg(feature = "models")]
mod model;
#[cfg(feature = "jobs")]
mod of_job;
mod op;
mod open;
#[cfg(feature = "pages")]
mod page_parameter;
mod part;
mod path_below;
mod place;
mod prepared;
mod progress;
mod raw;
#[cfg(feature = "downloads")]
mod resume;
mod scope;
mod server_url;
mod session;
#[cfg(any(feature = "jobs", feature = "pages"))]
mod several;
mod set_body;
mod site;
mod started;
mod through;
mod to_request;
mod values;
#[cfg_attr(not(feature = "xml"), path = "no_xml.rs")]
mod xml;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::StatusCode;
use serde::de::DeserializeOwned;

pub(crate) use self::arguments::{Arguments, Target};
#[cfg(feature = "jobs")]
pub use self::batch::{Batch, BatchItems, BatchJob, Chunk};
pub use self::body::ByObject;
pub use self::cached::Cached;
pub use self::conditional::{Checking, Conditional};
pub(crate) use self::header_pairs::HeaderPairs;
#[cfg(feature = "models")]
pub use self::model::{ModelCall, ModelResponding, ModelSending, Replaceable, nothing, replacement};
pub use self::op::{Declaration, Gzip, Op, Row, Types};
pub use self::open::OpenCall;
#[cfg(feature = "pages")]
pub use self::page_parameter::PageParameter;
pub use self::part::{ByNoPart, ByParts, ByValue};
pub(crate) use self::path_below::PathBelow;
pub use self::place::{Branch, Handle, Placed};
pub use self::raw::{Raw, RawCall, encode_segment};
#[cfg(feature = "downloads")]
pub use self::resume::Resuming;
use self::server_url::ServerUrl;
pub(crate) use self::session::Engine;
pub use self::session::Session;
#[cfg(any(feature = "jobs", feature = "pages"))]
pub(crate) use self::several::writes;
pub(crate) use self::site::Site;
pub use self::site::{BaseUrl, Below};
pub(crate) use self::started::Started;
pub use self::to_request::ToRequest;
pub(crate) use self::values::CachedValues;
pub(crate) use self::xml::SentAsXml;
use crate::decode::{self, Decode, FromResponse, Reads};
use crate::encode::{Encodable, Segments, Style};
use crate::error::{Error, Head, Result};
use crate::message::multipart::PartValue;
use crate::message::{Body, Multipart, Request, Response};
use crate::redact;

/// A call that is ready to be made. Await it, or change it first by the `with_…` methods.
///
/// It owns everything that it needs, so it can be spawned, stored, or sent to another thread. An argument that can't be sent is
/// reported when the call is awaited, and nothing is sent.
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
    session: Session,
    /// In a box, since every setter and option moves the call.
    arguments: Box<Arguments>,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

/// What the error of a call must be, for the sake of the compiler's message.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of a call",
    label = "this is not `From<apisession::Error>`",
    note = "add `#[derive(ApiError)]` to `{Self}`, or implement `From<apisession::Error>` for it"
)]
pub trait CallError {}

#[diagnostic::do_not_recommend]
impl<E: From<Error>> CallError for E {}

/// Checks it where the author wrote the type.
#[doc(hidden)]
pub const fn fails_with<E: CallError>() {}

impl<T, E> Op<T, E> {
    /// The call at a place, without its arguments.
    #[doc(hidden)]
    pub fn on(self, at: &impl Placed) -> Call<T, E> {
        let handle = at.handle();
        Call::new(handle.session().clone(), handle.called(self.declaration()), self.decode)
    }
}

impl<T, E> Call<T, E> {
    fn new(session: Session, arguments: Box<Arguments>, decode: Decode<T>) -> Self {
        Self { session, arguments, decode, error: PhantomData }
    }

    pub(crate) fn arguments(&mut self) -> &mut Arguments {
        &mut self.arguments
    }

    /// The same call with another decoder of the whole body, and what its request accepts.
    fn decoded_by<U>(mut self, decode: Decode<U>, accept: &'static str) -> Call<U, E> {
        (self.arguments.accept, self.arguments.reads) = (accept, Reads::Whole);
        Call::new(self.session, self.arguments, decode)
    }

    /// Returns the future of the call, where an `await` is not possible: `tokio::spawn(call.send())`.
    pub fn send(self) -> Sending<T, E> {
        Sending { started: start(&self.session, self.arguments), decode: self.decode, error: PhantomData }
    }

    /// Makes the call and returns status, headers and request id together with the value.
    pub fn response(self) -> Responding<T, E> {
        Responding(self.send())
    }

    /// Returns the body as it was received, not decoded. It may be of any type: the default of `accept` is `*/*`.
    pub fn raw(self) -> Call<Response, E> {
        self.decoded_by(|end| Response::from_response(end?), decode::ANY)
    }

    /// Returns the response as soon as its head is received. The caller reads the body in pieces, as they are received.
    ///
    /// The time limits of the call end with the head. The body then has its `idle_timeout` and `min_throughput`. It counts in
    /// `max_in_flight` until it is read or dropped, and may be of any size.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(export: Call<String>) -> Result<()> {
    /// let mut body = export.streaming().await?.into_value();
    /// while let Some(piece) = body.chunk().await? {
    ///     println!("{} bytes", piece.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn streaming(self) -> Call<Response, E> {
        let mut call = self.raw();
        call.arguments.reads = Reads::Streamed;
        call
    }

    /// Decodes the body as JSON of another type.
    pub fn json_as<U: DeserializeOwned>(self) -> Call<U, E> {
        self.decoded_by(decode::json, decode::JSON)
    }

    /// Returns the request that would be sent, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    pub fn build(self) -> Result<Request> {
        let operation = self.arguments.operation();
        let request = self.session.engine().and_then(|engine| engine.request(self.arguments));
        request.map_err(|error| error.in_operation(operation))
    }

    #[doc(hidden)]
    pub fn at<U: ServerUrl + ?Sized>(mut self, url: &U) -> Self {
        self.arguments.at(url);
        self
    }

    #[doc(hidden)]
    pub fn path<V: Encodable + ?Sized>(mut self, value: &V) -> Self {
        self.arguments.path(value, Segments::Plain);
        self
    }

    #[doc(hidden)]
    pub fn path_with_empty<V: Encodable + ?Sized>(mut self, value: &V) -> Self {
        self.arguments.path(value, Segments::Empty);
        self
    }

    #[doc(hidden)]
    pub fn path_list<V: Encodable + ?Sized>(mut self, value: &V) -> Self {
        self.arguments.path(value, Segments::Commas);
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
    pub fn query_json<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.arguments.query_json(name, value);
        self
    }

    #[doc(hidden)]
    pub fn header_json<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.arguments.header_json(name, value);
        self
    }

    #[doc(hidden)]
    pub fn headers<V: HeaderPairs + ?Sized>(
        mut self,
        name: &'static str,
        prefix: &'static str,
        value: &V,
    ) -> Self {
        self.arguments.headers(name, prefix, value);
        self
    }

    #[doc(hidden)]
    pub fn cookie<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.arguments.cookie(name, value);
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

    #[doc(hidden)]
    pub fn json_of_type<V: Encodable + ?Sized>(mut self, name: &str, value: &V, of: &'static str) -> Self {
        self.arguments.json_of_type(name, value, of);
        self
    }

    #[doc(hidden)]
    pub fn multipart(mut self, _: &'static str, value: &impl Multipart) -> Self {
        self.arguments.multipart(value);
        self
    }

    #[doc(hidden)]
    pub fn object(mut self) -> Self {
        self.arguments.object();
        self
    }

    #[doc(hidden)]
    pub fn field<V: Encodable + ?Sized>(mut self, place: &'static str, value: &V) -> Self {
        self.arguments.field(place, value);
        self
    }

    #[doc(hidden)]
    pub fn form_content(mut self) -> Self {
        self.arguments.form_content();
        self
    }

    #[doc(hidden)]
    pub fn form_field<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V, style: Style) -> Self {
        self.arguments.form_field(name, value, style);
        self
    }

    #[doc(hidden)]
    pub fn form_field_json<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V) -> Self {
        self.arguments.form_field_json(name, value);
        self
    }

    #[doc(hidden)]
    pub fn form<V: Encodable + ?Sized>(mut self, name: &'static str, value: &V, style: Style) -> Self {
        self.arguments.form(name, value, style);
        self
    }

    #[doc(hidden)]
    pub fn body(mut self, content_type: &'static str, body: impl Into<Body>) -> Self {
        self.arguments.set_body(body, content_type);
        self
    }

    #[doc(hidden)]
    pub fn part(mut self, name: &'static str, value: PartValue) -> Self {
        self.arguments.part(name, value);
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
        let Arguments { method, path, secrets, .. } = &*self.arguments;
        match self.arguments.operation() {
            Some(operation) => write!(f, "Call({operation})"),
            None => write!(f, "Call({method} {})", redact::masked(path.as_str(), secrets)),
        }
    }
}

/// Everything up to the response is the same code for every call, so a user's crate compiles none of it.
pub(crate) fn start(session: &Session, arguments: Box<Arguments>) -> Started {
    match session.engine() {
        Ok(engine) => {
            let watch = engine.watch(&arguments);
            Started { response: Arc::clone(engine).send(arguments), watch }
        }
        Err(error) => Started::failed(error.in_operation(arguments.operation())),
    }
}

/// The future of a call.
#[must_use = "a future does nothing until it is awaited"]
pub struct Sending<T, E = Error> {
    started: Started,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E: From<Error>> Future for Sending<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(Pin::new(&mut self.started).poll(context));
        let value = (self.decode)(end);
        self.started.end(&value);
        Poll::Ready(value.map_err(E::from))
    }
}

impl<T, E> fmt::Debug for Sending<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sending")
    }
}

/// The future of a call that returns status, headers and request id together with the value.
#[must_use = "a future does nothing until it is awaited"]
#[derive(Debug)]
pub struct Responding<T, E = Error>(Sending<T, E>);

impl<T, E: From<Error>> Future for Responding<T, E> {
    type Output = Result<Response<T>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(Pin::new(&mut self.0.started).poll(context));
        let value = responded(end, self.0.decode);
        self.0.started.end(&value);
        Poll::Ready(value.map_err(E::from))
    }
}

/// The decoded body together with the head.
fn responded<T>(end: Result<Response>, decode: Decode<T>) -> Result<Response<T>> {
    let head = match &end {
        Ok(response) => Some(response.head()),
        Err(error) => error.head(),
    };
    // An error that is decoded as a value is a 404, which is `None`.
    let head = head.cloned().unwrap_or_else(|| Head::new(StatusCode::NOT_FOUND));
    decode(end).map(|value| Response::from_parts(head, value))
}
