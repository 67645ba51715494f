//! The course of a job: reads of its state until it is done, each a call.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;
use http::HeaderMap;
use tokio::time::Instant;

use super::judge::{Standing, scalar};
use super::plan::Plan;
use super::polling::{PollRead, PollResult, PollTarget, Polling};
use super::reference::Reference;
use super::schedule::{Next, Schedule};
use super::state::JobState;
use super::token::JobToken;
use crate::call::{self, Arguments, Handle, Session, Started};
use crate::decode::{self, Asks, Pointer, Reads};
use crate::describe::Operation;
use crate::error::{Error, ErrorKind, Result};
use crate::message::Response;
use crate::policy::pause::{self, Pause};
use crate::redact::Secret;

/// A job, whatever its result is.
pub(super) struct Course {
    session: Session,
    handle: Handle,
    /// The arguments of the call that has started it, without what only that needs; of a call that is repeated, all of them.
    arguments: Box<Arguments>,
    polling: &'static Polling,
    schedule: Schedule,
    reference: Reference,
    pub(super) is_adopted: bool,
    /// What must not be shown of the URL of the state.
    secrets: Vec<Secret>,
    /// When its time began; `None` before the first read.
    began: Option<Instant>,
    /// How many waits there were.
    waits: u32,
    /// The pause that the server asked for.
    asked: Option<Duration>,
    /// Whether the next read is made without a wait.
    is_due: bool,
    stage: Stage,
    /// The end of its time.
    deadline: Option<BoxFuture<'static, ()>>,
    last: Option<JobState>,
    end: Option<End>,
    /// The call of the result.
    result: Option<Started>,
}

enum Stage {
    Idle,
    Waiting(BoxFuture<'static, ()>),
    Reading(Started),
}

/// Why no state is read any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Done,
    Failed,
    Over,
}

/// Starts a job, or takes the one that runs already.
pub(super) async fn start(mut plan: Box<Plan>) -> Result<Course> {
    let polling = plan.polling;
    if let PollRead::Itself = polling.read {
        return Ok(Course::new(*plan, Reference::default()));
    }
    let began = Instant::now();
    let operation = plan.arguments.operation();
    let kept = plan.arguments.of_job();
    let mut arguments = std::mem::replace(&mut plan.arguments, kept);
    arguments.returns_redirects = matches!(polling.read, PollRead::Url(_));
    match call::start(&plan.session, arguments).await {
        Ok(response) => {
            let reference = Reference::started(polling, &response);
            let mut course = Course::new(*plan, reference.map_err(|error| error.in_operation(operation))?);
            let sent = response.head().sent.as_ref();
            course.secrets = sent.map(|sent| sent.exchange.secrets()).unwrap_or_default();
            (course.began, course.is_due) = (Some(began), false);
            course.asked = asked(response.headers());
            Ok(course)
        }
        Err(error) => match Reference::adopted(polling, &error) {
            Some(reference) => {
                let mut course = Course::new(*plan, reference);
                (course.began, course.is_adopted) = (Some(began), true);
                course.secrets = error.exchange().map(|exchange| exchange.secrets()).unwrap_or_default();
                Ok(course)
            }
            None => Err(error),
        },
    }
}

impl Course {
    /// The job that is found by a reference. Its state is read at once, since it may have gone on.
    pub(super) fn new(plan: Plan, reference: Reference) -> Self {
        let Plan { session, handle, mut arguments, polling, options } = plan;
        // The state is in the body.
        arguments.reads = Reads::Whole;
        let schedule = Schedule::new(options.interval.or(polling.interval), options.total.or(polling.total));
        Self {
            session,
            handle,
            arguments,
            polling,
            schedule,
            reference,
            is_adopted: false,
            secrets: Vec::new(),
            began: None,
            waits: 0,
            asked: None,
            is_due: true,
            stage: Stage::Idle,
            deadline: None,
            last: None,
            end: None,
            result: None,
        }
    }

