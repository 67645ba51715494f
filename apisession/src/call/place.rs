//! Places in the tree of a session, at which endpoints are grafted and operations are called.

use std::fmt;
use std::sync::Arc;

use http::Method;

use super::arguments::Arguments;
use super::op::Declaration;
use super::session::Session;
use crate::encode::segment::joined;
use crate::encode::{Encodable, Filling};
use crate::error::Error;
use crate::redact::Secret;
use crate::settings::Settings;

/// A place in the tree of a session. Every endpoint holds one.
#[derive(Clone)]
pub struct Handle {
    session: Session,
    /// The path from the root; `None` at the root.
    prefix: Option<Arc<str>>,
    /// The template of that path, if it has placeholders.
    template: Option<Arc<str>>,
    /// The secrets in that path.
    secrets: Vec<Secret>,
    /// The settings of the endpoints on the path.
    settings: Option<Arc<Settings>>,
    /// Why calls from here fail: an argument on the path can't be sent.
    mistake: Option<Arc<str>>,
}

impl Session {
    /// The root of the tree.
    #[doc(hidden)]
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle {
            session: self.clone(),
            prefix: None,
            template: None,
            secrets: Vec::new(),
            settings: None,
            mistake: None,
        }
    }
}

impl Handle {
    /// The place `path` below this one.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let template = self.template.as_deref().map(|template| joined(template, path).into());
        Self { prefix: Some(joined(self.prefix(), path).into()), template, ..self.clone() }
    }

    /// The same place with settings for the calls from it.
    #[must_use]
    pub fn with(mut self, settings: Settings) -> Self {
        let nearer = settings.below(self.prefix());
        let mut all = self.settings.as_deref().cloned().unwrap_or_default();
        all.extend(nearer);
        self.settings = Some(Arc::new(all));
        self
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Arguments of an operation, at its template.
    pub(super) fn declared(&self, declaration: &'static Declaration) -> Box<Arguments> {
        let operation = declaration.operation();
        let path = Filling::new(self.prefix(), operation.path());
        // The macro has checked the letters of the method.
        let method = Method::from_bytes(operation.method().as_bytes()).unwrap_or_default();
        let mut arguments = self.arguments(method, path);
        arguments.declaration = Some(declaration);
        arguments
    }

    /// Arguments of a raw request.
    pub(super) fn raw_request(&self, method: Method, path: &str) -> Box<Arguments> {
        self.arguments(method, Filling::whole(self.prefix(), path))
    }

    fn arguments(&self, method: Method, path: Filling) -> Box<Arguments> {
        let mistake = self.mistake.as_deref().map(Error::argument);
        let mut arguments = Box::new(Arguments::new(method, path, self.settings.clone(), mistake));
        arguments.place = self.template.clone().or_else(|| self.prefix.clone());
        arguments.secrets.clone_from(&self.secrets);
        arguments
    }

    fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }
}

/// Shows nothing: the path can contain secrets.
impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handle")
    }
}

/// A graft with values, on its way to a place.
pub struct Branch {
    handle: Handle,
    path: Filling,
    template: &'static str,
}

impl Branch {
    /// Starts at the place of `at`, along `template`.
    #[must_use]
    pub fn new(at: &impl Placed, template: &'static str) -> Self {
        let handle = at.handle();
        let path = Filling::new(handle.prefix(), template);
        Self { handle, path, template }
    }

    /// Writes the next value. If it can't be sent, the calls from the place fail.
    #[must_use]
    pub fn path<T: Encodable + ?Sized>(mut self, value: &T) -> Self {
        self.handle.secrets.extend(value.secret().cloned());
        if let Err(message) = self.path.value(value) {
            self.handle.mistake.get_or_insert(message.into());
        }
        self
    }

    /// The place that was reached.
    #[must_use]
    pub fn handle(mut self) -> Handle {
        let template = self.handle.template.as_deref().unwrap_or(self.handle.prefix());
        self.handle.template = Some(joined(template, self.template).into());
        self.handle.prefix = Some(self.path.as_str().into());
        self.handle
    }
}

impl fmt::Debug for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Branch({})", self.template)
    }
}

/// A type whose operations can be called: an endpoint or a session.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an endpoint nor a session",
    label = "operations are methods of an endpoint or a session",
    note = "add `#[endpoint]` above `struct {Self};`, or `#[derive(Clone, APISession)]` if it is the session"
)]
pub trait Placed {
    /// Its place.
    fn handle(&self) -> Handle;
}
