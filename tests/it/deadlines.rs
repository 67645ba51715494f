//! Which deadline ends a call, and what a dropped call releases. Names begin with requirement numbers.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use apisession::prelude::*;
use apisession::transport::Memory;
use apisession::{Body, Bytes, Outcome};
use apisession_tests::{Pieces, Server, Silent, offline, recording, respond, tokio, watched, wire};
use faults::fault::Fault;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

#[tokio::test(start_paused = true)]
async fn t1_every_call_ends_by_default() {
    let api = Acme::builder().transport(Memory::new(|_| pending())).build().unwrap();
    let start = Instant::now();
    let error = api.raw().get("/x").await.unwrap_err();
    // Two attempts of 60 seconds with their delays, and the rest of 180 seconds.
    assert_eq!(
        (error.kind(), error.outcome(), error.attempts()),
        (ErrorKind::Timeout, Some(Outcome::Unknown), 3)
    );
    assert_eq!(start.elapsed().as_secs(), 180);
    let start = Instant::now();
    let error = api.raw().post("/x").await.unwrap_err();
    assert!(error.to_string().ends_with("within 60s (`attempt_timeout`)"), "{error}");
    assert_eq!(start.elapsed().as_secs(), 60);
    // A body that stands still has 30 seconds.
    let (transport, _) = recording(|_, _| {
        let never = Pieces::new([Bytes::new()], Duration::from_secs(1_000_000));
        Ok(respond(200, "").with_body(Body::stream(never)))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let start = Instant::now();
    let error = api.raw().post("/x").await.unwrap_err();
    assert!(error.to_string().ends_with("sent nothing for 30s (`idle_timeout`)"), "{error}");
    assert_eq!((start.elapsed().as_secs(), error.status().unwrap().as_u16()), (30, 200));
}

#[tokio::test(start_paused = true)]
async fn t2_the_timeout_covers_all_attempts() {
    let api = Acme::builder().transport(Memory::new(|_| pending())).without_retry_budget().build().unwrap();
    for _ in 0..100 {
        let start = Instant::now();
        let call = api.raw().get("/x").with_attempt_timeout(Duration::from_millis(300)).with_max_attempts(10);
        let error = call.with_timeout(Duration::from_secs(2)).await.unwrap_err();
        assert!(start.elapsed() <= Duration::from_millis(2_002), "{:?}", start.elapsed());
        assert!(error.attempts() >= 2, "{}", error.attempts());
        let message = error.to_string();
        assert!(message.contains("(`timeout`)") || message.contains("(`attempt_timeout`)"), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn t3_a_slow_body_is_ended_by_min_throughput() {
    // Ten bytes a second, each read in time.
    let (transport, _) = recording(|_, _| {
        let drops = std::iter::repeat(Bytes::from_static(b"x"));
        Ok(respond(200, "").with_body(Body::stream(Pieces::new(drops, Duration::from_millis(100)))))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let start = Instant::now();
    let error = api.raw().post("/x").await.unwrap_err();
    assert!(
        error.to_string().contains("slower than 1024 bytes per second over 30s (`min_throughput`)"),
        "{error}"
    );
    assert_eq!((error.kind(), start.elapsed().as_secs()), (ErrorKind::Timeout, 30));
    // Just enough is enough, for as long as an attempt may take.
    let (transport, _) = recording(|_, _| {
        let drops = std::iter::repeat(Bytes::from_static(&[b'x'; 1024]));
        Ok(respond(200, "").with_body(Body::stream(Pieces::new(drops, Duration::from_millis(999)))))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let error = api.raw().post("/x").await.unwrap_err();
    assert!(error.to_string().ends_with("(`attempt_timeout`)"), "{error}");
}

#[tokio::test]
async fn t3_slow_headers_are_ended_by_the_attempt_timeout() {
    let server = faults::server::Server::start(Fault::SlowHeaders).await.unwrap();
    // Time enough to connect on a busy machine. The head takes seven seconds.
    let api = Acme::builder().base_url(server.url()).attempt_timeout(Duration::from_secs(3)).build().unwrap();
    let error = watched(api.raw().post("/things/1")).await.unwrap_err();
    assert!(error.to_string().ends_with("within 3s (`attempt_timeout`)"), "{error}");
    assert_eq!((error.outcome(), error.attempts()), (Some(Outcome::Unknown), 1));
}

#[tokio::test]
async fn t4_an_upload_that_stalls_is_ended_by_the_attempt_timeout() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let deaf = tokio::spawn(async move { listener.accept().await.unwrap() });
    let api = Acme::builder().base_url(url).attempt_timeout(Duration::from_secs(3)).build().unwrap();
    let upload = vec![b'x'; 20 * 1024 * 1024];
    let error = watched(api.raw().post("/x").body("text/plain", upload)).await.unwrap_err();
    assert!(error.to_string().ends_with("within 3s (`attempt_timeout`)"), "{error}");
    assert_eq!(error.outcome(), Some(Outcome::Unknown));
    drop(deaf.await.unwrap());
}

#[tokio::test]
async fn t5_a_name_resolution_that_hangs_is_ended_by_connect_timeout() {
    let builder = Acme::builder().transport(wire().resolver(Silent));
    let api = builder.base_url("http://api.test").connect_timeout(Duration::from_millis(50)).build().unwrap();
    let error = watched(api.raw().post("/x")).await.unwrap_err();
    assert!(error.to_string().ends_with("no connection within 50ms (`connect_timeout`)"), "{error}");
    assert_eq!(
        (error.kind(), error.outcome(), error.attempts()),
        (ErrorKind::Timeout, Some(Outcome::NotSent), 3)
    );
}

#[tokio::test]
async fn t6_a_dropped_call_closes_its_connection_and_leaves_no_task() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let api = Acme::builder().base_url(url).max_in_flight(1).build().unwrap();
    let metrics = tokio::runtime::Handle::current().metrics();
    let baseline = metrics.num_alive_tasks();
    for _ in 0..10 {
        let call = tokio::spawn(api.raw().post("/x").json(&"hello").send());
        let (mut stream, _) = watched(listener.accept()).await.unwrap();
        let mut request = vec![0; 1024];
        watched(stream.read(&mut request)).await.unwrap();
        call.abort();
        assert!(watched(call).await.unwrap_err().is_cancelled());
        // The server sees the end of the connection, and the next call gets its slot.
        let mut rest = Vec::new();
        watched(stream.read_to_end(&mut rest)).await.unwrap_or_default();
    }
    watched(async {
        while metrics.num_alive_tasks() > baseline {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn t6_a_dropped_call_releases_its_slot_in_every_state() {
    let (transport, sent) = recording(|number, _| Ok(respond(if number % 2 == 1 { 503 } else { 200 }, "")));
    let policy = RetryPolicy::new().delays([Duration::from_millis(50)]);
    let api = Acme::builder().transport(transport).max_in_flight(1).without_retry_budget();
    let api = api.retry(policy).build().unwrap();
    // Dropped after any number of polls: before it was sent, while it waits for the next attempt, at its end.
    let mut sent_before = Vec::new();
    for polls in 0..6 {
        let all = sent.all().len();
        let mut call = Box::pin(api.raw().get("/x").send());
        for _ in 0..polls {
            let poll = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if matches!(poll, Poll::Ready(_)) {
                break;
            }
            sleep(Duration::from_millis(20)).await;
        }
        drop(call);
        sent_before.push(sent.all().len() - all);
        api.raw().get("/x").await.unwrap();
    }
    // None, the first, and with the end of the pause the second: it was in all of these states.
    assert_eq!(sent_before, [0, 1, 1, 1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn t7_a_zero_duration_is_an_error_and_any_other_is_accepted() {
    let zero = Duration::ZERO;
    for builder in [
        Acme::builder().timeout(zero),
        Acme::builder().attempt_timeout(zero),
        Acme::builder().connect_timeout(zero),
        Acme::builder().idle_timeout(zero),
    ] {
        assert_eq!(builder.build().err().unwrap().kind(), ErrorKind::Configuration);
    }
    let api = Acme::builder().transport(offline()).build().unwrap();
    for call in [
        api.raw().get("/x").with_timeout(zero),
        api.raw().get("/x").with_attempt_timeout(zero),
        api.raw().get("/x").with_idle_timeout(zero),
        api.raw().get("/x").with_max_attempts(0),
    ] {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.to_string().contains("is zero"), "{error}");
    }
    let count = Arc::new(AtomicUsize::new(0));
    for time in [Duration::from_nanos(1), Duration::from_secs(100 * 366 * 24 * 3600), Duration::MAX] {
        let counted = Arc::clone(&count);
        let (transport, _) = recording(move |_, _| {
            counted.fetch_add(1, Ordering::SeqCst);
            let piece = Pieces::new([Bytes::from_static(b"{}")], Duration::ZERO);
            Ok(respond(200, "").with_body(Body::stream(piece)))
        });
        let policy = RetryPolicy::new().first_delay(time).max_delay(time).max_retry_after(time);
        let api = Acme::builder().transport(transport).timeout(time).attempt_timeout(time).idle_timeout(time);
        let api = api.retry(policy).build().unwrap();
        // A nanosecond may be too short; a panic it is not.
        let _ = api.raw().get("/x").await;
        let server = Server::start(|_| "HTTP/1.1 204 No Content\r\n\r\n".to_owned()).await;
        let api = Acme::builder().base_url(server.url()).connect_timeout(Duration::MAX);
        let _ = api.pool_idle_timeout(time).build().unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 3);
}
