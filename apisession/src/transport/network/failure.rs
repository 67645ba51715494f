//! Converts errors of connections and requests to failures.

use std::borrow::Cow;
use std::error::Error as _;
use std::fmt;
use std::io;
use std::time::Duration;

use http::StatusCode;

use super::limit::{MAX_HEAD, MAX_HEADER_LIST, MAX_HEADERS};
use crate::error::{BoxError, ErrorKind, Outcome};
use crate::transport::{Failure, NotHttp, Unwritten, tls};

/// What a transport knows of an error.
#[derive(Clone, Copy, Default)]
pub(in crate::transport) struct Signs {
    /// Whether no connection was made.
    pub(in crate::transport) is_connect: bool,
    /// Whether it was not made in time.
    pub(in crate::transport) is_timeout: bool,
    /// Whether a name could not be resolved.
    pub(in crate::transport) is_dns: bool,
    /// Whether the connection was closed before the first byte of the request was written.
    pub(in crate::transport) never_started: bool,
    /// Whether the connection had served another request.
    pub(in crate::transport) is_from_pool: bool,
}

/// A proxy has responded to a `CONNECT`, and has not opened a tunnel. The status is that of its response, if it is HTTP.
#[derive(Debug)]
pub(in crate::transport) struct Refused(pub(in crate::transport) Option<StatusCode>);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proxy has opened no tunnel")
    }
}

impl std::error::Error for Refused {}

/// Converts an error of a request, which may go through a proxy. If no connection was made, nothing was sent. HTTP/2 has two signals that a request was
/// not processed (RFC 9113 §8.7).
pub(in crate::transport) fn failure(
    signs: Signs,
    is_proxied: bool,
    error: BoxError,
    connect_timeout: Duration,
) -> Failure {
    let Signs { is_connect, is_timeout, is_dns, never_started, is_from_pool } = signs;
    let tls = causes(&*error).find_map(tls::failure_of);
    if let Some((kind, message)) = tls {
        let outcome = if is_connect { Outcome::NotSent } else { Outcome::Unknown };
        return Failure { outcome, kind, ..Failure::new(message, error) };
    }
    if is_connect && is_timeout {
        let message = format!("no connection within {connect_timeout:?} (`connect_timeout`)");
        Failure { kind: ErrorKind::Timeout, message: message.into(), ..Failure::not_sent(error) }
    } else if is_connect && is_proxied {
        // With a proxy, this is the connection to the proxy, or the tunnel through it.
        let (kind, message) = causes(&*error)
            .find_map(refusal)
            .unwrap_or((ErrorKind::Proxy, "the connection through the proxy can't be made".into()));
        Failure { kind, message, ..Failure::not_sent(error) }
    } else if is_connect && is_dns {
        let message = "the name of the server can't be resolved";
        Failure { kind: ErrorKind::Dns, message: message.into(), ..Failure::not_sent(error) }
    } else if is_connect {
        Failure::not_sent(error)
    } else if never_started {
        let message = "the connection was closed before the request was sent";
        let error = if is_from_pool { Unwritten(error).into() } else { error };
        Failure { message: message.into(), ..Failure::not_sent(error) }
    } else if caused_by(&*error).is_some_and(is_unprocessed) {
        Failure::rejected(error)
    } else if let Some(message) = protocol_message(&*error) {
        Failure { kind: ErrorKind::Protocol, ..Failure::new(message, error) }
    } else {
        Failure::unknown(error)
    }
}

