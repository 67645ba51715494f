//! A download to a file, under its name once it is whole.

use std::fmt;
use std::future::IntoFuture;
use std::path::{Path, PathBuf};

use futures_core::future::BoxFuture;

use super::sink::Sink;
use super::temporary::{Finish, Temporary};
use super::transfer::Event;
use super::{Download, DownloadProgress, name};
use crate::error::{Error, ErrorKind, Result};
use crate::message::blocking::off_runtime;

/// A download that is written to a file when it is awaited.
///
/// [`Download::to_file`] and [`Download::to_folder`] create it. The bytes go to a temporary file in the same folder, which is renamed
/// once they are whole and checked. If the download fails or is dropped, it is removed. If the process is killed, the next download to
/// the same file removes it.
#[must_use = "nothing is written until it is awaited"]
pub struct ToFile {
    download: Download,
    target: Target,
    finish: Finish,
    report: Box<dyn FnMut(DownloadProgress) + Send>,
}

/// Where the file is stored.
pub(super) enum Target {
    File(PathBuf),
    /// Under the name that the server gives it.
    Folder(PathBuf),
}

/// A file that was downloaded.
#[derive(Clone, PartialEq, Eq)]
pub struct Saved {
    path: PathBuf,
    length: u64,
}

impl Saved {
    /// Returns where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl ToFile {
    pub(super) fn new(download: Download, target: Target) -> Self {
        let replaces = matches!(target, Target::File(_));
        Self { download, target, finish: Finish { replaces, is_durable: false }, report: Box::new(|_| {}) }
    }

    /// Calls `report` at the start, and after each piece.
    pub fn with_progress(mut self, report: impl FnMut(DownloadProgress) + Send + 'static) -> Self {
        self.report = Box::new(report);
        self
    }

    /// Sets whether a file of this name is replaced. Default: yes for [`Download::to_file`], and no for [`Download::to_folder`], where
    /// it is an error.
    pub fn with_overwrite(mut self, replaces: bool) -> Self {
        self.finish.replaces = replaces;
        self
    }

    /// Writes the file through to the disk before it is renamed, and its folder after that, so that it survives a power cut. Default:
    /// when the system does it.
    pub fn durable(mut self) -> Self {
        self.finish.is_durable = true;
        self
    }

    async fn run(mut self) -> Result<Saved> {
        self.download.check()?;
        if self.download.transfer.is_resumed() {
            let message = "the download goes on after bytes that were received before, so a file of it would not be whole; append it to \
                           them by `to_writer`";
            return Err(Error::argument(message).in_operation(self.download.transfer.operation()));
        }
        let path = match &self.target {
            Target::File(path) => path.clone(),
            Target::Folder(folder) => folder.join(name::or_of_url(&self.download.transfer.head)),
        };
        self.download.transfer.can_restart = true;
        match self.received(&path).await {
            Ok(()) => Ok(Saved { path, length: self.download.received() }),
            Err(error) => Err(error),
        }
    }

    async fn received(&mut self, path: &Path) -> Result<()> {
        let (target, finish) = (path.to_owned(), self.finish);
        let temporary = off_runtime(move || Temporary::create(&target, finish)).await;
        let mut sink = Sink::new(temporary.map_err(|error| self.failed(path, error))?);
        (self.report)(self.download.progress());
        loop {
            let download = &mut self.download;
            let next = sink.next(|context| download.poll_event(context)).await;
            match next.map_err(|error| self.failed(path, error))? {
                Some(Ok(Event::Piece(piece))) => sink.push(piece),
                Some(Ok(Event::Restart)) => sink.restart().await.map_err(|error| self.failed(path, error))?,
                Some(Err(error)) => return Err(error),
                None => break,
            }
            (self.report)(self.download.progress());
        }
        let temporary = sink.finish().await.map_err(|error| self.failed(path, error))?;
        let (target, finish) = (path.to_owned(), self.finish);
        let end = off_runtime(move || temporary.persist(&target, finish)).await;
        end.map_err(|error| self.failed(path, error))
    }

    /// The file can't be written.
    fn failed(&self, path: &Path, error: std::io::Error) -> Error {
        let message = if error.kind() == std::io::ErrorKind::AlreadyExists {
            format!("the file {} exists already; `with_overwrite(true)` replaces it", path.display())
        } else {
            format!("the file {} can't be written", path.display())
        };
        self.download.transfer.error(ErrorKind::Output, message).caused_by(error.into())
    }
}

impl IntoFuture for ToFile {
    type Output = Result<Saved>;
    type IntoFuture = BoxFuture<'static, Result<Saved>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for ToFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToFile").field("download", &self.download).finish_non_exhaustive()
    }
}

/// Shows the length, and not the path, which can have a name that the server sent.
impl fmt::Debug for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Saved").field("length", &self.length).finish_non_exhaustive()
    }
}
