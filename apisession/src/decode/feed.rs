//! The bytes of a response that may never end: decoded as they arrive, and opened again after a cut.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use http::{HeaderMap, HeaderValue, StatusCode, Version, header};

use super::MAX_ITEM;
use crate::error::{Error, ErrorKind, Head, Outcome, Result};
use crate::message::encoding::{self, Unpack};
use crate::message::{After, Again, Body, Changes, Response, headers};

/// The bytes of a response, and how to open it again.
pub(super) struct Feed {
    head: Box<Head>,
    body: Body,
    unpack: Option<Unpack>,
    again: Option<Arc<dyn Again>>,
    /// The call that was made again.
    opening: Option<BoxFuture<'static, Result<Response>>>,
    max_item: usize,
    /// Whether the stream has not ended yet.
    is_open: bool,
    /// Whether a byte has arrived since it was opened.
    is_begun: bool,
    /// How many whole items were received.
    pub(super) items: u64,
    /// How often it was cut since the last item.
    cuts: u32,
    /// Checks the type of a response.
    accepts: fn(&Response) -> Result<()>,
}

/// What comes next.
pub(super) enum Fed {
    Piece(Bytes),
    /// The response was opened again.
    Opened,
    /// The end of the response.
    End,
    /// The response can't be read to its end.
    Cut(Error),
    /// The response can't be opened again, or is not what it was.
    Failed(Error),
}

/// What a step of a decoder may decode to, if an item may be smaller.
const LEAST_STEP: usize = 4 * 1024 * 1024;

impl Feed {
    /// The bytes of a response whose type `accepts` checks.
    pub(super) fn new(response: Response, accepts: fn(&Response) -> Result<()>) -> Result<Self> {
        let is_open = response.status() != StatusCode::NO_CONTENT;
        if is_open {
            accepts(&response)?;
        }
        let codec = encoding::of(response.headers()).map_err(|coding| {
            let known = encoding::names().join(", ");
            let message = format!("the stream has {coding}; these can be decoded: {known}");
            Response::from_parts(response.head().clone(), Body::empty())
                .into_error(ErrorKind::UnsupportedEncoding, message)
        })?;
        let again = response.value().again().cloned();
        let max_item = again.as_ref().map_or(MAX_ITEM, |again| again.max_item());
        let unpack = codec.map(|codec| Unpack::new(codec, max_item.max(LEAST_STEP)));
        let head = Box::new(response.head().clone());
        let (body, opening, is_begun) = (response.into_value(), None, false);
        Ok(Self {
            head,
            body,
            unpack,
            again,
            opening,
            max_item,
            is_open,
            is_begun,
            items: 0,
            cuts: 0,
            accepts,
        })
    }

    pub(super) fn max_item(&self) -> usize {
        self.max_item
    }

    pub(super) fn status(&self) -> StatusCode {
        self.head.status
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Whether the stream has not ended yet.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Ends the stream, which cancels its request.
    pub(super) fn close(&mut self) {
        (self.body, self.unpack, self.opening, self.is_open) = (Body::empty(), None, None, false);
    }

    /// Counts an item.
    pub(super) fn count(&mut self) {
        self.items += 1;
        self.cuts = 0;
        if let Some(again) = &self.again {
            again.received(self.items);
        }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Fed> {
        if let Some(opening) = &mut self.opening {
            let end = ready!(opening.as_mut().poll(context));
            self.opening = None;
            return Poll::Ready(match end.and_then(|response| Self::new(response, self.accepts)) {
                Ok(next) => {
                    let (items, cuts) = (self.items, self.cuts);
                    *self = Self { items, cuts, ..next };
                    Fed::Opened
                }
                Err(error) => Fed::Failed(error.after_items(self.items)),
            });
        }
        loop {
            if let Some(unpack) = &mut self.unpack {
                match unpack.next() {
                    Ok(Some(piece)) => return Poll::Ready(Fed::Piece(piece)),
                    Ok(None) => {}
                    Err(error) => return Poll::Ready(self.coding_error(error)),
                }
            }
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(piece)) => {
                    self.is_begun |= !piece.is_empty();
                    match &mut self.unpack {
                        Some(unpack) => unpack.push(piece),
                        None => return Poll::Ready(Fed::Piece(piece)),
                    }
                }
                Some(Err(error)) => return Poll::Ready(Fed::Cut(error.after_items(self.items))),
                None => {
                    let rest = self.unpack.take().map_or(Ok(Bytes::new()), |mut unpack| unpack.finish());
                    return Poll::Ready(match rest {
                        Ok(rest) if rest.is_empty() => Fed::End,
                        Ok(rest) => Fed::Piece(rest),
                        Err(error) => self.coding_error(error),
                    });
                }
            }
        }
    }

