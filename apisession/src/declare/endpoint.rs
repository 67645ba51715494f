//! What the macros tell of a type: that it is an endpoint, and which operations it declares.

use super::route::Routes;
use crate::call::{Below, Declaration, Handle, Placed};
use crate::decode::Probe;
use crate::settings::Settings;

/// A group of operations that can be grafted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an endpoint",
    label = "only an endpoint can be grafted",
    note = "add `#[endpoint(path = \"…\")]` above `struct {Self};`"
)]
pub trait Endpoint: Placed + Clone + 'static {
    /// What the attribute writes down.
    const GROUP: EndpointGroup<Self>;

    /// Its place.
    #[must_use]
    fn place(&self) -> Handle;

    /// What its paths are below, if it declares that.
    #[must_use]
    fn below() -> Option<Below> {
        None
    }

    /// Its settings, if it has any.
    #[must_use]
    fn settings() -> Option<Settings> {
        None
    }

    /// The endpoint below `parent`.
    #[must_use]
    fn graft(parent: &Handle) -> Self {
        let handle = parent.below(Self::GROUP.path).at(Self::below());
        (Self::GROUP.make)(match Self::settings() {
            Some(settings) => handle.with(settings),
            None => handle,
        })
    }

    /// Adds the operations of this endpoint and of those that are grafted to it.
    fn list(routes: &mut Routes) {
        routes.endpoint(Self::GROUP.text);
        (Self::GROUP.list)(routes);
    }

    /// Adds them at the path of this endpoint, unless it is grafted to itself.
    fn list_at_path(routes: &mut Routes) {
        let outer = routes.enter(Self::below());
        routes.below_once::<Self>(Self::GROUP.path, Self::list);
        routes.leave(outer);
    }
}

impl<E: Endpoint> Placed for E {
    fn handle(&self) -> Handle {
        self.place()
    }
}

/// What `#[endpoint]` writes down of a struct. It is one constant, since each fn of an endpoint costs rustc as much.
pub struct EndpointGroup<E> {
    path: &'static str,
    text: &'static str,
    make: fn(Handle) -> E,
    list: fn(&mut Routes),
}

impl<E> EndpointGroup<E> {
    /// Its path, its text, how the struct is made of its place, and what lists the operations.
    #[must_use]
    pub const fn new(
        path: &'static str,
        text: &'static str,
        make: fn(Handle) -> E,
        list: fn(&mut Routes),
    ) -> Self {
        Self { path, text, make, list }
    }
}

/// A type whose operations can have the names of a session's methods.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has a method of this name already, as every session does",
    label = "rename this fn",
    note = "the methods of a session are `base_url`, `builder`, `close`, `credential_source`, `description`, `operations`, `raw`, `scope`, `send`, `transport_of` and `with`"
)]
pub trait HasNoMethodsOfSessions {}

#[diagnostic::do_not_recommend]
impl<T: Endpoint> HasNoMethodsOfSessions for T {}

/// A type with an `#[endpoint] impl`. rustc quotes the name where there are two.
pub trait OneEndpointImplPerType {
    /// The operations.
    const OPERATIONS: &'static [Declaration] = &[];

    /// The operations, for their constants.
    #[must_use]
    fn operations() -> &'static [Declaration] {
        Self::OPERATIONS
    }

    /// Adds the operations, and those of the endpoints that are grafted with values.
    fn list(routes: &mut Routes) {
        routes.operations(Self::OPERATIONS);
    }
}

/// What `T` declares, or else that of [`DeclaringNothing`].
impl<T: OneEndpointImplPerType> Probe<T> {
    #[doc(hidden)]
    pub fn list(routes: &mut Routes) {
        T::list(routes);
    }
}

/// What a type without an `#[endpoint] impl` declares.
pub trait DeclaringNothing {
    /// Adds nothing.
    fn list(_: &mut Routes) {}
}

impl<T> DeclaringNothing for Probe<T> {}

/// An endpoint. What is not its declaration is the same for all of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __endpoint {
    ({ $($attribute:tt)* } $vis:vis $type:ident $name:literal $path:literal $text:literal [$($allowed:tt)*] { $($placed:tt)* }) => {
        $($attribute)*
        $vis struct $type($crate::__private::Handle);

        $($allowed)*
        impl $type {
            /// Returns a client for other requests below this endpoint.
            ///
            /// Use it for requests that have no method here. Paths are below this endpoint.
            #[must_use]
            $vis fn raw(&self) -> $crate::Raw {
                self.0.copied().raw()
            }
        }

        #[automatically_derived]
        $($allowed)*
        impl ::core::clone::Clone for $type {
            fn clone(&self) -> Self {
                Self(self.0.copied())
            }
        }

        #[automatically_derived]
        $($allowed)*
        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str($name)
            }
        }

        #[doc(hidden)]
        #[automatically_derived]
        $($allowed)*
        impl $crate::__private::Endpoint for $type {
            const GROUP: $crate::__private::EndpointGroup<Self> = {
                use $crate::__private::DeclaringNothing as _;
                $crate::__private::EndpointGroup::new($path, $text, Self, $crate::__private::Probe::<Self>::list)
            };

            fn place(&self) -> $crate::__private::Handle {
                self.0.copied()
            }

            $($placed)*
        }
    };
}

/// The methods of a session that return its endpoints.
#[doc(hidden)]
#[macro_export]
macro_rules! __accessors {
    ($session:ident $({ $($attribute:tt)* } [$($head:tt)*] $name:ident: $type:ty;)*) => {
        #[allow(deprecated)]
        impl $session {$(
            $($attribute)*
            #[must_use]
            $($head)* $name(&self) -> $type {
                ::core::clone::Clone::clone(&self.$name)
            }
        )*}
    };
}
