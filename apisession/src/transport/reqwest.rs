//! The default transport. Everything that reqwest would do on its own is turned off: redirects, retries,
//! the Referer, proxies from the environment, and decompression are the send loop's to decide.

use std::error::Error as _;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use reqwest::{redirect, retry};

use super::{Failure, NotHttp, Reply, Transport};
use crate::body::Body;
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::request::Request;
use crate::response::Response;

/// Sends requests with reqwest, over HTTP/1.1 and HTTP/2.
///
/// An answer may have at most 100 headers.
#[derive(Clone)]
pub struct Reqwest {
    client: reqwest::Client,
    connect_timeout: Duration,
}

const MAX_HEADERS: usize = 100;
const MAX_HEADER_LIST: u32 = 64 * 1024;

impl Reqwest {
    /// A transport with a pool of its own, which has to make a connection in `connect_timeout` and keeps an idle one for
    /// `pool_idle_timeout`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if TLS can't be set up, such as on a machine without root
    /// certificates.
    pub fn new(connect_timeout: Duration, pool_idle_timeout: Duration) -> Result<Self> {
        Self::with(reqwest::Client::builder(), connect_timeout, pool_idle_timeout)
    }

    /// The same, over a builder of reqwest's, whose own redirects, retries, Referer and proxies from the environment are
    /// turned off.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and whatever else is wrong with the builder.
    pub fn with(
        builder: reqwest::ClientBuilder,
        connect_timeout: Duration,
        pool_idle_timeout: Duration,
    ) -> Result<Self> {
        let client = builder
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(pool_idle_timeout)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST)
            .build()
            .map_err(|error| {
                Error::new(ErrorKind::Configuration, "the HTTP client can't be set up")
                    .caused_by(error.without_url().into())
            })?;
        Ok(Self { client, connect_timeout })
    }
}

impl Transport for Reqwest {
    fn send(&self, request: Request) -> Reply<'_> {
        Box::pin(async move {
            let response = self.client.execute(outgoing(request)).await;
            let response = response.map_err(|error| failure(error, self.connect_timeout))?;
            Ok(incoming(response))
        })
    }
}

fn outgoing(request: Request) -> reqwest::Request {
    let mut outgoing = reqwest::Request::new(request.method, request.url);
    *outgoing.headers_mut() = request.headers;
    *outgoing.body_mut() = match request.body.as_bytes() {
        Some(bytes) if bytes.is_empty() => None,
        Some(bytes) => Some(bytes.clone().into()),
        None => Some(reqwest::Body::wrap(Outgoing(request.body))),
    };
    outgoing
}

fn incoming(mut response: reqwest::Response) -> Response {
    let status = response.status();
    let version = response.version();
    let headers = std::mem::take(response.headers_mut());
    Response::from_parts(status, version, headers, Body::incoming(Chunks(response.bytes_stream())))
}

/// The body of an answer, with errors that don't name the URL.
struct Chunks<S>(S);

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Stream for Chunks<S> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map_err(|error| {
            let error = error.without_url();
            let is_broken = |error: &io::Error| {
                matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)
            };
            if caused_by(&error).is_some_and(is_broken) { NotHttp(error.into()).into() } else { error.into() }
        })
    }
}

/// The body of a request that is a stream.
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

/// What the stream of a request's body reports.
#[derive(Debug, thiserror::Error)]
#[error("the stream of the body failed")]
struct StreamFailed(#[source] BoxError);

/// What is known after a failure of reqwest's. That a connection could not be made proves that nothing was sent, and
/// HTTP/2 has two ways to say that nothing was processed (RFC 9113 §8.7).
fn failure(error: reqwest::Error, connect_timeout: Duration) -> Failure {
    // The URL may hold secrets in its query; our own error names it, redacted.
    let error = error.without_url();
    if error.is_connect() && error.is_timeout() {
        let message = format!("no connection within {connect_timeout:?} (`connect_timeout`)");
        Failure { kind: ErrorKind::Timeout, message: message.into(), ..Failure::not_sent(error) }
    } else if error.is_connect() {
        Failure::not_sent(error)
    } else if caused_by(&error).is_some_and(is_unprocessed) {
        Failure::rejected(error)
    } else if caused_by(&error).is_some_and(hyper::Error::is_parse) {
        let message = "the answer breaks the rules of HTTP";
        Failure { kind: ErrorKind::Protocol, ..Failure::of(message, error.into()) }
    } else if caused_by::<StreamFailed>(&error).is_some() {
        Failure::of("the body of the request could not be read", error.into())
    } else {
        Failure::unknown(error)
    }
}

/// `REFUSED_STREAM`, or a GOAWAY without an error below our stream.
fn is_unprocessed(error: &h2::Error) -> bool {
    let reason = error.reason();
    let refused = error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM);
    let gone_away = error.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (refused || gone_away)
}

/// The cause of this type, however deep.
fn caused_by<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reqwest")
    }
}
