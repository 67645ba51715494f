//! Bodies of requests that are lines of JSON (NDJSON), encoded while they are sent.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use serde::ser::Serialize;

use super::Body;
use crate::error::BoxError;

/// How many bytes of lines are sent at a time, and how many an iterator's are encoded at once.
const PIECE: usize = 64 * 1024;

impl Body {
    /// Creates a body of lines, one for each value, as JSON (NDJSON).
    ///
    /// The first 64 KiB are encoded at once. If these are all, the body is in memory, and can be sent again. Otherwise the rest is encoded
    /// while it is sent, and the body can be sent once, as that of [`stream`](Self::stream); [`rewindable_lines`](Self::rewindable_lines)
    /// can be sent again.
    ///
    /// ```
    /// use apisession::Body;
    ///
    /// let body = Body::lines([("ana", 1), ("ben", 2)]);
    /// assert_eq!(body.as_bytes().unwrap(), "[\"ana\",1]\n[\"ben\",2]\n");
    /// ```
    ///
    /// A value that can't be encoded makes the call fail with [`ErrorKind::RequestBody`](crate::ErrorKind::RequestBody).
    pub fn lines<I>(values: I) -> Self
    where
        I: IntoIterator<Item: Serialize, IntoIter: Send + 'static>,
    {
        let mut lines = Lines { values: values.into_iter(), is_over: false };
        match lines.next_piece() {
            None => Self::empty(),
            Some(Ok(piece)) if lines.is_over => piece.into(),
            Some(first) => Self::stream(After { first: Some(first), rest: lines }),
        }
    }

    /// Creates a body of lines from an iterator that `make` returns, for each attempt a new one. Each must have the same values.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use apisession::Body;
    ///
    /// let rows: Arc<[u64]> = (0..1_000_000).collect();
    /// let body = Body::rewindable_lines(move || {
    ///     let rows = Arc::clone(&rows);
    ///     (0..rows.len()).map(move |index| rows[index])
    /// });
    /// # let _ = body;
    /// ```
    pub fn rewindable_lines<I>(make: impl Fn() -> I + Send + Sync + 'static) -> Self
    where
        I: IntoIterator<Item: Serialize, IntoIter: Send + 'static>,
    {
        Self::rewindable(move || Lines { values: make().into_iter(), is_over: false })
    }

    /// Creates a body of lines from a stream of values. A line is sent as soon as its value is there. The body can be sent once.
    ///
    /// If the stream fails, the call fails with [`ErrorKind::RequestBody`](crate::ErrorKind::RequestBody), and is not retried.
    pub fn line_stream<S, V, E>(values: S) -> Self
    where
        S: Stream<Item = Result<V, E>> + Send + 'static,
        V: Serialize,
        E: Into<BoxError> + Send + 'static,
    {
        Self::stream(Values { values: Box::pin(values), failure: None, is_over: false })
    }
}

/// Adds the line of a value.
fn write(lines: &mut Vec<u8>, value: &impl Serialize) -> Result<(), BoxError> {
    serde_json::to_writer(&mut *lines, value)?;
    lines.push(b'\n');
    Ok(())
}

/// The lines of an iterator's values.
struct Lines<I> {
    values: I,
    is_over: bool,
}

impl<I: Iterator<Item: Serialize>> Lines<I> {
    /// The next lines; `None` if there are no more.
    fn next_piece(&mut self) -> Option<Result<Bytes, BoxError>> {
        let mut lines = Vec::new();
        while !self.is_over && lines.len() < PIECE {
            match self.values.next() {
                Some(value) => {
                    if let Err(error) = write(&mut lines, &value) {
                        self.is_over = true;
                        return Some(Err(error));
                    }
                }
                None => self.is_over = true,
            }
        }
        (!lines.is_empty()).then(|| Ok(lines.into()))
    }
}

/// The iterator stays where it is: it is never pinned.
impl<I> Unpin for Lines<I> {}

impl<I: Iterator<Item: Serialize>> Stream for Lines<I> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.next_piece())
    }
}

/// What was encoded already, and then the rest.
struct After<I> {
    first: Option<Result<Bytes, BoxError>>,
    rest: Lines<I>,
}

impl<I> Unpin for After<I> {}

impl<I: Iterator<Item: Serialize>> Stream for After<I> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let first = self.first.take();
        Poll::Ready(first.or_else(|| self.rest.next_piece()))
    }
}

/// The lines of a stream's values.
struct Values<S> {
    values: Pin<Box<S>>,
    /// The stream failed after the lines that are sent first.
    failure: Option<BoxError>,
    is_over: bool,
}

impl<S, V, E> Stream for Values<S>
where
    S: Stream<Item = Result<V, E>>,
    V: Serialize,
    E: Into<BoxError>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        let mut lines = Vec::new();
        while !self.is_over && lines.len() < PIECE {
            match self.values.as_mut().poll_next(context) {
                Poll::Ready(Some(value)) => {
                    let written = value.map_err(Into::into).and_then(|value| write(&mut lines, &value));
                    if let Err(error) = written {
                        (self.failure, self.is_over) = (Some(error), true);
                    }
                }
                Poll::Ready(None) => self.is_over = true,
                Poll::Pending if lines.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        if lines.is_empty() {
            return Poll::Ready(self.failure.take().map(Err));
        }
        Poll::Ready(Some(Ok(lines.into())))
    }
}
