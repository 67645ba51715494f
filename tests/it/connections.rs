//! Reuse of connections, and limits of response heads. Names begin with requirement numbers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::Outcome;
use apisession::prelude::*;
use apisession_tests::{Server, tokio, watched};
use faults::fault::Fault;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

const CALLS: usize = 3_000;

/// A server that closes each connection after its response without a `connection: close`, and the number of requests that it
/// has read.
async fn stale() -> (Server, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = Server::closing(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        "HTTP/1.1 204 No Content\r\n\r\n".to_owned()
    });
    (server.await, count)
}

#[tokio::test]
async fn x1_a_get_succeeds_after_an_idle_connection_was_closed() {
    let (server, count) = stale().await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    for _ in 0..CALLS {
        watched(api.raw().get("/x")).await.unwrap();
    }
    assert!(count.load(Ordering::SeqCst) >= CALLS);
}

#[tokio::test]
async fn x1_a_post_is_not_sent_twice_after_an_idle_connection_was_closed() {
    let (server, count) = stale().await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let mut ok = 0;
    for _ in 0..CALLS {
        match watched(api.raw().post("/x")).await {
            Ok(_) => ok += 1,
            Err(error) => {
                assert!(matches!(error.outcome(), Some(Outcome::Unknown | Outcome::NotSent)), "{error:?}");
            }
        }
    }
    println!("{ok} of {CALLS} writes succeeded, the others failed with the outcome `Unknown` or `NotSent`");
    assert_eq!(count.load(Ordering::SeqCst), ok);
}

/// reqwest keeps the time, on a clock that a test can't pause. The test asserts only that reqwest gets the setting.
#[tokio::test]
async fn x2_an_idle_connection_is_kept_for_pool_idle_timeout() {
    let ok = |_: &str| "HTTP/1.1 204 No Content\r\n\r\n".to_owned();
    for (limit, connections) in [(None, 1), (Some(Duration::from_nanos(1)), 10)] {
        let server = Server::start(ok).await;
        let builder = Acme::builder().base_url(server.url());
        let api = match limit {
            Some(limit) => builder.pool_idle_timeout(limit).build().unwrap(),
            None => builder.build().unwrap(),
        };
        for _ in 0..10 {
            watched(api.raw().get("/x")).await.unwrap();
        }
        assert_eq!(server.connections(), connections, "{limit:?}");
    }
}

#[tokio::test]
async fn m2_interim_responses_end_with_the_attempt_and_a_switch_of_protocols_is_an_error() {
    let server = faults::server::Server::start(Fault::Endless1xx).await.unwrap();
    let api =
        Acme::builder().base_url(server.url()).attempt_timeout(Duration::from_millis(300)).build().unwrap();
    let error = watched(api.raw().post("/things/1")).await.unwrap_err();
    assert!(error.to_string().ends_with("(`attempt_timeout`)"), "{error}");
    let server = Server::start(|_| {
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_owned()
    });
    let server = server.await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let error = watched(api.raw().get("/x")).await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::UnexpectedStatus, 101));
}

#[tokio::test]
async fn m3_a_response_head_has_limits_of_count_and_size() {
    for (headers, is_ok) in [(99, true), (100, false)] {
        let server = Server::start(move |_| {
            let headers: String = (0..headers).map(|n| format!("x-{n}: 1\r\n")).collect();
            format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n")
        });
        let server = server.await;
        let api = Acme::builder().base_url(server.url()).build().unwrap();
        let end = watched(api.raw().get("/x")).await;
        assert_eq!(
            end.map_err(|error| error.kind()).err(),
            (!is_ok).then_some(ErrorKind::Protocol),
            "{headers}"
        );
    }
    let server = faults::server::Server::start(Fault::HugeHeader).await.unwrap();
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let error = watched(api.raw().get("/things/1")).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Protocol, 1));
}

#[tokio::test]
async fn m4_bytes_after_a_response_are_not_the_next_response() {
    let server = faults::server::Server::start(Fault::ClLongOk).await.unwrap();
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    for number in 0..300 {
        let path = format!("/things/{number}");
        let value: serde_json::Value = watched(api.raw().get(&path).json_as()).await.unwrap();
        assert_eq!(value["id"], number.to_string());
    }
}

#[tokio::test]
async fn a_session_that_is_dropped_closes_its_connections() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        stream.read(&mut request).await
    });
    // It would be kept for an hour.
    let builder = Acme::builder().base_url(url).pool_idle_timeout(Duration::from_secs(3_600));
    let api = builder.build().unwrap();
    let clone = api.clone();
    watched(api.raw().get("/x")).await.unwrap();
    drop(api);
    assert!(!server.is_finished());
    drop(clone);
    assert_eq!(watched(server).await.unwrap().unwrap(), 0);
}
