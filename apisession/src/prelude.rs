//! What an SDK's author uses: `use apisession::prelude::*;`.

pub use std::time::Duration;

pub use crate::{
    APISession, ApiError, Body, Bytes, Call, Credential, Error, ErrorKind, ErrorMap, Options, PathPattern,
    Problem, RateLimit, Response, Result, Retry, RetryPolicy, Rule, Session, Settings, Text, endpoint,
};
