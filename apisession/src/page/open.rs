//! A list whose optional parameters can still be set: what all types with setters have in common.

use std::fmt;

use super::style::Paging;
use super::{Items, Page, Pager, Pages};
use crate::call::{Call, HeaderPairs, SentAsXml, ToRequest, writes};
use crate::encode::{Encodable, Style};
use crate::error::{Error, Result};
use crate::message::multipart::PartValue;
use crate::message::{Body, Multipart, Request};

/// The options of a list in pages whose optional parameters can still be set.
///
/// The type of such a list, which the SDK has for each operation with optional parameters, has a setter for each of them, and by
/// `Deref` the methods of this one: those of a [`Pager`], whose `with_…` options return the SDK's type again, so that setters and options
/// can be mixed in any order. They leave the original as it is and act on a copy.
pub struct OpenPager<S, T, E = Error> {
    call: Call<Page<T>, E>,
    /// The list without the parameters.
    options: super::pager::Options,
    paging: &'static Paging,
    /// Makes the SDK's type of it.
    make: fn(Self) -> S,
}

impl<T, E> Pager<T, E> {
    /// The same list with setters.
    #[doc(hidden)]
    pub fn open<S>(self, make: fn(OpenPager<S, T, E>) -> S) -> S {
        let Self { session, arguments, decode, paging, options, .. } = self;
        let call = Call::from_parts(session, arguments, decode);
        make(OpenPager { call, options, paging, make })
    }
}

impl<S, T, E> OpenPager<S, T, E> {
    /// Returns the list without its setters, for code that takes any [`Pager`].
    pub fn to_pager(&self) -> Pager<T, E> {
        let mut pager = self.call.copied().pager(self.paging);
        pager.options = self.options.clone();
        pager
    }

    /// Reads the items, page by page, as they are asked for: see [`Pager::items`].
    pub fn items(&self) -> Items<T, E> {
        self.to_pager().items()
    }

    /// Reads the pages, as they are asked for: see [`Pager::pages`].
    pub fn pages(&self) -> Pages<T, E> {
        self.to_pager().pages()
    }

    /// Reads all items into a list: see [`Pager::try_collect`].
    ///
    /// # Errors
    ///
    /// Fails with the first page that fails.
    pub fn try_collect(&self) -> impl Future<Output = Result<Vec<T>, E>> + use<S, T, E>
    where
        E: From<Error>,
    {
        self.to_pager().try_collect()
    }

    /// Returns the request of the first page, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    pub fn build(&self) -> Result<Request> {
        self.to_pager().build()
    }

    fn to_call(&self) -> Pager<T, E> {
        self.to_pager()
    }
}

impl<S, T, E> ToRequest for OpenPager<S, T, E> {
    fn to_request(&self) -> Result<Request> {
        self.build()
    }
}

impl<S, T, E> OpenPager<S, T, E> {
    /// Ends the list after this many items; with 0 there is no request. Default: no limit.
    pub fn with_max_items(&self, max: u64) -> S {
        self.to_pager().with_max_items(max).open(self.make)
    }

    /// Ends the list after this many pages; with 0 there is no request. Default: no limit.
    pub fn with_max_pages(&self, max: u64) -> S {
        self.to_pager().with_max_pages(max).open(self.make)
    }

    /// Asks for pages of this many items: see [`Pager::with_page_size`].
    pub fn with_page_size(&self, size: u64) -> S {
        self.to_pager().with_page_size(size).open(self.make)
    }

    /// Requests up to this many pages before they are asked for: see [`Pager::with_read_ahead`].
    pub fn with_read_ahead(&self, pages: usize) -> S {
        self.to_pager().with_read_ahead(pages).open(self.make)
    }

    /// Continues after the place of a token: see [`Pager::with_resume_token`].
    pub fn with_resume_token(&self, token: impl AsRef<str>) -> S {
        self.to_pager().with_resume_token(token).open(self.make)
    }
}

crate::__settings!(open OpenPager);

writes!(OpenPager);

impl<S, T, E> fmt::Debug for OpenPager<S, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_pager().fmt(f)
    }
}

/// A type with setters. The macros write the setters; the rest is the same for all of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_pager {
    ({ $($attribute:tt)* } $vis:vis $type:ident($value:ty, $error:ty) $([$allowed:ident])? {
        $({ $($gate:tt)* } { $($doc:tt)* } $maybe:ident $leaves:literal $setter:ident($($argument:tt)*) [$($given:tt)*] { $($write:tt)* })*
    }) => {
        $($attribute)*
        #[must_use = "a pager does nothing until its items or pages are read"]
        #[allow(non_camel_case_types)]
        $vis struct $type($crate::OpenPager<Self, $value, $error>);

        $(#[allow($allowed)])?
        impl $type {
            $(
                $($gate)*
                $($doc)*
                $vis fn $setter(self, $($argument)*) -> Self {
                    self.0 $($write)*
                }

                $($gate)*
                #[doc = $leaves]
                $vis fn $maybe(self, $setter: ::core::option::Option<$($given)*>) -> Self {
                    self.0.maybe($setter, Self::$setter)
                }
            )*
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::ops::Deref for $type {
            type Target = $crate::OpenPager<Self, $value, $error>;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        #[automatically_derived]
        $(#[allow($allowed)])?
        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}
