//! What a session is built from: the declaration, then the builder, then `build_session`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Settings;
use crate::credential::{Credential, CredentialSource};
use crate::error::Result;
use crate::limit::limiter::Limiter;
use crate::observe::{Observer, TraceContext};
use crate::policy::budget;
use crate::transport::middleware::Middleware;
use crate::transport::wrapping::Wrapping;
use crate::transport::{Network, Transport};

/// The options of a session that is about to be built: its base URL, its user agent, its network, and the [`Settings`] of all
/// its calls.
///
/// A builder has the same setters, by a [`SessionBuilder`](crate::SessionBuilder). The [`build_session`](crate::APISession::build_session) hook sees the result of declaration and
/// builder, and can change it.
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
#[derive(Clone, Default)]
pub struct Options {
    pub(crate) base_url: Option<String>,
    pub(crate) declared: Declared,
    pub(crate) discovery: Option<Discovery>,
    pub(crate) base_path: String,
    pub(crate) vendor: String,
    pub(crate) product: String,
    pub(crate) build: String,
    pub(crate) lib: Option<String>,
    pub(crate) request_id_header: Option<String>,
    pub(crate) client_request_id: Option<String>,
    pub(crate) settings: Settings,
    pub(crate) network: Network,
    pub(crate) max_in_flight: Option<usize>,
    pub(crate) retry_budget: RetryBudget,
    pub(crate) limiter: Option<Arc<dyn Limiter>>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) credentials: HashMap<String, Arc<Credential>>,
    pub(crate) wrapping: Option<Wrapping>,
    pub(crate) mounts: Vec<(String, Arc<dyn Transport>)>,
    pub(crate) per_call: Vec<Arc<dyn Middleware>>,
    pub(crate) per_attempt: Vec<Arc<dyn Middleware>>,
    pub(crate) observers: Vec<Arc<dyn Observer>>,
    pub(crate) trace_context: Option<Arc<dyn TraceContext>>,
    /// The name and the version of the crate that declares the session.
    pub(crate) declared_in: (Option<&'static str>, Option<&'static str>),
}

impl Options {
    /// Creates options that have only defaults.
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

/// Finds the credential and the settings of a session. `provider`, a higher layer, implements it.
pub(crate) trait Discover: Send + Sync {
    /// Changes the options, and returns what was looked at.
    fn discover(&self, options: &mut Options) -> Result<CredentialSource>;
}

/// What finds the credential and the settings of a session: a [`Chain`](crate::Chain).
#[derive(Clone)]
pub struct Discovery(pub(crate) Arc<dyn Discover>);

/// What the declaration of a session sets. What sources have is between it and what the builder sets.
#[derive(Clone, Default)]
pub(crate) struct Declared {
    pub(super) base_url: Option<String>,
    pub(super) settings: Settings,
    pub(super) connect_timeout: Option<Duration>,
}

/// The tokens of the retry budget; `None` is no limit.
#[derive(Clone, Copy)]
pub(crate) struct RetryBudget(pub(crate) Option<u32>);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(Some(budget::CAPACITY))
    }
}
