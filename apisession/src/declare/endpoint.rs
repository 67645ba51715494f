//! What the macros tell of a type: that it is an endpoint, and which operations it declares.

use super::hooks::Root;
use super::route::Routes;
use crate::call::{Below, Declaration, Handle, Op, Placed};
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

/// A session of which no operation or graft has the name of a field; `true` if one has. Its constants tell.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has an operation or a graft with the name of this endpoint",
    label = "rename this field, or the operation"
)]
pub trait HasNoOperationOfThisName<const IS_DECLARED: bool> {}

#[diagnostic::do_not_recommend]
impl<T: Root> HasNoOperationOfThisName<false> for T {}

/// The value of the constant of a graft.
pub struct Grafting;

/// The constant of an operation or a graft, by method probing.
pub trait ByDeclared {
    /// Its type has a size.
    fn declared(&self) -> bool {
        true
    }
}

impl<T, E> ByDeclared for &Probe<Op<T, E>> {}
impl ByDeclared for &Probe<Grafting> {}

/// Any other constant.
pub trait ByUndeclared {
    /// Its type has no size.
    fn declared(&self) {}
}

impl<T> ByUndeclared for Probe<T> {}

/// A probe of the type of a constant.
#[must_use]
pub const fn probe<T>(_: &T) -> Probe<T> {
    Probe::new()
}

/// Whether `probed` is a call of [`ByDeclared::declared`]. Its type tells, since a constant can't call it.
#[must_use]
pub const fn is_declared<T>(_: fn() -> T) -> bool {
    size_of::<T>() > 0
}

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
