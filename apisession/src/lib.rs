//! Declare a vendor's HTTP API once and get an SDK that the vendor would be proud to ship.
//!
//! The author of an SDK derives [`APISession`](derive@APISession) on a struct, adds [`endpoint`] structs to it, and
//! overrides the hooks of [`APISession`](trait@APISession) where the vendor differs from the defaults. The user of the
//! SDK writes `api.events().get(42).await?`.
//!
//! ```
//! use apisession::prelude::*;
//! use apisession::{http::StatusCode, transport::Memory};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! pub struct Event {
//!     title: String,
//! }
//!
//! #[endpoint(path = "/events")]
//! pub struct Events;
//!
//! #[endpoint]
//! impl Events {
//!     #[get("/{id}")]
//!     pub fn get(&self, id: u64) -> Call<Event>;
//! }
//!
//! #[derive(Clone, APISession)]
//! #[session(base_url = "https://api.acme.example/v1")]
//! pub struct Acme {
//!     session: Session,
//!     #[endpoint]
//!     events: Events,
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! // A transport in memory, so that the example needs no network.
//! let vendor = Memory::new(|request| async move {
//!     assert_eq!(request.url.as_str(), "https://api.acme.example/v1/events/42");
//!     Ok(Response::new(StatusCode::OK).with_body(r#"{"title":"Standup"}"#))
//! });
//! let api = Acme::builder().transport(vendor).build()?;
//! assert_eq!(api.events().get(42).await?.title, "Standup");
//! # Ok::<(), apisession::Error>(())
//! # }).unwrap();
//! ```
//!
//! # Overview
//!
//! - For the author of an SDK: [`derive@APISession`], [`macro@endpoint`], [`derive@ApiError`],
//!   [`derive@ApiResponse`], the hooks of [`trait@APISession`], and the types that they use: [`Options`], [`Settings`], [`RetryPolicy`], [`Credential`],
//!   [`ErrorMap`], [`PathPattern`].
//! - For signing in: a [`Credential`], which can be an [`OAuth2`], a [`SigV4`], [challenged](Credential::challenged), or any
//!   [`CredentialProvider`] or [`AuthScheme`]; a [`TokenStore`] for tokens at rest. A [`Chain`] looks for one in the environment, a
//!   [`Profile`], a [`Netrc`] and other places.
//! - For lists in pages: [`Pager`], [`Page`], [`PageStyle`], [`PageToken`].
//! - For batches, and for values of the server that a session keeps: [`Batch`], [`BatchJob`], [`Cached`].
//! - For GraphQL: [`GraphQl`], [`GraphQlErrors`], [`GraphQlError`], [`ErrorMap::code`].
//! - For jobs of the server: [`Poller`], [`Job`], [`JobState`], [`JobToken`], [`Chunks`].
//! - For streams and files: [`EventStream`], [`RawEvent`], [`Lines`], [`Resume`], [`ByteStream`], [`Download`], [`DownloadToken`].
//! - For bodies: [`Body`], [`derive@Multipart`], [`Part`].
//! - For models: [`derive@APIModel`], [`ModelCall`], [`derive@OpenEnum`], [`macro@Union`], [`RawJson`], [`macro@SafeDebug`], [`Patch`], [`Base64`], [`Base64Url`], [`Base64UrlPadded`].
//! - For the user of an SDK: [`Call`], [`Response`], [`Location`], [`Error`].
//! - For the configuration of the network: [`tls::Tls`], [`Proxies`], [`RateLimit`].
//! - For metrics and traces: [`observe::Observer`], [`observe::TraceContext`].
//! - For extensions: [`transport::Transport`], [`middleware::Middleware`], [`limiter::Limiter`], [`FromResponse`], [`ToRequest`].
//! - For descriptions of an API: [`Description`], [`Route`], [`Operation`], [`Parameter`], [`Op`].
//!
//! # Defaults
//!
//! | setting | default |
//! |---|---|
//! | [`timeout`](Options::timeout) of a call | 180 seconds |
//! | [`attempt_timeout`](Options::attempt_timeout) | 60 seconds |
//! | [`connect_timeout`](Options::connect_timeout) | 10 seconds |
//! | [`max_attempts`](Options::max_attempts) | 3; a request that is not [idempotent](Options::idempotent) and has no idempotency key is retried only if the server is known not to have processed it |
//! | [delay before a retry](RetryPolicy) | 1 s · 2ⁿ, of which the upper half is random: 0.5 to 1 s, then 1 to 2 s; at most 20 seconds |
//! | [pause that the server requests](RetryPolicy::max_retry_after) | kept up to 60 seconds; a longer one ends the call at once |
//! | [`retry_budget`](Options::retry_budget) of an origin | 500 tokens; a retry takes 14, or 5 after too many requests, and successes return them |
//! | sign-in after a 401 | once per call; the request is then sent once more |
//! | challenges to which a [challenged](Credential::challenged) credential responds | two per call; tokens are kept for 1,000 scopes of a server |
//! | wait for a person to sign in | until the [device code](OAuth2::device) expires, at most 30 minutes; 10 minutes for an [authorization code](OAuth2::authorization_code) |
//! | renewal of a [credential that expires](Credential::expires_in) | in the background with 120 seconds left; with 30 seconds left a call waits for it; a lifetime is at least 10 seconds |
//! | headers of a response | at most 100 |
//! | [`max_body`](Options::max_body) | 64 MiB, after decoding |
//! | [`idle_timeout`](Options::idle_timeout) of a response body | 30 seconds; 5 minutes for an [`EventStream`] and for [`Lines`] |
//! | [`min_throughput`](Options::min_throughput) of a response body | 1 KiB per second, measured over 30 seconds; none for an [`EventStream`] and for [`Lines`] |
//! | [`max_item`](Options::max_item): a line, an event, an item of a stream | 8 MiB, after decoding |
//! | wait before a stream that has ended is opened again, with `events(reconnect)` | 3 seconds, or what the server's `retry` asks for |
//! | reads of the state of a job, with `poll(…)` or `wait(…)` | after 1 second, growing to 30 seconds, or what `Retry-After` asks for, at least 1 second |
//! | [total time of a job](Poller::with_total) | 1 hour |
//! | body of an error response | the first 64 KiB (`max_error_body`), received within 5 seconds |
//! | depth of JSON | at most 128 |
//! | [`redirects`](Options::redirects) | 10 for GET, HEAD and QUERY, within the origin; none for other methods |
//! | [`pool_idle_timeout`](Options::pool_idle_timeout) of a connection | 4 seconds, or what the server's `Keep-Alive` announces less a second |
//! | [`tls`](Options::tls) | the system's root certificates; TLS 1.2 or 1.3 |
//! | files of a [client certificate](tls::ClientCertificate) | checked for changes every second |
//! | [`proxies`](Options::proxies) | none; the environment is not read |
//! | [`cookies`](Options::cookies) | ignored |
//! | [`credentials`](Options::credentials) | looked for nowhere; the environment is not read |
//! | the abort of a [`Batch`] that fails | within 10 seconds |
//! | values that a session keeps, each as a [`Cached`] | 1,000; beyond them, the one that was not asked for the longest is fetched again |
//! | [`max_in_flight`](Options::max_in_flight) | no limit |
//! | [`rate_limit`](Options::rate_limit) | no limit |
//!
//! # Features
//!
//! | feature | default | description |
//! |---|---|---|
//! | `reqwest` | yes | the default transport, on reqwest |
//! | `hyper` | no | a faster transport, straight on hyper-util; in a build without `reqwest` it is the default |
//! | `tls` | yes | HTTPS with rustls, aws-lc-rs and the system's root certificates |
//! | `tls-ring` | no | HTTPS with rustls and ring, for platforms on which aws-lc-rs can't be built; with both features, aws-lc-rs is used |
//! | `pkcs12` | no | client certificates in PKCS#12 files |
//! | `socks` | no | SOCKS proxies |
//! | `pages` | yes | lists in pages: [`Pager`], [`Page`], [`PageStyle`] |
//! | `jobs` | yes | jobs of the server, and batches: [`Poller`], [`Job`], [`Chunks`], [`Batch`] |
//! | `streams` | yes | streams of events and lines: [`EventStream`], [`Lines`] |
//! | `downloads` | yes | downloads that resume: [`Download`] |
//! | `models` | yes | models that are saved, and the derives of models: [`derive@APIModel`], [`derive@OpenEnum`], [`macro@Union`], [`macro@SafeDebug`]; bytes in models: [`Base64`] |
//! | `sign-in` | yes | [`OAuth2`], challenges, signatures, [`TokenStore`]s, and [`Chain`]s of sources with their profiles |
//! | `charset` | yes | text, JSON and XML in other charsets than UTF-8; without it they are an error |
//! | `gzip` | yes | responses compressed with gzip or deflate, and bodies of requests compressed with gzip |
//! | `brotli` | no | responses compressed with brotli |
//! | `zstd` | no | responses compressed with zstd, decoded by the C library |
//! | `cookies` | no | a cookie jar: [`CookieJar`](https://docs.rs/apisession/latest/apisession/struct.CookieJar.html) |
//! | `toml` | no | profiles in TOML files: [`Profile`]; it turns `sign-in` on |
//! | `xml` | no | XML in responses, errors and bodies: `Call<Xml<T>>` |
//! | `opentelemetry` | no | the context of a trace from `tracing-opentelemetry`: `observe::OpenTelemetry` |
//! | `backoff` | no | policies of the crate `backoff` as a [`RetryPolicy`]; that crate is unmaintained, which audits report |
#![cfg_attr(docsrs, feature(doc_cfg))]

