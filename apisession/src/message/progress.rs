//! How much of a body was handed to the transport.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::Body;
use super::file::PIECE;
use crate::error::BoxError;

/// How much of the body of a request was handed to the transport, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The bytes of this attempt so far.
    pub sent: u64,
    /// The length of the body, if it is known.
    pub total: Option<u64>,
}

/// What is called with the progress.
pub(crate) type Report = Arc<dyn Fn(Progress) + Send + Sync>;

impl Body {
    /// The same body, which reports its progress while it is read. It is read once.
    pub(crate) fn observed(self, report: &Report) -> Self {
        let total = self.length();
        if total == Some(0) {
            report(Progress { sent: 0, total });
            return self;
        }
        let (report, rest) = (Arc::clone(report), Bytes::new());
        let observed = Self::stream(Observed { body: self, rest, sent: None, total, report });
        match total {
            Some(total) => observed.with_length(total),
            None => observed,
        }
    }
}

/// A body in pieces of at most 64 KiB.
struct Observed {
    body: Body,
    /// The rest of a larger piece.
    rest: Bytes,
    /// `None` before the first piece.
    sent: Option<u64>,
    total: Option<u64>,
    report: Report,
}

impl Stream for Observed {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let sent = match self.sent {
            Some(sent) => sent,
            None => {
                self.report(0);
                0
            }
        };
        while self.rest.is_empty() {
            match ready!(self.body.poll_piece(context)) {
                Some(Ok(piece)) => self.rest = piece,
                end => return Poll::Ready(end),
            }
        }
        let size = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(size);
        self.report(sent + u64::try_from(size).unwrap_or(0));
        Poll::Ready(Some(Ok(piece)))
    }
}

impl Observed {
    fn report(&mut self, sent: u64) {
        self.sent = Some(sent);
        (self.report)(Progress { sent, total: self.total });
    }
}
