//! The one loop that touches the network, from top to bottom in the order in which things happen.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::time::{Instant, sleep, timeout, timeout_at};
use url::Url;

use crate::arguments::Arguments;
use crate::body::{Body, Collected};
use crate::credential::{Choice, Credential};
use crate::error::{BoxError, Error, ErrorKind, Outcome, Result};
use crate::exchange::Exchange;
use crate::hooks::{Hooks, Retry};
use crate::levels::{Levels, MAX_ERROR_BODY, Resolved};
use crate::operation::Operation;
use crate::origin::{Reach, Reached, Refusal};
use crate::redirect::{self, RedirectError};
use crate::request::Request;
use crate::response::{Response, Sent};
use crate::retry::{self, Decision, Facts};
use crate::session::{Core, Wired};
use crate::status::Meaning;
use crate::transport::Failure;
use crate::url::Query;
use crate::{key, pause, problem, redact};

/// How long the body of an error may take to come.
const ERROR_BODY_TIME: Duration = Duration::from_secs(5);

/// Makes a call: prepares the request, sends it as often as it must and may be sent, checks the answer.
pub(crate) async fn send(arguments: Arguments) -> Result<Response> {
    let operation = arguments.operation;
    let session = arguments.session.clone();
    let call = async {
        let wired = session.wired()?;
        let hooks = wired.hooks()?;
        let (sender, request) = prepare(wired, &*hooks, arguments)?;
        sender.run(request).await
    };
    call.await.map_err(|error| error.in_operation(operation))
}

/// The request of a call that is not made.
pub(crate) fn request(arguments: Arguments) -> Result<Request> {
    let operation = arguments.operation;
    let session = arguments.session.clone();
    let prepared = session.wired().and_then(|wired| {
        let hooks = wired.hooks()?;
        let (_, request) = prepare(wired, &*hooks, arguments)?;
        Ok(request)
    });
    prepared.map_err(|error| error.in_operation(operation))
}

/// What an attempt brings.
enum Answer {
    Whole(Response),
    /// The answer asks to go on elsewhere, and that may be.
    Redirect(Response),
}

/// What holds for all attempts of a call.
struct Sender<'a> {
    core: &'a Core,
    hooks: &'a dyn Hooks,
    /// Whether a hook makes the call.
    inside: bool,
    exchange: Arc<Exchange>,
    levels: Levels<'a>,
    /// What holds by them, without the headers and the query, which are the request's.
    limits: Resolved,
    started: Instant,
    attempts: u32,
    /// Whether the request has been sent away from the session's origin, after which nothing of the session goes along.
    left: bool,
    /// How many redirects were followed.
    hops: u32,
    /// Whether the next sending belongs to the attempt before it, which a redirect went on from.
    hopping: bool,
    history: Vec<(StatusCode, Url)>,
    /// Of the attempts so far, what is known of the one of which the least is known.
    worst: Outcome,
    /// The tokens that the last retry took.
    taken: Option<u32>,
    /// Whether a 401 has made the session sign in again for this call.
    renewed: bool,
}

