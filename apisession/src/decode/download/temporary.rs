//! The file that a download is written to until it is whole.
//!
//! A process that is killed leaves it behind, and the next download to the same target removes it. A lock, which ends with the process,
//! tells that file from one that is still written.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::message::temporary_file::{Access, Affixes, TemporaryFile, folder_of};

/// A file in the folder of its target, which is removed when it is dropped.
pub(super) struct Temporary(TemporaryFile);

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
        let affixes = Affixes { prefix: &prefix(&name.to_string_lossy()), suffix: SUFFIX };
        remove_left_behind(folder_of(target), affixes);
        loop {
            let mut file = TemporaryFile::beside(target, affixes, Access::Default)?;
            // Another process may have taken it for one that was left behind, and removed it, before it was locked.
            if is_locked(file.file()) && file.path().symlink_metadata().is_ok() {
                return Ok(Self(file));
            }
        }
    }

    /// Writes pieces. It may block.
    pub(super) fn written(mut self, pieces: &[Bytes]) -> io::Result<Self> {
        for piece in pieces {
            self.0.file().write_all(piece)?;
        }
        Ok(self)
    }

    /// Removes what was written. It may block.
    pub(super) fn truncated(mut self) -> io::Result<Self> {
        let file = self.0.file();
        file.set_len(0)?;
        file.rewind()?;
        Ok(self)
    }

    /// Renames the file to its target. It may block.
    pub(super) fn persist(mut self, target: &Path, finish: Finish) -> io::Result<()> {
        if let Ok(replaced) = fs::metadata(target) {
            // Who could read the file before can still do so. Where that can't be set, it is as for a new file.
            let _ = self.0.file().set_permissions(replaced.permissions());
        }
        if finish.is_durable {
            self.0.file().sync_all()?;
        }
        match finish.replaces {
            true => self.0.persist(target)?,
            false => self.0.persist_new(target)?,
        }
        if finish.is_durable { sync_folder(folder_of(target)) } else { Ok(()) }
    }
}

/// Locks a new file. Fails if another process has locked it, to remove it. A file system without locks has none to respect.
fn is_locked(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// How the names of the files for a target begin.
fn prefix(name: &str) -> String {
    let end = (0..=NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    format!(".{}.", &name[..end])
}

/// Removes the files of processes that were killed. One that can't be removed costs nothing but its room.
fn remove_left_behind(folder: &Path, affixes: Affixes<'_>) {
    for path in left_behind(folder, affixes).unwrap_or_default() {
        let Ok(file) = File::open(&path) else { continue };
        // It stays locked until it is removed, so that no process takes it for its own in between.
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(path);
        }
    }
}

fn left_behind(folder: &Path, affixes: Affixes<'_>) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = entry.file_name().to_str().is_some_and(|name| affixes.is_name(name));
        if is_ours && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Writes the entries of a folder through to the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A rename is durable by itself, or can't be made so.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
