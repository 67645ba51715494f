//! The default transport. Everything that reqwest would do on its own is turned off: redirects, retries,
//! the Referer, proxies from the environment, and decompression are the send loop's to decide.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use reqwest::{redirect, retry};

use super::{Failure, Reply, Transport};
use crate::body::Body;
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::request::Request;
use crate::response::Response;

/// Sends requests with reqwest, over HTTP/1.1 and HTTP/2.
///
/// Idle connections are kept for 4 seconds, below the keep-alive of common servers; an answer may have at
/// most 100 headers.
#[derive(Clone)]
pub struct Reqwest {
    client: reqwest::Client,
}

const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);
const MAX_HEADERS: usize = 100;
const MAX_HEADER_LIST: u32 = 64 * 1024;

impl Reqwest {
    /// A transport with a pool of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if TLS can't be set up, such as on a machine without root
    /// certificates.
    pub fn new(connect_timeout: Duration) -> Result<Self> {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST)
            .build()
            .map_err(|error| {
                Error::new(ErrorKind::Configuration, "the HTTP client can't be set up")
                    .caused_by(error.without_url().into())
            })?;
        Ok(Self { client })
    }
}

impl Transport for Reqwest {
    fn send(&self, request: Request) -> Reply<'_> {
        Box::pin(async move {
            let response = self.client.execute(outgoing(request)).await.map_err(failure)?;
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
        None => Some(reqwest::Body::wrap_stream(request.body)),
    };
    outgoing
}

fn incoming(mut response: reqwest::Response) -> Response {
    let status = response.status();
    let version = response.version();
    let headers = std::mem::take(response.headers_mut());
    Response::from_parts(status, version, headers, Body::stream(Chunks(response.bytes_stream())))
}

/// The body of an answer, with errors that don't name the URL.
struct Chunks<S>(S);

impl<S: Stream<Item = reqwest::Result<Bytes>> + Unpin> Stream for Chunks<S> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.0).poll_next(context);
        next.map_err(|error| error.without_url().into())
    }
}

/// A failure to connect is the only one of reqwest's that proves that nothing was sent.
fn failure(error: reqwest::Error) -> Failure {
    // The URL may hold secrets in its query; our own error names it, redacted.
    let error = error.without_url();
    if error.is_connect() { Failure::not_sent(error) } else { Failure::unknown(error) }
}

impl fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reqwest")
    }
}
