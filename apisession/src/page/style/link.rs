//! Pages at URLs that the server gives, in a header or in the body.

use super::{Next, PageStyle, PageView};
use crate::error::Result;

/// The `Link` header of the response (RFC 8288), with a relation.
#[derive(Clone, Copy, Debug)]
pub struct HeaderLink {
    /// The relation of the next page, such as `next`.
    pub relation: &'static str,
}

impl PageStyle for HeaderLink {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let link = (page.response)().page_link(self.relation).filter(|_| !page.is_last());
        Ok(link.map_or_else(Next::end, Next::link))
    }
}

/// A URL in the body. Null, a missing one and an empty one end the list.
#[derive(Clone, Copy, Debug)]
pub struct BodyLink;

impl PageStyle for BodyLink {
    fn next(&self, page: &PageView<'_>) -> Result<Next> {
        let Some(link) = page.next().map(|next| next.content()) else { return Ok(Next::end()) };
        if link.trim().is_empty() || link == "false" || page.is_last() {
            return Ok(Next::end());
        }
        // One that can't be resolved stays, so that the list fails and does not end early.
        let resolved = page.url().and_then(|base| base.join(link.trim()).ok());
        Ok(Next::link(resolved.map_or_else(|| link.into_owned(), Into::into)))
    }
}
