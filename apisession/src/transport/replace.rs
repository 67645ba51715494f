//! Replaces a file with secrets as a whole.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::message::temporary_file::{Affixes, TemporaryFile};

/// Replaces the file with a new one, so that no process reads a part of it. Only its owner can read the file. After an error the old
/// file is as it was, and nothing of the new one is left. If `path` is a link, the file that it leads to is replaced, and the link stays.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut new = TemporaryFile::beside(&path, Affixes { prefix: ".tmp", suffix: "" }, private())?;
    new.file.write_all(contents)?;
    new.file.sync_all()?;
    new.persist(&path)
}

/// A file that its owner alone can read.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

/// A file inherits the rights of its folder.
#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;

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
