//! Reads the body of a response: within its limit, at its pace, and decoded.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use http::{Method, header};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::Sender;
use crate::decode::Reads;
use crate::error::{BoxError, Error, ErrorKind, Exchange, Loss, Outcome, Result, Sent, Track};
use crate::limit::{Permit, deadline};
use crate::message::encoding::{self, Buffer, Decoder};
use crate::message::{Body, Response};
use crate::settings::Pace;
use crate::transport::{BodyFailed, NotHttp};

/// How long reading an error body may take.
const ERROR_BODY_TIME: Duration = Duration::from_secs(5);

impl Sender<'_> {
    /// Reads the body of a success to its end, within `max_body`.
    pub(super) async fn read(&self, response: &mut Response) -> Result<Bytes, Cut> {
        self.check_announced(response)?;
        let Collected { body, cut } =
            collect(response, self.limits.max_body, Part::Dropped, self.limits.pace(self.kind.reads)).await;
        cut.map_or(Ok(body), Err)
    }

    /// Checks the length that the response announces.
    fn check_announced(&self, response: &Response) -> Result<(), Cut> {
        let limit = self.limits.max_body;
        // The response to a HEAD announces the body of a GET.
        let announced = announced(response).filter(|_| self.exchange.method != Method::HEAD);
        let Some(length) = announced.filter(|length| *length > limit) else { return Ok(()) };
        if !response.headers().contains_key(header::CONTENT_ENCODING) {
            return Err(Cut::Limit(limit));
        }
        let encoded = encoding::encoded_limit(limit);
        if length > encoded { Err(Cut::Encoded(encoded)) } else { Ok(()) }
    }

    /// Reads as much of an error body as is kept and arrives in time. The status is an error without it, too.
    /// In a box, since few calls need it.
    pub(super) fn read_error(&self, mut response: Response) -> BoxFuture<'_, Response> {
        Box::pin(async move {
            let (limit, pace) = (self.levels.max_error_body(), self.limits.pace(Reads::Whole));
            let body = collect(&mut response, limit, Part::Kept, pace);
            let (bytes, cut) = match timeout(ERROR_BODY_TIME, body).await {
                Ok(Collected { body, cut }) => (body, cut.as_ref().map(Cut::of_error)),
                Err(_) => (Bytes::new(), Some(Loss::Time)),
            };
            self.with_sent(response.with_body(bytes)).with_cut(cut)
        })
    }

    /// Leaves the body to the caller, at its pace. It keeps the permit of the request.
    pub(super) fn streamed(&self, mut response: Response, permit: Permit) -> Response {
        let body = response.take_body();
        let pieces = Pieces::new(body, self.limits.pace(self.kind.reads));
        let (exchange, attempts, track) = (Arc::clone(&self.exchange), self.trail.attempts, self.track());
        let paced = Paced { pieces, exchange, attempts, track, received: 0, permit: Some(permit) };
        self.with_sent(response.with_body(Body::incoming(paced)))
    }

    /// What is known of the call.
    pub(super) fn track(&self) -> Track {
        let (carried, earlier) = (self.proof.carried.clone(), self.trail.earlier.clone());
        Track::new(carried, earlier, self.trail.attempted)
    }

    /// The response, with how it was requested.
    pub(super) fn with_sent(&self, response: Response) -> Response {
        response.with_sent(Sent {
            exchange: Arc::clone(&self.exchange),
            attempts: self.trail.attempts,
            history: self.trail.history.clone(),
            asks_for_part: self.kind.asks_for_part,
            cut: None,
            track: self.track(),
        })
    }
}

/// What becomes of a body that was not read to its end.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Kept,
    Dropped,
}

/// The part of a body that was read.
struct Collected {
    body: Bytes,
    /// Why it is not all.
    cut: Option<Cut>,
}

impl Collected {
    fn nothing(cut: Option<Cut>) -> Self {
        Self { body: Bytes::new(), cut }
    }
}

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum Cut {
    /// It is longer than this, in bytes.
    Limit(usize),
    /// It is longer than this before it is decoded, in bytes.
    Encoded(usize),
    /// Nothing arrived for this long.
    Idle(Duration),
    /// Less than this arrived, in bytes per second.
    Slow(u32),
    /// The connection ended, or the body ends before its coding does.
    Broken(BoxError),
    /// The body is not encoded as its coding requires.
    Coding(BoxError),
    /// It has a coding that can't be decoded, with these words.
    Unsupported(String),
}

