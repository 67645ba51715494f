//! Converts errors of reqwest to failures.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use super::limit::{MAX_HEAD, MAX_HEADER_LIST, MAX_HEADERS};
use crate::error::{BoxError, ErrorKind, Outcome};
use crate::transport::{Failure, NotHttp, tls};

/// Converts an error of reqwest. If no connection was made, nothing was sent. HTTP/2 has two signals that a request was
/// not processed (RFC 9113 §8.7).
pub(super) fn failure(error: reqwest::Error, connect_timeout: Duration, is_proxied: bool) -> Failure {
    // The query of the URL may contain secrets. The error of the call has the redacted URL.
    let error = error.without_url();
    let tls = causes(&error).find_map(tls::failure_of);
    if let Some((kind, message)) = tls {
        let outcome = if error.is_connect() { Outcome::NotSent } else { Outcome::Unknown };
        return Failure { outcome, kind, ..Failure::new(message, error.into()) };
    }
    if error.is_connect() && error.is_timeout() {
        let message = format!("no connection within {connect_timeout:?} (`connect_timeout`)");
        Failure { kind: ErrorKind::Timeout, message: message.into(), ..Failure::not_sent(error) }
    } else if error.is_connect() && is_proxied {
        // With a proxy, this is the connection to the proxy, or the tunnel through it.
        let (kind, message) = causes(&error)
            .find_map(refusal)
            .unwrap_or((ErrorKind::Proxy, "the connection through the proxy can't be made"));
        Failure { kind, message: message.into(), ..Failure::not_sent(error) }
    } else if error.is_connect() && error.is_dns() {
        let message = "the name of the server can't be resolved";
        Failure { kind: ErrorKind::Dns, message: message.into(), ..Failure::not_sent(error) }
    } else if error.is_connect() {
        Failure::not_sent(error)
    } else if caused_by(&error).is_some_and(is_unprocessed) {
        Failure::rejected(error)
    } else if let Some(message) = protocol_message(&error) {
        Failure { kind: ErrorKind::Protocol, ..Failure::new(message, error.into()) }
    } else {
        Failure::unknown(error)
    }
}

/// What is not HTTP about a response, or not within the limits of this transport.
fn protocol_message(error: &reqwest::Error) -> Option<String> {
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

/// The kind and the message of an error by which a proxy refuses a connection. hyper-util has no public type for it, and drops
/// the status of the response, except for 407.
fn refusal(error: &(dyn std::error::Error + 'static)) -> Option<(ErrorKind, &'static str)> {
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
    let text = error.to_string();
    if UNAUTHENTICATED.contains(&text.as_str()) {
        let message =
            "the proxy requires authentication; set a user name and a password that it accepts in its URL";
        return Some((ErrorKind::ProxyAuthenticationRequired, message));
    }
    REFUSED.contains(&text.as_str()).then_some((ErrorKind::Proxy, "the proxy refused the connection"))
}

/// Whether the server sent `REFUSED_STREAM`, or a GOAWAY without an error whose last stream is before this one.
fn is_unprocessed(error: &h2::Error) -> bool {
    let reason = error.reason();
    let refused = error.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM);
    let gone_away = error.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (refused || gone_away)
}

/// The first cause of this type, at any depth.
fn caused_by<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(<dyn std::error::Error>::downcast_ref)
}

/// All causes, including the error inside an `io::Error`, which its `source` skips.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    fn next<'e>(
        error: &'e (dyn std::error::Error + 'static),
    ) -> Option<&'e (dyn std::error::Error + 'static)> {
        match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _).or_else(|| io.source()),
            None => error.source(),
        }
    }
    std::iter::successors(error.source(), |error| next(*error))
}

/// Converts the error of a response body that can't be read.
pub(super) fn body_error(error: reqwest::Error) -> BoxError {
    let is_invalid =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
    if caused_by(&error).is_some_and(is_invalid) { NotHttp(error.into()).into() } else { error.into() }
}

/// No client can be built for a runtime.
pub(super) fn unbuilt(error: reqwest::Error) -> Failure {
    let message = "the HTTP client can't be built".into();
    Failure { kind: ErrorKind::Configuration, message, ..Failure::not_sent(error.without_url()) }
}
