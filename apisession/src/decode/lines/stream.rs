//! Items while they arrive.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::input::Fault;
use super::keys::{DeclaresLines, LineKeys, marked};
use super::splitter::{Form, Splitter};
use crate::decode::failure::Expected;
use crate::decode::feed::{Fed, Feed};
use crate::decode::item::{self, reported, undecoded};
use crate::decode::resume::Resume;
use crate::decode::stream_error::{StreamError, never};
use crate::decode::{Decodable, FromResponse, Reads};
use crate::describe::ResponseKind;
use crate::error::{Error, ErrorKind, Result};
use crate::message::{Changes, Response, headers};

/// The items of a response while they arrive, for an operation that returns `Call<Lines<T>>` or `Call<Lines<T, E>, E>`: lines of JSON
/// (NDJSON), a JSON text sequence (RFC 7464), a JSON array, or JSON values one after the other.
///
/// Awaiting the call returns it with the head of the response, or fails: a 401 or a 429 is an error there. Each item is then a
/// `Result<T, E>`. `E` is [`Error`], or a typed error.
///
/// How the items follow each other is found out by the content type and the first byte: JSON is an array, or values one after the
/// other; a record separator begins a sequence; everything else is lines. Blank lines are passed over.
///
/// | key of the operation | meaning |
/// |---|---|
/// | `lines(array)`, `lines(array = "/data/rows")` | the body is an array, or a document with an array at this pointer (RFC 6901), whose items are read one by one |
/// | `lines(concatenated)`, `lines(sequence)`, `lines(separate)` | the body is values one after the other, a JSON text sequence, or one item a line, whatever its content type is |
/// | `lines(each = "/row")` | the value of an item is at this pointer. One without it is an error, unless `T` is an `Option` |
/// | `lines(error = "/fault")` | an item with a value at this pointer is the error [`InStream`](ErrorKind::InStream), and the last one |
/// | `lines(done = "/done")` | an item with a value at this pointer is the last one. A stream that ends without it was interrupted |
/// | `resume = after` | after a cut the stream is opened again, by the retry policy. The fn of the last item returns what changes in the request: `fn after(item: &T) -> (&'static str, u64)`, or a [`Resume`](crate::Resume) |
/// | `expired_when_item = is_expired` | a fn of the first item, decoded as whatever the fn takes. If it returns `true`, the session signs in again, and opens the stream once more |
///
/// `done` and `error` can also be lists. A value at such a pointer that is `null` or `false` is none.
///
/// | limit | default |
/// |---|---|
/// | `idle_timeout`: the time without any byte, such as that of a blank line | 5 minutes |
/// | `min_throughput` | none |
/// | `max_item`: the size of a line and of an item | 8 MiB |
/// | `max_attempts`: how often a stream is opened without an item | 3 |
///
/// It is a [`Stream`], whose [`next`](Self::next) needs no import. An interrupted stream is an error with the number of
/// [items](Error::items), and never an end. After an error it has ended, except after an item that can't be decoded, if the next one can
/// be told from it. It counts in `max_in_flight` until it ends or is dropped, which cancels its request.
///
/// ```
/// use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// # use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// pub struct Change {
///     id: u64,
/// }
///
/// fn after(change: &Change) -> (&'static str, u64) {
///     ("since", change.id)
/// }
///
/// #[endpoint(path = "/changes")]
/// pub struct Changes;
///
/// #[endpoint]
/// impl Changes {
///     /// Returns the changes, and goes on where it was when the connection is lost.
///     #[get(lines(each = "/row", error = "/fault"), resume = after)]
///     pub fn all(&self, since: Option<u64>) -> Call<Lines<Change>>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] changes: Changes }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async {
/// #     let body = "{\"row\":{\"id\":1}}\n{\"row\":{\"id\":2}}\n";
/// #     Ok(Response::new(StatusCode::OK).with_header("content-type", "application/x-ndjson").with_body(body))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let mut changes = api.changes().all().await?;
/// let mut last = 0;
/// while let Some(change) = changes.next().await {
///     last = change?.id;
/// }
/// assert_eq!(last, 2);
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "a stream does nothing unless it is read, and is cancelled when it is dropped"]
pub struct Lines<T, E = Error> {
    items: Box<Items>,
    /// Where the stream goes on after an item.
    resume: Option<fn(&T) -> Resume>,
    error: PhantomData<fn() -> E>,
}

