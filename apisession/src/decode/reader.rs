//! What a stream of pieces has to be read by: a buffer, a writer, or a caller of `AsyncRead`.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWrite, ReadBuf};

use crate::error::{Error, ErrorKind, Head, Result};

/// What a stream yields that may have to start again.
pub(super) enum Event {
    Piece(Bytes),
    /// What was yielded before is void, and the next piece is the first one again.
    Restart,
}

/// The part of a piece that was not read yet.
#[derive(Default)]
pub(super) struct Rest(Bytes);

impl Rest {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the next piece of a stream, if there is one.
    pub(super) fn set(&mut self, next: Option<Result<Bytes>>) -> io::Result<()> {
        self.0 = next.transpose().map_err(io_error)?.unwrap_or_default();
        Ok(())
    }

    /// Moves as much of it as there is room.
    pub(super) fn fill(&mut self, buffer: &mut ReadBuf<'_>) {
        let size = self.0.len().min(buffer.remaining());
        buffer.put_slice(&self.0.split_to(size));
    }
}

/// An error of a stream, for a caller of `AsyncRead`.
fn io_error(error: Error) -> io::Error {
    let kind = match error.kind() {
        ErrorKind::Timeout => io::ErrorKind::TimedOut,
        ErrorKind::Transport => io::ErrorKind::UnexpectedEof,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, error)
}

/// The error of what the bytes are written to.
pub(super) fn output(error: io::Error, head: &Head) -> Error {
    let failed = Error::new(ErrorKind::Output, "what arrives can't be written").caused_by(error.into());
    match &head.sent {
        Some(sent) => failed.about(&sent.exchange, sent.attempts, &sent.track),
        None => failed,
    }
}

/// Reads pieces until there are no more, or more than `max` bytes. `length` is how many are expected.
pub(super) async fn bytes(
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<Event>>>,
    length: Option<u64>,
    max: usize,
) -> Result<Bytes> {
    /// A length is believed up to here, before anything has arrived.
    const RESERVED: usize = 1024 * 1024;
    let too_large = || {
        Error::new(
            ErrorKind::BodyTooLarge,
            format!(
                "the response is larger than {max} bytes; raise the maximum of `bytes`, or write it to a file"
            ),
        )
    };
    let expected = length.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
    if expected > max {
        return Err(too_large());
    }
    let mut all = BytesMut::with_capacity(expected.min(RESERVED));
    while let Some(piece) = poll_fn(&mut poll).await {
        let piece = match piece? {
            Event::Piece(piece) => piece,
            Event::Restart => {
                all.clear();
                continue;
            }
        };
        if piece.len() > max - all.len() {
            return Err(too_large());
        }
        all.extend_from_slice(&piece);
    }
    Ok(all.freeze())
}

/// Writes all of a piece.
pub(super) async fn write_all(writer: &mut (impl AsyncWrite + Unpin), mut piece: &[u8]) -> io::Result<()> {
    poll_fn(|context| {
        while !piece.is_empty() {
            let written = ready!(Pin::new(&mut *writer).poll_write(context, piece))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            piece = &piece[written..];
        }
        Poll::Ready(Ok(()))
    })
    .await
}

pub(super) async fn flush(writer: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
    poll_fn(|context| Pin::new(&mut *writer).poll_flush(context)).await
}
