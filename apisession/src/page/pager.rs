//! A list in pages that is ready to be read, and its options.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use super::position::{Position, Target};
use super::style::Paging;
use super::{Page, PageToken};
use crate::call::{Arguments, Call, Session, ToRequest};
use crate::decode::Decode;
use crate::error::{Error, Result};
use crate::message::Request;
use crate::model::RawJson;
use crate::redact::Secret;

/// A list in pages. Read its [`items`](Self::items), or its [`pages`](Self::pages).
///
/// It makes no request by itself, and owns everything that it needs. Each page is a call with the retries, the credential, the limits
/// and the hooks of any other. The `with_…` methods change all of these calls; `with_timeout` limits each of them. The methods that begin
/// with `with_max_`, `with_page_size`, `with_read_ahead` and `with_resume_token` are about the list.
///
/// ```
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// # #[endpoint(path = "/events")] pub struct Events;
/// # #[endpoint] impl Events {
/// #     #[get(page = cursor(items = "/data", next = "/next", param = "after"))] pub fn list(&self) -> Pager<u64>; }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] events: Events }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|request| async move {
/// #     let page = if request.url.query().is_some() { r#"{"data": [3]}"# } else { r#"{"data": [1, 2], "next": "a"}"# };
/// #     Ok(Response::new(StatusCode::OK).with_body(page))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// # let mut sum = 0;
/// let mut events = api.events().list().items();
/// while let Some(event) = events.next().await {
///     let event = event?;
/// #   sum += event;
/// }
/// # assert_eq!(sum, 6);
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "a pager does nothing until its items or pages are read"]
pub struct Pager<T, E = Error> {
    pub(super) session: Session,
    pub(super) arguments: Box<Arguments>,
    pub(super) decode: Decode<Page<T>>,
    pub(super) paging: &'static Paging,
    pub(super) options: Options,
    error: PhantomData<fn() -> E>,
}

/// What the caller sets for the list.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) max_items: Option<u64>,
    pub(super) max_pages: Option<u64>,
    pub(super) page_size: Option<u64>,
    pub(super) read_ahead: usize,
    pub(super) resume: Option<String>,
    /// The request from which a fn of the author makes the next.
    pub(super) request: Option<RawJson>,
}

impl<T, E> Call<Page<T>, E> {
    /// The list that begins with this page.
    #[doc(hidden)]
    pub fn pager(self, paging: &'static Paging) -> Pager<T, E> {
        let (session, arguments, decode) = self.into_parts();
        Pager { session, arguments, decode, paging, options: Options::default(), error: PhantomData }
    }
}

impl<T, E> Pager<T, E> {
    /// Ends the list after this many items; with 0 there is no request. Default: no limit.
    pub fn with_max_items(mut self, max: u64) -> Self {
        self.options.max_items = Some(max);
        self
    }

    /// Ends the list after this many pages; with 0 there is no request. Default: no limit.
    pub fn with_max_pages(mut self, max: u64) -> Self {
        self.options.max_pages = Some(max);
        self
    }

    /// Asks for pages of this many items. A server can send fewer. Default: that of the declaration, or of the server.
    pub fn with_page_size(mut self, size: u64) -> Self {
        self.options.page_size = Some(size);
        self
    }

    /// Requests up to this many pages before they are asked for, besides the one that is. Default: 0.
    ///
    /// It needs a list whose server tells how many items or pages there are, so that the requests of later pages are known. The pages
    /// are returned in order. They make progress while `next` is awaited. Dropping the list drops their requests.
    pub fn with_read_ahead(mut self, pages: usize) -> Self {
        self.options.read_ahead = pages;
        self
    }

    /// Continues after the place at which [`Items::resume_token`](crate::Items::resume_token) or [`Pages::resume_token`](crate::Pages::resume_token) was called. A text that is no token of this
    /// call is reported by `next`. Limits count from there.
    pub fn with_resume_token(mut self, token: impl AsRef<str>) -> Self {
        self.options.resume = Some(token.as_ref().to_owned());
        self
    }

