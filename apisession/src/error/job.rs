//! What an error knows of the job that it is about.

use super::Error;
use crate::describe::Operation;

impl Error {
    /// Sets the operation that failed, whichever call has shown it.
    pub(crate) fn of_operation(mut self, operation: Option<&'static Operation>) -> Self {
        self.0.operation = operation;
        self
    }

    /// The text by which a job is resumed.
    pub(crate) fn job(&self) -> Option<&str> {
        self.0.job.as_deref()
    }

    pub(crate) fn with_job(mut self, token: String) -> Self {
        self.0.job = Some(token);
        self
    }
}
