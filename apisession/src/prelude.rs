//! What an SDK's author uses: `use apisession::prelude::*;`.

pub use crate::{
    APISession, Body, Bytes, Call, Credential, Error, ErrorKind, ErrorMap, Options, PathPattern, Response,
    Result, Retry, Rule, Session, Text, endpoint,
};
