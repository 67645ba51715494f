//! What a level says: the session, an endpoint, an operation, a call. The nearest one that says something wins.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde::ser::Serialize;
use url::Origin;

use crate::credential::Choice;
use crate::headers;
use crate::origin;
use crate::parameter::Style;
use crate::pattern::PathPattern;
use crate::rate_limit::RateLimit;
use crate::retry::RetryPolicy;
use crate::status::ErrorMap;
use crate::url::Query;
use crate::user_agent;

/// What one level says about its calls; what it leaves out is as the next wider level has it.
///
/// The levels are, from the nearest: a call (its `with_…` methods), its operation, its endpoint, the endpoints that
/// this one is grafted to, what [`with`](crate::APISession) of a session changed, and the session. Of header, query
/// and error map each name and status is a setting of its own.
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
    said: Vec<Setting>,
    /// The first thing that can't be.
    failed: Option<Arc<str>>,
}

/// One thing that is said. Of two about the same, the later one stands.
#[derive(Clone)]
pub(crate) enum Setting {
    /// A header, or none of that name.
    Header(HeaderName, Option<HeaderValue>),
    /// A query parameter, or none of that name.
    Query(String, Query),
    AddUserAgent(HeaderValue),
    Credential(Choice),
    Timeout(Duration),
    AttemptTimeout(Duration),
    MaxAttempts(u32),
    MaxBody(usize),
    IdleTimeout(Duration),
    MinThroughput(u32),
    RetryOn(Vec<u16>),
    RejectedOn(Vec<u16>),
    Idempotent(bool),
    GoneIsOk(bool),
    Retry(RetryPolicy),
    Redirects(u32),
    RateLimit(RateLimit),
    AllowedOrigins(Vec<Origin>),
    ErrorMap(ErrorMap),
    Restricted(PathPattern),
}

impl Settings {
    /// Settings that say nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What nobody says.
    pub(crate) fn none() -> &'static Self {
        static NONE: Settings = Settings { said: Vec::new(), failed: None };
        &NONE
    }

    /// Keeps query and body of the paths of this pattern out of logs and errors.
    #[doc(hidden)]
    #[must_use]
    pub fn restricted_path(mut self, pattern: impl Into<PathPattern>) -> Self {
        self.say(Setting::Restricted(pattern.into()));
        self
    }

    pub(crate) fn said(&self) -> &[Setting] {
        &self.said
    }

    pub(crate) fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Says what a nearer level says as well.
    pub(crate) fn extend(&mut self, nearer: Self) {
        self.said.extend(nearer.said);
        self.failed = self.failed.take().or(nearer.failed);
    }

    /// The same at a place `prefix` below the session: its patterns are meant from there.
    pub(crate) fn at(mut self, prefix: &str) -> Self {
        for setting in &mut self.said {
            if let Setting::Restricted(pattern) = setting {
                *pattern = pattern.below(prefix);
            }
        }
        self
    }

    pub(crate) fn say(&mut self, setting: Setting) {
        self.said.push(setting);
    }

    fn say_header(&mut self, name: &str, value: &str) {
        match headers::parse(name, value) {
            Ok((name, value)) => self.say(Setting::Header(name, Some(value))),
            Err(error) => self.fail(&error.to_string()),
        }
    }

    fn say_no_header(&mut self, name: &str) {
        match headers::name(name) {
            Ok(name) => self.say(Setting::Header(name, None)),
            Err(error) => self.fail(&error.to_string()),
        }
    }

    fn say_query<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) {
        let mut query = Query::default();
        match query.write(name, value, Style::default()) {
            Ok(()) => self.say(Setting::Query(name.to_owned(), query)),
            Err(error) => self.fail(&format!("the query parameter `{name}` {error}")),
        }
    }

    fn say_limit(&mut self, name: &str, limit: Duration, setting: fn(Duration) -> Setting) {
        if limit.is_zero() {
            self.fail(&format!("`{name}` is zero, which no call can keep; leave it out or raise it"));
        }
        self.say(setting(limit));
    }

    fn say_rate_limit(&mut self, limit: RateLimit) {
        if let Some(mistake) = limit.mistake() {
            self.fail(mistake);
        }
        self.say(Setting::RateLimit(limit));
    }

    fn say_attempts(&mut self, max: u32) {
        if max == 0 {
            self.fail("`max_attempts` is zero; 1 sends each request once, without a retry");
        }
        self.say(Setting::MaxAttempts(max));
    }

    fn say_origins(&mut self, origins: &[&str]) {
        match origins.iter().map(|text| origin::parse(text)).collect() {
            Ok(origins) => self.say(Setting::AllowedOrigins(origins)),
            Err(message) => self.fail(&message),
        }
    }

    fn say_user_agent(&mut self, product: &str) {
        match user_agent::product(product) {
            Some(product) => self.say(Setting::AddUserAgent(product)),
            None => self.fail("the addition to the user agent is empty; name a product: `name/1.0`"),
        }
    }

    /// The first mistake is the one that is reported.
    fn fail(&mut self, message: &str) {
        self.failed.get_or_insert_with(|| message.into());
    }
}

