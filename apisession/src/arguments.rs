//! The arguments of one call, encoded when the call is made; a failure waits for the await.

use std::fmt;

use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;

use crate::body::Body;
use crate::call::Call;
use crate::credential::Credential;
use crate::error::{Error, ErrorKind};
use crate::graft::{Handle, Placed};
use crate::headers;
use crate::operation::{Op, Operation, Piece};
use crate::parameter::scalars;
use crate::session::Session;
use crate::settings::Settings;
use crate::url::{ArgumentError, Query, push_segment};

/// Everything about a call but the type of its answer. Generated methods fill it, parameter by parameter.
#[derive(Debug)]
pub struct Arguments {
    pub(crate) session: Session,
    pub(crate) operation: &'static Operation,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) credential: Choice,
    pub(crate) settings: Settings,
    pub(crate) failed: Option<Error>,
    /// The pieces of the path template that are still to be written.
    pieces: &'static [Piece],
}

/// Which credential a call carries.
#[derive(Debug)]
pub(crate) enum Choice {
    None,
    Session,
    This(Credential),
}

impl Arguments {
    /// The start of a call of `operation` at the place of `at`.
    #[must_use]
    pub fn new(at: &impl Placed, operation: &'static Operation) -> Self {
        Self::at(at.handle(), operation)
    }

    fn at(handle: Handle, operation: &'static Operation) -> Self {
        let pieces = operation.pieces();
        let prefix = handle.prefix();
        // The template starts with the slash of the joint.
        let prefix = if pieces.is_empty() { prefix } else { prefix.trim_end_matches('/') };
        let mut path = String::with_capacity(prefix.len() + 32);
        path.push_str(prefix);
        Self {
            path,
            session: handle.into_session(),
            operation,
            // The macro has checked the method's letters.
            method: Method::from_bytes(operation.method().as_bytes()).unwrap_or_default(),
            query: Query::default(),
            headers: HeaderMap::new(),
            body: Body::empty(),
            credential: Choice::Session,
            settings: Settings::default(),
            failed: None,
            pieces,
        }
    }

    /// Writes the next placeholder of the path template.
    #[must_use]
    pub fn path<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        let name = self.literal();
        let start = self.path.len();
        let mut given = 0;
        let path = &mut self.path;
        let written = scalars(value, &mut |text| {
            given += 1;
            push_segment(path, text)
        });
        let result = written.and(match given {
            0 => Err(ArgumentError::Absent),
            1 => Ok(()),
            _ => Err(ArgumentError::List),
        });
        if result.is_err() {
            self.path.truncate(start);
        }
        self.keep_failure("path parameter", name, result);
        self
    }

    /// Writes a query parameter: a list as repeated pairs, `None` as nothing.
    pub fn query<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.query.remove(name);
        let query = &mut self.query;
        let result = scalars(value, &mut |text| query.push(name, text));
        self.keep_failure("query parameter", name, result);
    }

    /// Writes the JSON body.
    pub fn json<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        let result = match serde_json::to_vec(value) {
            Ok(bytes) => {
                self.body = bytes.into();
                let json = HeaderValue::from_static("application/json");
                self.headers.insert(header::CONTENT_TYPE, json);
                Ok(())
            }
            Err(error) => Err(ArgumentError::Json(error.to_string())),
        };
        self.keep_failure("body", name, result);
    }

    /// The call, complete.
    pub fn call<T, E>(mut self, op: Op<T, E>) -> Call<T, E> {
        self.literal();
        Call::new(self, op.decode)
    }

    #[doc(hidden)]
    pub fn set(&mut self, option: CallOption) {
        match option {
            CallOption::Timeout(limit) => self.settings.timeout = Some(limit),
            CallOption::AttemptTimeout(limit) => self.settings.attempt_timeout = Some(limit),
            CallOption::MaxAttempts(max) => self.settings.max_attempts = Some(max.max(1)),
            CallOption::MaxBody(max) => self.settings.max_body = Some(max),
            CallOption::Credential(credential) => self.credential = Choice::This(credential),
            CallOption::NoCredential => self.credential = Choice::None,
            CallOption::Header(name, value) => {
                if let Err(error) = headers::set(&mut self.headers, name, value) {
                    self.fail(error);
                }
            }
        }
    }

    /// Writes what stands before the next placeholder, and returns the placeholder's name.
    fn literal(&mut self) -> &'static str {
        while let Some((piece, rest)) = self.pieces.split_first() {
            self.pieces = rest;
            match piece {
                Piece::Literal(text) => self.path.push_str(text),
                Piece::Parameter(name) => return name,
            }
        }
        ""
    }

    fn keep_failure(&mut self, place: &str, name: &str, result: Result<(), ArgumentError>) {
        if let Err(error) = result {
            self.refuse(format_args!("the {place} `{name}` {error}"));
        }
    }

    #[cold]
    fn refuse(&mut self, message: fmt::Arguments<'_>) {
        self.fail(Error::new(ErrorKind::Argument, message.to_string()));
    }

    /// The first mistake is the one that the call reports.
    fn fail(&mut self, error: Error) {
        self.failed.get_or_insert(error);
    }
}

/// One option of a call; what the `with_…` methods come down to.
#[doc(hidden)]
#[derive(Debug)]
pub enum CallOption<'a> {
    Timeout(std::time::Duration),
    AttemptTimeout(std::time::Duration),
    MaxAttempts(u32),
    MaxBody(usize),
    Header(&'a str, &'a str),
    Credential(Credential),
    NoCredential,
}
