//! What is not understood is never nothing: headers, bodies, settings and credentials that a server or a user gets slightly wrong.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use apisession::prelude::*;
use apisession::{Body, Bytes, OAuth2, Proxies, Secret, SigV4};
use apisession_tests::{Pieces, Server, recording, respond, tokio, watched, wire};
use faults::h2::{self, Reply};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

/// A session whose server is on a socket, since a header of bytes can't be made by hand.
async fn serving(respond: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> (Acme, Server) {
    let server = Server::start(respond).await;
    (Acme::builder().base_url(server.url()).build().unwrap(), server)
}

/// A response with these header lines, and without a body.
fn with_headers(status: &str, lines: &[&[u8]]) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n").into_bytes();
    for line in lines {
        response.extend_from_slice(line);
        response.extend_from_slice(b"\r\n");
    }
    response.extend_from_slice(b"\r\n");
    response
}

#[tokio::test]
async fn fault_c1_a_link_is_read_whatever_bytes_and_spelling_it_has() {
    const NEXT: &str = "/p?page=2";
    let rows: [(&[&[u8]], &str); 30] = [
        (&[b"</p?page=2>; rel=\"next\""], NEXT),
        (&[b"</p?page=2>;rel=next"], NEXT),
        (&[b"</p?page=2>; REL=NEXT"], NEXT),
        (&[b"</p?page=2> ;\trel = \"Next\" ; title = x"], NEXT),
        (&[b"</p?page=2>; rel='next'"], NEXT),
        (&[b"</p?page=2>; rel=\"prev next\""], NEXT),
        (&[b"</p?page=2>; rel=\" next \";"], NEXT),
        (&[b"< /p?page=2 >; rel=next"], NEXT),
        (&[b"</p?page=2>; title=\"a, b; rel=prev <x>\"; rel=next"], NEXT),
        (&[b"</p?page=2>; title=\"\\\", \"; rel=next"], NEXT),
        (&[b"</p?page=2>; type=\"a/b\"; rel=next; hreflang=de; title=\"x\""], NEXT),
        (&[b"</a>; rel=prev, </p?page=2>; rel=next"], NEXT),
        (&[b"</a>; rel=prev,, </p?page=2>; rel=next"], NEXT),
        (&[b"</a>; rel=prev", b"</p?page=2>; rel=next"], NEXT),
        // Bytes that are not ASCII: Latin-1, UTF-8, and neither.
        (&[b"</p?page=2>; rel=next; title=\"caf\xe9\""], NEXT),
        (&[b"</p?page=2>; title=\"caf\xe9\"; rel=next"], NEXT),
        (&[b"</p?page=2>; title=\"caf\xc3\xa9\"; rel=next"], NEXT),
        (&[b"</a>; title=\"\xff\xfe\", </p?page=2>; rel=next"], NEXT),
        (&[b"</\xe9>; rel=prev, </p?page=2>; rel=next"], NEXT),
        (&[b"</a>; rel=\"prev \xe9\"", b"</p?page=2>; rel=next"], NEXT),
        (&[b"</p?page=2>; rel=\"next \xe9\""], NEXT),
        (&[b"</caf\xe9?page=2>; rel=next"], "/caf%E9?page=2"),
        (&[b"</caf\xc3\xa9?page=2>; rel=next"], "/caf%C3%A9?page=2"),
        (&[b"</p?q=\xe9&page=2>; rel=next"], "/p?q=%E9&page=2"),
        // What ends a link does so outside of `<>` and quotes only.
        (&[b"</p,q;r?page=2>; rel=next"], "/p,q;r?page=2"),
        (&[b"</p?tag=%22a%22&page=2>; rel=next"], "/p?tag=%22a%22&page=2"),
        // A quote that is never closed ends with its parameter.
        (&[b"</a>; title=\"x, </p?page=2>; rel=next"], NEXT),
        (&[b"</p?page=2>; rel=next; title=\"x"], NEXT),
        (&[b"</p?page=2>; rel=\"next"], NEXT),
        (&[b"<?page=2>; rel=next"], "/x?page=2"),
    ];
    for (values, expected) in rows {
        let lines: Vec<_> = values.iter().map(|value| [b"Link: ", *value].concat()).collect();
        let (api, server) = serving(move |_| {
            let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
            with_headers("200 OK", &lines)
        })
        .await;
        let shown = values.iter().map(|value| value.escape_ascii().to_string()).collect::<Vec<_>>();
        let response = watched(api.raw().get("/x")).await.unwrap();
        let expected = format!("{}{expected}", server.url());
        assert_eq!(response.link("next"), Some(expected.clone()), "{shown:?}");
        let followed = watched(api.raw().follow(&expected)).await.unwrap();
        assert_eq!(followed.url().unwrap().as_str(), expected);
    }
    // A loop over pages ends with an error, and not early.
    let (api, _server) = serving(|_| with_headers("200 OK", &[b"link: <https://[>; rel=next"])).await;
    let next = watched(api.raw().get("/x")).await.unwrap().link("next").unwrap();
    let error = watched(api.raw().follow(&next)).await.unwrap_err();
    assert!(error.to_string().contains("is not a URL"), "{error}");
}

