//! The items of a list, page by page.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;

use super::{PageToken, Pager, Pages};
use crate::error::{Error, Result};

/// The items of a list. [`next`](Self::next) returns one after the other, and requests a page when it is needed. It is a `Stream` as well.
///
/// After the last item it returns `None`, and makes no request any more. Dropping it stops.
///
/// After an error, `next` requests the page again that failed: no item is lost, and none is returned twice. An error that no repetition
/// can change, such as an argument that can't be sent or a link to another origin, ends the list.
pub struct Items<T, E = Error> {
    pages: Pages<T, E>,
    /// The items of the page that are left.
    page: vec::IntoIter<T>,
}

impl<T, E> Pager<T, E> {
    /// Reads the items, page by page, as they are asked for.
    pub fn items(self) -> Items<T, E> {
        Items { pages: self.pages(), page: Vec::new().into_iter() }
    }
}

impl<T, E> Items<T, E> {
    /// Returns the next item, or `None` after the last one. It can be dropped while it waits, and called again.
    pub async fn next(&mut self) -> Option<Result<T, E>>
    where
        E: From<Error>,
    {
        // Almost every item is there already, and needs no context.
        if self.pages.is_idle()
            && let Some(item) = self.page.next()
        {
            return Some(Ok(item));
        }
        poll_fn(|context| self.poll_item(context)).await
    }

    /// Returns the place after the item that was returned last.
    #[must_use]
    pub fn resume_token(&self) -> PageToken {
        self.pages.token_before(self.page.len())
    }

    /// Returns how many pages were read.
    #[must_use]
    pub fn pages_read(&self) -> u64 {
        self.pages.pages_read()
    }

    /// Returns how many items there are on all pages: see [`Page::total`](crate::Page::total).
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.pages.total()
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>>
    where
        E: From<Error>,
    {
        loop {
            if let Some(item) = self.page.next() {
                self.pages.read_ahead(context);
                return Poll::Ready(Some(Ok(item)));
            }
            // Its memory is used for the next page, which then is in the caches of the processor.
            self.page = Vec::new().into_iter();
            match ready!(self.pages.poll_page(context)) {
                Some(Ok(page)) => self.page = page.into_items().into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// It is moved freely: nothing in it is pinned.
impl<T, E> Unpin for Items<T, E> {}

impl<T, E: From<Error>> Stream for Items<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

impl<T, E> fmt::Debug for Items<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("pages", &self.pages).finish_non_exhaustive()
    }
}
