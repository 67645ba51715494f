//! The server that all clients call: HTTP/1.1 on loopback, with connections that are kept alive, on a thread of its own.
//!
//! It does as little as it can, so that the clients are what is measured.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\n\
    content-type: application/json\r\n\
    x-request-id: 0b6ba9e4-51d7-4a0c\r\n\
    content-length: 59\r\n\
    \r\n\
    {\"id\":7,\"title\":\"Planning\",\"starts\":\"2026-12-01T09:00:00Z\"}";

/// A running server.
pub(crate) struct Server {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// The last request, with its body.
    last: Mutex<Vec<u8>>,
    /// Whether responses are held back.
    holds: watch::Sender<bool>,
    /// How many requests wait for a response.
    held: AtomicUsize,
}

impl Server {
    pub(crate) fn start() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shared =
            Shared { last: Mutex::default(), holds: watch::Sender::new(false), held: AtomicUsize::new(0) };
        let shared = Arc::new(shared);
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let port = listener.local_addr()?.port();
        // `localhost` is an IPv6 address first on some machines.
        let also = runtime.block_on(TcpListener::bind((Ipv6Addr::LOCALHOST, port))).ok();
        let accepted = Arc::clone(&shared);
        std::thread::spawn(move || {
            runtime.block_on(async {
                if let Some(also) = also {
                    tokio::spawn(accept(also, Arc::clone(&accepted)));
                }
                accept(listener, accepted).await;
            });
        });
        Ok(Self { port, shared })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn url_by_address(&self) -> String {
        format!("http://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// The text of the last request.
    pub(crate) fn last_request(&self) -> String {
        String::from_utf8_lossy(&self.shared.last.lock().expect("no panic")).into_owned()
    }

    /// Holds responses back, or sends all that were held back.
    pub(crate) fn hold(&self, holds: bool) {
        self.shared.holds.send_replace(holds);
    }

    /// How many requests wait for a response.
    pub(crate) fn held(&self) -> usize {
        self.shared.held.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // It fails for a connection that is gone already, and where there are no descriptors left.
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(serve(stream, Arc::clone(&shared)));
    }
}

/// Serves one connection. An error is a client that closed it.
async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut holds = shared.holds.subscribe();
    let mut buffer = Vec::with_capacity(1024);
    loop {
        let Some(length) = length(&buffer) else {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Ok(());
            }
            continue;
        };
        if let Ok(mut last) = shared.last.lock() {
            last.clear();
            last.extend_from_slice(&buffer[..length]);
        }
        buffer.drain(..length);
        if *holds.borrow() {
            shared.held.fetch_add(1, Ordering::SeqCst);
            let released = holds.wait_for(|holds| !holds).await.is_ok();
            shared.held.fetch_sub(1, Ordering::SeqCst);
            if !released {
                return Ok(());
            }
        }
        stream.write_all(RESPONSE).await?;
    }
}

/// The length of the request at the start of the buffer, if it is there whole.
fn length(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&buffer[..head]).ok()?;
    let body = text.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = body.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let body = lengths.next().map_or(0, |(_, value)| value.trim().parse().unwrap_or(0));
    (buffer.len() >= head + body).then_some(head + body)
}
