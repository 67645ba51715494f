//! What an SDK's author uses: `use apisession::prelude::*;`.

pub use std::time::Duration;

pub use crate::{
    APIModel, APISession, ApiError, ApiResponse, Base64, Base64Url, Base64UrlPadded, Body, ByteStream, Bytes,
    Call, Credential, Download, Error, ErrorKind, ErrorMap, EventStream, GraphQl, Lines, Location, Multipart,
    OpenEnum, Options, Pager, Part, Patch, PathPattern, Poller, Problem, RateLimit, RawJson, Response,
    Result, Retry, RetryPolicy, Rule, SafeDebug, Session, Settings, Text, Union, endpoint,
};

// Attributes of operations, which `#[endpoint]` on the impl reads. They are here to report where it is missing.
#[doc(hidden)]
pub use apisession_derive::{delete, get, graft, graphql, head, options, patch, post, put, request};