/// What is not HTTP about a response, or not within the limits of this transport.
fn protocol_message(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let parsed = caused_by(error).filter(|error: &&hyper::Error| error.is_parse());
    // `is_parse_too_large` needs hyper's server.
    if parsed.is_some_and(|error| error.to_string().contains("message head is too large")) {
        return Some(format!(
            "the response has more than {MAX_HEADERS} headers, or its head is larger than {MAX_HEAD}; no more is accepted"
        ));
    }
    if parsed.is_some() {
        return Some("the response is not valid HTTP".to_owned());
    }
    let reset = caused_by(error).filter(|error: &&h2::Error| error.is_reset() && error.is_library());
    reset.filter(|error| error.reason() == Some(h2::Reason::PROTOCOL_ERROR)).map(|_| {
        let max = MAX_HEADER_LIST / 1024;
        format!(
            "the response is not valid HTTP/2, or its headers are larger than {max} KiB; no more is accepted"
        )
    })
}

/// The kind and the message of an error by which a proxy refuses a connection. Where hyper-util makes the tunnel, there is no public
/// type for it, and no status of the response, except for 407.
fn refusal(error: &(dyn std::error::Error + 'static)) -> Option<(ErrorKind, Cow<'static, str>)> {
    const UNAUTHENTICATED: [&str; 5] = [
        "tunnel error: proxy authorization required",
        "SOCKS error: credentials not accepted",
        "SOCKS error: server ident service did not recognise client identifier",
        // What a SOCKS proxy responds with if it requires a user name, or accepts none.
        "SOCKS error: server does not support user/pass authentication",
        "SOCKS error: server implements authentication incorrectly",
    ];
    const REFUSED: [&str; 11] = [
        "tunnel error: unsuccessful",
        "SOCKS error: general server failure",
        "SOCKS error: connection not allowed",
        "SOCKS error: network unreachable",
        "SOCKS error: host unreachable",
        "SOCKS error: connection refused",
        "SOCKS error: ttl expired",
        "SOCKS error: command not supported",
        "SOCKS error: address type not supported",
        "SOCKS error: server failed to execute command",
        "SOCKS error: server ident service failed",
    ];
    let status = error.downcast_ref().map(|Refused(status)| *status);
    let needs_login = status == Some(Some(StatusCode::PROXY_AUTHENTICATION_REQUIRED));
    let text = error.to_string();
    if needs_login || UNAUTHENTICATED.contains(&text.as_str()) {
        let message =
            "the proxy requires authentication; set a user name and a password that it accepts in its URL";
        return Some((ErrorKind::ProxyAuthenticationRequired, message.into()));
    }
    match status {
        Some(Some(status)) => {
            Some((ErrorKind::Proxy, format!("the proxy refused the connection with {status}").into()))
        }
        Some(None) => Some((ErrorKind::Proxy, "the proxy refused the connection".into())),
        None => REFUSED
            .contains(&text.as_str())
            .then_some((ErrorKind::Proxy, "the proxy refused the connection".into())),
    }
}

/// Whether the server sent `REFUSED_STREAM`, or a GOAWAY without an error whose last stream is before this one.
fn is_unprocessed(error: &h2::Error) -> bool {
    let reason = error.reason();
    let refused = error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM);
    let gone_away = error.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (refused || gone_away)
}

/// The first cause of this type, at any depth.
fn caused_by<'e, E: std::error::Error + 'static>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e E> {
    causes(error).find_map(<dyn std::error::Error>::downcast_ref)
}

/// The error and all its causes, including the error inside an `io::Error`, which its `source` skips.
pub(in crate::transport) fn causes<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    fn next<'e>(
        error: &'e (dyn std::error::Error + 'static),
    ) -> Option<&'e (dyn std::error::Error + 'static)> {
        match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _).or_else(|| io.source()),
            None => error.source(),
        }
    }
    std::iter::successors(Some(error), |error| next(*error))
}

/// Converts the error of a response body that can't be read.
pub(in crate::transport) fn body_error(error: BoxError) -> BoxError {
    let is_invalid =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
    if caused_by(&*error).is_some_and(is_invalid) { NotHttp(error).into() } else { error }
}

/// No client can be made for a runtime.
pub(super) fn unbuilt(error: BoxError) -> Failure {
    let message = "the HTTP client can't be built".into();
    Failure { kind: ErrorKind::Configuration, message, ..Failure::not_sent(error) }
}
