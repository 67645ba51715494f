//! Calls whose response is read by the caller, and which can therefore be made once more after it has begun.

use std::sync::Arc;

use futures_core::future::BoxFuture;

use super::engine::SessionEngine;
use super::{Sender, send};
use crate::call::Arguments;
use crate::error::Result;
use crate::message::{After, Again, Changes, Response};
use crate::settings::Setting;

/// Makes a call whose response is read by the caller. Only such a call keeps its arguments.
pub(super) fn send_streamed(
    engine: Arc<SessionEngine>,
    arguments: Box<Arguments>,
) -> BoxFuture<'static, Result<Response>> {
    let repeat = Arc::new(Repeat { engine: Arc::clone(&engine), arguments: arguments.copied() });
    Box::pin(async move { Ok(repeat.attached_to(send(engine, arguments).await?)) })
}

/// A call that was made, and what it was made of.
struct Repeat {
    engine: Arc<SessionEngine>,
    arguments: Arguments,
}

impl Again for Repeat {
    fn again(self: Arc<Self>, changes: Changes, after: After) -> BoxFuture<'static, Result<Response>> {
        let mut arguments = self.arguments.copied();
        for (name, value) in changes.headers {
            arguments.settings.set(Setting::header(name, value));
        }
        Box::pin(async move {
            let engine = Arc::clone(&self.engine);
            Ok(self.attached_to(resend(engine, arguments, after).await?))
        })
    }
}

impl Repeat {
    fn attached_to(self: Arc<Self>, mut response: Response) -> Response {
        response.body_mut().set_again(self);
        response
    }
}

/// The same as [`send`], but it begins with what a failed attempt ends with.
async fn resend(engine: Arc<SessionEngine>, arguments: Arguments, after: After) -> Result<Response> {
    let operation = arguments.operation();
    let hooks = engine.hooks().map_err(|error| error.in_operation(operation))?;
    let (mut sender, mut draft) =
        Sender::prepare(&engine, &hooks, arguments).map_err(|error| error.in_operation(operation))?;
    let ready = match after {
        After::Failure(error, attempts) => {
            sender.trail.attempts = attempts;
            sender.retry(error, &mut draft).await.map_err(|error| sender.settled(error))
        }
    };
    let response = match ready {
        Ok(()) => match &*engine.core.per_call {
            [] => sender.run(&mut draft).await,
            middlewares => sender.run_wrapped(middlewares, &mut draft).await,
        },
        Err(error) => Err(error),
    };
    response.map_err(|error| error.in_operation(operation))
}
