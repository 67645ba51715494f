//! What a response means for a job: a value in, a value out.

use http::StatusCode;

use super::polling::{InProgress, Polling, StateMark};
use crate::decode::Pointer;
use crate::model::RawJson;

/// How a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Running,
    Done,
    Failed,
    /// The declaration does not know the state.
    Unknown,
}

/// The usual words for a job that goes on, without what is between their parts.
const USUAL: [&str; 24] = [
    "accepted",
    "created",
    "false",
    "initializing",
    "inprogress",
    "inqueue",
    "new",
    "notstarted",
    "open",
    "pending",
    "preparing",
    "processing",
    "progress",
    "provisioning",
    "queued",
    "queueing",
    "running",
    "scheduled",
    "started",
    "starting",
    "submitted",
    "validating",
    "waiting",
    "working",
];

impl Polling {
    /// What a response means, and its state as a text: `None` if it has no value that is a text, a number or a truth value. Without one, the
    /// status of an error is the state.
    pub(super) fn judge(&self, status: StatusCode, body: &[u8]) -> (Standing, Option<String>) {
        let found = self.state.and_then(|at| scalar(body, at));
        let has = |marks: &[StateMark]| marks.iter().any(|mark| mark.holds(status, found.as_deref(), body));
        let is_status_alone = self.state.is_none();
        let is_running = match self.running {
            InProgress::Usual => match &found {
                Some(state) => is_usual(state),
                None => status == StatusCode::ACCEPTED,
            },
            InProgress::Marks(marks) => has(marks),
            InProgress::Any => true,
        };
        let standing = if has(self.failed) {
            Standing::Failed
        } else if has(self.done) {
            Standing::Done
        } else if is_running {
            Standing::Running
        } else if is_status_alone && self.done.is_empty() && status.is_success() {
            Standing::Done
        } else {
            Standing::Unknown
        };
        let is_status = is_status_alone || !status.is_success();
        (standing, found.or_else(|| is_status.then(|| status.as_str().to_owned())))
    }

    /// Whether the declaration gives this status of an error a meaning.
    pub(super) fn knows_status(&self, status: StatusCode) -> bool {
        let running = match self.running {
            InProgress::Marks(marks) => marks,
            InProgress::Usual | InProgress::Any => &[],
        };
        let is_it = |mark: &StateMark| matches!(mark, StateMark::Status(code) if *code == status.as_u16());
        self.done.iter().chain(self.failed).chain(running).any(is_it)
    }

    /// Whether the declaration has this text as a state.
    pub(super) fn knows_state(&self, state: &str) -> bool {
        let running = match self.running {
            InProgress::Marks(marks) => marks,
            InProgress::Usual if is_usual(state) => return true,
            InProgress::Usual | InProgress::Any => &[],
        };
        let is_it = |mark: &StateMark| matches!(mark, StateMark::State(text) if *text == state);
        self.done.iter().chain(self.failed).chain(running).any(is_it)
    }
}

impl StateMark {
    fn holds(self, status: StatusCode, found: Option<&str>, body: &[u8]) -> bool {
        match self {
            Self::State(text) => found == Some(text),
            Self::Status(code) => code == status.as_u16(),
            Self::Present(at) => Pointer(at).find_present(body).is_some(),
            Self::Success => status.is_success(),
        }
    }
}

/// Whether the state is one of the usual words, such as `IN_PROGRESS` or `inProgress`.
fn is_usual(state: &str) -> bool {
    let letters = state.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    let word: String = letters.flat_map(char::to_lowercase).collect();
    USUAL.contains(&word.as_str())
}

/// The text, the number or the truth value at a pointer, as a text.
pub(super) fn scalar(body: &[u8], at: &'static str) -> Option<String> {
    let text = std::str::from_utf8(Pointer(at).find(body)?).ok()?;
    if text == "null" || text.starts_with(['{', '[']) {
        return None;
    }
    Some(RawJson::parse(text)?.content().into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::polling::PollRead;
    use super::*;

    const DECLARED: Polling = Polling {
        state: Some("/status"),
        done: &[StateMark::State("FINISHED"), StateMark::State("true")],
        failed: &[StateMark::State("ERROR"), StateMark::Present("/error"), StateMark::Status(410)],
        ..Polling::new(PollRead::Itself)
    };

    #[test]
    fn a_state_has_a_meaning_or_none() {
        let listed = InProgress::Marks(&[StateMark::State("BAKING"), StateMark::Status(404)]);
        let listed = Polling { running: listed, ..DECLARED };
        let any = Polling { running: InProgress::Any, ..DECLARED };
        let bare = Polling::new(PollRead::Itself);
        let (exists, gone) = (Polling::until_exists(), Polling::until_gone());
        let rows = [
            (&DECLARED, 200, r#"{"status": "FINISHED"}"#, Standing::Done, Some("FINISHED")),
            (&DECLARED, 200, r#"{"status": "finished"}"#, Standing::Unknown, Some("finished")),
            (&DECLARED, 200, r#"{"status": true}"#, Standing::Done, Some("true")),
            (&DECLARED, 200, r#"{"status": false}"#, Standing::Running, Some("false")),
            (&DECLARED, 200, r#"{"status": "IN_PROGRESS"}"#, Standing::Running, Some("IN_PROGRESS")),
            (&DECLARED, 200, r#"{"status": "in queue"}"#, Standing::Running, Some("in queue")),
            (&DECLARED, 200, r#"{"status": "EXPLODED"}"#, Standing::Unknown, Some("EXPLODED")),
            (&DECLARED, 200, r#"{"status": "ERROR"}"#, Standing::Failed, Some("ERROR")),
            (
                &DECLARED,
                200,
                r#"{"status": "FINISHED", "error": {"a": 1}}"#,
                Standing::Failed,
                Some("FINISHED"),
            ),
            (&DECLARED, 200, r#"{"status": "FINISHED", "error": null}"#, Standing::Done, Some("FINISHED")),
            (&DECLARED, 410, "", Standing::Failed, Some("410")),
            (&DECLARED, 202, "", Standing::Running, None),
            (&DECLARED, 200, "", Standing::Unknown, None),
            (&DECLARED, 200, r#"{"status": null}"#, Standing::Unknown, None),
            (&DECLARED, 200, r#"{"status": {"a": 1}}"#, Standing::Unknown, None),
            (&DECLARED, 200, r#"{"status": 7}"#, Standing::Unknown, Some("7")),
            (&DECLARED, 200, "<html>", Standing::Unknown, None),
            (&listed, 200, r#"{"status": "BAKING"}"#, Standing::Running, Some("BAKING")),
            (&listed, 200, r#"{"status": "QUEUED"}"#, Standing::Unknown, Some("QUEUED")),
            (&listed, 404, "", Standing::Running, Some("404")),
            (&any, 200, r#"{"status": "EXPLODED"}"#, Standing::Running, Some("EXPLODED")),
            (&any, 200, "{}", Standing::Running, None),
            (&bare, 202, "", Standing::Running, Some("202")),
            (&bare, 200, "", Standing::Done, Some("200")),
            (&exists, 404, "", Standing::Running, Some("404")),
            (&exists, 200, "", Standing::Done, Some("200")),
            (&gone, 200, "", Standing::Running, Some("200")),
            (&gone, 404, "", Standing::Done, Some("404")),
            (&gone, 410, "", Standing::Done, Some("410")),
        ];
        for (polling, status, body, standing, state) in rows {
            let (found, text) = polling.judge(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            assert_eq!((found, text.as_deref()), (standing, state), "{status} {body}");
        }
    }
}
