//! The descriptor of a parameter.

use std::fmt;
use std::slice;

use super::text::{Record, Records};
use crate::encode::{ListStyle, Nested};
use crate::model::Values;
use crate::redact;

/// What is known of a parameter by its type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The known values.
    pub values: Option<Values>,
    /// Whether it is a secret.
    pub is_secret: bool,
}

impl Facts {
    /// Of a type of which nothing is known.
    pub const NONE: Self = Self { values: None, is_secret: false };
}

/// A parameter of an operation or a graft.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    record: Record,
    facts: Facts,
}

impl Parameter {
    /// Returns the name that is sent; of a flattened parameter, whose fields are sent by their own names, that of the argument.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.record.name()
    }

    /// Returns the name of the argument or the setter: `kind` for `#[query(rename = "type")] kind`.
    #[must_use]
    pub fn argument(&self) -> &'static str {
        self.record.get("argument").unwrap_or(self.name())
    }

    /// Returns the place in the request.
    #[must_use]
    pub fn place(&self) -> Place {
        let name = self.record.get("in").unwrap_or_default();
        Place::ALL.into_iter().find(|place| place.name() == name).unwrap_or(Place::Query)
    }

    /// Returns the type of the value that a caller passes, as it is written: `&str`, also for an `Option<&str>`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        self.record.get("type").unwrap_or_default()
    }

    /// Returns the doc comment.
    #[must_use]
    pub fn docs(&self) -> &'static str {
        self.record.docs()
    }

    /// Whether every call has to pass the parameter. Others have a setter.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.record.has("optional") && !self.record.has("default")
    }

    /// Returns the value that is sent if the setter isn't called, as it is written: `50`, `Order::Newest`.
    #[must_use]
    pub fn default(&self) -> Option<&'static str> {
        self.record.get("default")
    }

    /// Returns the known values, if the type is an [`OpenEnum`](trait@crate::OpenEnum), or an `Option`, a `Vec`, a slice or a reference
    /// of one.
    #[must_use]
    pub fn values(&self) -> Option<Values> {
        self.facts.values
    }

    /// Whether the value is a secret: its type is a [`Secret`](crate::Secret), or its name is that of one, such as `api_key`.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.facts.is_secret || redact::is_secret_name(self.name())
    }

    /// Whether the names that are sent are those of the fields of the value.
    #[must_use]
    pub fn is_flattened(&self) -> bool {
        self.record.has("flattened")
    }

    /// Whether the value is sent as JSON, in whichever place: by the key `json`.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.record.has("json")
    }

    /// Whether the name is sent without a value if the value is `true`.
    #[must_use]
    pub fn is_flag(&self) -> bool {
        self.record.has("flag")
    }

    /// Returns how a list is sent. Default: [`ListStyle::Repeat`].
    #[must_use]
    pub fn list(&self) -> ListStyle {
        match self.record.get("list") {
            Some("Brackets") => ListStyle::Brackets,
            Some("Comma") => ListStyle::Comma,
            Some("Indices") => ListStyle::Indices,
            Some("Pipes") => ListStyle::Pipes,
            Some("Spaces") => ListStyle::Spaces,
            _ => ListStyle::Repeat,
        }
    }

    /// Returns how the fields of a struct or a map are sent. Default: [`Nested::Refused`].
    #[must_use]
    pub fn nested(&self) -> Nested {
        match self.record.get("nested") {
            Some("Brackets") => Nested::Brackets,
            Some("Dots") => Nested::Dots,
            _ if self.is_flattened() => Nested::Flat,
            _ => Nested::Refused,
        }
    }

    /// Whether the value is the rest of the path, slashes included: `{key+}`.
    #[must_use]
    pub fn is_greedy(&self) -> bool {
        self.record.has("greedy")
    }

    /// Whether segments of the value can be empty.
    #[must_use]
    pub fn has_empty_segments(&self) -> bool {
        self.record.has("empty_segments")
    }

    /// Returns the beginning of the names of a map of headers.
    #[must_use]
    pub fn prefix(&self) -> Option<&'static str> {
        self.record.get("prefix")
    }

    /// Returns the fn that converts the value, as it is written.
    #[must_use]
    pub fn encode_with(&self) -> Option<&'static str> {
        self.record.get("encode_with")
    }

    /// Returns the media type of a body or a part, if it is declared.
    #[must_use]
    pub fn content_type(&self) -> Option<&'static str> {
        self.record.get("content_type")
    }

    /// Returns the file name of a part, if it is declared.
    #[must_use]
    pub fn file_name(&self) -> Option<&'static str> {
        self.record.get("file_name")
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameter")
            .field("name", &self.name())
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

/// The parameters of an operation or a graft, in the order of the signature.
#[derive(Clone)]
pub struct Parameters {
    records: Records,
    /// Of an operation of which a parameter has a `cfg`: all of them, each in a text of its own.
    texts: slice::Iter<'static, &'static str>,
    /// Those of the parameters that are marked with `typed`.
    facts: slice::Iter<'static, Facts>,
}

impl Parameters {
    pub(super) fn new(text: &'static str, texts: &'static [&'static str], facts: &'static [Facts]) -> Self {
        Self { records: Record::others(text), texts: texts.iter(), facts: facts.iter() }
    }
}

impl Iterator for Parameters {
    type Item = Parameter;

    fn next(&mut self) -> Option<Parameter> {
        let record = self.records.next().or_else(|| Some(Record::whole(self.texts.next()?)))?;
        let facts = if record.has("typed") { self.facts.next().copied() } else { None };
        Some(Parameter { record, facts: facts.unwrap_or(Facts::NONE) })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = self.records.len() + self.texts.len();
        (length, Some(length))
    }
}

impl ExactSizeIterator for Parameters {}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
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

impl Place {
    const ALL: [Self; 12] = [
        Self::Body,
        Self::Cookie,
        Self::Field,
        Self::Form,
        Self::Header,
        Self::Json,
        Self::Multipart,
        Self::Part,
        Self::Path,
        Self::Query,
        Self::Url,
        Self::Xml,
    ];

    /// Returns the name in lower case: `query`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Cookie => "cookie",
            Self::Field => "field",
            Self::Form => "form",
            Self::Header => "header",
            Self::Json => "json",
            Self::Multipart => "multipart",
            Self::Part => "part",
            Self::Path => "path",
            Self::Query => "query",
            Self::Url => "url",
            Self::Xml => "xml",
        }
    }
}
