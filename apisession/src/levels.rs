//! From what the levels say to what holds for one call.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use url::Origin;

use crate::credential::Choice;
use crate::error::Error;
use crate::rate_limit::RateLimit;
use crate::response::Response;
use crate::retry::{self, RetryPolicy};
use crate::send::Pace;
use crate::settings::{Setting, Settings};
use crate::status::{Meaning, Rule};
use crate::url::Query;
use crate::user_agent;

/// How much of the body of an error is kept.
pub(crate) const MAX_ERROR_BODY: usize = 64 * 1024;

/// What holds, level upon level.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) headers: HeaderMap,
    pub(crate) query: Query,
    pub(crate) credential: Choice,
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_body: usize,
    pub(crate) pace: Pace,
    /// `None` is as the method is.
    pub(crate) idempotent: Option<bool>,
    /// From the widest to the nearest.
    pub(crate) rate_limits: Vec<RateLimit>,
    /// `None` is as the method is.
    pub(crate) redirects: Option<u32>,
}

impl Default for Resolved {
    fn default() -> Self {
        Self {
            headers: HeaderMap::new(),
            query: Query::default(),
            credential: Choice::Session,
            timeout: Duration::from_secs(180),
            attempt_timeout: Duration::from_secs(60),
            max_attempts: 3,
            max_body: 64 * 1024 * 1024,
            pace: Pace::default(),
            idempotent: None,
            rate_limits: Vec::new(),
            redirects: None,
        }
    }
}

impl Resolved {
    /// Lays a nearer level over what holds.
    pub(crate) fn apply(&mut self, nearer: &Settings) {
        for setting in nearer.said() {
            match setting {
                Setting::Header(name, Some(value)) => {
                    self.headers.insert(name, value.clone());
                }
                Setting::Header(name, None) => {
                    self.headers.remove(name);
                }
                Setting::Query(name, query) => {
                    self.query.remove(name);
                    self.query.append(query);
                }
                Setting::AddUserAgent(product) => {
                    let agent = user_agent::with(self.headers.get(header::USER_AGENT), product);
                    self.headers.insert(header::USER_AGENT, agent);
                }
                Setting::Credential(choice) => self.credential = choice.clone(),
                Setting::Timeout(limit) => self.timeout = *limit,
                Setting::AttemptTimeout(limit) => self.attempt_timeout = *limit,
                Setting::MaxAttempts(max) => self.max_attempts = *max,
                Setting::MaxBody(bytes) => self.max_body = *bytes,
                Setting::IdleTimeout(limit) => self.pace.idle_timeout = *limit,
                Setting::MinThroughput(bytes) => self.pace.min_throughput = *bytes,
                Setting::Idempotent(idempotent) => self.idempotent = Some(*idempotent),
                Setting::Redirects(max) => self.redirects = Some(*max),
                Setting::RateLimit(limit) if limit.is_off() => self.rate_limits.clear(),
                Setting::RateLimit(limit) => self.rate_limits.push(limit.clone()),
                // These are read when they are asked for.
                Setting::RetryOn(_)
                | Setting::RejectedOn(_)
                | Setting::GoneIsOk(_)
                | Setting::Retry(_)
                | Setting::AllowedOrigins(_)
                | Setting::ErrorMap(_)
                | Setting::Restricted(_) => {}
            }
        }
    }
}

/// The levels of one call.
#[derive(Debug)]
pub(crate) struct Levels<'a> {
    pub(crate) session: &'a Settings,
    pub(crate) endpoint: Option<Arc<Settings>>,
    pub(crate) operation: Option<&'static Settings>,
    pub(crate) call: Settings,
}

impl Levels<'_> {
    /// From the nearest to the farthest.
    fn all(&self) -> [Option<&Settings>; 4] {
        [Some(&self.call), self.operation, self.endpoint.as_deref(), Some(self.session)]
    }

    /// Everything that is said, from the nearest to the farthest.
    fn said(&self) -> impl DoubleEndedIterator<Item = &Setting> {
        self.all().into_iter().flatten().flat_map(|settings| settings.said().iter().rev())
    }

    /// The first thing that can't be.
    pub(crate) fn failed(&self) -> Option<&str> {
        self.all().into_iter().flatten().find_map(Settings::failed)
    }

    pub(crate) fn is_restricted(&self, path: &str) -> bool {
        self.said().any(|setting| matches!(setting, Setting::Restricted(pattern) if pattern.matches(path)))
    }

    /// The origins that may be reached besides the session's.
    pub(crate) fn allowed_origins(&self) -> &[Origin] {
        let named = self.said().find_map(|setting| match setting {
            Setting::AllowedOrigins(origins) => Some(origins.as_slice()),
            _ => None,
        });
        named.unwrap_or_default()
    }

    /// How failed attempts are repeated.
    pub(crate) fn retry(&self) -> &RetryPolicy {
        let policy = self.said().find_map(|setting| match setting {
            Setting::Retry(policy) => Some(policy),
            _ => None,
        });
        policy.unwrap_or(&retry::DEFAULT)
    }

    /// Whether a thing that is gone, when a DELETE that may have arrived is sent again, was deleted by it.
    pub(crate) fn gone_is_ok(&self) -> bool {
        let said = self.said().find_map(|setting| match setting {
            Setting::GoneIsOk(is_ok) => Some(*is_ok),
            _ => None,
        });
        said.unwrap_or(false)
    }

    /// Whether the server says by `status` that it did not process the request.
    pub(crate) fn is_rejected(&self, status: StatusCode) -> bool {
        let named = self.said().find_map(|setting| match setting {
            Setting::RejectedOn(statuses) => Some(statuses.contains(&status.as_u16())),
            _ => None,
        });
        status == StatusCode::TOO_MANY_REQUESTS || named == Some(true)
    }

    /// What an answer is: `None` for a success.
    pub(crate) fn meaning(&self, status: StatusCode) -> Option<Meaning> {
        let mut meaning = self.rule(status).meaning(status)?;
        let named = self.said().find_map(|setting| match setting {
            Setting::RetryOn(statuses) => Some(statuses.contains(&status.as_u16())),
            _ => None,
        });
        meaning.retryable |= named == Some(true);
        Some(meaning)
    }

    /// The message in an error answer, if the author says how to find it.
    pub(crate) fn message(&self, response: &Response) -> Option<String> {
        let message = self.rule(response.status()).message?;
        message(response)
    }

    /// Whether an error says that the credential is not accepted any more.
    pub(crate) fn is_expired(&self, error: &Error) -> bool {
        let Some(status) = error.status() else { return false };
        self.rule(status).expired.map_or(status == StatusCode::UNAUTHORIZED, |expired| expired(error))
    }

    /// What the error maps say of a status, laid upon each other.
    fn rule(&self, status: StatusCode) -> Rule {
        self.said().rev().fold(Rule::default(), |rule, setting| match setting {
            Setting::ErrorMap(map) => rule.overlaid(&map.rule(status)),
            _ => rule,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_level_wins_and_silence_inherits() {
        let session = Settings::new().max_attempts(5).max_body(10).header("x-a", "1").header("x-b", "1");
        let call =
            Settings::new().max_attempts(1).header("x-a", "2").without_header("x-b").header("x-c", "3");
        let mut resolved = Resolved::default();
        resolved.apply(&session);
        resolved.apply(&call);
        assert_eq!((resolved.max_attempts, resolved.max_body), (1, 10));
        assert_eq!(resolved.timeout, Resolved::default().timeout);
        let headers: Vec<_> =
            resolved.headers.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        assert_eq!(headers, ["x-a=\"2\"", "x-c=\"3\""]);
    }
}
