//! The arguments of one call, encoded when the call is made. The first mistake is reported when the call is awaited.

use std::sync::Arc;

use http::{HeaderMap, Method};
use url::Url;

use super::content::Content;
use super::header_pairs::{HeaderPairs, HeaderWriter, joined};
use super::op::Declaration;
use super::path_below::PathBelow;
use super::site::Site;
use crate::credential::cookie;
use crate::decode::{self, Reads};
use crate::describe::{Operation, Place};
use crate::encode::value::scalars;
use crate::encode::{self, ArgumentError, Encodable, FieldSet, Filling, Query, Segments, Style};
use crate::error::Error;
use crate::message::{Body, headers};
use crate::redact::{Redaction, Secret};
use crate::settings::Settings;

/// Everything about a call but its session and the type of its response.
pub(crate) struct Arguments {
    /// `None` for a raw request.
    pub(crate) declaration: Option<&'static Declaration>,
    pub(crate) method: Method,
    pub(crate) path: Filling,
    /// The path at which the operation is called.
    pub(crate) place: Option<Arc<PathBelow>>,
    /// The arguments that must not be shown.
    pub(crate) secrets: Vec<Secret>,
    pub(crate) site: Site,
    pub(crate) target: Target,
    pub(crate) query: Query,
    /// The parts of the query and the headers whose names depend on values.
    pub(crate) fields: FieldSet,
    /// Those of parameters. In a box, since most calls have none.
    pub(crate) headers: Option<Box<HeaderMap>>,
    pub(crate) body: Body,
    /// What several parameters make up, if any do.
    pub(super) content: Option<Box<Content>>,
    /// The type of the body, if no header sets it.
    pub(crate) content_type: Option<&'static str>,
    /// The settings of the endpoint, and of those to which it is grafted.
    pub(crate) endpoint: Option<Arc<Settings>>,
    pub(crate) settings: Settings,
    /// What the request accepts, if no level and no parameter sets it.
    pub(crate) accept: &'static str,
    pub(crate) mistake: Option<Error>,
    /// Whether a redirect is a successful response.
    pub(crate) returns_redirects: bool,
    /// How the body of the response is read.
    pub(crate) reads: Reads,
}

/// Where a call goes.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// To the path below the base URL.
    Path,
    /// To an absolute URL, which must have the origin of the base URL.
    Own(String),
    /// To a URL that the server sent, relative to the path. That of a next page has the whole query.
    Link { url: String, has_whole_query: bool },
    /// To the URL of a request that was built.
    Prepared(Box<Prepared>),
    /// To a URL that the SDK or its user names. Nothing of the session is sent there.
    External(Box<Url>),
}

/// What is known of a request that was built.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) url: Url,
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) redaction: Redaction,
}

impl Arguments {
    pub(super) fn new(
        method: Method,
        path: Filling,
        endpoint: Option<Arc<Settings>>,
        mistake: Option<Error>,
    ) -> Self {
        Self {
            declaration: None,
            method,
            path,
            place: None,
            secrets: Vec::new(),
            site: Site::default(),
            target: Target::Path,
            query: Query::default(),
            fields: FieldSet::default(),
            headers: None,
            body: Body::empty(),
            content: None,
            content_type: None,
            endpoint,
            settings: Settings::default(),
            accept: decode::ANY,
            mistake,
            returns_redirects: false,
            reads: Reads::Whole,
        }
    }

    /// The same arguments once more.
    pub(crate) fn copied(&self) -> Self {
        Self {
            declaration: self.declaration,
            method: self.method.clone(),
            path: self.path.clone(),
            place: self.place.clone(),
            secrets: self.secrets.clone(),
            site: self.site,
            target: self.target.clone(),
            query: self.query.clone(),
            fields: self.fields.clone(),
            headers: self.headers.clone(),
            content: self.content.as_ref().map(|content| Box::new(content.copied())),
            body: self.body.copied(),
            content_type: self.content_type,
            endpoint: self.endpoint.clone(),
            settings: self.settings.clone(),
            accept: self.accept,
            mistake: self.mistake.as_ref().map(|mistake| Error::argument(mistake.message())),
            returns_redirects: self.returns_redirects,
            reads: self.reads,
        }
    }

