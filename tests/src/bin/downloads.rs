//! Downloads a large file, ours and by `bytes_stream` of reqwest, in turns, each in a process of its own.
//!
//! `cargo run --release -p apisession-tests --bin downloads` downloads 1 GiB five times each. `-- 64 3` downloads 64 MiB three times.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use apisession::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

type Problem = Box<dyn std::error::Error + Send + Sync>;

#[endpoint(path = "/files")]
struct Files;

#[endpoint]
impl Files {
    #[get("/{mib}")]
    fn content(&self, mib: u64) -> Call<Download>;
}

#[derive(Clone, APISession)]
#[session(base_url = "http://declared.test")]
struct Acme {
    session: Session,
    #[endpoint]
    files: Files,
}

const MIB: u64 = 1024 * 1024;

fn main() -> Result<(), Problem> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [who, url, mib, path] => runtime.block_on(child(who, url, mib.parse()?, Path::new(path))),
        ref sizes => {
            let mib = sizes.first().map_or(Ok(1024), |mib| mib.parse())?;
            let rounds = sizes.get(1).map_or(Ok(5), |rounds| rounds.parse())?;
            compare(&runtime, mib, rounds)
        }
    }
}

/// Runs the two in turns, and prints the ratio of the least times and of the medians.
fn compare(runtime: &tokio::runtime::Runtime, mib: u64, rounds: usize) -> Result<(), Problem> {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let url = format!("http://{}", listener.local_addr()?);
    runtime.spawn(serve(listener));
    let folder = tempfile::tempdir()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut peak: u64 = 0;
    for round in 1..=rounds {
        // Who is first changes, so that neither always writes to the emptier cache.
        let order = if round % 2 == 0 { ["ours", "reqwest"] } else { ["reqwest", "ours"] };
        for who in order {
            let path = folder.path().join("file");
            let output = Command::new(std::env::current_exe()?)
                .args([who, &url, &mib.to_string()])
                .arg(&path)
                .output()?;
            let text = String::from_utf8(output.stdout)?;
            let (seconds, memory) = text
                .trim()
                .split_once(' ')
                .ok_or_else(|| format!("{who} failed: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
            let (seconds, memory): (f64, u64) = (seconds.parse()?, memory.parse()?);
            assert_eq!(std::fs::metadata(&path)?.len(), mib * MIB, "the file is whole");
            std::fs::remove_file(&path)?;
            println!("{who}: {mib} MiB in {seconds:.2} s, peak memory {:.1} MiB", memory as f64 / 1024.0);
            if who == "ours" {
                ours.push(seconds);
                peak = peak.max(memory);
            } else {
                theirs.push(seconds);
            }
        }
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let (least, median) = (theirs[0] / ours[0], theirs[rounds / 2] / ours[rounds / 2]);
    println!(
        "throughput relative to reqwest's bytes_stream to the same file: {least:.2} by the least times, {median:.2} by the medians; \
         peak memory {:.1} MiB",
        peak as f64 / 1024.0
    );
    Ok(())
}

/// Downloads once, and prints the time in seconds and the peak memory in KiB.
async fn child(who: &str, url: &str, mib: u64, path: &Path) -> Result<(), Problem> {
    let start = Instant::now();
    if who == "ours" {
        let api = Acme::builder().base_url(url).build()?;
        api.files().content(mib).await?.to_file(path).await?;
    } else {
        by_hand(&format!("{url}/files/{mib}"), path).await?;
    }
    println!("{} {}", start.elapsed().as_secs_f64(), peak_memory()?);
    Ok(())
}

/// The same as it is written by hand.
async fn by_hand(url: &str, path: &Path) -> Result<(), Problem> {
    use futures_core::Stream as _;
    let response = reqwest::Client::builder().build()?.get(url).send().await?.error_for_status()?;
    let mut stream = Box::pin(response.bytes_stream());
    let mut file = tokio::fs::File::create(path).await?;
    while let Some(piece) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
        file.write_all(&piece?).await?;
    }
    file.flush().await?;
    Ok(())
}

fn peak_memory() -> Result<u64, Problem> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("the system has no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// Sends as many MiB as the path of a request states.
async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(respond(stream));
    }
}

async fn respond(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await? {
            0 => return Ok(()),
            read => request.extend_from_slice(&chunk[..read]),
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let mib: u64 = request.split(['/', ' ']).nth(3).and_then(|mib| mib.parse().ok()).unwrap_or(0);
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\netag: \"v1\"\r\n\r\n", mib * MIB);
    stream.write_all(head.as_bytes()).await?;
    let piece: Vec<u8> = (0..=255).cycle().take(256 * 1024).collect();
    for _ in 0..mib * 4 {
        stream.write_all(&piece).await?;
    }
    Ok(())
}
