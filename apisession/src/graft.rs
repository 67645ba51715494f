//! Where things hang: endpoints on a session or on another endpoint, and the operations on them.

use std::any::TypeId;
use std::sync::Arc;

use crate::decode::Probe;
use crate::operation::Operation;
use crate::parameter::Encodable;
use crate::path::Filling;
use crate::raw::Raw;
use crate::session::Session;
use crate::settings::Settings;
use crate::url::push_path;

/// A place in a session's tree. Every endpoint holds one.
#[derive(Clone, Debug)]
pub struct Handle {
    session: Session,
    /// The path so far; `None` at the root.
    prefix: Option<Arc<str>>,
    /// What the endpoints on the way say.
    settings: Option<Arc<Settings>>,
    /// Why no call from here can be sent: an argument on the way could not.
    failed: Option<Arc<str>>,
}

impl Handle {
    pub(crate) fn root(session: Session) -> Self {
        Self { session, prefix: None, settings: None, failed: None }
    }

    /// The place `path` below this one.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        let mut prefix = self.prefix().to_owned();
        push_path(&mut prefix, path);
        Self { prefix: Some(prefix.into()), ..self.clone() }
    }

    /// The same place, where calls are made as `settings` say.
    #[must_use]
    pub fn with(mut self, settings: Settings) -> Self {
        let nearer = settings.at(self.prefix());
        let mut all = self.settings.as_deref().cloned().unwrap_or_default();
        all.extend(nearer);
        self.settings = Some(Arc::new(all));
        self
    }

    /// Requests that nobody declared, below this place.
    #[must_use]
    pub fn raw(self) -> Raw {
        Raw::new(self)
    }

    pub(crate) fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    pub(crate) fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }

    pub(crate) fn settings(&self) -> Option<Arc<Settings>> {
        self.settings.clone()
    }

    pub(crate) fn into_session(self) -> Session {
        self.session
    }
}

/// The way from one place to another through a path with values.
#[derive(Debug)]
pub struct Branch {
    handle: Handle,
    path: Filling,
}

impl Branch {
    /// The way from the place of `at` through `template`.
    #[must_use]
    pub fn new(at: &impl Placed, template: &'static str) -> Self {
        let handle = at.handle();
        let path = Filling::new(handle.prefix(), template);
        Self { handle, path }
    }

    /// Writes the next value; one that can't be sent is reported by the calls below.
    #[must_use]
    pub fn path<T: Encodable + ?Sized>(mut self, value: &T) -> Self {
        if let Err(message) = self.path.value(value) {
            self.handle.failed.get_or_insert(message.into());
        }
        self
    }

    /// Where the way leads.
    #[must_use]
    pub fn handle(mut self) -> Handle {
        self.handle.prefix = Some(self.path.as_str().into());
        self.handle
    }
}

/// Something that operations can be called on: an endpoint or a session.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an endpoint nor a session",
    label = "operations need a place to hang",
    note = "add `#[endpoint]` above `struct {Self};`, or `#[derive(Clone, APISession)]` if it is the session"
)]
pub trait Placed {
    /// The place where it hangs.
    fn handle(&self) -> Handle;
}

/// A group of operations that can be grafted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint",
    label = "only an endpoint can be grafted",
    note = "add `#[endpoint(path = \"…\")]` above `struct {Self};`"
)]
pub trait Endpoint: Placed + Clone + Send + Sync + 'static {
    /// The endpoint below `parent`.
    #[must_use]
    fn graft(parent: &Handle) -> Self;

    /// Adds the operations of this endpoint and of those below it, at its path below the place reached.
    fn list(routes: &mut Routes);
}

/// What `#[endpoint] impl` found on a type.
pub trait Declares {
    /// The operations.
    const OPERATIONS: &'static [Operation];

    /// Adds the operations, and those of the endpoints that are grafted with values.
    fn list(routes: &mut Routes) {
        routes.operations(Self::OPERATIONS);
    }
}

/// Lists what `T` declares, by method probing: nothing if there was no `#[endpoint] impl`.
pub trait Declaring {
    /// Adds what was declared.
    fn list(&self, routes: &mut Routes);
}

impl<T: Declares> Declaring for &Probe<T> {
    fn list(&self, routes: &mut Routes) {
        T::list(routes);
    }
}

/// The other side of [`Declaring`].
pub trait DeclaringNothing {
    /// Adds nothing.
    fn list(&self, _: &mut Routes) {}
}

impl<T> DeclaringNothing for Probe<T> {}

/// The operations of a session, gathered endpoint by endpoint.
#[derive(Debug, Default)]
pub struct Routes {
    prefix: String,
    /// The endpoints on the way here: one that is grafted onto itself is listed once.
    way: Vec<TypeId>,
    found: Vec<Route>,
}

impl Routes {
    /// Adds operations at the place reached so far.
    pub fn operations(&mut self, operations: &'static [Operation]) {
        for operation in operations {
            let mut path = self.prefix.clone();
            push_path(&mut path, operation.path());
            self.found.push(Route { operation, path });
        }
    }

    /// Goes to `path` below the place reached so far, for as long as `list` takes.
    pub fn below(&mut self, path: &str, list: fn(&mut Self)) {
        let parent = self.prefix.len();
        push_path(&mut self.prefix, path);
        list(self);
        self.prefix.truncate(parent);
    }

    /// As [`below`](Self::below), for an endpoint.
    pub fn endpoint<E: Endpoint>(&mut self, path: &str, list: fn(&mut Self)) {
        let endpoint = TypeId::of::<E>();
        if !self.way.contains(&endpoint) {
            self.way.push(endpoint);
            self.below(path, list);
            self.way.pop();
        }
    }

    /// What was found, in the order of the declarations.
    #[must_use]
    pub fn into_vec(self) -> Vec<Route> {
        self.found
    }
}

/// An operation at its place in a session: the row of `operations()`.
#[derive(Clone, Debug)]
pub struct Route {
    operation: &'static Operation,
    path: String,
}

impl Route {
    /// The operation.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The full path template below base URL and base path: `/events/{id}`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}
