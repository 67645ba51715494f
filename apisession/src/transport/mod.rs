//! The border to the network: one request in, one answer out.
//!
//! [`Reqwest`] is the default, [`Memory`] is for tests without a network, and an extender can write
//! another. A transport does not retry, follow redirects, or read bodies: the send loop does.

mod connections;
mod memory;
mod reqwest;

pub use ::reqwest::ClientBuilder;
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

pub use self::memory::Memory;
pub use self::reqwest::{Reqwest, ReqwestBuilder};
use crate::error::{BoxError, ErrorKind, Outcome};
use crate::request::Request;
use crate::response::Response;

/// What a transport returns: an answer on its way.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send + 'a>>;

/// Sends one request and brings the head of its answer; the body may still be on its way.
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`. Dropping the future gives up and closes what was opened for it.
    fn send(&self, request: Request) -> Reply<'_>;
}

/// An answer that breaks the rules of HTTP, which it will do again.
#[derive(Debug, thiserror::Error)]
#[error("the answer breaks the rules of HTTP")]
pub(crate) struct NotHttp(#[source] pub(crate) BoxError);

/// Why there is no answer.
#[derive(Debug)]
pub struct Failure {
    pub(crate) outcome: Outcome,
    pub(crate) kind: ErrorKind,
    pub(crate) message: Cow<'static, str>,
    pub(crate) source: BoxError,
}

impl Failure {
    /// A failure before the first byte of the request was sent: say it only where it is proven.
    #[must_use]
    pub fn not_sent(source: impl Into<BoxError>) -> Self {
        let message = "no connection could be made";
        Self { outcome: Outcome::NotSent, kind: ErrorKind::Connect, ..Self::of(message, source.into()) }
    }

    /// A failure that says that the server did not process the request, such as HTTP/2's `REFUSED_STREAM`.
    #[must_use]
    pub fn rejected(source: impl Into<BoxError>) -> Self {
        let message = "the server let the connection go without processing the request";
        Self { outcome: Outcome::Rejected, ..Self::of(message, source.into()) }
    }

    /// A failure after which the server may have seen, and acted on, the request.
    #[must_use]
    pub fn unknown(source: impl Into<BoxError>) -> Self {
        Self::of("the connection broke before an answer came", source.into())
    }

    /// Whether another attempt can end otherwise.
    pub(crate) fn can_help(&self) -> bool {
        use ErrorKind::*;
        !matches!(
            self.kind,
            Protocol
                | Tls
                | CertificateExpired
                | CertificateNotYetValid
                | CertificateNotPinned
                | CertificateSelfSigned
                | CertificateUnknownIssuer
                | CertificateWrongName
        )
    }

    pub(crate) fn of(message: impl Into<Cow<'static, str>>, source: BoxError) -> Self {
        Self { outcome: Outcome::Unknown, kind: ErrorKind::Transport, message: message.into(), source }
    }
}
