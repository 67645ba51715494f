//! What holds for one call: its levels, laid over each other.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};

use super::{Choice, Look, Pace, Setting, Settings};
use crate::decode::{MAX_ITEM, Reads};
use crate::describe::PathPattern;
use crate::encode::Query;
use crate::error::{Error, ErrorKind};
use crate::limit::RateLimit;
use crate::message::{GraphQlError, GraphQlErrors, Report, Response, user_agent};
use crate::policy::{AllowedOrigins, Meaning, RetryPolicy, Retryable, Rule, retry};
use crate::redact::AllowList;
use crate::transport::Transport;

/// How many bytes of an error body are kept by default.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// What holds after all levels. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolved {
    pub(crate) headers: Arc<HeaderMap>,
    pub(crate) query: Query,
    pub(crate) limits: Arc<Limits>,
    /// Whether a level sets or removes `accept`. Otherwise it follows the type of the response.
    pub(crate) sets_accept: bool,
}

/// What holds for a call besides its headers and its query.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) credential: Choice,
    pub(crate) timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_body: usize,
    /// How long a line, an event or an item may be, in bytes.
    pub(crate) max_item: usize,
    /// `None` is by how the body is read.
    idle_timeout: Option<Duration>,
    /// `None` is by how the body is read.
    min_throughput: Option<u32>,
    /// `None` is by the method.
    pub(crate) idempotent: Option<bool>,
    /// From the outermost level to the nearest.
    pub(crate) rate_limits: Vec<RateLimit>,
    /// `None` is by the method.
    pub(crate) redirects: Option<u32>,
    /// What is shown, besides what is harmless. `None` is nothing.
    pub(crate) allow_list: Option<Arc<AllowList>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            credential: Choice::Session,
            timeout: Duration::from_secs(180),
            attempt_timeout: Duration::from_secs(60),
            max_attempts: 3,
            max_body: 64 * 1024 * 1024,
            max_item: MAX_ITEM,
            idle_timeout: None,
            min_throughput: None,
            idempotent: None,
            rate_limits: Vec::new(),
            redirects: None,
            allow_list: None,
        }
    }
}

impl Limits {
    /// How fast a body must arrive that is read in this way.
    pub(crate) fn pace(&self, reads: Reads) -> Pace {
        let default = Pace::of(reads);
        Pace {
            idle_timeout: self.idle_timeout.unwrap_or(default.idle_timeout),
            min_throughput: self.min_throughput.unwrap_or(default.min_throughput),
        }
    }
}

impl Resolved {
    /// Lays a nearer level over what holds.
    pub(crate) fn apply(&mut self, nearer: &Settings) {
        self.apply_list(nearer.list());
    }

    /// Lays settings of nearer levels over what holds.
    pub(crate) fn apply_list(&mut self, nearer: &[Setting]) {
        for setting in nearer {
            if let Setting::Header(name, _) = setting {
                self.sets_accept |= *name == header::ACCEPT;
            }
            match setting {
                Setting::Header(name, Some(value)) => {
                    Arc::make_mut(&mut self.headers).insert(name, value.0.clone());
                }
                Setting::Header(name, None) => {
                    Arc::make_mut(&mut self.headers).remove(name);
                }
                Setting::Query(name, query) => {
                    self.query.remove(name);
                    self.query.append(query);
                }
                Setting::AddUserAgent(product) => {
                    let agent = user_agent::with(self.headers.get(header::USER_AGENT), &product.0);
                    Arc::make_mut(&mut self.headers).insert(header::USER_AGENT, agent);
                }
                Setting::Credential(choice) => self.limits_mut().credential = choice.clone(),
                Setting::Timeout(limit) => self.limits_mut().timeout = *limit,
                Setting::AttemptTimeout(limit) => self.limits_mut().attempt_timeout = *limit,
                Setting::MaxAttempts(max) => self.limits_mut().max_attempts = *max,
                Setting::MaxBody(bytes) => self.limits_mut().max_body = *bytes,
                Setting::MaxItem(bytes) => self.limits_mut().max_item = *bytes,
                Setting::IdleTimeout(limit) => self.limits_mut().idle_timeout = Some(*limit),
                Setting::MinThroughput(bytes) => self.limits_mut().min_throughput = Some(*bytes),
                Setting::Idempotent(idempotent) => self.limits_mut().idempotent = Some(*idempotent),
                Setting::Redirects(max) => self.limits_mut().redirects = Some(*max),
                Setting::Shown(names) => self.allow_list_mut().extend(names, true),
                Setting::Redacted(names) => self.allow_list_mut().extend(names, false),
                Setting::ShowsSecrets => self.allow_list_mut().shows_all = true,
                Setting::RateLimit(limit) if limit.is_off() => self.limits_mut().rate_limits.clear(),
                Setting::RateLimit(limit) => self.limits_mut().rate_limits.push(limit.clone()),
                // Only a failure asks for these, so they are looked up then.
                Setting::MaxErrorBody(_)
                | Setting::RetryOn(_)
                | Setting::RejectedOn(_)
                | Setting::MaxConnectAttempts(_)
                | Setting::GoneIsOk(_)
                | Setting::Retry(_)
                | Setting::AllowedOrigins(_)
                | Setting::ErrorMap(_)
                | Setting::Restricted(_) => {}
                // An attempt asks for them.
                Setting::Scope(_) | Setting::Progress(_) | Setting::Transport(_) | Setting::OnResponse(_) => {
                }
            }
        }
    }

