//! What each level sets, and what holds for a call. It imports `credential` and what is below it.

mod builder;
mod choice;
mod discovery;
#[cfg(feature = "sign-in")]
mod found;
mod levels;
#[cfg(feature = "pages")]
mod of_page;
pub(crate) mod options;
mod pace;
#[cfg(feature = "sign-in")]
mod scope;
#[cfg(not(feature = "sign-in"))]
#[path = "no_scope.rs"]
mod scope;
#[macro_use]
mod setters;

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, mem};

use http::{HeaderName, HeaderValue};
use serde::ser::Serialize;

pub use self::builder::{FieldValue, SessionBuilder};
pub(crate) use self::choice::Choice;
pub(crate) use self::levels::{Levels, Limits, Resolved};
#[cfg(feature = "sign-in")]
pub(crate) use self::options::Discover;
pub use self::options::{Discovery, Options};
pub(crate) use self::pace::Pace;
pub(crate) use self::scope::Scope;
#[cfg(feature = "sign-in")]
pub(crate) use self::scope::ScopeError;
use crate::describe::PathPattern;
use crate::encode::{Query, Style};
use crate::limit::RateLimit;
use crate::message::duration::LONGEST;
use crate::message::{Report, Response, headers, user_agent};
use crate::policy::{AllowedOrigins, ErrorMap, RetryPolicy};
use crate::redact;
use crate::transport::Transport;

/// Settings of one level: session, endpoint, operation or call. Unset values are inherited from the next outer level.
///
/// The levels are, from the nearest: a call (its `with_…` methods), its operation, its endpoint, the endpoints to which that
/// is grafted, what [`with`](crate::APISession) of a session changed, and the session. Each header, query parameter and status of an
/// error map is a setting of its own.
///
/// ```
/// use std::time::Duration;
/// # use apisession::prelude::*;
/// # #[derive(Clone, APISession)]
/// # #[session(base_url = "https://api.acme.example/v1")]
/// # pub struct Acme { session: Session }
/// # let api = Acme::builder().build()?;
/// // The same session with other defaults: same connections, same login.
/// let admin = api.with(|settings| settings.header("x-impersonate", "ana").timeout(Duration::from_secs(5)));
/// # assert_eq!(admin.raw().get("/x").build()?.headers["x-impersonate"], "ana");
/// # assert!(!api.raw().get("/x").build()?.headers.contains_key("x-impersonate"));
/// # Ok::<(), apisession::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Settings {
    list: Vec<Setting>,
    /// The first mistake.
    mistake: Option<Arc<str>>,
}

/// One setting. Of two settings of the same thing, the later one holds.
#[derive(Clone, Debug)]
pub(crate) enum Setting {
    /// A header, or its removal.
    Header(HeaderName, Option<Hidden<HeaderValue>>),
    /// The pairs of a query parameter; without pairs, its removal.
    Query(String, Query),
    AddUserAgent(Hidden<HeaderValue>),
    Credential(Choice),
    /// The scope of the token, with placeholders.
    Scope(Scope),
    Timeout(Duration),
    AttemptTimeout(Duration),
    MaxAttempts(u32),
    MaxBody(usize),
    MaxErrorBody(usize),
    MaxItem(usize),
    IdleTimeout(Duration),
    MinThroughput(u32),
    RetryOn(Vec<u16>),
    RejectedOn(Vec<u16>),
    Idempotent(bool),
    GoneIsOk(bool),
    Retry(RetryPolicy),
    Redirects(u32),
    RateLimit(RateLimit),
    AllowedOrigins(AllowedOrigins),
    ErrorMap(ErrorMap),
    Restricted(PathPattern),
    /// Names whose values are shown.
    Shown(Arc<[Box<str>]>),
    /// Names whose values are hidden.
    Redacted(Arc<[Box<str>]>),
    /// Of sessions only.
    ShowsSecrets,
    MaxConnectAttempts(u32),
    /// Of calls only.
    Progress(Hidden<Report>),
    /// Of calls only.
    Transport(Hidden<Arc<dyn Transport>>),
    /// Of calls only.
    OnResponse(Hidden<Arc<Look>>),
}

impl Setting {
    pub(crate) fn header(name: HeaderName, value: HeaderValue) -> Self {
        Self::Header(name, Some(Hidden(value)))
    }
}

/// Looks at a response.
pub(crate) type Look = dyn Fn(&Response) + Send + Sync;

