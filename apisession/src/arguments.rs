//! The arguments of one call, encoded when the call is made; a failure waits for the await.

use std::sync::Arc;

use ::url::Url;
use http::{HeaderMap, HeaderValue, Method};

use crate::body::Body;
use crate::error::{Error, ErrorKind};
use crate::graft::Handle;
use crate::headers;
use crate::operation::Operation;
use crate::parameter::{Encodable, Style, scalars};
use crate::path::Filling;
use crate::session::Session;
use crate::settings::Settings;
use crate::url::{ArgumentError, Query};

/// Everything about a call but the type of its answer.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) session: Session,
    /// What was declared; nothing for a raw request.
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: Method,
    pub(crate) path: Filling,
    /// Where it goes instead of the path.
    pub(crate) link: Option<Link>,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    /// What the body is, if no header says it.
    pub(crate) content_type: Option<HeaderValue>,
    /// What the endpoint says, and those that it is grafted to.
    pub(crate) endpoint: Option<Arc<Settings>>,
    pub(crate) settings: Settings,
    pub(crate) failed: Option<Error>,
    /// Whether the body of the answer is left to be read.
    pub(crate) streams: bool,
    /// Whether `base_path` stands before the path.
    pub(crate) use_base: bool,
}

/// A URL that is not made of base and path.
#[derive(Debug)]
pub(crate) enum Link {
    /// What the server wrote, seen from the path.
    Server(String),
    /// What the SDK itself names; nothing of the session goes there.
    Own(Url),
}

/// How long a JSON body is expected to be.
const ROOM_FOR_JSON: usize = 128;

impl Arguments {
    pub(crate) fn new(handle: Handle, operation: &'static Operation) -> Self {
        let path = Filling::new(handle.prefix(), operation.path());
        // The macro has checked the method's letters.
        let method = Method::from_bytes(operation.method().as_bytes()).unwrap_or_default();
        Self { operation: Some(operation), ..Self::at(handle, method, path) }
    }

    /// A request that nobody declared.
    pub(crate) fn raw(handle: Handle, method: Method, path: &str) -> Self {
        let path = Filling::whole(handle.prefix(), path);
        Self::at(handle, method, path)
    }

    fn at(handle: Handle, method: Method, path: Filling) -> Self {
        Self {
            path,
            operation: None,
            method,
            link: None,
            streams: false,
            use_base: true,
            query: Query::default(),
            headers: HeaderMap::new(),
            body: Body::empty(),
            content_type: None,
            endpoint: handle.settings(),
            settings: Settings::default(),
            failed: handle.failed().map(|message| Error::new(ErrorKind::Argument, message)),
            session: handle.into_session(),
        }
    }

    /// Writes the value of the next placeholder of the path, and what follows it.
    pub(crate) fn path<T: Encodable + ?Sized>(&mut self, value: &T) {
        if let Err(message) = self.path.value(value) {
            self.fail(Error::new(ErrorKind::Argument, message));
        }
    }

    /// Writes a query parameter. What was there of it is replaced.
    pub(crate) fn query<T: Encodable + ?Sized>(&mut self, name: &str, value: &T, style: Style) {
        let result = self.query.replace(name, value, style);
        self.keep_failure("query parameter", name, result);
    }

    /// Writes a query parameter beside what is there of it.
    pub(crate) fn add_query<T: Encodable + ?Sized>(&mut self, name: &str, value: &T) {
        let result = self.query.write(name, value, Style::default());
        self.keep_failure("query parameter", name, result);
    }

    /// Writes the name of a query parameter without a value, or nothing of it.
    pub(crate) fn query_flag(&mut self, name: &str, is_set: bool) {
        self.query.remove(name);
        if is_set {
            let result = self.query.flag(name);
            self.keep_failure("query parameter", name, result);
        }
    }

    /// Writes the JSON body.
    pub(crate) fn json<T: Encodable + ?Sized>(&mut self, name: &str, value: &T) {
        let mut bytes = Vec::with_capacity(ROOM_FOR_JSON);
        let result = match value.encode(&mut serde_json::Serializer::new(&mut bytes)) {
            Ok(()) => {
                self.body = bytes.into();
                self.content_type = Some(HeaderValue::from_static("application/json"));
                Ok(())
            }
            Err(error) => Err(ArgumentError::Json(error.to_string())),
        };
        self.keep_failure("body", name, result);
    }

    /// Writes a header parameter: a list joined by commas, `None` as nothing. What was there of it is replaced.
    pub(crate) fn header_parameter<T: Encodable + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.headers.remove(name);
        let mut text: Option<String> = None;
        let result = scalars(value, |scalar| {
            match &mut text {
                None => text = Some(scalar.to_string()),
                Some(text) => text.push_str(&format!(", {scalar}")),
            }
            Ok(())
        });
        self.keep_failure("header parameter", name, result);
        if let Some(text) = text {
            match headers::parse(name, &text) {
                Ok((name, value)) => drop(self.headers.insert(name, value)),
                Err(error) => self.fail(error),
            }
        }
    }

    fn keep_failure(&mut self, place: &str, name: &str, result: Result<(), ArgumentError>) {
        if let Err(error) = result {
            self.fail(Error::new(ErrorKind::Argument, format!("the {place} `{name}` {error}")));
        }
    }

    /// The first mistake is the one that the call reports.
    pub(crate) fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }
}
