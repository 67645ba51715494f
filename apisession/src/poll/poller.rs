//! A job that is ready to be started, and its options.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::future::BoxFuture;

use super::course::{self, Course};
use super::plan::{Options, Plan};
use super::polling::{PollRead, Polling};
use super::{Job, JobToken};
use crate::call::{Arguments, Call, Handle, Placed, Sending, Started};
use crate::decode::Decode;
use crate::error::{Error, Result};
use crate::message::Request;

/// A job of the server: awaited, it is started, its state is read until it is done, and its result is returned.
///
/// It makes no request by itself, and owns everything that it needs. Each request is a call with the retries, the credential, the limits
/// and the hooks of any other. The `with_…` methods change all of these calls; `with_timeout` limits each of them, and
/// [`with_total`](Self::with_total) all together.
///
/// The first state is read a second after the start. The waits grow to 1.5 times the one before, up to 30 seconds; a `Retry-After` of the
/// server takes their place. Dropping the future leaves the job at the server alone: nothing is cancelled.
///
/// An operation with `wait(…)` returns one as well. It starts nothing: its call is repeated until what it declares is so.
///
/// ```
/// # use std::time::Duration;
/// # use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
/// #[endpoint(path = "/exports")]
/// pub struct Exports;
///
/// #[endpoint]
/// impl Exports {
///     #[post(poll(read = get("/id"), state = "/status", done("FINISHED"), failed("ERROR"), result = "/rows"))]
///     pub fn export(&self) -> Poller<u64>;
///
///     #[get("/{id}")]
///     pub fn get(&self, id: u64) -> Call<()>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] exports: Exports }
/// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
/// # let vendor = Memory::new(|request| async move {
/// #     let body = if request.url.path() == "/exports" { r#"{"id": 7}"# } else { r#"{"status": "FINISHED", "rows": 12}"# };
/// #     Ok(Response::new(StatusCode::OK).with_body(body))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// let rows = api.exports().export().with_total(Duration::from_secs(600)).await?;
/// assert_eq!(rows, 12);
///
/// let mut job = api.exports().export().start().await?;
/// while let Some(state) = job.next().await {
///     println!("{}", state?.state());
/// }
/// assert_eq!(job.wait().await?, 12);
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
#[must_use = "a poller does nothing until it is awaited or started"]
pub struct Poller<T, E = Error> {
    plan: Box<Plan>,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E> Call<T, E> {
    /// The job that this call starts, or the wait in which it is repeated.
    #[doc(hidden)]
    pub fn poller(self, at: &impl Placed, polling: &'static Polling) -> Poller<T, E> {
        self.poller_at(at.handle(), polling, Options::default())
    }

    pub(super) fn poller_at(
        self,
        handle: Handle,
        polling: &'static Polling,
        options: Options,
    ) -> Poller<T, E> {
        let (session, arguments, decode) = self.into_parts();
        let plan = Box::new(Plan { session, handle, arguments, polling, options });
        Poller { plan, decode, error: PhantomData }
    }
}

impl<T, E> Poller<T, E> {
    /// Limits the whole time from the start of the job to its last state. A state that is being read then is given up. Default: that of the
    /// declaration, or else 1 hour.
    ///
    /// The call that starts the job has its own time limit, and is not given up.
    pub fn with_total(mut self, total: Duration) -> Self {
        self.plan.options.total = Some(total);
        self
    }

    /// Sets the time between two reads of the state, at least 1 second. A `Retry-After` of the server that is longer takes its place. Default:
    /// that of the declaration, or else from 1 second growing to 30 seconds.
    pub fn with_poll_interval(mut self, interval: Duration) -> Self {
        self.plan.options.interval = Some(interval);
        self
    }

    /// Returns the future of the result, where an `await` is not possible: `tokio::spawn(poller.send())`.
    pub fn send(self) -> Sending<T, E> {
        let Self { plan, decode, .. } = self;
        let response = Box::pin(async move {
            let mut course = course::start(plan).await?;
            std::future::poll_fn(move |context| course.poll_result(context)).await
        });
        Sending::of(Started::unseen(response), decode)
    }

    /// Starts the job, and returns it while it runs. Of an operation with `wait(…)`, no request is made yet.
    pub fn start(self) -> Starting<T, E> {
        Starting { course: Box::pin(course::start(self.plan)), decode: self.decode, error: PhantomData }
    }

    /// Returns the job of a token. Nothing is requested; the time of the job begins anew with the first read. The arguments of the call are
    /// not sent, but for its path and its `with_…` options.
    ///
    /// # Errors
    ///
    /// If the text is no token of a job that this call has started.
    pub fn resume(self, token: impl AsRef<str>) -> Result<Job<T, E>, E>
    where
        E: From<Error>,
    {
        let Self { mut plan, decode, .. } = self;
        let operation = plan.arguments.operation();
        let reference = JobToken::read(token.as_ref(), &plan.arguments.job_shape());
        let reference = reference.map_err(|error| error.in_operation(operation))?;
        if !matches!(plan.polling.read, PollRead::Itself) {
            plan.arguments = plan.arguments.of_job();
        }
        Ok(Job::new(Course::new(*plan, reference), decode))
    }

    /// Returns the request that starts the job, without the credential. Nothing is sent.
    ///
    /// # Errors
    ///
    /// If an argument can't be sent.
    pub fn build(self) -> Result<Request> {
        let Plan { session, arguments, .. } = *self.plan;
        let operation = arguments.operation();
        let request = session.engine().and_then(|engine| engine.request(arguments));
        request.map_err(|error| error.in_operation(operation))
    }

    /// The arguments of the start.
    fn arguments(&mut self) -> &mut Arguments {
        &mut self.plan.arguments
    }

    pub(super) fn into_parts(self) -> (Call<T, E>, Handle, &'static Polling, Options) {
        let Plan { session, handle, arguments, polling, options } = *self.plan;
        (Call::from_parts(session, arguments, self.decode), handle, polling, options)
    }
}

crate::__settings!(call Poller);

impl<T, E: From<Error>> IntoFuture for Poller<T, E> {
    type Output = Result<T, E>;
    type IntoFuture = Sending<T, E>;

    fn into_future(self) -> Sending<T, E> {
        self.send()
    }
}

/// Shows the operation.
impl<T, E> fmt::Debug for Poller<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.plan.arguments.operation() {
            Some(operation) => write!(f, "Poller({operation})"),
            None => f.write_str("Poller"),
        }
    }
}

/// The future of a job that is started.
#[must_use = "a future does nothing until it is awaited"]
pub struct Starting<T, E = Error> {
    course: BoxFuture<'static, Result<Course>>,
    decode: Decode<T>,
    error: PhantomData<fn() -> E>,
}

impl<T, E: From<Error>> Future for Starting<T, E> {
    type Output = Result<Job<T, E>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let course = ready!(self.course.as_mut().poll(context));
        Poll::Ready(course.map(|course| Job::new(course, self.decode)).map_err(E::from))
    }
}

impl<T, E> fmt::Debug for Starting<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Starting")
    }
}
