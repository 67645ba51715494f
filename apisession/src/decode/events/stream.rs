//! Events while they arrive.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::event::{EventFeed, EventItem};
use super::keys::{DeclaresEvents, EventKeys, marked};
use super::parser::{EventParser, TooLong};
use crate::decode::failure::Expected;
use crate::decode::feed::{Fed, Feed};
use crate::decode::item::reported;
use crate::decode::stream_error::{StreamError, never};
use crate::decode::{Decodable, FromResponse, Reads};
use crate::describe::ResponseKind;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Changes, Response, headers};

/// How long to wait before a stream that has ended is opened again, if the server sets no `retry`.
const RECONNECT: Duration = Duration::from_secs(3);

/// The events of a response while they arrive, for an operation that returns `Call<EventStream<T>>` or `Call<EventStream<T, E>, E>`
/// (server-sent events, as the HTML standard defines them).
///
/// Awaiting the call returns it with the head of the response, or fails: a 401 or a 429 is an error there. Each event is then a
/// `Result<T, E>`. `T` is what its data is as JSON, or a [`RawEvent`](crate::RawEvent). `E` is [`Error`], or a typed error.
///
/// | key of the operation | meaning |
/// |---|---|
/// | `events(done = "[DONE]")` | an event with this data, of this type, or with a value at this pointer (`"/done"`) ends the stream. One that ends without it was interrupted |
/// | `events(error = "/error")` | an event with a value at this pointer, or of this type (`"error"`), is the error [`InStream`](ErrorKind::InStream), and the last one |
/// | `events(reconnect)` | the stream is opened again after a cut, by the retry policy, and after its end, as long after it as the server's `retry` asks for; default: 3 seconds. The request has the header `last-event-id` |
/// | `expired_when_item = is_expired` | a fn of the first event, decoded as whatever the fn takes. If it returns `true`, the session signs in again, and opens the stream once more |
///
/// `done` and `error` can also be lists: `error("/error", "error")`. A value at a pointer that is `null` or `false` is none.
///
/// | limit | default |
/// |---|---|
/// | `idle_timeout`: the time without any byte, such as that of a comment | 5 minutes |
/// | `min_throughput` | none |
/// | `max_item`: the size of a line and of an event | 8 MiB |
/// | `max_attempts`: how often a stream is opened without an event | 3 |
///
/// It is a [`Stream`], whose [`next`](Self::next) needs no import. An interrupted stream is an error with the number of
/// [items](Error::items), and never an end. After an error it has ended, except after an event that can't be decoded. It counts in
/// `max_in_flight` until it ends or is dropped, which cancels its request.
///
/// ```
/// use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize)] pub struct Chat { prompt: String }
///
/// #[derive(Deserialize)]
/// pub struct Chunk {
///     text: String,
/// }
///
/// #[endpoint(path = "/chat")]
/// pub struct Chats;
///
/// #[endpoint]
/// impl Chats {
///     /// Streams the reply.
///     #[post(fields("stream" = true), events(done = "[DONE]", error = "/error"))]
///     pub fn stream(&self, #[field] prompt: &str) -> Call<EventStream<Chunk>>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] chats: Chats }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async {
/// #     let body = "data: {\"text\":\"Hel\"}\n\ndata: {\"text\":\"lo\"}\n\ndata: [DONE]\n\n";
/// #     Ok(Response::new(StatusCode::OK).with_header("content-type", "text/event-stream").with_body(body))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let mut chunks = api.chats().stream("hello").await?;
/// let mut text = String::new();
/// while let Some(chunk) = chunks.next().await {
///     text.push_str(&chunk?.text);
/// }
/// assert_eq!(text, "Hello");
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "a stream does nothing unless it is read, and is cancelled when it is dropped"]
pub struct EventStream<T, E = Error> {
    events: Box<Events>,
    types: PhantomData<fn() -> (T, E)>,
}

impl<T, E> EventStream<T, E> {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.events.feed.status()
    }

    /// Returns the headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.events.feed.headers()
    }

    /// Returns the id of the last event that had one, with which another call could go on. It is empty if there is none.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.events.parser.last_id()
    }
}

impl<T: EventItem, E: From<Error>> EventStream<T, E> {
    /// Returns the next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T, E>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let events = &mut *self.events;
        let next = ready!(events.poll_event(context));
        Poll::Ready(next.map(|found| {
            found?;
            Ok(T::decode(events.parser.event(), &EventFeed(&events.feed))?)
        }))
    }
}

impl<T: EventItem, E: From<Error>> Stream for EventStream<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

impl<T: EventItem, E: From<Error>> FromResponse for EventStream<T, E> {
    const ACCEPT: &'static str = "text/event-stream";
    const READS: Reads = Reads::Live;
    const KIND: ResponseKind = ResponseKind::Stream;

    fn from_response(response: Response) -> Result<Self> {
        Ok(Self { events: Box::new(Events::new(response)?), types: PhantomData })
    }

    /// A 204 has no stream.
    fn is_absent(response: &Response) -> bool {
        response.status() == StatusCode::NO_CONTENT
    }
}

/// It is never called: a type of `FromResponse` is decoded by that. Its bounds are what the compiler reports if it isn't one.
impl<T: EventItem, E: StreamError> Decodable for EventStream<T, E> {
    fn never(result: Result<Response>) -> Result<Self> {
        never(result)
    }
}

impl<T, E> DeclaresEvents for EventStream<T, E> {
    fn with_event_keys(mut self, keys: &'static EventKeys) -> Self {
        self.events.keys = keys;
        self
    }
}

/// Shows nothing of the events.
impl<T, E> fmt::Debug for EventStream<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventStream({}, {} events)", self.status().as_u16(), self.events.feed.items)
    }
}