/// Turns arguments into a request: values in, values out.
fn prepare<'a>(
    wired: &'a Wired,
    hooks: &'a dyn Hooks,
    mut arguments: Arguments,
) -> Result<(Sender<'a>, Request)> {
    if let Some(error) = arguments.failed {
        return Err(error);
    }
    let core = &*wired.core;
    let Arguments { operation, method, headers, body, endpoint, settings: call, .. } = arguments;
    let operation_says = operation.and_then(Operation::settings);
    let levels = Levels { session: &wired.settings, endpoint, operation: operation_says, call };
    if let Some(message) = levels.failed() {
        return Err(Error::new(ErrorKind::Argument, message));
    }
    let mut limits = wired.resolved.clone();
    for wider in [levels.endpoint.as_deref(), levels.operation].into_iter().flatten() {
        limits.apply(wider);
    }
    if let Some(content_type) = arguments.content_type {
        limits.headers.entry(header::CONTENT_TYPE).or_insert(content_type);
    }
    limits.headers.extend(headers);
    let reach = Reach { own: core.base.url(), allowed: levels.allowed_origins() };
    let link = match arguments.link {
        Some(link) => Some(linked(&reach, &core.base.place(arguments.path.as_str()), &link)?),
        None => None,
    };
    let left = matches!(link, Some((_, _, Reached::Allowed)));
    let link = link.map(|(url, mut query, _)| {
        query.append(&arguments.query);
        arguments.query = query;
        url
    });
    if left {
        limits.query = Query::default();
    }
    limits.query.overlay(arguments.query);
    // A hook's request carries what the hook says, and nothing by itself.
    if wired.is_inside() {
        limits.credential = Choice::None;
    }
    limits.apply(&levels.call);
    if left {
        redirect::strip(&mut limits.headers);
        limits.credential = Choice::None;
    }
    let (url, restricted) = match link {
        Some(link) => {
            let restricted = core.base.below(&link).into_iter().any(|path| levels.is_restricted(path));
            (limits.query.of(link), restricted)
        }
        None => {
            let path = arguments.path.as_str();
            let refuse = |error| Error::new(ErrorKind::Argument, format!("the path `{path}` {error}"));
            let url = core.base.join(path, &limits.query, arguments.use_base).map_err(refuse)?;
            (url, levels.is_restricted(path))
        }
    };
    let key = match operation.and_then(Operation::idempotency_key) {
        Some(name) => Some(keyed(&mut limits.headers, name)?),
        None => None,
    };
    let exchange = Exchange { operation, method: method.clone(), url: url.clone(), key, restricted };
    let request = Request { method, url, headers: std::mem::take(&mut limits.headers), body, operation };
    let sender = Sender {
        core,
        hooks,
        inside: wired.is_inside(),
        exchange: Arc::new(exchange),
        levels,
        limits,
        started: Instant::now(),
        attempts: 0,
        left,
        hops: 0,
        hopping: false,
        history: Vec::new(),
        worst: Outcome::NotSent,
        taken: None,
        renewed: false,
    };
    Ok((sender, request))
}

/// The URL and the query of a link, and what kind of place it leads to.
fn linked(reach: &Reach<'_>, place: &Url, link: &str) -> Result<(Url, Query, Reached)> {
    let refuse = |why| Error::new(ErrorKind::Argument, format!("the link {why}"));
    let (mut url, reached) = reach.resolve(place, link).map_err(refuse)?;
    let query = Query::take(&mut url);
    Ok((url, query, reached))
}

/// The idempotency key of a call: the caller's own, or a fresh one.
fn keyed(headers: &mut HeaderMap, name: &'static str) -> Result<HeaderValue> {
    let name = HeaderName::from_static(name);
    if let Some(own) = headers.get(&name) {
        return Ok(own.clone());
    }
    let key = key::fresh()?;
    headers.insert(name, key.clone());
    Ok(key)
}

