//! The table of settings. A row has a key, the syntax of its value, and the setters that it calls.

/// A setting of the framework.
pub(crate) struct Setting {
    /// The key in an attribute. Empty if the setting has only setters.
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    /// An example of a value, for the message about a missing one.
    pub(crate) example: &'static str,
    /// The setters of a builder. The key calls the first.
    pub(crate) setters: &'static [&'static str],
}

/// The syntax of a key's value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `auth = none`
    Auth,
    /// `timeout = Duration::from_secs(30)`
    Expression,
    /// `headers("x-a" = "b")`
    Headers,
    /// `allowed_origins("https://cdn.example.com", "https://*.blob.example.com" = bodies)`
    Origins,
    /// `redact("x-account", "/customer/email")`
    Names,
    /// `restricted_paths("/login")`
    Patterns,
    /// `query("a" = 1)`
    Query,
    /// `rate_limit = RateLimit::new(…)`, which gets a default name
    RateLimit,
    /// `redirects = off`
    Redirects,
    /// `scope = "shelf:{name}:read"`
    Scope,
    /// `retry_on(423)`
    Statuses,
    /// `idempotent`
    Switch,
    /// `vendor = "Acme"`
    Text,
    /// No key.
    None,
}

const fn row(
    key: &'static str,
    kind: Kind,
    example: &'static str,
    setters: &'static [&'static str],
) -> Setting {
    Setting { key, kind, example, setters }
}

/// The settings of every level: session, endpoint, operation.
pub(crate) const EVERY_LEVEL: &[Setting] = &[
    row("allowed_origins", Kind::Origins, "", &["allowed_origins"]),
    row("attempt_timeout", Kind::Expression, "Duration::from_secs(30)", &["attempt_timeout"]),
    row(
        "auth",
        Kind::Auth,
        "none",
        &["credential", "credential_named", "session_credential", "without_credential"],
    ),
    row("error_map", Kind::Expression, "ErrorMap::new()", &["error_map"]),
    row("gone_is_ok", Kind::Switch, "", &["gone_is_ok"]),
    row("headers", Kind::Headers, "", &["header", "without_header"]),
    row("idempotent", Kind::Switch, "", &["idempotent"]),
    row("idle_timeout", Kind::Expression, "Duration::from_secs(30)", &["idle_timeout"]),
    row("max_attempts", Kind::Expression, "5", &["max_attempts"]),
    row("max_body", Kind::Expression, "1024 * 1024", &["max_body"]),
    row("max_connect_attempts", Kind::Expression, "2", &["max_connect_attempts"]),
    row("max_error_body", Kind::Expression, "256 * 1024", &["max_error_body"]),
    row("max_item", Kind::Expression, "1024 * 1024", &["max_item"]),
    row("min_throughput", Kind::Expression, "1024", &["min_throughput"]),
    row("query", Kind::Query, "", &["query", "without_query"]),
    row("rate_limit", Kind::RateLimit, "RateLimit::new(…)", &["rate_limit"]),
    row("redact", Kind::Names, "", &["redact"]),
    row("redact_allow", Kind::Names, "", &["redact_allow"]),
    row("redirects", Kind::Redirects, "5", &["redirects"]),
    row("rejected_on", Kind::Statuses, "", &["rejected_on"]),
    row("restricted_paths", Kind::Patterns, "", &["restricted_path"]),
    row("retry", Kind::Expression, "RetryPolicy::new()", &["retry"]),
    row("retry_on", Kind::Statuses, "", &["retry_on"]),
    row("scope", Kind::Scope, "", &["scope"]),
    row("timeout", Kind::Expression, "Duration::from_secs(30)", &["timeout"]),
    row("", Kind::None, "", &["add_user_agent"]),
];

/// The settings of a session only.
pub(crate) const SESSION: &[Setting] = &[
    row("base_path", Kind::Text, "", &["base_path"]),
    row("base_url", Kind::Text, "", &["base_url"]),
    row("build", Kind::Text, "", &["build_name"]),
    row("client_request_id", Kind::Text, "", &["client_request_id"]),
    row("connect_timeout", Kind::Expression, "Duration::from_secs(5)", &["connect_timeout"]),
    row("lib", Kind::Text, "", &["lib"]),
    row("max_in_flight", Kind::Expression, "64", &["max_in_flight"]),
    row("product", Kind::Text, "", &["product"]),
    row("request_id_header", Kind::Text, "", &["request_id_header"]),
    row("vendor", Kind::Text, "", &["vendor"]),
    row(
        "",
        Kind::None,
        "",
        &[
            "add_credential",
            "client",
            "cookies",
            "credentials",
            "danger_show_secrets",
            "limiter",
            "mount",
            "observer",
            "on_request",
            "on_response",
            "per_attempt",
            "per_call",
            "pool_idle_timeout",
            "proxies",
            "retry_budget",
            "tls",
            "trace_context",
            "transport",
            "user_agent",
            "without_retry_budget",
        ],
    ),
];

/// Whether every builder has a method of this name: a setter, `build` or `connect`.
pub(crate) fn is_builder_method(name: &str) -> bool {
    let is_setter = |setting: &Setting| setting.setters.contains(&name);
    matches!(name, "build" | "connect") || EVERY_LEVEL.iter().any(is_setter) || SESSION.iter().any(is_setter)
}
