//! The descriptor of an operation: what an author declared, as a static value.
//!
//! Calls, errors, redaction, and everything that describes an API without calling it read this.

use std::fmt;
use std::marker::PhantomData;

use crate::decode::Decode;
use crate::error::Error;
use crate::settings::Settings;

/// One declared operation: its method, its path below the endpoint, its parameters and its answer.
///
/// The macros make these; an SDK's user finds them in [`Op::operation`] and in the session's
/// `operations()`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    endpoint: &'static str,
    name: &'static str,
    method: &'static str,
    path: &'static str,
    parameters: &'static [Parameter],
    answer: &'static str,
    error: Option<&'static str>,
    docs: &'static str,
    idempotency_key: Option<&'static str>,
    settings: Option<fn() -> &'static Settings>,
}

impl Operation {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        endpoint: &'static str,
        name: &'static str,
        method: &'static str,
        path: &'static str,
        parameters: &'static [Parameter],
        answer: &'static str,
        docs: &'static str,
    ) -> Self {
        Self {
            endpoint,
            name,
            method,
            path,
            parameters,
            answer,
            error: None,
            docs,
            idempotency_key: None,
            settings: None,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_error(mut self, error: &'static str) -> Self {
        self.error = Some(error);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_idempotency_key(mut self, header: &'static str) -> Self {
        self.idempotency_key = Some(header);
        self
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn with_settings(mut self, settings: fn() -> &'static Settings) -> Self {
        self.settings = Some(settings);
        self
    }

    /// The type that declares the operation: `Events`.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        self.endpoint
    }

    /// The name of the operation: `get`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The HTTP method: `GET`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// The path template below the endpoint: `/{id}`. The full one is read from the session's
    /// `operations()`.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// What the operation takes, in the order of its signature.
    #[must_use]
    pub fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// The type of the answer as the author wrote it: `Event`.
    #[must_use]
    pub fn answer(&self) -> &'static str {
        self.answer
    }

    /// The type of the error as the author wrote it; `None` for [`Error`].
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        self.error
    }

    /// The header that carries an idempotency key, in lower case, if calls have one.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&'static str> {
        self.idempotency_key
    }

    /// What the operation says about its calls, if anything.
    #[must_use]
    pub fn settings(&self) -> Option<&'static Settings> {
        self.settings.map(|settings| settings())
    }

    /// The author's documentation.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.docs
    }
}

/// Names the operation as its author wrote it: `Events::get`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.endpoint, self.name)
    }
}

/// One parameter of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    name: &'static str,
    place: Place,
    required: bool,
}

impl Parameter {
    #[doc(hidden)]
    #[must_use]
    pub const fn required(name: &'static str, place: Place) -> Self {
        Self { name, place, required: true }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn optional(name: &'static str, place: Place) -> Self {
        Self { name, place, required: false }
    }

    /// Its name on the wire.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it is sent.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Whether every call gives it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required
    }
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In a header.
    Header,
    /// As the JSON body.
    Json,
    /// As a segment of the path.
    Path,
    /// In the query.
    Query,
}

/// An operation together with the types of its answer and its error.
///
/// Each operation of an endpoint has one as a constant: `Events::GET` for `Events::get`.
pub struct Op<T, E = Error> {
    operation: &'static Operation,
    pub(crate) decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E> Op<T, E> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(operation: &'static Operation, decode: Decode<T>) -> Self {
        Self { operation, decode, error: PhantomData }
    }

    /// An operation whose answer is of the same type as another's.
    #[doc(hidden)]
    #[must_use]
    pub const fn like<F>(operation: &'static Operation, other: Op<T, F>) -> Self {
        Self::new(operation, other.decode)
    }

    /// What was declared.
    #[must_use]
    pub const fn operation(self) -> &'static Operation {
        self.operation
    }
}

impl<T, E> Clone for Op<T, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, E> Copy for Op<T, E> {}

impl<T, E> fmt::Debug for Op<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Op({})", self.operation)
    }
}