/// Shows what is said, never the value of a header or of a query.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.said).finish()
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name, Some(_)) => write!(f, "header {name}"),
            Self::Header(name, None) => write!(f, "no header {name}"),
            Self::Query(name, query) if query.is_empty() => write!(f, "no query {name}"),
            Self::Query(name, _) => write!(f, "query {name}"),
            Self::AddUserAgent(product) => write!(f, "add_user_agent {product:?}"),
            Self::Credential(choice) => write!(f, "{choice:?}"),
            Self::Timeout(limit) => write!(f, "timeout {limit:?}"),
            Self::AttemptTimeout(limit) => write!(f, "attempt_timeout {limit:?}"),
            Self::MaxAttempts(max) => write!(f, "max_attempts {max}"),
            Self::MaxBody(bytes) => write!(f, "max_body {bytes}"),
            Self::IdleTimeout(limit) => write!(f, "idle_timeout {limit:?}"),
            Self::MinThroughput(bytes) => write!(f, "min_throughput {bytes}"),
            Self::RetryOn(statuses) => write!(f, "retry_on {statuses:?}"),
            Self::RejectedOn(statuses) => write!(f, "rejected_on {statuses:?}"),
            Self::Idempotent(idempotent) => write!(f, "idempotent {idempotent}"),
            Self::GoneIsOk(is_ok) => write!(f, "gone_is_ok {is_ok}"),
            Self::Retry(policy) => policy.fmt(f),
            Self::RateLimit(limit) => write!(f, "{limit:?}"),
            Self::Redirects(max) => write!(f, "redirects {max}"),
            Self::AllowedOrigins(origins) => {
                let origins: Vec<_> = origins.iter().map(Origin::ascii_serialization).collect();
                write!(f, "allowed_origins {origins:?}")
            }
            Self::ErrorMap(_) => f.write_str("error_map"),
            Self::Restricted(pattern) => write!(f, "{pattern:?}"),
        }
    }
}

