//! The keys of the servers that were met before, in a file with a line for each.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use super::distrust::Distrust;
use super::pin::Pin;

/// A file that is read anew each time, since other processes write it as well.
#[derive(Debug)]
pub(super) struct KnownHosts {
    path: PathBuf,
    /// Those that were met and have yet to show that their keys are theirs.
    met: Mutex<Vec<(String, Pin)>>,
}

/// How many handshakes with strangers may be under way.
const STRANGERS: usize = 64;

impl KnownHosts {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, met: Mutex::default() }
    }

    /// Knows a host again by its key, or meets it.
    pub(super) fn meet(&self, host: &str, key: Pin) -> Result<(), Distrust> {
        let text = self.text()?;
        match line_of(&text, host) {
            None => {
                let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
                // Those that never came back.
                if met.len() == STRANGERS {
                    met.remove(0);
                }
                met.push((host.to_owned(), key));
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

    /// Writes down the hosts that were met with this key.
    pub(super) fn remember(&self, key: Pin) -> Result<(), Distrust> {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(at) = met.iter().position(|(_, other)| *other == key) {
            let (host, _) = met.remove(at);
            let mut text = self.text()?;
            if line_of(&text, &host).is_some() {
                continue;
            }
            // Somebody may have edited it.
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

fn line_of<'a>(text: &'a str, host: &str) -> Option<&'a str> {
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(known, _)| *known == host).map(|(_, key)| key.trim())
}
