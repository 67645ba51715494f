//! Reads the body of an answer: within its size, at its pace, and decoded.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{Method, header};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::{Sender, deadline};
use crate::body::Body;
use crate::encoding::{self, Decoder, Sink};
use crate::error::{BoxError, Result};
use crate::levels::MAX_ERROR_BODY;
use crate::limit::Permit;
use crate::redact;
use crate::response::{Response, Sent};
use crate::transport::NotHttp;

/// How fast a body must come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// How long nothing may come.
    pub(crate) idle_timeout: Duration,
    /// How many bytes a second must come, measured over [`WINDOW`]; zero is any.
    pub(crate) min_throughput: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { idle_timeout: Duration::from_secs(30), min_throughput: 1024 }
    }
}

/// Over how long the throughput is measured.
const WINDOW: Duration = Duration::from_secs(30);

/// How long the body of an error may take to come.
const ERROR_BODY_TIME: Duration = Duration::from_secs(5);

impl Sender<'_> {
    /// Reads the body of a success to its end, which must come within `max_body`.
    pub(super) async fn read(&self, mut response: Response) -> Result<Response> {
        let limit = self.limits.max_body;
        // The answer to a HEAD announces the body that a GET would have.
        let announces = self.exchange.method != Method::HEAD;
        if announces && announced(&response).is_some_and(|length| length > limit) {
            return Err(self.cut_off(response, Cut::Limit(limit)));
        }
        let taken = collect(&mut response, limit, self.limits.pace).await;
        match taken.cut {
            None => Ok(self.complete(response, taken.body.into_bytes())),
            Some(cut) => Err(self.cut_off(response, cut)),
        }
    }

    /// Reads as much of the body of an error as is kept and comes soon. The status counts without it.
    pub(super) async fn read_error(&self, mut response: Response) -> Response {
        let body = collect(&mut response, MAX_ERROR_BODY, self.limits.pace);
        let bytes = timeout(ERROR_BODY_TIME, body).await.map(|taken| taken.body.into_bytes());
        self.complete(response, bytes.unwrap_or_default())
    }

    /// Leaves the body to be read, at its pace. The place of the request goes with it.
    pub(super) fn left_to_read(&self, mut response: Response, permit: Permit) -> Response {
        let body = response.take_body();
        let paced = Paced { source: Source::new(body, self.limits.pace), permit: Some(permit) };
        self.known(response.with_body(Body::incoming(paced)))
    }

    fn complete(&self, head: Response, body: Bytes) -> Response {
        self.known(head.with_body(body))
    }

    /// The answer, with what is known of the way to it.
    pub(super) fn known(&self, answer: Response) -> Response {
        let exchange = Arc::clone(&self.exchange);
        answer.with_sent(Sent {
            exchange,
            attempts: self.attempts,
            history: self.history.clone(),
            elapsed: self.started.elapsed(),
        })
    }
}

/// A body that was read, as far as it was.
struct Taken {
    body: Sink,
    /// Why that is not all.
    cut: Option<Cut>,
}

/// Why a body was not read to its end.
#[derive(Debug)]
pub(super) enum Cut {
    /// It has more bytes than this.
    Limit(usize),
    /// Nothing came for this long.
    Idle(Duration),
    /// Fewer bytes a second came than this.
    Slow(u32),
    /// The connection ended, or what came ends before its coding does.
    Broken(BoxError),
    /// What came is not as its coding has it.
    Coding(BoxError),
    /// It has this coding, which can't be undone here.
    Unsupported(String),
}

/// The length that the answer announces, if that is the length of what it decodes to.
fn announced(response: &Response) -> Option<usize> {
    let headers = response.headers();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return None;
    }
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads at most `limit` decoded bytes. The headers then describe what was decoded.
async fn collect(response: &mut Response, limit: usize, pace: Pace) -> Taken {
    let mut source = Source::new(response.take_body(), pace);
    let mut sink = Sink::new(limit);
    // A body without bytes has no coding, whatever the headers say: they may describe what a GET would bring.
    let first = match source.next().await {
        Ok(Some(piece)) => piece,
        Ok(None) => return Taken { body: sink, cut: None },
        Err(cut) => return Taken { body: sink, cut: Some(cut) },
    };
    let headers = response.headers_mut();
    let decoder = match encoding::of(headers) {
        Err(coding) => return Taken { body: sink, cut: Some(Cut::Unsupported(coding)) },
        Ok(Some(codec)) => {
            headers.remove(header::CONTENT_ENCODING);
            headers.remove(header::CONTENT_LENGTH);
            codec.decoder(&first, sink)
        }
        // A body of one piece is not copied.
        Ok(None) if first.len() <= limit && source.is_over().await => {
            sink.whole(first);
            return Taken { body: sink, cut: None };
        }
        Ok(None) => Ok(Box::new(sink) as Box<dyn Decoder>),
    };
    match decoder {
        Ok(decoder) => through(decoder, first, source, limit).await,
        Err(error) => Taken { body: Sink::new(0), cut: Some(Cut::Coding(error.into())) },
    }
}

