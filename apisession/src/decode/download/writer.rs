//! A download to a writer.

use std::fmt;
use std::future::IntoFuture;

use futures_core::future::BoxFuture;
use tokio::io::AsyncWrite;

use super::{Download, DownloadProgress};
use crate::decode::reader;
use crate::error::{Error, Result};

/// A download that is written to a writer when it is awaited. The result is the number of bytes.
///
/// [`Download::to_writer`] creates it.
#[must_use = "nothing is written until it is awaited"]
pub struct ToWriter<'w> {
    download: Download,
    writer: Box<dyn AsyncWrite + Unpin + Send + 'w>,
    report: Box<dyn FnMut(DownloadProgress) + Send + 'w>,
}

impl<'w> ToWriter<'w> {
    pub(super) fn new(download: Download, writer: Box<dyn AsyncWrite + Unpin + Send + 'w>) -> Self {
        Self { download, writer, report: Box::new(|_| {}) }
    }

    /// Calls `report` after each piece.
    pub fn with_progress(mut self, report: impl FnMut(DownloadProgress) + Send + 'w) -> Self {
        self.report = Box::new(report);
        self
    }

    async fn run(mut self) -> Result<u64> {
        (self.report)(self.download.progress());
        while let Some(piece) = self.download.next().await {
            reader::write_all(&mut self.writer, &piece?).await.map_err(|error| self.failed(error))?;
            (self.report)(self.download.progress());
        }
        reader::flush(&mut self.writer).await.map_err(|error| self.failed(error))?;
        Ok(self.download.received())
    }

    fn failed(&self, error: std::io::Error) -> Error {
        reader::output(error, &self.download.transfer.head).with_received(self.download.received())
    }
}

impl<'w> IntoFuture for ToWriter<'w> {
    type Output = Result<u64>;
    type IntoFuture = BoxFuture<'w, Result<u64>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for ToWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToWriter").field("download", &self.download).finish_non_exhaustive()
    }
}