impl Sender<'_> {
    async fn run(mut self, mut request: Request) -> Result<Response> {
        loop {
            let again = request.replay();
            let credential = self.attach(&mut request).await.map_err(|error| self.about(error))?;
            let error = match self.attempt(request).await {
                Ok(Answer::Redirect(response)) => {
                    request = self.redirected(response, again)?;
                    continue;
                }
                Ok(Answer::Whole(response)) => {
                    self.core.budget.refund(&self.exchange.url, self.taken);
                    return self.check(response);
                }
                Err(error) => error,
            };
            let renews = self.renews(&error, credential);
            // A request that was refused for its credential alone was not processed.
            let error = if renews { error } else { self.remembered(error) };
            let Some(next) = again else { return Err(error) };
            if renews {
                self.worst = self.worst.max(Outcome::Rejected);
            }
            request = if renews { next } else { self.retry(error, next).await? };
        }
    }

    /// Adds the credential. Returns the session's if it is what the request is judged by: if it was added
    /// whole. Hooks get none by themselves, and no other origin gets one at all.
    async fn attach(&self, request: &mut Request) -> Result<Option<Arc<Credential>>> {
        if self.left || !self.core.base.is_origin_of(&request.url) {
            return Ok(None);
        }
        match &self.limits.credential {
            Choice::This(credential) => {
                credential.attach(&mut request.headers);
                Ok(None)
            }
            Choice::Session if !self.inside => {
                let credential = self.within(self.core.credentials.current(self.hooks)).await??;
                Ok(Some(credential).filter(|credential| credential.attach(&mut request.headers)))
            }
            Choice::None | Choice::Session => Ok(None),
        }
    }

    /// Sends once, and reads the answer to its end. A status that the error map knows is an error.
    async fn attempt(&mut self, request: Request) -> Result<Answer> {
        let _permit = self.within(self.core.limit.acquire()).await?;
        if !std::mem::take(&mut self.hopping) {
            self.attempts += 1;
        }
        let exchange = async {
            let response = self.core.transport.send(request).await.map_err(|failure| self.failed(failure))?;
            if redirect::is_redirect(response.status()) && self.max_redirects() > 0 {
                return Ok(Answer::Redirect(self.read_error(response).await));
            }
            match self.levels.meaning(response.status()) {
                None => self.read(response).await.map(Answer::Whole),
                Some(meaning) => Err(self.refused(self.read_error(response).await, meaning)),
            }
        };
        let deadline = self.deadline(self.limits.attempt_timeout, Instant::now());
        match timeout_at(deadline.min(self.call_deadline()), exchange).await {
            Ok(end) => end,
            Err(_) if deadline < self.call_deadline() => {
                Err(self.timed_out("attempt_timeout", self.limits.attempt_timeout).with_retryable(true))
            }
            Err(_) => Err(self.timed_out("timeout", self.limits.timeout)),
        }
    }

    /// The request after a redirect, if that may be followed.
    fn redirected(&mut self, response: Response, again: Option<Request>) -> Result<Request> {
        self.hops += 1;
        let (status, max) = (response.status(), self.max_redirects());
        let from = (&self.exchange.method, &self.exchange.url);
        let hop = redirect::follow((status, response.headers()), from, &self.reach(), (self.hops, max));
        let hop = match hop {
            Ok(hop) => hop,
            Err(why) => return Err(self.unfollowed(response, &why)),
        };
        let Some(mut next) = again else {
            let why = "the redirect asks for the body again, which is a stream and was sent already";
            return Err(self.refused_redirect(response, ErrorKind::Redirect, why));
        };
        // By sending the request on as it is, the server says that it has not processed it.
        let sent_on = hop.keeps_body && !hop.method.is_safe();
        self.worst = self.worst.max(if sent_on { Outcome::Rejected } else { Outcome::Unknown });
        if !hop.keeps_body {
            next.body = Body::empty();
            redirect::without_body(&mut next.headers);
        }
        (next.method, next.url) = (hop.method, hop.url);
        self.history.push((status, self.exchange.url.clone()));
        self.hopping = true;
        self.moved(&mut next).map_err(|why| self.unfollowed(response, &RedirectError::Refused(why)))?;
        Ok(next)
    }

    /// Looks at where a request goes that is not the one before: at another origin it is nobody's.
    fn moved(&mut self, request: &mut Request) -> Result<(), Refusal> {
        if request.url == self.exchange.url && request.method == self.exchange.method {
            return Ok(());
        }
        self.left |= self.reach().of(&request.url)? == Reached::Allowed;
        if self.left {
            redirect::strip(&mut request.headers);
        }
        let Exchange { operation, key, restricted, .. } = &*self.exchange;
        let below = self.core.base.below(&request.url);
        self.exchange = Arc::new(Exchange {
            operation: *operation,
            method: request.method.clone(),
            url: request.url.clone(),
            key: key.clone().filter(|_| !self.left),
            restricted: *restricted || below.into_iter().any(|path| self.levels.is_restricted(path)),
        });
        Ok(())
    }

    fn reach(&self) -> Reach<'_> {
        Reach { own: self.core.base.url(), allowed: self.levels.allowed_origins() }
    }

    fn max_redirects(&self) -> u32 {
        redirect::max_redirects(self.limits.redirects, &self.exchange.method)
    }

    /// After a 401, once per call: forgets the session's credential, so that the next attempt signs in.
    fn renews(&mut self, error: &Error, credential: Option<Arc<Credential>>) -> bool {
        let refused = error.status() == Some(StatusCode::UNAUTHORIZED) && !self.renewed;
        let (true, Some(credential)) = (refused, credential) else { return false };
        self.core.credentials.forget(&credential);
        self.renewed = true;
        true
    }

    /// What is known of a call is what is known of the attempt of which the least is known.
    fn remembered(&mut self, error: Error) -> Error {
        let Some(outcome) = error.outcome() else { return error };
        self.worst = self.worst.max(outcome);
        error.with_outcome(self.worst)
    }

    /// Waits for the next attempt, if there is to be one: the policy decides, then the hook.
    async fn retry(&mut self, error: Error, mut next: Request) -> Result<Request> {
        let facts = self.facts(&error);
        let after = match retry::decide(&facts, &self.levels.retry(), fastrand::f64()) {
            Decision::Again { after } => after,
            Decision::Stop => return Err(error),
            Decision::Later { pause } => {
                let why = format!("the server asks to wait {pause:?}, longer than the call may");
                return Err(error.ended_by(&why).with_pause(pause, SystemTime::now()));
            }
        };
        let mut retry = Retry {
            attempts: self.attempts,
            error: &error,
            request: &mut next,
            delay: after,
            stopped: false,
        };
        if !self.inside {
            let heard = self.within(self.hooks.retry_request(&mut retry)).await?;
            heard.map_err(|error| self.about(error).of_a_hook())?;
        }
        let (delay, stopped) = (retry.delay, retry.stopped);
        if stopped || self.deadline(delay, Instant::now()) >= self.call_deadline() {
            return Err(error);
        }
        self.moved(&mut next).map_err(|why| {
            let message = format!("the URL that `retry_request` sets {why}");
            self.about(Error::new(ErrorKind::Argument, message))
        })?;
        self.taken = self.core.budget.take(&self.exchange.url, facts.throttled);
        if self.taken.is_none() {
            return Err(error.ended_by("the retry budget of the origin is used up (`retry_budget`)"));
        }
        sleep(delay).await;
        Ok(next)
    }

    fn facts(&self, error: &Error) -> Facts {
        let policy = self.levels.retry();
        let headers = error.headers();
        Facts {
            attempts: self.attempts,
            max_attempts: self.limits.max_attempts,
            idempotent: self.exchange.key.is_some()
                || self.limits.idempotent.unwrap_or(self.exchange.method.is_idempotent()),
            outcome: self.worst,
            retryable: error.is_retryable(),
            throttled: error.kind() == ErrorKind::TooManyRequests,
            verdict: headers.and_then(|headers| policy.verdict(headers)),
            pause: headers.and_then(|headers| pause::pause(headers, &policy.pauses, SystemTime::now())),
            left: self.call_deadline().saturating_duration_since(Instant::now()),
        }
    }

    fn check(&self, response: Response) -> Result<Response> {
        self.hooks.resp_error_check(response).map_err(|error| self.about(error).answering())
    }

    /// Reads the body of a success to its end, which must come within `max_body`.
    async fn read(&self, mut response: Response) -> Result<Response> {
        let limit = self.limits.max_body;
        let body = response.take_body();
        // The answer to a HEAD announces the body that a GET would have.
        let announces = self.exchange.method != Method::HEAD;
        if announces && announced(&response).is_some_and(|length| length > limit) {
            return Err(self.too_large(response, limit));
        }
        match body.collect(limit).await {
            Ok(Collected { cut: false, bytes }) => Ok(self.complete(response, bytes)),
            Ok(Collected { cut: true, .. }) => Err(self.too_large(response, limit)),
            Err(source) => Err(self.broke_off(response, source)),
        }
    }

    /// Reads as much of the body of an error as is kept and comes soon. The status counts without it.
    async fn read_error(&self, mut response: Response) -> Response {
        let body = response.take_body().collect(MAX_ERROR_BODY);
        let bytes = match timeout(ERROR_BODY_TIME, body).await {
            Ok(Ok(Collected { bytes, .. })) => bytes,
            Ok(Err(_)) | Err(_) => Bytes::new(),
        };
        self.complete(response, bytes)
    }

    fn complete(&self, head: Response, body: Bytes) -> Response {
        let exchange = Arc::clone(&self.exchange);
        head.with_body(body).with_sent(Sent {
            exchange,
            attempts: self.attempts,
            history: self.history.clone(),
            elapsed: self.started.elapsed(),
        })
    }

    /// Waits for `future`, but not past the end of the call.
    async fn within<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        timeout_at(self.call_deadline(), future)
            .await
            .map_err(|_| self.timed_out("timeout", self.limits.timeout))
    }

    fn call_deadline(&self) -> Instant {
        self.deadline(self.limits.timeout, self.started)
    }

    /// `limit` after `start`; a limit beyond the clock's end is a year.
    fn deadline(&self, limit: Duration, start: Instant) -> Instant {
        const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        start.checked_add(limit.min(YEAR)).unwrap_or(start)
    }
}

