//! A request, as a transport receives it.

use std::fmt;

use http::{HeaderMap, Method};
use url::Url;

use crate::describe::Operation;
use crate::message::Body;
use crate::redact::{self, UrlMask};

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
    pub(crate) mask: UrlMask,
}

/// Shows neither header values, nor query values, nor the content of the body, nor a [`Secret`](crate::Secret) in the path.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.mask.url(&self.url))
            .field("headers", &redact::names(&self.headers))
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
