//! The option of a call that reports how much of its body was sent.

use std::sync::Arc;

use super::{Call, OpenCall};
use crate::message::Progress;
use crate::settings::{Hidden, Setting};

impl<T, E> Call<T, E> {
    /// Calls `report` with how much of the request's body was handed to the transport: with 0 when an attempt begins to send it, and after
    /// each piece, of at most 64 KiB. A retry begins at 0 again. Default: none.
    ///
    /// What the transport has taken may not have arrived yet. `report` should not block.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(api: apisession::Raw) -> Result<()> {
    /// let upload = api.put("/backups/7").body("application/zip", Body::file("backup.zip"));
    /// upload.with_progress(|progress| println!("{} of {:?} bytes", progress.sent, progress.total)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_progress(mut self, report: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.arguments().settings.set(Setting::Progress(Hidden(Arc::new(report))));
        self
    }
}

impl<S, T, E> OpenCall<S, T, E> {
    /// Calls `report` with how much of the request's body was handed to the transport: see [`Call::with_progress`].
    pub fn with_progress(&self, report: impl Fn(Progress) + Send + Sync + 'static) -> S {
        self.to_call().with_progress(report).open(self.make)
    }
}
