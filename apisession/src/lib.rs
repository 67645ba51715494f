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

// From the loop down to the leaves: a folder imports those below it.
pub(crate) mod send;
pub(crate) mod declare;
pub(crate) mod provider;
pub(crate) mod call;
#[macro_use]
pub(crate) mod settings;
pub(crate) mod credential;
pub mod transport;
pub(crate) mod limit;
pub(crate) mod policy;
pub(crate) mod decode;
pub(crate) mod message;
pub(crate) mod error;
pub(crate) mod describe;
pub(crate) mod redact;
pub(crate) mod encode;

#[doc(hidden)]
pub mod __private;
pub mod prelude;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod properties;

#[doc(no_inline)]
pub use ::http;
#[doc(no_inline)]
pub use ::url::Url;
#[doc = include_str!("docs/session.md")]
pub use apisession_derive::APISession;
#[doc = include_str!("docs/api_error.md")]
pub use apisession_derive::ApiError;
#[doc = include_str!("docs/endpoint.md")]
pub use apisession_derive::endpoint;
#[doc(no_inline)]
pub use bytes::Bytes;
#[doc(no_inline)]
pub use futures_core::future::BoxFuture;

pub use crate::call::{Call, Op, OpenCall, Raw, RawCall, Responding, Sending, Session};
pub use crate::credential::{AuthScheme, Credential, Jwt, SigV4, TokenSource};
pub use crate::declare::{APISession, Retry, Route};
pub use crate::decode::{FromResponse, Text};
pub use crate::describe::{Operation, Parameter, PathPattern, Place};
pub use crate::error::{BoxError, Error, ErrorKind, Outcome, Result};
pub use crate::limit::{RateLimit, Window, limiter};
pub use crate::message::{Body, Link, Problem, Quota, Request, Response};
pub use crate::policy::{ErrorMap, RetryPolicy, Rule};
pub use crate::provider::{CredentialProvider, OAuth2};
pub use crate::redact::Secret;
pub use crate::settings::{Options, Settings};
#[doc(inline)]
pub use crate::transport::{Proxies, middleware, tls};
