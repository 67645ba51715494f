//! The body of a request or a response: bytes in memory, or a stream.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use bytes::Bytes;
use futures_core::Stream;
use http::HeaderMap;

use super::blocking::off_runtime;
use super::shown_part::ShownPart;
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::redact::Shown;

/// The body of a request or a response, in memory or as a stream.
///
/// ```
/// use apisession::Body;
///
/// let body = Body::from("hello");
/// assert_eq!(body.as_bytes().map(|bytes| bytes.len()), Some(5));
/// assert!(Body::empty().is_empty());
/// ```
#[derive(Default)]
pub struct Body(Content);

#[derive(Default)]
enum Content {
    #[default]
    Empty,
    Bytes(Bytes),
    /// That of a response, which is a stream with nothing else. The mutex makes the body `Sync` although the stream is not; it is
    /// never locked.
    Incoming(Mutex<ByteStream>),
    /// In a box, since a body is moved often.
    Stream(Box<Streamed>),
}

/// A body that is produced while it is read.
#[derive(Default)]
pub(super) struct Streamed {
    producer: Producer,
    /// The stream, once reading has started.
    running: Option<Mutex<ByteStream>>,
    left: Left,
    /// Keeps why the stream failed, if a sender asks.
    failure: Option<StreamFailure>,
    /// The call of a response, if it can be made once more.
    #[cfg(any(feature = "downloads", feature = "streams"))]
    pub(super) again: Option<Arc<dyn super::Again>>,
}

/// How many bytes of a stream are left.
#[derive(Clone, Copy, Default)]
enum Left {
    Known(u64),
    #[default]
    Unknown,
    /// It is not known, but there must be one. A handle that was read before would be an empty body.
    AtLeastOne,
}

impl Left {
    fn of(length: Option<u64>) -> Self {
        length.map_or(Self::Unknown, Self::Known)
    }
}

/// Why the stream of a body failed, for the one who sends it.
///
/// The reader gets the text of the error and none of its causes. An HTTP library looks into causes, where the failure of
/// another call would look like one of this call, and may drop the error, as with HTTP/2.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreamFailure(Arc<Mutex<Option<BoxError>>>);

impl StreamFailure {
    /// Takes the error, if the stream has failed.
    pub(crate) fn take(&self) -> Option<BoxError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, error: BoxError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// How the stream is created.
#[derive(Default)]
enum Producer {
    /// There is one stream, which the first reader takes.
    Once(Arc<Mutex<Option<ByteStream>>>),
    /// Each reader creates a new stream.
    Factory(Arc<dyn Fn() -> ByteStream + Send + Sync>),
    /// The same, of something that is measured, or can be spent.
    Source(Arc<dyn Source>),
    /// The stream exists already, as that of a response.
    #[default]
    Incoming,
}

/// What a body is read from: a file, or other bodies.
pub(super) trait Source: Send + Sync {
    /// A stream of the body, from its start.
    fn open(self: Arc<Self>) -> ByteStream;

    /// The number of bytes, if it is known. With files it is known once they are measured.
    fn length(&self) -> Option<u64>;

    /// Whether it has files, which are measured before it is sent.
    fn has_files(&self) -> bool;

    /// Measures the files, which may block. The error is the message of the call's.
    fn measure(&self) -> Result<(), BoxError>;

    /// Whether it has a stream that can be read once, and was read.
    fn is_spent(&self) -> bool;

    /// The same for another call, which measures its files anew.
    fn copied(&self) -> Arc<dyn Source>;

    /// The parts of a multipart body, as far as they are shown.
    fn parts(&self) -> Option<Vec<ShownPart<'_>>> {
        None
    }
}

pub(super) type ByteStream = Pin<Box<dyn ErasedStream + Send>>;

/// A stream of pieces without the type of its error.
pub(super) trait ErasedStream {
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>>;
}

impl<S, E> ErasedStream for S
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<BoxError>,
{
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        Stream::poll_next(self, context).map(|next| next.map(|piece| piece.map_err(Into::into)))
    }
}

impl Body {
    /// Creates an empty body.
    #[must_use]
    pub fn empty() -> Self {
        Self(Content::Empty)
    }

