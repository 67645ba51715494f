//! What a request sends and what an answer brings: bytes in memory, or a stream of them.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;

use crate::error::BoxError;

/// A body, in memory or as a stream that can be read once.
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
    // The mutex makes the body `Sync` without asking that of the stream; it is never locked.
    Stream(Mutex<ByteStream>),
}

type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

impl Body {
    /// A body of no bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self(Kind::Empty)
    }

    /// A body that is read from `stream` as it is sent. It can be sent once.
    pub fn stream<S>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    {
        Self(Kind::Stream(Mutex::new(Box::pin(stream))))
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

    /// The same body again, if it can be sent again.
    pub(crate) fn replay(&self) -> Option<Self> {
        match &self.0 {
            Kind::Empty => Some(Self(Kind::Empty)),
            Kind::Bytes(bytes) => Some(Self(Kind::Bytes(bytes.clone()))),
            Kind::Stream(_) => None,
        }
    }

    /// Reads the body to its end, but at most `limit` bytes of it.
    pub(crate) async fn collect(mut self, limit: usize) -> Result<Collected, BoxError> {
        let Some(first) = self.chunk().await? else { return Ok(Collected::whole(Bytes::new())) };
        if first.len() > limit {
            return Ok(Collected { bytes: first.slice(..limit), cut: true });
        }
        let Some(second) = self.chunk().await? else { return Ok(Collected::whole(first)) };
        let mut bytes = BytesMut::from(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            let room = limit - bytes.len();
            if chunk.len() > room {
                bytes.extend_from_slice(&chunk[..room]);
                return Ok(Collected { bytes: bytes.freeze(), cut: true });
            }
            bytes.extend_from_slice(&chunk);
            next = self.chunk().await?;
        }
        Ok(Collected::whole(bytes.freeze()))
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
            Kind::Stream(stream) => {
                let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                stream.as_mut().poll_next(context)
            }
        }
    }
}

/// A body that was read, up to a limit.
pub(crate) struct Collected {
    pub(crate) bytes: Bytes,
    /// Whether there was more.
    pub(crate) cut: bool,
}

impl Collected {
    fn whole(bytes: Bytes) -> Self {
        Self { bytes, cut: false }
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
