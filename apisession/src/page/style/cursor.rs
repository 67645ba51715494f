//! Pages that begin after a value which the page before has: a cursor, or the id of its last item.

use super::{Next, PageStyle, PageView};
use crate::error::Result;

/// The value that the page has for the next. Null and a missing value end the list.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// Whether an empty text ends the list. By default it is a value as any other.
    pub empty_ends: bool,
}

impl PageStyle for Cursor {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let ends = |text: &str| text == "false" || self.empty_ends && text == "\"\"";
        let next = page.next().filter(|next| !ends(next.get()) && !page.is_last());
        Ok(next.map_or_else(Next::end, |next| Next::json(next.clone())))
    }
}

/// A connection of GraphQL: `pageInfo` states whether there is a next page, and has the cursor for it.
#[derive(Clone, Copy, Debug)]
pub struct Connection;

impl PageStyle for Connection {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let is_stated = page.facts.more.is_some();
        match page.next() {
            // A connection that is null has no `pageInfo`.
            _ if page.is_last() || !is_stated && page.items() == 0 => Ok(Next::end()),
            Some(next) if is_stated => Ok(Next::json(next.clone())),
            // Without an error, the list would end early, or begin again.
            Some(_) => Err(page.error("the page has no `pageInfo.hasNextPage`; select it in the document")),
            None => Err(page
                .error("the page has no `pageInfo.endCursor`, after which the next page would begin; select it in the document")),
        }
    }
}

/// The id of the last item. An empty page ends the list.
///
/// So does the server if it states that no page follows; if it states nothing, a page that is shorter than asked for.
#[derive(Clone, Copy, Debug)]
pub struct LastId;

impl PageStyle for LastId {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let is_last = if page.facts.more.is_some() { page.is_last() } else { page.is_short() };
        if is_last || page.items() == 0 {
            return Ok(Next::end());
        }
        match &page.facts.last_id {
            Some(id) => Ok(Next::json(id.clone())),
            None => {
                Err(page.error("the last item of the page has no id, after which the next page would begin"))
            }
        }
    }
}
