//! What an SDK's author uses: `use apisession::prelude::*;`.

pub use std::time::Duration;

#[cfg(feature = "downloads")]
pub use crate::Download;
#[cfg(feature = "pages")]
pub use crate::Pager;
#[cfg(feature = "jobs")]
pub use crate::Poller;
#[cfg(feature = "models")]
pub use crate::{APIModel, Base64, Base64Url, Base64UrlPadded, OpenEnum, SafeDebug, Union};
pub use crate::{
    APISession, ApiError, ApiResponse, Body, ByteStream, Bytes, Call, Credential, Error, ErrorKind, ErrorMap,
    GraphQl, Location, Multipart, Options, Part, Patch, PathPattern, Problem, RateLimit, RawJson, Response,
    Result, Retry, RetryPolicy, Rule, Session, Settings, Text, endpoint,
};
#[cfg(feature = "streams")]
pub use crate::{EventStream, Lines};

// Attributes of operations, which `#[endpoint]` on the impl reads. They are here to report where it is missing.
#[doc(hidden)]
pub use apisession_derive::{
    operation as delete, operation as get, operation as graft, operation as graphql, operation as head,
    operation as options, operation as patch, operation as post, operation as put, operation as request,
};
