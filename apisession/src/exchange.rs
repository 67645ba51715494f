//! What is known about a call from its preparation to its end.

use http::{HeaderValue, Method};
use url::Url;

use crate::operation::Operation;
use crate::redact;

/// The request side of a call, as answers and errors remember it.
pub(crate) struct Exchange {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// By what the server knows the call, if it is declared to.
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
