//! The descriptor of an operation: its declaration, as a static value.
//!
//! Calls, errors, and redaction read it, and so do tools that describe an API without calling it.

use std::fmt;

use http::Method;

use super::case::Cases;
use super::constant::{Constant, constants};
use super::graphql::GraphQlDocument;
use super::mode::Mode;
use super::parameter::{Facts, Parameter, Parameters, Place};
use super::response::{ResponseKind, Returned};
use super::text::Record;

/// A declared operation: its method, its path below the endpoint, its parameters, and its response.
///
/// The macros create these values. The user of an SDK gets them from [`Op::operation`](crate::Op::operation) and from
/// the session's `operations()`.
pub struct Operation {
    method: &'static str,
    path: &'static str,
    text: &'static str,
    /// The parameters, if one of them has a `cfg`; else they are in `text`.
    parameters: &'static [&'static str],
    facts: &'static [Facts],
    returned: Returned,
    idempotency_key: Option<&'static str>,
    has_gzip: bool,
    mode: Mode,
    graphql: Option<&'static GraphQlDocument>,
}

impl Operation {
    /// The descriptor that is written down in `text`, and so only read when it is asked for. What every call needs is outside.
    pub(crate) const fn new(method: &'static str, path: &'static str, text: &'static str) -> Self {
        Self {
            method,
            path,
            text,
            parameters: &[],
            facts: &[],
            returned: Returned::UNKNOWN,
            idempotency_key: None,
            has_gzip: false,
            mode: Mode::Once,
            graphql: None,
        }
    }