// From the highest layer to the lowest: a folder imports only those below it.
pub(crate) mod send;
pub(crate) mod declare;
#[cfg(feature = "sign-in")]
pub(crate) mod provider;
#[cfg(feature = "pages")]
pub(crate) mod page;
#[cfg(feature = "jobs")]
pub(crate) mod poll;
pub(crate) mod call;
#[macro_use]
pub(crate) mod settings;
pub(crate) mod credential;
pub mod transport;
pub(crate) mod limit;
pub(crate) mod policy;
pub(crate) mod decode;
pub(crate) mod message;
pub mod observe;
pub(crate) mod error;
pub(crate) mod describe;
pub(crate) mod redact;
pub(crate) mod encode;
pub(crate) mod model;

#[doc(hidden)]
pub mod __private;
pub mod prelude;
#[cfg(all(
    any(fuzzing, test),
    feature = "downloads",
    feature = "jobs",
    feature = "models",
    feature = "pages",
    feature = "sign-in",
    feature = "streams"
))]
#[doc(hidden)]
pub mod properties;

#[doc(no_inline)]
pub use ::http;
#[doc(no_inline)]
pub use ::url::Url;
#[cfg(feature = "models")]
#[cfg_attr(docsrs, doc(cfg(feature = "models")))]
#[doc = include_str!("docs/api_model.md")]
pub use apisession_derive::APIModel;
#[doc = include_str!("docs/session.md")]
pub use apisession_derive::APISession;
#[doc = include_str!("docs/api_error.md")]
pub use apisession_derive::ApiError;
#[doc = include_str!("docs/api_response.md")]
pub use apisession_derive::ApiResponse;
#[doc = include_str!("docs/multipart.md")]
pub use apisession_derive::Multipart;
#[cfg(feature = "models")]
#[cfg_attr(docsrs, doc(cfg(feature = "models")))]
#[doc = include_str!("docs/open_enum.md")]
pub use apisession_derive::OpenEnum;
#[cfg(feature = "models")]
#[cfg_attr(docsrs, doc(cfg(feature = "models")))]
#[doc = include_str!("docs/safe_debug.md")]
pub use apisession_derive::SafeDebug;
#[cfg(feature = "models")]
#[cfg_attr(docsrs, doc(cfg(feature = "models")))]
#[doc = include_str!("docs/union.md")]
pub use apisession_derive::Union;
#[doc = include_str!("docs/endpoint.md")]
pub use apisession_derive::endpoint;
#[doc(no_inline)]
pub use bytes::Bytes;
#[doc(no_inline)]
pub use futures_core::future::BoxFuture;

