//! When a request may be sent: the room in `max_in_flight`, and the slots of rate limits.

use tokio::time::{Instant, sleep_until};

use super::Sender;
use crate::error::Result;
use crate::limit::limiter::{Limiter, Slot};
use crate::limit::{Permit, RateLimit};
use crate::message::Response;

impl Sender<'_> {
    /// Waits until the request may be sent: there is room in `max_in_flight`, and a slot in every rate limit.
    pub(super) async fn admit(&self) -> Result<Permit> {
        match self.core.in_flight.try_acquire().filter(|_| self.limits.rate_limits.is_empty()) {
            Some(permit) => Ok(permit),
            None => Box::pin(self.wait()).await,
        }
    }

    async fn wait(&self) -> Result<Permit> {
        loop {
            let permit = self.within("place in `max_in_flight`", self.core.in_flight.acquire()).await?;
            if self.limits.rate_limits.is_empty() {
                return Ok(permit);
            }
            let mut slot = self.slot().await?;
            if slot.time > Instant::now() {
                // Nobody else waits for this wait.
                drop(permit);
                self.within("slot in the rate limits", sleep_until(slot.time)).await?;
                let Some(permit) = self.core.in_flight.try_acquire() else { continue };
                slot.is_used = true;
                return Ok(permit);
            }
            slot.is_used = true;
            return Ok(permit);
        }
    }

    /// Reserves a slot in every rate limit, or fails at once if it would be too late.
    async fn slot(&self) -> Result<Reserved<'_>> {
        let (limits, limiter) = (&*self.limits.rate_limits, &*self.core.limiter);
        let left = self.deadline().saturating_duration_since(Instant::now());
        let slot = self.within("slot in the rate limits", limiter.reserve(limits, left)).await?;
        match slot.map_err(|error| self.foreign_error("the limiter", error))? {
            Slot::TooLate(wait) => Err(self.rate_limit_error(wait)),
            Slot::At(time) => Ok(Reserved { limiter, limits, time, is_used: false }),
        }
    }

    /// Passes on the quota in the response to the limits that are learned.
    pub(super) fn learn(&self, response: &Response) {
        // The quota of another origin is not that of the session.
        let is_own = || self.kind.is_at_session() && self.is_home(&self.exchange.url);
        for limit in self.limits.rate_limits.iter().filter(|limit| limit.is_learned() && is_own()) {
            if let Some(quota) = response.quota() {
                self.core.limiter.learn(limit.name(), quota);
            }
        }
    }
}

/// A slot in rate limits. It is released if it was not used, because its call was dropped or came too late.
struct Reserved<'a> {
    limiter: &'a dyn Limiter,
    limits: &'a [RateLimit],
    time: Instant,
    is_used: bool,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.limiter.release(self.limits, self.time);
        }
    }
}
