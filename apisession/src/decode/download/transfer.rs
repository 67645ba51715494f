//! The bytes of a download over all the responses that it takes: what is asked for after a cut, what a response then is, and what is
//! checked at the end. Values in, values out; the calls are made by `Again`.

use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use futures_core::Stream as _;
use futures_core::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};

use super::digest::Check;
use super::range::{ContentRange, Part, content_length, range};
use super::token::DownloadToken;
use super::validator::Validator;
use crate::describe::Operation;
use crate::error::{Error, ErrorKind, Head, Outcome, Result, status_text};
use crate::message::{After, Again, Body, Changes, Response};

/// A download under way.
pub(super) struct Transfer {
    /// The head of the first response, or of that with which the download started again.
    pub(super) head: Box<Head>,
    body: Body,
    again: Option<Arc<dyn Again>>,
    /// The response that was asked for after a cut.
    request: Option<(Asked, BoxFuture<'static, Result<Response>>)>,
    validator: Option<Validator>,
    /// What of the representation this download is.
    part: Part,
    /// Whether the caller asked for a part.
    is_part_asked: bool,
    /// The first byte that this download yields. It is that of the part, unless another download has yielded those before.
    begin: u64,
    /// The next byte of the representation that is yielded.
    position: u64,
    /// How many bytes come before it in this response, which were yielded already.
    skip: u64,
    /// Whether this response goes on after the end of the part.
    is_longer: bool,
    /// The position that was reached by an attempt before this one.
    furthest: u64,
    /// How many attempts were made since then.
    attempts: u32,
    whole: Vec<Check>,
    /// That of a response after the first one.
    content: Option<Check>,
    expected: Option<[u8; 32]>,
    /// Whether all bytes so far can be yielded once more.
    pub(super) can_restart: bool,
    /// Whether an end that may be a cut is accepted.
    pub(super) accepts_any_end: bool,
    is_over: bool,
}

/// What a download yields.
pub(super) enum Event {
    Piece(Bytes),
    /// What was yielded before is void, and the next piece is the first one again.
    Restart,
}

/// What a request after a cut asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The same as at first. Nothing was yielded yet.
    First,
    /// The bytes from the position on.
    Rest,
    /// The same as at first. What was yielded is void.
    Restart,
}

impl Transfer {
    pub(super) fn new(response: Response) -> Result<Self> {
        let mut transfer = Self::empty(&response);
        transfer.start(response)?;
        transfer.furthest = transfer.position;
        Ok(transfer)
    }

    /// Goes on after another download, with the response to the rest.
    pub(super) fn resumed(response: Response, token: &DownloadToken) -> Result<Self> {
        let mut transfer = Self::empty(&response);
        transfer.validator = Some(token.validator.clone());
        transfer.part = Part { start: 0, end: token.end };
        (transfer.begin, transfer.position, transfer.furthest) =
            (token.position, token.position, token.position);
        transfer.go_on(response)?;
        Ok(transfer)
    }

    fn empty(response: &Response) -> Self {
        Self {
            head: Box::new(response.head().clone()),
            body: Body::empty(),
            again: response.value().again().cloned(),
            request: None,
            validator: None,
            part: Part { start: 0, end: None },
            is_part_asked: response.head().sent.as_ref().is_some_and(|sent| sent.asks_for_part),
            begin: 0,
            position: 0,
            skip: 0,
            is_longer: false,
            furthest: 0,
            attempts: response.attempts(),
            whole: Vec::new(),
            content: None,
            expected: None,
            can_restart: false,
            accepts_any_end: false,
            is_over: false,
        }
    }

    /// Whether it yields the bytes after those of another download.
    pub(super) fn is_resumed(&self) -> bool {
        self.begin > self.part.start
    }

    /// How many bytes this download has yielded.
    pub(super) fn received(&self) -> u64 {
        self.position - self.begin
    }

    /// How many bytes this download yields in all, if it is known.
    pub(super) fn total(&self) -> Option<u64> {
        self.part.end.map(|end| end.saturating_sub(self.begin))
    }

    pub(super) fn token(&self) -> Option<DownloadToken> {
        let validator = self.validator.clone().filter(|_| self.is_get() && !self.is_complete())?;
        Some(DownloadToken { position: self.position, end: self.part.end, validator })
    }

    pub(super) fn expect_sha256(&mut self, expected: [u8; 32]) {
        self.expected = Some(expected);
        self.whole.push(Check::sha256(expected));
    }

