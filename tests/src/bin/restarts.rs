//! Restarts a server on a socket under eight workers, with the defaults of a session, and counts the calls that failed.
//!
//! `cargo run -p apisession-tests --bin restarts` restarts it 20 times, with an outage of a second each time. `-- 5 2000` restarts it
//! 5 times, for 2,000 milliseconds.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use apisession::BoxError;
use apisession::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test")]
struct Acme {
    session: Session,
}

const WORKERS: usize = 8;
/// How long the server runs between two restarts. The calls that waited are made in this time.
const UPTIME: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<ExitCode, BoxError> {
    let mut arguments = std::env::args().skip(1);
    let restarts: u32 = arguments.next().map_or(Ok(20), |count| count.parse())?;
    let outage = Duration::from_millis(arguments.next().map_or(Ok(1_000), |millis| millis.parse())?);

    let mut server = Server::start(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let api = Acme::builder().base_url(format!("http://{}", server.address)).build()?;
    let (ends, ending) = watch::channel(false);
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let (api, ending) = (api.clone(), ending.clone());
        workers.spawn(async move {
            let (mut calls, mut failures) = (0_u64, Vec::new());
            while !*ending.borrow() {
                calls += 1;
                failures.extend(api.raw().get("/x").await.err());
                sleep(Duration::from_millis(5)).await;
            }
            (calls, failures)
        });
    }
    for _ in 0..restarts {
        sleep(UPTIME).await;
        let address = server.stop().await;
        sleep(outage).await;
        server = Server::start(address).await?;
    }
    sleep(UPTIME).await;
    ends.send_replace(true);

    let (mut calls, mut failures) = (0, Vec::new());
    while let Some(end) = workers.join_next().await {
        let (made, failed) = end?;
        calls += made;
        failures.extend(failed);
    }
    println!("{restarts} restarts of {outage:?}: {} of {calls} calls failed", failures.len());
    if let Some(first) = failures.first() {
        println!("{}", first.report());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// A server that is stopped with all its connections.
struct Server {
    address: SocketAddr,
    connections: tokio::task::JoinHandle<()>,
}

impl Server {
    async fn start(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let connections = tokio::spawn(async move {
            // They are dropped with this task.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream));
            }
        });
        Ok(Self { address, connections })
    }

    /// Returns the address, at which another one can be started.
    async fn stop(self) -> SocketAddr {
        self.connections.abort();
        let _ = self.connections.await;
        self.address
    }
}

async fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut read = [0; 4096];
    // A request without a body, as a whole.
    while stream.read(&mut read).await? > 0 {
        sleep(Duration::from_millis(20)).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await?;
    }
    Ok(())
}
