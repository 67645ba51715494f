//! The keys of known servers, in a file with one line for each host.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

use tempfile::NamedTempFile;

use super::distrust::Distrust;
use super::pin::Pin;

/// A file of host names and keys. It is read for each handshake, since other processes may change it.
#[derive(Debug)]
pub(super) struct KnownHosts {
    path: PathBuf,
    /// The handshake of each thread between its two steps: the certificate, and the proof that the server has its key. rustls takes
    /// both in one call, but names the host in the first alone.
    handshakes: Mutex<HashMap<ThreadId, Handshake>>,
    /// Held while the file is read and replaced.
    writing: Mutex<()>,
}

/// A handshake whose server has not yet proved that it has the key of its certificate.
#[derive(Debug)]
struct Handshake {
    host: String,
    key: Pin,
    is_known: bool,
}

impl KnownHosts {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, handshakes: Mutex::default(), writing: Mutex::default() }
    }

    /// Checks the key of a host against the file. A new host is accepted, and stored by [`proved`](Self::proved).
    pub(super) fn check(&self, host: &str, key: Pin) -> Result<(), Distrust> {
        // What an earlier handshake of this thread left behind is none of this one's.
        self.handshakes().remove(&thread::current().id());
        let is_known = is_known(&self.text()?, host, key)?;
        self.handshakes().insert(thread::current().id(), Handshake { host: host.to_owned(), key, is_known });
        Ok(())
    }

    /// Stores the host of this thread's handshake, if it is new, after it has proved that it has this key.
    pub(super) fn proved(&self, key: Pin) -> Result<(), Distrust> {
        let handshake = self.handshakes().remove(&thread::current().id());
        let Some(Handshake { host, is_known, .. }) = handshake.filter(|handshake| handshake.key == key)
        else {
            return Err(Distrust::KnownHosts("the host of the key was not checked".to_owned()));
        };
        if is_known {
            return Ok(());
        }
        // Another handshake may have stored the host in the meantime.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = self.text()?;
        if self::is_known(&text, &host, key)? {
            return Ok(());
        }
        // An editor may have left out the end of the last line.
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        self.write(&format!("{text}{host} {key}\n")).map_err(|error| self.unusable(&error))
    }

    fn handshakes(&self) -> MutexGuard<'_, HashMap<ThreadId, Handshake>> {
        self.handshakes.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Whether the file has the host with this key. A host with other keys only is an error.
fn is_known(text: &str, host: &str, key: Pin) -> Result<bool, Distrust> {
    // An editor may have added a byte order mark. A host that is not found would be trusted anew.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().filter_map(|line| line.trim().split_once([' ', '\t']));
    let of_host = lines.filter(|(known, _)| known.eq_ignore_ascii_case(host));
    let known: Vec<_> = of_host.map(|(_, key)| key.trim()).collect();
    let found = key.to_string();
    match known.first() {
        None => Ok(false),
        Some(_) if known.contains(&found.as_str()) => Ok(true),
        Some(known) => Err(Distrust::Changed { host: host.to_owned(), known: (*known).to_owned(), found }),
    }
}