/// The events, whatever they are decoded as.
struct Events {
    feed: Feed,
    parser: EventParser,
    keys: &'static EventKeys,
    /// Whether no event has arrived since the stream was opened.
    is_first: bool,
    /// Whether the session has signed in again since the last event.
    is_renewed: bool,
    /// Whether the stream ends after the event that was returned.
    is_last: bool,
}

/// What becomes of an event.
enum Verdict {
    Item,
    Last,
    Done,
    Expired,
    Failed(Error),
}

impl Events {
    fn new(response: Response) -> Result<Self> {
        let feed = Feed::new(response, accepts)?;
        let parser = EventParser::new(feed.max_item());
        Ok(Self { feed, parser, keys: &EventKeys::NONE, is_first: true, is_renewed: false, is_last: false })
    }

    /// Whether there is another event, which is then that of the parser.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<()>>> {
        while self.feed.is_open() && !mem::take(&mut self.is_last) {
            let verdict = match self.parser.advance() {
                Ok(true) => Some(self.judge()),
                Ok(false) => match ready!(self.feed.poll(context)) {
                    Fed::Piece(piece) => {
                        self.parser.push(piece);
                        None
                    }
                    Fed::Opened => {
                        self.is_first = true;
                        None
                    }
                    Fed::End => self.ended(),
                    Fed::Cut(error) => self.cut(error),
                    Fed::Failed(error) => Some(Verdict::Failed(error)),
                },
                Err(TooLong(max)) => {
                    let why = format!(
                        "the stream has an event of more than {max} bytes; raise `max_item` to allow it"
                    );
                    let error = self.feed.error(ErrorKind::BodyTooLarge, why);
                    Some(Verdict::Failed(error.after_items(self.feed.items)))
                }
            };
            match verdict {
                None => {}
                Some(verdict @ (Verdict::Item | Verdict::Last)) => {
                    self.feed.count();
                    (self.is_first, self.is_renewed) = (false, false);
                    self.is_last = matches!(verdict, Verdict::Last);
                    return Poll::Ready(Some(Ok(())));
                }
                Some(Verdict::Expired) => {
                    self.is_renewed = true;
                    let opened =
                        self.changes(Duration::ZERO).and_then(|changes| self.feed.open_renewed(changes));
                    if let Err(error) = opened {
                        return self.failed(error);
                    }
                }
                Some(Verdict::Done) => break,
                Some(Verdict::Failed(error)) => return self.failed(error),
            }
        }
        self.feed.close();
        Poll::Ready(None)
    }

    fn failed(&mut self, error: Error) -> Poll<Option<Result<()>>> {
        self.feed.close();
        Poll::Ready(Some(Err(error)))
    }

    fn judge(&mut self) -> Verdict {
        let event = self.parser.event();
        if let Some(expired) = self.keys.expired
            && self.is_first
            && !self.is_renewed
            && self.feed.is_renewable()
            && expired(event)
        {
            return Verdict::Expired;
        }
        if let Some(error) = marked(event, self.keys.errors) {
            return Verdict::Failed(reported(error.as_bytes(), &self.feed));
        }
        if self.keys.done.contains(&event.data) || self.keys.done.contains(&event.name) {
            return Verdict::Done;
        }
        if marked(event, self.keys.done).is_some() { Verdict::Last } else { Verdict::Item }
    }

    /// The response has ended.
    fn ended(&mut self) -> Option<Verdict> {
        let is_unfinished = self.parser.is_unfinished();
        // Some servers leave out the blank line after the last event.
        if is_unfinished && self.parser.complete() && self.keys.done.contains(&self.parser.event().data) {
            return Some(Verdict::Done);
        }
        if self.keys.reconnects {
            let wait = self.parser.retry().unwrap_or(RECONNECT);
            let opened = self.changes(wait).and_then(|changes| self.feed.open_after_end(changes));
            return opened.err().map(Verdict::Failed);
        }
        if !self.keys.done.is_empty() {
            return Some(Verdict::Failed(self.feed.cut("ended without the event that marks its end")));
        }
        if is_unfinished && !self.feed.has_known_end() {
            return Some(Verdict::Failed(self.feed.cut("ended in the middle of an event")));
        }
        Some(Verdict::Done)
    }

    /// The response can't be read to its end.
    fn cut(&mut self, error: Error) -> Option<Verdict> {
        if !self.keys.reconnects {
            return Some(Verdict::Failed(error));
        }
        let wait = self.parser.retry().unwrap_or_default();
        let opened = self.changes(wait).and_then(|changes| self.feed.open_after_cut(error, changes));
        opened.err().map(Verdict::Failed)
    }

    /// What changes in the request that opens the stream again. What was not parsed is dropped.
    fn changes(&mut self, wait: Duration) -> Result<Changes> {
        self.parser.reopen();
        let mut changes = Changes { wait, ..Changes::default() };
        if !self.parser.last_id().is_empty() {
            let value = HeaderValue::from_bytes(self.parser.last_id().as_bytes()).map_err(|_| {
                self.feed.cut("ended, and can't be opened again, since the id of its last event is no header")
            })?;
            changes.headers.push((HeaderName::from_static("last-event-id"), value));
        }
        Ok(changes)
    }
}

/// Whether a response has events.
fn accepts(response: &Response) -> Result<()> {
    let content_type = response.headers().get(header::CONTENT_TYPE).map(headers::essence);
    if content_type.as_deref() == Some(b"text/event-stream") {
        return Ok(());
    }
    Err(response.decode_error(
        Expected::form("an event stream"),
        "its content type is not `text/event-stream`",
        None,
    ))
}