impl<T, E> Lines<T, E> {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.items.feed.status()
    }

    /// Returns the headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.items.feed.headers()
    }
}

impl<T: DeserializeOwned, E: From<Error>> Lines<T, E> {
    /// Returns the next item, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T, E>> {
        poll_fn(|context| self.poll_item(context)).await
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        let items = &mut *self.items;
        let next = ready!(items.poll_text(context));
        Poll::Ready(next.map(|found| {
            found?;
            let decoded = decode(items);
            if let (Some(resume), Ok(item)) = (self.resume, &decoded) {
                items.last = Some(resume(item));
            }
            Ok(decoded?)
        }))
    }
}

/// Decodes the item that was found.
fn decode<T: DeserializeOwned>(items: &mut Items) -> Result<T> {
    let text = items.splitter.item();
    let value = match items.keys.each {
        None => Ok(text),
        Some(each) => each.find(text).ok_or(each),
    };
    let decoded = match value {
        Ok(value) => item::json(value, &items.feed),
        // What is no JSON at all is reported as such.
        Err(_) if serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err() => {
            item::json::<serde::de::IgnoredAny>(text, &items.feed).and_then(|_| item::json(text, &items.feed))
        }
        Err(each) => item::absent().map_err(|_| {
            let why = format!("its value: there is none at `{}`", each.0);
            undecoded(text, &items.feed, &why)
        }),
    };
    if decoded.is_err() && items.splitter.needs_json() {
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(items.splitter.item()).is_ok();
        items.is_last = !is_json;
    }
    decoded
}

impl<T: DeserializeOwned, E: From<Error>> Stream for Lines<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(context)
    }
}

impl<T: DeserializeOwned, E: From<Error>> FromResponse for Lines<T, E> {
    const ACCEPT: &'static str =
        "application/x-ndjson, application/jsonl, application/json-seq, application/json";
    const READS: Reads = Reads::Live;
    const KIND: ResponseKind = ResponseKind::Stream;

    fn from_response(response: Response) -> Result<Self> {
        Ok(Self { items: Box::new(Items::new(response)?), resume: None, error: PhantomData })
    }

    /// A 204 has no lines.
    fn is_absent(response: &Response) -> bool {
        response.status() == StatusCode::NO_CONTENT
    }
}

/// It is never called: a type of `FromResponse` is decoded by that. Its bounds are what the compiler reports if it isn't one.
impl<T: DeserializeOwned, E: StreamError> Decodable for Lines<T, E> {
    fn never(result: Result<Response>) -> Result<Self> {
        never(result)
    }
}

impl<T, E> DeclaresLines for Lines<T, E> {
    type Item = T;

    fn with_line_keys(mut self, keys: &'static LineKeys) -> Self {
        self.items.keys = keys;
        self.items.splitter = self.items.split();
        self
    }

    fn with_resume(mut self, resume: fn(&T) -> Resume) -> Self {
        (self.items.resumes, self.resume) = (true, Some(resume));
        self
    }
}

/// Shows nothing of the items.
impl<T, E> fmt::Debug for Lines<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({}, {} items)", self.status().as_u16(), self.items.feed.items)
    }
}

/// The items, whatever they are decoded as.
struct Items {
    feed: Feed,
    splitter: Splitter,
    keys: &'static LineKeys,
    /// Whether the stream is opened again after a cut.
    resumes: bool,
    /// Where it goes on then, once there was an item.
    last: Option<Resume>,
    /// Whether no item has arrived since the stream was opened.
    is_first: bool,
    /// Whether the session has signed in again since the last item.
    is_renewed: bool,
    /// Whether the stream ends after the item that was returned.
    is_last: bool,
}

/// What becomes of an item.
enum Verdict {
    Item,
    Last,
    End,
    Expired,
    /// An error after which the stream goes on.
    Broken(Error),
    Failed(Error),
}

impl Items {
    fn new(response: Response) -> Result<Self> {
        let feed = Feed::new(response, accepts)?;
        let splitter = Splitter::new(Form::Auto, false, 0);
        let (keys, resumes, last) = (&LineKeys::NONE, false, None);
        let (is_first, is_renewed, is_last) = (true, false, false);
        let mut items = Self { feed, splitter, keys, resumes, last, is_first, is_renewed, is_last };
        items.splitter = items.split();
        Ok(items)
    }

