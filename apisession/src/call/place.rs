//! Places in the tree of a session, at which endpoints are grafted and operations are called.

use std::sync::Arc;

use http::Method;

use super::arguments::Arguments;
use super::op::Declaration;
use super::session::Session;
use crate::encode::segment::push_path;
use crate::encode::{Encodable, Filling};
use crate::error::Error;
use crate::settings::Settings;

/// A place in the tree of a session. Every endpoint holds one.
#[derive(Clone, Debug)]
pub struct Handle {
    session: Session,
    /// The path from the root; `None` at the root.
    prefix: Option<Arc<str>>,
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
        Handle { session: self.clone(), prefix: None, settings: None, mistake: None }
    }
}

impl Handle {
    /// The place `path` below this one.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let mut prefix = self.prefix().to_owned();
        push_path(&mut prefix, path);
        Self { prefix: Some(prefix.into()), ..self.clone() }
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
        Box::new(Arguments::new(method, path, self.settings.clone(), mistake))
    }

    fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }
}

/// A graft with values, on its way to a place.
#[derive(Debug)]
pub struct Branch {
    handle: Handle,
    path: Filling,
}

impl Branch {
    /// Starts at the place of `at`, along `template`.
    #[must_use]
    pub fn new(at: &impl Placed, template: &'static str) -> Self {
        let handle = at.handle();
        let path = Filling::new(handle.prefix(), template);
        Self { handle, path }
    }

    /// Writes the next value. If it can't be sent, the calls from the place fail.
    #[must_use]
    pub fn path<T: Encodable + ?Sized>(mut self, value: &T) -> Self {
        if let Err(message) = self.path.value(value) {
            self.handle.mistake.get_or_insert(message.into());
        }
        self
    }

    /// The place that was reached.
    #[must_use]
    pub fn handle(mut self) -> Handle {
        self.handle.prefix = Some(self.path.as_str().into());
        self.handle
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
