//! A body that arrives in pieces.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use apisession::{BoxError, Bytes};
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

/// A stream of pieces, with a pause before each.
pub struct Pieces {
    pieces: Box<dyn Iterator<Item = Bytes> + Send>,
    gap: Duration,
    wait: Pin<Box<Sleep>>,
}

impl Pieces {
    /// Creates a stream of these pieces, one every `gap`.
    pub fn new<I>(pieces: I, gap: Duration) -> Self
    where
        I: IntoIterator<Item = Bytes, IntoIter: Send + 'static>,
    {
        Self { pieces: Box::new(pieces.into_iter()), gap, wait: Box::pin(sleep(gap)) }
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        ready!(self.wait.as_mut().poll(context));
        let gap = self.gap;
        self.wait.set(sleep(gap));
        Poll::Ready(self.pieces.next().map(Ok))
    }
}
