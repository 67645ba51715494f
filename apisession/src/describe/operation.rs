//! The descriptor of an operation: its declaration, as a static value.
//!
//! Calls, errors, and redaction read it, and so do tools that describe an API without calling it.

use std::fmt;

use super::mode::Mode;
use super::parameter::Parameters;
use super::text::Record;

/// A declared operation: its method, its path below the endpoint, its parameters, and its response.
///
/// The macros create these values. The user of an SDK gets them from [`Op::operation`](crate::Op::operation) and from
/// the session's `operations()`.
#[non_exhaustive]
pub struct Operation {
    method: &'static str,
    path: &'static str,
    text: &'static str,
    /// The parameters, if one of them has a `cfg`; else they are in `text`.
    parameters: &'static [&'static str],
    idempotency_key: Option<&'static str>,
    has_gzip: bool,
    mode: Mode,
}

impl Operation {
    /// The descriptor that is written down in `text`, and so only read when it is asked for. What every call needs is outside.
    pub(crate) const fn new(method: &'static str, path: &'static str, text: &'static str) -> Self {
        let (parameters, idempotency_key, has_gzip) = (&[], None, false);
        Self { method, path, text, parameters, idempotency_key, has_gzip, mode: Mode::Once }
    }

    pub(crate) const fn with_parameters(mut self, parameters: &'static [&'static str]) -> Self {
        self.parameters = parameters;
        self
    }

    pub(crate) const fn with_idempotency_key(mut self, header: &'static str) -> Self {
        self.idempotency_key = Some(header);
        self
    }

    pub(crate) const fn with_gzip(mut self) -> Self {
        self.has_gzip = true;
        self
    }

    pub(crate) const fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    const fn record(&self) -> Record {
        Record::first(self.text)
    }

    /// Returns the name of the type that declares the operation: `Events`.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        self.record().get("endpoint").unwrap_or_default()
    }

    /// Returns the name of the operation: `get`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.record().name()
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
    pub fn parameters(&self) -> Parameters {
        Parameters::new(self.text, self.parameters)
    }

    /// Returns the type of the response as it is declared: `Event`.
    #[must_use]
    pub fn response(&self) -> &'static str {
        self.record().get("response").unwrap_or_default()
    }

    /// Returns the type of the error as it is declared, or `None` for [`Error`](crate::Error).
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        self.record().get("error")
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

    /// Returns how the operation returns its values. Default: [`Mode::Once`].
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Returns the doc comment of the operation.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.record().get("docs").unwrap_or_default()
    }
}

/// Shows the name as it is declared: `Events::get`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.endpoint(), self.name())
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operation")
            .field("name", &format_args!("{self}"))
            .field("method", &self.method)
            .field("path", &self.path)
            .field("parameters", &self.parameters())
            .finish_non_exhaustive()
    }
}
