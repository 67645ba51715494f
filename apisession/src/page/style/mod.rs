//! How the next page follows from a page: one pure step for each style. No step makes a request.

pub(crate) mod counted;
pub(crate) mod cursor;
pub(crate) mod function;
pub(crate) mod link;

use std::fmt;

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use url::Url;

pub use self::counted::{Number, Offset};
pub use self::cursor::{Connection, Cursor, LastId};
pub use self::function::NextRequest;
pub use self::link::{BodyLink, HeaderLink};
use super::position::Target;
use crate::call::PageParameter;
use crate::decode::Facts;
use crate::error::{Error, ErrorKind, Head, Result};
use crate::message::Response;
use crate::model::RawJson;

/// How one page follows another, for a vendor whose list none of the styles fits.
///
/// An operation names it by `page = style(…)`. The value of [`Next::value`] is sent where `param` declares.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::{Next, PageStyle, PageView};
///
/// /// The header `x-last` has the number of the last page.
/// #[derive(Debug)]
/// struct UntilLast;
///
/// impl PageStyle for UntilLast {
///     fn next(&self, page: &PageView<'_>) -> Result<Next> {
///         let last = page.headers().get("x-last").and_then(|value| value.to_str().ok()?.parse().ok());
///         Ok(if last.is_some_and(|last| page.number() < last) { Next::value(&(page.number() + 1)) } else { Next::end() })
///     }
/// }
///
/// #[endpoint(path = "/events")]
/// pub struct Events;
///
/// #[endpoint]
/// impl Events {
///     #[get(page = style(UntilLast, items = "/data", param = "page"))]
///     pub fn list(&self) -> Pager<u64>;
/// }
/// ```
pub trait PageStyle: fmt::Debug + Send + Sync + 'static {
    /// Returns what follows this page. It is called once for each page, and must return the same for the same page.
    ///
    /// # Errors
    ///
    /// The error ends the list after the items of this page.
    fn next(&self, page: &PageView<'_>) -> Result<Next>;

    /// Returns the value of the page that comes `steps` pages after the one that follows, if it is certain to exist and its value does
    /// not depend on the pages between. Default: `None`, so that no page is read ahead.
    fn ahead(&self, page: &PageView<'_>, steps: u64) -> Option<Next> {
        let _ = (page, steps);
        None
    }
}

/// What follows a page.
#[derive(Clone)]
pub struct Next(pub(super) Option<Target>);

impl Next {
    /// Nothing follows: the page was the last.
    #[must_use]
    pub fn end() -> Self {
        Self(None)
    }

    /// The same request with another value of the page's parameter: a text, a number, or in a body any JSON.
    ///
    /// A value that can't be JSON, such as a map whose keys are lists, is no next page.
    #[must_use]
    pub fn value<T: Serialize + ?Sized>(value: &T) -> Self {
        Self(RawJson::of(value).ok().map(Target::Value))
    }

    /// A URL that the server gave, absolute or relative to that of the page.
    #[must_use]
    pub fn link(url: impl Into<String>) -> Self {
        Self(Some(Target::Link(url.into())))
    }

    pub(super) fn json(value: RawJson) -> Self {
        Self(Some(Target::Value(value)))
    }
}

/// Shows what kind it is, and nothing of the value.
impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            None => "Next::end",
            Some(Target::Value(_)) => "Next::value(…)",
            Some(Target::Link(_)) => "Next::link(…)",
        })
    }
}

/// A page as a [`PageStyle`] sees it.
pub struct PageView<'a> {
    pub(super) head: &'a Head,
    pub(super) facts: &'a Facts,
    /// Makes the response of the page once more.
    pub(super) response: &'a dyn Fn() -> Response,
    pub(super) items: usize,
    /// How many pages and items there were before.
    pub(super) pages_before: u64,
    pub(super) items_before: u64,
    pub(super) value: Option<&'a RawJson>,
    pub(super) size: Option<u64>,
}

impl PageView<'_> {
    /// Returns how many items the page has.
    #[must_use]
    pub fn items(&self) -> usize {
        self.items
    }

    /// Returns which page it is, from 1 on.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.pages_before.saturating_add(1)
    }

    /// Returns how many items the request asked for, if it did.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Returns the value of the page's parameter in its request; `None` for a first page without one.
    #[must_use]
    pub fn value(&self) -> Option<&RawJson> {
        self.value
    }

    /// Returns the headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the URL of the request, after redirects.
    #[must_use]
    pub fn url(&self) -> Option<&Url> {
        self.head.sent.as_ref().map(|sent| &sent.exchange.url)
    }

    /// Returns what is where `next` declares the value of the next page. Null is `None`.
    #[must_use]
    pub fn next(&self) -> Option<&RawJson> {
        self.facts.next.as_ref()
    }

    /// Returns how many items there are on all pages, where `total` declares it.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.facts.total.as_ref()?.count()
    }

    /// Returns how many pages there are, where `pages` declares it.
    #[must_use]
    pub fn pages(&self) -> Option<u64> {
        self.facts.pages.as_ref()?.count()
    }

    /// Decodes the whole body as JSON of another type.
    ///
    /// # Errors
    ///
    /// Fails if it is no JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        (self.response)().json()
    }

    /// Whether the server states that no page follows.
    fn is_last(&self) -> bool {
        self.facts.more.as_ref().is_some_and(|more| matches!(&*more.content(), "false" | "0"))
    }

    /// How many items there were up to the end of this page.
    fn items_so_far(&self) -> u64 {
        self.items_before.saturating_add(self.items as u64)
    }

    /// Whether the page has fewer items than were asked for.
    fn is_short(&self) -> bool {
        self.size.is_some_and(|size| (self.items as u64) < size)
    }

    /// The error of a page that leads nowhere.
    fn error(&self, message: &str) -> Error {
        (self.response)().into_error(ErrorKind::Decode, message)
    }
}

impl fmt::Debug for PageView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageView")
            .field("number", &self.number())
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}

/// How the pages of an operation follow each other. The macros write it.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    /// The step from a page to the next.
    pub style: &'static dyn PageStyle,
    /// Where the value of a page goes.
    pub param: Option<PageParameter>,
    /// Where the size of a page goes.
    pub size: Option<PageParameter>,
    /// The size that is asked for by default.
    pub default_size: Option<u64>,
    /// The largest size that the server has.
    pub max_size: Option<u64>,
    /// The statuses that mean that a page is past the end.
    pub past_end: &'static [u16],
    /// Whether pages can be read ahead.
    pub is_counted: bool,
}

impl Paging {
    /// The pages of a style, without parameters.
    #[must_use]
    pub const fn new(style: &'static dyn PageStyle) -> Self {
        let (param, size, default_size, max_size) = (None, None, None, None);
        Self { style, param, size, default_size, max_size, past_end: &[], is_counted: false }
    }
}
