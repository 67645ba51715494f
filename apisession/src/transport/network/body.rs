//! The bodies of requests and responses.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method, Version};
use http_body::{Frame, SizeHint};

use super::connections::Claim;
use crate::error::{BoxError, Head};
use crate::message::{Body, Response, StreamFailure, method};
use crate::transport::BodyFailed;

/// Adds the header that a request without a body needs. hyper sends it by itself over HTTP/2 alone, and servers respond with 411
/// without it.
pub(in crate::transport) fn add_length(headers: &mut HeaderMap, method: &Method, body: &Body) {
    if body.is_empty() && method::has_content(method) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

/// A request that was sent, until its response was read.
pub(in crate::transport) struct Pending {
    /// Why the body of the request failed, which may still be sent while the response is read.
    pub(in crate::transport) request_body: Option<StreamFailure>,
    /// Its connection, if their number is limited.
    pub(in crate::transport) claim: Option<Claim>,
}

impl Pending {
    /// The response with the chunks of a stream, whose errors `broken` converts. They must not contain the URL.
    pub(in crate::transport) fn response<S, E>(
        mut self,
        head: Head,
        length: Option<u64>,
        stream: S,
        broken: fn(E) -> BoxError,
    ) -> Response
    where
        S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
        E: 'static,
    {
        self.claim = self.claim.map(|claim| claim.with_head(head.version, &head.headers));
        // With HTTP/2, the end of a stream follows the last byte, and is still to be read.
        let ends_by_length = head.version <= Version::HTTP_11;
        let chunks = Chunks { stream, remaining: length, ends_by_length, broken, pending: self };
        Response::from_parts(head, Body::incoming(chunks))
    }
}

/// The body of a response.
struct Chunks<S, E> {
    stream: S,
    /// The remaining length, if the response has one.
    remaining: Option<u64>,
    /// Whether nothing more is read once nothing remains.
    ends_by_length: bool,
    broken: fn(E) -> BoxError,
    pending: Pending,
}

impl<S, E> Chunks<S, E> {
    fn error(&self, error: E) -> BoxError {
        match self.pending.request_body.as_ref().and_then(StreamFailure::take) {
            Some(source) => BodyFailed(source).into(),
            None => (self.broken)(error),
        }
    }

    /// Releases the claim if the whole body has arrived.
    fn release_at_end(&mut self) {
        if let Some(claim) = self.pending.claim.take_if(|_| self.remaining == Some(0)) {
            claim.release();
        }
    }
}

impl<S: Stream<Item = Result<Bytes, E>> + Unpin, E> Stream for Chunks<S, E> {
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
                (self.remaining, self.pending.claim) = (None, None);
            }
            None => self.remaining = Some(0),
        }
        self.release_at_end();
        Poll::Ready(next.map(|chunk| chunk.map_err(|error| self.error(error))))
    }
}

impl<S, E> Drop for Chunks<S, E> {
    fn drop(&mut self) {
        // A response without a body is complete even if it was never read.
        self.release_at_end();
    }
}

/// The body of a request, as hyper reads it.
pub(in crate::transport) struct Outgoing(pub(in crate::transport) Body);

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

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
