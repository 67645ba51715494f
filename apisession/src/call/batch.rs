//! Batches: items that are uploaded in chunks, and take effect as a whole or not at all.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Call;
use crate::error::{Error, ErrorKind, Outcome, Result};

/// How long the end of a batch that has failed may take.
const ABORT_TIME: Duration = Duration::from_secs(10);

/// The calls of a batch, which the author of an SDK implements for a value that has the id of the batch.
///
/// Each chunk is one call, with the retries of its operation. Where a chunk that is sent twice would be there twice, the operation needs
/// an `idempotency_key`, or the number of the chunk in its path.
///
/// ```
/// use apisession::prelude::*;
/// use apisession::{Batch, BatchJob, Chunk};
/// # use apisession::{http::StatusCode, transport::Memory};
///
/// #[endpoint(path = "/imports")]
/// pub struct Imports;
///
/// #[endpoint]
/// impl Imports {
///     #[post]
///     pub fn create(&self) -> Call<String>;
///     #[put("/{id}/chunks/{number}")]
///     pub fn upload(&self, id: &str, number: u64, #[json] users: &[String]) -> Call<()>;
///     #[post("/{id}/commit")]
///     pub fn commit(&self, id: &str) -> Call<u64>;
///     #[delete("/{id}")]
///     pub fn abort(&self, id: &str) -> Call<()>;
///
///     /// Starts an import of users. Returns how many there are then.
///     pub async fn start(&self) -> Result<Batch<Import>> {
///         Ok(Batch::new(Import { id: self.create().await?, imports: self.clone() }))
///     }
/// }
///
/// /// An import that has begun.
/// #[derive(Debug)]
/// pub struct Import {
///     imports: Imports,
///     id: String,
/// }
///
/// impl BatchJob for Import {
///     type Item = String;
///     type Output = u64;
///     type Error = Error;
///     const CHUNK: usize = 500;
///
///     fn upload(&self, chunk: Chunk<'_, String>) -> Call<()> {
///         self.imports.upload(&self.id, chunk.number(), chunk.items())
///     }
///     fn commit(&self) -> Call<u64> {
///         self.imports.commit(&self.id)
///     }
///     fn abort(&self) -> Call<()> {
///         self.imports.abort(&self.id)
///     }
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] imports: Imports }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|request| async move {
/// #     let body = match request.url.path() { "/imports" => "\"7\"", path if path.ends_with("commit") => "2", _ => "" };
/// #     Ok(Response::new(StatusCode::OK).with_body(body))
/// # });
/// # let api = Acme::builder().transport(vendor).build()?;
/// # let names = ["Ana", "Bo"];
///
/// // The user of the SDK:
/// let batch = api.imports().start().await?;
/// let total = batch
///     .run(async |batch| {
///         for name in names {
///             batch.add(name.to_owned()).await?;
///         }
///         Ok(())
///     })
///     .await?;
/// # assert_eq!(total, 2);
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
pub trait BatchJob: Send + Sync + 'static {
    /// An item.
    type Item: Send;
    /// What the commit returns.
    type Output;
    /// The error of the calls.
    type Error: From<Error>;

    /// How many items a chunk has at most.
    const CHUNK: usize;

    /// Uploads a chunk.
    fn upload(&self, chunk: Chunk<'_, Self::Item>) -> Call<(), Self::Error>;

    /// Makes the batch take effect. It is called once, after all chunks.
    fn commit(&self) -> Call<Self::Output, Self::Error>;

    /// Discards the batch. It is called at most once, and not after a commit that may have been processed.
    fn abort(&self) -> Call<(), Self::Error>;
}

/// A part of a batch.
pub struct Chunk<'a, T> {
    number: u64,
    start: u64,
    items: &'a [T],
}

impl<'a, T> Chunk<'a, T> {
    /// Returns which chunk it is, from 1 on.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns how many items are in the chunks before.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Returns the items, of which there is at least one.
    #[must_use]
    pub fn items(&self) -> &'a [T] {
        self.items
    }
}

/// Shows the number, and no items.
impl<T> fmt::Debug for Chunk<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("number", &self.number)
            .field("items", &self.items.len())
            .finish_non_exhaustive()
    }
}

/// A batch that has begun: [`run`](Self::run) fills it. A [`BatchJob`] has its calls.
///
/// It is aborted if it is dropped, also before it is run.
#[must_use = "a batch that is dropped is aborted"]
pub struct Batch<J: BatchJob> {
    open: Open<J>,
    chunk: usize,
}

impl<J: BatchJob> Batch<J> {
    /// Creates a batch, which the server has begun.
    pub fn new(job: J) -> Self {
        Self { open: Open(Some(Arc::new(job))), chunk: J::CHUNK }
    }

    /// Uploads chunks of at most this many items. Default, and the most: [`BatchJob::CHUNK`].
    pub fn with_chunk(mut self, items: usize) -> Self {
        self.chunk = items.min(J::CHUNK);
        self
    }

