//! What a session is built from: the declaration, then the builder, then `build_session`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::budget;
use crate::credential::Credential;
use crate::limiter::Limiter;
use crate::middleware::{Middleware, OnRequest, OnResponse};
use crate::settings::Settings;
use crate::transport::{ReqwestBuilder, Transport};

/// The options of a session that is about to be built: where it goes, who it is, and the [`Settings`] of all its calls.
///
/// A builder has the same setters, and the [`build_session`](crate::APISession::build_session) hook sees and shapes
/// the result of both.
///
/// ```
/// use std::time::Duration;
/// use apisession::Options;
///
/// let options = Options::new()
///     .base_url("https://api.acme.example/v1")
///     .timeout(Duration::from_secs(30))
///     .header("x-acme-version", "2026-11");
/// # let _ = options;
/// ```
#[derive(Default)]
pub struct Options {
    pub(crate) base_url: Option<String>,
    pub(crate) base_path: String,
    pub(crate) vendor: String,
    pub(crate) product: String,
    pub(crate) build: String,
    pub(crate) lib: Option<String>,
    pub(crate) settings: Settings,
    pub(crate) wire: ReqwestBuilder,
    pub(crate) max_in_flight: Option<usize>,
    pub(crate) retry_budget: RetryBudget,
    pub(crate) limiter: Option<Arc<dyn Limiter>>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) credentials: HashMap<String, Arc<Credential>>,
    pub(crate) mounts: Vec<(String, Arc<dyn Transport>)>,
    pub(crate) per_call: Vec<Arc<dyn Middleware>>,
    pub(crate) per_attempt: Vec<Arc<dyn Middleware>>,
}

impl Options {
    /// Options with nothing but the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("base_path", &self.base_path)
            .field("vendor", &self.vendor)
            .field("product", &self.product)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The tokens of retries; `None` is no limit.
#[derive(Clone, Copy)]
pub(crate) struct RetryBudget(pub(crate) Option<u32>);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Some(budget::CAPACITY))
    }
}

