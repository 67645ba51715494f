//! Requests to reqwest's, and responses from them.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};

use super::connections::Occupancy;
use super::failure::{StreamFailed, broken};
use crate::error::{BoxError, Head};
use crate::message::{Body, Request, Response};

pub(super) fn outgoing(request: Request) -> reqwest::Request {
    let mut outgoing = reqwest::Request::new(request.method, request.url);
    *outgoing.headers_mut() = request.headers;
    *outgoing.body_mut() = match request.body.as_bytes() {
        Some(bytes) if bytes.is_empty() => None,
        Some(bytes) => Some(bytes.clone().into()),
        None => Some(reqwest::Body::wrap(Outgoing(request.body))),
    };
    outgoing
}

pub(super) fn incoming(mut response: reqwest::Response, occupancy: Option<Occupancy>) -> Response {
    let (status, version) = (response.status(), response.version());
    let headers = std::mem::take(response.headers_mut());
    let occupancy = occupancy.map(|occupancy| occupancy.after_head(version, &headers));
    let left = response.content_length();
    let chunks = Chunks { stream: response.bytes_stream(), left, occupancy };
    Response::from_parts(Head { status, version, headers, sent: None }, Body::incoming(chunks))
}

/// The body of a response, whose errors don't contain the URL.
struct Chunks<S> {
    stream: S,
    /// The remaining length, if it is known.
    left: Option<u64>,
    occupancy: Option<Occupancy>,
}

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Stream for Chunks<S> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(Pin::new(&mut self.stream).poll_next(context));
        match &next {
            Some(Ok(piece)) => {
                let read = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.left = self.left.map(|left| left.saturating_sub(read));
            }
            Some(Err(_)) => {
                // The connection is closed.
                (self.left, self.occupancy) = (None, None);
            }
            None => self.left = Some(0),
        }
        self.leave();
        Poll::Ready(next.map(|piece| piece.map_err(|error| broken(error.without_url()))))
    }
}

impl<S> Chunks<S> {
    /// Gives the connection to another request, if nothing more is to be received.
    fn leave(&mut self) {
        if let Some(occupancy) = self.occupancy.take_if(|_| self.left == Some(0)) {
            occupancy.leave();
        }
    }
}

impl<S> Drop for Chunks<S> {
    fn drop(&mut self) {
        // A response without a body need not be read.
        self.leave();
    }
}

/// A request body that is a stream.
struct Outgoing(Body);

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = StreamFailed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StreamFailed>>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map(|piece| piece.map(|piece| piece.map(Frame::data).map_err(StreamFailed)))
    }

    fn size_hint(&self) -> SizeHint {
        self.0.length().map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
