//! A page as its user gets it.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

use crate::decode::{Facts, PageItem, PageLayout, Parts};
use crate::error::{Head, Result};
use crate::message::Response;

/// One page of a list: its items, and what the server tells about it.
///
/// It dereferences to the list of its items, and as an iterator it returns them by value.
pub struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) number: u64,
    pub(super) head: Box<Head>,
    pub(super) facts: Facts,
    pub(super) body: Bytes,
}

/// Decodes a response as a page.
///
/// # Errors
///
/// Fails if the response is no page of this layout.
#[doc(hidden)]
pub fn decoded<T: PageItem>(response: Result<Response>, layout: &PageLayout) -> Result<Page<T>> {
    let response = response?;
    let Parts { items, facts } = response.page(layout)?;
    let (head, body) = response.into_parts();
    let body = body.as_bytes().cloned().unwrap_or_default();
    Ok(Page { items, number: 1, head, facts, body })
}

impl<T> Page<T> {
    /// Returns the items.
    #[must_use]
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// Returns the items by value.
    #[must_use]
    pub fn into_items(self) -> Vec<T> {
        self.items
    }

    /// Returns which page it is, from 1 on. A list that continues after a [`PageToken`](crate::PageToken) goes on counting.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns how many items there are on all pages, if the operation declares where that is, and the server tells. It is what the
    /// server counts, which can be wrong.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.facts.total.as_ref()?.count()
    }

    /// Returns the headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the id that the server gave the request: see [`Response::request_id`].
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.head.request_id()
    }

    /// The response, for a second look at its body.
    pub(super) fn response(&self) -> Response {
        Response::from_parts(Head::clone(&self.head), self.body.clone().into())
    }
}

impl<T> std::ops::Deref for Page<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Page<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// Shows neither the items nor anything else of the server.
impl<T> fmt::Debug for Page<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("number", &self.number)
            .field("items", &self.items.len())
            .finish_non_exhaustive()
    }
}
