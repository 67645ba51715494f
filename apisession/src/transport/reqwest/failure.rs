//! Converts errors of reqwest to failures.

use std::time::Duration;

use crate::transport::Failure;
use crate::transport::network::{Signs, failure as failure_of};

/// Converts an error of reqwest.
pub(super) fn failure(error: reqwest::Error, connect_timeout: Duration, is_proxied: bool) -> Failure {
    // The query of the URL may contain secrets. The error of the call has the redacted URL.
    let error = error.without_url();
    let signs = Signs {
        is_connect: error.is_connect(),
        is_timeout: error.is_timeout(),
        is_dns: error.is_dns(),
        is_proxied,
        never_started: false,
        is_from_pool: false,
    };
    failure_of(signs, error.into(), connect_timeout)
}
