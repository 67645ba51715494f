//! The server, which runs the scripts of a fault, and the ledger of the requests that arrived.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::fault::{Act, Fault, Form, Reads, Script};

/// The requests that arrived, by their id.
#[derive(Debug, Default)]
pub struct Ledger {
    /// How often a request arrived in full and was not rejected.
    delivered: Mutex<HashMap<String, usize>>,
    /// The idempotency keys of a request.
    keys: Mutex<HashMap<String, HashSet<String>>>,
    sent: AtomicUsize,
    connections: AtomicUsize,
}

impl Ledger {
    /// Returns how often the request arrived in full and was not rejected.
    #[must_use]
    pub fn delivered(&self, id: &str) -> usize {
        locked(&self.delivered).get(id).copied().unwrap_or_default()
    }

    /// Returns the number of different idempotency keys of the request.
    #[must_use]
    pub fn keys(&self, id: &str) -> usize {
        locked(&self.keys).get(id).map_or(0, HashSet::len)
    }

    /// Returns the number of requests that arrived in full, rejected or not.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// Returns the number of connections that were accepted.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn arrived(&self, request: &Arrived, rejected: bool) {
        self.sent.fetch_add(1, Ordering::SeqCst);
        if !rejected {
            *locked(&self.delivered).entry(request.id.clone()).or_default() += 1;
        }
        if let Some(key) = &request.key {
            locked(&self.keys).entry(request.id.clone()).or_default().insert(key.clone());
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A server with one fault. A transient fault affects each request once.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    fault: Fault,
    ledger: Ledger,
    /// The ids of the requests that the fault has affected.
    hit: Mutex<HashSet<String>>,
    /// 1 if the fault affects the next connection, whatever its request; else 0.
    armed: AtomicUsize,
    /// The most bytes that are written one by one.
    drip: usize,
}

impl Server {
    /// Starts on a free port.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start(fault: Fault) -> io::Result<Self> {
        Self::dripping(fault, usize::MAX).await
    }

    /// Starts on a free port, and goes on after so many bytes where the script of the fault writes them one by one.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn dripping(fault: Fault, drip: usize) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            fault,
            ledger: Ledger::default(),
            hit: Mutex::default(),
            armed: AtomicUsize::new(0),
            drip,
        });
        let served = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&served);
                state.ledger.connections.fetch_add(1, Ordering::SeqCst);
                // A client may disconnect at any time, which is no failure of the test.
                tokio::spawn(async move { state.serve(stream).await });
            }
        });
        Ok(Self { address, state, task })
    }

    /// Returns the URL of the server: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the ledger of the requests that arrived.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.state.ledger
    }

    /// Makes a fault of connections affect the next one.
    pub fn arm(&self) {
        self.state.armed.store(1, Ordering::SeqCst);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl State {
    async fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        if self.fault.affects_connections() && self.armed.swap(0, Ordering::SeqCst) == 1 {
            return self.act(&mut stream, &self.fault.script("", Form::Json).acts).await;
        }
        let mut unread = Vec::new();
        loop {
            let Some(head) = head(&mut stream, &mut unread).await? else { return Ok(()) };
            let hits = !self.fault.affects_connections()
                && (!self.fault.is_transient() || locked(&self.hit).insert(head.id.clone()));
            let script = match hits {
                true => self.fault.script(&head.id, head.form),
                // A fault of connections affects only new ones, so each request needs its own.
                false if self.fault.affects_connections() => Script::last(&head.id, head.form),
                false => Script::healthy(&head.id, head.form),
            };
            if script.reads == Reads::Part {
                return self.act(&mut stream, &script.acts).await;
            }
            let Some(request) = body(&mut stream, &mut unread, head).await? else { return Ok(()) };
            self.ledger.arrived(&request, script.rejects);
            self.act(&mut stream, &script.acts).await?;
            if script.acts.last().is_some_and(Act::ends) {
                return Ok(());
            }
        }
    }

    async fn act(&self, stream: &mut TcpStream, acts: &[Act]) -> io::Result<()> {
        for act in acts {
            match act {
                Act::Write(bytes) => stream.write_all(bytes).await?,
                Act::Drip(bytes, gap) => {
                    for byte in bytes.chunks(1).take(self.drip) {
                        stream.write_all(byte).await?;
                        sleep(*gap).await;
                    }
                }
                Act::Forever(bytes, gap) => loop {
                    stream.write_all(bytes).await?;
                    sleep(*gap).await;
                },
                Act::Reset => return stream.set_zero_linger(),
                Act::Close => return stream.shutdown().await,
                Act::Stall => {
                    // Until the client closes the connection.
                    let mut sink = [0; 1024];
                    while stream.read(&mut sink).await? > 0 {}
                }
            }
        }
        Ok(())
    }
}

/// A request whose head has arrived. Its body may still be missing.
struct Arrived {
    id: String,
    key: Option<String>,
    /// What the request accepts.
    form: Form,
    head: usize,
    length: usize,
}

async fn head(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<Option<Arrived>> {
    loop {
        if let Some(at) = unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&unread[..at]).into_owned();
            let header = |name: &str| {
                let value = |line: &str| {
                    let (found, value) = line.split_once(':')?;
                    Some(value.trim().to_owned()).filter(|_| found.eq_ignore_ascii_case(name))
                };
                text.lines().find_map(value)
            };
            let path = text.split(' ').nth(1).unwrap_or_default();
            let id = path.split(['/', '?']).nth(2).unwrap_or_default().to_owned();
            let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            let form = Form::accepted(&header("accept").unwrap_or_default());
            return Ok(Some(Arrived { id, key: header("idempotency-key"), form, head: at + 4, length }));
        }
        if !more(stream, unread).await? {
            return Ok(None);
        }
    }
}

async fn body(stream: &mut TcpStream, unread: &mut Vec<u8>, request: Arrived) -> io::Result<Option<Arrived>> {
    while unread.len() < request.head + request.length {
        if !more(stream, unread).await? {
            return Ok(None);
        }
    }
    unread.drain(..request.head + request.length);
    Ok(Some(request))
}

async fn more(stream: &mut TcpStream, unread: &mut Vec<u8>) -> io::Result<bool> {
    let mut chunk = [0; 4096];
    let read = stream.read(&mut chunk).await?;
    unread.extend_from_slice(&chunk[..read]);
    Ok(read > 0)
}

/// The wait between two bytes of a slow response.
pub const DRIP: Duration = Duration::from_millis(40);
