//! The keys of known servers, in a file with one line for each host.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::distrust::Distrust;
use super::pin::Pin;

/// A file of host names and keys. It is read for each handshake, since other processes may change it.
#[derive(Debug)]
pub(super) struct KnownHosts {
    path: PathBuf,
    /// New hosts that have not yet proved that they have the key of their certificate.
    unproved: Mutex<Vec<(String, Pin)>>,
}

/// How many handshakes with new hosts are remembered at a time.
const MAX_UNPROVED: usize = 64;

impl KnownHosts {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, unproved: Mutex::default() }
    }

    /// Checks the key of a host against the file. A new host is accepted, and stored by [`store`](Self::store) later.
    pub(super) fn check(&self, host: &str, key: Pin) -> Result<(), Distrust> {
        let text = self.text()?;
        match line_of(&text, host) {
            None => {
                let mut unproved = self.unproved.lock().unwrap_or_else(PoisonError::into_inner);
                // The oldest one probably belongs to a handshake that failed.
                if unproved.len() == MAX_UNPROVED {
                    unproved.remove(0);
                }
                unproved.push((host.to_owned(), key));
                Ok(())
            }
            Some(known) if known == key.to_string() => Ok(()),
            Some(known) => Err(Distrust::Changed {
                host: host.to_owned(),
                known: known.to_owned(),
                found: key.to_string(),
            }),
        }
    }

    /// Adds the new hosts with this key to the file, after one of them has proved that it has the key.
    pub(super) fn store(&self, key: Pin) -> Result<(), Distrust> {
        let mut unproved = self.unproved.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(at) = unproved.iter().position(|(_, other)| *other == key) {
            let (host, _) = unproved.remove(at);
            let mut text = self.text()?;
            if line_of(&text, &host).is_some() {
                continue;
            }
            // An editor may have left out the end of the last line.
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            self.write(&format!("{text}{host} {key}\n")).map_err(|error| self.unusable(&error))?;
        }
        Ok(())
    }

    fn text(&self) -> Result<String, Distrust> {
        match std::fs::read_to_string(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            text => text.map_err(|error| self.unusable(&error)),
        }
    }

    fn unusable(&self, error: &io::Error) -> Distrust {
        Distrust::KnownHosts(format!("{}: {error}", self.path.display()))
    }

    /// Replaces the file with a new one, so that no process reads a part of it. Only its owner can read the file.
    fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

fn line_of<'a>(text: &'a str, host: &str) -> Option<&'a str> {
    // An editor may have added a byte order mark. A host that is not found would be trusted anew.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().filter_map(|line| line.trim().split_once([' ', '\t']));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(host)).map(|(_, key)| key.trim())
}
