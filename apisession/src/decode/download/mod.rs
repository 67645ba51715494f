//! A file that is downloaded: resumed after a cut, checked, and never a short success.

mod digest;
mod file;
mod name;
mod range;
mod sink;
mod temporary;
mod token;
mod transfer;
mod validator;
mod writer;

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{fmt, io};

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub use self::file::{Saved, ToFile};
pub use self::token::DownloadToken;
use self::transfer::{Event, Transfer};
pub use self::writer::ToWriter;
use super::reader::{Collected, Rest};
use super::{ANY, FromResponse, Reads, has_no_body};
use crate::error::{Error, Result};
use crate::message::Response;

/// A file that the server sends, for an operation that returns `Call<Download>`.
///
/// Awaiting the call returns it with the head of the response, or fails, as for a 404 or a 429. Its time limits end there: the bytes
/// have `idle_timeout` and `min_throughput`, and may be any number. They count in `max_in_flight` until the download ends or is
/// dropped, which cancels the request.
///
/// ```
/// use apisession::prelude::*;
/// # use apisession::{http::StatusCode, transport::Memory};
///
/// #[endpoint(path = "/files")]
/// pub struct Files;
///
/// #[endpoint]
/// impl Files {
///     /// The content of a file.
///     #[get("/{id}")]
///     pub fn content(&self, id: u64) -> Call<Download>;
/// }
/// # #[derive(Clone, APISession)] #[session(base_url = "https://api.test")]
/// # pub struct Acme { session: Session, #[endpoint] files: Files }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let vendor = Memory::new(|_| async { Ok(Response::new(StatusCode::OK).with_body("%PDF")) });
/// # let api = Acme::builder().transport(vendor).build()?;
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("report.pdf");
/// let download = api.files().content(7).await?;
/// let saved = download.to_file(&path).with_progress(|progress| println!("{} bytes", progress.received)).await?;
/// assert_eq!(saved.length(), 4);
///
/// // Or in pieces, in memory, to a writer, or as an `AsyncRead`.
/// let mut download = api.files().content(7).await?;
/// while let Some(piece) = download.next().await {
///     println!("{} bytes", piece?.len());
/// }
/// let bytes = api.files().content(7).await?.bytes(1024 * 1024).await?;
/// # assert_eq!(&*bytes, b"%PDF");
/// # Ok::<(), apisession::Error>(())
/// # }).unwrap();
/// ```
///
/// # Cuts
///
/// After a cut the rest is requested by `Range`, if the server sent a strong entity tag, or a date of the last change that is older than
/// the response by a minute. `If-Range` makes sure that it is the rest of the same version; a weak entity tag is never used for it. This
/// is a retry as any other: by the policy, the hook and the budget, and within `max_attempts` since the last byte that arrived.
///
/// Where that is not possible, or the file has changed in the meantime, [`to_file`](Self::to_file) and [`bytes`](Self::bytes) start again by
/// themselves. The other ways
/// to read have passed on the first bytes already, and fail with [`ErrorKind::Changed`](crate::ErrorKind::Changed), or with the cut.
///
/// # Checks
///
/// The length is checked, and `Repr-Digest`, `Content-Digest`, `Digest` and `Content-MD5` with SHA-512, SHA-256 or MD5, if the server
/// sends them, and [`with_sha256`](Self::with_sha256). A response that has no length and ends with its connection, without TLS,
/// is an error at its end, since a cut looks the same; [`with_unknown_end`](Self::with_unknown_end) accepts it.
///
/// # Content codings
///
/// The bytes are kept as they came: no coding is asked for, and none is decoded, since a range and a digest are of the encoded bytes. If a
/// server encodes a file all the same, [`headers`](Self::headers) has the `content-encoding`.
pub struct Download {
    transfer: Transfer,
    mistake: Option<Error>,
    rest: Rest,
}

/// How much of a download was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadProgress {
    /// The bytes so far. They are fewer than before if the download starts again.
    pub received: u64,
    /// All its bytes, if their number is known.
    pub total: Option<u64>,
}

