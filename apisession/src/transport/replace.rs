//! Replaces a file as a whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// How many names are tried for the new file.
const NAMES: usize = 8;

/// Replaces the file with a new one, so that no process reads a part of it. Only its owner can read the file. After an error the old
/// file is as it was, and nothing of the new one is left. If `path` is a link, the file that it leads to is replaced, and the link stays.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (new, mut file) = create_beside(&path)?;
    let written = file.write_all(contents).and_then(|()| file.sync_all());
    // Windows renames no file that is open.
    drop(file);
    let replaced = written.and_then(|()| fs::rename(&new, &path));
    if replaced.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&new);
    }
    replaced
}

/// Creates a file in the folder of `path`, since a file can't be renamed into another file system. A file or link that is there already
/// is never opened.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    restrict(&mut options);
    let mut end = Err(ErrorKind::AlreadyExists.into());
    for _ in 0..NAMES {
        let new = path.with_file_name(format!(".tmp{:016x}", fastrand::u64(..)));
        end = options.open(&new).map(|file| (new, file));
        if !matches!(&end, Err(error) if error.kind() == ErrorKind::AlreadyExists) {
            break;
        }
    }
    end
}

/// Lets the owner alone read the file. Elsewhere than on Unix it inherits the rights of its folder.
#[cfg(unix)]
fn restrict(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn restrict(_: &mut OpenOptions) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_or_left_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let names = || {
            let mut names: Vec<_> =
                fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let file = folder.path().join("known");
        for text in ["", "one", "a longer text\n", "two"] {
            replace(&file, text.as_bytes()).unwrap();
            assert_eq!((fs::read_to_string(&file).unwrap().as_str(), names()), (text, vec!["known".into()]));
        }
        // A folder is in its place, or there is none for it.
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        replace(&taken, b"x").unwrap_err();
        assert_eq!(replace(&folder.path().join("no/known"), b"x").unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(names(), ["known", "taken"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_only_the_owner_reads_the_file() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::TempDir::new().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&file, &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
