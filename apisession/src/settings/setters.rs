//! The setters of every level and of a session, each in one list, for all the types that have them.

use super::{Choice, Options, Setting, Settings};
use crate::settings::options::RetryBudget;
use crate::transport::middleware::{OnRequest, OnResponse};

/// Writes the setters of a type. A row is `name [with_name](arguments) |this| body;`, where `with_name` is the name on a call, and
/// `body` changes the type that owns the setting. The other types hand the arguments on to it.
#[doc(hidden)]
#[macro_export]
macro_rules! __setters {
    (own $type:ident { $($(#[$doc:meta])* $name:ident $([$on_call:ident])? ($($argument:ident: $of:ty),*)
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
    (held_by($field:ident) $type:ident { $($(#[$doc:meta])* $name:ident $([$on_call:ident])? ($($argument:ident: $of:ty),*)
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
    (of_builder $type:ident { $($(#[$doc:meta])* $name:ident $([$on_call:ident])? ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl<B> $type<B> {
            $(
                $(#[$doc])*
                pub fn $name(&self, $($argument: $of),*) -> B {
                    self.changed(|options| options.$name($($argument),*))
                }
            )*
        }
    };
    (call $type:ident { $($(#[$doc:meta])* $name:ident [$on_call:ident] ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl<T, E> $type<T, E> {
            $(
                $(#[$doc])*
                pub fn $on_call(mut self, $($argument: $of),*) -> Self {
                    self.arguments().settings.change(|settings| settings.$name($($argument),*));
                    self
                }
            )*
        }
    };
    (lent $type:ident { $($(#[$doc:meta])* $name:ident [$on_call:ident] ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl<T, E> $type<'_, T, E> {
            $(
                $(#[$doc])*
                pub fn $on_call(mut self, $($argument: $of),*) -> Self {
                    self.arguments().settings.change(|settings| settings.$name($($argument),*));
                    self
                }
            )*
        }
    };
    (open $type:ident { $($(#[$doc:meta])* $name:ident [$on_call:ident] ($($argument:ident: $of:ty),*)
        |$this:ident| $body:expr;)* }) => {
        impl<S, T, E> $type<S, T, E> {
            $(
                $(#[$doc])*
                pub fn $on_call(&self, $($argument: $of),*) -> S {
                    self.to_call().$on_call($($argument),*).open(self.make)
                }
            )*
        }
    };
}

/// The settings that every level has.
#[doc(hidden)]
#[macro_export]
macro_rules! __settings {
    ($face:ident $(($($of:tt)*))? $type:ident) => {
        $crate::__setters! { $face $(($($of)*))? $type {
            /// Sets a header. A name or value that can't be sent is reported by `build`, or by the call.
            header [with_header](name: &str, value: &str) |this| this.set_header(name, value);

            /// Removes a header that an outer level sets.
            without_header [without_header](name: &str) |this| this.remove_header(name);

            /// Sets a query parameter in place of an outer level's. A list is repeated pairs, and `None` is nothing.
            query [with_query](name: &str, value: &(impl $crate::__private::Serialize + ?::core::marker::Sized))
                |this| this.set_query(name, value);

            /// Removes a query parameter that an outer level sets.
            without_query [without_query](name: &str) |this| this.set_query(name, &::core::option::Option::None::<()>);

            /// Adds a product, such as `plugin/1.2`, to the user agent, if it is not there already.
            add_user_agent [with_added_user_agent](product: &str) |this| this.add_product(product);

            /// Sets the credential that is sent, in place of the session's.
            credential [with_credential](credential: impl ::core::convert::Into<$crate::Credential>)
                |this| this.set(Setting::Credential(Choice::This(::std::sync::Arc::new(credential.into()))));

            /// Selects the credential that the session has under this name, from the builder's `add_credential`.
            credential_named [with_credential_named](name: &str)
                |this| this.set(Setting::Credential(Choice::Named(name.into())));

            /// Sends no credential, and does not sign in.
            without_credential [without_credential]() |this| this.set(Setting::Credential(Choice::None));

            /// Sends the session's credential, where an outer level selects another one.
            session_credential [with_session_credential]() |this| this.set(Setting::Credential(Choice::Session));

            /// States the scope of the token that a [challenged]($crate::Credential::challenged) credential fetches, such as
            /// `shelf:{name}:read`, so that no 401 is needed. `{name}` is a parameter of the path, also of a graft on the way, or of the
            /// query; a call that has none of this name fails. Default: the scope that the server asks for.
            scope [with_scope](scope: &str) |this| this.set_scope(scope);

            /// Limits a whole call: all attempts and the waits between them. Default: 180 seconds.
            timeout [with_timeout](limit: ::core::time::Duration)
                |this| this.set_limit("timeout", limit, Setting::Timeout);

            /// Limits each attempt, to the end of the response body. Default: 60 seconds.
            attempt_timeout [with_attempt_timeout](limit: ::core::time::Duration)
                |this| this.set_limit("attempt_timeout", limit, Setting::AttemptTimeout);

            /// Limits how often a request is sent in all; 1 is no retry. Default: 3.
            ///
            /// A 401 after which the session signs in again adds one, and so does each challenge that the credential responds to.
            max_attempts [with_max_attempts](max: u32) |this| this.set_max_attempts(max);

            /// Limits how many attempts of a call may fail to connect, besides `max_attempts` for all; 1 is no retry after such a failure.
            /// Default: no limit of its own.
            max_connect_attempts [with_max_connect_attempts](max: u32) |this| this.set_max_connect_attempts(max);

            /// Limits the time in which nothing of a response body arrives. Default: 30 seconds, and 5 minutes for an `EventStream` and
            /// for `Lines`, where any byte counts.
            idle_timeout [with_idle_timeout](limit: ::core::time::Duration)
                |this| this.set_limit("idle_timeout", limit, Setting::IdleTimeout);

            /// Sets the least throughput of a response body, in bytes per second, measured over 30 seconds; 0 is any.
            /// Default: 1024, and 0 for an `EventStream` and for `Lines`.
            min_throughput [with_min_throughput](bytes_per_second: u32)
                |this| this.set(Setting::MinThroughput(bytes_per_second));

            /// Limits the response body, in bytes, after decoding; before it, the body may be 64 KiB larger. Default: 64 MiB.
            max_body [with_max_body](bytes: usize) |this| this.set(Setting::MaxBody(bytes));

            /// Limits how much of the body of an error response is kept, in bytes, after decoding. The rest is lost, and a typed error with
            /// it: the report states a cut. Default: 64 KiB.
            max_error_body [with_max_error_body](bytes: usize) |this| this.set(Setting::MaxErrorBody(bytes));

            /// Limits each line, event and item of an `EventStream` or of `Lines`, in bytes, after decoding. Their number has no limit.
            /// Default: 8 MiB.
            max_item [with_max_item](bytes: usize) |this| this.set(Setting::MaxItem(bytes));

            /// Sets the statuses after which a request is retried, besides those that the error map marks as retryable.
            /// Default: none.
            retry_on [with_retry_on](statuses: &[u16]) |this| this.set(Setting::RetryOn(statuses.to_vec()));

            /// Sets the statuses that mean that the server did not process the request, besides those that mean too many requests:
            /// 429, 420, and those to which the error map gives this kind. After them even a write is retried. Default: none.
            rejected_on [with_rejected_on](statuses: &[u16]) |this| this.set(Setting::RejectedOn(statuses.to_vec()));

            /// Sets whether the request is idempotent: whether sending it twice has the effect of sending it once. Default: by
            /// the method, as in RFC 9110 §9.2.2. POST and PATCH are not.
            idempotent [with_idempotent](idempotent: bool) |this| this.set(Setting::Idempotent(idempotent));

            /// Treats 404 and 410 as success when a DELETE is retried and an earlier attempt may have been processed.
            /// Default: off.
            gone_is_ok [with_gone_is_ok](is_ok: bool) |this| this.set(Setting::GoneIsOk(is_ok));

            /// Hides the values of these names from logs, errors, reports and commands: of headers, parameters of the query, and fields of
            /// bodies, at any depth of JSON or in a form. An entry that begins with `/` is a JSON pointer, as `/customer/email` or
            /// `/items/*/name`, where `*` is any key or index and a last `**` all that is below. What is inside of a hidden value is hidden.
            ///
            /// Of several entries for a value the most specific one holds: a pointer, then a name, then a pattern. Of these the one of the
            /// nearest level holds. Default: hidden is all that `redact_allow` does not allow, but for what is known to be
            /// harmless, such as `content-type` and `?page=2`.
            redact [with_redact](names: &[&str]) |this| this.set_shown("redact", names, false);

            /// Shows the values of these names in logs, errors, reports and commands, as `redact` hides them. Secrets in use
            /// are masked in them all the same.
            ///
            /// A pattern shows no field whose name is that of a secret, such as `token`; a name does. An object is never shown by its own
            /// name, but by those of its fields, or by a pattern. Headers of credentials, such as `authorization`, can't be shown.
            redact_allow [with_redact_allow](names: &[&str]) |this| this.set_shown("redact_allow", names, true);

            /// Sets how failed attempts are retried: the delays, and the headers of the server that change them.
            retry [with_retry](policy: $crate::RetryPolicy) |this| this.set(Setting::Retry(policy));

            /// Adds a limit on how many requests are sent in a span of time, besides those of outer levels. Default: none.
            rate_limit [with_rate_limit](limit: $crate::RateLimit) |this| this.set_rate_limit(limit);

            /// Limits how many redirects are followed; with 0, a redirect is an error. Default: 10 for GET, HEAD and QUERY, else
            /// 0.
            redirects [with_redirects](max: u32) |this| this.set(Setting::Redirects(max));

            /// Sets the origins, such as `https://cdn.example.com`, that redirects and links may lead to besides that of the
            /// base URL. Nothing of the session is sent there, unless [`AllowedOrigins`]($crate::AllowedOrigins) grants it.
            /// Default: none.
            allowed_origins [with_allowed_origins](origins: impl ::core::convert::Into<$crate::AllowedOrigins>)
                |this| this.set_allowed_origins(origins.into());

            /// Sets the meaning of statuses, in place of what outer levels set for them.
            error_map [with_error_map](map: $crate::ErrorMap) |this| this.set(Setting::ErrorMap(map));
        } }
    };
}

/// The options that only a session has.
#[doc(hidden)]
#[macro_export]
macro_rules! __options {
    ($face:ident $(($($of:tt)*))? $type:ident) => {
        $crate::__setters! { $face $(($($of)*))? $type {
            /// Sets the base URL: an `http` or `https` URL without user name, query and fragment.
            base_url(url: impl ::core::convert::Into<::std::string::String>) |this| this.base_url = Some(url.into());

            /// Sets a path between the base URL and every operation, such as `/rest`. Default: none.
            base_path(path: impl ::core::convert::Into<::std::string::String>) |this| this.base_path = path.into();

            /// Sets the vendor in the user agent. Default: `unknown`.
            vendor(name: impl ::core::convert::Into<::std::string::String>) |this| this.vendor = name.into();

            /// Sets the product in the user agent. Default: `unknown`.
            product(name: impl ::core::convert::Into<::std::string::String>) |this| this.product = name.into();

            /// Sets the build in the user agent. Default: `unknown`.
            build_name(name: impl ::core::convert::Into<::std::string::String>) |this| this.build = name.into();

            /// Sets the library in the user agent, such as `acme-sdk/1.2`. Default: this one.
            lib(name: impl ::core::convert::Into<::std::string::String>) |this| this.lib = Some(name.into());

            /// Sets the header in which the vendor returns the id of a request, for `request_id()` of responses and errors. Default: those
            /// that are in common use, such as `x-request-id`, which are looked at after this one.
            request_id_header(name: impl ::core::convert::Into<::std::string::String>)
                |this| this.request_id_header = Some(name.into());

            /// Sets the header in which each call sends an id of its own, a random UUID, such as `x-client-request-id`. All its attempts have
            /// the same one, and so have redirects within the origin. A call can set the header itself. Default: none.
            client_request_id(name: impl ::core::convert::Into<::std::string::String>)
                |this| this.client_request_id = Some(name.into());

            /// Replaces the user agent. Default: `Integration/1.0 (vendor; product; Build/build) …`.
            user_agent(agent: &str) |this| this.settings.change(|settings| settings.header("user-agent", agent));

            /// Keeps query and body of the paths of this pattern out of logs and errors, in addition to the patterns that are
            /// set already.
            restricted_path(pattern: impl ::core::convert::Into<$crate::PathPattern>)
                |this| this.settings.change(|settings| settings.restricted_path(pattern));

            /// Shows everything in logs, errors, reports and commands: each header, query and body, credentials included. Restricted paths are
            /// shown as well. It is for a session in development that is looked at closely, and `build` warns about it.
            danger_show_secrets() |this| this.settings.change(|mut settings| {
                settings.set(Setting::ShowsSecrets);
                settings
            });

            /// Limits the time to connect, TLS included. Default: 10 seconds. With a transport that takes no options, such as
            /// [`Memory`]($crate::transport::Memory), `build` fails.
            connect_timeout(limit: ::core::time::Duration) |this| this.network.set_connect_timeout(limit);

            /// Limits how long an idle connection is kept. Default: 4 seconds. With a transport that takes no options, `build` fails.
            ///
            /// Set it below the vendor's own limit, so that no request is sent on a connection that the server is closing. A server that
            /// announces its limit in `Keep-Alive` gets a shorter one by itself: see
            /// [`Reqwest::pool_idle_timeout`]($crate::transport::Reqwest::pool_idle_timeout).
            pool_idle_timeout(limit: ::core::time::Duration)
                |this| this.network.set_pool_idle_timeout(limit);

            /// Sets the TLS options. Default: the system's roots, no client certificate.
            tls(tls: $crate::tls::Tls) |this| this.network.set_tls(tls);

            /// Sets the proxies. Default: none, whatever the environment has.
            proxies(proxies: $crate::Proxies) |this| this.network.set_proxies(proxies);

            /// Limits how many requests of the session are in flight at once. Default: no limit.
            max_in_flight(max: usize) |this| this.max_in_flight = Some(max);

            /// Sets where the credential is looked for when the session is built: a [`Chain`]($crate::Chain). A credential that is
            /// [set](Self::credential) is never replaced. Default: none is looked for.
            credentials(chain: impl ::core::convert::Into<$crate::__private::Discovery>)
                |this| this.discovery = Some(chain.into());

            /// Adds a credential under a name, which `auth = NAME` selects at every level. A session without a credential that its
            /// declaration selects is not built.
            add_credential(name: &str, credential: impl ::core::convert::Into<$crate::Credential>)
                |this| drop(this.credentials.insert(name.to_owned(), ::std::sync::Arc::new(credential.into())));

            /// Replaces the limiter, which counts the requests of rate limits. Default: one that counts in this process.
            limiter(limiter: impl $crate::limiter::Limiter) |this| this.limiter = Some(::std::sync::Arc::new(limiter));

            /// Sets the retry budget of each origin, in tokens. Default: 500.
            ///
            /// A retry takes 14 tokens, and 5 after too many requests. A success gives back the tokens of its retry, or 1. Without tokens there
            /// is no retry.
            retry_budget(tokens: u32) |this| this.retry_budget = RetryBudget(Some(tokens));

            /// Disables the retry budget.
            without_retry_budget() |this| this.retry_budget = RetryBudget(None);

            /// Sends requests below `prefix` through this transport.
            ///
            /// A prefix is a scheme (`https://`), an origin, or a path on an origin (`https://api.example.com/v2`). The longest
            /// prefix wins, by whole segments. It does not change which origins the session may reach.
            mount(prefix: &str, transport: impl $crate::transport::Transport)
                |this| this.mounts.push((prefix.to_owned(), ::std::sync::Arc::new(transport)));

            /// Keeps the cookies that the server sets in a jar, a `CookieJar`, and sends them with later requests. It requires the feature
            /// `cookies`. Default: cookies are ignored.
            cookies(jar: impl ::core::convert::Into<$crate::__private::Wrapping>)
                |this| this.wrapping = Some(jar.into());

            /// Adds a middleware around each call, inside of those that were added before.
            per_call(middleware: impl $crate::middleware::Middleware)
                |this| this.per_call.push(::std::sync::Arc::new(middleware));

            /// Adds a middleware around each attempt and each redirect, inside of those that were added before.
            per_attempt(middleware: impl $crate::middleware::Middleware)
                |this| this.per_attempt.push(::std::sync::Arc::new(middleware));

            /// Calls `look` with each request that is sent. It has its credential, but not a signature or digest, which is
            /// added last.
            on_request(look: impl ::core::ops::Fn(&$crate::Request) + ::core::marker::Send + ::core::marker::Sync + 'static)
                |this| this.per_attempt.push(::std::sync::Arc::new(OnRequest(look)));

            /// Calls `look` with each response, before its body is read.
            on_response(look: impl ::core::ops::Fn(&$crate::Response) + ::core::marker::Send + ::core::marker::Sync + 'static)
                |this| this.per_attempt.push(::std::sync::Arc::new(OnResponse(look)));

            /// Adds an observer, which is told what happens to the calls of the session. Default: none.
            observer(observer: impl $crate::observe::Observer + 'static)
                |this| this.observers.push(::std::sync::Arc::new(observer));

            /// Sets where the context of a trace comes from, which is sent to the session's origin as `traceparent` and `tracestate`.
            /// Default: none is sent.
            trace_context(context: impl $crate::observe::TraceContext + 'static)
                |this| this.trace_context = Some(::std::sync::Arc::new(context));

            /// Replaces the transport. Default: reqwest, with a connection pool of its own.
            transport(transport: impl $crate::transport::Transport)
                |this| this.transport = Some(::std::sync::Arc::new(transport));
        } }
    };
}

/// The option that only reqwest has.
#[cfg(feature = "reqwest")]
#[doc(hidden)]
#[macro_export]
macro_rules! __client_option {
    ($face:ident $(($($of:tt)*))? $type:ident) => {
        $crate::__setters! { $face $(($($of)*))? $type {
            /// Sets the reqwest builder that the default transport starts with: see
            /// [`Reqwest::client`]($crate::transport::Reqwest::client).
            client(make: impl ::core::ops::Fn() -> $crate::transport::ClientBuilder + ::core::marker::Send + ::core::marker::Sync + 'static)
                |this| this.network.set_client(::std::sync::Arc::new(make));
        } }
    };
}

/// Replaces it in a build without reqwest.
#[cfg(not(feature = "reqwest"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __client_option {
    ($($ignored:tt)*) => {};
}

__settings!(own Settings);
__options!(own Options);
__client_option!(own Options);
__settings!(held_by(settings) Options);
