//! The keys of known servers, in a file with one line for each host.
//!
//! rustls verifies a server in a call that can't wait. So the file is read before each connection is made, since other processes may
//! change it, and a new host is added to it after its handshake.

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::pin::Pin as Pinned;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

use super::distrust::Distrust;
use super::pin::Pin;
use crate::error::BoxError;
use crate::message::blocking::off_runtime;
use crate::transport::file;
use crate::transport::replace::replace;

tokio::task_local! {
    /// The connection that is being made.
    static CONNECTING: RefCell<Connecting>;
}

/// What a connection that is being made knows of its hosts: the server, and maybe a proxy.
struct Connecting {
    /// The text of the file, or why it can't be used.
    text: Result<String, Distrust>,
    /// The handshake between its two steps: the certificate, and the proof that the server has its key. rustls takes both in one call,
    /// but names the host in the first alone.
    handshake: Option<Handshake>,
    /// The hosts that are not in the file, and have proved that they have their keys.
    new: Vec<(String, Pin)>,
}

/// A handshake whose server has not yet proved that it has the key of its certificate.
struct Handshake {
    host: String,
    key: Pin,
    is_known: bool,
}

/// Checks the key of a host against the file. A new host is accepted, and stored after the handshake.
pub(super) fn check(host: &str, key: Pin) -> Result<(), Distrust> {
    in_connection(|connecting| {
        connecting.handshake = None;
        let text = connecting.text.as_ref().map_err(Clone::clone)?;
        let is_known = is_known(text, host, key)?;
        connecting.handshake = Some(Handshake { host: host.to_owned(), key, is_known });
        Ok(())
    })
}

/// Remembers the host of the handshake, if it is new, after it has proved that it has this key.
pub(super) fn proved(key: Pin) -> Result<(), Distrust> {
    in_connection(|connecting| {
        let handshake = connecting.handshake.take().filter(|handshake| handshake.key == key);
        let Some(Handshake { host, is_known, .. }) = handshake else {
            return Err(Distrust::KnownHosts("the host of the key was not checked".to_owned()));
        };
        if !is_known {
            connecting.new.push((host, key));
        }
        Ok(())
    })
}

fn in_connection(step: impl FnOnce(&mut Connecting) -> Result<(), Distrust>) -> Result<(), Distrust> {
    let unread = || Err(Distrust::KnownHosts("the file was not read".to_owned()));
    CONNECTING.try_with(|connecting| step(&mut connecting.borrow_mut())).unwrap_or_else(|_| unread())
}

/// Reads the file for each connection, and adds the new hosts.
#[derive(Clone)]
pub(crate) struct HostsLayer(Arc<HostsFile>);

struct HostsFile {
    path: PathBuf,
    /// Held while the file is read and replaced.
    writing: Mutex<()>,
}

impl HostsLayer {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(Arc::new(HostsFile { path, writing: Mutex::default() }))
    }
}

impl HostsLayer {
    /// Makes a connection in whose handshakes [`check`] and [`proved`] work.
    pub(crate) async fn checking<T>(
        self,
        connecting: impl Future<Output = Result<T, BoxError>>,
    ) -> Result<T, BoxError> {
        let file = self.0;
        let read = Arc::clone(&file);
        let text = off_runtime(move || read.text()).await;
        let hosts = RefCell::new(Connecting { text, handshake: None, new: Vec::new() });
        let connected = async {
            let connection = connecting.await?;
            Ok::<_, BoxError>((
                connection,
                CONNECTING.with(|hosts| std::mem::take(&mut hosts.borrow_mut().new)),
            ))
        };
        let (connection, new) = CONNECTING.scope(hosts, connected).await?;
        if !new.is_empty() {
            off_runtime(move || file.add(&new)).await.map_err(Distrust::into_rustls)?;
        }
        Ok(connection)
    }
}

impl<S> Layer<S> for HostsLayer {
    type Service = HostsConnector<S>;

    fn layer(&self, connector: S) -> HostsConnector<S> {
        HostsConnector { connector, file: Arc::clone(&self.0) }
    }
}

/// A connector in whose handshakes [`check`] and [`proved`] work.
#[derive(Clone)]
pub(crate) struct HostsConnector<S> {
    connector: S,
    file: Arc<HostsFile>,
}

impl<S, D> Service<D> for HostsConnector<S>
where
    S: Service<D, Error = BoxError, Future: Send + 'static>,
    S::Response: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pinned<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, destination: D) -> Self::Future {
        let connecting = self.connector.call(destination);
        Box::pin(HostsLayer(Arc::clone(&self.file)).checking(connecting))
    }
}

impl HostsFile {
    /// Adds hosts that have proved that they have these keys.
    fn add(&self, new: &[(String, Pin)]) -> Result<(), Distrust> {
        // Another handshake may have stored the host in the meantime.
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = self.text()?;
        let before = text.len();
        for (host, key) in new {
            if is_known(&text, host, *key)? {
                continue;
            }
            // An editor may have left out the end of the last line.
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&format!("{host} {key}\n"));
        }
        if text.len() == before {
            return Ok(());
        }
        // It could not be read again.
        let fits = u64::try_from(text.len()).is_ok_and(|length| length <= file::MAX_FILE);
        let written = if fits { replace(&self.path, text.as_bytes()) } else { Err(file::too_large()) };
        written.map_err(|error| self.unusable(&error))
    }

    fn text(&self) -> Result<String, Distrust> {
        let bytes = match file::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(String::new()),
            bytes => bytes.map_err(|error| self.unusable(&error))?,
        };
        let text = std::str::from_utf8(&bytes).map_err(io::Error::other);
        text.map(str::to_owned).map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &io::Error) -> Distrust {
        Distrust::KnownHosts(format!("{}: {error}", self.path.display()))
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
