//! The keys of the servers that were met before, in a file with a line for each.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::pin::Pin;
use super::verifier::Distrust;

/// A file that is read anew each time, since other processes write it as well.
#[derive(Debug)]
pub(super) struct KnownHosts {
    path: PathBuf,
    turn: Mutex<()>,
}

impl KnownHosts {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, turn: Mutex::default() }
    }

    /// Knows a host again by its key, or makes its acquaintance.
    pub(super) fn meet(&self, host: &str, key: Pin) -> Result<(), Distrust> {
        let unusable = |error: io::Error| Distrust::KnownHosts(format!("{}: {error}", self.path.display()));
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let text = match std::fs::read_to_string(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text.map_err(unusable)?,
        };
        let known = text.lines().filter_map(|line| line.split_once(' ')).find(|(known, _)| *known == host);
        match known {
            None => self.write(&format!("{text}{host} {key}\n")).map_err(unusable),
            Some((_, known)) if known.trim() == key.to_string() => Ok(()),
            Some((_, known)) => Err(Distrust::Changed {
                host: host.to_owned(),
                known: known.trim().to_owned(),
                found: key.to_string(),
            }),
        }
    }

    /// Another file takes the place of the old one, so that nobody ever sees half of it. It is its owner's alone.
    fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}
