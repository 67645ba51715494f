//! Converts requests to those of reqwest, and responses from those of reqwest.

use crate::error::Head;
use crate::message::{Body, Request, Response, StreamFailure};
use crate::transport::network::connections::Claim;
use crate::transport::network::{Chunks, Outgoing, body_error, content_length};

pub(super) fn outgoing(request: Request) -> reqwest::Request {
    let mut outgoing = reqwest::Request::new(request.method, request.url);
    *outgoing.headers_mut() = request.headers;
    if let Some((name, length)) = content_length(outgoing.method(), &request.body) {
        outgoing.headers_mut().insert(name, length);
    }
    *outgoing.body_mut() = match request.body.as_bytes() {
        Some(bytes) if bytes.is_empty() => None,
        Some(bytes) => Some(bytes.clone().into()),
        None => Some(reqwest::Body::wrap(Outgoing(request.body))),
    };
    outgoing
}

pub(super) fn incoming(
    mut response: reqwest::Response,
    request_body: Option<StreamFailure>,
    claim: Option<Claim>,
) -> Response {
    let (status, version) = (response.status(), response.version());
    let headers = std::mem::take(response.headers_mut());
    let claim = claim.map(|claim| claim.with_head(version, &headers));
    let length = response.content_length();
    let broken = |error: reqwest::Error| body_error(error.without_url().into());
    let chunks = Chunks::new(response.bytes_stream(), length, version, broken, request_body, claim);
    Response::from_parts(Head { status, version, headers, sent: None }, Body::incoming(chunks))
}
