//! Without locks, a file is left behind if nothing was written to it for a day.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::Builder;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn options<'b, 'p, 's>(builder: &'b mut Builder<'p, 's>) -> &'b mut Builder<'p, 's> {
    builder
}

pub(super) fn locked(_: &File) -> bool {
    true
}

pub(super) fn is_left_behind(file: &File) -> bool {
    let modified = file.metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > DAY))
}

/// A rename is durable by itself, or can't be made so.
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
