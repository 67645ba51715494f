//! Request bodies that are sent again, and response bodies with their limits and codings. Names begin with requirement numbers.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Body, Bytes, Outcome, Response};
use apisession_tests::{Pieces, Server, offline, recording, respond, tokio, watched};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

/// A session whose transport reads `read` bytes of each request body, or all if it has fewer, and responds by `respond`.
fn reading(
    read: usize,
    respond: impl Fn(usize) -> Result<Response, Failure> + Send + Sync + 'static,
) -> (Acme, Arc<std::sync::Mutex<Vec<Vec<u8>>>>) {
    let bodies = Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = Arc::clone(&bodies);
    let respond = Arc::new(respond);
    let transport = Memory::new(move |mut request| {
        let (kept, respond) = (Arc::clone(&kept), Arc::clone(&respond));
        async move {
            let mut body = Vec::new();
            while body.len() < read {
                match request.body.chunk().await.map_err(Failure::unknown)? {
                    Some(piece) => body.extend_from_slice(&piece),
                    None => break,
                }
            }
            let number = {
                let mut bodies = kept.lock().unwrap();
                bodies.push(body);
                bodies.len()
            };
            respond(number)
        }
    });
    (Acme::builder().transport(transport).build().unwrap(), bodies)
}

fn pieces() -> Pieces {
    Pieces::new(["one ", "two ", "three"].map(|piece| Bytes::from_static(piece.as_bytes())), Duration::ZERO)
}