/// Pushes the pieces through a decoder, until there are no more or too many.
async fn through(mut decoder: Box<dyn Decoder>, first: Bytes, mut source: Source, limit: usize) -> Taken {
    let mut piece = first;
    let cut = loop {
        if let Err(error) = decoder.push(&piece) {
            break Some(Cut::Coding(error.into()));
        }
        piece = match source.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => break decoder.finish().err().map(|error| Cut::Broken(error.into())),
            Err(cut) => break Some(cut),
        };
    };
    let body = std::mem::take(decoder.sink());
    let cut = if body.is_full() { Some(Cut::Limit(limit)) } else { cut };
    Taken { body, cut }
}

/// The pieces of a body, at their pace. Only the time of waiting counts, not that of a slow reader.
struct Source {
    body: Body,
    pace: Pace,
    /// How long was waited since the throughput was measured last, and what came meanwhile.
    waited: Duration,
    so_far: usize,
    /// While nothing comes: since when, and since when that is not counted.
    wait: Option<(Instant, Instant)>,
    clock: Option<Pin<Box<Sleep>>>,
    /// What was read ahead.
    ahead: Option<Result<Option<Bytes>, Cut>>,
}

impl Source {
    fn new(body: Body, pace: Pace) -> Self {
        let waited = Duration::ZERO;
        Self { body, pace, waited, so_far: 0, wait: None, clock: None, ahead: None }
    }

    /// Whether there is no other piece.
    async fn is_over(&mut self) -> bool {
        let next = self.next().await;
        matches!(self.ahead.insert(next), Ok(None))
    }

    /// The next piece that is not empty.
    async fn next(&mut self) -> Result<Option<Bytes>, Cut> {
        match self.ahead.take() {
            Some(ahead) => ahead,
            None => poll_fn(|context| self.poll_next(context)).await,
        }
    }

    /// It must come before nothing has come for too long, and enough must have come at the end of each window.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Cut>> {
        loop {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(piece))) if piece.is_empty() => {}
                Poll::Ready(next) => {
                    let next = next.transpose().map_err(Cut::Broken)?;
                    self.count_the_wait();
                    self.wait = None;
                    if let Some(piece) = &next {
                        self.so_far += piece.len();
                        self.measure()?;
                    }
                    return Poll::Ready(Ok(next));
                }
                Poll::Pending => {
                    let now = Instant::now();
                    let (since, counted) = *self.wait.get_or_insert((now, now));
                    let idle = deadline(self.pace.idle_timeout, since);
                    let window = counted + WINDOW.saturating_sub(self.waited);
                    ready!(self.poll_clock(idle.min(window), context));
                    if Instant::now() >= idle {
                        return Poll::Ready(Err(Cut::Idle(self.pace.idle_timeout)));
                    }
                    self.count_the_wait();
                    self.measure()?;
                }
            }
        }
    }

    fn poll_clock(&mut self, end: Instant, context: &mut Context<'_>) -> Poll<()> {
        let clock = self.clock.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if clock.deadline() != end {
            clock.as_mut().reset(end);
        }
        clock.as_mut().poll(context)
    }

    fn count_the_wait(&mut self) {
        if let Some((_, counted)) = &mut self.wait {
            let now = Instant::now();
            self.waited += now - *counted;
            *counted = now;
        }
    }

    /// At the end of a window: whether enough has come in it. The next one begins.
    fn measure(&mut self) -> Result<(), Cut> {
        if self.waited < WINDOW {
            return Ok(());
        }
        let least = f64::from(self.pace.min_throughput) * self.waited.as_secs_f64();
        let so_far = std::mem::take(&mut self.so_far);
        self.waited = Duration::ZERO;
        if (so_far as f64) < least { Err(Cut::Slow(self.pace.min_throughput)) } else { Ok(()) }
    }
}

/// A body that is left to be read. The place of its request is given back with its end.
struct Paced {
    source: Source,
    permit: Option<Permit>,
}

impl Stream for Paced {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.source.poll_next(context));
        if !matches!(next, Ok(Some(_))) {
            self.permit = None;
            // With what was not read its connection goes, and the place that has.
            self.source.body = Body::empty();
        }
        Poll::Ready(next.map_err(|cut| CutOff(cut).into()).transpose())
    }
}

/// What the reader of a stream is told.
#[derive(Debug)]
struct CutOff(Cut);

impl fmt::Display for CutOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body {}", self.0)
    }
}

impl std::error::Error for CutOff {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            Cut::Broken(source) | Cut::Coding(source) => Some(&**source),
            Cut::Limit(_) | Cut::Idle(_) | Cut::Slow(_) | Cut::Unsupported(_) => None,
        }
    }
}

/// What became of the body, after a word for it.
impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(limit) => write!(f, "has more than {limit} bytes; raise `max_body` if that is right"),
            Self::Idle(limit) => write!(f, "stood still for {limit:?} (`idle_timeout`)"),
            Self::Slow(least) => {
                write!(f, "came with less than {least} bytes a second over {WINDOW:?} (`min_throughput`)")
            }
            Self::Broken(source) if source.is::<NotHttp>() => f.write_str("breaks the rules of HTTP"),
            Self::Broken(_) => f.write_str("broke off before its end"),
            Self::Coding(_) => f.write_str("is not what its content coding says"),
            Self::Unsupported(coding) => {
                let known = encoding::names();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let coding = redact::line(coding);
                write!(f, "has the content coding `{coding}`; these can be decoded: {known}")
            }
        }
    }
}