/// The errors of an attempt: what failed, what is known of it, and whether another attempt can help.
impl Sender<'_> {
    fn failed(&self, failure: Failure) -> Error {
        let message = match failure.outcome {
            Outcome::NotSent => "no connection could be made",
            Outcome::Rejected | Outcome::Unknown => "the connection broke before an answer came",
        };
        let error = Error::new(failure.kind, message).caused_by(failure.source);
        self.about(error.with_outcome(failure.outcome).with_retryable(true))
    }

    fn refused(&self, response: Response, meaning: Meaning) -> Error {
        let status = response.status();
        let mut message = status.to_string();
        if let Some(told) = self.told(&response) {
            message.push_str(": ");
            message.push_str(&redact::line(&told));
        }
        let error = Error::new(meaning.kind, message).with_answer(response);
        let outcome = if self.levels.is_rejected(status) { Outcome::Rejected } else { Outcome::Unknown };
        self.about(error.with_outcome(outcome).with_retryable(meaning.retryable)).answering()
    }

    /// What the server says in an error answer, if it may be shown.
    fn told(&self, response: &Response) -> Option<String> {
        let body = response.body().filter(|_| !self.exchange.restricted)?;
        self.levels.message(response).or_else(|| problem::message(body))
    }

    fn unfollowed(&self, response: Response, why: &RedirectError) -> Error {
        let kind = match why {
            RedirectError::Insecure => ErrorKind::InsecureRedirect,
            RedirectError::TooMany(_) => ErrorKind::TooManyRedirects,
            _ => ErrorKind::Redirect,
        };
        self.refused_redirect(response, kind, &why.to_string())
    }

    fn refused_redirect(&self, response: Response, kind: ErrorKind, why: &str) -> Error {
        let message = format!("{}: {why}", response.status());
        let error = Error::new(kind, message).with_answer(response);
        self.about(error.with_outcome(Outcome::Unknown))
    }

    fn broke_off(&self, head: Response, source: BoxError) -> Error {
        let message = format!("the answer ({}) broke off before its end", head.status());
        let error = Error::new(ErrorKind::Transport, message).with_answer(head).caused_by(source);
        self.about(error.with_outcome(Outcome::Unknown).with_retryable(true))
    }

    fn too_large(&self, head: Response, limit: usize) -> Error {
        let message = format!("the answer has more than {limit} bytes; raise `max_body` if that is right");
        self.about(
            Error::new(ErrorKind::BodyTooLarge, message).with_answer(head).with_outcome(Outcome::Unknown),
        )
    }

    fn timed_out(&self, setting: &str, limit: Duration) -> Error {
        let outcome = if self.attempts == 0 { Outcome::NotSent } else { Outcome::Unknown };
        let message = format!("no answer within {limit:?} (`{setting}`)");
        self.about(Error::new(ErrorKind::Timeout, message).with_outcome(outcome))
    }

    fn about(&self, error: Error) -> Error {
        error.about(&self.exchange, self.attempts)
    }
}

/// The length that the answer announces.
fn announced(response: &Response) -> Option<usize> {
    response.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
