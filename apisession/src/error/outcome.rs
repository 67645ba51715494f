//! Whether the server processed a request that failed.

use std::fmt;

/// Whether the server processed a request that failed.
///
/// It covers all attempts of a call: it is that of the attempt of which the least is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// It is proven that no byte of the request reached the server.
    NotSent,
    /// The server reported that it did not process the request.
    Rejected,
    /// The server may have processed the request.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent: nothing of the request reached the server",
            Self::Rejected => "rejected: the server did not process the request",
            Self::Unknown => "unknown: the server may have processed the request",
        })
    }
}
