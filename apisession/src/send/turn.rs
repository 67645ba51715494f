//! When a request may go out: the room in `max_in_flight`, and the places in rate limits.

use tokio::time::{Instant, sleep_until};

use super::Sender;
use crate::error::Result;
use crate::limit::Permit;
use crate::limiter::{Limiter, Place};
use crate::rate_limit::RateLimit;
use crate::response::Response;

impl Sender<'_> {
    /// Waits until the request may go out: there is room in `max_in_flight`, and a place in every rate limit.
    pub(super) async fn await_turn(&self) -> Result<Permit> {
        loop {
            let permit = self.within("place in `max_in_flight`", self.core.limit.acquire()).await?;
            if self.limits.rate_limits.is_empty() {
                return Ok(permit);
            }
            let mut place = self.place().await?;
            if place.time > Instant::now() {
                // Who waits for a place holds up nobody.
                drop(permit);
                self.within("place in the rate limits", sleep_until(place.time)).await?;
                let Some(permit) = self.core.limit.try_acquire() else { continue };
                place.is_used = true;
                return Ok(permit);
            }
            place.is_used = true;
            return Ok(permit);
        }
    }

    /// A place in every rate limit; an error at once if it would be too late.
    async fn place(&self) -> Result<Held<'_>> {
        let (limits, limiter) = (&*self.limits.rate_limits, &*self.core.limiter);
        let left = self.call_deadline().saturating_duration_since(Instant::now());
        let place = self.within("place in the rate limits", limiter.take(limits, left)).await?;
        match place.map_err(|error| self.outside(error))? {
            Place::TooFar(wait) => Err(self.limited(wait)),
            Place::Taken(time) => Ok(Held { limiter, limits, time, is_used: false }),
        }
    }

    /// Hears what the answer says of the limits that are learned.
    pub(super) fn learn(&self, response: &Response) {
        // What another origin says is not about this one.
        for limit in self
            .limits
            .rate_limits
            .iter()
            .filter(|limit| limit.is_learned() && !self.left && self.apart.is_none())
        {
            if let Some(quota) = response.quota() {
                self.core.limiter.learn(limit.name(), quota);
            }
        }
    }
}

/// A place in rate limits. One that was not used, since its call was dropped or came too late, is left to others.
struct Held<'a> {
    limiter: &'a dyn Limiter,
    limits: &'a [RateLimit],
    time: Instant,
    is_used: bool,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.limiter.give_back(self.limits, self.time);
        }
    }
}
