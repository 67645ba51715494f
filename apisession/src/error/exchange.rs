//! The request side of a call, which responses and errors remember.

use http::{HeaderValue, Method};
use url::Url;

use crate::describe::Operation;
use crate::redact;

/// What is known about a request from its preparation on.
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// The idempotency key.
    pub(crate) key: Option<HeaderValue>,
    /// Whether query and body must not be shown.
    pub(crate) restricted: bool,
}

impl Exchange {
    /// The URL as it may be shown.
    pub(crate) fn shown_url(&self) -> String {
        redact::url(&self.url, self.restricted)
    }
}
