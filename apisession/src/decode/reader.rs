//! What a stream of pieces has to be read by: a buffer, a writer, or a caller of `AsyncRead`.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncWrite, ReadBuf};

use crate::error::{Error, ErrorKind, Head, Result};

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

/// The bytes of a stream, which are at most `max`.
pub(super) struct Collected {
    bytes: BytesMut,
    max: usize,
}

impl Collected {
    /// Makes room for `length` bytes, if it is known how many to expect.
    pub(super) fn new(length: Option<u64>, max: usize) -> Result<Self> {
        /// A length is believed up to here, before anything has arrived.
        const RESERVED: usize = 1024 * 1024;
        let expected = length.map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if expected > max {
            return Err(too_large(max));
        }
        Ok(Self { bytes: BytesMut::with_capacity(expected.min(RESERVED)), max })
    }

    pub(super) fn push(&mut self, piece: &[u8]) -> Result<()> {
        if piece.len() > self.max - self.bytes.len() {
            return Err(too_large(self.max));
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes.freeze()
    }
}

fn too_large(max: usize) -> Error {
    let message = format!(
        "the response is larger than {max} bytes; raise the maximum of `bytes`, or write it to a file"
    );
    Error::new(ErrorKind::BodyTooLarge, message)
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
