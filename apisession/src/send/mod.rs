//! The one loop that touches the network, from top to bottom in the order in which things happen.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderValue, Method, StatusCode};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use crate::arguments::Arguments;
use crate::body::Body;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::exchange::Exchange;
use crate::hooks::{Hooks, Retry};
use crate::levels::{Levels, Resolved};
use crate::operation::Operation;
use crate::origin::{Reach, Reached, Refusal};
use crate::pause;
use crate::redirect::{self, RedirectError};
use crate::request::Request;
use crate::response::Response;
use crate::retry::{self, Decision, Delays, Facts, RetryPolicy};
use crate::session::Core;

mod auth;
mod failure;
mod intake;
mod passage;
mod prepare;
mod turn;

use self::auth::Proof;
pub(crate) use self::intake::Pace;

/// Makes a call: prepares the request, sends it as often as it must and may be sent, checks the answer.
pub(crate) async fn send(arguments: Arguments) -> Result<Response> {
    let operation = arguments.operation;
    let session = arguments.session.clone();
    let call = async {
        let wired = session.wired()?;
        let hooks = wired.hooks()?;
        let (sender, request) = Sender::prepare(wired, &hooks, arguments)?;
        sender.begin(request).await
    };
    call.await.map_err(|error| error.in_operation(operation))
}

