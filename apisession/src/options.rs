//! What a session is built from: the declaration, then the builder, then `build_session`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::error::{Error, Result};
use crate::headers;
use crate::pattern::PathPattern;
use crate::settings::Settings;
use crate::transport::Transport;

/// The settings of a session that is about to be built.
///
/// A builder has its setters, and the [`build_session`](crate::APISession::build_session) hook sees
/// and shapes the result of both.
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
    pub(crate) headers: HeaderMap,
    pub(crate) settings: Settings,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) max_in_flight: Option<usize>,
    pub(crate) restricted: Vec<PathPattern>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) failed: Option<Error>,
}

impl Options {
    /// Options with nothing but the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps query and body of the paths of this pattern out of logs and errors, in addition to the
    /// patterns that are there.
    #[must_use]
    pub fn restricted_path(mut self, pattern: impl Into<PathPattern>) -> Self {
        self.restricted.push(pattern.into());
        self
    }

    #[doc(hidden)]
    pub fn set(&mut self, setting: Setting) {
        match setting {
            Setting::BaseUrl(url) => self.base_url = Some(url),
            Setting::BasePath(path) => self.base_path = path,
            Setting::Vendor(name) => self.vendor = name,
            Setting::Product(name) => self.product = name,
            Setting::Build(name) => self.build = name,
            Setting::Header(name, value) => {
                let set = headers::set(&mut self.headers, &name, &value);
                self.keep_failure(set);
            }
            Setting::Timeout(limit) => self.settings.timeout = Some(limit),
            Setting::AttemptTimeout(limit) => self.settings.attempt_timeout = Some(limit),
            Setting::ConnectTimeout(limit) => self.connect_timeout = Some(limit),
            Setting::MaxAttempts(max) => self.settings.max_attempts = Some(max),
            Setting::MaxBody(max) => self.settings.max_body = Some(max),
            Setting::MaxInFlight(max) => self.max_in_flight = Some(max),
            Setting::Transport(transport) => self.transport = Some(transport),
        }
    }

    /// The first mistake is the one that `build` reports.
    fn keep_failure(&mut self, result: Result<()>) {
        if self.failed.is_none() {
            self.failed = result.err();
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("base_path", &self.base_path)
            .field("vendor", &self.vendor)
            .field("product", &self.product)
            .field("settings", &self.settings)
            .field("restricted", &self.restricted)
            .finish_non_exhaustive()
    }
}

/// One setting; what the setters of [`Options`] and of the builders come down to.
#[doc(hidden)]
pub enum Setting {
    BaseUrl(String),
    BasePath(String),
    Vendor(String),
    Product(String),
    Build(String),
    Header(String, String),
    Timeout(Duration),
    AttemptTimeout(Duration),
    ConnectTimeout(Duration),
    MaxAttempts(u32),
    MaxBody(usize),
    MaxInFlight(usize),
    Transport(Arc<dyn Transport>),
}

/// The setters of a type that holds [`Options`]: written once, for the options themselves and for every
/// builder.
#[doc(hidden)]
#[macro_export]
macro_rules! __settings {
    ($type:ident, $self:ident => $options:expr) => {
        impl $type {
            /// Sets where the API is: an `http` or `https` URL without user name, query and fragment.
            #[must_use]
            pub fn base_url(mut $self, url: impl ::core::convert::Into<::std::string::String>) -> Self {
                $options.set($crate::__private::Setting::BaseUrl(url.into()));
                $self
            }

            /// Sets a path between the base URL and every operation, such as `/rest`. Default: none.
            #[must_use]
            pub fn base_path(mut $self, path: impl ::core::convert::Into<::std::string::String>) -> Self {
                $options.set($crate::__private::Setting::BasePath(path.into()));
                $self
            }

            /// Sets the vendor in the user agent. Default: `unknown`.
            #[must_use]
            pub fn vendor(mut $self, name: impl ::core::convert::Into<::std::string::String>) -> Self {
                $options.set($crate::__private::Setting::Vendor(name.into()));
                $self
            }

            /// Sets the product in the user agent. Default: `unknown`.
            #[must_use]
            pub fn product(mut $self, name: impl ::core::convert::Into<::std::string::String>) -> Self {
                $options.set($crate::__private::Setting::Product(name.into()));
                $self
            }

            /// Sets the build in the user agent. Default: `unknown`.
            #[must_use]
            pub fn build_name(mut $self, name: impl ::core::convert::Into<::std::string::String>) -> Self {
                $options.set($crate::__private::Setting::Build(name.into()));
                $self
            }

            /// Replaces the user agent. Default: `Integration/1.0 (vendor; product; Build/build) …`.
            #[must_use]
            pub fn user_agent(mut $self, agent: impl ::core::convert::Into<::std::string::String>) -> Self {
                $options.set($crate::__private::Setting::Header("user-agent".into(), agent.into()));
                $self
            }

            /// Sets a header of every request. `build` fails if it can't be one.
            #[must_use]
            pub fn header(
                mut $self,
                name: impl ::core::convert::Into<::std::string::String>,
                value: impl ::core::convert::Into<::std::string::String>,
            ) -> Self {
                $options.set($crate::__private::Setting::Header(name.into(), value.into()));
                $self
            }

            /// Limits a whole call: all attempts and the waits between them. Default: 180 seconds.
            #[must_use]
            pub fn timeout(mut $self, limit: ::core::time::Duration) -> Self {
                $options.set($crate::__private::Setting::Timeout(limit));
                $self
            }

            /// Limits each attempt, to the end of the answer's body. Default: 60 seconds.
            #[must_use]
            pub fn attempt_timeout(mut $self, limit: ::core::time::Duration) -> Self {
                $options.set($crate::__private::Setting::AttemptTimeout(limit));
                $self
            }

            /// Limits the making of a connection, TLS included, by the default transport. Default: 10
            /// seconds.
            #[must_use]
            pub fn connect_timeout(mut $self, limit: ::core::time::Duration) -> Self {
                $options.set($crate::__private::Setting::ConnectTimeout(limit));
                $self
            }

            /// Limits how often a request is sent in all; 1 is no retry. Default: 3.
            #[must_use]
            pub fn max_attempts(mut $self, max: u32) -> Self {
                $options.set($crate::__private::Setting::MaxAttempts(max));
                $self
            }

            /// Limits the body of an answer, in bytes. Default: 64 MiB.
            #[must_use]
            pub fn max_body(mut $self, bytes: usize) -> Self {
                $options.set($crate::__private::Setting::MaxBody(bytes));
                $self
            }

            /// Limits how many requests of the session are under way at once. Default: no limit.
            #[must_use]
            pub fn max_in_flight(mut $self, max: usize) -> Self {
                $options.set($crate::__private::Setting::MaxInFlight(max));
                $self
            }

            /// Replaces the transport. Default: reqwest, with a pool of the session's own.
            #[must_use]
            pub fn transport(mut $self, transport: impl $crate::transport::Transport) -> Self {
                $options.set($crate::__private::Setting::Transport(::std::sync::Arc::new(transport)));
                $self
            }
        }
    };
}

__settings!(Options, self => self);
