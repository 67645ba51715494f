//! Places in the tree of a session, at which endpoints are grafted and operations are called.

use std::fmt;
use std::sync::Arc;

use http::Method;

use super::arguments::Arguments;
use super::op::Declaration;
use super::path_below::PathBelow;
use super::session::Session;
use super::site::Below;
use crate::decode::Asks;
use crate::encode::segment::{joined, push_path};
use crate::encode::{Encodable, Filling, Segments};
use crate::error::Error;
use crate::settings::Settings;

/// A place in the tree of a session. Every endpoint holds one.
#[derive(Clone)]
pub struct Handle {
    session: Session,
    /// `None` at the root.
    path: Option<Arc<PathBelow>>,
    /// The settings of the endpoints on the path.
    settings: Option<Arc<Settings>>,
}

impl Session {
    /// The root of the tree.
    #[doc(hidden)]
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle { session: self.clone(), path: None, settings: None }
    }
}

impl Handle {
    /// The same place. In generated code this costs rustc less than the trait's method.
    #[must_use]
    pub fn copied(&self) -> Self {
        self.clone()
    }

    /// The place `path` below this one.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let mut below = self.path.as_deref().cloned().unwrap_or_default();
        push_path(&mut below.prefix, path);
        below.template = below.template.map(|template| joined(&template, path));
        Self { path: Some(Arc::new(below)), ..self.clone() }
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

    /// The same place, whose paths are below another URL.
    #[must_use]
    pub fn at(mut self, below: Option<Below>) -> Self {
        let Some(below) = below else { return self };
        let mut path = self.path.as_deref().cloned().unwrap_or_default();
        let outer = self.settings.as_ref().map_or(0, |settings| settings.list().len());
        path.site = path.site.nearer(below, outer);
        self.path = Some(Arc::new(path));
        self
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }

    /// Arguments of an operation, at its template.
    fn declared(&self, declaration: &'static Declaration) -> Box<Arguments> {
        let operation = declaration.operation();
        let path = Filling::new(self.prefix(), operation.path());
        // The macro has checked the letters of the method.
        let method = Method::from_bytes(operation.method().as_bytes()).unwrap_or_default();
        let mut arguments = self.arguments(method, path);
        arguments.declaration = Some(declaration);
        if let Some(document) = operation.graphql() {
            arguments.document(document);
        }
        if let Some(below) = declaration.below() {
            // All endpoints are outer levels.
            arguments.site = arguments.site.nearer(below, usize::MAX);
        }
        arguments
    }

    /// Arguments of an operation, with what the type of its response asks of the call.
    pub(crate) fn called(&self, declaration: &'static Declaration) -> Box<Arguments> {
        let mut arguments = self.declared(declaration);
        let &Asks { accept, redirects, reads, .. } = declaration.asks();
        (arguments.accept, arguments.returns_redirects, arguments.reads) = (accept, redirects, reads);
        arguments
    }

    /// Arguments of a raw request.
    pub(super) fn raw_request(&self, method: Method, path: &str) -> Box<Arguments> {
        self.arguments(method, Filling::whole(self.prefix(), path))
    }

    fn arguments(&self, method: Method, path: Filling) -> Box<Arguments> {
        let mistake = self.path.as_ref().and_then(|path| path.mistake.as_deref());
        let mut arguments =
            Box::new(Arguments::new(method, path, self.settings.clone(), mistake.map(Error::argument)));
        if let Some(path) = &self.path {
            arguments.place = Some(Arc::clone(path));
            arguments.site = path.site;
            arguments.secrets.extend_from_slice(&path.secrets);
        }
        arguments
    }

    pub(super) fn prefix(&self) -> &str {
        self.path.as_ref().map_or("", |path| path.prefix())
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
    below: PathBelow,
    path: Filling,
    template: &'static str,
}

impl Branch {
    /// Starts at the place of `at`, along `template`.
    #[must_use]
    pub fn new(at: &impl Placed, template: &'static str) -> Self {
        let handle = at.handle();
        let path = Filling::new(handle.prefix(), template);
        let below = handle.path.as_deref().cloned().unwrap_or_default();
        Self { handle, below, path, template }
    }

    /// Writes the next value. If it can't be sent, the calls from the place fail.
    #[must_use]
    pub fn path<T: Encodable + ?Sized>(self, value: &T) -> Self {
        self.value(value, Segments::Plain)
    }

    /// Writes the next value, a list in one segment.
    #[must_use]
    pub fn path_list<T: Encodable + ?Sized>(self, value: &T) -> Self {
        self.value(value, Segments::Commas)
    }

    fn value<T: Encodable + ?Sized>(mut self, value: &T, segments: Segments) -> Self {
        self.below.secrets.extend(value.secret().cloned());
        if let Err(message) = self.path.value(value, segments) {
            self.below.mistake.get_or_insert(message);
        }
        self
    }

    /// The place that was reached.
    #[must_use]
    pub fn handle(mut self) -> Handle {
        let template = Some(joined(self.below.template(), self.template));
        let prefix = self.path.as_str().to_owned();
        self.handle.path = Some(Arc::new(PathBelow { prefix, template, ..self.below }));
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
