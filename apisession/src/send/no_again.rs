//! Without downloads and streams, no call is made once more after its response has begun.

use std::sync::Arc;

use futures_core::future::BoxFuture;

use super::engine::SessionEngine;
use super::send;
use crate::call::Arguments;
use crate::error::Result;
use crate::message::Response;

/// Makes a call whose response is read by the caller.
pub(super) fn send_streamed(
    engine: Arc<SessionEngine>,
    arguments: Box<Arguments>,
) -> BoxFuture<'static, Result<Response>> {
    Box::pin(send(engine, arguments))
}