impl Cut {
    /// The kind of the error of a success whose body can't be read.
    pub(super) fn kind(&self) -> ErrorKind {
        match self {
            Self::Limit(_) | Self::Encoded(_) => ErrorKind::BodyTooLarge,
            Self::Idle(_) | Self::Slow(_) => ErrorKind::Timeout,
            Self::Broken(source) if source.is::<NotHttp>() => ErrorKind::Protocol,
            Self::Broken(source) if source.is::<BodyFailed>() => ErrorKind::RequestBody,
            Self::Broken(_) => ErrorKind::Transport,
            Self::Coding(_) => ErrorKind::Decode,
            Self::Unsupported(_) => ErrorKind::UnsupportedEncoding,
        }
    }

    /// Whether another attempt can succeed.
    pub(super) fn is_transient(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::Transport)
    }

    /// Adds what caused it to its error.
    pub(super) fn cause_of(self, error: Error) -> Error {
        match self {
            Self::Broken(source) | Self::Coding(source) => error.caused_by(source),
            Self::Limit(_) | Self::Encoded(_) | Self::Idle(_) | Self::Slow(_) | Self::Unsupported(_) => error,
        }
    }

    /// The same of the body of an error, whose rest is lost.
    fn of_error(&self) -> Loss {
        match self {
            Self::Limit(_) | Self::Encoded(_) => Loss::Limit,
            Self::Idle(_) | Self::Slow(_) => Loss::Idle,
            Self::Broken(_) => Loss::End,
            Self::Coding(_) | Self::Unsupported(_) => Loss::Coding,
        }
    }
}

/// The announced length of the body as it is sent.
fn announced(response: &Response) -> Option<usize> {
    response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads at most `limit` decoded bytes. Afterwards the headers describe the decoded body.
///
/// The body is taken before the future is created, which would contain it twice otherwise.
fn collect(response: &mut Response, limit: usize, part: Part, pace: Pace) -> impl Future<Output = Collected> {
    let mut pieces = Pieces::new(response.take_body(), pace);
    async move {
        // A body without bytes has no coding, whatever the headers are: they may describe the body of a GET.
        let first = match pieces.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return Collected::nothing(None),
            Err(cut) => return Collected::nothing(Some(cut)),
        };
        let codec = match encoding::of(response.headers()) {
            Ok(codec) => codec,
            Err(coding) => return Collected::nothing(Some(Cut::Unsupported(coding))),
        };
        let (decoder, next) = match codec {
            Some(codec) => {
                let headers = response.headers_mut();
                headers.remove(header::CONTENT_ENCODING);
                headers.remove(header::CONTENT_LENGTH);
                (codec.decoder(&first, Buffer::new(limit)), None)
            }
            None => {
                let next = if first.len() <= limit { Some(pieces.next().await) } else { None };
                if matches!(next, Some(Ok(None))) {
                    // A body of one piece is not copied.
                    return Collected { body: first, cut: None };
                }
                (Ok(Box::new(Buffer::new(limit)) as Box<dyn Decoder>), next)
            }
        };
        match decoder {
            Ok(decoder) => Box::pin(decode(decoder, (first, next), pieces, limit, part)).await,
            Err(error) => Collected::nothing(Some(Cut::Coding(error.into()))),
        }
    }
}

/// Pushes the pieces through a decoder, until there are no more or too many. The second may have been read already.
async fn decode(
    mut decoder: Box<dyn Decoder>,
    (mut piece, mut second): (Bytes, Option<Result<Option<Bytes>, Cut>>),
    mut pieces: Pieces,
    limit: usize,
    part: Part,
) -> Collected {
    let mut encoded: usize = 0;
    let cut = loop {
        if let Err(error) = decoder.push(&piece) {
            break Some(Cut::Coding(error.into()));
        }
        encoded = encoded.saturating_add(piece.len());
        if encoded > encoding::encoded_limit(limit) {
            break Some(Cut::Encoded(encoding::encoded_limit(limit)));
        }
        let next = match second.take() {
            Some(next) => next,
            None => pieces.next().await,
        };
        piece = match next {
            Ok(Some(piece)) => piece,
            Ok(None) => {
                let cut = |error| {
                    if encoding::is_cut_off(&error) {
                        Cut::Broken(error.into())
                    } else {
                        Cut::Coding(error.into())
                    }
                };
                break decoder.finish().err().map(cut);
            }
            Err(cut) => break Some(cut),
        };
    };
    let body = std::mem::take(decoder.buffer());
    let cut = if body.is_full() { Some(Cut::Limit(limit)) } else { cut };
    // A body that is not needed is not joined: that takes its memory twice.
    let is_needed = cut.is_none() || part == Part::Kept;
    Collected { body: if is_needed { body.into_bytes() } else { Bytes::new() }, cut }
}

