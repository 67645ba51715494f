//! Calls whose response is read by the caller, and which can therefore be made once more after it has begun.

use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::engine::SessionEngine;
use super::{Draft, Sender};
use crate::call::Arguments;
use crate::credential::{Credential, Lease};
use crate::error::{Error, ErrorKind, Result};
use crate::message::{After, Again, Changes, Response};
use crate::observe::ItemReceived;
use crate::settings::Setting;

/// Makes a call whose response is read by the caller. Only such a call keeps its arguments.
pub(super) fn send_streamed(
    engine: Arc<SessionEngine>,
    arguments: Box<Arguments>,
) -> BoxFuture<'static, Result<Response>> {
    let kept = Arc::new(arguments.copied());
    Box::pin(opened(engine, kept, *arguments, None))
}

/// A call that was made, and what it was made of.
struct Repeat {
    engine: Arc<SessionEngine>,
    arguments: Arc<Arguments>,
    /// The credential that the server has accepted, if it was fetched.
    lease: Option<Lease<Credential>>,
    max_item: usize,
}

impl Again for Repeat {
    fn again(self: Arc<Self>, changes: Changes, after: After) -> BoxFuture<'static, Result<Response>> {
        let mut arguments = self.arguments.copied();
        let Changes { headers, query, wait } = changes;
        for (name, value) in headers {
            arguments.settings.set(Setting::header(name, value));
        }
        for (name, pairs) in query {
            arguments.settings.set(Setting::Query(name, pairs));
        }
        if let (After::Refused, Some(lease)) = (&after, &self.lease) {
            lease.revoke();
        }
        Box::pin(opened(
            Arc::clone(&self.engine),
            Arc::clone(&self.arguments),
            arguments,
            Some((after, wait)),
        ))
    }

    fn max_item(&self) -> usize {
        self.max_item
    }

    fn is_renewable(&self) -> bool {
        self.lease.is_some()
    }

    fn received(&self, number: u64) {
        let operation = self.arguments.operation();
        let observers = self.engine.core.telemetry.observers();
        observers.tell(|observer| observer.item_received(&ItemReceived { operation, number }));
    }
}

/// The same as [`send`](super::send), but the call can begin with what another one ends with, and its response can be requested again.
async fn opened(
    engine: Arc<SessionEngine>,
    kept: Arc<Arguments>,
    arguments: Arguments,
    begins: Option<(After, Duration)>,
) -> Result<Response> {
    let operation = arguments.operation();
    let hooks = engine.hooks().map_err(|error| error.in_operation(operation))?;
    let (mut sender, mut draft) =
        Sender::prepare(&engine, &hooks, arguments).map_err(|error| error.in_operation(operation))?;
    let ready = match begins {
        Some((after, wait)) => sender.begin_again(after, wait, &mut draft).await,
        None => Ok(()),
    };
    let response = match ready {
        Ok(()) => match &*engine.core.per_call {
            [] => sender.run(&mut draft).await,
            middlewares => sender.run_wrapped(middlewares, &mut draft).await,
        },
        Err(error) => Err(error),
    };
    let mut response = response.map_err(|error| error.in_operation(operation))?;
    let (lease, max_item) = (sender.proof.lease.take(), sender.limits.max_item);
    let mut body = response.take_body();
    body.set_again(Arc::new(Repeat { engine: Arc::clone(&engine), arguments: kept, lease, max_item }));
    Ok(response.with_body(body))
}

impl Sender<'_> {
    /// Does what comes before a request that is made once more.
    async fn begin_again(&mut self, after: After, wait: Duration, draft: &mut Draft) -> Result<()> {
        let longest = self.levels.retry().max_retry_after;
        if wait > longest {
            let why =
                format!("the server asks to wait {wait:?}, longer than {longest:?} (`max_retry_after`)");
            return Err(match after {
                After::Failure(error, _) => error.ended_by(&why),
                After::End | After::Refused => self.about(Error::new(ErrorKind::Timeout, why)),
            });
        }
        if !wait.is_zero() {
            sleep(wait).await;
            Arc::make_mut(&mut self.exchange).started = Instant::now();
        }
        match after {
            After::Failure(error, attempts) => {
                (self.trail.attempts, self.trail.earlier) = (attempts, error.earlier().cloned());
                Box::pin(self.retry(error, draft)).await.map_err(|error| self.settled(error))
            }
            After::End if !self.is_idempotent() => Err(self.about(Error::argument(
                "the stream has ended, and is not opened again, since its request is not idempotent",
            ))),
            After::End => Ok(()),
            After::Refused => {
                self.proof.renewed = true;
                Ok(())
            }
        }
    }
}