/// The options that only a session has: the one list of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    ($face:ident $(($($of:tt)*))? $type:ident) => {
        $crate::__setters! { $face $(($($of)*))? $type {
            /// Sets where the API is: an `http` or `https` URL without user name, query and fragment.
            base_url _b(url: impl ::core::convert::Into<::std::string::String>)
                |this| this.base_url = Some(url.into());

            /// Sets a path between the base URL and every operation, such as `/rest`. Default: none.
            base_path _b(path: impl ::core::convert::Into<::std::string::String>)
                |this| this.base_path = path.into();

            /// Sets the vendor in the user agent. Default: `unknown`.
            vendor _b(name: impl ::core::convert::Into<::std::string::String>) |this| this.vendor = name.into();

            /// Sets the product in the user agent. Default: `unknown`.
            product _b(name: impl ::core::convert::Into<::std::string::String>) |this| this.product = name.into();

            /// Sets the build in the user agent. Default: `unknown`.
            build_name _b(name: impl ::core::convert::Into<::std::string::String>) |this| this.build = name.into();

            /// Sets the library in the user agent, such as `acme-sdk/1.2`. Default: this one.
            lib _b(name: impl ::core::convert::Into<::std::string::String>) |this| this.lib = Some(name.into());

            /// Replaces the user agent. Default: `Integration/1.0 (vendor; product; Build/build) …`.
            user_agent _b(agent: &str)
                |this| this.settings = ::std::mem::take(&mut this.settings).header("user-agent", agent);

            /// Keeps query and body of the paths of this pattern out of logs and errors, in addition to the patterns
            /// that are there.
            restricted_path _b(pattern: impl ::core::convert::Into<$crate::PathPattern>)
                |this| this.settings = ::std::mem::take(&mut this.settings).restricted_path(pattern);

            /// Limits the making of a connection, TLS included, by the default transport. Default: 10 seconds.
            connect_timeout _b(limit: ::core::time::Duration) |this| this.wire = ::std::mem::take(&mut this.wire).connect_timeout(limit);

            /// Limits how long a connection that nobody uses is kept, by the default transport. It should be less than the
            /// vendor's own limit, or requests meet connections that are about to close. Default: 4 seconds.
            pool_idle_timeout _b(limit: ::core::time::Duration) |this| this.wire = ::std::mem::take(&mut this.wire).pool_idle_timeout(limit);

            /// Says how the default transport knows its server, and who we are. Default: the system's roots, and nobody.
            tls _b(tls: $crate::tls::Tls) |this| this.wire = ::std::mem::take(&mut this.wire).tls(tls);

            /// Says which proxies the default transport uses. Default: none, whatever the environment says.
            proxies _b(proxies: $crate::Proxies) |this| this.wire = ::std::mem::take(&mut this.wire).proxies(proxies);

            /// Lets the default transport begin with a builder of reqwest's, as
            /// [`ReqwestBuilder::client`]($crate::transport::ReqwestBuilder::client) has it.
            client _b(make: impl Fn() -> $crate::transport::ClientBuilder + Send + Sync + 'static)
                |this| this.wire = ::std::mem::take(&mut this.wire).client(make);

            /// Limits how many requests of the session are under way at once. Default: no limit.
            max_in_flight _b(max: usize) |this| this.max_in_flight = Some(max);

            /// Gives the session a credential under a name, which `auth = NAME` chooses on every level.
            add_credential _b(name: &str, credential: impl ::core::convert::Into<$crate::Credential>)
                |this| drop(this.credentials.insert(name.to_owned(), ::std::sync::Arc::new(credential.into())));

            /// Replaces who keeps the rate limits. Default: this process.
            limiter _b(limiter: impl $crate::limiter::Limiter)
                |this| this.limiter = Some(::std::sync::Arc::new(limiter));

            /// Sets how many tokens the retries of the session have, for each origin. One after too many requests takes
            /// 5, any other 14; a success gives back what its retry took, or 1. Without tokens there is no retry.
            /// Default: 500.
            retry_budget _b(tokens: u32) |this| this.retry_budget = RetryBudget(Some(tokens));

            /// Lets retries be as many as they are.
            without_retry_budget _b() |this| this.retry_budget = RetryBudget(None);

            /// Sends requests below `prefix` through this transport: a scheme (`https://`), an origin or a path on it
            /// (`https://api.example.com/v2`). The longest prefix counts, by whole segments. Where a session may send to
            /// is not changed by it.
            mount _b(prefix: &str, transport: impl $crate::transport::Transport)
                |this| this.mounts.push((prefix.to_owned(), ::std::sync::Arc::new(transport)));

            /// Adds a middleware around each call, inside of those that are there.
            per_call _b(middleware: impl $crate::middleware::Middleware)
                |this| this.per_call.push(::std::sync::Arc::new(middleware));

            /// Adds a middleware around each sending, each redirect by itself, inside of those that are there.
            per_attempt _b(middleware: impl $crate::middleware::Middleware)
                |this| this.per_attempt.push(::std::sync::Arc::new(middleware));

            /// Shows each request that is sent to `look`, its credential included but for a signature or digest, which comes last.
            on_request _b(look: impl Fn(&$crate::Request) + Send + Sync + 'static)
                |this| this.per_attempt.push(::std::sync::Arc::new(OnRequest(look)));

            /// Shows each answer that comes, its body still on its way, to `look`.
            on_response _b(look: impl Fn(&$crate::Response) + Send + Sync + 'static)
                |this| this.per_attempt.push(::std::sync::Arc::new(OnResponse(look)));

            /// Replaces the transport. Default: reqwest, with a pool of the session's own.
            transport _b(transport: impl $crate::transport::Transport)
                |this| this.transport = Some(::std::sync::Arc::new(transport));
        } }
    };
}

__options!(own Options);
__settings!(held_by(settings) Options);

/// The setters of a builder, which has its options in a field.
#[doc(hidden)]
#[macro_export]
macro_rules! __builder {
    ($type:ident($field:ident)) => {
        $crate::__options!(held_by($field) $type);
        $crate::__settings!(held_by($field) $type);
    };
}