/// The pieces of a body, at their pace. Only the time spent waiting counts, not that of a slow reader.
struct Pieces {
    body: Body,
    pace: Pace,
    /// The time spent waiting, and the bytes received, since the throughput was last measured.
    waited: Duration,
    received: usize,
    /// During a wait: its start, and the part of it that is not in `waited` yet.
    wait: Option<(Instant, Instant)>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pieces {
    fn new(body: Body, pace: Pace) -> Self {
        Self { body, pace, waited: Duration::ZERO, received: 0, wait: None, timer: None }
    }

    /// The next piece that is not empty.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, Cut>> {
        poll_fn(|context| self.poll_next(context))
    }

    /// Fails if nothing arrives for too long, or not enough by the end of a window.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Cut>> {
        loop {
            match self.body.poll_piece(context) {
                Poll::Ready(Some(Ok(piece))) if piece.is_empty() => {}
                Poll::Ready(next) => {
                    let next = next.transpose().map_err(Cut::Broken)?;
                    self.count_wait();
                    self.wait = None;
                    if let Some(piece) = &next {
                        self.received += piece.len();
                        self.measure()?;
                    }
                    return Poll::Ready(Ok(next));
                }
                Poll::Pending => {
                    let now = Instant::now();
                    let (since, counted) = *self.wait.get_or_insert((now, now));
                    let idle = deadline(self.pace.idle_timeout, since);
                    let window = counted + Pace::WINDOW.saturating_sub(self.waited);
                    ready!(self.poll_timer(idle.min(window), context));
                    if Instant::now() >= idle {
                        return Poll::Ready(Err(Cut::Idle(self.pace.idle_timeout)));
                    }
                    self.count_wait();
                    self.measure()?;
                }
            }
        }
    }

    fn poll_timer(&mut self, end: Instant, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if timer.deadline() != end {
            timer.as_mut().reset(end);
        }
        timer.as_mut().poll(context)
    }

    fn count_wait(&mut self) {
        if let Some((_, counted)) = &mut self.wait {
            let now = Instant::now();
            self.waited += now - *counted;
            *counted = now;
        }
    }

    /// At the end of a window, checks that enough was received, and starts the next one.
    fn measure(&mut self) -> Result<(), Cut> {
        if self.waited < Pace::WINDOW {
            return Ok(());
        }
        let least = f64::from(self.pace.min_throughput) * self.waited.as_secs_f64();
        let received = std::mem::take(&mut self.received);
        self.waited = Duration::ZERO;
        if (received as f64) < least { Err(Cut::Slow(self.pace.min_throughput)) } else { Ok(()) }
    }
}

/// A body that the caller reads. Its permit is given back at its end.
struct Paced {
    pieces: Pieces,
    exchange: Arc<Exchange>,
    attempts: u32,
    track: Track,
    received: u64,
    permit: Option<Permit>,
}

impl Stream for Paced {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.pieces.poll_next(context));
        match &next {
            Ok(Some(piece)) => self.received += u64::try_from(piece.len()).unwrap_or(0),
            Ok(None) | Err(_) => {
                self.permit = None;
                // This closes the connection of a body that was not read to its end.
                self.pieces.body = Body::empty();
            }
        }
        Poll::Ready(next.map_err(|cut| self.error(cut)).transpose())
    }
}

impl Paced {
    fn error(&self, cut: Cut) -> Error {
        let error = Error::new(cut.kind(), format!("the body of the response {cut}"));
        let error = error.with_outcome(Outcome::Unknown).with_retryable(cut.is_transient());
        let error = error.with_received(self.received);
        let track = self.track.clone().now();
        let error = error.about(&self.exchange, self.attempts, &track);
        cut.cause_of(error)
    }
}

/// The way out for a body that is too large.
const LARGER: &str = "raise `max_body` to allow it, or read it in pieces by `streaming()`";

/// It continues a sentence: "the response is larger than …".
impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(limit) => write!(f, "is larger than {limit} bytes; {LARGER}"),
            Self::Encoded(limit) => {
                write!(f, "is larger than {limit} bytes before it is decoded; {LARGER}")
            }
            Self::Idle(limit) => write!(f, "sent nothing for {limit:?} (`idle_timeout`)"),
            Self::Slow(least) => {
                let window = Pace::WINDOW;
                write!(f, "was slower than {least} bytes per second over {window:?} (`min_throughput`)")
            }
            Self::Broken(source) if source.is::<NotHttp>() => f.write_str("is not valid HTTP"),
            Self::Broken(source) if source.is::<BodyFailed>() => {
                f.write_str("ended too early, since the body of the request can't be read")
            }
            Self::Broken(_) => f.write_str("ended too early"),
            Self::Coding(_) => f.write_str("does not match its content coding"),
            Self::Unsupported(coding) => {
                let known = encoding::names();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                write!(f, "has {coding}; these can be decoded: {known}")
            }
        }
    }
}