    pub(crate) fn operation(&self) -> Option<&'static Operation> {
        self.declaration.map(Declaration::operation)
    }

    /// Writes the value of the next placeholder of the path, and the text after it.
    pub(super) fn path<T: Encodable + ?Sized>(&mut self, value: &T, segments: Segments) {
        self.conceal(value);
        if let Err(message) = self.path.value(value, segments) {
            self.refuse(Error::argument(message));
        }
    }

    /// Sets a query parameter.
    pub(super) fn query<T: Encodable + ?Sized>(&mut self, name: &'static str, value: &T, style: Style) {
        self.conceal(value);
        let parameters = self.operation().into_iter().flat_map(Operation::parameters);
        let others = parameters.filter(|parameter| {
            parameter.place() == Place::Query && !parameter.is_flattened() && parameter.name() != name
        });
        let others = others.map(|parameter| parameter.name());
        let result = self.fields.set(&mut self.query, (name, value, style), others);
        self.check("query parameter", name, result);
    }

    /// Adds a query parameter beside others of the same name.
    pub(super) fn add_query<T: Encodable + ?Sized>(&mut self, name: &str, value: &T) {
        let result = self.query.write(name, value, Style::default());
        self.check("query parameter", name, result);
    }

    /// Sets a query parameter without a value, or removes it.
    pub(super) fn query_flag(&mut self, name: &str, is_set: bool) {
        self.query.remove(name);
        if is_set {
            self.query.flag(name);
        }
    }

    /// Sets a query parameter to JSON.
    pub(super) fn query_json<T: Encodable + ?Sized>(&mut self, name: &str, value: &T) {
        self.conceal(value);
        let result = encode::json(value).and_then(|json| self.query.replace(name, &json, Style::default()));
        self.check("query parameter", name, result);
    }

    /// Sets a header parameter: a list is joined by commas, and `None` is nothing.
    pub(super) fn header_parameter<T: Encodable + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.conceal(value);
        if let Some(headers) = &mut self.headers {
            headers.remove(name);
        }
        match joined(value) {
            Ok(Some(text)) => self.set_header(name, &text, value.secret().is_some()),
            Ok(None) => {}
            Err(error) => self.check("header parameter", name, Err(error)),
        }
    }

    /// Sets a header parameter to JSON.
    pub(super) fn header_json<T: Encodable + ?Sized>(&mut self, name: &'static str, value: &T) {
        let secrets = encode::secrets(value);
        let is_secret = !secrets.is_empty();
        self.secrets.extend(secrets);
        match encode::ascii_json(value) {
            Ok(json) => self.set_header(name, &json, is_secret),
            Err(error) => self.check("header parameter", name, Err(error)),
        }
    }

    fn set_header(&mut self, name: &'static str, text: &str, is_secret: bool) {
        match headers::parse(name, text) {
            Ok((name, mut header)) => {
                header.set_sensitive(is_secret);
                self.headers.get_or_insert_default().insert(name, header);
            }
            Err(error) => self.refuse(error),
        }
    }

    /// Sets the headers of a map, whose names are those of the map after `prefix`.
    pub(super) fn headers<T: HeaderPairs + ?Sized>(
        &mut self,
        parameter: &'static str,
        prefix: &'static str,
        value: &T,
    ) {
        let mut writer = HeaderWriter::new(prefix);
        value.write(&mut writer);
        let (map, secrets, mistake) = writer.end();
        self.secrets.extend(secrets);
        if let Err(mistake) = mistake {
            self.refuse(Error::argument(format!("the header parameter `{parameter}` {mistake}")));
        }
        let operation = self.operation();
        let declared = operation.into_iter().flat_map(Operation::parameters);
        let declared = declared.filter(|other| other.place() == Place::Header && !other.is_flattened());
        let names =
            declared.map(|parameter| parameter.name()).chain(operation.and_then(Operation::idempotency_key));
        let result = self.fields.replace_headers(parameter, map, names);
        self.check("header parameter", parameter, result);
    }

    /// Sets a cookie. `None` is nothing.
    pub(super) fn cookie<T: Encodable + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.conceal(value);
        self.content().cookies.retain(|(other, _)| *other != name);
        let mut text = None;
        let result = scalars(value, |scalar| match text.replace(Secret::from(scalar)) {
            None => Ok(()),
            Some(_) => Err(ArgumentError::CookieList),
        });
        self.check("cookie", name, result);
        if let Some(text) = text {
            match cookie::check_octets(name, &text) {
                Ok(()) => self.content().cookies.push((name, text)),
                Err(error) => self.refuse(error),
            }
        }
    }

    /// Keeps the secrets in a value, so that no text of the server shows them.
    pub(super) fn conceal<T: Encodable + ?Sized>(&mut self, value: &T) {
        encode::find_secrets(value, &mut self.secrets);
    }

    pub(super) fn check(&mut self, place: &str, name: &str, result: Result<(), ArgumentError>) {
        if let Err(error) = result {
            self.refuse(Error::argument(format!("the {place} `{name}` {error}")));
        }
    }

    /// The first mistake is the one that the call reports.
    pub(super) fn refuse(&mut self, error: Error) {
        self.mistake.get_or_insert(error);
    }
}