/// A value that `Debug` doesn't show.
#[derive(Clone)]
pub(crate) struct Hidden<T>(pub(crate) T);

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Settings {
    /// Creates empty settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Empty settings.
    pub(crate) fn empty() -> &'static Self {
        static EMPTY: Settings = Settings { list: Vec::new(), mistake: None };
        &EMPTY
    }

    /// Keeps query and body of the paths of this pattern out of logs and errors.
    #[doc(hidden)]
    #[must_use]
    pub fn restricted_path(mut self, pattern: impl Into<PathPattern>) -> Self {
        self.set(Setting::Restricted(pattern.into()));
        self
    }

    /// Whether this level sets a header to this value.
    pub(crate) fn sets_header(&self, name: &HeaderName, value: &HeaderValue) -> bool {
        self.list.iter().any(|setting| match setting {
            Setting::Header(own, Some(set)) => own == name && set.0 == *value,
            _ => false,
        })
    }

    /// The value that this level sets for a header, if it is text.
    pub(crate) fn header_value(&self, name: &HeaderName) -> Option<&str> {
        self.list.iter().rev().find_map(|setting| match setting {
            Setting::Header(own, set) if own == name => set.as_ref()?.0.to_str().ok(),
            _ => None,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn list(&self) -> &[Setting] {
        &self.list
    }

    pub(crate) fn mistake(&self) -> Option<&str> {
        self.mistake.as_deref()
    }

    /// Adds the settings of a nearer level.
    pub(crate) fn extend(&mut self, nearer: Self) {
        self.list.extend(nearer.list);
        self.mistake = self.mistake.take().or(nearer.mistake);
    }

    /// The settings of an endpoint whose path is `prefix`: their path patterns are relative to it.
    pub(crate) fn below(mut self, prefix: &str) -> Self {
        for setting in &mut self.list {
            if let Setting::Restricted(pattern) = setting {
                *pattern = pattern.below(prefix);
            }
        }
        self
    }

    pub(crate) fn set(&mut self, setting: Setting) {
        self.list.push(setting);
    }

    fn set_header(&mut self, name: &str, value: &str) {
        match headers::parse(name, value) {
            Ok((name, value)) => self.set(Setting::header(name, value)),
            Err(error) => self.refuse(&error.to_string()),
        }
    }

    fn remove_header(&mut self, name: &str) {
        match headers::name(name) {
            Ok(name) => self.set(Setting::Header(name, None)),
            Err(error) => self.refuse(&error.to_string()),
        }
    }

    fn set_query<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) {
        let mut query = Query::default();
        match query.write(name, value, Style::default()) {
            Ok(()) => self.set(Setting::Query(name.to_owned(), query)),
            Err(error) => self.refuse(&format!("the query parameter `{name}` {error}")),
        }
    }

    fn set_limit(&mut self, name: &str, limit: Duration, setting: fn(Duration) -> Setting) {
        if limit.is_zero() {
            self.refuse(&format!("`{name}` is zero, so every call would fail; raise it, or leave it out"));
        }
        self.set(setting(limit.min(LONGEST)));
    }

    fn set_rate_limit(&mut self, limit: RateLimit) {
        if let Some(mistake) = limit.mistake() {
            self.refuse(mistake);
        }
        self.set(Setting::RateLimit(limit));
    }

    fn set_max_attempts(&mut self, max: u32) {
        if max == 0 {
            self.refuse("`max_attempts` is zero; 1 sends each request once, without a retry");
        }
        self.set(Setting::MaxAttempts(max));
    }

    fn set_scope(&mut self, scope: &str) {
        match Scope::new(scope) {
            Ok(scope) => self.set(Setting::Scope(scope)),
            Err(mistake) => self.refuse(&mistake),
        }
    }

    fn set_shown(&mut self, setting: &str, names: &[&str], is_shown: bool) {
        for name in names {
            if let Err(why) = redact::check(name, is_shown) {
                self.refuse(&format!("the entry `{}` of `{setting}` {why}", name.escape_debug()));
            }
        }
        let names = names.iter().copied().map(Box::from).collect();
        self.set(if is_shown { Setting::Shown(names) } else { Setting::Redacted(names) });
    }

    fn set_max_connect_attempts(&mut self, max: u32) {
        if max == 0 {
            self.refuse("`max_connect_attempts` is zero; 1 connects once, without a retry");
        }
        self.set(Setting::MaxConnectAttempts(max));
    }

    fn set_allowed_origins(&mut self, origins: AllowedOrigins) {
        if let Some(mistake) = origins.mistake() {
            self.refuse(mistake);
        }
        self.set(Setting::AllowedOrigins(origins));
    }

    fn add_product(&mut self, product: &str) {
        match user_agent::product(product) {
            Some(product) => self.set(Setting::AddUserAgent(Hidden(product))),
            None => self.refuse("the addition to the user agent is empty; name a product: `name/1.0`"),
        }
    }

    /// The first mistake is the one that is reported.
    fn refuse(&mut self, mistake: &str) {
        self.mistake.get_or_insert_with(|| mistake.into());
    }

    /// Applies `change` in place.
    pub(crate) fn change(&mut self, change: impl FnOnce(Self) -> Self) {
        *self = change(mem::take(self));
    }
}

/// Shows what is set, never the value of a header or of a query parameter.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}
