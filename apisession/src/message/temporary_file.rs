//! Files that are written under a name of their own, and renamed once they are whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// How many names are tried for a new file.
const NAMES: usize = 8;
/// How many hexadecimal digits of a name are random.
const DIGITS: usize = 16;

/// A file beside its target, which is removed when it is dropped, unless it was renamed.
pub(crate) struct TemporaryFile {
    file: File,
    path: PathBuf,
    is_renamed: bool,
}

/// How a name begins and ends. Random digits are between both.
#[derive(Clone, Copy)]
pub(crate) struct Affixes<'n> {
    pub(crate) prefix: &'n str,
    pub(crate) suffix: &'n str,
}

/// Who can read a new file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Those who can read any new file of this process.
    Default,
    /// Its owner alone. Elsewhere than on Unix it inherits the rights of its folder.
    Owner,
}

impl TemporaryFile {
    /// Creates a file in the folder of `target`, since a file can't be renamed into another file system. A file or link that is there
    /// already is never opened.
    pub(crate) fn beside(target: &Path, affixes: Affixes<'_>, access: Access) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if access == Access::Owner {
            restrict(&mut options);
        }
        let mut end = Err(ErrorKind::AlreadyExists.into());
        for _ in 0..NAMES {
            let path = folder_of(target).join(affixes.name());
            end = options.open(&path).map(|file| Self { file, path, is_renamed: false });
            if !matches!(&end, Err(error) if error.kind() == ErrorKind::AlreadyExists) {
                break;
            }
        }
        end
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Renames the file to its target, and replaces a file that is there.
    pub(crate) fn persist(mut self, target: &Path) -> io::Result<()> {
        self.rename(target)
    }

    /// Renames the file to its target, unless there is something of this name, even a link that leads nowhere.
    pub(crate) fn persist_new(mut self, target: &Path) -> io::Result<()> {
        // A rename would replace what is there. A link fails then, and the first name of the file is removed afterwards, as after a
        // failure.
        match fs::hard_link(&self.path, target) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => self.rename_to_claimed(target),
            end => end,
        }
    }

    /// The same on a file system without hard links. The name is claimed by an empty file, which the rename replaces. Another process sees
    /// that file for a moment, a process that is killed leaves it behind, and what another process replaces it with is lost.
    fn rename_to_claimed(&mut self, target: &Path) -> io::Result<()> {
        drop(File::create_new(target)?);
        let end = self.rename(target);
        if end.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(target);
        }
        end
    }

    /// The file stays open, so that a lock of it holds up to here.
    fn rename(&mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        if !self.is_renamed {
            // One that can't be removed costs nothing but its room.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Affixes<'_> {
    fn name(self) -> String {
        format!("{}{:0DIGITS$x}{}", self.prefix, fastrand::u64(..), self.suffix)
    }

    /// Whether a file of this name may be a temporary one.
    pub(crate) fn is_name(self, name: &str) -> bool {
        let random = name.strip_prefix(self.prefix).and_then(|name| name.strip_suffix(self.suffix));
        random.is_some_and(|random| {
            random.len() == DIGITS && random.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    }
}

/// The folder of a file, which is the current one for a name alone.
pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn restrict(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn restrict(_: &mut OpenOptions) {}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const AFFIXES: Affixes<'static> = Affixes { prefix: ".a.", suffix: ".tmp" };

    fn written(target: &Path) -> TemporaryFile {
        let mut file = TemporaryFile::beside(target, AFFIXES, Access::Default).unwrap();
        file.file().write_all(b"new").unwrap();
        file
    }

    fn listed(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_renamed_or_removed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let file = written(&target);
        let names = listed(folder.path());
        assert!(matches!(&*names, [name] if AFFIXES.is_name(name)), "{names:?}");
        drop(file);
        assert!(listed(folder.path()).is_empty());
        for old in [false, true] {
            assert_eq!(target.exists(), old);
            written(&target).persist(&target).unwrap();
            assert_eq!(
                (fs::read(&target).unwrap(), listed(folder.path())),
                (b"new".to_vec(), vec!["a".into()])
            );
        }
        let missing = folder.path().join("no/a");
        let error = TemporaryFile::beside(&missing, AFFIXES, Access::Default).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        // Its folder was removed in the meantime, or a folder is in its place.
        fs::create_dir(folder.path().join("no")).unwrap();
        let file = written(&missing);
        fs::remove_dir_all(folder.path().join("no")).unwrap();
        assert_eq!(file.persist_new(&missing).unwrap_err().kind(), ErrorKind::NotFound);
        fs::create_dir(folder.path().join("b")).unwrap();
        written(&target).persist(&folder.path().join("b")).unwrap_err();
        assert_eq!(listed(folder.path()), ["a", "b"]);
    }

    #[test]
    fn a_new_file_replaces_nothing() {
        type Persist = fn(TemporaryFile, &Path) -> io::Result<()>;
        // With hard links, and without.
        let ways: [Persist; 2] =
            [TemporaryFile::persist_new, |mut file, target| file.rename_to_claimed(target)];
        let places: [fn(&Path); 2] =
            [|path| fs::write(path, "old").unwrap(), |path| fs::create_dir(path).unwrap()];
        for persist in ways {
            let folder = tempfile::tempdir().unwrap();
            let target = folder.path().join("a");
            persist(written(&target), &target).unwrap();
            assert_eq!(
                (fs::read(&target).unwrap(), listed(folder.path())),
                (b"new".to_vec(), vec!["a".into()])
            );
            for make in places {
                let folder = tempfile::tempdir().unwrap();
                let target = folder.path().join("a");
                make(&target);
                let error = persist(written(&target), &target).unwrap_err();
                assert_eq!(
                    (error.kind(), listed(folder.path())),
                    (ErrorKind::AlreadyExists, vec!["a".into()])
                );
                assert!(target.is_dir() || fs::read(&target).unwrap() == b"old");
            }
            // What was claimed is given up if the file is gone.
            let (other, file) = (folder.path().join("b"), written(&target));
            fs::remove_file(file.path()).unwrap();
            assert_eq!(persist(file, &other).unwrap_err().kind(), ErrorKind::NotFound);
            assert_eq!(listed(folder.path()), ["a"]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_not_replaced_and_an_owner_alone_reads_a_secret() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink(folder.path().join("nowhere"), &link).unwrap();
        assert_eq!(written(&link).persist_new(&link).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(written(&link).rename_to_claimed(&link).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(listed(folder.path()), ["link"]);
        let mode = |file: &TemporaryFile| fs::metadata(file.path()).unwrap().permissions().mode() & 0o777;
        let plain = folder.path().join("plain");
        fs::write(&plain, "x").unwrap();
        let usual = fs::metadata(plain).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&written(&link)), usual);
        assert_eq!(mode(&TemporaryFile::beside(&link, AFFIXES, Access::Owner).unwrap()), 0o600);
    }

    #[test]
    fn a_name_is_known_by_its_digits() {
        let rows = [
            (".a.0123456789abcdef.tmp", true),
            (".a.0123456789abcde.tmp", false),
            (".a.0123456789abcdefg.tmp", false),
            (".a.0123456789abcdeg.tmp", false),
            (".a.0123456789abcdef", false),
            (".b.0123456789abcdef.tmp", false),
            (".a.tmp", false),
        ];
        for (name, expected) in rows {
            assert_eq!(AFFIXES.is_name(name), expected, "{name}");
        }
        assert!(AFFIXES.is_name(&AFFIXES.name()));
    }
}