    /// Returns the request of the first page, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    pub fn build(self) -> Result<Request> {
        self.to_request()
    }
}

impl<T, E> ToRequest for Pager<T, E> {
    /// Returns the request of the first page.
    fn to_request(&self) -> Result<Request> {
        let start = self.start()?;
        let arguments = self.request(start.position.target.as_ref(), start.size, &[]);
        let operation = arguments.operation();
        let request = self.session.engine().and_then(|engine| engine.request(arguments));
        request.map_err(|error| error.in_operation(operation))
    }
}

impl<T, E> Pager<T, E> {
    /// Keeps the request from which a fn of the author makes the next.
    #[doc(hidden)]
    pub fn first_request<R: serde::Serialize + ?Sized>(mut self, request: &R) -> Self {
        self.options.request = RawJson::of(request).ok();
        self
    }

    /// The arguments of every page.
    pub(super) fn arguments(&mut self) -> &mut Arguments {
        &mut self.arguments
    }

    /// Where the list begins.
    pub(super) fn start(&self) -> Result<Start> {
        let Self { paging, options, arguments, .. } = self;
        let operation = || arguments.operation().map(ToString::to_string).unwrap_or_default();
        if options.page_size.is_some() && paging.size.is_none() {
            let message = format!(
                "`{}` declares no parameter for the size of a page; call it without `with_page_size`",
                operation()
            );
            return Err(Error::argument(message));
        }
        if options.read_ahead > 0 && !paging.is_counted {
            let message = format!(
                "the pages of `{}` can't be read ahead, since each leads to the next; call it without `with_read_ahead`",
                operation()
            );
            return Err(Error::argument(message));
        }
        let given = paging.size.and_then(|size| arguments.page(size)).and_then(|size| size.count());
        let size = options.page_size.or(given).or(paging.default_size);
        let size = size.map(|size| paging.max_size.map_or(size, |max| size.min(max)));
        match &options.resume {
            Some(token) => {
                let (position, earlier) = PageToken::read(token, &self.shape())?;
                // Pages of another size would begin at other items.
                Ok(Start { position, size: earlier.or(size) })
            }
            None => Ok(Start { position: Position::START, size }),
        }
    }

    pub(super) fn shape(&self) -> [u8; 12] {
        self.arguments.shape([self.paging.param, self.paging.size])
    }

    /// The value in the request of a page.
    pub(super) fn value<'t>(&'t self, target: Option<&'t Target>) -> Option<Cow<'t, RawJson>> {
        match target {
            Some(Target::Value(value)) => Some(Cow::Borrowed(value)),
            Some(Target::Link(_)) => None,
            None => match &self.options.request {
                Some(request) => Some(Cow::Borrowed(request)),
                None => self.arguments.page(self.paging.param?).map(Cow::Owned),
            },
        }
    }

    /// The arguments of a page.
    pub(super) fn request(
        &self,
        target: Option<&Target>,
        size: Option<u64>,
        secrets: &[Secret],
    ) -> Box<Arguments> {
        let mut arguments = self.arguments.of_page();
        if let (Some(at), Some(Ok(size))) = (self.paging.size, size.map(|size| RawJson::of(&size))) {
            arguments.set_page(at, &size);
        }
        match (target, self.paging.param) {
            (Some(Target::Value(value)), Some(at)) => arguments.set_page(at, value),
            (Some(Target::Value(_)), None) => arguments.refuse_page(Error::argument(
                "the next page has a value, and the declaration of the operation has no `param` for it",
            )),
            (Some(Target::Link(link)), _) => arguments.follow_page(link, secrets),
            (None, _) => {}
        }
        arguments
    }
}

/// Where a list begins, and the size of its pages.
pub(super) struct Start {
    pub(super) position: Position,
    pub(super) size: Option<u64>,
}

crate::__settings!(call Pager);

/// Shows the operation.
impl<T, E> fmt::Debug for Pager<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arguments.operation() {
            Some(operation) => write!(f, "Pager({operation})"),
            None => f.write_str("Pager"),
        }
    }
}
