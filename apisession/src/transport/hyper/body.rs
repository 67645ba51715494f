//! Converts requests to those of hyper, and responses from those of hyper.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::Uri;
use http::header::PROXY_AUTHORIZATION;
use http_body::Body as _;
use hyper::body::Incoming;
use url::Url;

use super::connection::Idle;
use crate::error::{ErrorKind, Head};
use crate::message::{Body, Request, Response, StreamFailure};
use crate::transport::Failure;
use crate::transport::network::connections::Claim;
use crate::transport::network::{Chunks, Outgoing, body_error, content_length, keep_alive};
use crate::transport::proxy;

/// The request, which goes through `proxy` if there is one.
pub(super) fn outgoing(request: Request, proxy: Option<&Url>) -> Result<http::Request<Outgoing>, Failure> {
    let Request { method, url, mut headers, body, .. } = request;
    if let Some((name, length)) = content_length(&method, &body) {
        headers.insert(name, length);
    }
    // A tunnel gets it with `CONNECT`.
    let forwarding = proxy.filter(|proxy| url.scheme() == "http" && proxy.scheme().starts_with("http"));
    if let Some(authorization) = forwarding.and_then(proxy::authorization) {
        headers.entry(PROXY_AUTHORIZATION).or_insert(authorization);
    }
    let uri = Uri::from_maybe_shared(Bytes::from(String::from(url))).map_err(|error| {
        let message = "the URL can't be sent: it is too long, or has a host that is no name".into();
        Failure { kind: ErrorKind::Argument, message, ..Failure::not_sent(error) }
    })?;
    let mut outgoing = http::Request::new(Outgoing(body));
    *outgoing.method_mut() = method;
    *outgoing.uri_mut() = uri;
    *outgoing.headers_mut() = headers;
    Ok(outgoing)
}

/// The response, whose connection its client keeps for `idle`.
pub(super) fn incoming(
    response: http::Response<Incoming>,
    idle: Duration,
    request_body: Option<StreamFailure>,
    claim: Option<Claim>,
) -> Response {
    let (http::response::Parts { status, version, headers, extensions, .. }, body) = response.into_parts();
    let claim = claim.map(|claim| claim.with_head(version, &headers));
    let length = body.size_hint().exact();
    let announced = keep_alive::idle_time(version, &headers).filter(|announced| *announced < idle);
    let until_idle = announced.zip(extensions.get::<Arc<Idle>>()).map(|(announced, connection)| UntilIdle {
        uses: connection.uses(),
        connection: Arc::clone(connection),
        announced,
    });
    let frames = Frames { body, until_idle };
    let broken = |error: hyper::Error| body_error(error.into());
    let chunks = Chunks::new(frames, length, version, broken, request_body, claim);
    Response::from_parts(Head { status, version, headers, sent: None }, Body::incoming(chunks))
}

/// The body of a response.
struct Frames {
    body: Incoming,
    /// Its connection, if the server has announced for how long it keeps it.
    until_idle: Option<UntilIdle>,
}

/// Starts the idle time of a connection when it is dropped.
struct UntilIdle {
    connection: Arc<Idle>,
    /// How often the connection was used when the response arrived.
    uses: u64,
    announced: Duration,
}

impl Drop for UntilIdle {
    fn drop(&mut self) {
        self.connection.start(self.uses, self.announced);
    }
}

impl Stream for Frames {
    type Item = Result<Bytes, hyper::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(context)).transpose()?;
            if frame.is_none() || self.body.is_end_stream() {
                self.until_idle = None;
            }
            // Trailers are ignored.
            match frame.map(http_body::Frame::into_data) {
                Some(Err(_)) => {}
                Some(Ok(data)) => return Poll::Ready(Some(Ok(data))),
                None => return Poll::Ready(None),
            }
        }
    }
}
