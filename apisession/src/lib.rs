//! Declare a vendor's HTTP API once and get an SDK that the vendor would be proud to ship.
//!
//! An author derives [`APISession`](derive@APISession) on a struct, grafts [`endpoint`] structs onto it, and
//! overrides the hooks of [`APISession`](trait@APISession) where the vendor is different. A user writes
//! `api.events().get(42).await?`.
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
//! // A test needs no network.
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
//! # In reading order
//!
//! - What an author writes: [`derive@APISession`], [`macro@endpoint`], [`derive@ApiError`], the hooks of [`trait@APISession`], and the
//!   values they return: [`Options`], [`Settings`], [`RetryPolicy`], [`Credential`], [`ErrorMap`], [`PathPattern`].
//! - What signs in: a [`Credential`], which can be [`OAuth2`], [`SigV4`], or of an extender's [`CredentialProvider`] or [`AuthScheme`].
//! - What a user holds: a [`Call`], a [`Response`], an [`Error`].
//! - What they say of the wire: [`tls::Tls`], [`Proxies`], [`RateLimit`].
//! - What an extender writes: a [`transport::Transport`], a [`middleware::Middleware`], a [`limiter::Limiter`], a [`FromResponse`].
//! - What describes an API: [`Op`], [`Operation`], [`Route`].
//!
//! # Defaults
//!
//! A call has 180 seconds, each attempt 60, a connection 10 to be made. A request is sent at most 3 times; one that
//! is not idempotent and has no idempotency key is repeated only if the server is known not to have processed it. Delays
//! are drawn from up to 100 ms · 2ⁿ, after too many requests 1 s · 2ⁿ, at most 20 seconds; a pause that the server asks
//! for is kept up to 60 seconds, beyond which the call ends at once. Retries of an origin have 500 tokens: each takes 14,
//! after too many requests 5, and successes give them back. A 401 makes the session sign in again and the request go out
//! once more, once per call. A token is renewed with 120 seconds left, meanwhile, and with 30 before a call goes on. An answer has at most 100 headers and a body of 64 MiB, counted decoded, which may stand still
//! for 30 seconds and has to come with 1 KiB a second over 30 seconds; of an error 64 KiB are kept, and it has 5 seconds. JSON
//! is at most 128 deep. A GET or HEAD follows 10 redirects, within its origin; others follow none. An idle connection is kept
//! for 4 seconds. Servers are known by the system's roots, and speak TLS 1.2 or 1.3; the files of a client certificate are
//! looked at each second. Proxies from the environment are not used. How many requests are under way at once, and how many
//! go out in how long, is not limited unless `max_in_flight` and `rate_limit` say so.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `tls` | yes | HTTPS by rustls with aws-lc-rs and the system's roots |
//! | `tls-ring` | no | HTTPS by rustls with ring, for where aws-lc-rs can't be built; with both it is aws-lc-rs |
//! | `pkcs12` | no | client certificates in PKCS#12 files |
//! | `socks` | no | SOCKS proxies |
//! | `gzip` | yes | answers in gzip and deflate |
//! | `brotli` | no | answers in brotli |
//! | `zstd` | no | answers in zstd, by the C library |
//! | `backoff` | no | policies of the crate `backoff` as a [`RetryPolicy`]; it is unmaintained, and audits will say so |
#![cfg_attr(docsrs, feature(doc_cfg))]

// In reading order: what an author writes, what a user calls, how it is sent.
mod hooks;
mod session;
#[macro_use]
mod settings;
mod options;
mod operation;
mod graft;
pub mod call;
mod raw;
mod arguments;
mod parameter;
mod path;
mod url;
mod send;
mod encoding;
mod redirect;
mod origin;
mod retry;
#[cfg(feature = "backoff")]
mod backoff;
mod pause;
mod budget;
mod key;
mod levels;
mod limit;
mod rate_limit;
pub mod limiter;
mod quota;
mod credential;
mod secret;
mod login;
mod headers;
mod user_agent;
mod proxy;
#[cfg_attr(not(feature = "__tls"), expect(dead_code, reason = "nothing reads what is said of TLS"))]
pub mod tls;
mod mount;
pub mod middleware;
pub mod transport;
mod request;
mod response;
mod link;
mod body;
mod decode;
mod absent;
mod status;
mod error;
mod exchange;
mod problem;
mod pattern;
mod redact;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod properties;
pub mod prelude;
#[doc(hidden)]
pub mod __private;

#[doc(no_inline)]
pub use ::http;
#[doc(no_inline)]
pub use ::url::Url;
#[doc(no_inline)]
pub use bytes::Bytes;

pub use crate::body::Body;
pub use crate::call::Call;
pub use crate::credential::{
    AuthScheme, Credential, CredentialProvider, Jwt, OAuth2, Provided, ProvidedToken, SigV4, TokenSource,
};
pub use crate::decode::{FromResponse, Text};
pub use crate::error::{BoxError, Error, ErrorKind, Outcome, Result};
pub use crate::graft::Route;
pub use crate::hooks::{APISession, Retry};
pub use crate::link::Link;
pub use crate::operation::{Op, Operation, Parameter, Place};
pub use crate::options::Options;
pub use crate::pattern::PathPattern;
pub use crate::problem::Problem;
pub use crate::proxy::Proxies;
pub use crate::quota::Quota;
pub use crate::rate_limit::{RateLimit, Window};
pub use crate::raw::{Raw, RawCall};
pub use crate::request::Request;
pub use crate::response::Response;
pub use crate::retry::RetryPolicy;
pub use crate::secret::Secret;
pub use crate::session::Session;
pub use crate::settings::Settings;
pub use crate::status::{ErrorMap, Rule};
#[doc = include_str!("docs/session.md")]
pub use apisession_derive::APISession;
#[doc = include_str!("docs/api_error.md")]
pub use apisession_derive::ApiError;
#[doc = include_str!("docs/endpoint.md")]
pub use apisession_derive::endpoint;