    /// The next piece, or that what was yielded is void.
    pub(super) fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        loop {
            if self.is_over {
                return Poll::Ready(None);
            }
            let event = match &mut self.request {
                Some((asked, request)) => {
                    let (asked, end) = (*asked, ready!(request.as_mut().poll(context)));
                    self.request = None;
                    self.requested(asked, end)
                }
                None => match ready!(Pin::new(&mut self.body).poll_next(context)) {
                    Some(Ok(piece)) => self.accept(piece).map(|piece| piece.map(Event::Piece)),
                    // After the last byte there is nothing to cut off.
                    Some(Err(error)) if !self.is_complete() => self.interrupted(error).map(|()| None),
                    Some(Err(_)) | None => self.ended().map(|()| None),
                },
            };
            match event {
                Ok(Some(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(None) => {}
                Err(error) => {
                    self.stop();
                    let received = self.received();
                    return Poll::Ready(Some(Err(error.with_received(received))));
                }
            }
        }
    }

    pub(super) fn operation(&self) -> Option<&'static Operation> {
        self.head.sent.as_ref().and_then(|sent| sent.exchange.operation)
    }

    pub(super) fn stop(&mut self) {
        (self.is_over, self.body, self.request) = (true, Body::empty(), None);
    }

    /// Takes a response as the first one.
    fn start(&mut self, mut response: Response) -> Result<()> {
        let headers = response.headers();
        let part = match (response.status(), ContentRange::of(headers)) {
            (StatusCode::PARTIAL_CONTENT, _) if !self.is_part_asked => {
                return Err(self.mismatch("the server sent a part (206), although the whole was requested"));
            }
            (StatusCode::PARTIAL_CONTENT, Some(ContentRange::Part { first, last, .. })) => {
                Part { start: first, end: Some(last + 1) }
            }
            // Several parts in one body can't be resumed.
            (StatusCode::PARTIAL_CONTENT, _) => Part { start: 0, end: content_length(headers) },
            // These end with their head.
            (StatusCode::NO_CONTENT | StatusCode::RESET_CONTENT, _) => Part { start: 0, end: Some(0) },
            _ => Part { start: 0, end: content_length(headers).or_else(|| in_memory(&response)) },
        };
        let is_placed =
            response.status() != StatusCode::PARTIAL_CONTENT || ContentRange::of(headers).is_some();
        self.validator = Validator::of(headers).filter(|_| is_placed && accepts_ranges(headers));
        let is_whole = response.status() != StatusCode::PARTIAL_CONTENT;
        self.whole = Check::of_representation(headers).filter(|_| is_whole).into_iter().collect();
        if let Some(check) = Check::of_content(headers, !is_whole)
            && !self.whole.iter().any(|other| other.is_like(&check))
        {
            self.whole.push(check);
        }
        self.whole.extend(self.expected.map(Check::sha256));
        self.content = None;
        (self.part, self.begin, self.position) = (part, part.start, part.start);
        (self.skip, self.is_longer) = (0, false);
        self.attempts = response.attempts();
        self.body = response.take_body();
        *self.head = response.head().clone();
        Ok(())
    }

    /// Yields a piece of the body, without what was yielded before.
    fn accept(&mut self, mut piece: Bytes) -> Result<Option<Bytes>> {
        if let Some(check) = &mut self.content {
            check.update(&piece);
        }
        if self.skip > 0 {
            let known = usize::try_from(self.skip).unwrap_or(usize::MAX).min(piece.len());
            piece.advance(known);
            self.skip -= length(known);
        }
        if let Some(end) = self.part.end
            && length(piece.len()) > end - self.position
        {
            if !self.is_longer {
                return Err(self.mismatch("the response has more bytes than it announced"));
            }
            piece.truncate(usize::try_from(end - self.position).unwrap_or(usize::MAX));
            (self.body, self.content) = (Body::empty(), None);
        }
        if piece.is_empty() {
            return Ok(None);
        }
        for check in &mut self.whole {
            check.update(&piece);
        }
        self.position += length(piece.len());
        Ok(Some(piece))
    }