    /// Whether the call can be made again with a new credential.
    pub(super) fn is_renewable(&self) -> bool {
        self.again.as_ref().is_some_and(|again| again.is_renewable())
    }

    /// Opens the stream again after a cut, if the retry policy allows that; otherwise the cut is the error.
    pub(super) fn open_after_cut(&mut self, error: Error, changes: Changes) -> Result<()> {
        self.cuts = self.cuts.saturating_add(1);
        let attempts = self.cuts;
        self.open(changes, |_| After::Failure(error, attempts))
    }

    /// Opens the stream again after its end. One that ends at once, each time, is as good as cut.
    pub(super) fn open_after_end(&mut self, changes: Changes) -> Result<()> {
        if !self.is_begun {
            let error = self.cut("ended without a byte");
            return self.open_after_cut(error, changes);
        }
        self.open(changes, |_| After::End)
    }

    /// Opens the stream again, since it has refused its credential.
    pub(super) fn open_renewed(&mut self, changes: Changes) -> Result<()> {
        self.open(changes, |_| After::Refused)
    }

    fn open(&mut self, changes: Changes, after: impl FnOnce(&Self) -> After) -> Result<()> {
        // Its connection is given back first: the limit of requests in flight may be one.
        (self.body, self.unpack) = (Body::empty(), None);
        let after = after(self);
        match &self.again {
            Some(again) => {
                self.opening = Some(Arc::clone(again).again(changes, after));
                Ok(())
            }
            None => Err(match after {
                After::Failure(error, _) => error,
                After::End | After::Refused => self.cut("ended, and can't be opened again"),
            }),
        }
    }

    /// The error of a stream that did not go on as it should have. Another attempt can succeed.
    pub(super) fn cut(&self, why: &str) -> Error {
        let error = self.error(ErrorKind::Transport, format!("the stream {why}")).after_items(self.items);
        error.with_outcome(Outcome::Unknown).with_retryable(true)
    }

    /// An error of the stream, with its head.
    pub(super) fn error(&self, kind: ErrorKind, message: String) -> Error {
        self.error_with(Bytes::new(), kind, message)
    }

    /// An error of the stream that is about `text`.
    pub(super) fn error_with(&self, text: Bytes, kind: ErrorKind, message: String) -> Error {
        Response::from_parts((*self.head).clone(), Body::from(text)).into_error(kind, message)
    }

    /// Whether nothing of the server may be shown.
    pub(super) fn is_restricted(&self) -> bool {
        self.head.sent.as_ref().is_some_and(|sent| sent.exchange.redaction.is_restricted())
    }

    /// A text of the server, masked.
    pub(super) fn shown(&self, text: &str) -> String {
        self.head.shown(text)
    }

    /// Whether the end of the response can be told from the end of its connection. A server that ends one by closing the connection
    /// announces that, or speaks HTTP/1.0.
    pub(super) fn has_known_end(&self) -> bool {
        let headers = &self.head.headers;
        let closes = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"close");
        let is_close = headers.get(header::CONNECTION).is_some_and(closes);
        let may_be_closed =
            self.head.version == Version::HTTP_10 || self.head.version == Version::HTTP_11 && is_close;
        !may_be_closed
            || headers.contains_key(header::CONTENT_LENGTH)
            || headers.contains_key(header::TRANSFER_ENCODING)
    }

    /// The content type without its parameters.
    pub(super) fn content_type(&self) -> Vec<u8> {
        self.head.headers.get(header::CONTENT_TYPE).map(headers::essence).unwrap_or_default()
    }

    fn coding_error(&mut self, error: std::io::Error) -> Fed {
        if self.unpack.as_mut().is_some_and(Unpack::is_full) {
            let message = format!(
                "the stream decodes to more than {LEAST_STEP} bytes at once; raise `max_item` to allow it"
            );
            return Fed::Failed(self.error(ErrorKind::BodyTooLarge, message).after_items(self.items));
        }
        if encoding::is_cut_off(&error) {
            return Fed::Cut(self.cut("ended before its content coding does").caused_by(error.into()));
        }
        let message = "the stream does not match its content coding".to_owned();
        let failed = self.error(ErrorKind::Decode, message).after_items(self.items);
        Fed::Failed(failed.caused_by(error.into()))
    }
}
