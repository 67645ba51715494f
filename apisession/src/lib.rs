//! Declare a vendor's HTTP API once and get an SDK that the vendor would be proud to ship.
#![cfg_attr(docsrs, feature(doc_cfg))]

// In reading order: what an author writes, what a user calls, how it is sent.
mod hooks;
mod session;
mod options;
mod operation;
mod graft;
pub mod call;
mod arguments;
mod parameter;
mod url;
mod send;
mod retry;
mod settings;
mod limit;
mod credential;
mod headers;
mod user_agent;
pub mod transport;
mod request;
mod response;
mod body;
mod decode;
mod absent;
mod status;
mod error;
mod exchange;
mod problem;
mod pattern;
mod redact;
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
pub use crate::credential::Credential;
pub use crate::decode::{FromResponse, Text};
pub use crate::error::{BoxError, Error, ErrorKind, Outcome, Result};
pub use crate::graft::Route;
pub use crate::hooks::{APISession, Retry};
pub use crate::operation::{Op, Operation, Parameter, Place};
pub use crate::options::Options;
pub use crate::pattern::PathPattern;
pub use crate::request::Request;
pub use crate::response::Response;
pub use crate::session::Session;
pub use crate::status::{ErrorMap, Rule};
pub use apisession_derive::{APISession, endpoint};
