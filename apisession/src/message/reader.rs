//! Bodies that are read from a reader or from standard input, which are sent once.

use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncRead, ReadBuf};

use super::Body;
use super::blocking::Blocking;
use super::file::PIECE;

impl Body {
    /// Creates a body that is read from `reader` while it is sent, in pieces of up to 64 KiB.
    ///
    /// It can be sent once, as a [`stream`](Self::stream) can: a call that has to send it again fails with
    /// [`ErrorKind::BodyNotReplayable`](crate::ErrorKind::BodyNotReplayable). A reader that has no bytes was perhaps read before, so it is
    /// an error and not an empty body, unless its length is set to 0.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(api: apisession::Raw, socket: tokio::net::TcpStream) -> Result<()> {
    /// api.put("/recordings/7").body("audio/ogg", Body::reader(socket)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::stream(Pieces { reader: Box::pin(reader), buffer: Vec::new() }).never_empty()
    }

    /// Creates a body that is read from standard input, which stays open. It can be sent once, as a [`reader`](Self::reader) can.
    ///
    /// A read from a terminal can't be cancelled, so a runtime that shuts down waits for the next line.
    #[must_use]
    pub fn stdin() -> Self {
        let mut buffer = Vec::new();
        Self::stream(Blocking::Idle(move || {
            buffer.resize(PIECE, 0);
            Ok(read(&mut io::stdin().lock(), &mut buffer)?)
        }))
        .never_empty()
    }
}

/// The next piece; `None` at the end.
fn read(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<Option<Bytes>> {
    loop {
        match from.read(buffer) {
            Ok(0) => return Ok(None),
            Ok(size) => return Ok(Some(Bytes::copy_from_slice(&buffer[..size]))),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The pieces of a reader.
struct Pieces<R> {
    reader: Pin<Box<R>>,
    buffer: Vec<u8>,
}

impl<R: AsyncRead> Stream for Pieces<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { reader, buffer } = &mut *self;
        buffer.resize(PIECE, 0);
        let mut unfilled = ReadBuf::new(buffer);
        ready!(reader.as_mut().poll_read(context, &mut unfilled))?;
        let piece = Bytes::copy_from_slice(unfilled.filled());
        Poll::Ready((!piece.is_empty()).then_some(Ok(piece)))
    }
}