impl Download {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.transfer.head.status
    }

    /// Returns the headers of the response.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.transfer.head.headers
    }

    /// Returns how many bytes were received so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.transfer.received()
    }

    /// Returns how many bytes the download has in all, if the server sent that.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.transfer.total()
    }

    /// Returns the name that the server gives the file in its `Content-Disposition` (RFC 6266), made safe: without folders, control
    /// characters and what Windows does not allow, not hidden, and of at most 200 bytes.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        name::of(self.headers())
    }

    /// Returns where the download goes on in another process, by [`Call::resume`](crate::Call::resume). It is `None` if the server sent
    /// nothing that identifies the version, or accepts no ranges, and if nothing is left.
    ///
    /// Of a download that has failed it is the place of the failure. The bytes before must have been stored by then.
    #[must_use]
    pub fn resume_token(&self) -> Option<DownloadToken> {
        self.transfer.token()
    }

    /// Fails at the end, unless the bytes have this SHA-256, which is given in hexadecimal digits.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(download: Download) -> Result<()> {
    /// let sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    /// download.with_sha256(sha256).to_file("report.pdf").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_sha256(mut self, digits: &str) -> Self {
        let mistake = match digest::parse_sha256(digits) {
            _ if self.transfer.is_resumed() => {
                "the SHA-256 can't be checked, since the first bytes were received before"
            }
            None => "the expected SHA-256 has not 64 hexadecimal digits",
            Some(expected) => {
                self.transfer.expect_sha256(expected);
                return self;
            }
        };
        self.mistake.get_or_insert_with(|| Error::argument(mistake));
        self
    }

    /// Accepts a response without a length that ends with its connection, without TLS, although it may have been cut off.
    #[must_use]
    pub fn with_unknown_end(mut self) -> Self {
        self.transfer.accepts_any_end = true;
        self
    }

    /// Returns the next piece, or `None` at the end. After an error there is no other piece.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        poll_fn(|context| self.poll_piece(context)).await
    }

    /// Reads all bytes, which are at most `max`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::BodyTooLarge`](crate::ErrorKind::BodyTooLarge) if there are more, or as the download does.
    pub async fn bytes(mut self, max: usize) -> Result<Bytes> {
        self.transfer.can_restart = true;
        self.collected(max).await.map_err(|error| error.in_operation(self.transfer.operation()))
    }

    async fn collected(&mut self, max: usize) -> Result<Bytes> {
        let mut collected = Collected::new(self.total(), max)?;
        while let Some(event) = poll_fn(|context| self.poll_event(context)).await {
            match event? {
                Event::Piece(piece) => collected.push(&piece)?,
                Event::Restart => collected = Collected::new(self.total(), max)?,
            }
        }
        Ok(collected.into_bytes())
    }

    /// Writes the bytes to a file when it is awaited: first to a temporary file in the same folder, which is renamed once it is whole and
    /// checked. Until then a file at `path` stays as it is, and afterwards it is replaced.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(download: Download) -> Result<()> {
    /// let saved = download.to_file("report.pdf").with_progress(|progress| println!("{progress:?}")).await?;
    /// println!("{} bytes in {}", saved.length(), saved.path().display());
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_file(self, path: impl Into<PathBuf>) -> ToFile {
        ToFile::new(self, file::Target::File(path.into()))
    }

    /// The same in a folder, under the [name that the server gives the file](Self::file_name), or else the last part of the URL. A
    /// file of this name is not replaced, but an error.
    pub fn to_folder(self, folder: impl Into<PathBuf>) -> ToFile {
        ToFile::new(self, file::Target::Folder(folder.into()))
    }

    /// Writes the bytes to a writer when it is awaited, and flushes it. The result is their number.
    pub fn to_writer<'w>(self, writer: impl AsyncWrite + Unpin + Send + 'w) -> ToWriter<'w> {
        ToWriter::new(self, Box::new(writer))
    }

    /// The download after the bytes of another one.
    pub(crate) fn resumed(response: Response, token: &DownloadToken) -> Result<Self> {
        Transfer::resumed(response, token).map(Self::of)
    }

    fn of(transfer: Transfer) -> Self {
        Self { transfer, mistake: None, rest: Rest::default() }
    }

    fn progress(&self) -> DownloadProgress {
        DownloadProgress { received: self.received(), total: self.total() }
    }

    /// An option that can't be used is the error of the first read.
    fn check(&mut self) -> Result<()> {
        self.mistake.take().map_or(Ok(()), |mistake| Err(mistake.in_operation(self.transfer.operation())))
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event>>> {
        match self.check() {
            Ok(()) => self.transfer.poll_event(context),
            Err(mistake) => {
                self.transfer.stop();
                Poll::Ready(Some(Err(mistake)))
            }
        }
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            // Nothing starts again unless it can.
            match ready!(self.poll_event(context)) {
                Some(Ok(Event::Piece(piece))) => return Poll::Ready(Some(Ok(piece))),
                Some(Ok(Event::Restart)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// Its pieces are read while they arrive.
impl FromResponse for Download {
    const ACCEPT: &'static str = ANY;
    const READS: Reads = Reads::Streamed;

    fn from_response(response: Response) -> Result<Self> {
        Transfer::new(response).map(Self::of)
    }

    fn is_absent(response: &Response) -> bool {
        response.status() == StatusCode::NO_CONTENT || has_no_body(response)
    }
}

/// Yields the pieces, in order.
impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_piece(context)
    }
}

/// Reads the bytes. The error of the download is the inner one of the [`io::Error`].
impl AsyncRead for Download {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            let piece = ready!(self.poll_piece(context));
            self.rest.set(piece)?;
        }
        self.rest.fill(buffer);
        Poll::Ready(Ok(()))
    }
}

/// Shows neither header values nor the bytes.
impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("status", &self.status())
            .field("received", &self.received())
            .field("total", &self.total())
            .finish_non_exhaustive()
    }
}