/// Writes the setters of a type. `own` are those of a type that has a method `say…` for each; the others hand on to
/// it under the same name or, on calls, with `with_` before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __setters {
    (own $type:ident { $($(#[$doc:meta])* $name:ident $on_call:ident ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl $type {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, $($argument: $of),*) -> Self {
                    let $this = &mut self;
                    $body;
                    self
                }
            )*
        }
    };
    (held_by($field:ident) $type:ident { $($(#[$doc:meta])* $name:ident $on_call:ident ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl $type {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, $($argument: $of),*) -> Self {
                    self.$field = self.$field.$name($($argument),*);
                    self
                }
            )*
        }
    };
    (call $type:ident { $($(#[$doc:meta])* $name:ident $on_call:ident ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl<T, E> $type<T, E> {
            $(
                $(#[$doc])*
                pub fn $on_call(mut self, $($argument: $of),*) -> Self {
                    let settings = ::std::mem::take(&mut self.arguments.settings);
                    self.arguments.settings = settings.$name($($argument),*);
                    self
                }
            )*
        }
    };
    (call_of($vis:vis) $type:ident { $($(#[$doc:meta])* $name:ident $on_call:ident ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl $type {
            $(
                $(#[$doc])*
                $vis fn $on_call(self, $($argument: $of),*) -> Self {
                    Self { call: self.call.$on_call($($argument),*) }
                }
            )*
        }
    };
}

/// The settings that every level has: the one list of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __settings {
    ($face:ident $(($($of:tt)*))? $type:ident) => {
        $crate::__setters! { $face $(($($of)*))? $type {
            /// Sets a header. One that can't be sent is reported by `build`, or by the call.
            header with_header(name: &str, value: &str) |this| this.say_header(name, value);

            /// Leaves out a header that a wider level sets.
            without_header without_header(name: &str) |this| this.say_no_header(name);

            /// Sets a query parameter: a list as repeated pairs, `None` as nothing, whatever a wider level sets.
            query with_query(name: &str, value: &(impl $crate::__private::Serialize + ?Sized))
                |this| this.say_query(name, value);

            /// Leaves out a query parameter that a wider level sets.
            without_query without_query(name: &str) |this| this.say_query(name, &::core::option::Option::None::<()>);

            /// Adds a product, such as `plugin/1.2`, to the user agent, unless it is there already.
            add_user_agent with_added_user_agent(product: &str) |this| this.say_user_agent(product);

            /// Carries this credential instead of the session's.
            credential with_credential(credential: impl ::core::convert::Into<$crate::Credential>)
                |this| this.say(Setting::Credential(Choice::This(::std::sync::Arc::new(credential.into()))));

            /// Carries the credential that the session has under this name, by the builder's `add_credential`.
            credential_named with_credential_named(name: &str)
                |this| this.say(Setting::Credential(Choice::Named(name.into())));

            /// Carries no credential, and does not sign in.
            without_credential without_credential() |this| this.say(Setting::Credential(Choice::None));

            /// Carries the session's credential, where a wider level says otherwise.
            session_credential with_session_credential() |this| this.say(Setting::Credential(Choice::Session));

            /// Limits a whole call: all attempts and the waits between them. Default: 180 seconds.
            timeout with_timeout(limit: ::core::time::Duration) |this| this.say_limit("timeout", limit, Setting::Timeout);

            /// Limits each attempt, to the end of the answer's body. Default: 60 seconds.
            attempt_timeout with_attempt_timeout(limit: ::core::time::Duration)
                |this| this.say_limit("attempt_timeout", limit, Setting::AttemptTimeout);

            /// Limits how often a request is sent in all; 1 is no retry. A 401 that makes the session sign in again
            /// adds one, and each challenge that is answered. Default: 3.
            max_attempts with_max_attempts(max: u32) |this| this.say_attempts(max);

            /// Limits how long the body of an answer may stand still. Default: 30 seconds.
            idle_timeout with_idle_timeout(limit: ::core::time::Duration)
                |this| this.say_limit("idle_timeout", limit, Setting::IdleTimeout);

            /// Sets how many bytes of the body of an answer must come in a second, measured over 30 seconds; 0 is any.
            /// Default: 1024.
            min_throughput with_min_throughput(bytes_per_second: u32)
                |this| this.say(Setting::MinThroughput(bytes_per_second));

            /// Limits the body of an answer, in bytes, decoded. Default: 64 MiB.
            max_body with_max_body(bytes: usize) |this| this.say(Setting::MaxBody(bytes));

            /// Names the statuses after which another attempt can help, besides those that the error map calls
            /// retryable. Default: none.
            retry_on with_retry_on(statuses: &[u16]) |this| this.say(Setting::RetryOn(statuses.to_vec()));

            /// Names the statuses by which the server says that it did not process the request, besides 429, so that
            /// even a write may be sent again. Default: none.
            rejected_on with_rejected_on(statuses: &[u16]) |this| this.say(Setting::RejectedOn(statuses.to_vec()));

            /// Says whether sending the request twice does what sending it once does. Default: as RFC 9110 §9.2.2 has
            /// it for the method; POST and PATCH are not idempotent.
            idempotent with_idempotent(idempotent: bool) |this| this.say(Setting::Idempotent(idempotent));

            /// Says whether a DELETE that is sent again, and whose first sending may have arrived, is done if the thing is
            /// not there any more: a 404 or 410 then counts as an answer without a body. Default: no.
            gone_is_ok with_gone_is_ok(is_ok: bool) |this| this.say(Setting::GoneIsOk(is_ok));

            /// Says how failed attempts are repeated: delays, and what the server says of them.
            retry with_retry(policy: $crate::RetryPolicy) |this| this.say(Setting::Retry(policy));

            /// Limits how many requests are sent in how long, besides the limits of wider levels. Default: none.
            rate_limit with_rate_limit(limit: $crate::RateLimit) |this| this.say_rate_limit(limit);

            /// Limits how many redirects are followed; 0 is none, and a redirect then an error. Default: 10 for GET and
            /// HEAD, else 0.
            redirects with_redirects(max: u32) |this| this.say(Setting::Redirects(max));

            /// Names the origins, such as `https://cdn.example.com`, that redirects and links may lead to besides that of
            /// the base URL. They get no credential, no cookie, and none of the session's headers. Default: none.
            allowed_origins with_allowed_origins(origins: &[&str]) |this| this.say_origins(origins);

            /// Says what statuses mean, over what wider levels say of them.
            error_map with_error_map(map: $crate::ErrorMap) |this| this.say(Setting::ErrorMap(map));
        } }
    };
}

__settings!(own Settings);
