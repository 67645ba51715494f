//! The default transport with a server on a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::Outcome;
use apisession::prelude::*;
use apisession_tests::{Server, tokio, watched};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Text>;
    #[get("/{id}")]
    fn find(&self, id: u64) -> Call<Option<String>>;
    #[post]
    fn create(&self, #[json] event: &str) -> Call<Text>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", vendor = "Acme", product = "calendar")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// A session, its server, which responds by `respond`, and the number of requests that the server has read.
async fn acme(respond: impl Fn(&str) -> String + Send + Sync + 'static) -> (Acme, Server, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let server = Server::start(move |request| {
        counted.fetch_add(1, Ordering::SeqCst);
        respond(request)
    });
    let server = server.await;
    let api = Acme::builder().base_url(server.url()).header("x-api-key", "k").build().unwrap();
    (api, server, count)
}

#[tokio::test]
async fn a_request_arrives_as_it_was_built() {
    let (api, _server, _) = acme(ok).await;
    let text = watched(api.events().create("Standup")).await.unwrap().0;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().skip(1).map(str::to_ascii_lowercase).collect();
    lines.retain(|line| !line.starts_with("host:") && !line.starts_with("user-agent:"));
    lines.sort();
    assert!(head.starts_with("POST /events HTTP/1.1\r\n"), "{head}");
    assert_eq!(
        lines,
        [
            "accept-encoding: zstd, br, gzip, deflate",
            "accept: text/*",
            "content-length: 9",
            "content-type: application/json",
            "x-api-key: k"
        ]
    );
    assert_eq!(body, r#""Standup""#);
}

#[tokio::test]
async fn the_transport_returns_a_redirect_and_does_not_follow_it() {
    let (api, _server, count) =
        acme(|_| "HTTP/1.1 302 Found\r\nlocation: http://evil.test/\r\ncontent-length: 0\r\n\r\n".to_owned())
            .await;
    let error = watched(api.events().get(7)).await.unwrap_err();
    assert_eq!((error.kind(), count.load(Ordering::SeqCst)), (ErrorKind::Redirect, 1));
}

#[tokio::test]
async fn a_refused_connection_means_not_sent() {
    let (api, server, _) = acme(ok).await;
    drop(server);
    // The port is free again once the task of the server is gone.
    tokio::task::yield_now().await;
    let error = watched(api.events().create("Standup")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Some(Outcome::NotSent)));
    assert_eq!(error.attempts(), 3);
}

#[tokio::test]
async fn a_write_without_a_response_is_not_retried() {
    let (api, _server, count) = acme(|_| String::new()).await;
    let error = watched(api.events().create("Standup")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Some(Outcome::Unknown)));
    assert_eq!((error.attempts(), count.load(Ordering::SeqCst)), (1, 1));
    let error = watched(api.events().get(7)).await.unwrap_err();
    assert_eq!((error.attempts(), count.load(Ordering::SeqCst)), (3, 4));
}

#[tokio::test]
async fn a_truncated_response_is_an_error_with_its_status() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\nhalf";
    let (api, _server, count) = acme(move |_| half.to_owned()).await;
    let error = watched(api.events().create("Standup")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Transport, Some(Outcome::Unknown)));
    assert_eq!((error.attempts(), count.load(Ordering::SeqCst)), (1, 1));
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.to_string(), "Events::create: the response (200 OK) ended too early");
    let error = watched(api.events().get(7)).await.unwrap_err();
    assert_eq!((error.attempts(), count.load(Ordering::SeqCst)), (3, 4));
}

#[tokio::test]
async fn a_truncated_error_response_keeps_its_kind() {
    let half = "HTTP/1.1 404 Not Found\r\ncontent-length: 100\r\nconnection: close\r\n\r\nhalf";
    let (api, _server, count) = acme(move |_| half.to_owned()).await;
    let error = watched(api.events().get(7)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotFound, 1));
    assert_eq!(watched(api.events().find(7)).await.unwrap(), None);
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read() {
    let (api, _server, _) = acme(|_| ok(&"x".repeat(1000))).await;
    let error = watched(api.events().get(7).with_max_body(999)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(watched(api.events().get(7).with_max_body(1000)).await.unwrap().0.len(), 1000);
    let chunked = |_: &str| {
        let chunk = format!("64\r\n{}\r\n", "x".repeat(100));
        format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(10))
    };
    let (api, _server, _) = acme(chunked).await;
    let error = watched(api.events().get(7).with_max_body(999)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge);
    assert_eq!(watched(api.events().get(7).with_max_body(1000)).await.unwrap().0.len(), 1000);
}
