//! The argument of the `retry_request` hook.

use std::time::Duration;

use crate::error::Error;
use crate::message::Request;

/// A retry that is about to happen.
#[derive(Debug)]
pub struct Retry<'a> {
    pub(crate) attempts: u32,
    pub(crate) error: &'a Error,
    pub(crate) request: &'a mut Request,
    pub(crate) delay: Duration,
    pub(crate) stopped: bool,
}

impl Retry<'_> {
    /// Returns the number of attempts that were made; 1 before the first retry.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns why the last attempt failed, with status, headers and body if there was a response.
    #[must_use]
    pub fn error(&self) -> &Error {
        self.error
    }

    /// Returns the request that is sent next, which can be changed. Its credential is added later.
    #[must_use]
    pub fn request(&mut self) -> &mut Request {
        self.request
    }

    /// Returns the delay before the next attempt.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// Sets the delay before the next attempt.
    pub fn set_delay(&mut self, delay: Duration) {
        self.delay = delay;
    }

    /// Stops: the call ends with the failure of the last attempt.
    pub fn stop(&mut self) {
        self.stopped = true;
    }
}