    /// The body of a response has ended.
    fn ended(&mut self) -> Result<()> {
        self.body = Body::empty();
        if self.skip > 0 || self.part.end.is_some_and(|end| self.position < end) {
            let missing = self.part.end.map(|end| end - self.position);
            let missing =
                missing.map(|missing| format!(", {missing} bytes before its end")).unwrap_or_default();
            let error = self.error(ErrorKind::Transport, format!("the download was cut off{missing}"));
            return self.interrupted(error.with_outcome(Outcome::Unknown).with_retryable(true));
        }
        let is_checked = !self.whole.is_empty();
        for check in self.content.take().into_iter().chain(mem::take(&mut self.whole)) {
            if let Err(source) = check.verify() {
                return Err(self.error(
                    ErrorKind::Digest,
                    format!("what was received does not have the digest of {source}"),
                ));
            }
        }
        if !is_checked && !self.accepts_any_end && self.has_unknown_end() {
            let message = "the response has neither a length nor an end of its own, so it may have been cut off; \
                           `with_unknown_end` accepts it";
            return Err(self.error(ErrorKind::Transport, message).with_outcome(Outcome::Unknown));
        }
        self.is_over = true;
        Ok(())
    }

    /// Asks for the rest after a cut, or for all of it again, if that is possible. The loop decides whether that is a retry too many.
    fn interrupted(&mut self, error: Error) -> Result<()> {
        self.body = Body::empty();
        let Some(again) = self.again.clone() else { return Err(error) };
        let (asked, headers) = if self.received() == 0 && !self.is_resumed() {
            (Asked::First, Vec::new())
        } else if let Some(if_range) =
            self.validator.as_ref().and_then(Validator::if_range).filter(|_| self.is_get())
        {
            (
                Asked::Rest,
                vec![(header::RANGE, range(self.position, self.part.end)), (header::IF_RANGE, if_range)],
            )
        } else if self.can_restart {
            (Asked::Restart, Vec::new())
        } else {
            return Err(error.ended_by(CANNOT_RESUME));
        };
        self.repeat(&again, asked, headers, error);
        Ok(())
    }

    fn repeat(
        &mut self,
        again: &Arc<dyn Again>,
        asked: Asked,
        headers: Vec<(HeaderName, HeaderValue)>,
        error: Error,
    ) {
        if self.position > self.furthest {
            (self.furthest, self.attempts) = (self.position, 1);
        }
        let after = After::Failure(error.with_received(self.received()), self.attempts);
        self.request =
            Some((asked, Arc::clone(again).again(Changes { headers, ..Changes::default() }, after)));
    }

