//! How an operation polls, as it is declared. The macros write it.

use std::time::Duration;

use crate::call::Row;
use crate::decode::Asks;

/// How the state of a job is read, what it means, and what comes of it.
#[derive(Clone, Copy, Debug)]
pub struct Polling {
    /// How the state is read.
    pub read: PollRead,
    /// The pointer to the state in a body. Without one, the status is the state.
    pub state: Option<&'static str>,
    /// What means that the job is done.
    pub done: &'static [StateMark],
    /// What means that it has failed.
    pub failed: &'static [StateMark],
    /// What means that it goes on.
    pub running: InProgress,
    /// Where the result is.
    pub result: PollResult,
    /// The operation that cancels the job.
    pub cancel: Option<PollTarget>,
    /// Where a 409 has the job that runs already.
    pub adopt: Option<PollSource>,
    /// The time between two reads.
    pub interval: Option<Duration>,
    /// The time that the job has.
    pub total: Option<Duration>,
}

/// How the state of a job is read.
#[derive(Clone, Copy, Debug)]
pub enum PollRead {
    /// By the same call again: nothing is started.
    Itself,
    /// By another operation.
    Operation(PollTarget),
    /// At a URL that the server gave.
    Url(PollSource),
}

/// Another operation of the endpoint, and the pointers to the values of its path.
#[derive(Clone, Copy, Debug)]
pub struct PollTarget {
    /// The operation.
    pub of: Row,
    /// The pointers, in the order of its path.
    pub path: &'static [&'static str],
}

/// Where a response has a value or a URL.
#[derive(Clone, Copy, Debug)]
pub enum PollSource {
    /// In the header `Location`.
    Location,
    /// In the header of this name in lower case.
    Header(&'static str),
    /// At this pointer in the body.
    Body(&'static str),
}

/// Where the result of a job is.
#[derive(Clone, Copy, Debug)]
pub enum PollResult {
    /// It is the body of the last response.
    Whole,
    /// At this pointer in that body.
    At(&'static str),
    /// Another operation returns it.
    Operation(PollTarget),
    /// At a URL in the last response, and what its type asks of the call.
    Url(PollSource, Asks),
}

/// What a response can have that means a state.
#[derive(Clone, Copy, Debug)]
pub enum StateMark {
    /// This text at the pointer of the state.
    State(&'static str),
    /// This status.
    Status(u16),
    /// A value at this pointer that is neither null nor false.
    Present(&'static str),
    /// Any status of a success.
    Success,
}

/// What means that a job goes on.
#[derive(Clone, Copy, Debug)]
pub enum InProgress {
    /// The usual words, and the status 202.
    Usual,
    /// These.
    Marks(&'static [StateMark]),
    /// All that means nothing else.
    Any,
}

impl Polling {
    /// The polling of a job, by how its state is read.
    #[must_use]
    pub const fn new(read: PollRead) -> Self {
        Self {
            read,
            state: None,
            done: &[],
            failed: &[],
            running: InProgress::Usual,
            result: PollResult::Whole,
            cancel: None,
            adopt: None,
            interval: None,
            total: None,
        }
    }

    /// Repeats a call until its response is a success.
    #[must_use]
    pub const fn until_exists() -> Self {
        let running = InProgress::Marks(&[StateMark::Status(404)]);
        Self { done: &[StateMark::Success], running, ..Self::new(PollRead::Itself) }
    }

    /// Repeats a call until its response is a 404 or a 410.
    #[must_use]
    pub const fn until_gone() -> Self {
        let done = &[StateMark::Status(404), StateMark::Status(410)];
        let running = InProgress::Marks(&[StateMark::Success]);
        Self { done, running, ..Self::new(PollRead::Itself) }
    }
}
