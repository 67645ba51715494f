//! A server on a socket whose responses a test sets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An HTTP/1.1 server that calls a function with the head and the body of each request, and sends what the function returns, text
/// or bytes. An empty response or one with `connection: close` closes the connection. It sends raw bytes, so that malformed
/// responses are possible.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server on a free port.
    ///
    /// # Panics
    ///
    /// Panics if no port is free.
    pub async fn start<R: AsRef<[u8]> + Send>(respond: impl Fn(&str) -> R + Send + Sync + 'static) -> Self {
        Self::serving(respond, false).await
    }

    /// Starts a server that closes each connection after one response, without a `connection: close`.
    pub async fn closing<R: AsRef<[u8]> + Send>(respond: impl Fn(&str) -> R + Send + Sync + 'static) -> Self {
        Self::serving(respond, true).await
    }

    async fn serving<R: AsRef<[u8]> + Send>(
        respond: impl Fn(&str) -> R + Send + Sync + 'static,
        closes: bool,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let respond = Arc::new(respond);
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let respond = Arc::clone(&respond);
                tokio::spawn(async move { serve(stream, &*respond, closes).await });
            }
        });
        Self { address, connections, task }
    }

    /// Returns its URL, `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the number of connections that were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<R: AsRef<[u8]> + Send>(
    mut stream: TcpStream,
    respond: &(impl Fn(&str) -> R + Sync),
    closes: bool,
) {
    let mut unread = Vec::new();
    while let Some(request) = read(&mut stream, &mut unread).await {
        let response = respond(&request);
        let response = response.as_ref();
        let written = stream.write_all(response).await.is_ok();
        if closes || response.is_empty() || !written || find(response, b"connection: close").is_some() {
            return;
        }
    }
}

/// The next request, head and body.
async fn read(stream: &mut TcpStream, unread: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = find(unread, b"\r\n\r\n").map(|at| at + 4) {
            let head = String::from_utf8_lossy(&unread[..end]).into_owned();
            let length = end + content_length(&head);
            if unread.len() >= length {
                let body = String::from_utf8_lossy(&unread[end..length]).into_owned();
                unread.drain(..length);
                return Some(head + &body);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => unread.extend_from_slice(&chunk[..read]),
        }
    }
}

fn content_length(head: &str) -> usize {
    let line = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned));
    line.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
