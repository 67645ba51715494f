//! The record of the attempts of a call that failed.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::status::status_text;
use super::{ErrorKind, Outcome};

/// An attempt of a call that failed: when it began, how it ended, and how long the call waited after it.
///
/// [`Error::attempt_log`](crate::Error::attempt_log) returns those of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// When it began, from the start of the call.
    pub started: Duration,
    /// How long it took, to the end of its response.
    pub took: Duration,
    /// How it failed.
    pub kind: ErrorKind,
    /// The status of its response, if there was one.
    pub status: Option<StatusCode>,
    /// What is known of its request, if that is in doubt.
    pub outcome: Option<Outcome>,
    /// The id that the server gave the request, without secrets.
    pub request_id: Option<String>,
    /// How long the call waited before the next attempt. `None` is the last one.
    pub wait: Option<Duration>,
}

/// `at 1.2s, took 80ms: 503 Service Unavailable, request id r-1; waited 800ms`.
impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { started, took, kind, status, outcome, request_id, wait } = self;
        write!(f, "at {}, took {}: ", Rounded(*started), Rounded(*took))?;
        match status {
            Some(status) => f.write_str(&status_text(*status))?,
            None => write!(f, "{kind:?}")?,
        }
        if let Some(outcome) = outcome {
            write!(f, ", {outcome:?}")?;
        }
        if let Some(id) = request_id {
            write!(f, ", request id {id}")?;
        }
        wait.map_or(Ok(()), |wait| write!(f, "; waited {}", Rounded(wait)))
    }
}

/// A duration in milliseconds, or from ten seconds on in tenths of a second.
pub(super) struct Rounded(pub(super) Duration);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            0..10_000 => write!(f, "{}ms", self.0.as_millis()),
            _ => write!(f, "{:.1}s", self.0.as_secs_f64()),
        }
    }
}
