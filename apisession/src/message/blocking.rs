//! Work that may block, such as reading files, off the threads of the runtime.

use std::future::pending;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use tokio::runtime::Handle;
use tracing::dispatcher;

use crate::error::BoxError;

/// Runs `work`, which may block, on a thread for that.
pub(crate) async fn off_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let Ok(runtime) = Handle::try_current() else { return work() };
    // A subscriber that is set for a thread gets what is logged on the other one too.
    let subscriber = dispatcher::get_default(Clone::clone);
    match runtime.spawn_blocking(move || dispatcher::with_default(&subscriber, work)).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime shuts down, and drops this future.
            Err(_) => pending().await,
        },
    }
}

type Piece = Result<Option<Bytes>, BoxError>;

/// A stream of the pieces that a fn returns, which may block. `None` is the end.
pub(super) enum Blocking<F> {
    Idle(F),
    Running(BoxFuture<'static, (F, Piece)>),
    Ended,
}

impl<F: FnMut() -> Piece + Send + Unpin + 'static> Stream for Blocking<F> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut running = match std::mem::replace(&mut *self, Self::Ended) {
            Self::Idle(mut read) => Box::pin(off_runtime(move || {
                let piece = read();
                (read, piece)
            })),
            Self::Running(running) => running,
            Self::Ended => return Poll::Ready(None),
        };
        let Poll::Ready((read, piece)) = running.as_mut().poll(context) else {
            *self = Self::Running(running);
            return Poll::Pending;
        };
        let piece = piece.transpose();
        if let Some(Ok(_)) = piece {
            *self = Self::Idle(read);
        }
        Poll::Ready(piece)
    }
}