    /// Runs `fill`, which adds the items, uploads what it has not, and commits.
    ///
    /// If `fill` or a call fails, if `fill` panics, or if the future is dropped, the batch is aborted, once. For that there are 10 seconds
    /// of its own; after a panic and a drop, a background task does it. If it fails, that is logged. A commit of which it is not known
    /// whether the server has processed it is not followed by an abort.
    ///
    /// # Errors
    ///
    /// The error of `fill`, or of the call that failed. If `fill` succeeds although a chunk was not uploaded, the batch is not committed,
    /// and the error has the kind [`ErrorKind::Other`].
    pub async fn run<F>(self, fill: F) -> Result<J::Output, J::Error>
    where
        F: AsyncFnOnce(&mut BatchItems<J>) -> Result<(), J::Error>,
    {
        let Self { open, chunk } = self;
        let mut items = BatchItems {
            open,
            chunk: chunk.max(1),
            held: Vec::new(),
            chunks: 0,
            uploaded: 0,
            is_broken: false,
        };
        let filled = match fill(&mut items).await {
            Ok(()) => items.flush().await,
            Err(error) => Err(error),
        };
        let job = items.open.job();
        let end = match filled {
            // The error of the call itself has the outcome.
            Ok(()) => job.commit().with_error::<Error>().await,
            Err(error) => {
                items.open.abort().await;
                return Err(error);
            }
        };
        match end {
            Ok(output) => {
                items.open.0 = None;
                Ok(output)
            }
            Err(error) => {
                if error.outcome() == Some(Outcome::Unknown) {
                    items.open.0 = None;
                }
                items.open.abort().await;
                Err(error.into())
            }
        }
    }
}

impl<J: BatchJob> fmt::Debug for Batch<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("chunk", &self.chunk).finish_non_exhaustive()
    }
}

/// The items of a batch, while it is filled.
pub struct BatchItems<J: BatchJob> {
    open: Open<J>,
    chunk: usize,
    held: Vec<J::Item>,
    chunks: u64,
    uploaded: u64,
    /// Whether a chunk was perhaps not uploaded.
    is_broken: bool,
}

impl<J: BatchJob> BatchItems<J> {
    /// Adds an item. If that makes a chunk full, uploads it.
    ///
    /// # Errors
    ///
    /// The error of the upload. The batch is then aborted, whatever is added later.
    pub async fn add(&mut self, item: J::Item) -> Result<(), J::Error> {
        self.held.push(item);
        if self.held.len() >= self.chunk { self.flush().await } else { self.check() }
    }

    /// Uploads the items that were added since the last chunk.
    ///
    /// # Errors
    ///
    /// The error of the upload.
    pub async fn flush(&mut self) -> Result<(), J::Error> {
        self.check()?;
        if self.held.is_empty() {
            return Ok(());
        }
        // Until the upload has succeeded. A future that is dropped stays in this state.
        self.is_broken = true;
        let chunk = Chunk { number: self.chunks + 1, start: self.uploaded, items: &self.held };
        // It owns what it sends.
        let call = self.open.job().upload(chunk);
        call.await?;
        self.is_broken = false;
        self.chunks += 1;
        self.uploaded += self.held.len() as u64;
        self.held.clear();
        Ok(())
    }

    /// Returns how many items were uploaded.
    #[must_use]
    pub fn uploaded(&self) -> u64 {
        self.uploaded
    }

    fn check(&self) -> Result<(), J::Error> {
        if self.is_broken {
            let message = "a chunk of the batch was not uploaded, so it is aborted; return the error of `add` and `flush`";
            return Err(Error::new(ErrorKind::Other, message).into());
        }
        Ok(())
    }
}

impl<J: BatchJob> fmt::Debug for BatchItems<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchItems")
            .field("uploaded", &self.uploaded)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
    }
}

impl<T, E> Call<T, E> {
    /// The same call, whose error is of another type.
    pub(crate) fn with_error<F>(self) -> Call<T, F> {
        Call::new(self.session, self.arguments, self.decode)
    }
}

/// A batch that is aborted when this is dropped. It is empty once the batch has ended.
struct Open<J: BatchJob>(Option<Arc<J>>);

impl<J: BatchJob> Open<J> {
    fn job(&self) -> &J {
        self.0.as_ref().expect("it is emptied at the end of `run`, after the last use")
    }

    /// Aborts the batch, unless it has ended. The task goes on if this is dropped.
    async fn abort(&mut self) {
        if let Some(task) = self.start_abort() {
            // A task that panicked has printed that itself.
            let _ = task.await;
        }
    }

    fn start_abort(&mut self) -> Option<JoinHandle<()>> {
        let job = self.0.take()?;
        let Ok(runtime) = Handle::try_current() else {
            tracing::warn!("a batch is not aborted, since there is no runtime any more");
            return None;
        };
        // Within the runtime, since the author's code makes the call.
        Some(runtime.spawn(async move {
            match timeout(ABORT_TIME, job.abort().with_error::<Error>()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the batch can't be aborted"),
                Err(_) => tracing::warn!("the batch is not aborted within {ABORT_TIME:?}"),
            }
        }))
    }
}

impl<J: BatchJob> Drop for Open<J> {
    fn drop(&mut self) {
        self.start_abort();
    }
}
