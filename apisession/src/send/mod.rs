//! The engine behind a session: the one loop that touches the network. It imports everything but `lib.rs` itself.
//!
//! This file is the loop, from top to bottom in the order in which things happen: entry, attempt, redirect, retry, check.

mod admit;
#[cfg_attr(not(any(feature = "downloads", feature = "streams")), path = "no_again.rs")]
mod again;
mod build;
mod concealed;
mod destination;
mod draft;
mod engine;
mod failure;
#[cfg(feature = "sign-in")]
mod fetch;
#[cfg(not(feature = "sign-in"))]
#[path = "no_fetch.rs"]
mod fetch;
mod observe;
mod prepare;
mod prove;
mod read;
mod transmit;

use std::future::Future;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;
use http::{HeaderValue, Method, StatusCode};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

pub use self::build::{build, connected};
use self::draft::Draft;
use self::engine::{Core, SessionEngine};
use self::fetch::Called;
use self::observe::Seen;
use self::prove::Proof;
use self::transmit::Transmission;
use crate::call::Arguments;
use crate::credential::announce_pause;
use crate::declare::{Hooks, Retry};
use crate::decode::Reads;
use crate::describe::Operation;
use crate::encode::{Base, FieldSet};
use crate::error::{Attempt, Error, ErrorKind, Exchange, History, Outcome, Result};
use crate::limit::{Permit, deadline};
use crate::message::{Body, Request, Response};
use crate::policy::pause::{self, Pause};
use crate::policy::retry::{self, Decision, Delays, Facts};
use crate::policy::{Grant, Meaning, Reach, Reached, Refusal, RetryPolicy, redirect};
use crate::redact::Redaction;
use crate::settings::{Levels, Limits};
use crate::transport::middleware::{Middleware, Next};

/// Makes a call: prepares the request, sends it as often as is necessary and allowed, and checks the response.
async fn send(engine: Arc<SessionEngine>, arguments: Box<Arguments>) -> Result<Response> {
    let operation = arguments.operation();
    let hooks = engine.hooks().map_err(|error| error.in_operation(operation))?;
    // Both stay where they are for the whole call, since a future that is moved is copied.
    let (mut sender, mut draft) = match Sender::prepare(&engine, &hooks, *arguments) {
        Ok(prepared) => prepared,
        Err(error) => return Err(error.in_operation(operation)),
    };
    let response = match &*engine.core.per_call {
        [] => sender.run(&mut draft).await,
        middlewares => sender.run_wrapped(middlewares, &mut draft).await,
    };
    response.map_err(|error| error.in_operation(sender.exchange.operation))
}

/// A call under way: what holds for all its attempts, and what is known of those that were made.
struct Sender<'a> {
    core: &'a Core,
    hooks: &'a Arc<dyn Hooks>,
    levels: Levels<'a>,
    /// What holds after all levels.
    limits: Arc<Limits>,
    kind: CallKind,
    /// The parts of the query whose names depend on values.
    fields: FieldSet,
    /// Where its path is from.
    called: Called,
    /// The request as it is sent now.
    exchange: Arc<Exchange>,
    proof: Proof,
    trail: Trail,
    retries: Retries,
}

/// What kind of call it is.
struct CallKind {
    /// Whether a hook makes it.
    is_inside: bool,
    /// Whether a redirect is a successful response.
    returns_redirects: bool,
    /// How the body of the response is read.
    reads: Reads,
    /// Whether it streams a part of what it requests.
    asks_for_part: bool,
    /// What it is for, if not for a path below the session's base URL.
    home: Option<Box<Home>>,
}

/// What a call is for, if not for a path below the session's base URL. A credential of the call belongs to its origin.
enum Home {
    /// A path below the base URL that an endpoint or an operation declares. If that is at another origin than the session's, with what
    /// goes along if the server leads the call to the session's.
    Declared { base: Base, session: Option<Grant> },
    /// A URL that the SDK named itself, which is not of the session's API.
    External(Url),
}