    /// Creates a body that is read from `stream` while it is sent.
    ///
    /// It can be sent once. A call that has to send it again fails with
    /// [`ErrorKind::BodyNotReplayable`](crate::ErrorKind::BodyNotReplayable). If the stream fails, the call fails with
    /// [`ErrorKind::RequestBody`](crate::ErrorKind::RequestBody), and is not retried.
    pub fn stream<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let stream: ByteStream = Box::pin(stream);
        Self::from_producer(Producer::Once(Arc::new(Mutex::new(Some(stream)))))
    }

    /// Creates a body that is read from a stream that `make` returns, for each attempt a new one.
    ///
    /// Each stream must contain the same bytes, as those of a file that is read from its start.
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
    pub fn rewindable<S, E>(make: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self::from_producer(Producer::Factory(Arc::new(move || Box::pin(make()))))
    }

    /// Sets the number of bytes in the stream, for servers that require a `content-length`.
    ///
    /// A stream of more or fewer bytes fails. A body in memory ignores it, and so does a file, which is measured.
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        if let Some(streamed) = self.streamed()
            && !matches!(streamed.producer, Producer::Source(_))
        {
            streamed.left = Left::Known(bytes);
        }
        self
    }

    /// The same, where the end of the stream before its first byte is an error.
    pub(super) fn never_empty(mut self) -> Self {
        if let Some(streamed) = self.streamed() {
            streamed.left = Left::AtLeastOne;
        }
        self
    }

    /// Creates the body of a response.
    pub(crate) fn incoming<S, E>(stream: S) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self(Content::Incoming(Mutex::new(Box::pin(stream))))
    }

    /// Creates a body that is read from `source`, for each attempt from its start.
    pub(super) fn from_source(source: Arc<dyn Source>) -> Self {
        let left = Left::of(source.length());
        Self(Content::Stream(Box::new(Streamed { left, ..Streamed::new(Producer::Source(source)) })))
    }

    fn from_producer(producer: Producer) -> Self {
        Self(Content::Stream(Box::new(Streamed::new(producer))))
    }

    /// The stream, if something was added to it.
    pub(super) fn as_streamed(&self) -> Option<&Streamed> {
        match &self.0 {
            Content::Stream(streamed) => Some(streamed),
            Content::Empty | Content::Bytes(_) | Content::Incoming(_) => None,
        }
    }

    /// The stream, if it is one, to which a length, the place of its failure or its call is added.
    pub(super) fn streamed(&mut self) -> Option<&mut Streamed> {
        if matches!(self.0, Content::Incoming(_))
            && let Content::Incoming(running) = mem::take(&mut self.0)
        {
            let streamed = Streamed { running: Some(running), ..Streamed::new(Producer::Incoming) };
            self.0 = Content::Stream(Box::new(streamed));
        }
        match &mut self.0 {
            Content::Stream(streamed) => Some(streamed),
            Content::Empty | Content::Bytes(_) | Content::Incoming(_) => None,
        }
    }

    /// Returns the bytes of a body in memory, or `None` for a stream.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        static EMPTY: Bytes = Bytes::new();
        match &self.0 {
            Content::Empty => Some(&EMPTY),
            Content::Bytes(bytes) => Some(bytes),
            Content::Incoming(_) | Content::Stream(_) => None,
        }
    }

    /// The body as a log shows it: see [`Shown::body`]. A stream is not read.
    pub(crate) fn shown(&self, shown: &Shown<'_>, headers: &HeaderMap) -> String {
        match (self.as_bytes(), self.length()) {
            (Some(bytes), _) => shown.body(headers, bytes),
            (None, Some(length)) => format!("[stream of {length} bytes]"),
            (None, None) => "[stream]".to_owned(),
        }
    }

    /// Whether the body is known to have no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_bytes().is_some_and(Bytes::is_empty)
    }

    /// Returns the next piece of the body, or `None` at its end.
    ///
    /// # Errors
    ///
    /// Fails if the stream fails, if it was already read, or if it does not have the length that was set. The error of a response's
    /// body has the kind of the failure, such as [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), and the operation that was called.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|context| Stream::poll_next(Pin::new(&mut *self), context)).await.transpose()
    }

    /// The next piece, with an error of any type.
    pub(crate) fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        match &mut self.0 {
            Content::Empty => Poll::Ready(None),
            Content::Bytes(bytes) => {
                let bytes = mem::take(bytes);
                self.0 = Content::Empty;
                Poll::Ready(Some(bytes).filter(|bytes| !bytes.is_empty()).map(Ok))
            }
            Content::Incoming(stream) => poll_running(stream, context),
            Content::Stream(streamed) => streamed.poll_next(context),
        }
    }

    /// The error of this body for its reader.
    fn read_error(&self, error: BoxError) -> Error {
        let error = match error.downcast::<Error>() {
            Ok(error) => return *error,
            Err(error) => error,
        };
        let is_incoming = match &self.0 {
            Content::Incoming(_) => true,
            Content::Stream(streamed) => matches!(streamed.producer, Producer::Incoming),
            Content::Empty | Content::Bytes(_) => false,
        };
        let (kind, message) = if is_incoming {
            (ErrorKind::Transport, "the body of the response ended too early")
        } else {
            (ErrorKind::RequestBody, "the stream of the body failed")
        };
        Error::new(kind, message).caused_by(error)
    }

    /// The number of bytes that are left, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.0 {
            Content::Empty => Some(0),
            Content::Bytes(bytes) => u64::try_from(bytes.len()).ok(),
            Content::Incoming(_) => None,
            Content::Stream(streamed) => match streamed.left {
                Left::Known(bytes) => Some(bytes),
                Left::Unknown | Left::AtLeastOne => None,
            },
        }
    }

    /// The same body, from its start. Reading it fails if it [is spent](Self::is_spent).
    pub(crate) fn replay(&self) -> Self {
        Self(match &self.0 {
            Content::Empty => Content::Empty,
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::Incoming(_) => Content::Stream(Box::new(Streamed::new(Producer::Incoming.replay()))),
            Content::Stream(streamed) => Content::Stream(Box::new(Streamed {
                left: streamed.left,
                ..Streamed::new(streamed.producer.replay())
            })),
        })
    }

    /// The same body for another call. What a call finds out about files is its own.
    pub(crate) fn copied(&self) -> Self {
        match self.source() {
            Some(source) => Self::from_source(source.copied()),
            None => self.replay(),
        }
    }

    /// Whether the body has files, which are measured before it is sent.
    pub(crate) fn has_files(&self) -> bool {
        self.source().is_some_and(|source| source.has_files())
    }

    /// Measures the files of the body, off the threads of the runtime. The error names the one that can't be sent.
    pub(crate) async fn measure(&mut self) -> Result<(), BoxError> {
        if let Content::Stream(streamed) = &mut self.0
            && let Producer::Source(source) = &streamed.producer
        {
            let files = Arc::clone(source);
            off_runtime(move || files.measure()).await?;
            streamed.left = Left::of(source.length());
        }
        Ok(())
    }

    /// The same, where it may block.
    pub(super) fn measure_blocking(&self) -> Result<(), BoxError> {
        self.source().map_or(Ok(()), |source| source.measure())
    }

    /// The length of the body from its start, with that of its files once they are measured.
    pub(super) fn whole_length(&self) -> Option<u64> {
        self.source().map_or_else(|| self.length(), |source| source.length())
    }

    fn source(&self) -> Option<&Arc<dyn Source>> {
        match &self.as_streamed()?.producer {
            Producer::Source(source) => Some(source),
            Producer::Once(_) | Producer::Factory(_) | Producer::Incoming => None,
        }
    }

    /// The parts of a multipart body, as far as they are shown.
    pub(super) fn parts(&self) -> Option<Vec<ShownPart<'_>>> {
        self.source()?.parts()
    }

    /// Where the failure of a stream is kept from now on; `None` for a body in memory, which can't fail.
    pub(crate) fn failure(&mut self) -> Option<StreamFailure> {
        self.streamed().map(|streamed| streamed.failure.get_or_insert_default().clone())
    }

    /// Whether this is a stream that can be read once, and another copy of the body has read it.
    pub(crate) fn is_spent(&self) -> bool {
        self.as_streamed().is_some_and(Streamed::is_spent)
    }
}

