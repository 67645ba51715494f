//! The request of a call, as its response or error describes it.

use http::{HeaderValue, Method};
use url::Url;

use crate::describe::Operation;
use crate::redact;

/// The facts about a request that are known once it is prepared.
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The idempotency key.
    pub(crate) key: Option<HeaderValue>,
    /// Whether the path is restricted, so that the query and the body must not be shown.
    pub(crate) restricted: bool,
}

impl Exchange {
    /// The URL without the parts that must not be shown.
    pub(crate) fn shown_url(&self) -> String {
        redact::url(&self.url, self.restricted)
    }
}
