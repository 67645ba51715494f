//! What a job is started by.

use std::time::Duration;

use super::polling::Polling;
use crate::call::{Arguments, Handle, Session};

/// A job that was not started, whatever its result is.
pub(super) struct Plan {
    pub(super) session: Session,
    pub(super) handle: Handle,
    pub(super) arguments: Box<Arguments>,
    pub(super) polling: &'static Polling,
    pub(super) options: Options,
}

/// What the caller sets for the job.
#[derive(Clone, Copy, Default)]
pub(super) struct Options {
    pub(super) total: Option<Duration>,
    pub(super) interval: Option<Duration>,
}
