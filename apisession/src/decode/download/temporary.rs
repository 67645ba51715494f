//! The file that a download is written to until it is whole.
//!
//! It is in the folder of the target, since a rename replaces a file only within a file system. A process that is killed leaves it behind,
//! and the next download to the same target removes it. A lock tells that file from one that is still written.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tempfile::NamedTempFile;

use self::lock::{is_left_behind, locked, options, sync_folder};

#[cfg(unix)]
#[path = "lock_unix.rs"]
mod lock;
#[cfg(not(unix))]
#[path = "lock_other.rs"]
mod lock;

/// A file in the folder of its target, which is removed when it is dropped.
pub(super) struct Temporary(NamedTempFile);

/// How the file becomes the target.
#[derive(Clone, Copy)]
pub(super) struct Finish {
    pub(super) replaces: bool,
    pub(super) is_durable: bool,
}

/// How the names of these files end.
const SUFFIX: &str = ".apisession";
/// How much of the target's name is in that of the file, in bytes. A name has at most 255.
const NAME: usize = 200;

impl Temporary {
    /// Creates the file for a target, and removes those that were left behind for it. It may block.
    pub(super) fn create(target: &Path, finish: Finish) -> io::Result<Self> {
        let name = target.file_name().ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "the path ends with no name of a file")
        })?;
        if target.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "the path is a folder"));
        }
        if !finish.replaces && target.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let (folder, prefix) = (folder_of(target), prefix(&name.to_string_lossy()));
        remove_left_behind(folder, &prefix);
        loop {
            let file =
                options(tempfile::Builder::new().prefix(&prefix).suffix(SUFFIX)).tempfile_in(folder)?;
            // Another process may have taken it for one that was left behind, and removed it, before it was locked.
            if locked(file.as_file()) {
                return Ok(Self(file));
            }
        }
    }

    /// Writes pieces. It may block.
    pub(super) fn written(mut self, pieces: &[Bytes]) -> io::Result<Self> {
        for piece in pieces {
            self.0.as_file_mut().write_all(piece)?;
        }
        Ok(self)
    }

    /// Removes what was written. It may block.
    pub(super) fn truncated(mut self) -> io::Result<Self> {
        let file = self.0.as_file_mut();
        file.set_len(0)?;
        file.rewind()?;
        Ok(self)
    }

    /// Renames the file to its target. It may block.
    pub(super) fn persist(self, target: &Path, finish: Finish) -> io::Result<()> {
        if let Ok(replaced) = fs::metadata(target) {
            // Who could read the file before can still do so. Where that can't be set, it is as for a new file.
            let _ = self.0.as_file().set_permissions(replaced.permissions());
        }
        if finish.is_durable {
            self.0.as_file().sync_all()?;
        }
        let renamed = match finish.replaces {
            true => self.0.persist(target),
            false => self.0.persist_noclobber(target),
        };
        renamed.map_err(|error| error.error)?;
        if finish.is_durable { sync_folder(folder_of(target)) } else { Ok(()) }
    }
}

fn folder_of(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// How the names of the files for a target begin.
fn prefix(name: &str) -> String {
    let end = (0..=NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!(".{}.", &name[..end])
}

/// Removes the files of processes that were killed. One that can't be removed costs nothing but its room.
fn remove_left_behind(folder: &Path, prefix: &str) {
    for path in left_behind(folder, prefix).unwrap_or_default() {
        if File::open(&path).is_ok_and(|file| is_left_behind(&file)) {
            let _ = fs::remove_file(path);
        }
    }
}

fn left_behind(folder: &Path, prefix: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(prefix)?.strip_suffix(SUFFIX));
        let is_ours = random.is_some_and(|random| {
            random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        if is_ours && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
