//! Takes the delays of a retry policy from the crate `backoff`.

use std::time::Duration;

use backoff::backoff::Backoff;

use crate::policy::RetryPolicy;

/// Takes the delays from a policy of the crate `backoff`. When it returns no delay, the call ends.
///
/// Each call uses its own copy of the policy, which is reset first.
/// [`max_attempts`](crate::Settings::max_attempts) still limits the attempts, and a pause that the server asks for
/// replaces the delay.
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
        Self::new().delays(ResetPerCall(policy))
    }
}

/// A policy that is reset for each call.
#[derive(Clone)]
struct ResetPerCall<B>(B);

impl<B: Backoff> IntoIterator for ResetPerCall<B> {
    type Item = Duration;
    type IntoIter = Iter<B>;

    fn into_iter(mut self) -> Iter<B> {
        self.0.reset();
        Iter(self.0)
    }
}

struct Iter<B>(B);

impl<B: Backoff> Iterator for Iter<B> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.0.next_backoff()
    }
}
