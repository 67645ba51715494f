//! Responses whose body is a stream.

use std::sync::Arc;

use apisession::prelude::*;
use apisession::{BoxError, Bytes};
use apisession_tests::{Pieces, Server, recording, respond, tokio, watched};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

#[endpoint(path = "/exports")]
struct Exports;

#[endpoint]
impl Exports {
    #[get]
    fn all(&self, format: Option<&str>) -> Call<String>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_in_flight = 1)]
struct Acme {
    session: Session,
    #[endpoint]
    exports: Exports,
}

/// A session whose server sends a chunk of the body every `gap` seconds.
fn acme(status: u16, pieces: usize, gap: u64) -> Acme {
    let (transport, _) = recording(move |_, _| {
        let pieces = std::iter::repeat_n(Bytes::from_static(&[b'x'; 2048]), pieces);
        Ok(respond(status, "").with_body(Body::stream(Pieces::new(pieces, Duration::from_secs(gap)))))
    });
    Acme::builder().transport(transport).build().unwrap()
}

async fn read(mut body: Body) -> Result<usize, BoxError> {
    let mut read = 0;
    while let Some(piece) = body.chunk().await? {
        read += piece.len();
    }
    Ok(read)
}

#[tokio::test(start_paused = true)]
async fn attempt_timeout_does_not_end_a_stream() {
    // Longer than any call, and larger than any body.
    let api = acme(200, 40_000, 1);
    let response = api.exports().all().format("csv").streaming().with_max_body(10).await.unwrap();
    assert!(response.body().is_none() && response.text().is_err());
    assert_eq!(read(response.into_value()).await.unwrap(), 40_000 * 2048);
    // An error is read and explained as ever.
    let error = acme(404, 1, 1).exports().all().streaming().await.unwrap_err();
    assert_eq!((error.kind(), error.body().unwrap().len()), (ErrorKind::NotFound, 2048));
}

#[tokio::test(start_paused = true)]
async fn min_throughput_and_idle_timeout_apply_to_a_stream() {
    let body = acme(200, 10, 31).exports().all().streaming().await.unwrap().into_value();
    assert!(read(body).await.unwrap_err().to_string().contains("(`idle_timeout`)"));
    let body = acme(200, 1_000, 3).raw().get("/x").streaming().await.unwrap().into_value();
    assert!(read(body).await.unwrap_err().to_string().contains("(`min_throughput`)"));
    let call =
        acme(200, 100, 31).raw().get("/x").with_idle_timeout(Duration::from_secs(60)).with_min_throughput(0);
    assert_eq!(read(call.streaming().await.unwrap().into_value()).await.unwrap(), 100 * 2048);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_does_not_cause_a_timeout() {
    // A piece each 10 seconds is enough, and the reader pauses for minutes.
    let mut body = acme(200, 30, 0).raw().get("/x").streaming().await.unwrap().into_value();
    let mut read = 0;
    while let Some(piece) = body.chunk().await.unwrap() {
        read += piece.len();
        tokio::time::sleep(Duration::from_secs(300)).await;
    }
    assert_eq!(read, 30 * 2048);
    let (transport, _) = recording(|_, _| {
        let pieces = std::iter::repeat_n(Bytes::from_static(&[b'x'; 20 * 1024]), 20);
        Ok(respond(200, "").with_body(Body::stream(Pieces::new(pieces, Duration::from_secs(10)))))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let mut body = api.raw().get("/x").streaming().await.unwrap().into_value();
    while body.chunk().await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_secs(7)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_holds_its_slot_until_it_is_read_or_dropped() {
    let api = acme(200, 3, 1);
    for drops in [true, false] {
        let response = api.exports().all().streaming().await.unwrap();
        let second = api.exports().all().streaming().with_timeout(Duration::from_secs(20)).await;
        let error = second.unwrap_err();
        assert!(error.is_timeout());
        assert!(error.to_string().contains("no place in `max_in_flight` within 20s (`timeout`)"), "{error}");
        let mut body = response.into_value();
        if drops {
            body = Body::empty();
        }
        // A stream that was read to its end has released its slot before it is dropped.
        while body.chunk().await.unwrap().is_some() {}
        let _ = api.exports().all().streaming().with_timeout(Duration::from_secs(20)).await.unwrap();
    }
}

#[tokio::test]
async fn a_stream_requests_no_content_coding_and_a_truncated_one_is_an_error() {
    let server = Server::start(|request| {
        let coded = request.to_ascii_lowercase().contains("accept-encoding");
        format!("HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\ncoded {coded}")
            .replace("coded false", "not coded")
    });
    let server = server.await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let response = watched(api.raw().get("/x").streaming()).await.unwrap();
    let mut text = Vec::new();
    let mut body = response.into_value();
    while let Some(piece) = watched(body.chunk()).await.unwrap() {
        text.extend_from_slice(&piece);
    }
    assert_eq!(text, b"not coded");
    let server =
        Server::start(|_| "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nhalf".to_owned())
            .await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let body = watched(api.raw().get("/x").streaming()).await.unwrap().into_value();
    assert!(watched(read(body)).await.unwrap_err().to_string().contains("ended too early"));
}

#[tokio::test]
async fn t6_a_dropped_stream_closes_its_connection() {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let _ = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\nsome").await.unwrap();
        // Until the client goes away.
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.map(drop).unwrap_or_default();
    });
    let api = Arc::new(Acme::builder().base_url(url).build().unwrap());
    let response = watched(api.raw().get("/x").streaming()).await.unwrap();
    drop(response);
    watched(server).await.unwrap();
}

/// A broken stream holds no slot, although it is not dropped yet.
#[tokio::test]
async fn a_broken_stream_releases_its_slot() {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for head in ["content-length: 5\r\n\r\nab", "content-length: 2\r\n\r\nab"] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await.unwrap();
        }
    });
    let api = Acme::builder().base_url(url).build().unwrap();
    let mut body = watched(api.exports().all().streaming()).await.unwrap().into_value();
    while let Ok(Some(_)) = watched(body.chunk()).await {}
    watched(api.exports().all().streaming()).await.unwrap();
    drop(body);
}