#[tokio::test(start_paused = true)]
async fn r9_a_stream_that_was_partly_sent_is_never_sent_again() {
    let responses: [fn() -> Result<Response, Failure>; 4] = [
        || Ok(respond(503, "")),
        || Ok(respond(429, "")),
        || Err(Failure::unknown("reset")),
        || Err(Failure::rejected("refused")),
    ];
    for (row, respond) in responses.into_iter().enumerate() {
        for read in [1, usize::MAX] {
            let (api, bodies) = reading(read, move |_| respond());
            let error = api.raw().put("/x").body("text/plain", Body::stream(pieces())).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::BodyNotReplayable, 1), "{row}: {error}");
            assert!(error.to_string().contains("`Body::rewindable`"), "{error}");
            assert_eq!(bodies.lock().unwrap().len(), 1);
            // The error keeps the response of the server.
            assert_eq!(error.status().is_some(), row < 2);
        }
    }
    // What would not have been repeated anyway keeps its kind.
    let (api, _) = reading(1, |_| Ok(respond(404, "")));
    let error = api.raw().put("/x").body("text/plain", Body::stream(pieces())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn r9_a_stream_that_was_not_read_is_sent_whole_by_the_next_attempt() {
    let (api, bodies) = reading(0, |_| Err(Failure::not_sent("refused")));
    let body = Body::stream(pieces());
    let error = api.raw().post("/x").body("text/plain", body).await.unwrap_err();
    assert_eq!((error.kind(), bodies.lock().unwrap().len()), (ErrorKind::Connect, 3));

    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let transport = Memory::new(move |mut request| {
        let number = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            if number == 0 {
                return Err(Failure::not_sent("refused"));
            }
            let mut body = Vec::new();
            while let Some(piece) = request.body.chunk().await.unwrap() {
                body.extend_from_slice(&piece);
            }
            Ok(Response::new(apisession::http::StatusCode::OK).with_body(body))
        }
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let response = api.raw().post("/x").body("text/plain", Body::stream(pieces())).await.unwrap();
    assert_eq!((&*response.text().unwrap(), response.attempts()), ("one two three", 2));
}

#[tokio::test(start_paused = true)]
async fn r9_a_replayable_body_is_the_same_in_each_attempt() {
    for body in [Body::from("one two three"), Body::rewindable(pieces).with_length(13)] {
        let (api, bodies) = reading(usize::MAX, |number| match number {
            3 => Ok(respond(200, "")),
            _ => Ok(respond(503, "")),
        });
        api.raw().put("/x").body("text/plain", body).await.unwrap();
        assert_eq!(*bodies.lock().unwrap(), vec![b"one two three".to_vec(); 3]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_or_a_new_sign_in_does_not_resend_a_consumed_body() {
    let (api, bodies) = reading(usize::MAX, |_| Ok(respond(307, "").with_header("location", "/y")));
    let call = api.raw().post("/x").body("text/plain", Body::stream(pieces()));
    let error = call.with_redirects(3).await.unwrap_err();
    assert_eq!((error.kind(), bodies.lock().unwrap().len()), (ErrorKind::BodyNotReplayable, 1));
    // Nor does the response to a challenge.
    let asking = || respond(401, "").with_header("www-authenticate", "Digest realm=\"r\", nonce=\"n\"");
    let (api, bodies) = reading(usize::MAX, move |_| Ok(asking()));
    let call = api.raw().post("/x").body("text/plain", Body::stream(pieces()));
    let error = call.with_credential(Credential::digest("ana", "s3cret")).await.unwrap_err();
    assert_eq!((error.kind(), bodies.lock().unwrap().len()), (ErrorKind::BodyNotReplayable, 1));
    // A redirect that does not want it again is followed.
    let (api, bodies) = reading(usize::MAX, |number| match number {
        1 => Ok(respond(303, "").with_header("location", "/y")),
        _ => Ok(respond(200, "")),
    });
    let call = api.raw().post("/x").body("text/plain", Body::stream(pieces()));
    call.with_redirects(3).await.unwrap();
    assert_eq!(*bodies.lock().unwrap(), [b"one two three".to_vec(), Vec::new()]);
}

#[tokio::test]
async fn a_stream_with_a_length_sends_exactly_that_many_bytes() {
    let server = Server::start(|request| {
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}", request.len())
    });
    let server = server.await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let put = |body: Body| watched(api.raw().put("/x").body("text/plain", body));
    let response = put(Body::stream(pieces()).with_length(13)).await.unwrap();
    let text = response.text().unwrap();
    assert!(text.contains("content-length: 13\r\n") && text.ends_with("\r\n\r\none two three"), "{text}");
    for length in [12, 14] {
        let error = put(Body::stream(pieces()).with_length(length)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RequestBody, "{length}: {error:#}");
        assert!(error.to_string().contains("the body of the request can't be read"), "{error:#}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut coded = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 3, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut coded, &parameters).unwrap();
    coded
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap()
}

type Encode = fn(&[u8]) -> Vec<u8>;

const CODINGS: [(&str, Encode); 6] = [
    ("gzip", gzip),
    ("X-GZip", gzip),
    ("deflate", zlib),
    ("deflate", deflate),
    ("br", brotli),
    ("zstd", zstd),
];

/// A session whose server responds with `status` and with `body` in `coding`, byte by byte if `bytewise`.
fn coded(status: u16, coding: &'static str, body: Vec<u8>, bytewise: bool) -> Acme {
    let (transport, _) = recording(move |_, _| {
        let length = body.len().to_string();
        let response = respond(status, "")
            .with_header("content-encoding", coding)
            .with_header("content-length", &length);
        let step = if bytewise { 1 } else { body.len().max(1) };
        let pieces: Vec<_> = body.chunks(step).map(Bytes::copy_from_slice).collect();
        Ok(response.with_body(Body::stream(Pieces::new(pieces, Duration::ZERO))))
    });
    Acme::builder().transport(transport).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_compressed_body_is_decoded() {
    let text = r#"{"text":"hello hello hello hello hello"}"#;
    for (coding, encode) in CODINGS {
        for bytewise in [false, true] {
            let api = coded(200, coding, encode(text.as_bytes()), bytewise);
            let response = api.raw().get("/x").await.unwrap();
            assert_eq!(response.text().unwrap(), text, "{coding}");
            // The headers describe what was read.
            for name in ["content-encoding", "content-length"] {
                assert!(!response.headers().contains_key(name), "{coding}");
            }
            // An error is read like anything else.
            let api = coded(422, coding, encode(br#"{"detail":"too late"}"#), bytewise);
            let error = api.raw().get("/x").await.unwrap_err();
            assert!(error.to_string().ends_with("too late"), "{coding}: {error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_truncated_or_invalid_compressed_body_is_an_error() {
    let text = br#"{"text":"hello hello hello hello hello"}"#;
    for (coding, encode) in CODINGS {
        let whole = encode(text);
        for cut in 1..whole.len() {
            let api = coded(200, coding, whole[..cut].to_vec(), false);
            let error = api.raw().get("/x").await.unwrap_err();
            let is_cut = (ErrorKind::Transport, 3) == (error.kind(), error.attempts());
            assert!(is_cut || error.kind() == ErrorKind::Decode, "{coding} {cut}: {error:#}");
        }
        let api = coded(200, coding, b"\x02not coded at all, but long enough to be".to_vec(), false);
        let error = api.raw().get("/x").await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{coding}: {error:#}");
        // No bytes are no bytes in any coding.
        let api = coded(200, coding, Vec::new(), false);
        assert_eq!(api.raw().get("/x").await.unwrap().text().unwrap(), "");
    }
}

#[tokio::test(start_paused = true)]
async fn b4_an_unknown_content_coding_is_named_in_the_error() {
    let body = gzip(&gzip(b"{}"));
    coded(200, "identity", body.clone(), false).raw().get("/x").await.unwrap();
    for coding in ["gzip, gzip", "foo", "identity, foo", "gzip;q=1"] {
        let api = coded(200, coding, body.clone(), false);
        let error = api.raw().get("/x").await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::UnsupportedEncoding, 1),
            "{coding}: {error}"
        );
        assert!(error.to_string().contains("zstd, br, gzip, deflate"), "{error}");
    }
}

#[tokio::test]
async fn accept_encoding_is_sent_unless_a_range_is_requested() {
    let api = Acme::builder().transport(offline()).build().unwrap();
    let asked = |call: apisession::RawCall| {
        let request = call.build().unwrap();
        request.headers.get("accept-encoding").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(asked(api.raw().get("/x")).as_deref(), Some("zstd, br, gzip, deflate"));
    assert_eq!(asked(api.raw().get("/x").header("range", "bytes=0-9")), None);
    let own = api.raw().get("/x").header("range", "bytes=0-9").header("accept-encoding", "identity");
    assert_eq!(asked(own).as_deref(), Some("identity"));
}

#[tokio::test(start_paused = true)]
async fn b2_a_body_over_the_limit_is_an_error() {
    // Announced: nothing of it is read.
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let (transport, _) = recording(move |_, _| {
        let counted = Arc::clone(&counted);
        let pieces = std::iter::repeat_with(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Bytes::from_static(&[b'x'; 100])
        });
        let body = Body::stream(Pieces::new(pieces.take(20), Duration::ZERO));
        Ok(respond(200, "").with_header("content-length", "2000").with_body(body))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let error = api.raw().get("/x").with_max_body(1_000).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), read.load(Ordering::SeqCst)),
        (ErrorKind::BodyTooLarge, 1, 0)
    );
    // Not announced: no more than the limit is read, and what is decoded counts.
    let (transport, _) = recording(|_, _| {
        let pieces = std::iter::repeat_n(Bytes::from_static(&[b'x'; 100]), 20);
        Ok(respond(200, "").with_body(Body::stream(Pieces::new(pieces, Duration::ZERO))))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    for (limit, is_ok) in [(1_999, false), (2_000, true)] {
        let end = api.raw().get("/x").with_max_body(limit).await;
        assert_eq!(
            end.map_or_else(|error| error.kind() != ErrorKind::BodyTooLarge, |_| true),
            is_ok,
            "{limit}"
        );
    }
    for (coding, encode) in CODINGS {
        let api = coded(200, coding, encode(&[b'x'; 2_000]), false);
        for (limit, is_ok) in [(1_999, false), (2_000, true)] {
            let end = api.raw().get("/x").with_max_body(limit).await;
            assert_eq!(
                end.map_or_else(|error| error.kind() != ErrorKind::BodyTooLarge, |_| true),
                is_ok,
                "{coding}"
            );
        }
    }
}

#[tokio::test]
async fn b3_json_nests_at_most_128_levels() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for (depth, is_ok) in [(127, true), (128, false), (100_000, false)] {
        let body = nested(depth);
        let (transport, _) = recording(move |_, _| Ok(respond(200, &body)));
        let api = Acme::builder().transport(transport).build().unwrap();
        let end = api.raw().get("/x").json_as::<serde_json::Value>().await;
        assert_eq!(end.is_ok(), is_ok, "{depth}");
        assert!(end.err().is_none_or(|error| error.kind() == ErrorKind::Decode));
        // The message of an error is looked for in the same depth.
        let body = nested(depth);
        let (transport, _) = recording(move |_, _| Ok(respond(400, &body)));
        let api = Acme::builder().transport(transport).build().unwrap();
        assert_eq!(api.raw().get("/x").await.unwrap_err().kind(), ErrorKind::BadRequest);
    }
}

#[tokio::test(start_paused = true)]
async fn b5_rd9_at_most_64_kib_of_an_error_or_a_redirect_are_read() {
    const LIMIT: usize = 64 * 1024;
    for status in [500, 404, 302] {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let (transport, _) = recording(move |_, _| {
            let counted = Arc::clone(&counted);
            // A body of a gigabyte.
            let pieces = (0..1_048_576).map(move |_| {
                counted.fetch_add(1024, Ordering::SeqCst);
                Bytes::from_static(&[b'x'; 1024])
            });
            let body = Body::stream(Pieces::new(pieces, Duration::ZERO));
            Ok(respond(status, "").with_header("location", "/loop").with_body(body))
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let call = api.raw().get("/x").with_redirects(0).with_max_attempts(1);
        let error = call.await.unwrap_err();
        assert_eq!(error.body().unwrap().len(), LIMIT, "{status}");
        assert!(read.load(Ordering::SeqCst) <= LIMIT + 1024, "{status}: {}", read.load(Ordering::SeqCst));
        // A redirect that is followed costs no more.
        if status == 302 {
            read.store(0, Ordering::SeqCst);
            let error = api.raw().get("/x").with_redirects(1).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooManyRedirects);
            assert!(read.load(Ordering::SeqCst) <= 2 * (LIMIT + 1024));
        }
    }
}

#[tokio::test]
async fn b5_a_connection_is_reused_after_an_error_response() {
    let body = "x".repeat(1024);
    let server =
        Server::start(move |_| format!("HTTP/1.1 500 Odd\r\ncontent-length: 1024\r\n\r\n{body}")).await;
    let api = Acme::builder().base_url(server.url()).max_attempts(1).build().unwrap();
    for _ in 0..50 {
        watched(api.raw().get("/x")).await.unwrap_err();
    }
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn m4_a_response_that_is_not_json_is_a_decode_error_with_its_content_type() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "it is never decoded")]
    struct Event {
        id: u64,
    }
    let rows: [(&str, &[u8]); 9] = [
        ("application/json", b" \r\n"),
        ("text/html", b"<!doctype html><title>Sign in</title>"),
        ("application/json", b""),
        ("text/plain", b"id 7"),
        ("application/json", b"{\"id\":\"\xff\"}"),
        ("application/json", b"{\"id\":7"),
        ("application/json", b"{\"id\":7}{\"id\":8}"),
        ("application/json", b"{\"id\":7,\"id\":8}"),
        ("application/json", b"null"),
    ];
    for (content_type, body) in rows {
        let (transport, _) = recording(move |_, _| {
            let ok = apisession::http::StatusCode::OK;
            Ok(Response::new(ok).with_header("content-type", content_type).with_body(body.to_vec()))
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let error = api.raw().get("/x").json_as::<Event>().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{body:?}");
        assert!(error.to_string().contains(content_type), "{error}");
        assert_eq!(error.body().unwrap(), body);
    }
    for (status, body) in [(204, ""), (205, ""), (200, "anything"), (200, "")] {
        let (transport, _) = recording(move |_, _| Ok(respond(status, body)));
        let api = Acme::builder().transport(transport).build().unwrap();
        api.raw().delete("/x").await.unwrap();
    }
}

#[tokio::test]
async fn m5_an_html_error_of_a_proxy_has_the_kind_of_its_status() {
    let (transport, _) = recording(|_, _| Ok(respond(500, "<html>upstream is away</html>")));
    let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
    let error = api.raw().get("/x").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InternalServerError);
}

/// F4: a server that refuses an upload before it has read it.
#[tokio::test]
async fn f4_an_early_response_to_an_upload_is_its_status() {
    // The status, and whether the server reads the rest, as RFC 9112 §9.6 recommends, or closes the connection at once.
    for (status, kind, reads) in [
        (413, ErrorKind::ContentTooLarge, true),
        (401, ErrorKind::Unauthorized, true),
        (413, ErrorKind::ContentTooLarge, false),
        (401, ErrorKind::Unauthorized, false),
    ] {
        for _ in 0..20 {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let server = tokio::spawn(async move {
                let mut connections = 0;
                while let Ok((mut stream, _)) = listener.accept().await {
                    connections += 1;
                    let mut head = Vec::new();
                    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                        assert_ne!(stream.read_buf(&mut head).await.unwrap(), 0);
                    }
                    let response =
                        format!("HTTP/1.1 {status} No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                    stream.write_all(response.as_bytes()).await.unwrap();
                    if reads {
                        stream.shutdown().await.unwrap();
                        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.ok();
                    }
                    assert_eq!(connections, 1, "the upload was sent again");
                }
            });
            let api = Acme::builder().base_url(&url).build().unwrap();
            let pieces = std::iter::repeat_n(Bytes::from_static(&[b'x'; 65_536]), 64);
            let call = api
                .raw()
                .post("/files")
                .body("text/plain", Body::stream(Pieces::new(pieces, Duration::ZERO)));
            let error = watched(call).await.unwrap_err();
            // Without the rest being read, the system may discard the response that has arrived.
            let is_lost = !reads && error.kind() == ErrorKind::Transport;
            assert!(error.kind() == kind || is_lost, "{status} {reads}: {error:?}");
            if is_lost {
                assert_eq!(error.outcome(), Some(Outcome::Unknown), "{error:?}");
            }
            server.abort();
        }
    }
}
