//! Files with secrets: regular ones, and who else can read them.

use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::transport::file;

/// Who, besides the user of this process, has to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    Private,
    /// Others can read or write it.
    Open,
    /// It is another user's.
    Foreign,
}

impl Exposure {
    /// What is wrong with the file, and what to do.
    pub(crate) fn mistake(self) -> Option<&'static str> {
        match self {
            Self::Private => None,
            Self::Open => Some("can be read or changed by other users; run `chmod 600` on it"),
            Self::Foreign => Some("belongs to another user"),
        }
    }
}

/// Reads a file. What is no regular file is an error, since a pipe could block for ever.
pub(crate) fn read(path: &Path) -> io::Result<(Zeroizing<Vec<u8>>, Exposure)> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    Ok((file::read(path)?, exposure(&metadata)))
}

/// Whether there is a regular file that this process can read, and its exposure.
pub(crate) fn probe(path: &Path) -> Option<Exposure> {
    let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
    fs::File::open(path).ok()?;
    Some(exposure(&metadata))
}

#[cfg(unix)]
fn exposure(metadata: &Metadata) -> Exposure {
    use std::os::unix::fs::MetadataExt;
    match user() {
        // Files of root are no danger: it can do everything as it is.
        Some(user) if metadata.uid() != user && metadata.uid() != 0 => Exposure::Foreign,
        _ if metadata.mode() & 0o077 != 0 => Exposure::Open,
        _ => Exposure::Private,
    }
}

#[cfg(not(unix))]
fn exposure(_: &Metadata) -> Exposure {
    Exposure::Private
}

/// The id of the user of this process. Without unsafe code, it is that of the owner of the process's entry in `/proc`, or else of the
/// home folder.
#[cfg(unix)]
pub(crate) fn user() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let home = || fs::metadata(std::env::home_dir()?).ok();
    let process = fs::metadata("/proc/self").ok().or_else(home);
    process.map(|metadata| metadata.uid())
}

#[cfg(not(unix))]
pub(crate) fn user() -> Option<u32> {
    None
}
