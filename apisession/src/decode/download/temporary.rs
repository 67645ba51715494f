//! The file that a download is written to until it is whole.
//!
//! A process that is killed leaves it behind, and the next download to the same target removes it. A lock, which ends with the process,
//! tells that file from one that is still written.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::message::temporary_file::{Affixes, DIGITS, TemporaryFile, folder_of};

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
            let file = TemporaryFile::beside(target, affixes, OpenOptions::new())?;
            // Another process may have taken it for one that was left behind, and removed it, before it was locked.
            if is_locked(&file.file) && file.path.symlink_metadata().is_ok() {
                return Ok(Self(file));
            }
        }
    }

    /// Writes pieces. It may block.
    pub(super) fn written(mut self, pieces: &[Bytes]) -> io::Result<Self> {
        for piece in pieces {
            self.0.file.write_all(piece)?;
        }
        Ok(self)
    }

    /// Removes what was written. It may block.
    pub(super) fn truncated(mut self) -> io::Result<Self> {
        self.0.file.set_len(0)?;
        self.0.file.rewind()?;
        Ok(self)
    }

    /// Renames the file to its target. It may block.
    pub(super) fn persist(self, target: &Path, finish: Finish) -> io::Result<()> {
        if let Ok(replaced) = fs::metadata(target) {
            // Who could read the file before can still do so. Where that can't be set, it is as for a new file.
            let _ = self.0.file.set_permissions(replaced.permissions());
        }
        if finish.is_durable {
            self.0.file.sync_all()?;
        }
        match finish.replaces {
            true => self.0.persist(target)?,
            false => persist_new(self.0, target)?,
        }
        if finish.is_durable { sync_folder(folder_of(target)) } else { Ok(()) }
    }
}

/// Locks a new file. Fails if another process has locked it, to remove it. A file system without locks has none to respect.
fn is_locked(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// Renames a file to its target, unless there is something of this name, even a link that leads nowhere.
fn persist_new(file: TemporaryFile, target: &Path) -> io::Result<()> {
    // A rename would replace what is there. A second name of the file does not, and its first one is removed when the file is dropped.
    match fs::hard_link(&file.path, target) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => persist_claimed(file, target),
        end => end,
    }
}

/// The same on a file system without hard links. The name is claimed by an empty file, which the rename replaces. Another process can see
/// that file for a moment, a process that is killed then leaves it behind, and what another process replaces it with is lost.
fn persist_claimed(file: TemporaryFile, target: &Path) -> io::Result<()> {
    drop(File::create_new(target)?);
    let end = file.persist(target);
    if end.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(target);
    }
    end
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
        let name = entry.file_name();
        let is_ours = name.to_str().is_some_and(|name| is_temporary(name, affixes));
        if is_ours && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Whether a file of this name may be a temporary one.
fn is_temporary(name: &str, Affixes { prefix, suffix }: Affixes<'_>) -> bool {
    let random = name.strip_prefix(prefix).and_then(|name| name.strip_suffix(suffix));
    random.is_some_and(|random| random.len() == DIGITS && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_replaces_nothing() {
        let affixes = Affixes { prefix: ".a.", suffix: SUFFIX };
        let written = |target: &Path| {
            let mut new = TemporaryFile::beside(target, affixes, OpenOptions::new()).unwrap();
            new.file.write_all(b"new").unwrap();
            new
        };
        // (what has the name, whether it is still there)
        type Row = (fn(&Path), fn(&Path) -> bool);
        let rows: &[Row] = &[
            (|path| fs::write(path, "old").unwrap(), |path| fs::read(path).unwrap() == b"old"),
            (|path| fs::create_dir(path).unwrap(), Path::is_dir),
            #[cfg(unix)]
            (|path| std::os::unix::fs::symlink("nowhere", path).unwrap(), Path::is_symlink),
        ];
        // With hard links, and without.
        for persist in [persist_new, persist_claimed] {
            for (make, is_there) in rows {
                let folder = tempfile::tempdir().unwrap();
                let target = folder.path().join("a");
                make(&target);
                let error = persist(written(&target), &target).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
                assert!(is_there(&target));
                assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
            }
            let folder = tempfile::tempdir().unwrap();
            let target = folder.path().join("a");
            // Another process has removed the file. Its name is given up.
            let removed = written(&target);
            fs::remove_file(&removed.path).unwrap();
            assert_eq!(persist(removed, &target).unwrap_err().kind(), io::ErrorKind::NotFound);
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
            persist(written(&target), &target).unwrap();
            assert_eq!(fs::read(&target).unwrap(), b"new");
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        }
    }

    #[test]
    fn a_temporary_file_is_known_by_its_name() {
        let affixes = Affixes { prefix: ".a.", suffix: ".tmp" };
        let rows = [
            (".a.0123456789abcdef.tmp", true),
            (".a.0123456789abcde.tmp", false),
            (".a.0123456789abcdefa.tmp", false),
            (".a.0123456789abcdeg.tmp", false),
            (".a.0123456789abcdef", false),
            (".b.0123456789abcdef.tmp", false),
            (".a.tmp", false),
        ];
        for (name, expected) in rows {
            assert_eq!(is_temporary(name, affixes), expected, "{name}");
        }
    }
}