impl CallKind {
    /// Whether the URL is not of the session's API.
    fn is_external(&self) -> bool {
        matches!(self.home.as_deref(), Some(Home::External(_)))
    }

    /// The base URL that an endpoint or an operation declares.
    fn declared(&self) -> Option<&Base> {
        match self.home.as_deref() {
            Some(Home::Declared { base, .. }) => Some(base),
            Some(Home::External(_)) | None => None,
        }
    }

    /// Whether the call begins at the session's origin.
    fn is_at_session(&self) -> bool {
        matches!(self.home.as_deref(), None | Some(Home::Declared { session: None, .. }))
    }
}

/// What the attempts so far have left.
struct Trail {
    attempts: u32,
    /// When the last one began.
    attempted: Instant,
    /// Those that failed, if another one was made after them.
    earlier: Option<Arc<Vec<Attempt>>>,
    /// How many of them failed to connect.
    unconnected: u32,
    /// What is known of the attempt of which the least is known.
    outcome: Outcome,
    /// Whether a request may have been processed whose fate no response tells.
    is_in_doubt: bool,
    history: History,
    /// How many connections were closed before the request was written to them.
    stale: u8,
    /// Whether what is sent next is not an attempt of its own: a redirect of the attempt before, or the same on another connection.
    is_same_attempt: bool,
    /// Whether the request has left its origin. From then on nothing of the session is sent, even if a redirect leads back.
    off_origin: bool,
}

impl Trail {
    fn new(started: Instant, off_origin: bool) -> Self {
        let (attempts, outcome, history) = (0, Outcome::NotSent, History::default());
        Self {
            attempts,
            attempted: started,
            earlier: None,
            unconnected: 0,
            outcome,
            is_in_doubt: false,
            history,
            stale: 0,
            is_same_attempt: false,
            off_origin,
        }
    }

    /// Adds an attempt that failed, after which another one is made.
    fn record(&mut self, error: &Error, wait: Duration) {
        Arc::make_mut(self.earlier.get_or_insert_default()).push(error.attempt(Some(wait)));
    }
}

/// The state of the retry policy.
#[derive(Default)]
struct Retries {
    /// The tokens that the last retry took from the budget.
    spent_tokens: Option<u32>,
    /// The rest of the policy's own delays, if it has any.
    delays: Option<Delays>,
}

/// How an attempt ends without an error.
enum Reply {
    Complete(Response),
    Redirect(Response),
}

