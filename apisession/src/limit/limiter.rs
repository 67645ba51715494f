//! Counts the requests of rate limits: the trait, and the default implementation, which counts in this process.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
pub use tokio::time::Instant;

use crate::error::Result;
use crate::limit::{RateLimit, Window};
use crate::message::Quota;

/// Counts the requests of rate limits.
///
/// The default limiter counts in this process. Another one can count in a store that several processes share.
pub trait Limiter: Send + Sync + 'static {
    /// Reserves a slot in all limits, or returns the wait for the next one if it is longer than `max_wait`.
    fn reserve<'a>(&'a self, limits: &'a [RateLimit], max_wait: Duration) -> BoxFuture<'a, Result<Slot>>;

    /// Releases a reserved slot that was not used, such as the slot of a call that was dropped before its time.
    fn release(&self, limits: &[RateLimit], time: Instant);

    /// Updates the limit `name` by the quota in a response.
    fn learn(&self, name: &str, quota: Quota);

    /// Returns the quota in the last response, for the limit `name`.
    fn quota(&self, name: &str) -> Option<Quota>;
}

/// The result of a reservation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A slot is reserved. The request may be sent at this time.
    At(Instant),
    /// No slot is reserved, since the wait for the next one would be this long.
    TooLate(Duration),
}

/// The default limiter, which counts in this process.
#[derive(Debug, Default)]
pub(crate) struct Local(Mutex<HashMap<String, Bucket>>);

/// The requests of one limit.
#[derive(Debug, Default)]
struct Bucket {
    /// When requests were sent or will be sent, in order, as far back as the longest window needs.
    times: VecDeque<Instant>,
    /// The span of the longest window.
    longest: Duration,
    quota: Option<Quota>,
    /// Until when the server allows no requests.
    closed_until: Option<Instant>,
}

/// Above this number of buckets, those that are idle are removed.
const CLEANUP_THRESHOLD: usize = 1_024;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The largest number of later requests between which a gap is searched.
const MAX_GAP_SEARCH: usize = 64;

impl Bucket {
    /// The earliest time from `from` on at which a request fits into every window. It is behind all later requests if
    /// there are too many of them to search for a gap.
    fn next(&self, windows: &[Window], from: Instant) -> Instant {
        let from = self.closed_until.map_or(from, |closed_until| closed_until.max(from));
        if windows.iter().all(|window| self.fits(*window, from)) {
            return from;
        }
        let later = self.times.len() - self.times.partition_point(|time| *time <= from);
        if (1..=MAX_GAP_SEARCH).contains(&later) {
            let ends = windows.iter().flat_map(|window| self.times.iter().map(|time| *time + window.span));
            let mut ends: Vec<_> = ends.filter(|end| *end > from).collect();
            ends.sort_unstable();
            let gap = ends.into_iter().find(|end| windows.iter().all(|window| self.fits(*window, *end)));
            if let Some(gap) = gap {
                return gap;
            }
        }
        // There is no gap, so the request is the last one.
        let behind = windows.iter().filter_map(|window| {
            let first = self.times.len().checked_sub(window.requests as usize)?;
            Some(*self.times.get(first)? + window.span)
        });
        behind.chain(self.times.back().copied()).max().unwrap_or(from).max(from)
    }

    /// Whether a request at `time` fits: no span of the window would contain too many, including the requests after
    /// `time`.
    fn fits(&self, window: Window, time: Instant) -> bool {
        let (most, at) = (window.requests as usize, self.times.partition_point(|other| *other <= time));
        let with = |index: usize| match index.cmp(&at) {
            Ordering::Less => self.times.get(index).copied(),
            Ordering::Equal => Some(time),
            Ordering::Greater => self.times.get(index - 1).copied(),
        };
        let last = at.min(self.times.len().saturating_sub(most));
        (at.saturating_sub(most)..=last).all(|first| match (with(first), with(first + most)) {
            (Some(first), Some(last)) => last.duration_since(first) >= window.span,
            _ => true,
        })
    }

    /// Whether the bucket has the same effect as a new one.
    fn is_idle(&self, now: Instant) -> bool {
        let counts = |time: &Instant| now.saturating_duration_since(*time) < self.longest;
        !self.times.iter().any(counts) && self.closed_until.is_none_or(|closed_until| closed_until <= now)
    }

    fn insert(&mut self, windows: &[Window], time: Instant, now: Instant) {
        self.times.insert(self.times.partition_point(|other| *other <= time), time);
        let spans = windows.iter().map(|window| window.span);
        self.longest = spans.fold(self.longest, Duration::max);
        let is_over = |time: &Instant| now.saturating_duration_since(*time) >= self.longest;
        while self.times.front().is_some_and(is_over) {
            self.times.pop_front();
        }
    }
}

impl Local {
    fn with<T>(&self, name: &str, change: impl FnOnce(&mut Bucket) -> T) -> T {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(bucket(&mut buckets, name))
    }

