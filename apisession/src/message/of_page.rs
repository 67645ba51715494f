//! What a list reads of the response that is a page: its parts, and the link to the next page.

use http::HeaderMap;
use url::Url;

use super::Response;
use super::link::{Link, links};
use crate::error::Head;
use crate::redact::Redaction;

impl<T> Response<T> {
    pub(crate) fn into_parts(self) -> (Box<Head>, T) {
        (self.head, self.body)
    }

    /// The target of the first link with this relation to the response itself.
    pub(crate) fn page_link(&self, relation: &str) -> Option<String> {
        own_link(self.headers(), self.url(), relation)
    }
}

/// The target of the first link with this relation to the response itself, and not to what an anchor names.
pub(crate) fn own_link(headers: &HeaderMap, base: Option<&Url>, relation: &str) -> Option<String> {
    let links = links(headers, base, &Redaction::default()).into_iter().filter(|link| link.is_of(base));
    let is_it = |link: &Link| link.relations.iter().any(|other| other.eq_ignore_ascii_case(relation));
    links.into_iter().find(is_it).map(|link| link.target)
}

impl Link {
    /// Whether it is a link of the response at `base` itself.
    fn is_of(&self, base: Option<&Url>) -> bool {
        let Some(anchor) = &self.anchor else { return true };
        base.is_some_and(|base| base.join(anchor).is_ok_and(|anchor| anchor == *base))
    }
}