#[tokio::test]
async fn fault_c1_other_headers_with_bytes_that_are_not_ascii_are_read() {
    // A challenge whose realm is in Latin-1: the response repeats its bytes.
    let challenge = b"WWW-Authenticate: Digest realm=\"Gesch\xfctzt\", nonce=\"n\", qop=\"auth\"";
    let (api, _server) = serving(|request| match request.contains("authorization: Digest") {
        true => with_headers("204 No Content", &[]),
        false => with_headers("401 Unauthorized", &[challenge]),
    })
    .await;
    let call = api.raw().get("/x").with_credential(Credential::digest("ana", "s3cret"));
    assert_eq!(watched(call).await.unwrap().attempts(), 2);
    // A redirect, in either encoding.
    for (location, expected) in
        [(b"Location: /caf\xe9".as_slice(), "/caf%E9"), (b"Location: /caf\xc3\xa9", "/caf%C3%A9")]
    {
        let (api, _server) = serving(|request| match request.starts_with("GET /x ") {
            true => with_headers("302 Found", &[location]),
            false => with_headers("204 No Content", &[]),
        })
        .await;
        let response = watched(api.raw().get("/x")).await.unwrap();
        assert_eq!(response.url().unwrap().path(), expected);
    }
    // A request id, and a verdict of the server on retries in another case.
    let (api, _server) = serving(|_| {
        with_headers("503 Away", &["x-request-id: caf\u{e9}-7".as_bytes(), b"x-should-retry: False"])
    })
    .await;
    let call = api.raw().get("/x").with_retry(RetryPolicy::new().should_retry_header("x-should-retry"));
    let error = watched(call).await.unwrap_err();
    assert_eq!((error.request_id(), error.attempts()), (Some("caf\u{e9}-7"), 1));
    assert!(error.report().contains("caf\u{e9}-7"));
    // A product is added to a user agent, and does not replace it.
    let server = Server::start(|request| {
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}", request.len())
    });
    let server = server.await;
    let builder = Acme::builder().base_url(server.url()).header("user-agent", "Zo\u{eb}/1");
    let api = builder.add_user_agent("plugin/2").build().unwrap();
    let text = watched(api.raw().get("/x")).await.unwrap().text().unwrap().into_owned();
    assert!(text.contains("user-agent: Zo\u{eb}/1 plugin/2\r\n"), "{text}");
}