#[cfg(feature = "downloads")]
#[cfg_attr(docsrs, doc(cfg(feature = "downloads")))]
pub use crate::call::Resuming;
#[cfg(feature = "jobs")]
#[cfg_attr(docsrs, doc(cfg(feature = "jobs")))]
pub use crate::call::{Batch, BatchItems, BatchJob, Chunk};
pub use crate::call::{
    Cached, Call, Checking, Conditional, Op, OpenCall, Raw, RawCall, Responding, Sending, Session, ToRequest,
    encode_segment,
};
#[cfg(feature = "models")]
#[cfg_attr(docsrs, doc(cfg(feature = "models")))]
pub use crate::call::{ModelCall, ModelResponding, ModelSending};
pub use crate::credential::{AuthScheme, Credential, CredentialSource, TokenSource};
#[cfg(feature = "sign-in")]
#[cfg_attr(docsrs, doc(cfg(feature = "sign-in")))]
pub use crate::credential::{Jwt, SigV4};
pub use crate::declare::{APISession, Description, Retry, Route};
#[cfg(feature = "xml")]
#[cfg_attr(docsrs, doc(cfg(feature = "xml")))]
pub use crate::decode::Xml;
pub use crate::decode::{ByteStream, FromErrorBody, FromResponse, GraphQl, Reads, Text};
#[cfg(feature = "downloads")]
#[cfg_attr(docsrs, doc(cfg(feature = "downloads")))]
pub use crate::decode::{Download, DownloadProgress, DownloadToken, Saved, ToFile, ToWriter};
#[cfg(feature = "streams")]
#[cfg_attr(docsrs, doc(cfg(feature = "streams")))]
pub use crate::decode::{EventStream, Lines, RawEvent, Resume};
pub use crate::describe::{
    BodyKind, Case, Cases, Constant, Deprecation, Facts, GraphQlDocument, Group, Mode, Operation, Parameter,
    Parameters, PathPattern, Place, ResponseKind,
};
pub use crate::encode::{ListStyle, Nested};
pub use crate::error::{Attempt, BoxError, Error, ErrorKind, Outcome, Result};
pub use crate::limit::{RateLimit, Window, limiter};
#[cfg(feature = "sign-in")]
#[cfg_attr(docsrs, doc(cfg(feature = "sign-in")))]
pub use crate::message::Challenge;
pub use crate::message::{
    Body, ETag, GraphQlError, GraphQlErrors, GraphQlLocation, Link, Location, Multipart, Part, Parts,
    Problem, Progress, Quota, Request, Response,
};
#[cfg(feature = "models")]
#[cfg_attr(docsrs, doc(cfg(feature = "models")))]
pub use crate::model::{Base64, Base64Url, Base64UrlPadded, OpenEnum};
pub use crate::model::{Patch, RawJson, Values};
#[cfg(feature = "pages")]
#[cfg_attr(docsrs, doc(cfg(feature = "pages")))]
pub use crate::page::{Items, Next, OpenPager, Page, PageStyle, PageToken, PageView, Pager, Pages};
pub use crate::policy::{AllowedOrigins, ErrorMap, RetryPolicy, Rule};
#[cfg(feature = "jobs")]
#[cfg_attr(docsrs, doc(cfg(feature = "jobs")))]
pub use crate::poll::{Chunks, Job, JobState, JobToken, OpenPoller, Poller, Starting};
#[cfg(feature = "sign-in")]
#[cfg_attr(docsrs, doc(cfg(feature = "sign-in")))]
pub use crate::provider::{
    Chain, CredentialProvider, DeviceCode, Environment, Mechanism, Netrc, OAuth2, Profile, SaveConfig,
    StoredTokens, TokenFile, TokenStore,
};
pub use crate::redact::Secret;
pub use crate::settings::{Options, SessionBuilder, Settings};
#[cfg(feature = "cookies")]
#[cfg_attr(docsrs, doc(cfg(feature = "cookies")))]
pub use crate::transport::cookies::{CookieJar, StoredCookie};
#[doc(inline)]
pub use crate::transport::{Proxies, middleware, tls};
