//! A request as a transport sees it: everything decided, nothing sent.

use std::fmt;

use http::{HeaderMap, Method};
use url::Url;

use crate::body::Body;
use crate::operation::Operation;
use crate::redact;

/// One HTTP request, ready for a [`Transport`](crate::transport::Transport).
///
/// `.build()` on a call gives it, with everything but the credential.
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// The headers, the session's included.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The operation behind the request, if it was declared.
    pub operation: Option<&'static Operation>,
}

impl Request {
    /// The same request again; whether its body can be sent again is the body's to say.
    pub(crate) fn replay(&self) -> Self {
        Self {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.replay(),
            operation: self.operation,
        }
    }
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
