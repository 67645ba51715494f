//! A request, as a transport receives it.

use std::fmt;

use http::{HeaderMap, Method};
use url::Url;

use crate::describe::Operation;
use crate::message::Body;
use crate::redact::{Carries, Redaction, Shown};

/// An HTTP request, complete for a [`Transport`](crate::transport::Transport).
///
/// [`Call::build`](crate::Call::build) returns it without its credential.
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// The headers, including those of the session.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The declared operation, or `None` for a raw request.
    pub operation: Option<&'static Operation>,
    /// What of the URL is not shown.
    pub(crate) redaction: Redaction,
}

impl Request {
    /// How it is shown.
    pub(crate) fn shown(&self) -> Shown<'_> {
        let mut secrets = self.redaction.secrets().map(|secrets| secrets.to_vec()).unwrap_or_default();
        secrets.extend(self.headers.secrets());
        self.redaction.shown_without(secrets)
    }
}

/// Shows the headers and the parameters of the query that may be shown, and the size of the body.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &shown.url(&self.url))
            .field("headers", &shown.headers(&self.headers).collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
