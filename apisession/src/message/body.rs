//! What a request sends and what an answer brings: bytes in memory, or a stream of them.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::BoxError;

/// A body, in memory or as a stream.
///
/// ```
/// use apisession::Body;
///
/// let body = Body::from("hello");
/// assert_eq!(body.as_bytes().map(|bytes| bytes.len()), Some(5));
/// assert!(Body::empty().is_empty());
/// ```
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Bytes(Bytes),
    Stream(Streamed),
}

/// A body that is made as it is read.
struct Streamed {
    source: Source,
    /// Once reading has begun. The mutex makes the body `Sync` without asking that of the stream; it is never locked.
    running: Option<Mutex<ByteStream>>,
    /// How many bytes there will be, if that is known.
    length: Option<u64>,
}

/// Where the stream comes from.
enum Source {
    /// Whoever reads first has it.
    Once(Arc<Mutex<Option<ByteStream>>>),
    /// A new one for each that reads.
    Again(Arc<dyn Fn() -> ByteStream + Send + Sync>),
    /// It was running from the beginning.
    Nowhere,
}

type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

impl Body {
    /// A body of no bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// A body that is read from `stream` as it is sent. Once that has begun it can't be sent again: a call that would
    /// have to ends with [`ErrorKind::BodyNotReplayable`](crate::ErrorKind::BodyNotReplayable).
    pub fn stream<S>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    {
        let stream: ByteStream = Box::pin(stream);
        Self::made(Source::Once(Arc::new(Mutex::new(Some(stream)))))
    }

    /// A body that is read from what `make` makes, anew for each attempt: a file from its beginning, say. Each time it
    /// has to bring the same bytes.
    ///
    /// ```
    /// use std::collections::VecDeque;
    /// use std::pin::Pin;
    /// use std::task::{Context, Poll};
    /// use apisession::{Body, BoxError, Bytes};
    /// # use futures_core::Stream;
    ///
    /// struct Pieces(VecDeque<Bytes>);
    ///
    /// impl Stream for Pieces {
    ///     type Item = Result<Bytes, BoxError>;
    ///
    ///     fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
    ///         Poll::Ready(self.0.pop_front().map(Ok))
    ///     }
    /// }
    ///
    /// let body = Body::rewindable(|| Pieces(VecDeque::from(["a,b\n".into(), "1,2\n".into()]))).with_length(8);
    /// # let _ = body;
    /// ```
    pub fn rewindable<S>(make: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    {
        Self::made(Source::Again(Arc::new(move || Box::pin(make()))))
    }

    /// Says how many bytes the stream will bring, for servers that want to know it before. A stream that brings more or
    /// fewer fails.
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        if let Kind::Stream(streamed) = &mut self.0 {
            streamed.length = Some(bytes);
        }
        self
    }

    /// The body of an answer, which nobody sends.
    pub(crate) fn incoming<S>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    {
        let running = Some(Mutex::new(Box::pin(stream) as ByteStream));
        Self(Kind::Stream(Streamed { source: Source::Nowhere, running, length: None }))
    }

    fn made(source: Source) -> Self {
        Self(Kind::Stream(Streamed { source, running: None, length: None }))
    }

    /// The bytes of a body in memory; `None` for a stream.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        static NOTHING: Bytes = Bytes::new();
        match &self.0 {
            Kind::Empty => Some(&NOTHING),
            Kind::Bytes(bytes) => Some(bytes),
            Kind::Stream(_) => None,
        }
    }

    /// Whether the body is known to have no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_some_and(Bytes::is_empty)
    }

    /// The next piece, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Whatever the stream behind the body reports.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, BoxError> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await.transpose()
    }

    /// How many bytes there are to come, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.0 {
            Kind::Empty => Some(0),
            Kind::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Kind::Stream(streamed) => streamed.length,
        }
    }

    /// The same body again. If it [is spent](Self::is_spent) by then, reading it fails.
    pub(crate) fn replay(&self) -> Self {
        Self(match &self.0 {
            Kind::Empty => Kind::Empty,
            Kind::Bytes(bytes) => Kind::Bytes(bytes.clone()),
            Kind::Stream(Streamed { source, length, .. }) => {
                Kind::Stream(Streamed { source: source.again(), running: None, length: *length })
            }
        })
    }

    /// Whether it is a stream that another has begun to read.
    pub(crate) fn is_spent(&self) -> bool {
        match &self.0 {
            Kind::Stream(Streamed { source: Source::Once(stream), running: None, .. }) => {
                stream.lock().unwrap_or_else(PoisonError::into_inner).is_none()
            }
            _ => false,
        }
    }
}

impl Source {
    fn again(&self) -> Self {
        match self {
            Self::Once(stream) => Self::Once(Arc::clone(stream)),
            Self::Again(make) => Self::Again(Arc::clone(make)),
            Self::Nowhere => Self::Once(Arc::default()),
        }
    }

    /// The stream, for the first that asks.
    fn begin(&self) -> Result<ByteStream, BoxError> {
        let stream = match self {
            Self::Once(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Self::Again(make) => Some(make()),
            Self::Nowhere => None,
        };
        stream.ok_or_else(|| "the body is a stream that was sent already".into())
    }
}

impl Streamed {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let running = match &mut self.running {
            Some(running) => running,
            None => match self.source.begin() {
                Ok(stream) => self.running.insert(Mutex::new(stream)),
                Err(error) => return Poll::Ready(Some(Err(error))),
            },
        };
        let next =
            ready!(running.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll_next(context));
        Poll::Ready(next.map(|piece| self.counted(piece?)).or_else(|| self.ended()))
    }

    /// Takes a piece off what is to come.
    fn counted(&mut self, piece: Bytes) -> Result<Bytes, BoxError> {
        if let Some(left) = &mut self.length {
            let length = u64::try_from(piece.len())?;
            *left = left.checked_sub(length).ok_or("the stream of the body is longer than its length")?;
        }
        Ok(piece)
    }

    fn ended(&mut self) -> Option<Result<Bytes, BoxError>> {
        let left = self.length.take().filter(|left| *left > 0)?;
        Some(Err(format!("the stream of the body ended {left} bytes before its length").into()))
    }
}

/// The pieces of the body, in order.
impl Stream for Body {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.0 = Kind::Empty;
                Poll::Ready(Some(bytes).filter(|bytes| !bytes.is_empty()).map(Ok))
            }
            Kind::Stream(streamed) => streamed.poll_next(context),
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Kind::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from(text).into()
    }
}

/// Shows the size, never the content.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_bytes() {
            Some(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            None => f.write_str("Body(stream)"),
        }
    }
}