impl Sender<'_> {
    /// Sends the request until a response is complete, or it can't be sent again.
    async fn run(&mut self, draft: &mut Draft) -> Result<Response> {
        loop {
            let error = {
                let credentials = self.credentials(draft).await?;
                let (end, lease) = match self.admit().await {
                    Ok(permit) => {
                        // In a block before the wait, since the future would contain the request otherwise.
                        let (attempt, lease) = {
                            let mut request = draft.request(&self.exchange);
                            let lease = self.authenticate(&mut request, credentials);
                            (self.attempt(request, permit), lease)
                        };
                        (attempt.await, lease)
                    }
                    Err(error) => (Err(error), None),
                };
                match end.and_then(|reply| self.check(reply)) {
                    Ok(Reply::Complete(response)) => {
                        self.proof.lease = lease;
                        return Ok(response);
                    }
                    Ok(Reply::Redirect(response)) => {
                        self.redirect(response, draft)?;
                        continue;
                    }
                    Err(error) if self.was_stale(&error) => {
                        repeatable(error.with_outcome(self.trail.outcome), &draft.body)?;
                        continue;
                    }
                    Err(error) if self.proves_again(&error, lease) => {
                        self.announce_proof(&error);
                        self.trail.record(&error, Duration::ZERO);
                        repeatable(error.with_outcome(self.trail.outcome), &draft.body)?;
                        continue;
                    }
                    Err(error) => error,
                }
            };
            Box::pin(self.retry(error, draft)).await.map_err(|error| self.settled(error))?;
        }
    }

    /// The same through the middlewares around the call.
    fn run_wrapped<'s>(
        &'s mut self,
        middlewares: &'s [Arc<dyn Middleware>],
        draft: &mut Draft,
    ) -> BoxFuture<'s, Result<Response>> {
        let request = draft.take_request(&self.exchange);
        Box::pin(async move {
            let end = Next::new(middlewares, |request| self.run_changed(request)).run(request).await;
            end.map_err(|error| self.passed_on(error))
        })
    }

    /// The same with the request that the middlewares around the call have made.
    fn run_changed(&mut self, request: Request) -> BoxFuture<'_, Result<Response>> {
        Box::pin(async move {
            let mut draft = self.adopt(request).map_err(|why| self.misdirected("a middleware", &why))?;
            let end = self.run(&mut draft).await;
            if let Some(failed) = end.as_ref().err().and_then(Error::shared_exchange) {
                // A retry that was not made may have replaced it.
                self.exchange = Arc::clone(failed);
            }
            end
        })
    }

    /// Sends the request once, and reads the response to its end. A status that the error map lists is an error.
    ///
    /// The transport gets the request before the future is created, which therefore does not contain it.
    fn attempt(&mut self, mut request: Request, permit: Permit) -> BoxFuture<'_, Result<Reply>> {
        let now = Instant::now();
        if !mem::take(&mut self.trail.is_same_attempt) {
            self.trail.attempts += 1;
            self.trail.attempted = now;
        }
        let this = &*self;
        let seen = this.sight(&mut request);
        let transmission = {
            let _entered = seen.as_deref().map(Seen::entered);
            this.transmission(request)
        };
        let attempt: BoxFuture<'_, _> = Box::pin(async move {
            let exchange = pin!(this.exchange(transmission?, permit));
            let end = this.deadline_of_attempt(now).min(this.deadline());
            match timeout_at(end, exchange).await {
                Ok(end) => end,
                Err(_) => Err(this.attempt_timed_out(now)),
            }
        });
        match seen {
            None => attempt,
            Some(seen) => this.seen(seen, attempt),
        }
    }

    async fn exchange(&self, transmission: Transmission<'_>, permit: Permit) -> Result<Reply> {
        let mut response = self.transmit(transmission).await?;
        self.learn(&response);
        if redirect::is_redirect(response.status()) && self.max_redirects() > 0 {
            return Ok(Reply::Redirect(self.read_error(response).await));
        }
        match self.meaning(response.status()) {
            None if self.kind.reads.is_streamed() => Ok(Reply::Complete(self.streamed(response, permit))),
            None => match self.read(&mut response).await {
                Ok(body) => Ok(Reply::Complete(self.with_sent(response.with_body(body)))),
                Err(cut) => Err(self.body_error(self.with_sent(response), cut)),
            },
            Some(meaning) if self.is_done(meaning.kind) => {
                Ok(Reply::Complete(self.read_error(response).await.with_body(Body::empty())))
            }
            Some(meaning) => Err(self.status_error(self.read_error(response).await, meaning)),
        }
    }

    /// Turns the draft into the request that a redirect asks for, if that may be sent.
    fn redirect(&mut self, response: Response, draft: &mut Draft) -> Result<()> {
        let status = response.status();
        let followed = self.trail.history.count();
        let from = (&self.exchange.method, &self.exchange.url);
        let (has_body, limits) = (!draft.body.is_empty(), (followed + 1, self.max_redirects()));
        let hop = match redirect::follow((status, response.headers()), from, has_body, &self.reach(), limits)
        {
            Ok(hop) => hop,
            Err(why) => return Err(self.redirect_error(response, &why)),
        };
        let mut next = draft.take_request(&self.exchange);
        if !hop.keeps_body {
            next.body = Body::empty();
            redirect::without_body(&mut next.headers);
        } else if next.body.is_spent() {
            return Err(self.redirect_error(response, &redirect::RedirectError::Spent));
        }
        let is_repeated = self.trail.outcome == Outcome::Unknown;
        // A server that sends the request on as it is has not processed it.
        let is_sent_on = hop.keeps_body && !hop.method.is_safe();
        self.trail.outcome =
            self.trail.outcome.max(if is_sent_on { Outcome::Rejected } else { Outcome::Unknown });
        self.trail.is_in_doubt |= !is_sent_on && !self.exchange.method.is_safe();
        (next.method, next.url) = (hop.method, hop.url);
        self.trail.history.push(status, self.exchange.url.clone());
        self.trail.is_same_attempt = true;
        match self.adopt(next) {
            Ok(_) if is_repeated && !self.is_idempotent() => {
                return Err(self.redirect_error(response, &redirect::RedirectError::Unkeyed));
            }
            Ok(next) => *draft = next,
            Err(why) => return Err(self.redirect_error(response, &redirect::RedirectError::Refused(why))),
        }
        self.announce_redirect(status);
        Ok(())
    }

    /// Waits for the next attempt, if there is one: the policy decides, then the hook.
    async fn retry(&mut self, error: Error, draft: &mut Draft) -> Result<()> {
        self.trail.unconnected += u32::from(error.is_unconnected());
        let error = self.with_worst_outcome(error);
        let policy = self.levels.retry();
        let facts = self.facts(&error, policy);
        let delay = policy.delay(&mut self.retries.delays, &facts, fastrand::f64());
        let after = match retry::decide(&facts, delay, policy.max_retry_after, fastrand::f64()) {
            Decision::Again { after } => after,
            Decision::Stop => return Err(error.with_pause(facts.pause, SystemTime::now())),
            Decision::Later { pause } => {
                let why = format!("the server asks to wait {pause:?}, longer than the call may");
                return Err(error.ended_by(&why).with_pause(Some(pause), SystemTime::now()));
            }
        };
        let mut next = draft.take_request(&self.exchange);
        let attempts = self.trail.attempts;
        let mut retry = Retry { attempts, error: &error, request: &mut next, delay: after, stopped: false };
        if !self.kind.is_inside && !self.kind.is_external() {
            let hook = self.within("end of `retry_request`", self.hooks.retry_request(&mut retry)).await?;
            hook.map_err(|error| self.foreign_error("`retry_request`", error))?;
        }
        let (delay, stopped) = (retry.delay, retry.stopped);
        if stopped || deadline(delay, Instant::now()) >= self.deadline() {
            return Err(error);
        }
        let last = Arc::clone(&self.exchange);
        *draft = self.adopt(next).map_err(|why| self.misdirected("`retry_request`", &why))?;
        if self.trail.outcome == Outcome::Unknown && !self.repeats(&last) {
            return Err(error.ended_by(OTHER_REQUEST));
        }
        let error = repeatable(error, &draft.body)?;
        self.retries.spent_tokens = self.core.budget.take(&self.exchange.url, facts.throttled);
        if self.retries.spent_tokens.is_none() {
            return Err(error.ended_by("the retry budget of the origin is used up (`retry_budget`)"));
        }
        if let Some(pause) = facts.pause {
            announce_pause(&error, pause, delay);
        }
        self.announce_retry(&error, delay);
        self.trail.record(&error, delay);
        sleep(delay).await;
        Ok(())
    }

    /// Checks a successful response.
    fn check(&self, reply: Reply) -> Result<Reply> {
        let Reply::Complete(mut response) = reply else { return Ok(reply) };
        if !self.kind.is_external() {
            response = self.hooks.resp_error_check(response).map_err(|error| self.check_error(error))?;
        }
        let response = self.without_graphql_errors(response)?;
        self.core.budget.refund(&self.exchange.url, self.retries.spent_tokens);
        Ok(Reply::Complete(response))
    }
}

