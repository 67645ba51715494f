//! Converts requests to those of reqwest, and responses from those of reqwest.

use crate::error::Head;
use crate::message::{Request, Response};
use crate::transport::network::{Outgoing, Pending, add_length, body_error};

pub(super) fn outgoing(mut request: Request) -> reqwest::Request {
    add_length(&mut request.headers, &request.method, &request.body);
    let mut outgoing = reqwest::Request::new(request.method, request.url);
    *outgoing.headers_mut() = request.headers;
    *outgoing.body_mut() = match request.body.as_bytes() {
        Some(bytes) if bytes.is_empty() => None,
        Some(bytes) => Some(bytes.clone().into()),
        None => Some(reqwest::Body::wrap(Outgoing(request.body))),
    };
    outgoing
}

pub(super) fn incoming(mut response: reqwest::Response, pending: Pending) -> Response {
    let (status, version) = (response.status(), response.version());
    let headers = std::mem::take(response.headers_mut());
    let length = response.content_length();
    let broken = |error: reqwest::Error| body_error(error.without_url().into());
    let head = Head { status, version, headers, sent: None };
    pending.response(head, length, response.bytes_stream(), broken)
}
