//! What is known about a request that failed.

use std::fmt;

/// What is known about a request that failed: of all its attempts, the one of which the least is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// Proven: no byte of the request reached the server.
    NotSent,
    /// The server said that it did not process the request.
    Rejected,
    /// The server may have processed the request.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent: the server saw nothing of the request",
            Self::Rejected => "rejected: the server did not process the request",
            Self::Unknown => "unknown: the server may have processed the request",
        })
    }
}
