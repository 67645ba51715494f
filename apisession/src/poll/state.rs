//! A state of a job as its user gets it.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::error::{Head, Result};
use crate::message::Response;

/// A state of a job: what the server has reported of it.
#[derive(Clone)]
pub struct JobState {
    pub(super) state: Option<String>,
    pub(super) is_done: bool,
    pub(super) number: u32,
    pub(super) head: Head,
    pub(super) body: Bytes,
}

impl JobState {
    /// Returns the state, such as `RUNNING`. Where the status is the state, it is its number; without a value it is empty.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.as_deref().unwrap_or_default()
    }

    /// Whether the job is done, so that its result can be fetched.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }

    /// Returns how often the state has been read, this time included.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// Returns the headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Decodes the body of the response as JSON, for all else that the server reports of the job, such as its progress.
    ///
    /// # Errors
    ///
    /// Fails if it is no JSON of this type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.response().json()
    }

    /// The response, for a second look at its body.
    pub(super) fn response(&self) -> Response {
        Response::from_parts(self.head.clone(), self.body.clone().into())
    }

    /// The state in quotes, as errors show it: on one line, cut, and without secrets. One that is not declared may be any text of the server,
    /// which a restricted path does not show.
    pub(super) fn shown(&self, is_known: bool) -> String {
        const MOST: usize = 64;
        let is_restricted =
            self.head.sent.as_ref().is_some_and(|sent| sent.exchange.redaction.is_restricted());
        match &self.state {
            None => "a response without a state".to_owned(),
            Some(_) if is_restricted && !is_known => "a state that is not shown".to_owned(),
            Some(state) => {
                let line = self.head.shown(state);
                match line.char_indices().nth(MOST) {
                    Some((end, _)) => format!("the state `{}…`", &line[..end]),
                    None => format!("the state `{line}`"),
                }
            }
        }
    }
}

/// Shows the number and the status, and nothing else of the server.
impl fmt::Debug for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobState")
            .field("number", &self.number)
            .field("status", &self.head.status.as_u16())
            .field("is_done", &self.is_done)
            .finish_non_exhaustive()
    }
}
