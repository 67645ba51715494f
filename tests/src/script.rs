//! A body that arrives by a script: pieces, pauses, and a cut.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use apisession::{Body, BoxError, Bytes};
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

/// What happens next to a body.
#[derive(Clone, Debug)]
pub enum Step {
    /// These bytes arrive.
    Piece(Bytes),
    /// Nothing arrives for this long.
    Wait(Duration),
    /// The connection is lost.
    Cut,
}

impl Step {
    /// Text that arrives.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Piece(Bytes::copy_from_slice(text.as_bytes()))
    }

    /// A pause of some seconds.
    #[must_use]
    pub fn wait(seconds: u64) -> Self {
        Self::Wait(Duration::from_secs(seconds))
    }
}

/// Returns a body that does these steps, and then ends.
#[must_use]
pub fn scripted(steps: impl IntoIterator<Item = Step>) -> Body {
    Body::stream(Script { steps: steps.into_iter().collect(), wait: None })
}

struct Script {
    steps: VecDeque<Step>,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Stream for Script {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(wait) = &mut self.wait {
                ready!(wait.as_mut().poll(context));
                self.wait = None;
            }
            match self.steps.pop_front() {
                None => return Poll::Ready(None),
                Some(Step::Piece(piece)) => return Poll::Ready(Some(Ok(piece))),
                Some(Step::Cut) => return Poll::Ready(Some(Err("the connection is lost".into()))),
                Some(Step::Wait(pause)) => self.wait = Some(Box::pin(sleep(pause))),
            }
        }
    }
}
