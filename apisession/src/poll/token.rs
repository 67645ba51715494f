//! A job as a text that can be stored.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::reference::Reference;
use crate::error::{Error, Result};

/// The version that is written, and the only one that is read.
const VERSION: &str = "job1.";
/// How long the text of a token may be.
const LONGEST: usize = 1 << 20;

/// A text by which a job is found again, in another process or after an error.
///
/// [`Job::token`](crate::Job::token) returns one, and [`Poller::resume`](crate::Poller::resume) takes it. An error that ends the wait for a
/// job has it as well: [`Error::job_token`]. It belongs to the operation and to the path of its call; another call refuses it. The other
/// arguments of the call are not part of it, since nothing is started.
///
/// Where it leads is checked as a URL of the server is, so that a token that was changed leads to no other origin. It can contain an id or
/// a URL of the server in readable form. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct JobToken(String);

/// What a token contains, as a list in JSON: what the call is a call of, the URL of the state, and the values at pointers.
type Content = (String, Option<String>, Vec<(String, String)>);

impl JobToken {
    pub(super) fn new(reference: &Reference, shape: &[u8]) -> Self {
        let content: Content =
            (URL_SAFE_NO_PAD.encode(shape), reference.url.clone(), reference.values.clone());
        // All of it can be JSON.
        let json = serde_json::to_vec(&content).unwrap_or_default();
        Self(VERSION.to_owned() + &URL_SAFE_NO_PAD.encode(json))
    }

    /// Returns the text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// The job, for a call of this shape.
    pub(super) fn read(text: &str, shape: &[u8]) -> Result<Reference> {
        let (of, url, values) = content(text)?;
        if of != URL_SAFE_NO_PAD.encode(shape) {
            let message = "the token is that of a job of another operation, or of a call with another path; resume the call that it was \
                           taken from";
            return Err(Error::argument(message));
        }
        Ok(Reference { url, values })
    }
}

impl Error {
    /// Returns the token of the job whose state could not be read, or that was not done in time, so that it can be
    /// [resumed](crate::Poller::resume). `None` for an error before there was a job.
    #[must_use]
    pub fn job_token(&self) -> Option<JobToken> {
        self.job().map(|text| JobToken(text.to_owned()))
    }
}

fn content(text: &str) -> Result<Content> {
    let refused = |why: &str| Error::argument(format!("the token of the job {why}; start a new job"));
    let Some(encoded) = text.strip_prefix(VERSION) else {
        return Err(refused(match text.strip_prefix("job") {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => "is of another version",
            _ => "is not one",
        }));
    };
    if encoded.len() > LONGEST {
        return Err(refused("is longer than 1 MiB"));
    }
    let json = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| refused("is damaged"))?;
    serde_json::from_slice(&json).map_err(|_| refused("is damaged"))
}

/// Parses a text that was stored. Whether it is that of a call is known when that is resumed.
impl FromStr for JobToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        content(text).map(|_| Self(text.to_owned()))
    }
}

impl AsRef<str> for JobToken {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for JobToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JobToken(…)")
    }
}