fn poll_running(
    running: &mut Mutex<ByteStream>,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, BoxError>>> {
    running.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll_next(context)
}

impl Producer {
    fn replay(&self) -> Self {
        match self {
            Self::Once(stream) => Self::Once(Arc::clone(stream)),
            Self::Factory(make) => Self::Factory(Arc::clone(make)),
            Self::Source(source) => Self::Source(Arc::clone(source)),
            Self::Incoming => Self::Once(Arc::default()),
        }
    }

    /// Returns a stream of the body. A stream that exists once is returned once.
    fn open(&self) -> Result<ByteStream, BoxError> {
        let stream = match self {
            Self::Once(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).take(),
            Self::Factory(make) => Some(make()),
            Self::Source(source) => Some(Arc::clone(source).open()),
            Self::Incoming => None,
        };
        stream.ok_or_else(|| "the body is a stream that was already sent".into())
    }
}

/// Why a reader without bytes is not sent.
const AT_ITS_END: &str = "the reader is at its end, and was perhaps read before; rewind it, or set `with_length(0)` if it may be empty";

/// Why the stream of a body failed that is read by another body.
fn unwrapped(error: BoxError) -> BoxError {
    match error.downcast::<Error>() {
        Ok(error) if error.kind() == ErrorKind::RequestBody => error.into_source(),
        Ok(error) => error,
        Err(error) => error,
    }
}

impl Streamed {
    fn new(producer: Producer) -> Self {
        Self { producer, ..Self::default() }
    }

    fn is_spent(&self) -> bool {
        if self.running.is_some() {
            return false;
        }
        match &self.producer {
            Producer::Once(stream) => stream.lock().unwrap_or_else(PoisonError::into_inner).is_none(),
            Producer::Source(source) => source.is_spent(),
            Producer::Factory(_) | Producer::Incoming => false,
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let next = ready!(self.poll_piece(context));
        Poll::Ready(next.map(|piece| piece.map_err(|error| self.kept(error))))
    }

    /// The error as the reader gets it.
    fn kept(&self, error: BoxError) -> BoxError {
        let Some(failure) = &self.failure else { return error };
        let error = unwrapped(error);
        let text = error.to_string();
        failure.set(error);
        text.into()
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let running = match &mut self.running {
            Some(running) => running,
            None => match self.producer.open() {
                Ok(stream) => self.running.insert(Mutex::new(stream)),
                Err(error) => return Poll::Ready(Some(Err(error))),
            },
        };
        let next = ready!(poll_running(running, context));
        Poll::Ready(next.map(|piece| self.count(piece?)).or_else(|| self.finish()))
    }

    /// Subtracts a piece from the number of bytes that are left.
    fn count(&mut self, piece: Bytes) -> Result<Bytes, BoxError> {
        match &mut self.left {
            Left::Known(left) => {
                let length = u64::try_from(piece.len())?;
                *left = left.checked_sub(length).ok_or("the stream of the body is longer than its length")?;
            }
            Left::AtLeastOne if !piece.is_empty() => self.left = Left::Unknown,
            Left::Unknown | Left::AtLeastOne => {}
        }
        Ok(piece)
    }

    fn finish(&mut self) -> Option<Result<Bytes, BoxError>> {
        match std::mem::replace(&mut self.left, Left::Unknown) {
            Left::Known(left) if left > 0 => {
                Some(Err(format!("the stream of the body ended {left} bytes before its length").into()))
            }
            Left::AtLeastOne => Some(Err(AT_ITS_END.into())),
            Left::Known(_) | Left::Unknown => None,
        }
    }
}

/// Yields the pieces of the body, in order.
impl Stream for Body {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.poll_piece(context));
        Poll::Ready(next.map(|piece| piece.map_err(|error| self.read_error(error))))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Content::Bytes(bytes))
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

/// Copies the text.
impl From<&str> for Body {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

/// Copies the text.
impl From<&String> for Body {
    fn from(text: &String) -> Self {
        text.as_bytes().into()
    }
}

/// Copies the bytes.
impl From<&[u8]> for Body {
    fn from(bytes: &[u8]) -> Self {
        Bytes::copy_from_slice(bytes).into()
    }
}

/// Copies the bytes.
impl<const N: usize> From<&[u8; N]> for Body {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.as_slice().into()
    }
}

/// Copies the bytes.
impl From<&Vec<u8>> for Body {
    fn from(bytes: &Vec<u8>) -> Self {
        bytes.as_slice().into()
    }
}

/// Shows the size, not the content.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_bytes() {
            Some(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            None => f.write_str("Body(stream)"),
        }
    }
}
