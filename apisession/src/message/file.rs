//! Bodies that are read from files, piece by piece, for each attempt from the start.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;

use super::Body;
use super::blocking::Blocking;
use super::body::{ByteStream, Source};
use crate::encode::messages;
use crate::error::BoxError;

/// How much of a file is read at once.
pub(super) const PIECE: usize = 64 * 1024;

impl Body {
    /// Creates a body that is read from a file while it is sent, in pieces of 64 KiB.
    ///
    /// The file is opened when the call is made, and for each attempt anew, off the threads of the runtime. Its length is sent as
    /// `content-length`. It must be a regular file; what has no length, such as a pipe, is read by [`reader`](Self::reader).
    /// `attempt_timeout`, 60 seconds by default, includes the time in which it is sent.
    ///
    /// # Errors
    ///
    /// The call fails with [`ErrorKind::RequestBody`](crate::ErrorKind::RequestBody), and the error names the file: if it can't be opened
    /// or is a directory, before anything is sent; and if its length or its time of modification changes during the call.
    ///
    /// ```no_run
    /// # use apisession::prelude::*;
    /// # async fn example(api: apisession::Raw) -> Result<()> {
    /// api.put("/backups/7").body("application/zip", Body::file("backup.zip")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::from_source(Arc::new(FileSource { path: path.into(), stamp: OnceLock::new() }))
    }
}

/// A file, and what the first attempt has found it to be.
struct FileSource {
    path: PathBuf,
    stamp: OnceLock<Stamp>,
}

/// What tells that a file is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    /// `None` where the file system has no such time.
    modified: Option<SystemTime>,
}

/// A file can't be sent.
#[derive(Debug)]
struct FileError {
    name: String,
    why: Why,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, why } = self;
        write!(f, "the file `{name}` {why}")
    }
}

impl std::error::Error for FileError {}

messages! {
    #[derive(Debug)]
    enum Why {
        Unreadable(error: io::Error) = "can't be read: {error}",
        Directory = "is a directory; name one of its files",
        Irregular = "is not a regular file, so its length is not known; use `Body::reader`",
        Resized(before: u64, now: u64) = "has changed during the call: it had {before} bytes, and now has {now}",
        Modified = "was modified during the call",
    }
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }

    /// Checks that a file is still what it was.
    fn check(self, now: Self) -> Result<(), Why> {
        if self.length != now.length {
            return Err(Why::Resized(self.length, now.length));
        }
        if self.modified == now.modified { Ok(()) } else { Err(Why::Modified) }
    }
}

impl FileSource {
    /// Opens the file, which must be the one that the first attempt has opened.
    fn file(&self) -> Result<(File, Stamp), Why> {
        // A pipe would block while it is opened.
        let metadata = fs::metadata(&self.path)?;
        if metadata.is_dir() {
            return Err(Why::Directory);
        }
        if !metadata.is_file() {
            return Err(Why::Irregular);
        }
        let mut file = File::open(&self.path)?;
        let stamp = Stamp::of(&file.metadata()?);
        if stamp.length == 0 && file.read(&mut [0])? > 0 {
            // As those below `/proc`.
            return Err(Why::Irregular);
        }
        self.stamp.get_or_init(|| stamp).check(stamp)?;
        Ok((file, stamp))
    }

    fn error(&self, why: Why) -> BoxError {
        FileError { name: shown(&self.path), why }.into()
    }
}

/// The last name of a path, which is shown in errors instead of all of it.
pub(super) fn shown(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

impl Source for FileSource {
    fn open(self: Arc<Self>) -> ByteStream {
        let mut reading = Reading { open: None, source: self };
        Box::pin(Blocking::Idle(move || {
            let piece = reading.next();
            piece.map_err(|why| reading.source.error(why))
        }))
    }

    fn length(&self) -> Option<u64> {
        self.stamp.get().map(|stamp| stamp.length)
    }

    fn has_files(&self) -> bool {
        true
    }

    fn measure(&self) -> Result<(), BoxError> {
        self.file().map(drop).map_err(|why| self.error(why))
    }

    fn is_spent(&self) -> bool {
        false
    }

    fn copied(&self) -> Arc<dyn Source> {
        Arc::new(Self { path: self.path.clone(), stamp: OnceLock::new() })
    }
}

/// A file that is being read.
struct Reading {
    /// With the number of bytes that are left.
    open: Option<(File, u64)>,
    source: Arc<FileSource>,
}

impl Reading {
    fn next(&mut self) -> Result<Option<Bytes>, Why> {
        let (file, left) = match &mut self.open {
            Some(open) => open,
            None => {
                let (file, stamp) = self.source.file()?;
                self.open.insert((file, stamp.length))
            }
        };
        let size = usize::try_from(*left).map_or(PIECE, |left| left.min(PIECE));
        if size == 0 {
            return Ok(None);
        }
        let mut piece = vec![0; size];
        let end = file.read_exact(&mut piece);
        *left -= u64::try_from(size).unwrap_or(*left);
        if end.is_err() || *left == 0 {
            // Before the last piece is sent, so that a file that has changed is not taken for a whole one.
            let now = Stamp::of(&file.metadata()?);
            self.source.stamp.get().map_or(Ok(()), |first| first.check(now))?;
        }
        end?;
        Ok(Some(piece.into()))
    }
}
