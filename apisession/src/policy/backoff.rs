//! The policies of the crate `backoff` as delays.

use std::time::Duration;

use backoff::backoff::Backoff;

use crate::policy::RetryPolicy;

/// A policy of the crate `backoff` says how long to wait, and may end the call. Each call has a copy of its own, reset.
/// How often a request is sent is still [`max_attempts`](crate::Settings::max_attempts), and a pause that the server asks
/// for is kept.
///
/// ```
/// use apisession::RetryPolicy;
///
/// let policy = RetryPolicy::from(backoff::ExponentialBackoff::default());
/// # let _ = policy;
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "backoff")))]
impl<B> From<B> for RetryPolicy
where
    B: Backoff + Clone + Send + Sync + 'static,
{
    fn from(policy: B) -> Self {
        Self::new().delays(Fresh(policy))
    }
}

/// Delays that begin anew for each call.
#[derive(Clone)]
struct Fresh<B>(B);

impl<B: Backoff> IntoIterator for Fresh<B> {
    type Item = Duration;
    type IntoIter = Delays<B>;

    fn into_iter(mut self) -> Delays<B> {
        self.0.reset();
        Delays(self.0)
    }
}

struct Delays<B>(B);

impl<B: Backoff> Iterator for Delays<B> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.0.next_backoff()
    }
}
