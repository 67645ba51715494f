//! Limits of concurrent requests and connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use apisession::prelude::*;
use apisession::transport::Memory;
use apisession_tests::{respond, tokio, watched};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

#[tokio::test(start_paused = true)]
async fn at_most_max_in_flight_requests_run_at_once() {
    let now = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (counted, peak) = (Arc::clone(&now), Arc::clone(&most));
    let transport = Memory::new(move |_| {
        let (now, most) = (Arc::clone(&counted), Arc::clone(&peak));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(respond(200, ""))
        }
    });
    let api = Acme::builder().transport(transport).max_in_flight(4).build().unwrap();
    let start = tokio::time::Instant::now();
    let calls: Vec<_> = (0..20).map(|id| tokio::spawn(api.events().get(id).send())).collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!((most.load(Ordering::SeqCst), start.elapsed().as_secs()), (4, 5));

    // A dropped call releases its slot.
    for id in 0..20 {
        let call = tokio::spawn(api.events().get(id).send());
        tokio::task::yield_now().await;
        call.abort();
    }
    api.events().get(1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k5_of_1500_calls_at_once_at_most_64_have_a_connection() {
    let [requests, connections] = peaks(1_500, 64, |_| "").await;
    println!("at most {requests} requests under way, on {connections} connections");
    assert!((1..=64).contains(&requests), "{requests}");
    assert!((1..=64).contains(&connections), "{connections}");
}

/// The server closes connections with and without a `connection: close`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn k5_a_closed_connection_does_not_count() {
    let closes = |request| match request % 50 {
        0 => "unannounced",
        count if count % 3 == 0 => "connection: close\r\n",
        _ => "",
    };
    let [requests, connections] = peaks(300, 8, closes).await;
    assert!((1..=8).contains(&requests), "{requests}");
    assert!((1..=8).contains(&connections), "{connections}");
}

#[tokio::test]
async fn k5_connect_timeout_does_not_limit_the_wait_for_a_connection() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        // No second connection is made meanwhile.
        let second = tokio::time::timeout(Duration::from_millis(2_500), listener.accept());
        assert!(second.await.is_err());
        let mut request = [0; 4096];
        while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        }
    });
    let wire = apisession_tests::wire().max_connections(1);
    let wire = wire.connect_timeout(Duration::from_secs(2)).build().unwrap();
    let api = Acme::builder().base_url(url).transport(wire).max_attempts(1).build().unwrap();
    let calls = [1, 2, 3].map(|id| tokio::spawn(api.events().get(id).send()));
    for call in calls {
        watched(call).await.unwrap().unwrap();
    }
    drop(api);
    watched(server).await.unwrap();
}

/// Sends `calls` at once, and returns the most requests and the most connections that the server had at once. The server closes
/// the connection after the responses for which `closes` returns a header, or `unannounced` for a close without one.
async fn peaks(calls: u64, max_in_flight: usize, closes: fn(usize) -> &'static str) -> [usize; 2] {
    let (connections, requests) = (Peak::default(), Peak::default());
    let (made, begun) = (connections.clone(), requests.clone());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(1));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (made, begun, count) = (made.clone(), begun.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                made.more();
                let mut request = [0; 4096];
                while stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                    begun.more();
                    tokio::task::yield_now().await;
                    begun.less();
                    let close = closes(count.fetch_add(1, Ordering::SeqCst));
                    let header = if close == "unannounced" { "" } else { close };
                    let response = format!("HTTP/1.1 204 No Content\r\n{header}\r\n");
                    if !close.is_empty() {
                        // From here on the client may count it no more.
                        made.less();
                        return stream.write_all(response.as_bytes()).await.unwrap_or_default();
                    }
                    if stream.write_all(response.as_bytes()).await.is_err() {
                        break;
                    }
                }
                made.less();
            });
        }
    });
    let api = Acme::builder().base_url(url).max_in_flight(max_in_flight).build().unwrap();
    let mut set = JoinSet::new();
    for id in 0..calls {
        set.spawn(api.events().get(id).send());
    }
    watched(async {
        while let Some(end) = set.join_next().await {
            end.unwrap().unwrap();
        }
    })
    .await;
    [requests.most(), connections.most()]
}

/// A count, and its maximum.
#[derive(Clone, Default)]
struct Peak(Arc<[AtomicUsize; 2]>);

impl Peak {
    fn more(&self) {
        let now = self.0[0].fetch_add(1, Ordering::SeqCst) + 1;
        self.0[1].fetch_max(now, Ordering::SeqCst);
    }

    fn less(&self) {
        self.0[0].fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0[1].load(Ordering::SeqCst)
    }
}
