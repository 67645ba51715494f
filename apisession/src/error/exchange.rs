//! The request of a call, as its response or error describes it.

use http::{HeaderValue, Method};
use url::Url;

use crate::describe::Operation;
use crate::redact::UrlMask;

/// The facts about a request that are known once it is prepared.
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The idempotency key.
    pub(crate) key: Option<HeaderValue>,
    /// What of the URL is not shown.
    pub(crate) mask: UrlMask,
}

impl Exchange {
    /// The URL without the parts that must not be shown.
    pub(crate) fn shown_url(&self) -> String {
        self.mask.url(&self.url)
    }
}