    pub(super) fn operation(&self) -> Option<&'static Operation> {
        self.arguments.operation()
    }

    pub(super) fn last(&self) -> Option<&JobState> {
        self.last.as_ref()
    }

    pub(super) fn reference(&self) -> &Reference {
        &self.reference
    }

    pub(super) fn token(&self) -> JobToken {
        JobToken::new(&self.reference, &self.arguments.job_shape())
    }

    /// Reads the next state. After the last one there is none.
    pub(super) fn poll_state(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<JobState>>> {
        loop {
            if self.end.is_some() {
                return Poll::Ready(None);
            }
            match &mut self.stage {
                Stage::Idle => match self.plan() {
                    Ok(stage) => self.stage = stage,
                    Err(error) => return Poll::Ready(Some(Err(self.ended(error)))),
                },
                Stage::Waiting(wait) => {
                    ready!(wait.as_mut().poll(context));
                    self.stage = Stage::Reading(self.read());
                }
                Stage::Reading(call) => {
                    if let Poll::Ready(end) = Pin::new(call).poll(context) {
                        self.stage = Stage::Idle;
                        return Poll::Ready(Some(self.judged(end).map_err(|error| self.ended(error))));
                    }
                    let Some(deadline) = &mut self.deadline else { return Poll::Pending };
                    ready!(deadline.as_mut().poll(context));
                    self.stage = Stage::Idle;
                    let error = self.over();
                    return Poll::Ready(Some(Err(self.ended(error))));
                }
            }
        }
    }

    /// The response that has the result, once the job is done.
    pub(super) fn poll_result(&mut self, context: &mut Context<'_>) -> Poll<Result<Response>> {
        loop {
            if let Some(call) = &mut self.result {
                let end = ready!(Pin::new(call).poll(context));
                self.result = None;
                return Poll::Ready(end.map_err(|error| self.ended(error)));
            }
            match self.end {
                Some(End::Done) => match self.take_result() {
                    Ok(Taken::Here(response)) => return Poll::Ready(Ok(response)),
                    Ok(Taken::Called(call)) => self.result = Some(call),
                    Err(error) => return Poll::Ready(Err(self.ended(error))),
                },
                Some(End::Failed) => {
                    let error = self.failed();
                    return Poll::Ready(Err(self.ended(error)));
                }
                Some(End::Over) => {
                    let error = self.over();
                    return Poll::Ready(Err(self.ended(error)));
                }
                None => {
                    if let Some(Err(error)) = ready!(self.poll_state(context)) {
                        return Poll::Ready(Err(error));
                    }
                }
            }
        }
    }

    /// The call that cancels the job.
    pub(super) fn cancel(&self) -> Started {
        let arguments = match self.polling.cancel {
            Some(target) => self.of_target(target, None),
            None => {
                let message =
                    "the declaration of the operation names no `cancel`, so that its jobs can't be cancelled";
                Err(Error::argument(message).in_operation(self.operation()))
            }
        };
        match arguments {
            Ok(arguments) => call::start(&self.session, arguments),
            Err(error) => Started::failed(error),
        }
    }

    /// What comes before the next read.
    fn plan(&mut self) -> Result<Stage> {
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        if self.deadline.is_none() {
            let left = self.schedule.total.saturating_sub(now.saturating_duration_since(began));
            self.deadline = Some(self.wait(left)?);
        }
        if std::mem::take(&mut self.is_due) {
            return Ok(Stage::Reading(self.read()));
        }
        let elapsed = now.saturating_duration_since(began);
        match self.schedule.next(self.waits, elapsed, self.asked.take()) {
            Next::After(wait) => {
                self.waits = self.waits.saturating_add(1);
                Ok(Stage::Waiting(self.wait(wait)?))
            }
            Next::Over => Err(self.over()),
        }
    }

    fn wait(&self, length: Duration) -> Result<BoxFuture<'static, ()>> {
        Ok(self.session.engine()?.wait(length))
    }

    /// The call that reads the state.
    fn read(&self) -> Started {
        let arguments = match self.polling.read {
            PollRead::Itself => Ok(Box::new(self.arguments.copied())),
            PollRead::Operation(target) => self.of_target(target, None),
            PollRead::Url(_) => {
                let url = self.reference.url.as_deref().unwrap_or_default();
                let accept = if self.polling.state.is_some() { decode::JSON } else { decode::ANY };
                Ok(self.arguments.at_url(url, &self.secrets, (accept, Reads::Whole)))
            }
        };
        match arguments {
            Ok(arguments) => call::start(&self.session, arguments),
            Err(error) => Started::failed(error),
        }
    }

    /// The arguments of another operation of the job. Its values are those of a state, or else those of the reference.
    fn of_target(&self, target: PollTarget, state: Option<&JobState>) -> Result<Box<Arguments>> {
        let mut arguments = self.handle.called(target.of.declaration());
        arguments.settings = self.arguments.settings.clone();
        for at in target.path {
            let newest = state.and_then(|state| scalar(&state.body, at));
            match newest.as_deref().or_else(|| self.reference.value(at)) {
                Some(value) => arguments.path_value(value),
                None => {
                    let message = format!(
                        "`{}` needs the value at `{at}`, which no response of the job has",
                        target.of.declaration().operation()
                    );
                    return Err(Error::new(ErrorKind::Decode, message).in_operation(self.operation()));
                }
            }
        }
        Ok(arguments)
    }

    /// Takes note of the end of a read.
    fn judged(&mut self, end: Result<Response>) -> Result<JobState> {
        let number = self.last.as_ref().map_or(0, |last| last.number).saturating_add(1);
        let (head, body) = match end {
            Ok(response) => (response.head().clone(), response.body().cloned().unwrap_or_default()),
            Err(error) => match (error.head(), error.body()) {
                (Some(head), Some(body)) if self.polling.knows_status(head.status) => {
                    (head.clone(), body.clone())
                }
                _ => {
                    self.asked = error.headers().and_then(asked);
                    return Err(error);
                }
            },
        };
        let (standing, state) = self.polling.judge(head.status, &body);
        self.asked = asked(&head.headers);
        let state = JobState { state, is_done: standing == Standing::Done, number, head, body };
        self.last = Some(state.clone());
        match standing {
            Standing::Running => Ok(state),
            Standing::Done => {
                self.end = Some(End::Done);
                Ok(state)
            }
            Standing::Failed => {
                self.end = Some(End::Failed);
                Err(self.failed())
            }
            Standing::Unknown => {
                let message = format!(
                    "the job has {}, which the declaration does not know; add it to `done`, `failed` or `running` of `{}`",
                    state.shown(false),
                    if matches!(self.polling.read, PollRead::Itself) { "wait" } else { "poll" }
                );
                Err(self.error(ErrorKind::UnknownState, message))
            }
        }
    }

    fn take_result(&self) -> Result<Taken> {
        let Some(last) = &self.last else {
            return Err(Error::new(ErrorKind::Decode, "the job has no last state"));
        };
        let missing = |what: String| {
            let message = format!("the job is done, but its last response {what}, which has its result");
            self.error(ErrorKind::Decode, message)
        };
        Ok(match self.polling.result {
            // What a status of an error has is no value.
            PollResult::Whole if !last.head.status.is_success() => {
                Taken::Here(Response::from_parts(last.head.clone(), bytes::Bytes::new().into()))
            }
            PollResult::Whole => Taken::Here(last.response()),
            PollResult::At(at) => match Pointer(at).find(&last.body) {
                Some(found) => {
                    let body = last.body.slice_ref(found);
                    Taken::Here(Response::from_parts(last.head.clone(), body.into()))
                }
                None => return Err(missing(format!("has nothing at `{at}`"))),
            },
            PollResult::Operation(target) => {
                let arguments = self.of_target(target, Some(last))?;
                Taken::Called(call::start(&self.session, arguments))
            }
            PollResult::Url(source, Asks { accept, reads, .. }) => {
                let url = source.url(&last.head, &last.body).ok_or_else(|| missing(source.absence()))?;
                let secrets = last.head.sent.as_ref().map(|sent| sent.exchange.secrets()).unwrap_or_default();
                Taken::Called(call::start(
                    &self.session,
                    self.arguments.at_url(&url, &secrets, (accept, reads)),
                ))
            }
        })
    }

    /// The error of the job that the last response shows.
    fn error(&self, kind: ErrorKind, message: String) -> Error {
        let error = match &self.last {
            Some(last) => last.response().into_error(kind, message),
            None => Error::new(kind, message),
        };
        error.of_operation(self.operation())
    }

    /// The error of a job that has failed.
    fn failed(&self) -> Error {
        let seen =
            self.last.as_ref().map(|last| format!(": it has {}", self.shown(last))).unwrap_or_default();
        self.error(ErrorKind::JobFailed, format!("the job has failed{seen}"))
    }

    /// The error of a job that has no time left.
    fn over(&mut self) -> Error {
        self.end = Some(End::Over);
        let seen = match &self.last {
            Some(last) => format!("its last response has {}", self.shown(last)),
            None => "its state was not read yet".to_owned(),
        };
        let (what, goes_on) = match self.polling.read {
            PollRead::Itself => ("what is waited for", "call it again to go on waiting"),
            _ => ("the job", "it goes on at the server, and can be resumed by `Error::job_token`"),
        };
        let total = self.schedule.total;
        let message = format!("{what} is not done within {total:?} (`with_total`): {seen}; {goes_on}");
        self.error(ErrorKind::Timeout, message)
    }

    fn shown(&self, state: &JobState) -> String {
        let is_status = state.state() == state.status().as_str();
        state.shown(is_status || self.polling.knows_state(state.state()))
    }

    /// An error of the job, by which it can be resumed.
    pub(super) fn ended(&self, error: Error) -> Error {
        // An error of another operation names that.
        error.in_operation(self.operation()).with_job(self.token().into_text())
    }
}

/// Where the result of a job is taken from.
enum Taken {
    Here(Response),
    Called(Started),
}

/// The pause that a response asks for.
fn asked(headers: &HeaderMap) -> Option<Duration> {
    pause::pause(headers, &[], SystemTime::now()).and_then(Pause::length)
}
