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

use super::connection::{Idle, UntilRead};
use crate::error::{ErrorKind, Head};
use crate::message::{Request, Response};
use crate::transport::Failure;
use crate::transport::network::{Outgoing, Pending, add_length, body_error, keep_alive};
use crate::transport::proxy;

/// The request, which goes through `proxy` if there is one.
pub(super) fn outgoing(request: Request, proxy: Option<&Url>) -> Result<http::Request<Outgoing>, Failure> {
    let Request { method, url, mut headers, body, .. } = request;
    add_length(&mut headers, &method, &body);
    // The proxy of a tunnel gets it with `CONNECT`.
    let forwarding = proxy.filter(|_| proxy::forwards(proxy, &url));
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
pub(super) fn incoming(response: http::Response<Incoming>, idle: Duration, pending: Pending) -> Response {
    let (http::response::Parts { status, version, headers, extensions, .. }, body) = response.into_parts();
    let length = body.size_hint().exact();
    let announced = keep_alive::idle_time(version, &headers).filter(|announced| *announced < idle);
    let connection = extensions.get::<Arc<Idle>>();
    let until_read = connection.zip(announced).map(|(connection, time)| connection.after_response(time));
    let head = Head { status, version, headers, sent: None };
    pending.response(head, length, Frames { body, until_read }, |error| body_error(error.into()))
}

/// The body of a response.
struct Frames {
    body: Incoming,
    /// Its connection, if the server has announced for how long it keeps it.
    until_read: Option<UntilRead>,
}

impl Stream for Frames {
    type Item = Result<Bytes, hyper::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let frame = ready!(Pin::new(&mut self.body).poll_frame(context)).transpose()?;
            if frame.is_none() || self.body.is_end_stream() {
                self.until_read = None;
            }
            // Trailers are ignored.
            if let Ok(data) = frame.map(http_body::Frame::into_data).transpose() {
                return Poll::Ready(data.map(Ok));
            }
        }
    }
}
