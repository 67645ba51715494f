//! The errors of attempts: what failed, what is known of it, and whether a retry can succeed.

use std::time::{Duration, SystemTime};

use http::{StatusCode, header};
use tokio::time::Instant;

use super::Sender;
use super::read::Cut;
use crate::decode::graphql_errors;
use crate::error::{BoxError, Error, ErrorKind, Outcome, Result, status_text};
use crate::limit::RateLimit;
use crate::message::{GraphQlErrors, Response, problem};
use crate::policy::redirect::{self, RedirectError};
use crate::policy::{Meaning, Refusal, Retryable};
use crate::transport::{Failure, Unwritten};

/// How many connections of the pool a call may find closed. Each of them is gone then, so the limit is never reached by a pool that works.
const MAX_STALE: u8 = 100;

impl Sender<'_> {
    /// There is no response.
    pub(super) fn transport_error(&self, failure: Failure) -> Error {
        let is_transient = failure.kind.is_transient();
        let error = Error::new(failure.kind, failure.message).caused_by(failure.source);
        self.about(error.with_outcome(failure.outcome).with_retryable(is_transient))
    }

    /// Whether the request is sent again at once, since a connection of the pool was closed before anything of it was written.
    pub(super) fn was_stale(&mut self, error: &Error) -> bool {
        let source = std::error::Error::source(error);
        if self.trail.stale == MAX_STALE || !source.is_some_and(|source| source.is::<Unwritten>()) {
            return false;
        }
        self.trail.stale += 1;
        self.trail.is_same_attempt = true;
        true
    }

    /// A file of the body can't be sent. Nothing of this attempt was.
    pub(super) fn unsent_body(&self, error: &BoxError) -> Error {
        self.about(Error::new(ErrorKind::RequestBody, error.to_string()).with_outcome(Outcome::NotSent))
    }

    /// The body is a stream that another call has taken.
    pub(super) fn spent_body(&self) -> Error {
        let error = Error::new(ErrorKind::BodyNotReplayable, "the request is not sent")
            .with_outcome(Outcome::NotSent);
        self.about(error.not_replayable())
    }

    /// The status of the response is an error.
    pub(super) fn status_error(&self, response: Response, meaning: Meaning) -> Error {
        let meaning = self.meaning_of_codes(&response, meaning);
        let status = response.status();
        let mut message = status_text(status);
        if let Some(text) = self.server_message(&response) {
            message.push_str(": ");
            message.push_str(&response.head().shown(&text));
        }
        if let Some(total) = unsatisfied_range(&response) {
            message.push_str(&format!("; it has {total} bytes"));
        }
        let scheme = self.proof.scheme.as_ref();
        if let Some(why) = scheme.and_then(|scheme| scheme.unsupported_challenge(&response)) {
            message.push_str("; ");
            message.push_str(&response.head().shown(&why));
        }
        if redirect::is_redirect(status) && response.headers().contains_key(header::LOCATION) {
            // It was not followed, since none is.
            message.push_str(&format!("; {}", redirect::not_followed(&self.exchange.method)));
        }
        let is_rejected = self.levels.is_rejected(status, meaning.kind);
        let outcome = if is_rejected { Outcome::Rejected } else { Outcome::Unknown };
        let error = self.about(response.into_error(meaning.kind, message).with_outcome(outcome));
        let retryable = meaning.retryable.of(&error);
        error.with_retryable(retryable).marked_absent()
    }

    /// What the codes of GraphQL in an error response mean, or else its status.
    fn meaning_of_codes(&self, response: &Response, by_status: Meaning) -> Meaning {
        let is_graphql = self.exchange.operation.is_some_and(|operation| operation.graphql().is_some());
        let errors = response.body().filter(|_| is_graphql).and_then(|body| graphql_errors(body));
        errors.map_or(by_status, |errors| self.levels.rule_of_codes(&errors).meaning_of_code(by_status))
    }

    /// The message of the server in an error response. On a restricted path it is what the rule of the author finds, and no other.
    fn server_message(&self, response: &Response) -> Option<String> {
        let found = self.levels.message(response);
        if found.is_some() || self.exchange.redaction.is_restricted() {
            return found;
        }
        problem::message(response.headers().get(header::CONTENT_TYPE), response.body()?)
    }

    /// The response is a redirect that is not followed.
    pub(super) fn redirect_error(&self, response: Response, why: &RedirectError) -> Error {
        let kind = match why {
            RedirectError::Insecure => ErrorKind::InsecureRedirect,
            RedirectError::TooMany(_) => ErrorKind::TooManyRedirects,
            RedirectError::Spent => ErrorKind::BodyNotReplayable,
            _ => ErrorKind::Redirect,
        };
        let message =
            format!("{}: {}", status_text(response.status()), response.head().shown(&why.to_string()));
        self.response_error(response, kind, message)
    }

    /// The status of the response is a success, but its body can't be read.
    pub(super) fn body_error(&self, head: Response, cut: Cut) -> Error {
        let message = format!("the response ({}) {cut}", status_text(head.status()));
        let (kind, is_transient) = (cut.kind(), cut.is_transient());
        cut.cause_of(self.response_error(head, kind, message).with_retryable(is_transient))
    }

    /// The attempt that began at `start` has no response in time.
    pub(super) fn attempt_timed_out(&self, start: Instant) -> Error {
        let limits = &self.limits;
        if self.deadline_of_attempt(start) < self.deadline() {
            self.timed_out("response", "attempt_timeout", limits.attempt_timeout).with_retryable(true)
        } else {
            self.timed_out("response", "timeout", limits.timeout)
        }
    }

    /// A deadline passed before there was `what`.
    pub(super) fn timed_out(&self, what: &str, setting: &str, limit: Duration) -> Error {
        let message = format!("no {what} within {limit:?} (`{setting}`)");
        self.about(Error::new(ErrorKind::Timeout, message).with_outcome(Outcome::Unknown))
    }

    /// A rate limit has no slot in time.
    pub(super) fn rate_limit_error(&self, wait: Duration) -> Error {
        let names: Vec<_> = self.limits.rate_limits.iter().map(RateLimit::name).collect();
        let names = names.join("`, `");
        let message =
            format!("the rate limits (`{names}`) have no slot for {wait:?}, longer than the call may wait");
        let error = Error::new(ErrorKind::RateLimited, message).with_outcome(self.trail.outcome);
        self.about(error.with_pause(Some(wait), SystemTime::now()))
    }

    /// The author's code has set a URL to which the request may not be sent.
    pub(super) fn misdirected(&self, who: &str, why: &Refusal) -> Error {
        self.hook_error(Error::argument(format!("the URL that {who} sets {why}")))
    }

    /// A hook or a middleware failed. If a call that it made did, the error of that call is the inner one: its response is not that of
    /// this call.
    pub(super) fn foreign_error(&self, who: &str, error: Error) -> Error {
        if error.exchange().is_none() || error.is_about(&self.exchange) {
            return self.hook_error(error);
        }
        let kind = if error.kind().is_outage() { error.kind() } else { ErrorKind::Other };
        self.hook_error(Error::outer(kind, format!("{who} failed"), error))
    }

    /// What a middleware around the call returns: the error of the call itself, or that of another one.
    pub(super) fn passed_on(&self, error: Error) -> Error {
        let is_own = error.exchange().is_none() || error.is_about(&self.exchange);
        if is_own { error } else { self.foreign_error("a middleware", error) }
    }

    /// The check of a successful response has failed. A 404 that it finds is one of this very call. It is retried by the rule of its
    /// status.
    pub(super) fn check_error(&self, error: Error) -> Error {
        if error.exchange().is_none() || error.is_about(&self.exchange) {
            let error = self.about(error).marked_absent();
            let Some(status) = error.status().filter(|_| self.levels.is_retryable(&error)) else {
                return error;
            };
            let is_rejected = self.levels.is_rejected(status, error.kind());
            let outcome = if is_rejected { Outcome::Rejected } else { Outcome::Unknown };
            return error.with_outcome(outcome).with_retryable(true);
        }
        self.foreign_error("`resp_error_check`", error)
    }

    /// The response of an operation of GraphQL, unless it has errors that fail the call.
    pub(super) fn without_graphql_errors(&self, response: Response) -> Result<Response> {
        let Some(operation) = self.exchange.operation.filter(|operation| operation.graphql().is_some())
        else {
            return Ok(response);
        };
        let errors = response.body().and_then(|body| graphql_errors(body));
        match errors.filter(|errors| errors.data.is_none() || operation.fails_with_data()) {
            Some(errors) => Err(self.graphql_error(response, &errors)),
            None => Ok(response),
        }
    }

    /// The response, whose status is a success, has errors of GraphQL.
    fn graphql_error(&self, response: Response, errors: &GraphQlErrors) -> Error {
        let rule = self.levels.rule_of_codes(errors);
        let unknown = Meaning { kind: ErrorKind::GraphQl, retryable: Retryable::Fixed(false) };
        let Meaning { kind, retryable } = rule.meaning_of_code(unknown);
        let found = rule.message.and_then(|message| message(&response));
        let text = found.or_else(|| (!self.exchange.redaction.is_restricted()).then(|| errors.summary()));
        let mut message = "the response has errors of GraphQL".to_owned();
        if let Some(text) = text {
            message.push_str(": ");
            message.push_str(&response.head().shown(&text));
        }
        let is_rejected = self.levels.is_rejected(response.status(), kind);
        let error = self.about(response.into_error(kind, message)).marked_absent();
        if !retryable.of(&error) {
            return error;
        }
        let outcome = if is_rejected { Outcome::Rejected } else { Outcome::Unknown };
        error.with_outcome(outcome).with_retryable(true)
    }

    /// The author's code failed. What is known of the attempts so far stays known.
    pub(super) fn hook_error(&self, error: Error) -> Error {
        let error = self.about(error).marked_foreign().with_retryable(false);
        match error.outcome() {
            _ if self.trail.attempts == 0 => error,
            Some(outcome) => error.with_outcome(outcome.max(self.trail.outcome)),
            None => error.with_outcome(self.trail.outcome),
        }
    }

    /// A middleware returns the request's own error, or another one, after which less is known.
    pub(super) fn middleware_error(&self, error: Error, reached: bool) -> Error {
        let outcome = if reached { Outcome::Unknown } else { self.trail.outcome };
        match error.outcome() {
            Some(_) if error.is_about(&self.exchange) => error,
            _ => self.foreign_error("a middleware", error).with_outcome(outcome),
        }
    }

    fn response_error(&self, head: Response, kind: ErrorKind, message: String) -> Error {
        self.about(head.into_error(kind, message).with_outcome(Outcome::Unknown))
    }

    pub(super) fn about(&self, error: Error) -> Error {
        error.about(&self.exchange, self.trail.attempts, &self.track()).with_masked_causes()
    }
}

/// The length of what a range was requested of, if it has no such range (RFC 9110 §15.5.17).
fn unsatisfied_range(response: &Response) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?;
    let is_unsatisfied = response.status() == StatusCode::RANGE_NOT_SATISFIABLE;
    range.to_str().ok()?.trim().strip_prefix("bytes */")?.parse().ok().filter(|_| is_unsatisfied)
}