    fn allow_list_mut(&mut self) -> &mut AllowList {
        Arc::make_mut(self.limits_mut().allow_list.get_or_insert_default())
    }

    /// The limits, to be changed. Until then they are the session's own.
    pub(crate) fn limits_mut(&mut self) -> &mut Limits {
        Arc::make_mut(&mut self.limits)
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
    /// From the nearest level to the outermost.
    fn all(&self) -> [Option<&Settings>; 4] {
        [Some(&self.call), self.operation, self.endpoint.as_deref(), Some(self.session)]
    }

    /// All settings, from the nearest level to the outermost.
    fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.all().into_iter().flatten().flat_map(|settings| settings.list().iter().rev())
    }

    /// What `pick` takes of the nearest setting that has it.
    pub(crate) fn nearest<'s, T>(&'s self, pick: impl FnMut(&'s Setting) -> Option<T>) -> Option<T> {
        self.settings().find_map(pick)
    }

    /// What is called with the progress of the body, if the call has set it.
    pub(crate) fn progress(&self) -> Option<&Report> {
        self.call.list().iter().rev().find_map(|setting| match setting {
            Setting::Progress(report) => Some(&report.0),
            _ => None,
        })
    }

    /// The transport of the call, if it has set one.
    pub(crate) fn transport(&self) -> Option<&Arc<dyn Transport>> {
        self.call.list().iter().rev().find_map(|setting| match setting {
            Setting::Transport(transport) => Some(&transport.0),
            _ => None,
        })
    }

    /// What looks at the responses to the call.
    pub(crate) fn looks(&self) -> impl Iterator<Item = &Look> {
        self.call.list().iter().filter_map(|setting| match setting {
            Setting::OnResponse(look) => Some(&*look.0),
            _ => None,
        })
    }

    /// How many attempts may fail to connect.
    pub(crate) fn max_connect_attempts(&self) -> Option<u32> {
        self.nearest(|setting| match setting {
            Setting::MaxConnectAttempts(max) => Some(*max),
            _ => None,
        })
    }

    /// The first mistake of a level.
    pub(crate) fn mistake(&self) -> Option<&str> {
        self.all().into_iter().flatten().find_map(Settings::mistake)
    }

    /// The pattern by which a path is restricted.
    pub(crate) fn restriction(&self, path: &str) -> Option<&PathPattern> {
        self.nearest(|setting| match setting {
            Setting::Restricted(pattern) => Some(pattern).filter(|pattern| pattern.matches(path)),
            _ => None,
        })
    }

    /// The origins that may be reached besides the session's.
    pub(crate) fn allowed_origins(&self) -> &AllowedOrigins {
        static NONE: AllowedOrigins = AllowedOrigins::none();
        let origins = self.nearest(|setting| match setting {
            Setting::AllowedOrigins(origins) => Some(origins),
            _ => None,
        });
        origins.unwrap_or(&NONE)
    }

    /// How failed attempts are retried.
    pub(crate) fn retry(&self) -> &RetryPolicy {
        let policy = self.nearest(|setting| match setting {
            Setting::Retry(policy) => Some(policy),
            _ => None,
        });
        policy.unwrap_or(&retry::DEFAULT)
    }

    /// How many bytes of an error body are kept.
    pub(crate) fn max_error_body(&self) -> usize {
        let max = self.nearest(|setting| match setting {
            Setting::MaxErrorBody(bytes) => Some(*bytes),
            _ => None,
        });
        max.unwrap_or(MAX_ERROR_BODY)
    }

