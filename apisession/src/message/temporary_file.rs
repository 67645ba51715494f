//! Files that are written under a name of their own, and renamed once they are whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How many names are tried for a new file.
const NAMES: usize = 8;
/// How many hexadecimal digits of a name are random.
pub(crate) const DIGITS: usize = 16;

/// A file beside its target, which is removed when it is dropped, unless it was renamed.
pub(crate) struct TemporaryFile {
    pub(crate) file: File,
    pub(crate) path: PathBuf,
    is_renamed: bool,
}

/// How a name begins and ends. Random digits are between both.
#[derive(Clone, Copy)]
pub(crate) struct Affixes<'n> {
    pub(crate) prefix: &'n str,
    pub(crate) suffix: &'n str,
}

impl TemporaryFile {
    /// Creates a file in the folder of `target`, since a file can't be renamed into another file system. `options` decide who can read
    /// it. A file or link that is there already is never opened.
    pub(crate) fn beside(
        target: &Path,
        Affixes { prefix, suffix }: Affixes<'_>,
        mut options: OpenOptions,
    ) -> io::Result<Self> {
        options.write(true).create_new(true);
        let mut end = Err(ErrorKind::AlreadyExists.into());
        for _ in 0..NAMES {
            let name = format!("{prefix}{:0DIGITS$x}{suffix}", fastrand::u64(..));
            let path = folder_of(target).join(name);
            end = options.open(&path).map(|file| Self { file, path, is_renamed: false });
            if !matches!(&end, Err(error) if error.kind() == ErrorKind::AlreadyExists) {
                break;
            }
        }
        end
    }

    /// Renames the file to its target, and replaces a file that is there. It is open up to here, so that a lock of it holds.
    pub(crate) fn persist(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.is_renamed = true;
        Ok(())
    }
}

/// A file that can't be removed costs nothing but its room.
impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.is_renamed {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The folder of a file, which is the current one for a name alone.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_file_is_renamed_or_removed() {
        let folder = tempfile::tempdir().unwrap();
        let listed = || {
            let names = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name());
            let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
            names.sort();
            names
        };
        let create = |target: &Path| {
            let affixes = Affixes { prefix: ".a.", suffix: ".tmp" };
            TemporaryFile::beside(target, affixes, OpenOptions::new())
        };
        let target = folder.path().join("a");
        let first = create(&target).unwrap();
        assert_eq!(listed().len(), 1);
        let digits = listed()[0].strip_prefix(".a.").unwrap().strip_suffix(".tmp").unwrap().to_owned();
        assert!(digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digits}");
        drop(first);
        assert!(listed().is_empty());
        for text in ["one", "two"] {
            let mut file = create(&target).unwrap();
            file.file.write_all(text.as_bytes()).unwrap();
            file.persist(&target).unwrap();
            assert_eq!(
                (fs::read_to_string(&target).unwrap().as_str(), listed()),
                (text, vec!["a".to_owned()])
            );
        }
        // There is no folder, or one in place of the file.
        let error = create(&folder.path().join("no/a")).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        create(&taken).unwrap().persist(&taken).unwrap_err();
        assert_eq!(listed(), ["a", "taken"]);
    }
}
