//! Locks by `flock`, which end with the process.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use tempfile::Builder;

/// A new file gets the permissions of any new file: all but those of the process's mask.
pub(super) fn options<'b, 'p, 's>(builder: &'b mut Builder<'p, 's>) -> &'b mut Builder<'p, 's> {
    builder.permissions(Permissions::from_mode(0o666))
}

/// Locks a new file. Fails if another process removes it. A file system without locks has none to respect.
pub(super) fn locked(file: &File) -> bool {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(error) if error == rustix::io::Errno::WOULDBLOCK => false,
        Ok(()) | Err(_) => file.metadata().is_ok_and(|metadata| metadata.nlink() > 0),
    }
}

/// Whether no process has the file locked.
pub(super) fn is_left_behind(file: &File) -> bool {
    flock(file, FlockOperation::NonBlockingLockExclusive).is_ok()
}

/// Writes the entries of a folder through to the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
