//! The descriptor of a parameter.

use std::fmt;
use std::slice;

use super::text::{Record, Records};

/// A parameter of an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Parameter(Record);

impl Parameter {
    /// Returns the name that is sent; of a flattened parameter, whose fields are sent by their own names, that of the argument.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }

    /// Returns the place in the request.
    #[must_use]
    pub fn place(&self) -> Place {
        let name = self.0.get("in").unwrap_or_default();
        Place::ALL.into_iter().find(|place| place.name() == name).unwrap_or(Place::Query)
    }

    /// Whether the names that are sent are those of the fields of the value.
    #[must_use]
    pub fn is_flattened(&self) -> bool {
        self.0.has("flattened")
    }

    /// Whether every call has to pass the parameter.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.0.has("optional")
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

/// The parameters of an operation, in the order of the signature.
#[derive(Clone)]
pub struct Parameters {
    records: Records,
    /// Of an operation of which a parameter has a `cfg`: all of them, each in a text of its own.
    texts: slice::Iter<'static, &'static str>,
}

impl Parameters {
    pub(super) fn new(text: &'static str, texts: &'static [&'static str]) -> Self {
        Self { records: Record::others(text), texts: texts.iter() }
    }
}

impl Iterator for Parameters {
    type Item = Parameter;

    fn next(&mut self) -> Option<Parameter> {
        let record = self.records.next().or_else(|| Some(Record::whole(self.texts.next()?)));
        record.map(Parameter)
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