    pub(crate) const fn with_parameters(mut self, parameters: &'static [&'static str]) -> Self {
        self.parameters = parameters;
        self
    }

    pub(crate) const fn with_facts(mut self, facts: &'static [Facts]) -> Self {
        self.facts = facts;
        self
    }

    pub(crate) const fn set_returned(&mut self, returned: Returned) {
        self.returned = returned;
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

    pub(crate) const fn with_graphql(mut self, document: &'static GraphQlDocument) -> Self {
        self.graphql = Some(document);
        self
    }

    /// Whether errors of GraphQL fail the call even if there are data.
    pub(crate) fn fails_with_data(&self) -> bool {
        self.returned.kind != ResponseKind::GraphQl
    }

    const fn record(&self) -> Record {
        Record::first(self.text)
    }

    pub(crate) fn all(&self, key: &'static str) -> impl Iterator<Item = &'static str> + use<> {
        self.record().all(key)
    }

    pub(crate) fn get(&self, key: &'static str) -> Option<&'static str> {
        self.record().get(key)
    }

    /// Returns the name of the type that declares the operation: `Events`.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        self.get("endpoint").unwrap_or_default()
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
        Parameters::new(self.text, self.parameters, self.facts)
    }

    /// Returns the type of the response as it is declared: `Event`.
    #[must_use]
    pub fn response(&self) -> &'static str {
        self.get("response").unwrap_or_default()
    }

    /// Returns the name of the type that the fn returns if it has setters, `EventsListCall`, or `None` if it returns a
    /// [`Call`](crate::Call).
    #[must_use]
    pub fn call(&self) -> Option<&'static str> {
        self.get("call")
    }

    /// Returns how the response is decoded, which its type decides.
    #[must_use]
    pub fn response_kind(&self) -> ResponseKind {
        self.returned.kind
    }

    /// Returns the variants of a response by status. There are none for another type, which takes every success.
    #[must_use]
    pub fn responses(&self) -> Cases {
        self.returned.responses
    }

    /// Whether a redirect is a successful response, and so is not followed.
    #[must_use]
    pub fn returns_redirects(&self) -> bool {
        self.returned.redirects
    }

    /// Returns the media types that the type of the response asks for: `application/json`.
    /// [`Route::accept`](crate::Route::accept) also knows the key `accept`.
    #[must_use]
    pub fn accept(&self) -> &'static str {
        self.returned.accept
    }

    /// Returns the type of the error as it is declared, or `None` for [`Error`](crate::Error).
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        self.get("error")
    }

    /// Returns the variants of the typed error. There are none for [`Error`](crate::Error).
    #[must_use]
    pub fn errors(&self) -> Cases {
        self.returned.errors
    }

    /// Returns what the body is, if there is one.
    #[must_use]
    pub fn body(&self) -> Option<BodyKind> {
        let in_body = self.parameters().map(|parameter| parameter.place()).find_map(BodyKind::of);
        let has_fields = self.record().has("field") || self.graphql.is_some();
        let in_body = in_body.or_else(|| has_fields.then_some(BodyKind::Json))?;
        Some(if in_body == BodyKind::Json && self.record().has("form") { BodyKind::Form } else { in_body })
    }

    /// Returns the media type of the body, if there is a body, and it is known before a call.
    #[must_use]
    pub fn media_type(&self) -> Option<&'static str> {
        let is_whole = |parameter: &Parameter| !matches!(parameter.place(), Place::Part | Place::Field);
        let mut whole = self.parameters().filter(|parameter| BodyKind::of(parameter.place()).is_some());
        let declared = whole.find(is_whole).and_then(|parameter| parameter.content_type());
        declared.or_else(|| self.body()?.media_type())
    }

    /// Returns the headers, the query parameters and the fields of the body that every call sends.
    pub fn constants(&self) -> impl Iterator<Item = Constant> + use<> {
        constants(self.record())
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

    /// Returns the document of an operation of GraphQL; `None` for any other.
    #[must_use]
    pub const fn graphql(&self) -> Option<&'static GraphQlDocument> {
        self.graphql
    }

    /// Whether sending the request twice has the effect of sending it once, as far as the declaration tells: by the method, or whether
    /// it is a query of GraphQL.
    pub(crate) fn is_idempotent(&self, method: &Method) -> bool {
        self.graphql.map_or_else(|| method.is_idempotent(), GraphQlDocument::is_query)
    }

    /// Returns the deprecation, if the operation is deprecated.
    #[must_use]
    pub fn deprecation(&self) -> Option<Deprecation> {
        let (since, note) = (self.get("since"), self.get("note"));
        self.record().has("deprecated").then_some(Deprecation { since, note })
    }

    /// Returns the tags that the operation declares. [`Route::tags`](crate::Route::tags) also knows those of its endpoint.
    pub fn tags(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.all("tag")
    }

    /// Returns the scopes that the operation declares. [`Route::scopes`](crate::Route::scopes) also knows those of its endpoint.
    pub fn scopes(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.all("scope")
    }

    /// Returns the keys of the declaration with their values, as they are written: `("timeout", "Duration::from_secs(5)")`, `("gone_is_ok",
    /// "")`. Tags, scopes and constants, which have fns of their own, are not among them.
    pub fn keys(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.record().pairs("key")
    }

    /// Returns the name of the style in which the pages of a list follow each other, such as `cursor`; `None` without pages.
    #[must_use]
    pub fn page_style(&self) -> Option<&'static str> {
        self.record().get("pages")
    }

    /// Returns how the state of a job is read: the name of the operation that does, `location`, `operation_location`, `header` or `url` for a
    /// URL of the server, or `wait` for a call that is repeated itself. `None` without a job.
    #[must_use]
    pub fn poll_style(&self) -> Option<&'static str> {
        self.record().get("polls")
    }

    /// Returns the doc comment of the operation.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.record().docs()
    }
}

/// What the body of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyKind {
    /// A form.
    Form,
    /// JSON: one value, or an object of fields.
    Json,
    /// A multipart body.
    Multipart,
    /// Bytes or text, as they are.
    Raw,
    /// XML.
    Xml,
}

impl BodyKind {
    /// What the body is if a parameter is in this place. Fields can be those of a form as well.
    fn of(place: Place) -> Option<Self> {
        match place {
            Place::Body => Some(Self::Raw),
            Place::Field | Place::Json => Some(Self::Json),
            Place::Form => Some(Self::Form),
            Place::Multipart | Place::Part => Some(Self::Multipart),
            Place::Xml => Some(Self::Xml),
            Place::Cookie | Place::Header | Place::Path | Place::Query | Place::Url => None,
        }
    }

    /// The media type, unless another is declared.
    fn media_type(self) -> Option<&'static str> {
        match self {
            Self::Form => Some("application/x-www-form-urlencoded"),
            Self::Json => Some("application/json"),
            Self::Multipart => Some("multipart/form-data"),
            Self::Raw => None,
            Self::Xml => Some("application/xml"),
        }
    }
}

/// That an operation is deprecated, and why: `#[deprecated(since = "2.0", note = "use `find`")]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deprecation {
    /// The version since which it is deprecated.
    pub since: Option<&'static str>,
    /// What to use instead.
    pub note: Option<&'static str>,
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
