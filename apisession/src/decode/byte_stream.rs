//! A response whose bytes the caller reads while they arrive.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::reader::{self, Collected, Rest};
use super::{ANY, FromResponse, Reads, has_no_body};
use crate::describe::ResponseKind;
use crate::error::{Head, Result};
use crate::message::{Body, Response};

/// The bytes of a response while they arrive, for an operation that returns `Call<ByteStream>`: a camera, a log that is followed, or
/// anything else that is not a file. [`Download`](crate::Download) is for a file: it resumes after a cut, and checks what arrives.
///
/// Awaiting the call returns it with the head of the response, or fails. Its time limits end there: the bytes have `idle_timeout` and
/// `min_throughput`, and may be any number. They count in `max_in_flight` until the stream ends or is dropped, which cancels the
/// request. No content coding is asked for, and none is decoded.
///
/// It is a [`Stream`] of pieces, whose [`next`](Self::next) needs no import, and an [`AsyncRead`]. After an error, it has ended.
///
/// ```
/// use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
///
/// #[endpoint(path = "/cameras")]
/// pub struct Cameras;
///
/// #[endpoint]
/// impl Cameras {
///     /// The picture of a camera, as it moves.
///     #[get("/{id}/picture")]
///     pub fn picture(&self, id: u64) -> Call<ByteStream>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] cameras: Cameras }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async { Ok(Response::new(StatusCode::OK).with_body("jpeg")) });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let mut picture = api.cameras().picture(7).await?;
/// while let Some(piece) = picture.next().await {
///     println!("{} bytes", piece?.len());
/// }
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
pub struct ByteStream {
    head: Box<Head>,
    body: Body,
    received: u64,
    rest: Rest,
}

impl ByteStream {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns the headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns how many bytes were received so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Returns the next piece, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|context| self.poll_piece(context)).await
    }

    /// Reads all bytes, which are at most `max`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) if there are more, or as the stream does.
    pub async fn bytes(mut self, max: usize) -> Result<Bytes> {
        let mut collected = Collected::new(None, max)?;
        while let Some(piece) = self.next().await {
            collected.push(&piece?)?;
        }
        Ok(collected.into_bytes())
    }

    /// Writes all bytes to `writer`, and flushes it. Returns their number.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Output`](crate::ErrorKind::Output) if the writer does, or as the stream does.
    pub async fn to_writer(mut self, mut writer: impl AsyncWrite + Unpin) -> Result<u64> {
        while let Some(piece) = self.next().await {
            reader::write_all(&mut writer, &piece?)
                .await
                .map_err(|error| reader::output(error, &self.head))?;
        }
        reader::flush(&mut writer).await.map_err(|error| reader::output(error, &self.head))?;
        Ok(self.received)
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        let next = ready!(Pin::new(&mut self.body).poll_next(context));
        match &next {
            Some(Ok(piece)) => self.received += u64::try_from(piece.len()).unwrap_or(0),
            Some(Err(_)) | None => self.body = Body::empty(),
        }
        Poll::Ready(next)
    }
}

impl FromResponse for ByteStream {
    const ACCEPT: &'static str = ANY;
    const READS: Reads = Reads::Streamed;
    const KIND: ResponseKind = ResponseKind::Stream;

    fn from_response(mut response: Response) -> Result<Self> {
        let body = response.take_body();
        Ok(Self { head: Box::new(response.head().clone()), body, received: 0, rest: Rest::default() })
    }

    fn is_absent(response: &Response) -> bool {
        response.status() == StatusCode::NO_CONTENT || has_no_body(response)
    }
}

/// Yields the pieces, in order.
impl Stream for ByteStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_piece(context)
    }
}

/// Reads the bytes. The error of the stream is the inner one of the [`io::Error`].
impl AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            let piece = ready!(self.poll_piece(context));
            self.rest.set(piece)?;
        }
        self.rest.fill(buffer);
        Poll::Ready(Ok(()))
    }
}

/// Shows neither header values nor the bytes.
impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("status", &self.status())
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}
