//! Where a list is: what leads to a page, and how much was before it.

use crate::model::RawJson;

/// What leads to a page other than the first.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A value of the page's parameter.
    Value(RawJson),
    /// A URL of the server.
    Link(String),
}

/// A place between two items of a list.
#[derive(Clone)]
pub(super) struct Position {
    /// The page; `None` is the first.
    pub(super) target: Option<Target>,
    /// How many pages and items are before that page.
    pub(super) pages: u64,
    pub(super) items: u64,
    /// How many items of the page are before the place.
    pub(super) skip: u64,
    /// Whether nothing comes after it.
    pub(super) is_end: bool,
}

impl Position {
    pub(super) const START: Self = Self { target: None, pages: 0, items: 0, skip: 0, is_end: false };
}
