//! How long a credential is used: until it expires, is not used for too long, or is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::lease::{Expires, Freshness};
use crate::message::duration::LONGEST;

/// The shortest lifetime of a credential. With a shorter one, as a server means by 0 or -1, each call would sign in.
const SHORTEST: Duration = Duration::from_secs(10);

/// The lifetime of a credential. Clones share its uses, and that it was refused.
#[derive(Clone, Debug, Default)]
pub(super) struct Lifetime {
    /// When it expires, on the monotonic clock, and its whole lifetime.
    expires: Option<(Instant, Duration)>,
    idle: Option<Arc<Idle>>,
    is_refused: Arc<AtomicBool>,
}

/// A lifetime that each use begins anew.
#[derive(Debug)]
struct Idle {
    lifetime: Duration,
    start: Instant,
    /// The last use, in milliseconds after the start.
    used: AtomicU64,
}

impl Lifetime {
    pub(super) fn expire_in(&mut self, lifetime: Duration) {
        let lifetime = lifetime.clamp(SHORTEST, LONGEST);
        self.expires = Some((Instant::now() + lifetime, lifetime));
    }

    pub(super) fn expire_idle(&mut self, lifetime: Duration) {
        let lifetime = lifetime.clamp(SHORTEST, LONGEST);
        self.idle = Some(Arc::new(Idle { lifetime, start: Instant::now(), used: AtomicU64::new(0) }));
    }

    /// The server no longer accepts the credential.
    pub(super) fn refuse(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
    }

    /// A request with the credential is about to be sent.
    pub(super) fn used(&self) {
        if let Some(idle) = &self.idle {
            let used = u64::try_from(idle.start.elapsed().as_millis()).unwrap_or(u64::MAX);
            idle.used.fetch_max(used, Ordering::Relaxed);
        }
    }
}

impl Expires for Lifetime {
    fn freshness(&self) -> Freshness {
        /// With less than this left, it is renewed in the background.
        const AGING: Duration = Duration::from_secs(120);
        /// With less than this left, it is renewed before it is used.
        const EXPIRING: Duration = Duration::from_secs(30);
        let Lifetime { expires, idle, is_refused } = self;
        if is_refused.load(Ordering::Relaxed) {
            return Freshness::Expiring;
        }
        if let Some(Idle { lifetime, start, used }) = idle.as_deref() {
            let unused = start.elapsed().saturating_sub(Duration::from_millis(used.load(Ordering::Relaxed)));
            if unused >= lifetime.saturating_sub(EXPIRING.min(*lifetime / 10)) {
                return Freshness::Expiring;
            }
        }
        let Some((end, lifetime)) = *expires else { return Freshness::Fresh };
        match end.saturating_duration_since(Instant::now()) {
            left if left > AGING.min(lifetime / 2) => Freshness::Fresh,
            left if left > EXPIRING.min(lifetime / 10) => Freshness::Aging,
            _ => Freshness::Expiring,
        }
    }
}
