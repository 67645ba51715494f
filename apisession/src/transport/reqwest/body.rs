//! Converts requests to those of reqwest, and responses from those of reqwest.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Version};
use http_body::{Frame, SizeHint};

use super::connections::Claim;
use super::failure::body_error;
use crate::error::{BoxError, Head};
use crate::message::{Body, Request, Response, StreamFailure, method};
use crate::transport::BodyFailed;

pub(super) fn outgoing(request: Request) -> reqwest::Request {
    let mut outgoing = reqwest::Request::new(request.method, request.url);
    *outgoing.headers_mut() = request.headers;
    if request.body.is_empty() && method::has_content(outgoing.method()) {
        // hyper sends it by itself over HTTP/2 alone, and servers respond with 411 without it.
        outgoing.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
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
    // With HTTP/2, the end of a stream follows the last byte, and is still to be read.
    let ends_by_length = version <= Version::HTTP_11;
    let remaining = response.content_length();
    let chunks = Chunks { stream: response.bytes_stream(), remaining, ends_by_length, request_body, claim };
    Response::from_parts(Head { status, version, headers, sent: None }, Body::incoming(chunks))
}

/// The body of a response, whose errors don't contain the URL.
struct Chunks<S> {
    stream: S,
    /// The remaining length, if the response has one.
    remaining: Option<u64>,
    /// Whether nothing more is read once nothing remains.
    ends_by_length: bool,
    /// Why the body of the request failed, which may still be sent while the response is read.
    request_body: Option<StreamFailure>,
    claim: Option<Claim>,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Stream for Chunks<S> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ends_by_length && self.remaining == Some(0) {
            self.release_at_end();
            return Poll::Ready(None);
        }
        let next = ready!(Pin::new(&mut self.stream).poll_next(context));
        match &next {
            Some(Ok(chunk)) => {
                let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(length));
            }
            Some(Err(_)) => {
                // The connection is closed, so it does not return to the pool.
                (self.remaining, self.claim) = (None, None);
            }
            None => self.remaining = Some(0),
        }
        self.release_at_end();
        Poll::Ready(next.map(|chunk| chunk.map_err(|error| self.error(error))))
    }
}

impl<S> Chunks<S> {
    fn error(&self, error: reqwest::Error) -> BoxError {
        match self.request_body.as_ref().and_then(StreamFailure::take) {
            Some(source) => BodyFailed(source).into(),
            None => body_error(error.without_url()),
        }
    }

    /// Releases the claim if the whole body has arrived.
    fn release_at_end(&mut self) {
        if let Some(claim) = self.claim.take_if(|_| self.remaining == Some(0)) {
            claim.release();
        }
    }
}

impl<S> Drop for Chunks<S> {
    fn drop(&mut self) {
        // A response without a body is complete even if it was never read.
        self.release_at_end();
    }
}

/// A request body that is a stream.
struct Outgoing(Body);

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = self.0.poll_piece(context);
        next.map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.0.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
