//! What the macros tell of a type: that it is an endpoint, and which operations it declares.

use super::route::Routes;
use crate::call::{Below, Declaration, Handle, Placed};
use crate::decode::Probe;

/// A group of operations that can be grafted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint",
    label = "only an endpoint can be grafted",
    note = "add `#[endpoint(path = \"…\")]` above `struct {Self};`"
)]
pub trait Endpoint: Placed + Clone + Send + Sync + 'static {
    /// The path below the place where it is grafted.
    const PATH: &'static str;

    /// What its paths are below, if it declares that.
    #[must_use]
    fn below() -> Option<Below> {
        None
    }

    /// The endpoint below `parent`.
    #[must_use]
    fn graft(parent: &Handle) -> Self;

    /// Adds the operations of this endpoint and of those that are grafted to it.
    fn list(routes: &mut Routes);

    /// Adds them at the path of this endpoint, unless it is grafted to itself.
    fn list_at_path(routes: &mut Routes) {
        let outer = routes.enter(Self::below());
        routes.below_once::<Self>(Self::PATH, Self::list);
        routes.leave(outer);
    }
}

/// A type whose operations can have the names of a session's methods.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has a method of this name already, as every session does",
    label = "rename this fn",
    note = "the methods of a session are `builder`, `close`, `operations`, `raw`, `scope` and `with`"
)]
pub trait HasNoMethodsOfSessions {}

#[diagnostic::do_not_recommend]
impl<T: Endpoint> HasNoMethodsOfSessions for T {}

/// A type with an `#[endpoint] impl`. rustc quotes the name where there are two.
pub trait OneEndpointImplPerType {
    /// The operations.
    const OPERATIONS: &'static [Declaration];

    /// Adds the operations, and those of the endpoints that are grafted with values.
    fn list(routes: &mut Routes) {
        routes.operations(Self::OPERATIONS);
    }
}

/// Lists what `T` declares, by method probing; nothing if there is no `#[endpoint] impl`.
pub trait Declaring {
    /// Adds what is declared.
    fn list(&self, routes: &mut Routes);
}

impl<T: OneEndpointImplPerType> Declaring for &Probe<T> {
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
