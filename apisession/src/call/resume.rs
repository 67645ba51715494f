//! Downloads that go on where another one has ended, perhaps in another process.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, mem};

use super::{Call, OpenCall, Sending};
use crate::decode::{Download, DownloadToken};
use crate::error::{Error, Result};
use crate::message::Response;

impl<E: From<Error>> Call<Download, E> {
    /// Makes the call for the bytes after those that another download has yielded. Its [`received`](Download::received) counts from
    /// there.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # use apisession::DownloadToken;
    /// # async fn example(content: Call<Download>, stored: &str, mut file: tokio::fs::File) -> Result<()> {
    /// let token: DownloadToken = stored.parse()?;
    /// // The file has `token.position()` bytes.
    /// content.resume(&token).await?.to_writer(&mut file).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Changed`](crate::ErrorKind::Changed) if the server has another version by now, and as the call does.
    pub fn resume(mut self, token: &DownloadToken) -> Resuming<E> {
        for (name, value) in token.headers() {
            self = self.with_header(name, &value);
        }
        Resuming { response: self.streaming().send(), token: Some(token.clone()) }
    }
}

impl<S, E: From<Error>> OpenCall<S, Download, E> {
    /// Makes the call for the bytes after those of another download: see [`Call::resume`].
    pub fn resume(&self, token: &DownloadToken) -> Resuming<E> {
        self.to_call().resume(token)
    }
}

/// The future of a call whose download goes on after another one.
#[must_use = "a future does nothing until it is awaited"]
pub struct Resuming<E = Error> {
    response: Sending<Response, E>,
    token: Option<DownloadToken>,
}

impl<E: From<Error>> Future for Resuming<E> {
    type Output = Result<Download, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.response).poll(context))?;
        let token = mem::take(&mut self.token).expect("a future is not polled after its end");
        Poll::Ready(Download::resumed(response, &token).map_err(E::from))
    }
}

impl<E> fmt::Debug for Resuming<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resuming").field("token", &self.token).finish_non_exhaustive()
    }
}