/// What the steps above ask.
impl Sender<'_> {
    fn facts(&self, error: &Error, policy: &RetryPolicy) -> Facts {
        let headers = error.headers();
        let pause = headers.and_then(|headers| pause::pause(headers, &policy.pauses, SystemTime::now()));
        Facts {
            attempts: self.trail.attempts,
            max_attempts: self.max_attempts(),
            idempotent: self.is_idempotent(),
            outcome: self.trail.outcome,
            retryable: error.is_retryable(),
            throttled: error.kind() == ErrorKind::TooManyRequests || pause == Some(Pause::Unreadable),
            // An error inside a success has an outcome only if its rule lets it be retried.
            verdict: headers
                .filter(|_| error.outcome().is_some())
                .and_then(|headers| policy.verdict(headers)),
            pause: pause.and_then(Pause::length),
            left: self.deadline().saturating_duration_since(Instant::now()),
        }
    }

    /// How many attempts there may be, after those so far.
    fn max_attempts(&self) -> u32 {
        let max = self.limits.max_attempts.saturating_add(self.proof.count);
        let is_used_up = |max| self.trail.unconnected >= max;
        if self.levels.max_connect_attempts().is_some_and(is_used_up) {
            max.min(self.trail.attempts)
        } else {
            max
        }
    }

    /// Whether sending the request twice has the effect of sending it once.
    fn is_idempotent(&self) -> bool {
        self.exchange.key.is_some() || self.is_idempotent_without_key()
    }

    fn is_idempotent_without_key(&self) -> bool {
        self.limits.idempotent.unwrap_or_else(|| {
            let Exchange { operation, method, .. } = &*self.exchange;
            operation.map_or_else(|| method.is_idempotent(), |operation| operation.is_idempotent(method))
        })
    }

    /// Whether the request that is sent next may follow the `last` one, which may have been processed: if it changes nothing, or if
    /// it is the same to the server. With another key, method or URL it would be another write.
    fn repeats(&self, last: &Exchange) -> bool {
        let Exchange { method, url, key, .. } = &*self.exchange;
        if self.is_idempotent_without_key() && method.is_safe() {
            return true;
        }
        let has_same_effect = self.is_idempotent_without_key() || (key.is_some() && *key == last.key);
        has_same_effect && (method, url) == (&last.method, &last.url)
    }

    /// The outcome of a call is that of the attempt of which the least is known.
    fn with_worst_outcome(&mut self, error: Error) -> Error {
        let Some(outcome) = error.outcome() else { return error };
        self.trail.outcome = self.trail.outcome.max(outcome);
        self.trail.is_in_doubt |= outcome == Outcome::Unknown && !error.is_refusal();
        error.with_worst_outcome(self.trail.outcome)
    }

    /// The last error of the call. After a 4xx, which is a complete response, nothing is unknown but what was so before.
    fn settled(&self, error: Error) -> Error {
        let is_known = !self.trail.is_in_doubt && error.outcome() == Some(Outcome::Unknown);
        if is_known && error.is_refusal() { error.without_outcome() } else { error }
    }

    /// Makes a request that was changed the one that is sent next. At another origin it is stripped.
    fn adopt(&mut self, mut request: Request) -> Result<Draft, Refusal> {
        // They would become a credential. `http` and `https` URLs can have them removed.
        let _ = (request.url.set_username(""), request.url.set_password(None));
        let key = self.key_in(&request);
        let Exchange { url, method, operation, redaction, started, .. } = &*self.exchange;
        if (&request.url, &request.method, &key) == (url, method, &self.exchange.key) {
            return Ok(Draft::from(request));
        }
        let reached = self.reach().admit(&request.url, &request.method, !request.body.is_empty())?;
        self.trail.off_origin |= !reached.is_trusted();
        if self.trail.off_origin {
            redirect::strip(&mut request.headers);
        }
        let redaction = self.redaction(redaction, &request.url);
        request.redaction = redaction.clone();
        self.exchange = Arc::new(Exchange {
            operation: *operation,
            started: *started,
            method: request.method.clone(),
            url: request.url.clone(),
            key: key.filter(|_| !self.trail.off_origin),
            id_header: self.core.id_header.clone(),
            redaction,
        });
        Ok(Draft::from(request))
    }

    /// What is not shown of the URL that is sent next, instead of the one before. What was restricted stays so.
    fn redaction(&self, before: &Redaction, url: &Url) -> Redaction {
        let shown = |base: &Base| {
            let restriction = base.below(url).into_iter().find_map(|path| self.levels.restriction(path))?;
            Some(base.shown(restriction.as_str()))
        };
        let restriction = self.kind.declared().and_then(shown).or_else(|| shown(&self.core.base));
        let is_restricted = before.is_restricted() || restriction.is_some();
        let path = restriction.or_else(|| before.path().map(|_| "/[restricted]".to_owned()));
        Redaction::new(is_restricted, path, before.secrets().cloned(), before.list().cloned())
    }

    /// The idempotency key that the request has.
    fn key_in(&self, request: &Request) -> Option<HeaderValue> {
        let name = self.exchange.operation.and_then(Operation::idempotency_key)?;
        let mut keys = request.headers.get_all(name).iter();
        // Of two keys, the server may take either.
        keys.next().filter(|_| keys.next().is_none()).cloned()
    }

    fn reach(&self) -> Reach<'_> {
        let session = match self.kind.home.as_deref() {
            Some(Home::Declared { session, .. }) => session.map(|grant| (self.core.base.url(), grant)),
            Some(Home::External(_)) | None => None,
        };
        Reach { own: self.home(), session, allowed: self.levels.allowed_origins() }
    }

    /// The URL whose origin the credential of the call belongs to.
    fn home(&self) -> &Url {
        match self.kind.home.as_deref() {
            Some(Home::Declared { base, .. }) => base.url(),
            Some(Home::External(url)) => url,
            None => self.core.base.url(),
        }
    }

    fn is_home(&self, url: &Url) -> bool {
        match self.kind.home.as_deref() {
            Some(Home::Declared { base, .. }) => base.is_origin_of(url),
            Some(Home::External(home)) => home.origin() == url.origin(),
            None => self.core.base.is_origin_of(url),
        }
    }

    /// Whether the credential of the call may be sent to `url`.
    fn is_trusted(&self, url: &Url) -> bool {
        self.is_home(url) || self.reach().of(url).is_ok_and(Reached::is_trusted)
    }

    fn max_redirects(&self) -> u32 {
        match self.kind.returns_redirects {
            true => 0,
            false => redirect::max_redirects(self.limits.redirects, &self.exchange.method),
        }
    }

    /// What a status means; `None` for a success.
    fn meaning(&self, status: StatusCode) -> Option<Meaning> {
        let is_returned = self.kind.returns_redirects && redirect::is_redirect(status);
        self.levels.meaning(status).filter(|_| !is_returned)
    }

    /// Whether a failure means that an earlier attempt, of which nothing is known, has done what the call asks for.
    fn is_done(&self, kind: ErrorKind) -> bool {
        self.trail.outcome == Outcome::Unknown
            && self.exchange.method == Method::DELETE
            && matches!(kind, ErrorKind::NotFound | ErrorKind::Gone)
            && self.levels.gone_is_ok()
    }

    /// Waits for `future`, which returns `what`, but not past the deadline of the call.
    async fn within<T>(&self, what: &str, future: impl Future<Output = T>) -> Result<T> {
        timeout_at(self.deadline(), future).await.map_err(|_| {
            self.timed_out(what, "timeout", self.limits.timeout).with_outcome(self.trail.outcome)
        })
    }

    /// The deadline of the whole call.
    fn deadline(&self) -> Instant {
        deadline(self.limits.timeout, self.exchange.started)
    }

    /// The deadline of an attempt that begins at `start`.
    fn deadline_of_attempt(&self, start: Instant) -> Instant {
        deadline(self.limits.attempt_timeout, start)
    }
}

/// Why a request that a hook has changed is not sent.
const OTHER_REQUEST: &str = "`retry_request` changes the method, the URL or the idempotency key of a write that the server may \
                             have processed; it can change them if the outcome is `NotSent` or `Rejected`";

/// A body that was sent and can't be sent again is never replaced by another.
fn repeatable(error: Error, body: &Body) -> Result<Error> {
    if body.is_spent() { Err(error.not_replayable()) } else { Ok(error) }
}