    fn reserve_now(&self, limits: &[RateLimit], max_wait: Duration, now: Instant) -> Slot {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > CLEANUP_THRESHOLD {
            buckets.retain(|_, bucket| !bucket.is_idle(now));
        }
        // Each limit can postpone the request. The time is found when no limit does.
        let mut time = now;
        loop {
            let before = time;
            for limit in limits {
                time = bucket(&mut buckets, limit.name()).next(limit.windows(), time);
            }
            if time == before {
                break;
            }
        }
        let wait = time.saturating_duration_since(now);
        if wait > max_wait {
            return Slot::TooLate(wait);
        }
        for limit in limits {
            bucket(&mut buckets, limit.name()).insert(limit.windows(), time, now);
        }
        Slot::At(time)
    }
}

fn bucket<'a>(buckets: &'a mut HashMap<String, Bucket>, name: &str) -> &'a mut Bucket {
    buckets.entry(name.to_owned()).or_default()
}

impl Limiter for Local {
    fn reserve<'a>(&'a self, limits: &'a [RateLimit], max_wait: Duration) -> BoxFuture<'a, Result<Slot>> {
        Box::pin(ready(Ok(self.reserve_now(limits, max_wait, Instant::now()))))
    }

    fn release(&self, limits: &[RateLimit], time: Instant) {
        for limit in limits {
            self.with(limit.name(), |bucket| {
                if let Ok(at) = bucket.times.binary_search(&time) {
                    bucket.times.remove(at);
                }
            });
        }
    }

    fn learn(&self, name: &str, quota: Quota) {
        self.with(name, |bucket| {
            let reset = quota.reset.filter(|_| quota.remaining == 0);
            // A wrong reset must not block the limit for longer than a day.
            bucket.closed_until = reset.map(|reset| Instant::now() + reset.min(DAY));
            bucket.quota = Some(quota);
        });
    }

    fn quota(&self, name: &str) -> Option<Quota> {
        let buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.get(name)?.quota
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_span_contains_more_requests_than_its_window_allows() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..200 {
            let names = ["a", "b", "c"];
            let limits: Vec<_> = names[..random.usize(1..=3)]
                .iter()
                .map(|name| {
                    let span = Duration::from_millis(random.u64(1..5_000));
                    let limit = RateLimit::new(random.u32(1..20), span).named(*name);
                    limit.and(random.u32(1..40), 3 * span)
                })
                .collect();
            let (local, mut now, mut taken) = (Local::default(), Instant::now(), Vec::new());
            for _ in 0..300 {
                now += Duration::from_millis(random.u64(0..400));
                // Some requests are in fewer limits than others, and use the gaps that those leave.
                let from = random.usize(..limits.len());
                let below = &limits[from..];
                match local.reserve_now(below, Duration::from_secs(20), now) {
                    Slot::At(time) => taken.push((from, time)),
                    Slot::TooLate(wait) => assert!(wait > Duration::from_secs(20)),
                }
                if let Some((from, time)) =
                    taken.last().copied().filter(|(_, time)| random.u8(0..10) == 0 && *time > now)
                {
                    local.release(&limits[from..], time);
                    taken.pop();
                }
            }
            for (index, limit) in limits.iter().enumerate() {
                let mut times: Vec<_> =
                    taken.iter().filter(|(from, _)| *from <= index).map(|(_, time)| *time).collect();
                times.sort_unstable();
                for window in limit.windows() {
                    for (first, last) in times.iter().zip(times.iter().skip(window.requests as usize)) {
                        assert!(*last - *first >= window.span, "{window:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_wait_for_a_strict_limit_does_not_delay_requests_of_another_limit() {
        let (local, now) = (Local::default(), Instant::now());
        let wide = RateLimit::new(2, Duration::from_secs(1)).named("wide");
        let both = [wide.clone(), RateLimit::new(1, Duration::from_secs(60)).named("strict")];
        let take = |limits: &[RateLimit]| match local.reserve_now(limits, Duration::MAX, now) {
            Slot::At(time) => (time - now).as_secs(),
            Slot::TooLate(_) => unreachable!("every slot is in time"),
        };
        assert_eq!([take(&both), take(&both), take(&both)], [0, 60, 120]);
        let wide = [wide];
        assert_eq!([take(&wide), take(&wide), take(&wide), take(&wide)], [0, 1, 1, 2]);
    }

    /// A window of a day costs a request no more than a window of a second.
    #[test]
    fn a_reservation_in_a_window_with_many_requests_is_cheap() {
        let (local, now) = (Local::default(), Instant::now());
        let day = [RateLimit::new(100_000, DAY).named("day").and(5_000, Duration::from_secs(3_600))];
        for _ in 0..5_000 {
            assert_eq!(local.reserve_now(&day, Duration::ZERO, now), Slot::At(now));
        }
        for _ in 0..1_000 {
            assert_eq!(
                local.reserve_now(&day, Duration::ZERO, now),
                Slot::TooLate(Duration::from_secs(3_600))
            );
        }
    }
}