    /// Whether a 404 or 410 after a retried DELETE is a success.
    pub(crate) fn gone_is_ok(&self) -> bool {
        let is_ok = self.nearest(|setting| match setting {
            Setting::GoneIsOk(is_ok) => Some(*is_ok),
            _ => None,
        });
        is_ok.unwrap_or(false)
    }

    /// Whether a response with `status`, which means `kind`, means that the server did not process the request.
    pub(crate) fn is_rejected(&self, status: StatusCode, kind: ErrorKind) -> bool {
        let is_listed = self.nearest(|setting| match setting {
            Setting::RejectedOn(statuses) => Some(statuses.contains(&status.as_u16())),
            _ => None,
        });
        kind == ErrorKind::TooManyRequests || is_listed == Some(true)
    }

    /// The meaning of a status; `None` for a success.
    pub(crate) fn meaning(&self, status: StatusCode) -> Option<Meaning> {
        let mut meaning = self.rule(status).meaning(status)?;
        if self.is_retried(status) {
            meaning.retryable = Retryable::Fixed(true);
        }
        Some(meaning)
    }

    /// Whether a retry can succeed after the error inside of a success, by what is set for its status.
    pub(crate) fn is_retryable(&self, error: &Error) -> bool {
        let Some(status) = error.status() else { return false };
        self.is_retried(status) || self.rule(status).retryable.is_some_and(|retryable| retryable.of(error))
    }

    /// Whether a status is listed in `retry_on`.
    fn is_retried(&self, status: StatusCode) -> bool {
        let is_listed = self.nearest(|setting| match setting {
            Setting::RetryOn(statuses) => Some(statuses.contains(&status.as_u16())),
            _ => None,
        });
        is_listed == Some(true)
    }

    /// The message in an error response, if the author's rule finds one.
    pub(crate) fn message(&self, response: &Response) -> Option<String> {
        let message = self.rule(response.status()).message?;
        message(response)
    }

    /// Whether an error means that the credential is no longer accepted.
    pub(crate) fn is_expired(&self, error: &Error) -> bool {
        let Some(status) = error.status() else { return false };
        let has_codes = error.operation().is_some_and(|operation| operation.graphql().is_some());
        let errors = if has_codes { error.graphql_errors() } else { None };
        if let Some(expired) = errors.and_then(|errors| self.rule_of_codes(&errors).expired) {
            return expired(error);
        }
        self.rule(status).expired.map_or(status == StatusCode::UNAUTHORIZED, |expired| expired(error))
    }

    /// The rule for the first of the errors whose code an error map lists.
    pub(crate) fn rule_of_codes(&self, errors: &GraphQlErrors) -> Rule {
        let codes = errors.errors.iter().filter_map(GraphQlError::code);
        let mut rules = codes.filter_map(|code| {
            let rules = self.all().into_iter().rev().flatten().flat_map(|settings| settings.list());
            let rules = rules.filter_map(|setting| match setting {
                Setting::ErrorMap(map) => map.rule_of_code(code),
                _ => None,
            });
            rules.fold(None, |outer: Option<Rule>, nearer| Some(outer.unwrap_or_default().overlaid(&nearer)))
        });
        rules.next().unwrap_or_default()
    }

    /// The rule for a status in the error maps of all levels.
    fn rule(&self, status: StatusCode) -> Rule {
        let mut rule = Rule::default();
        // Every response asks for it, and plain loops are much faster here than the iterator of `settings`.
        for settings in self.all().iter().rev().flatten() {
            for setting in settings.list() {
                if let Setting::ErrorMap(map) = setting {
                    rule = rule.overlaid(&map.rule(status));
                }
            }
        }
        rule
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_level_wins_and_unset_values_are_inherited() {
        let session = Settings::new().max_attempts(5).max_body(10).header("x-a", "1").header("x-b", "1");
        let call =
            Settings::new().max_attempts(1).header("x-a", "2").without_header("x-b").header("x-c", "3");
        let mut resolved = Resolved::default();
        resolved.apply(&session);
        resolved.apply(&call);
        assert_eq!((resolved.limits.max_attempts, resolved.limits.max_body), (1, 10));
        assert_eq!(resolved.limits.timeout, Limits::default().timeout);
        let headers: Vec<_> =
            resolved.headers.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        assert_eq!(headers, ["x-a=\"2\"", "x-c=\"3\""]);
    }
}