#[tokio::test]
async fn fault_c5_no_proxy_is_read_as_curl_and_go_read_it() {
    let proxy = Server::start(|_| "HTTP/1.1 200 OK\r\nx-by: proxy\r\ncontent-length: 0\r\n\r\n").await;
    let server = Server::start(|_| "HTTP/1.1 200 OK\r\nx-by: server\r\ncontent-length: 0\r\n\r\n").await;
    let port = server.url().rsplit_once(':').unwrap().1.to_owned();
    // The list, and whether requests to the address and to the name are sent directly.
    let rows = [
        ("", [false, false]),
        ("*", [true, true]),
        ("127.0.0.1", [true, false]),
        ("127.0.0.1:PORT", [true, false]),
        ("127.0.0.1:1", [false, false]),
        ("127.0.0.0/8", [true, false]),
        ("127.0.0.0/8:PORT", [true, false]),
        ("127.0.0.0/8:1", [false, false]),
        ("::ffff:127.0.0.1", [true, false]),
        ("::1 , 127.0.0.1", [true, false]),
        ("a.test 127.0.0.1", [true, false]),
        ("0.0.1", [false, false]),
        ("localhost", [false, true]),
        ("LOCALHOST.", [false, true]),
        (".localhost", [false, true]),
        ("*.localhost", [false, false]),
        ("localhost:PORT", [false, true]),
        ("localhost.:PORT", [false, true]),
        ("localhost:1", [false, false]),
        ("host", [false, false]),
    ];
    for (list, expected) in rows {
        let list = list.replace("PORT", &port);
        for (host, is_direct) in ["127.0.0.1", "localhost"].into_iter().zip(expected) {
            let proxies = Proxies::new().all(proxy.url()).no_proxy(&list);
            let builder = Acme::builder().base_url(format!("http://{host}:{port}")).proxies(proxies);
            let response = watched(builder.build().unwrap().raw().get("/x")).await.unwrap();
            let expected = if is_direct { "server" } else { "proxy" };
            assert_eq!(response.headers()["x-by"], expected, "{list:?} {host}");
        }
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

/// Receives a body in this coding, whole and byte by byte. Returns the text, or the kind of the error and the number of attempts.
async fn received(coding: &'static str, body: &[u8]) -> Result<String, (ErrorKind, u32)> {
    let mut ends = Vec::new();
    for step in [body.len(), 1] {
        let pieces: Vec<_> = body.chunks(step).map(Bytes::copy_from_slice).collect();
        let (transport, _) = recording(move |_, _| {
            let body = Body::stream(Pieces::new(pieces.clone(), Duration::ZERO));
            Ok(respond(200, "").with_header("content-encoding", coding).with_body(body))
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let response = api.raw().get("/x").await;
        ends.push(match response {
            Ok(response) => Ok(response.text().unwrap().into_owned()),
            Err(error) => Err((error.kind(), error.attempts())),
        });
    }
    assert_eq!(ends[0], ends[1], "{coding} {}", body.escape_ascii());
    ends.remove(0)
}

#[tokio::test(start_paused = true)]
async fn fault_c6_bytes_after_a_coding_are_padding_or_one_permanent_error() {
    let whole = gzip(b"hello");
    let after = |more: &[u8]| [&whole[..], more].concat();
    for zeros in [1, 7, 8, 9, 10, 18, 512, 20_000] {
        assert_eq!(received("gzip", &after(&vec![0; zeros])).await.as_deref(), Ok("hello"), "{zeros}");
    }
    let (world, empty) = (gzip(b" world"), gzip(b""));
    let members: [(&[&[u8]], &str); 6] = [
        (&[&whole, &world], "hello world"),
        (&[&whole, &empty, &world, &empty], "hello world"),
        (&[&empty, &whole], "hello"),
        (&[&whole, &[0; 9], &world], "hello world"),
        (&[&whole, &world, &[0; 9]], "hello world"),
        (&[&empty], ""),
    ];
    for (members, expected) in members {
        assert_eq!(received("gzip", &members.concat()).await.as_deref(), Ok(expected), "{members:?}");
    }
    let permanent = Err((ErrorKind::Decode, 1));
    let cut_off = Err((ErrorKind::Transport, 3));
    // Whatever it is, and however many bytes: text, the start of another member, or zeros before either.
    let mut rest: Vec<Vec<u8>> = (1..=30).map(|length| vec![b'x'; length]).collect();
    rest.extend((1..world.len()).map(|length| world[..length].to_vec()));
    let others: [&[u8]; 8] = [
        b"\r\n",
        b"\0x",
        b"\0\0\x1f\x8b",
        b"\x1f\x8bxyz",
        b"\x1f\x8b\x08",
        b"<html>",
        &[0xff; 100],
        &zlib(b"x"),
    ];
    rest.extend(others.map(<[u8]>::to_vec));
    for rest in rest {
        assert_eq!(received("gzip", &after(&rest)).await, permanent, "{}", rest.escape_ascii());
        assert_eq!(received("gzip", &[&after(&world), &rest[..]].concat()).await, permanent);
    }
    // A checksum that does not match is permanent as well; a body that is cut off is not.
    let mut damaged = whole.clone();
    damaged[whole.len() - 8] ^= 1;
    assert_eq!(received("gzip", &damaged).await, permanent);
    assert_eq!(received("gzip", &[&damaged[..], &world].concat()).await, permanent);
    for length in 1..whole.len() {
        assert_eq!(received("gzip", &whole[..length]).await, cut_off, "{length}");
    }
    // The same in the other codings, of which none has padding.
    for (coding, whole) in [
        ("deflate", zlib(b"hello")),
        ("deflate", deflate(b"hello")),
        ("br", brotli(b"hello")),
        ("zstd", zstd(b"hello")),
    ] {
        assert_eq!(received(coding, &whole).await.as_deref(), Ok("hello"));
        for rest in (1..=30).flat_map(|length| [vec![b'x'; length], vec![0; length]]) {
            let rest = [&whole[..], &rest].concat();
            assert_eq!(received(coding, &rest).await, permanent, "{coding} {}", rest.escape_ascii());
        }
    }
    let frames = [zstd(b"hello"), b"\x50\x2a\x4d\x18\x02\0\0\0ab".to_vec(), zstd(b" world")].concat();
    assert_eq!(received("zstd", &frames).await.as_deref(), Ok("hello world"));
}

#[tokio::test(start_paused = true)]
async fn fault_c6_encoded_bytes_are_limited_even_if_they_decode_to_nothing() {
    let empty_frame = zstd(b"");
    let rows: [(&str, Vec<u8>, Vec<u8>); 4] = [
        ("gzip", Vec::new(), gzip(b"")),
        ("gzip", gzip(b""), vec![0; 20]),
        // Empty blocks that are stored.
        ("deflate", Vec::new(), b"\0\0\0\xff\xff".to_vec()),
        ("zstd", Vec::new(), empty_frame),
    ];
    for (coding, first, next) in rows {
        for status in [200, 500] {
            let read = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&read);
            let (first, next) = (first.clone(), Bytes::from(next.repeat(100)));
            let (transport, _) = recording(move |_, _| {
                let (counted, next) = (Arc::clone(&counted), next.clone());
                let endless = std::iter::repeat_with(move || {
                    counted.fetch_add(next.len(), Ordering::SeqCst);
                    next.clone()
                });
                let pieces = [Bytes::from(first.clone())].into_iter().chain(endless);
                let body = Body::stream(Pieces::new(pieces, Duration::ZERO));
                Ok(respond(status, "").with_header("content-encoding", coding).with_body(body))
            });
            let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
            let error = api.raw().get("/x").with_max_body(1_000).await.unwrap_err();
            let expected =
                if status == 200 { ErrorKind::BodyTooLarge } else { ErrorKind::InternalServerError };
            assert_eq!(error.kind(), expected, "{coding}: {error:#}");
            assert!(status != 200 || error.to_string().contains("raise `max_body`"), "{error}");
            assert!(read.load(Ordering::SeqCst) < 200_000, "{coding} {}", read.load(Ordering::SeqCst));
        }
    }
    // What is announced is not read at all, and what can't be compressed has room for its coding.
    let (transport, _) = recording(|_, _| {
        let response = respond(200, "").with_header("content-encoding", "gzip");
        Ok(response.with_header("content-length", "100000000").with_body(gzip(b"hello")))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    assert_eq!(api.raw().get("/x").await.unwrap_err().kind(), ErrorKind::BodyTooLarge);
    let random: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(b'a'..=b'z')).take(100_000).collect();
    for (coding, encode) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("br", brotli), ("zstd", zstd)] {
        let body = encode(&random);
        let (transport, _) = recording(move |_, _| {
            Ok(respond(200, "").with_header("content-encoding", coding).with_body(body.clone()))
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        api.raw().get("/x").with_max_body(100_000).await.unwrap();
    }
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Event {
    id: u64,
}

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Event>;
    #[get("/{id}/next")]
    fn next(&self, id: u64) -> Call<Option<Event>>;
    #[get("/{id}/exists")]
    fn exists(&self, id: u64) -> Call<Option<()>>;
    #[delete("/{id}")]
    fn delete(&self, id: u64) -> Call<()>;
    #[get("/{id}/whole")]
    fn whole(&self, id: u64) -> Call<Response<Option<Event>>>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1)]
struct Calendar {
    session: Session,
    #[endpoint]
    events: Events,
}

/// A session whose server responds with this status and body.
fn calendar(status: u16, body: &'static [u8]) -> Calendar {
    let (transport, _) = recording(move |_, _| Ok(respond(status, "").with_body(body.to_vec())));
    Calendar::builder().transport(transport).build().unwrap()
}

#[tokio::test]
async fn fault_c7_a_byte_order_mark_and_a_blank_body_are_decoded() {
    for body in [b"\xef\xbb\xbf{\"id\":7}".as_slice(), b"\xef\xbb\xbf\r\n {\"id\":7}\n", b" {\"id\":7}"] {
        let events = calendar(200, body).events();
        assert_eq!(events.get(1).await.unwrap(), Event { id: 7 });
        assert_eq!(events.next(1).await.unwrap(), Some(Event { id: 7 }));
        assert_eq!(events.get(1).json_as::<serde_json::Value>().await.unwrap()["id"], 7);
    }
    let blank: [&[u8]; 8] =
        [b"", b" ", b"\n", b"\r\n", b" \t\r\n ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", b"\n\n"];
    for body in blank {
        for status in [200, 201, 204] {
            let events = calendar(status, body).events();
            let shown = body.escape_ascii();
            assert_eq!(events.next(1).await.unwrap(), None, "{shown}");
            assert_eq!(events.exists(1).await.unwrap(), Some(()), "{shown}");
            events.delete(1).await.unwrap();
            events.get(1).json_as::<()>().await.unwrap();
            assert_eq!(events.get(1).json_as::<Option<serde_json::Value>>().await.unwrap(), None, "{shown}");
            assert_eq!(events.whole(1).await.unwrap().value(), &None, "{shown}");
            let error = events.get(1).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            let expected = if body.is_empty() || body == b"\xef\xbb\xbf" {
                "it has no body"
            } else {
                "its body is blank"
            };
            assert!(error.to_string().contains(expected), "{shown}: {error}");
        }
    }
    // `null` is what it was, and text of another kind is an error for an `Option` as well.
    assert_eq!(calendar(200, b"\xef\xbb\xbfnull").events().next(1).await.unwrap(), None);
    assert_eq!(calendar(200, b"\xc2\xa0").events().next(1).await.unwrap_err().kind(), ErrorKind::Decode);
    // An error document is found behind a mark, too.
    let error = calendar(422, b"\xef\xbb\xbf{\"title\":\"too late\"}").events().get(1).await.unwrap_err();
    assert!(error.to_string().ends_with("422 Unprocessable Entity: too late"), "{error}");
    assert_eq!(error.body_as::<apisession::Problem>().unwrap().title.as_deref(), Some("too late"));
}

#[tokio::test]
async fn fault_c7_a_challenge_that_is_not_supported_is_named() {
    // The challenges, and what the error says of them; nothing of those that were responded to.
    let rows: [(&[&str], &[&str]); 10] = [
        (&["Digest realm=\"r\", nonce=\"n\", algorithm=SHA-384"], &["`SHA-384`", "SHA-512-256"]),
        (&["Digest realm=\"r\", nonce=\"n\", algorithm=\"sha3-256-sess\""], &["`sha3-256-sess`"]),
        (&["Digest realm=\"r\", nonce=\"n\", algorithm=SHA_256"], &["`SHA_256`"]),
        (&["Digest realm=\"r\", nonce=\"n\", algorithm=\"\u{1f600}\""], &["`[redacted]`"]),
        (&["Digest realm=\"r\", nonce=\"n\", qop=\"auth-conf\""], &["`auth-conf`", "`auth-int`"]),
        (&["Digest realm=\"r\""], &["no `nonce`"]),
        (&["Digest nonce=\"n\""], &["no `realm`"]),
        (&["Basic realm=\"r\"", "Negotiate"], &["`basic`", "`negotiate`"]),
        (&[], &["no challenge"]),
        (&["Digest realm=\"r\", nonce=\"n\", algorithm=X", "Digest realm=\"r\", nonce=\"n\""], &[]),
    ];
    for (challenges, expected) in rows {
        let (transport, _) = recording(move |_, _| {
            let response = respond(401, "");
            let add =
                |response: Response, challenge: &&str| response.with_header("www-authenticate", challenge);
            Ok(challenges.iter().fold(response, add))
        });
        let api = Acme::builder().transport(transport).credential(Credential::digest("ana", "s3cret"));
        let error = api.build().unwrap().raw().get("/x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
        let message = error.to_string();
        for part in expected {
            assert!(message.contains(part), "{part}: {message}");
        }
        assert_eq!(message == "401 Unauthorized", expected.is_empty(), "{message}");
        assert!(!error.report().contains("s3cret"));
    }
    // A credential that is no digest is not told about them.
    let (transport, _) =
        recording(|_, _| Ok(respond(401, "").with_header("www-authenticate", "Digest algorithm=X")));
    let api = Acme::builder().transport(transport).credential(Credential::bearer("t0ken").unwrap());
    let error = api.build().unwrap().raw().get("/x").await.unwrap_err();
    assert_eq!(error.to_string(), "401 Unauthorized");
}

#[tokio::test]
async fn fault_c7_a_status_without_a_name_is_shown_as_its_number() {
    for (status, expected) in [
        (520, "520"),
        (599, "599"),
        (430, "430"),
        (420, "420"),
        (499, "499"),
        (799, "799"),
        (399, "399"),
        (404, "404 Not Found"),
        (503, "503 Service Unavailable"),
    ] {
        for (body, message) in [(b"".as_slice(), ""), (b"{\"message\":\"no\"}", ": no")] {
            let error = calendar(status, body).events().get(1).await.unwrap_err();
            assert_eq!(error.to_string(), format!("Events::get: {expected}{message}"));
            let shown = format!("{error:?} {}", error.report());
            assert!(!shown.contains("unknown"), "{shown}");
        }
    }
    // Where a body can't be read, and where a redirect can't be followed.
    for (status, name, expected) in
        [(299, "content-encoding", "(299)"), (200, "content-encoding", "(200 OK)")]
    {
        let (transport, _) =
            recording(move |_, _| Ok(respond(status, "").with_header(name, "foo").with_body("x")));
        let api = Acme::builder().transport(transport).build().unwrap();
        let error = api.raw().get("/x").await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    #[derive(Debug, ApiError)]
    enum Refused {
        #[status(520)]
        Odd,
        #[other]
        Other(Error),
    }
    assert_eq!(Error::from(Refused::Odd).to_string(), "520");
}

#[tokio::test]
async fn fault_c7_the_limits_of_a_response_head_are_named() {
    let lines = |count: usize| {
        let lines: Vec<_> = (0..count).map(|number| format!("x-{number}: {number}").into_bytes()).collect();
        let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
        // `content-length` is one of them.
        with_headers("200 OK", &lines)
    };
    let huge = with_headers("200 OK", &[format!("x-huge: {}", "h".repeat(1024 * 1024)).as_bytes()]);
    for (response, is_ok) in [(lines(99), true), (lines(100), false), (lines(1_000), false), (huge, false)] {
        let (api, server) = serving(move |_| response.clone()).await;
        match watched(api.raw().get("/x")).await {
            Ok(_) => assert!(is_ok),
            Err(error) => {
                assert!(!is_ok, "{error:#}");
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Protocol, 1), "{error:#}");
                for part in ["more than 100 headers", "larger than 408 KiB"] {
                    assert!(error.to_string().contains(part), "{error:#}");
                }
                assert_eq!(server.connections(), 1);
            }
        }
    }
    // HTTP/2 limits the size alone.
    let server = h2::Server::start([Reply::HugeHeaders; 3]).await.unwrap();
    let builder = Acme::builder().transport(wire().http2_prior_knowledge());
    let api = builder.base_url(server.url()).build().unwrap();
    let error = watched(api.raw().get("/x")).await.unwrap_err();
    assert_eq!((error.kind(), server.arrived()), (ErrorKind::Protocol, 1), "{error:#}");
    assert!(error.to_string().contains("larger than 64 KiB"), "{error:#}");
    // Something else that is not HTTP does not blame the number of headers.
    let (api, _server) = serving(|_| b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()).await;
    let error = watched(api.raw().get("/x")).await.unwrap_err();
    assert!(error.to_string().ends_with("the response is not valid HTTP"), "{error:#}");
}

/// What no token, key or password has, as it is copied from a web page, an editor, or a file that was read as it is.
const STRAY: [&str; 12] = [
    "\u{feff}c4nary",
    "c4nary\u{feff}",
    "c4\u{200b}nary",
    "c4nary\u{200d}",
    "c4\u{a0}nary",
    "\u{202a}c4nary",
    "c4\u{ad}nary",
    "c4nary\n",
    "c4nary\r\n",
    "c4\0nary",
    "c4\tnary",
    "c4\u{85}nary",
];

/// What no token and no key has besides.
const QUOTED: [&str; 8] = [
    "\"c4nary\"",
    "'c4nary'",
    "`c4nary`",
    "\u{201c}c4nary\u{201d}",
    "\u{2018}c4nary\u{2019}",
    "c4nary\"",
    " c4nary",
    "c4nary ",
];

#[tokio::test]
async fn fault_c8_a_credential_that_can_not_be_right_is_an_error_and_no_request() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, "{}")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let call = |credential: Credential| watched(api.raw().get("/x").with_credential(credential));
    let refused = |name: &str, value: &str, error: Error| {
        assert_eq!(error.kind(), ErrorKind::Argument, "{name} {value:?}: {error}");
        let shown = format!("{error} {error:?} {}", error.report());
        assert!(!shown.contains("c4") && !shown.contains("nary"), "{name} {value:?}: {shown}");
        assert!(shown.contains(name), "{name} {value:?}: {shown}");
    };
    for value in STRAY.iter().chain(&QUOTED).chain(&["", "Bearer c4nary", "c4 nary", "c\u{eb}nary"]) {
        refused("bearer", value, Credential::bearer(*value).unwrap_err());
    }
    for value in STRAY.iter().chain(&QUOTED).chain(&[""]) {
        refused("`x-api-key`", value, Credential::header("X-API-Key", *value).unwrap_err());
        let two = Credential::bearer("t0ken").unwrap();
        refused("`x-tenant`", value, two.clone().and("x-tenant", *value).unwrap_err());
        refused("`sid`", value, Credential::cookie("sid", *value).unwrap_err());
        refused("`csrf`", value, two.clone().and_cookie("csrf", *value).unwrap_err());
        refused("`api_key`", value, call(Credential::query("api_key", *value)).await.unwrap_err());
        refused("`app`", value, call(two.and_query("app", *value)).await.unwrap_err());
        for key in [
            SigV4::new(*value, "c4nary"),
            SigV4::new("AKID", *value),
            SigV4::new("AKID", "c4nary").session_token(*value),
        ] {
            let key = key.region("eu-west-1").service("s3");
            let request = api.raw().get("/x").build().unwrap();
            refused("access key", value, key.presign(&request, Duration::from_secs(60)).unwrap_err());
            refused("access key", value, call(key.into()).await.unwrap_err());
        }
    }
    for value in STRAY {
        refused("password of a basic", value, Credential::basic("ana", value).unwrap_err());
        refused("user name of a basic", value, Credential::basic(value, "pw").unwrap_err());
        refused("password of a digest", value, call(Credential::digest("ana", value)).await.unwrap_err());
        refused("user name of a digest", value, call(Credential::digest(value, "pw")).await.unwrap_err());
    }
    refused("colon", "c4:nary", Credential::basic("c4:nary", "pw").unwrap_err());
    refused("empty", "", Credential::basic("", "").unwrap_err());
    refused("empty", "", call(Credential::digest("", "")).await.unwrap_err());
    refused("empty", "", apisession::Jwt::hs256("").sign().unwrap_err());
    assert_eq!(sent.all().len(), 0);
    // What can be right is sent.
    for credential in [
        Credential::bearer("1|aB-._~+/:=="),
        Credential::header("authorization", "Token token=\"c4nary\", id='7'"),
        Credential::header("x-name", "Zo\u{eb} it's"),
        Credential::cookie("sid", "c4nary=="),
        Credential::basic("", "c4nary"),
        Credential::basic("c4nary", ""),
        Credential::basic("Zo\u{eb}", " \"pass: word\" \u{1f469}\u{200d}\u{1f680} "),
        Ok(Credential::query("key", "c4 nary&=%\u{eb}")),
        Ok(Credential::digest("ana:b", "\"c4nary\"")),
        Ok(Credential::none()),
    ] {
        call(credential.unwrap()).await.unwrap();
    }
    assert_eq!(sent.all().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn fault_c8_a_token_request_with_a_secret_that_can_not_be_right_is_not_sent() {
    const TOKENS: &str = "https://login.test/token";
    const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
    let (transport, sent) =
        recording(|_, _| Ok(respond(200, r#"{"access_token":"t0ken","token_type":"Bearer"}"#)));
    let api = Acme::builder().transport(transport).build().unwrap();
    let call = |tokens: OAuth2| api.raw().get("/x").with_credential(Credential::from(tokens));
    for value in STRAY.iter().chain(&[""]) {
        let token = || Secret::new(*value);
        let mut rows = vec![
            (OAuth2::client_credentials(TOKENS, *value, "c4nary"), "`client_id`"),
            (OAuth2::client_credentials(TOKENS, *value, "c4nary").secret_in_body(), "`client_id`"),
            (OAuth2::refresh_token(TOKENS, "r").public_client(*value), "`client_id`"),
            (OAuth2::refresh_token(TOKENS, token()), "`refresh_token`"),
            (OAuth2::jwt_bearer(TOKENS, token()), "`assertion`"),
            (OAuth2::refresh_token(TOKENS, "r").client_assertion(token()), "`client_assertion`"),
            (OAuth2::token_exchange(TOKENS, token(), JWT), "`subject_token`"),
            (OAuth2::token_exchange(TOKENS, Secret::new("s"), JWT).actor(token(), JWT), "`actor_token`"),
        ];
        // A client may have an empty secret.
        if !value.is_empty() {
            rows.push((OAuth2::client_credentials(TOKENS, "app", *value), "`client_secret`"));
            rows.push((
                OAuth2::client_credentials(TOKENS, "app", *value).secret_in_body(),
                "`client_secret`",
            ));
        }
        for (tokens, name) in rows {
            let error = call(tokens).await.unwrap_err();
            let inner = error.inner().unwrap();
            assert_eq!((error.kind(), inner.kind()), (ErrorKind::Authentication, ErrorKind::Argument));
            assert!(inner.to_string().contains(name), "{name} {value:?}: {inner}");
            assert!(!error.report().contains("nary"), "{}", error.report());
        }
    }
    assert_eq!(sent.all().len(), 0);
    let tokens = OAuth2::client_credentials(TOKENS, "app", "").parameter("claims", "{\n}");
    call(tokens).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn fault_c8_a_token_in_a_file_is_read_without_what_editors_add() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("token");
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let call = || api.raw().get("/x").with_credential(Credential::bearer_file(&path));
    for content in ["t0ken", "t0ken\n", "t0ken\r\n", "\u{feff}t0ken\r\n", "\u{feff}\n t0ken \n\n", "\tt0ken"]
    {
        std::fs::write(&path, content).unwrap();
        call().await.unwrap();
        assert_eq!(sent.all().pop().unwrap().header("authorization"), "Bearer t0ken", "{content:?}");
    }
    let number = sent.all().len();
    let rows: [(&[u8], &str); 8] = [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfet\0o\0k\0", "is not UTF-8"),
        (b"\"t0ken\"\n", "quotes"),
        (b"t0ken\nt1ken\n", "control character U+000A"),
        ("t0\u{200b}ken".as_bytes(), "U+200B"),
        (b"Bearer t0ken", "space"),
    ];
    for (content, expected) in rows {
        std::fs::write(&path, content).unwrap();
        let error = call().await.unwrap_err();
        let inner = error.inner().unwrap().to_string();
        assert!(inner.contains(expected) && inner.contains(&path.display().to_string()), "{inner}");
        assert!(!error.report().contains("t0"), "{}", error.report());
    }
    assert_eq!(sent.all().len(), number);
}
