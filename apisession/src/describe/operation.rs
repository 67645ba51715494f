//! The descriptor of an operation: its declaration, as a static value.
//!
//! Calls, errors, and redaction read it, and so do tools that describe an API without calling it.

use std::fmt;

/// A declared operation: its method, its path below the endpoint, its parameters, and its response.
///
/// The macros create these values. The user of an SDK gets them from [`Op::operation`](crate::Op::operation) and from
/// the session's `operations()`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    endpoint: &'static str,
    name: &'static str,
    method: &'static str,
    path: &'static str,
    parameters: &'static [Parameter],
    response: &'static str,
    error: Option<&'static str>,
    docs: &'static str,
    idempotency_key: Option<&'static str>,
    has_gzip: bool,
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
        response: &'static str,
        docs: &'static str,
    ) -> Self {
        let (error, idempotency_key, has_gzip) = (None, None, false);
        Self { endpoint, name, method, path, parameters, response, error, docs, idempotency_key, has_gzip }
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
    pub const fn with_gzip(mut self) -> Self {
        self.has_gzip = true;
        self
    }

    /// Returns the name of the type that declares the operation: `Events`.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        self.endpoint
    }

    /// Returns the name of the operation: `get`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the HTTP method: `GET`.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Returns the path template below the endpoint: `/{id}`. It is empty if a parameter is the URL of the request ([`Place::Url`]).
    ///
    /// [`Route::path`](crate::Route::path) returns the full path.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Returns the parameters, in the order of the signature.
    #[must_use]
    pub fn parameters(&self) -> &'static [Parameter] {
        self.parameters
    }

    /// Returns the type of the response as it is declared: `Event`.
    #[must_use]
    pub fn response(&self) -> &'static str {
        self.response
    }

    /// Returns the type of the error as it is declared, or `None` for [`Error`](crate::Error).
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        self.error
    }

    /// Returns the name of the header of the idempotency key, in lower case, if calls have such a key.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&'static str> {
        self.idempotency_key
    }

    /// Whether the body of the request is compressed with gzip.
    #[must_use]
    pub fn has_gzip(&self) -> bool {
        self.has_gzip
    }

    /// Returns the doc comment of the operation.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.docs
    }
}

/// Shows the name as it is declared: `Events::get`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.endpoint, self.name)
    }
}

/// A parameter of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    name: &'static str,
    place: Place,
    required: bool,
    flattened: bool,
}

impl Parameter {
    #[doc(hidden)]
    #[must_use]
    pub const fn required(name: &'static str, place: Place) -> Self {
        Self { name, place, required: true, flattened: false }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn optional(name: &'static str, place: Place) -> Self {
        Self { name, place, required: false, flattened: false }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn flattened(mut self) -> Self {
        self.flattened = true;
        self
    }

    /// Returns the name that is sent; of a flattened parameter, whose fields are sent by their own names, that of the argument.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the place in the request.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// Whether the names that are sent are those of the fields of the value.
    #[must_use]
    pub fn is_flattened(&self) -> bool {
        self.flattened
    }

    /// Whether every call has to pass the parameter.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required
    }
}

/// The place of a parameter in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// It is the body, as it is.
    Body,
    /// It is a cookie.
    Cookie,
    /// It is a field of the body, which is a JSON object or a form.
    Field,
    /// It is the body, as a form.
    Form,
    /// It is a header.
    Header,
    /// It is the body, as JSON.
    Json,
    /// Its fields are the parts of a multipart body.
    Multipart,
    /// It is a part of a multipart body.
    Part,
    /// It is in the path.
    Path,
    /// It is in the query.
    Query,
    /// It is the URL of the request, which the server gave. The operation has no path then.
    Url,
    /// It is the body, as XML.
    Xml,
}
