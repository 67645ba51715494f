//! The frames of HTTP/2 that report whether a request was processed (RFC 9113).

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The reaction of the server to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Responds with 200 and no body.
    Ok,
    /// Responds with 200 and headers of 70 KiB.
    HugeHeaders,
    /// Resets the stream with `REFUSED_STREAM`: the request was not processed.
    RefusedStream,
    /// Resets the stream with `CANCEL`: the request may have been processed.
    Cancel,
    /// Sends `GOAWAY` without an error, with a last stream below that of the request: it will not be processed.
    GoAwayBelow,
    /// Sends `GOAWAY` without an error, with the stream of the request as the last one, and closes: the request may have
    /// been processed.
    GoAwayAndClose,
}

/// A server for HTTP/2 without TLS, which reacts to the requests with a list of replies, in order.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    arrived: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts on a free port. After the last reply, each further request gets [`Reply::Ok`].
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let replies: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(replies.into_iter().collect()));
        let arrived = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&arrived);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (replies, arrived) = (Arc::clone(&replies), Arc::clone(&counted));
                tokio::spawn(async move { serve(stream, &replies, &arrived).await });
            }
        });
        Ok(Self { address, arrived, task })
    }

    /// Returns the URL of the server: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the number of requests that have arrived.
    #[must_use]
    pub fn arrived(&self) -> usize {
        self.arrived.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The number of continuations of huge headers, and the length of the value in each.
const HUGE: (usize, usize) = (5, 14_000);

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
/// `:status: 200` in HPACK.
const STATUS_200: u8 = 0x88;

async fn serve(
    mut stream: TcpStream,
    replies: &Mutex<VecDeque<Reply>>,
    arrived: &AtomicUsize,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    write(&mut stream, SETTINGS, 0, 0, &[]).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, id @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await?;
        let id = u32::from_be_bytes(id);
        if kind == SETTINGS && flags & ACK == 0 {
            write(&mut stream, SETTINGS, ACK, 0, &[]).await?;
        }
        if !matches!(kind, HEADERS | DATA) || flags & END_STREAM == 0 {
            continue;
        }
        arrived.fetch_add(1, Ordering::SeqCst);
        let reply = replies.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match reply.unwrap_or(Reply::Ok) {
            Reply::Ok => {
                write(&mut stream, HEADERS, END_STREAM | END_HEADERS, id, &[STATUS_200]).await?;
            }
            Reply::HugeHeaders => {
                write(&mut stream, HEADERS, END_STREAM, id, &[STATUS_200]).await?;
                for number in 1..=HUGE.0 {
                    let flags = if number == HUGE.0 { END_HEADERS } else { 0 };
                    write(&mut stream, CONTINUATION, flags, id, &literal(HUGE.1)).await?;
                }
            }
            Reply::RefusedStream => {
                write(&mut stream, RST_STREAM, 0, id, &REFUSED_STREAM.to_be_bytes()).await?;
            }
            Reply::Cancel => write(&mut stream, RST_STREAM, 0, id, &CANCEL.to_be_bytes()).await?,
            Reply::GoAwayBelow => {
                // Clients use odd stream ids only, so the stream before this one is two lower.
                write(&mut stream, GOAWAY, 0, 0, &go_away(id.saturating_sub(2))).await?;
            }
            Reply::GoAwayAndClose => {
                write(&mut stream, GOAWAY, 0, 0, &go_away(id)).await?;
                return stream.shutdown().await;
            }
        }
    }
}

/// Returns a header `x` with a value of `length` bytes in HPACK, as a literal without indexing (RFC 7541 §6.2.2).
fn literal(length: usize) -> Vec<u8> {
    let mut field = vec![0, 1, b'x', 0x7f];
    let mut rest = length - 0x7f;
    while rest >= 0x80 {
        field.push(0x80 | u8::try_from(rest % 0x80).unwrap_or_default());
        rest /= 0x80;
    }
    field.push(u8::try_from(rest).unwrap_or_default());
    field.resize(field.len() + length, b'h');
    field
}

/// Returns the payload of `GOAWAY`: the last stream that is processed, and the error code `NO_ERROR`.
fn go_away(last: u32) -> [u8; 8] {
    let mut payload = [0; 8];
    payload[..4].copy_from_slice(&last.to_be_bytes());
    payload
}

async fn write(stream: &mut TcpStream, kind: u8, flags: u8, id: u32, payload: &[u8]) -> io::Result<()> {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap_or_default().to_be_bytes();
    let mut frame = vec![a, b, c, kind, flags];
    frame.extend_from_slice(&id.to_be_bytes());
    frame.extend_from_slice(payload);
    stream.write_all(&frame).await
}
