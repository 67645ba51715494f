//! The chunks of a job, which are fetched in parallel while it runs.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::future::BoxFuture;
use serde::de::DeserializeOwned;

use super::course::Course;
use super::{Job, JobState};
use crate::decode::Pointer;
use crate::error::{Error, ErrorKind, Result};
use crate::model::RawJson;

/// The chunks of a job, in the order in which they are complete. [`next`](Self::next) returns one after the other. It is a `Stream` as well.
///
/// Each id is fetched once, however often the states repeat it. After an error, `next` goes on, and the chunk that failed is fetched again:
/// none is lost, and none is returned twice. After the last chunk of a job that is done it returns `None`. The fetches make progress while
/// `next` is awaited. Dropping it drops them, and leaves the job at the server alone.
pub struct Chunks<C, E = Error> {
    course: Course,
    at: &'static str,
    max_in_flight: usize,
    fetch: Fetch<C, E>,
    /// The ids that the states have had.
    seen: HashSet<String>,
    /// Those that are to be fetched.
    queue: VecDeque<RawJson>,
    fetches: Vec<(RawJson, BoxFuture<'static, Result<C, E>>)>,
    returned: u64,
}

/// Makes the call for the chunk of an id.
type Fetch<C, E> = Box<dyn FnMut(&RawJson) -> Result<BoxFuture<'static, Result<C, E>>> + Send>;

impl<T, E> Job<T, E> {
    /// Fetches the chunks of the job while it runs: those whose ids its states list at the pointer `at`, up to `max_in_flight` at a time.
    ///
    /// `fetch` makes the call for an id. The calls also count in the session's `max_in_flight`.
    ///
    /// ```
    /// # use apisession::prelude::*;
    /// # use apisession::{http::StatusCode, transport::Memory};
    /// # #[endpoint(path = "/exports")] pub struct Exports;
    /// #[endpoint]
    /// impl Exports {
    ///     #[post(poll(read = status("/id"), state = "/status", done("FINISHED"), failed("ERROR")))]
    ///     pub fn export(&self) -> Poller<()>;
    ///
    ///     #[get("/{id}/status")]
    ///     pub fn status(&self, id: &str) -> Call<()>;
    ///
    ///     #[get("/{id}/chunks/{chunk}")]
    ///     pub fn chunk(&self, id: &str, chunk: u64) -> Call<Vec<String>>;
    /// }
    /// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
    /// # pub struct Acme { session: Session, #[endpoint] exports: Exports }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(async {
    /// # let vendor = Memory::new(|request| async move {
    /// #     let body = if request.url.path().contains("/chunks/") { r#"["a"]"# } else { r#"{"id": 7, "status": "FINISHED", "chunks": [1, 2]}"# };
    /// #     Ok(Response::new(StatusCode::OK).with_body(body))
    /// # });
    /// # let api = Acme::builder().transport(vendor).build()?;
    /// # let mut found = 0;
    /// let exports = api.exports();
    /// let job = exports.export().start().await?;
    /// let id = job.value("/id").unwrap_or_default().to_owned();
    /// let mut chunks = job.chunks("/chunks", 8, move |chunk: u64| exports.chunk(&id, chunk));
    /// while let Some(chunk) = chunks.next().await {
    ///     let rows = chunk?;
    /// #   found += rows.len();
    /// }
    /// # assert_eq!(found, 2);
    /// # Ok::<(), apisession::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn chunks<I, C, F, R, O>(self, at: &'static str, max_in_flight: usize, mut fetch: F) -> Chunks<C, R>
    where
        I: DeserializeOwned,
        F: FnMut(I) -> O + Send + 'static,
        O: IntoFuture<Output = Result<C, R>>,
        O::IntoFuture: Send + 'static,
    {
        let fetch: Fetch<C, R> = Box::new(move |id| {
            let id = serde_json::from_str(id.get()).map_err(|_| {
                let message = format!("an id of a chunk at `{at}` is not of the type that `chunks` expects");
                Error::new(ErrorKind::Decode, message)
            })?;
            Ok(Box::pin(fetch(id).into_future()))
        });
        Chunks {
            course: self.course,
            at,
            max_in_flight: max_in_flight.max(1),
            fetch,
            seen: HashSet::new(),
            queue: VecDeque::new(),
            fetches: Vec::new(),
            returned: 0,
        }
    }
}

impl<C, E: From<Error>> Chunks<C, E> {
    /// Returns the next chunk that is complete, or `None` after the last one. It can be dropped while it waits, and called again.
    pub async fn next(&mut self) -> Option<Result<C, E>> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<C, E>>> {
        let has_ended = loop {
            match self.course.poll_state(context) {
                Poll::Ready(Some(Ok(state))) => {
                    if let Err(error) = self.list(&state) {
                        return Poll::Ready(Some(Err(self.course.ended(error).into())));
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
                Poll::Ready(None) => break true,
                Poll::Pending => break false,
            }
        };
        while self.fetches.len() < self.max_in_flight
            && let Some(id) = self.queue.pop_front()
        {
            match (self.fetch)(&id) {
                Ok(fetch) => self.fetches.push((id, fetch)),
                Err(error) => return Poll::Ready(Some(Err(self.course.ended(error).into()))),
            }
        }
        let ready = self.fetches.iter_mut().enumerate().find_map(|(index, (_, fetch))| {
            match fetch.as_mut().poll(context) {
                Poll::Ready(end) => Some((index, end)),
                Poll::Pending => None,
            }
        });
        if let Some((index, end)) = ready {
            let (id, _) = self.fetches.swap_remove(index);
            match &end {
                Ok(_) => self.returned += 1,
                Err(_) => self.queue.push_back(id),
            }
            return Poll::Ready(Some(end));
        }
        if has_ended && self.fetches.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    }
}

impl<C, E> Chunks<C, E> {
    /// Returns how many chunks were returned.
    #[must_use]
    pub fn returned(&self) -> u64 {
        self.returned
    }

    /// Returns how many chunks the states have listed so far.
    #[must_use]
    pub fn listed(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Returns the state that was read last.
    #[must_use]
    pub fn state(&self) -> Option<&JobState> {
        self.course.last()
    }

    /// Takes the ids of a state that were not there before. A state without a list has none.
    fn list(&mut self, state: &JobState) -> Result<()> {
        let Some(found) = Pointer(self.at).find(&state.body).filter(|found| *found != b"null") else {
            return Ok(());
        };
        let ids: Vec<RawJson> = serde_json::from_slice(found).map_err(|_| {
            let message = format!("the chunks of the job are no list at `{}`", self.at);
            state.response().into_error(ErrorKind::Decode, message).of_operation(self.course.operation())
        })?;
        for id in ids {
            if self.seen.insert(id.get().to_owned()) {
                self.queue.push_back(id);
            }
        }
        Ok(())
    }
}

/// It is moved freely: nothing in it is pinned.
impl<C, E> Unpin for Chunks<C, E> {}

impl<C, E: From<Error>> Stream for Chunks<C, E> {
    type Item = Result<C, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(context)
    }
}

/// Shows the operation and the numbers of chunks.
impl<C, E> fmt::Debug for Chunks<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks")
            .field("operation", &self.course.operation().map(ToString::to_string))
            .field("listed", &self.listed())
            .field("returned", &self.returned)
            .finish_non_exhaustive()
    }
}
