//! Writes pieces to a file on another thread, while the next ones arrive.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::future::BoxFuture;

use super::temporary::Temporary;
use crate::message::blocking::off_runtime;

/// How many bytes are written at a time. At most twice as many are in memory.
const BATCH: usize = 512 * 1024;

/// A file, and the pieces that are not written yet.
pub(super) struct Sink {
    state: State,
    batch: Vec<Bytes>,
    size: usize,
}

enum State {
    Idle(Temporary),
    Writing(BoxFuture<'static, io::Result<Temporary>>),
    Failed,
}

impl Sink {
    pub(super) fn new(file: Temporary) -> Self {
        Self { state: State::Idle(file), batch: Vec::new(), size: 0 }
    }

    pub(super) fn push(&mut self, piece: Bytes) {
        self.size += piece.len();
        self.batch.push(piece);
    }

    /// What `poll` returns, once there is room for it. It is polled while the pieces before are written.
    pub(super) async fn next<T>(
        &mut self,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> io::Result<T> {
        poll_fn(|context| {
            let is_idle = self.poll_idle(context)?.is_ready();
            if self.size >= BATCH {
                if !is_idle {
                    return Poll::Pending;
                }
                self.write();
                // The write has to be polled once, to be started and to wake the task.
                let _ = self.poll_idle(context)?;
            }
            poll(context).map(Ok)
        })
        .await
    }

    /// Discards all that was written.
    pub(super) async fn restart(&mut self) -> io::Result<()> {
        (self.batch, self.size) = (Vec::new(), 0);
        poll_fn(|context| self.poll_idle(context)).await?;
        self.begin(Temporary::truncated);
        poll_fn(|context| self.poll_idle(context)).await
    }

    /// Writes the rest, and returns the file.
    pub(super) async fn finish(mut self) -> io::Result<Temporary> {
        poll_fn(|context| self.poll_idle(context)).await?;
        self.write();
        poll_fn(|context| self.poll_idle(context)).await?;
        match self.state {
            State::Idle(file) => Ok(file),
            State::Writing(_) | State::Failed => Err(io::ErrorKind::Other.into()),
        }
    }

    /// Starts to write the batch.
    fn write(&mut self) {
        self.size = 0;
        let batch = mem::take(&mut self.batch);
        self.begin(move |file| file.written(&batch));
    }

    fn begin(&mut self, work: impl FnOnce(Temporary) -> io::Result<Temporary> + Send + 'static) {
        self.state = match mem::replace(&mut self.state, State::Failed) {
            State::Idle(file) => State::Writing(Box::pin(off_runtime(move || work(file)))),
            other => other,
        };
    }

    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let State::Writing(writing) = &mut self.state {
            let end = ready!(writing.as_mut().poll(context));
            self.state = State::Failed;
            self.state = State::Idle(end?);
        }
        Poll::Ready(Ok(()))
    }
}
