//! Uploads of a large file: whether it arrives whole, and what memory it costs.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use apisession::prelude::*;
use apisession::{BoxError, Parts};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const PIECE: usize = 64 * 1024;

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test")]
struct Acme {
    session: Session,
}

/// How the file is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// As the whole body.
    Body,
    /// As one of three parts.
    Part,
}

/// An upload that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Whether the server received the file, by its length and its SHA-256.
    pub is_whole: bool,
    /// How often it was sent.
    pub attempts: u32,
    /// By how many bytes the memory of the process has grown at most, on systems with `/proc`.
    pub growth: Option<u64>,
}

/// Sends a sparse file of this length to a server in the same process, which closes the connection in the middle of the first attempt
/// if `is_cut`.
///
/// # Errors
///
/// If the call fails.
pub async fn upload(length: u64, way: Way, is_cut: bool) -> Result<Upload, BoxError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large.bin");
    create(&path, length)?;
    let expected = (length, digest(&path)?);
    let server = Server::start(is_cut).await?;
    let api = Acme::builder().base_url(&server.url).build()?;
    // What the first call needs is not what an upload costs.
    api.raw().get("/").await?;
    let start = baseline();
    let call = match way {
        Way::Body => api.raw().put("/").body("application/octet-stream", Body::file(&path)),
        Way::Part => {
            let parts = Parts::new().with("title", "Large").with("file", Part::file(&path)).with("end", "1");
            api.raw().put("/").multipart(&parts)
        }
    };
    let limit = Duration::from_secs(600);
    let response = call.with_timeout(limit).with_attempt_timeout(limit).await?;
    let growth = start.zip(resident("VmHWM")).map(|(start, most)| most.saturating_sub(start));
    let received = server.received.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Ok(Upload { is_whole: received.contains(&expected), attempts: response.attempts(), growth })
}

/// Writes a file that has its own bytes only at its start, in the middle, and at its end.
fn create(path: &Path, length: u64) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.set_len(length)?;
    for at in [0, length / 2, length.saturating_sub(8)] {
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&(at + 1).to_be_bytes()[..8.min(usize::try_from(length).unwrap_or(8))])?;
    }
    Ok(())
}

fn digest(path: &Path) -> std::io::Result<Vec<u8>> {
    let (mut file, mut hash, mut piece) = (File::open(path)?, Sha256::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finalize().to_vec()),
            read => hash.update(&piece[..read]),
        }
    }
}

/// The memory of the process, `VmRSS`, or its maximum, `VmHWM`, on systems with `/proc`.
fn resident(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.trim_start_matches(':').trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

/// Resets the maximum, and returns the memory of the process, on systems with `/proc`.
fn baseline() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    resident("VmRSS")
}

/// The lengths and digests of bodies, and of their parts.
type Received = Arc<Mutex<Vec<(u64, Vec<u8>)>>>;

/// A server that keeps nothing of a body but its digest.
struct Server {
    url: String,
    received: Received,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start(is_cut: bool) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (received, cuts) = (Received::default(), Arc::new(AtomicBool::new(is_cut)));
        let kept = Arc::clone(&received);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, cuts) = (Arc::clone(&kept), Arc::clone(&cuts));
                // A connection that fails is one that the client has closed.
                tokio::spawn(async move { serve(stream, &kept, &cuts).await.ok() });
            }
        });
        Ok(Self { url, received, task })
    }
}

async fn serve(mut stream: TcpStream, received: &Received, cuts: &AtomicBool) -> Result<(), BoxError> {
    loop {
        let mut unread = Vec::new();
        let end = loop {
            if let Some(at) = unread.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut unread).await? == 0 {
                return Ok(());
            }
        };
        let body = unread.split_off(end);
        let head = String::from_utf8(unread)?.to_ascii_lowercase();
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let length: u64 = header("content-length:").unwrap_or("0").parse()?;
        let boundary = header("content-type: multipart/form-data; boundary=").map(str::to_owned);
        let is_cut = length > 0 && cuts.swap(false, Ordering::SeqCst);
        let (pieces, arriving) = mpsc::channel(4);
        let digests = tokio::spawn(digests(Arriving(arriving), boundary));
        let left = if is_cut { length / 2 } else { length };
        forward(&mut stream, body, left, pieces).await?;
        if is_cut {
            return Ok(());
        }
        let digests = digests.await??;
        received.lock().unwrap_or_else(PoisonError::into_inner).extend(digests);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
    }
}

/// Passes on so many bytes of a body, the first of which were read with its head.
async fn forward(
    stream: &mut TcpStream,
    first: Vec<u8>,
    mut left: u64,
    pieces: mpsc::Sender<Bytes>,
) -> Result<(), BoxError> {
    let mut piece = first;
    while left > 0 {
        if piece.is_empty() {
            piece.resize(PIECE.min(usize::try_from(left)?), 0);
            let read = stream.read(&mut piece).await?;
            piece.truncate(read);
            if read == 0 {
                return Err("the body is cut".into());
            }
        }
        piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        left -= u64::try_from(piece.len())?;
        // Once no one reads any more, the parser reports why.
        let _ = pieces.send(std::mem::take(&mut piece).into()).await;
    }
    Ok(())
}

/// The digest of a body, or those of its parts.
async fn digests(mut body: Arriving, boundary: Option<String>) -> Result<Vec<(u64, Vec<u8>)>, BoxError> {
    let mut all = Vec::new();
    let Some(boundary) = boundary else {
        let (mut length, mut hash) = (0, Sha256::new());
        while let Some(piece) = body.0.recv().await {
            length += u64::try_from(piece.len())?;
            hash.update(&piece);
        }
        return Ok(vec![(length, hash.finalize().to_vec())]);
    };
    let mut form = multer::Multipart::new(body, boundary);
    while let Some(mut part) = form.next_field().await? {
        let (mut length, mut hash) = (0, Sha256::new());
        while let Some(piece) = part.chunk().await? {
            length += u64::try_from(piece.len())?;
            hash.update(&piece);
        }
        all.push((length, hash.finalize().to_vec()));
    }
    Ok(all)
}

/// A body that arrives.
struct Arriving(mpsc::Receiver<Bytes>);

impl futures_core::Stream for Arriving {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|piece| piece.map(Ok))
    }
}
