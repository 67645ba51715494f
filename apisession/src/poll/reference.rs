//! What a job is found by: values of the response that started it, or a URL.

use super::judge::scalar;
use super::polling::{PollRead, PollResult, PollSource, PollTarget, Polling};
use crate::error::{Error, ErrorKind, Head, Result};
use crate::message::Response;

/// What a job is found by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Reference {
    /// The URL of its state.
    pub(super) url: Option<String>,
    /// The values at the pointers that the operations of the job need.
    pub(super) values: Vec<(String, String)>,
}

impl Reference {
    /// The job that a response has started.
    pub(super) fn started(polling: &Polling, response: &Response) -> Result<Self> {
        let (head, body) = (response.head(), response.body().map(AsRef::as_ref).unwrap_or_default());
        let missing = |what: String| {
            let message = format!("the job was started, but its response {what}, by which its state is read");
            let response =
                Response::from_parts(head.clone(), response.body().cloned().unwrap_or_default().into());
            response.into_error(ErrorKind::Decode, message)
        };
        let mut reference = Self::default();
        match &polling.read {
            PollRead::Itself => {}
            PollRead::Operation(target) => {
                let is_there = |at: &&&'static str| scalar(body, at).is_some();
                if let Some(at) = target.path.iter().find(|at| !is_there(at)) {
                    return Err(missing(format!("has no value at `{at}`")));
                }
            }
            PollRead::Url(source) => {
                let url = source.url(head, body).ok_or_else(|| missing(source.absence()))?;
                reference.url = Some(url);
            }
        }
        for at in polling.pointers() {
            reference.values.extend(scalar(body, at).map(|value| (at.to_owned(), value)));
        }
        Ok(reference)
    }

    /// The job that runs already, as a 409 names it.
    pub(super) fn adopted(polling: &Polling, error: &Error) -> Option<Self> {
        let source = polling.adopt?;
        let head = error.head().filter(|_| error.kind() == ErrorKind::Conflict)?;
        let body = error.body().map(AsRef::as_ref).unwrap_or_default();
        if let PollRead::Url(_) = polling.read {
            return Some(Self { url: Some(source.url(head, body)?), values: Vec::new() });
        }
        let value = source.text(head, body)?;
        // The macro allows but one pointer.
        let values = polling.pointers().map(|at| (at.to_owned(), value.clone())).collect();
        Some(Self { url: None, values })
    }

    /// The value at a pointer.
    pub(super) fn value(&self, at: &str) -> Option<&str> {
        self.values.iter().find(|(pointer, _)| pointer == at).map(|(_, value)| value.as_str())
    }
}

impl Polling {
    /// The pointers that the operations of the job need, each once.
    fn pointers(&self) -> impl Iterator<Item = &'static str> + use<> {
        fn path(target: Option<PollTarget>) -> &'static [&'static str] {
            target.map_or(&[], |target| target.path)
        }
        let read = match self.read {
            PollRead::Operation(target) => Some(target),
            PollRead::Itself | PollRead::Url(_) => None,
        };
        let result = match self.result {
            PollResult::Operation(target) => Some(target),
            _ => None,
        };
        let mut pointers: Vec<_> = [read, self.cancel, result].into_iter().flat_map(path).copied().collect();
        pointers.sort_unstable();
        pointers.dedup();
        pointers.into_iter()
    }
}

impl PollSource {
    /// The text that a response has there. An empty one is none.
    fn text(self, head: &Head, body: &[u8]) -> Option<String> {
        let header = |name: &str| {
            let value = head.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let text = match self {
            Self::Location => header("location"),
            Self::Header(name) => header(name),
            Self::Body(at) => scalar(body, at),
        };
        text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// The URL that a response has there, resolved against its own.
    pub(super) fn url(self, head: &Head, body: &[u8]) -> Option<String> {
        let text = self.text(head, body)?;
        let resolved = head.sent.as_ref().and_then(|sent| sent.exchange.url.join(&text).ok());
        // One that can't be resolved stays, so that the call reports it.
        Some(resolved.map_or(text, Into::into))
    }

    /// That there is nothing, as a part of a sentence.
    pub(super) fn absence(self) -> String {
        match self {
            Self::Location => "has no `Location`".to_owned(),
            Self::Header(name) => format!("has no header `{name}`"),
            Self::Body(at) => format!("has no URL at `{at}`"),
        }
    }
}
