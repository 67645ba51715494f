//! Where the parts of a page are.

use serde::de::DeserializeOwned;

use crate::model::RawJson;

/// A place in a body: the names and indices that lead to it (RFC 6901, unescaped). Without any it is the whole body.
pub(super) type Pointer = &'static [&'static str];

/// Where a fact about a page is.
#[derive(Clone, Copy, Debug)]
pub enum Fact {
    /// In the body.
    Body(Pointer),
    /// In a header.
    Header(&'static str),
}

/// Where the parts of a page are. The macros write it.
#[derive(Clone, Copy, Debug)]
pub struct PageLayout {
    /// The list, or the object whose values are the items.
    pub items: Pointer,
    /// Whether the items are the values of an object, and not a list.
    pub are_values: bool,
    /// Whether the server leaves the list out if it is empty.
    pub may_be_absent: bool,
    /// The value that leads to the next page.
    pub next: Option<Fact>,
    /// Whether there is a next page.
    pub more: Option<Fact>,
    /// How many items there are on all pages.
    pub total: Option<Fact>,
    /// How many pages there are.
    pub pages: Option<Fact>,
    /// Where an item has its id, if the last one leads to the next page.
    pub id: Option<Pointer>,
    /// Whether the body is XML.
    pub is_xml: bool,
}

impl PageLayout {
    /// A list that is the whole body.
    pub const LIST: Self = Self {
        items: &[],
        are_values: false,
        may_be_absent: false,
        next: None,
        more: None,
        total: None,
        pages: None,
        id: None,
        is_xml: false,
    };

    pub(super) fn facts(&self) -> [Option<Fact>; FACTS] {
        [self.next, self.more, self.total, self.pages]
    }

    /// Where one of the places is in the body.
    pub(super) fn pointer(&self, place: usize) -> Option<Pointer> {
        let fact = match place {
            0 => &self.next,
            1 => &self.more,
            2 => &self.total,
            3 => &self.pages,
            _ => return Some(self.items),
        };
        match fact {
            Some(Fact::Body(pointer)) => Some(pointer),
            _ => None,
        }
    }
}

/// How many kinds of facts there are.
pub(super) const FACTS: usize = 4;
/// The items, among the places.
pub(super) const ITEMS: usize = FACTS;
/// How many places there are: those of facts, and that of the items.
pub(super) const PLACES: usize = FACTS + 1;

/// What a page tells about those after it. Null is as absent.
#[derive(Clone, Default)]
pub(crate) struct Facts {
    pub(crate) next: Option<RawJson>,
    pub(crate) more: Option<RawJson>,
    pub(crate) total: Option<RawJson>,
    pub(crate) pages: Option<RawJson>,
    /// The id of the last item.
    pub(crate) last_id: Option<RawJson>,
}

/// Required of the items of a page.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be an item of a page",
    label = "this is not `Deserialize`",
    note = "add `#[derive(serde::Deserialize)]` to `{Self}`"
)]
pub trait PageItem: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> PageItem for T {}
