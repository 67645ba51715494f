//! What the request of each attempt is made of.

use std::mem;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};

use crate::decode;
use crate::error::Exchange;
use crate::message::{Body, Request};

/// What the request of each attempt is made of. Its method and its URL are those of the exchange.
pub(super) struct Draft {
    /// Those of the session, until something changes them.
    pub(super) headers: Arc<HeaderMap>,
    /// The type of the body, if no header sets it.
    pub(super) content_type: Option<&'static str>,
    /// What the response may be, if no header sets it.
    pub(super) accept: Option<&'static str>,
    pub(super) body: Body,
}

/// How many headers are added to a request: the types of the body and of the response, and the credential. The last one stays free: reqwest
/// looks for its own headers in a way that makes room for one.
const ROOM: usize = 4;

impl Draft {
    /// The request of one attempt. The draft stays for the next.
    pub(super) fn request(&self, exchange: &Exchange) -> Request {
        // A clone has no room for what is added.
        let mut headers = HeaderMap::with_capacity(self.headers.len() + ROOM);
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        made(headers, (self.content_type, self.accept), self.body.replay(), exchange)
    }

    /// The request itself, to be changed; nothing stays.
    pub(super) fn take_request(&mut self, exchange: &Exchange) -> Request {
        let headers = Arc::unwrap_or_clone(mem::take(&mut self.headers));
        made(headers, (self.content_type.take(), self.accept.take()), mem::take(&mut self.body), exchange)
    }
}

impl From<Request> for Draft {
    fn from(request: Request) -> Self {
        Self { headers: Arc::new(request.headers), content_type: None, accept: None, body: request.body }
    }
}

fn made(
    mut headers: HeaderMap,
    (content_type, accept): (Option<&'static str>, Option<&'static str>),
    body: Body,
    exchange: &Exchange,
) -> Request {
    if let Some(accept) = accept {
        headers.entry(header::ACCEPT).or_insert(media_type(accept));
    }
    if let Some(content_type) = content_type {
        headers.entry(header::CONTENT_TYPE).or_insert(media_type(content_type));
    }
    let Exchange { operation, method, url, redaction, .. } = exchange;
    Request {
        method: method.clone(),
        url: url.clone(),
        headers,
        body,
        operation: *operation,
        redaction: redaction.clone(),
    }
}

/// A media type as the value of a header. Each byte of it is checked, but those of JSON, which most are, only when this is compiled.
pub(super) fn media_type(text: &'static str) -> HeaderValue {
    const JSON: HeaderValue = HeaderValue::from_static(decode::JSON);
    if text == decode::JSON { JSON } else { HeaderValue::from_static(text) }
}