    /// The request after a cut has ended.
    fn requested(&mut self, asked: Asked, end: Result<Response>) -> Result<Option<Event>> {
        let response = match end {
            Ok(response) => response,
            // There is nothing after the last byte that was received.
            Err(error) if asked == Asked::Rest && self.is_satisfied_by(&error) => {
                self.part.end = Some(self.position);
                self.ended()?;
                return Ok(None);
            }
            Err(error) if error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE) => {
                return Err(error.ended_by(&format!("{} were received before", bytes(self.position))));
            }
            Err(error) => return Err(error),
        };
        self.attempts = response.attempts();
        match asked {
            Asked::First => self.start(response).map(|()| None),
            Asked::Restart => self.restarted_by(response),
            Asked::Rest => self.go_on(response),
        }
    }

    fn is_satisfied_by(&self, error: &Error) -> bool {
        let is_unsatisfied = error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE) && self.skip == 0;
        is_unsatisfied
            && self.part.end.is_none_or(|end| end == self.position)
            && error.headers().and_then(ContentRange::of)
                == Some(ContentRange::Unsatisfied { total: self.position })
    }

    fn restarted_by(&mut self, response: Response) -> Result<Option<Event>> {
        self.start(response)?;
        Ok(Some(Event::Restart))
    }

    /// Takes a response as the one with the bytes from the position on, if it is that.
    fn go_on(&mut self, mut response: Response) -> Result<Option<Event>> {
        let first = match self.continues(&response) {
            Ok(first) => first,
            Err(why) if self.can_restart => return self.start_again(response, &why),
            Err(why) => return Err(self.changed(&response, &why)),
        };
        (self.skip, self.is_longer) =
            (self.position - first, response.status() != StatusCode::PARTIAL_CONTENT);
        if self.part.end.is_none() {
            self.part.end = whole_length(&response);
        }
        self.content = Check::of_content(response.headers(), !self.is_longer);
        self.body = response.take_body();
        Ok(None)
    }

    /// The first byte of the response, if it has those from the position on, or why it has not.
    fn continues(&self, response: &Response) -> Result<u64, String> {
        let headers = response.headers();
        let is_same = self.validator.as_ref().is_some_and(|validator| validator.is_of(headers));
        let is_other = self.validator.as_ref().is_some_and(|validator| validator.contradicts(headers));
        if is_other {
            return Err("it has changed since then".to_owned());
        }
        let (first, total) = match (response.status(), ContentRange::of(headers)) {
            (StatusCode::PARTIAL_CONTENT, Some(ContentRange::Part { first, total, .. })) => (first, total),
            (StatusCode::PARTIAL_CONTENT, _) => {
                return Err("the server does not state which part it sent".to_owned());
            }
            (StatusCode::OK, _) if is_same => (0, content_length(headers)),
            (StatusCode::OK, _) => {
                return Err("the server sent all of it, and not whether it is still the same".to_owned());
            }
            (status, _) => return Err(format!("the server responded with {}", status_text(status))),
        };
        if first > self.position {
            return Err(format!("the server sent the bytes from {first} on, after a gap"));
        }
        // The end is that of the whole, unless the caller asked for a part.
        let is_whole_known = !self.is_part_asked && self.begin == 0;
        match (total, self.part.end) {
            (Some(total), Some(end)) if total < end || (is_whole_known && total != end) => {
                Err(format!("it has {} now, and had {}", bytes(total), bytes(end)))
            }
            _ => Ok(first),
        }
    }

    /// What can't go on starts again: with this response, if it is what was requested at first.
    fn start_again(&mut self, response: Response, why: &str) -> Result<Option<Event>> {
        if response.status() == StatusCode::OK && !self.is_part_asked {
            return self.restarted_by(response);
        }
        let error = self.changed(&response, why).with_retryable(true);
        let Some(again) = self.again.clone() else { return Err(error) };
        self.repeat(&again, Asked::Restart, Vec::new(), error);
        Ok(None)
    }

    /// Whether all bytes that were announced have been yielded.
    fn is_complete(&self) -> bool {
        self.part.end == Some(self.position) && self.skip == 0
    }

    fn is_get(&self) -> bool {
        self.head.sent.as_ref().is_some_and(|sent| sent.exchange.method == Method::GET)
    }

    /// Whether the end of the connection is the end of the response, so that a cut looks the same. Over TLS it does not.
    fn has_unknown_end(&self) -> bool {
        let Head { version, headers, sent, .. } = &*self.head;
        let is_plain = sent.as_ref().is_some_and(|sent| sent.exchange.url.scheme() == "http");
        is_plain
            && self.part.end.is_none()
            && matches!(*version, Version::HTTP_09 | Version::HTTP_10 | Version::HTTP_11)
            && !headers.contains_key(header::TRANSFER_ENCODING)
    }

    fn changed(&self, response: &Response, why: &str) -> Error {
        let message = format!(
            "the download can't go on after {}: {why}; start it again, as `to_file` does by itself",
            bytes(self.position)
        );
        let error = match &response.head().sent {
            Some(sent) => {
                Error::new(ErrorKind::Changed, message).about(&sent.exchange, sent.attempts, &sent.track)
            }
            None => self.error(ErrorKind::Changed, message),
        };
        error.with_outcome(Outcome::Unknown)
    }

    fn mismatch(&self, message: &str) -> Error {
        self.error(ErrorKind::Protocol, message)
    }

    /// An error of this download.
    pub(super) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        let error = Error::new(kind, message).with_received(self.received());
        match &self.head.sent {
            Some(sent) => error.about(&sent.exchange, self.attempts, &sent.track),
            None => error,
        }
    }
}

/// Why a cut is the end.
const CANNOT_RESUME: &str =
    "it can't go on there, since the server sent no strong entity tag, or accepts no ranges";

/// The length of the whole, of which the response has a part or all.
fn whole_length(response: &Response) -> Option<u64> {
    match ContentRange::of(response.headers()) {
        Some(ContentRange::Part { total, .. }) => total,
        Some(ContentRange::Unsatisfied { .. }) | None => content_length(response.headers()),
    }
}

fn in_memory(response: &Response) -> Option<u64> {
    response.body().map(|body| length(body.len()))
}

/// Whether the server may send a part.
fn accepts_ranges(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT_RANGES).is_none_or(|value| !value.as_bytes().eq_ignore_ascii_case(b"none"))
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// A number of bytes in a message.
fn bytes(number: u64) -> String {
    if number == 1 { "1 byte".to_owned() } else { format!("{number} bytes") }
}
