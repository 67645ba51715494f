//! A job that was started.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::course::Course;
use super::{JobState, JobToken};
use crate::call::Sending;
use crate::decode::Decode;
use crate::error::{Error, Result};

/// A job that was started, or found again. [`next`](Self::next) reads its states, and [`wait`](Self::wait) its result. It is a `Stream` of
/// its states as well.
///
/// Nothing is requested unless it is asked for. Dropping it leaves the job at the server alone; [`cancel`](Self::cancel) ends it there.
///
/// An error of a read does not end it: calling `next` or `wait` again reads the state again. It is ended by a state that means success or
/// failure, and by its total time.
pub struct Job<T, E = Error> {
    pub(super) course: Course,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E> Job<T, E> {
    pub(super) fn new(course: Course, decode: Decode<T>) -> Self {
        Self { course, decode, error: PhantomData }
    }

    /// Waits, reads the state, and returns it. After the one with which the job is done, and after an error that ends it, it returns `None`.
    /// It can be dropped while it waits, and called again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::JobFailed`](crate::ErrorKind::JobFailed) for a state that means failure,
    /// [`ErrorKind::UnknownState`](crate::ErrorKind::UnknownState) for one that the declaration does not know,
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when the total time has passed, and the errors of the call that reads it.
    pub async fn next(&mut self) -> Option<Result<JobState, E>>
    where
        E: From<Error>,
    {
        poll_fn(|context| self.course.poll_state(context)).await.map(|state| state.map_err(E::from))
    }

    /// Reads the state until the job is done, and returns its result. It can be dropped while it waits, and called again.
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next), and those of the call that returns the result.
    pub async fn wait(&mut self) -> Result<T, E>
    where
        E: From<Error>,
    {
        let end = poll_fn(|context| self.course.poll_result(context)).await;
        (self.decode)(end).map_err(E::from)
    }

    /// Returns a call that cancels the job at the server. What then becomes of it is told by its next states.
    ///
    /// # Errors
    ///
    /// Those of the operation that `cancel` names. If the declaration names none, it fails with
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument).
    pub fn cancel(&self) -> Sending<(), E> {
        Sending::of(self.course.cancel(), |end| end.map(drop))
    }

    /// Returns the text by which the job is found again.
    #[must_use]
    pub fn token(&self) -> JobToken {
        self.course.token()
    }

    /// Returns the value that the response to the start has at a pointer, such as the id of the job. It is there for the pointers that the
    /// declaration names.
    #[must_use]
    pub fn value(&self, at: &str) -> Option<&str> {
        self.course.reference().value(at)
    }

    /// Returns the state that was read last.
    #[must_use]
    pub fn state(&self) -> Option<&JobState> {
        self.course.last()
    }

    /// Whether the job ran before, as the server's 409 has told.
    #[must_use]
    pub fn is_adopted(&self) -> bool {
        self.course.is_adopted
    }
}

/// It is moved freely: nothing in it is pinned.
impl<T, E> Unpin for Job<T, E> {}

impl<T, E: From<Error>> Stream for Job<T, E> {
    type Item = Result<JobState, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.course.poll_state(context).map(|state| state.map(|state| state.map_err(E::from)))
    }
}

/// Shows the operation.
impl<T, E> fmt::Debug for Job<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.course.operation() {
            Some(operation) => write!(f, "Job({operation})"),
            None => f.write_str("Job"),
        }
    }
}