    /// What splits the response from its start.
    fn split(&self) -> Splitter {
        let content_type = self.feed.content_type();
        let is_json = content_type == b"application/json" || content_type.ends_with(b"+json");
        Splitter::new(self.keys.form, is_json, self.feed.max_item())
    }

    /// Whether there is another item, which is then that of the splitter.
    fn poll_text(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<()>>> {
        while self.feed.is_open() && !mem::take(&mut self.is_last) {
            let found = match self.splitter.advance() {
                Ok(false) => match ready!(self.feed.poll(context)) {
                    Fed::Piece(piece) => {
                        self.splitter.push(piece);
                        continue;
                    }
                    Fed::Opened => {
                        (self.splitter, self.is_first) = (self.split(), true);
                        continue;
                    }
                    Fed::End => self.ended(),
                    Fed::Cut(error) => self.cut(error),
                    Fed::Failed(error) => Some(Verdict::Failed(error)),
                },
                Ok(true) => Some(self.judge()),
                Err(fault) => Some(self.fault(fault)),
            };
            let verdict = match found {
                Some(verdict) => verdict,
                // The stream is opened again.
                None => continue,
            };
            match verdict {
                Verdict::Item | Verdict::Last => {
                    self.feed.count();
                    (self.is_first, self.is_renewed) = (false, false);
                    self.is_last = matches!(verdict, Verdict::Last);
                    return Poll::Ready(Some(Ok(())));
                }
                Verdict::Expired => {
                    self.is_renewed = true;
                    if let Err(error) = self.changes().and_then(|changes| self.feed.open_renewed(changes)) {
                        return self.failed(error);
                    }
                    self.splitter = self.split();
                }
                Verdict::End => break,
                Verdict::Broken(error) => return Poll::Ready(Some(Err(error))),
                Verdict::Failed(error) => return self.failed(error),
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
        let text = self.splitter.item();
        if let Some(expired) = self.keys.expired
            && self.is_first
            && !self.is_renewed
            && self.feed.is_renewable()
            && expired(text)
        {
            return Verdict::Expired;
        }
        if let Some(error) = marked(text, self.keys.errors) {
            return Verdict::Failed(reported(error, &self.feed));
        }
        if marked(text, self.keys.done).is_some() { Verdict::Last } else { Verdict::Item }
    }

    /// The response has ended.
    fn ended(&mut self) -> Option<Verdict> {
        match self.splitter.finish() {
            // An item that is cut is not JSON.
            Ok(true) if serde_json::from_slice::<serde::de::IgnoredAny>(self.splitter.item()).is_err() => {
                self.cut(self.feed.cut("ended in the middle of an item"))
            }
            Ok(true) => Some(self.judge()),
            Ok(false) if !self.keys.done.is_empty() => {
                self.cut(self.feed.cut("ended without the item that marks its end"))
            }
            Ok(false) => Some(Verdict::End),
            Err(fault) => self.cut(self.feed.cut(&fault.to_string())),
        }
    }

    /// The response can't be read to its end.
    fn cut(&mut self, error: Error) -> Option<Verdict> {
        if !self.resumes {
            return Some(Verdict::Failed(error));
        }
        let opened = self.changes().and_then(|changes| self.feed.open_after_cut(error, changes));
        self.splitter = self.split();
        opened.err().map(Verdict::Failed)
    }

    /// What changes in the request that opens the stream again.
    fn changes(&mut self) -> Result<Changes> {
        match &self.last {
            Some(last) => last.changes(),
            None => Ok(Changes::default()),
        }
    }

    fn fault(&self, fault: Fault) -> Verdict {
        let kind = match fault {
            Fault::TooLong(_) => ErrorKind::BodyTooLarge,
            Fault::Malformed(_) | Fault::Broken(_) | Fault::Cut => ErrorKind::Decode,
        };
        let error = self.feed.error(kind, format!("the stream {fault}")).after_items(self.feed.items);
        if fault.is_fatal() { Verdict::Failed(error) } else { Verdict::Broken(error) }
    }
}

/// Whether a response can have lines.
fn accepts(response: &Response) -> Result<()> {
    let content_type = response.headers().get(header::CONTENT_TYPE).map(headers::essence);
    let why = match content_type.as_deref() {
        Some(b"text/html" | b"application/xhtml+xml") => "it is a page",
        Some(b"text/event-stream") => "it is an event stream; return a `Call<EventStream<T>>`",
        _ => return Ok(()),
    };
    Err(response.decode_error(Expected::form("lines of JSON"), why, None))
}
