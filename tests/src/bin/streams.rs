//! Holds 10,000 idle event streams at once, and reads a million lines, from a server in a process of its own.
//!
//! `cargo run --release -p apisession-tests --bin streams` takes a minute. 10,000 streams need `ulimit -n 20000`; `-- 1000 100000` has
//! 1,000 streams and 100,000 lines. It prints the memory of a stream, and how many lines per second are read, as a ratio to what
//! `serde_json::StreamDeserializer` reads of the same bytes in memory. It fails if an event or a line is missing, or if the memory
//! grows with the number of lines.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use apisession::prelude::*;
use apisession::{BoxError, http};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How many rounds of lines there are, of which the best one counts.
const ROUNDS: usize = 5;

/// A line, or the data of an event.
#[derive(Debug, Deserialize, Serialize)]
struct Row {
    id: u64,
    title: String,
    starts: String,
    tags: Vec<String>,
}

#[endpoint]
struct Feed;

#[endpoint]
impl Feed {
    /// One event at once, and one after `tick`.
    #[get("/events", events(reconnect))]
    fn events(&self) -> Call<EventStream<u64>>;

    #[get("/lines")]
    fn lines(&self, #[query] count: u64) -> Call<Lines<Row>>;

    #[post("/tick")]
    fn tick(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test")]
struct Vendor {
    session: Session,
    #[endpoint]
    feed: Feed,
}

fn main() -> Result<ExitCode, BoxError> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let number = |index: usize, default: u64| -> Result<u64, BoxError> {
        Ok(arguments.get(index).map_or(Ok(default), |text| text.parse())?)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if arguments.first().is_some_and(|first| first == "serve") {
        return runtime.block_on(serve(number(1, 0)?)).map(|()| ExitCode::SUCCESS);
    }
    let (streams, lines) = (number(0, 10_000)?, number(1, 1_000_000)?);
    let server = Server::start(lines)?;
    let is_ok = runtime.block_on(async {
        let api = Vendor::builder().base_url(&*server.url).timeout(Duration::from_secs(60)).build()?;
        let are_events_whole = hold(&api, streams).await?;
        Ok::<_, BoxError>(are_events_whole & read(&api, lines).await?)
    })?;
    Ok(if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Opens the streams, lets them be idle, and has each get another event.
async fn hold(api: &Vendor, count: u64) -> Result<bool, BoxError> {
    // The session's own memory, and that of the first connection, is not that of a stream.
    drop(api.feed().events().await?);
    let before = resident();
    let start = Instant::now();
    let at_once = Arc::new(Semaphore::new(200));
    let mut opening = JoinSet::new();
    for _ in 0..count {
        let (call, at_once) = (api.feed().events(), Arc::clone(&at_once));
        opening.spawn(async move {
            let _permit = at_once.acquire().await;
            let mut stream = call.await?;
            let first = stream.next().await.transpose()?;
            Ok::<_, Error>((stream, first == Some(1)))
        });
    }
    let mut open = Vec::new();
    while let Some(end) = opening.join_next().await {
        open.push(end??);
    }
    let opened = start.elapsed();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let per_stream =
        before.zip(resident()).map(|(before, after)| after.saturating_sub(before) / count.max(1));
    api.feed().tick().await?;
    let mut received = 0;
    for (stream, is_first_right) in &mut open {
        let second = tokio::time::timeout(Duration::from_secs(30), stream.next()).await?;
        received += u64::from(*is_first_right && second.transpose()? == Some(2));
    }
    let memory = per_stream.map_or("unknown".to_owned(), |bytes| format!("{:.1} KiB", bytes as f64 / 1024.0));
    println!(
        "{count} idle event streams, opened in {:.1} s; {received} got their next event; memory per stream: {memory}",
        opened.as_secs_f64()
    );
    Ok(received == count)
}

/// Reads the lines from the server, and the same bytes from memory.
async fn read(api: &Vendor, count: u64) -> Result<bool, BoxError> {
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    let (mut growth, mut is_whole) = (Some(0), true);
    for _ in 0..ROUNDS {
        let before = resident();
        let start = Instant::now();
        let mut lines = api.feed().lines(count).await?;
        let (mut items, mut sum, mut most) = (0, 0, before);
        while let Some(row) = lines.next().await {
            let row = row?;
            (items, sum) = (items + 1, sum + row.id + row.tags.len() as u64);
            if items % 100_000 == 0 {
                most = most.max(resident());
            }
        }
        ours = ours.min(start.elapsed());
        is_whole &= (items, sum) == (count, sum_of(count));
        growth = growth
            .zip(before.zip(most))
            .map(|(growth, (before, most))| most.saturating_sub(before).max(growth));
        let bytes = rows(count);
        let start = Instant::now();
        let mut sum = 0;
        for row in serde_json::Deserializer::from_slice(&bytes).into_iter::<Row>() {
            let row = row?;
            sum += row.id + row.tags.len() as u64;
        }
        theirs = theirs.min(start.elapsed());
        is_whole &= sum == sum_of(count);
    }
    let per_second = |time: Duration| count as f64 / time.as_secs_f64();
    let memory =
        growth.map_or("unknown".to_owned(), |bytes| format!("{:.1} MiB", bytes as f64 / 1_048_576.0));
    println!(
        "{count} lines, whole: {is_whole}; memory grew by {memory}; {:.0} lines per second; StreamDeserializer in memory: \
         {:.0}; ratio {:.2}",
        per_second(ours),
        per_second(theirs),
        per_second(ours) / per_second(theirs)
    );
    Ok(is_whole && growth.is_none_or(|growth| growth < 16 * 1024 * 1024))
}

/// The sum that shows that each row was read.
fn sum_of(count: u64) -> u64 {
    (0..count).map(|id| id + 2).sum()
}

fn rows(count: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for id in 0..count {
        let row = Row {
            id,
            title: format!("Event {id} of the calendar"),
            starts: "2026-11-28T04:00:00Z".to_owned(),
            tags: vec!["work".to_owned(), format!("room-{}", id % 97)],
        };
        serde_json::to_writer(&mut bytes, &row).expect("a row can be encoded");
        bytes.push(b'\n');
    }
    bytes
}

/// The resident memory of this process, in bytes; `None` where the system does not tell.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// The server, in a process of its own, which ends with it.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(lines: u64) -> Result<Self, BoxError> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", &lines.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        BufReader::new(process.stdout.take().ok_or("the server has no output")?).read_line(&mut url)?;
        Ok(Self { process, url: url.trim().to_owned() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn serve(lines: u64) -> Result<(), BoxError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let body: Arc<[u8]> = rows(lines).into();
    println!("http://{}", listener.local_addr()?);
    let (tick, ticked) = watch::channel(false);
    let tick = Arc::new(tick);
    loop {
        let (stream, _) = listener.accept().await?;
        let (body, tick, ticked) = (Arc::clone(&body), Arc::clone(&tick), ticked.clone());
        // A client may disconnect at any time.
        tokio::spawn(async move { respond(stream, &body, &tick, ticked).await });
    }
}

async fn respond(
    mut stream: TcpStream,
    body: &[u8],
    tick: &watch::Sender<bool>,
    mut ticked: watch::Receiver<bool>,
) -> Result<(), BoxError> {
    let ok = http::StatusCode::OK.as_u16();
    let mut head = Vec::new();
    loop {
        while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
            let mut piece = [0; 1024];
            let read = stream.read(&mut piece).await?;
            if read == 0 {
                return Ok(());
            }
            head.extend_from_slice(&piece[..read]);
        }
        let line = String::from_utf8_lossy(&head).into_owned();
        head.clear();
        if line.starts_with("GET /events") {
            let start = format!(
                "HTTP/1.1 {ok} OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            );
            stream.write_all(format!("{start}9\r\ndata: 1\n\n\r\n").as_bytes()).await?;
            ticked.wait_for(|is_ticked| *is_ticked).await?;
            stream.write_all(b"9\r\ndata: 2\n\n\r\n").await?;
            // Until the client goes away.
            let _ = stream.read(&mut [0; 16]).await;
            return Ok(());
        }
        if line.starts_with("POST /tick") {
            tick.send_replace(true);
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
            continue;
        }
        let length = body.len();
        let start = format!(
            "HTTP/1.1 {ok} OK\r\ncontent-type: application/x-ndjson\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(start.as_bytes()).await?;
        stream.write_all(body).await?;
    }
}
