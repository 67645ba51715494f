//! A request as a transport receives it: everything is decided, nothing is sent.

use std::fmt;

use http::{HeaderMap, Method};
use url::Url;

use crate::describe::Operation;
use crate::message::Body;
use crate::redact;

/// One HTTP request, ready for a [`Transport`](crate::transport::Transport).
///
/// [`Call::build`](crate::Call::build) returns it without its credential.
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// The headers, with those of the session.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The operation behind the request, if it was declared.
    pub operation: Option<&'static Operation>,
}

/// Shows neither header values nor query values nor the body.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &redact::url(&self.url, false))
            .field("headers", &redact::names(&self.headers))
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