/// The request of a call that is not made.
pub(crate) fn request(arguments: Arguments) -> Result<Request> {
    let operation = arguments.operation;
    let session = arguments.session.clone();
    let prepared = session.wired().and_then(|wired| {
        let hooks = wired.hooks()?;
        let (_, request) = Sender::prepare(wired, &hooks, arguments)?;
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

/// A call under way: what holds for all its attempts, and what is known of those that were made.
struct Sender<'a> {
    core: &'a Core,
    hooks: &'a Arc<dyn Hooks>,
    /// Whether a hook makes the call.
    inside: bool,
    /// Whether the body of the answer is left to be read.
    streams: bool,
    levels: Levels<'a>,
    /// What holds by them, without the headers and the query, which are the request's.
    limits: Resolved,
    started: Instant,
    exchange: Arc<Exchange>,
    attempts: u32,
    /// Of the attempts so far, what is known of the one of which the least is known.
    worst: Outcome,
    /// How the request proves who sends it.
    proof: Proof,
    /// The tokens that the last retry took.
    taken: Option<u32>,
    /// What is left of the policy's own delays, if it has any.
    delays: Option<Delays>,
    /// Whether the request has been sent away from the session's origin, after which nothing of the session goes along.
    left: bool,
    /// How many redirects were followed.
    hops: u32,
    /// Whether the next sending belongs to the attempt before it, which a redirect went on from.
    hopping: bool,
    /// The place that the SDK named itself, if it did: home instead of the session's, and no matter of the vendor's hooks.
    apart: Option<Url>,
    history: Vec<(StatusCode, Url)>,
}

impl Sender<'_> {
    async fn run(mut self, mut request: Request) -> Result<Response> {
        loop {
            let next = request.replay();
            let lease = self.attach(&mut request).await?;
            request = match self.attempt(request).await {
                Ok(Answer::Whole(response)) => return self.check(response),
                Ok(Answer::Redirect(response)) => self.redirected(response, next)?,
                Err(error) if self.proves_anew(&error, lease) => {
                    repeatable(error, &next)?;
                    next
                }
                Err(error) => self.retry(error, next).await?,
            };
        }
    }

    /// Sends once, and reads the answer to its end. A status that the error map knows is an error.
    async fn attempt(&mut self, request: Request) -> Result<Answer> {
        let permit = self.await_turn().await?;
        if !std::mem::take(&mut self.hopping) {
            self.attempts += 1;
        }
        let exchange = async {
            let response = self.sent(request).await?;
            self.learn(&response);
            if redirect::is_redirect(response.status()) && self.max_redirects() > 0 {
                return Ok(Answer::Redirect(self.read_error(response).await));
            }
            match self.levels.meaning(response.status()) {
                None if self.streams => Ok(Answer::Whole(self.left_to_read(response, permit))),
                None => self.read(response).await.map(Answer::Whole),
                Some(meaning) if self.is_done(meaning.kind) => {
                    Ok(Answer::Whole(self.read_error(response).await.with_body(Body::empty())))
                }
                Some(meaning) => Err(self.refused(self.read_error(response).await, meaning)),
            }
        };
        let attempt_deadline = deadline(self.limits.attempt_timeout, Instant::now());
        match timeout_at(attempt_deadline.min(self.call_deadline()), exchange).await {
            Ok(end) => end,
            Err(_) if attempt_deadline < self.call_deadline() => Err(self
                .timed_out("answer", "attempt_timeout", self.limits.attempt_timeout)
                .with_retryable(true)),
            Err(_) => Err(self.timed_out("answer", "timeout", self.limits.timeout)),
        }
    }

    /// The request after a redirect, if that may be followed.
    fn redirected(&mut self, response: Response, mut next: Request) -> Result<Request> {
        self.hops += 1;
        let (status, max) = (response.status(), self.max_redirects());
        let from = (&self.exchange.method, &self.exchange.url);
        let hop = redirect::follow((status, response.headers()), from, &self.reach(), (self.hops, max));
        let hop = match hop {
            Ok(hop) => hop,
            Err(why) => return Err(self.unfollowed(response, &why)),
        };
        if !hop.keeps_body {
            next.body = Body::empty();
            redirect::without_body(&mut next.headers);
        } else if next.body.is_spent() {
            return Err(self.unfollowed(response, &RedirectError::Spent));
        }
        // By sending the request on as it is, the server says that it has not processed it.
        let sent_on = hop.keeps_body && !hop.method.is_safe();
        self.worst = self.worst.max(if sent_on { Outcome::Rejected } else { Outcome::Unknown });
        (next.method, next.url) = (hop.method, hop.url);
        self.history.push((status, self.exchange.url.clone()));
        self.hopping = true;
        self.moved(&mut next).map_err(|why| self.unfollowed(response, &RedirectError::Refused(why)))?;
        Ok(next)
    }

    /// Waits for the next attempt, if there is to be one: the policy decides, then the hook.
    async fn retry(&mut self, error: Error, mut next: Request) -> Result<Request> {
        let error = self.remembered(error);
        let policy = self.levels.retry();
        let facts = self.facts(&error, policy);
        let delay = policy.delay(&mut self.delays, &facts, fastrand::f64());
        let after = match retry::decide(&facts, delay, policy.longest_pause, fastrand::f64()) {
            Decision::Again { after } => after,
            Decision::Stop => return Err(error.with_pause(facts.pause, SystemTime::now())),
            Decision::Later { pause } => {
                let why = format!("the server asks to wait {pause:?}, longer than the call may");
                return Err(error.ended_by(&why).with_pause(Some(pause), SystemTime::now()));
            }
        };
        let mut retry = Retry {
            attempts: self.attempts,
            error: &error,
            request: &mut next,
            delay: after,
            stopped: false,
        };
        if !self.inside && self.apart.is_none() {
            let heard = self.within("end of `retry_request`", self.hooks.retry_request(&mut retry)).await?;
            heard.map_err(|error| self.outside(error))?;
        }
        let (delay, stopped) = (retry.delay, retry.stopped);
        if stopped || deadline(delay, Instant::now()) >= self.call_deadline() {
            return Err(error);
        }
        self.moved(&mut next).map_err(|why| self.strayed("`retry_request`", &why))?;
        let error = repeatable(error, &next)?;
        self.taken = self.core.budget.take(&self.exchange.url, facts.throttled);
        if self.taken.is_none() {
            return Err(error.ended_by("the retry budget of the origin is used up (`retry_budget`)"));
        }
        sleep(delay).await;
        Ok(next)
    }
}

/// What the steps above ask.
impl Sender<'_> {
    fn facts(&self, error: &Error, policy: &RetryPolicy) -> Facts {
        let headers = error.headers();
        Facts {
            attempts: self.attempts,
            max_attempts: self.limits.max_attempts.saturating_add(self.proof.count),
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

    /// What is known of a call is what is known of the attempt of which the least is known.
    fn remembered(&mut self, error: Error) -> Error {
        let Some(outcome) = error.outcome() else { return error };
        self.worst = self.worst.max(outcome);
        error.with_outcome(self.worst)
    }

    /// Looks at where a request goes that is not the one before: at another origin it is nobody's.
    fn moved(&mut self, request: &mut Request) -> Result<(), Refusal> {
        // It would become a credential. `http` and `https` URLs can have it taken away.
        let _ = (request.url.set_username(""), request.url.set_password(None));
        let key = self.key_in(request);
        let Exchange { url, method, .. } = &*self.exchange;
        if (&request.url, &request.method, &key) == (url, method, &self.exchange.key) {
            return Ok(());
        }
        self.left |= self.reach().of(&request.url)? == Reached::Allowed;
        if self.left {
            redirect::strip(&mut request.headers);
        }
        let Exchange { operation, restricted, .. } = &*self.exchange;
        let below = self.core.base.below(&request.url);
        self.exchange = Arc::new(Exchange {
            operation: *operation,
            method: request.method.clone(),
            url: request.url.clone(),
            key: key.filter(|_| !self.left),
            restricted: *restricted || below.into_iter().any(|path| self.levels.is_restricted(path)),
        });
        Ok(())
    }

    /// By what the server knows the call, as the request has it now.
    fn key_in(&self, request: &Request) -> Option<HeaderValue> {
        let name = self.exchange.operation.and_then(Operation::idempotency_key)?;
        request.headers.get(name).cloned()
    }

    fn reach(&self) -> Reach<'_> {
        Reach { own: self.home(), allowed: self.levels.allowed_origins() }
    }

    /// Where the call begins, and its credential belongs.
    fn home(&self) -> &Url {
        self.apart.as_ref().unwrap_or_else(|| self.core.base.url())
    }

    fn is_home(&self, url: &Url) -> bool {
        match &self.apart {
            Some(home) => home.origin() == url.origin(),
            None => self.core.base.is_origin_of(url),
        }
    }

    fn max_redirects(&self) -> u32 {
        redirect::max_redirects(self.limits.redirects, &self.exchange.method)
    }

    /// Whether a failure says that an attempt of which nothing was known has done what the call asks for.
    fn is_done(&self, kind: ErrorKind) -> bool {
        self.worst == Outcome::Unknown
            && self.exchange.method == Method::DELETE
            && matches!(kind, ErrorKind::NotFound | ErrorKind::Gone)
            && self.levels.gone_is_ok()
    }

    fn check(&self, response: Response) -> Result<Response> {
        self.core.budget.refund(&self.exchange.url, self.taken);
        if self.apart.is_some() {
            return Ok(response);
        }
        self.hooks.resp_error_check(response).map_err(|error| self.about(error).answering())
    }

    /// Waits for `future`, which brings `what`, but not past the end of the call.
    async fn within<T>(&self, what: &str, future: impl Future<Output = T>) -> Result<T> {
        timeout_at(self.call_deadline(), future)
            .await
            .map_err(|_| self.timed_out(what, "timeout", self.limits.timeout).with_outcome(self.worst))
    }

    fn call_deadline(&self) -> Instant {
        deadline(self.limits.timeout, self.started)
    }
}

/// `limit` after `start`; a limit of more than a year is a year, since a clock has an end.
fn deadline(limit: Duration, start: Instant) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    start + limit.min(YEAR)
}

/// A body that is gone is never replaced by another.
fn repeatable(error: Error, next: &Request) -> Result<Error> {
    if next.body.is_spent() { Err(error.unrepeatable()) } else { Ok(error) }
}
