//! The errors of attempts: what failed, what is known of it, and whether another attempt can help.

use std::time::{Duration, SystemTime};

use super::Sender;
use super::intake::Cut;
use crate::error::{Error, ErrorKind, Outcome};
use crate::origin::Refusal;
use crate::rate_limit::RateLimit;
use crate::redirect::RedirectError;
use crate::response::Response;
use crate::status::Meaning;
use crate::transport::{Failure, NotHttp};
use crate::{problem, redact};

impl Sender<'_> {
    /// There is no answer.
    pub(super) fn failed(&self, failure: Failure) -> Error {
        let can_help = failure.can_help();
        let error = Error::new(failure.kind, failure.message).caused_by(failure.source);
        self.about(error.with_outcome(failure.outcome).with_retryable(can_help))
    }

    /// The answer is an error.
    pub(super) fn refused(&self, response: Response, meaning: Meaning) -> Error {
        let status = response.status();
        let mut message = status.to_string();
        if let Some(told) = self.told(&response) {
            message.push_str(": ");
            let carried = self.proof.shown();
            message.push_str(&redact::line(&redact::without(told, carried)));
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

    /// The answer is a redirect that leads nowhere.
    pub(super) fn unfollowed(&self, response: Response, why: &RedirectError) -> Error {
        let kind = match why {
            RedirectError::Insecure => ErrorKind::InsecureRedirect,
            RedirectError::TooMany(_) => ErrorKind::TooManyRedirects,
            RedirectError::Spent => ErrorKind::BodyNotReplayable,
            _ => ErrorKind::Redirect,
        };
        let message = format!("{}: {why}", response.status());
        self.after(response, kind, message)
    }

    /// The answer is a success whose body can't be had.
    pub(super) fn cut_off(&self, head: Response, cut: Cut) -> Error {
        let message = format!("the answer ({}) {cut}", head.status());
        let (kind, can_help) = match &cut {
            Cut::Limit(_) => (ErrorKind::BodyTooLarge, false),
            Cut::Idle(_) | Cut::Slow(_) => (ErrorKind::Timeout, true),
            Cut::Broken(source) if source.is::<NotHttp>() => (ErrorKind::Protocol, false),
            Cut::Broken(_) => (ErrorKind::Transport, true),
            Cut::Coding(_) => (ErrorKind::Decode, false),
            Cut::Unsupported(_) => (ErrorKind::UnsupportedEncoding, false),
        };
        let error = self.after(head, kind, message).with_retryable(can_help);
        match cut {
            Cut::Broken(source) | Cut::Coding(source) => error.caused_by(source),
            Cut::Limit(_) | Cut::Idle(_) | Cut::Slow(_) | Cut::Unsupported(_) => error,
        }
    }

    /// A deadline passed before there was what was waited for.
    pub(super) fn timed_out(&self, what: &str, setting: &str, limit: Duration) -> Error {
        let message = format!("no {what} within {limit:?} (`{setting}`)");
        self.about(Error::new(ErrorKind::Timeout, message).with_outcome(Outcome::Unknown))
    }

    /// A rate limit leaves no place in time.
    pub(super) fn limited(&self, wait: Duration) -> Error {
        let names: Vec<_> = self.limits.rate_limits.iter().map(RateLimit::name).collect();
        let names = names.join("`, `");
        let message =
            format!("the rate limits (`{names}`) have no place for {wait:?}, longer than the call may wait");
        let error = Error::new(ErrorKind::RateLimited, message).with_outcome(self.worst);
        self.about(error.with_pause(Some(wait), SystemTime::now()))
    }

    /// The author's code has set a URL that a request may not go to.
    pub(super) fn strayed(&self, who: &str, why: &Refusal) -> Error {
        let message = format!("the URL that {who} sets {why}");
        self.outside(Error::new(ErrorKind::Argument, message))
    }

    /// A hook failed. What is known of the attempts so far stays known.
    pub(super) fn outside(&self, error: Error) -> Error {
        let error = self.about(error).of_a_hook().with_retryable(false);
        match error.outcome() {
            _ if self.attempts == 0 => error,
            Some(outcome) => error.with_outcome(outcome.max(self.worst)),
            None => error.with_outcome(self.worst),
        }
    }

    /// What a middleware lets through is the request's own error, or one of its own, after which nobody knows more.
    pub(super) fn passed(&self, error: Error, reached: bool) -> Error {
        let outcome = if reached { Outcome::Unknown } else { self.worst };
        match error.outcome() {
            Some(_) if error.is_about(&self.exchange) => error,
            _ => self.outside(error).with_outcome(outcome),
        }
    }

    fn after(&self, head: Response, kind: ErrorKind, message: String) -> Error {
        self.about(Error::new(kind, message).with_answer(head).with_outcome(Outcome::Unknown))
    }

    pub(super) fn about(&self, error: Error) -> Error {
        error.about(&self.exchange, self.attempts)
    }
}
