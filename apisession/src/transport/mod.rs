//! Transports: send one request, return one response.
//!
//! `Reqwest` is the default, `Hyper` is faster, [`Memory`] is for tests without a network, and an extender can write another. A transport does
//! not retry, follow redirects, or read bodies: the send loop does.

// Without a transport over sockets, nothing reads their options.
#![cfg_attr(
    not(any(feature = "hyper", feature = "reqwest")),
    allow(dead_code, unused_imports, unused_macros)
)]

// It imports `limit`, `message` and what is below them.

#[cfg(not(feature = "reqwest"))]
mod absent;
#[cfg(feature = "cookies")]
pub(crate) mod cookies;
#[cfg(any(feature = "__tls", feature = "cookies", feature = "sign-in"))]
pub(crate) mod file;
mod memory;
#[cfg(feature = "hyper")]
mod hyper;
#[doc(hidden)]
pub mod middleware;
pub(crate) mod mount;
pub(crate) mod network;
mod no_proxy;
#[cfg(any(feature = "cookies", feature = "sign-in"))]
pub(crate) mod private_file;
mod proxy;
#[cfg(any(feature = "__tls", feature = "cookies", feature = "sign-in"))]
pub(crate) mod replace;
#[cfg(feature = "reqwest")]
mod reqwest;
#[doc(hidden)]
pub mod tls;
pub(crate) mod wrapping;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "reqwest")]
pub use ::reqwest::ClientBuilder;
use futures_core::future::BoxFuture;
use url::Url;

#[cfg(not(feature = "reqwest"))]
pub(crate) use self::absent::OwnClient;
#[cfg(feature = "hyper")]
pub use self::hyper::Hyper;
pub use self::memory::Memory;
pub use self::network::Network;
pub use self::network::resolver::Resolve;
pub use self::proxy::Proxies;
#[cfg(feature = "reqwest")]
pub(crate) use self::reqwest::OwnClient;
#[cfg(feature = "reqwest")]
pub use self::reqwest::Reqwest;
use crate::encode::origin;
use crate::error::{BoxError, Error, ErrorKind, Outcome};
use crate::message::{Request, Response, StreamFailure};
use crate::redact::Secret;

/// The transport of a session that sets none.
pub(crate) fn default() -> Result<Arc<dyn Transport>, Error> {
    #[cfg(feature = "reqwest")]
    return Ok(Arc::new(Reqwest::new()));
    #[cfg(all(feature = "hyper", not(feature = "reqwest")))]
    return Ok(Arc::new(Hyper::new()));
    #[cfg(not(any(feature = "hyper", feature = "reqwest")))]
    Err(Error::configuration(
        "no transport is built in; enable the feature `reqwest` or `hyper` of `apisession`, or set `transport`",
    ))
}

/// Sends one request and returns the head of its response. The body may still be on its way.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`. Dropping the future stops it, and closes what was opened for it.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>>;

    /// Whether others could read a request to `url` on its way. A credential that they could reuse is then not sent.
    ///
    /// Default: over plain HTTP to another machine. A transport that uses proxies returns `true` also for plain HTTP to this machine
    /// through a proxy. One that wraps another transport passes on the question.
    fn is_exposed(&self, url: &Url) -> bool {
        origin::is_plain_remote(url)
    }

    /// Closes the connections that are idle. Requests under way are completed, and later ones open connections anew. It is called at the
    /// end of a session, by `close` and `scope`. Does nothing by default.
    fn close_idle(&self) {}

    /// Returns this transport with the options of a session that concern its connections. It is called when a session is built, except
    /// for a transport in an `Arc`, which is shared as it is.
    ///
    /// Default: `None`, for a transport that takes no options. A session that sets one is then not built.
    fn with_network(&self, network: &Network) -> Option<Arc<dyn Transport>> {
        let _ = network;
        None
    }

    /// Prepares the transport, and reads its files. It is called when a session is built. Does nothing by default.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if an option can't be used.
    fn prepare(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Returns the secrets that the transport itself adds to a request to `url`, such as the password of a proxy, which errors mask if
    /// a response repeats them. Default: none.
    fn secrets(&self, url: &Url) -> Vec<Secret> {
        let _ = url;
        Vec::new()
    }
}

/// A transport that several sessions share, or that the caller keeps.
impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        (**self).send(request)
    }

    fn is_exposed(&self, url: &Url) -> bool {
        (**self).is_exposed(url)
    }

    fn close_idle(&self) {
        (**self).close_idle();
    }

    fn prepare(&self) -> Result<(), Error> {
        (**self).prepare()
    }

    fn secrets(&self, url: &Url) -> Vec<Secret> {
        (**self).secrets(url)
    }
}

/// A response that is not valid HTTP. A retry would get the same.
#[derive(Debug)]
pub(crate) struct NotHttp(pub(crate) BoxError);

/// A connection was closed before anything of the request was written to it.
#[derive(Debug)]
pub(crate) struct Unwritten(pub(crate) BoxError);

/// The stream of the request's body failed while the response was read.
#[derive(Debug)]
pub(crate) struct BodyFailed(pub(crate) BoxError);

/// The message of a cause, and what has caused it in turn.
macro_rules! cause {
    ($name:ident, $message:literal) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($message)
            }
        }

        impl ::std::error::Error for $name {
            fn source(&self) -> Option<&(dyn ::std::error::Error + 'static)> {
                Some(&*self.0)
            }
        }
    };
}

use cause;

cause!(NotHttp, "the response is not valid HTTP");
cause!(Unwritten, "the connection was closed while it was idle");
cause!(BodyFailed, "the body of the request can't be read");

/// Why there is no response.
pub struct Failure {
    pub(crate) outcome: Outcome,
    pub(crate) kind: ErrorKind,
    pub(crate) message: Cow<'static, str>,
    pub(crate) source: BoxError,
}

impl Failure {
    /// Creates a failure before the first byte of the request was sent. Use it only where that is proven.
    #[must_use]
    pub fn not_sent(source: impl Into<BoxError>) -> Self {
        let message = "no connection could be made";
        Self { outcome: Outcome::NotSent, kind: ErrorKind::Connect, ..Self::new(message, source.into()) }
    }

    /// Creates a failure by which the server reports that it did not process the request, such as HTTP/2's `REFUSED_STREAM`.
    #[must_use]
    pub fn rejected(source: impl Into<BoxError>) -> Self {
        let message = "the server closed the connection without processing the request";
        Self { outcome: Outcome::Rejected, ..Self::new(message, source.into()) }
    }

    /// Creates a failure after which the server may have processed the request.
    #[must_use]
    pub fn unknown(source: impl Into<BoxError>) -> Self {
        Self::new("the connection was lost before there was a response", source.into())
    }

    /// The same, unless the stream of the request's body has failed. That is judged first, and none of its causes: they
    /// belong to another call.
    pub(crate) fn or_of_body(self, body: Option<&StreamFailure>) -> Self {
        match body.and_then(StreamFailure::take) {
            Some(source) => {
                let message = "the body of the request can't be read";
                Self { kind: ErrorKind::RequestBody, ..Self::new(message, source) }
            }
            None => self,
        }
    }

    pub(crate) fn new(message: impl Into<Cow<'static, str>>, source: BoxError) -> Self {
        Self { outcome: Outcome::Unknown, kind: ErrorKind::Transport, message: message.into(), source }
    }
}

/// Does not show the cause, which is any error of a transport, and can quote the request.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outcome, kind, message, .. } = self;
        f.debug_struct("Failure")
            .field("outcome", outcome)
            .field("kind", kind)
            .field("message", message)
            .finish_non_exhaustive()
    }
}
