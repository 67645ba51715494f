//! Multipart bodies: an independent parser reads exactly the parts that were sent.

use std::env;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use apisession::http::HeaderMap;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Outcome, Parts, Place, RawCall, Request};
use apisession_tests::{Pieces, Server, Watchdog, respond, tokio, watched};
use fastrand::Rng;
use serde::Serialize;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

/// A part, as the parser reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Read {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
}

impl Read {
    fn field(name: &str, content: &str) -> Self {
        let content = content.as_bytes().to_vec();
        Self { name: name.to_owned(), file_name: None, content_type: None, content }
    }

    fn json(name: &str, content: &str) -> Self {
        Self { content_type: Some("application/json".to_owned()), ..Self::field(name, content) }
    }

    fn file(name: &str, file_name: &str, content_type: &str, content: &[u8]) -> Self {
        let (file_name, content_type) = (Some(file_name.to_owned()), Some(content_type.to_owned()));
        Self { file_name, content_type, ..Self::field(name, "") }.with(content)
    }

    fn with(self, content: &[u8]) -> Self {
        Self { content: content.to_vec(), ..self }
    }
}

/// What an independent parser makes of a body.
async fn parse(content_type: &str, body: Bytes) -> multer::Result<Vec<(Read, HeaderMap)>> {
    let boundary = multer::parse_boundary(content_type)?;
    let mut form = multer::Multipart::new(Pieces::new([body], Duration::ZERO), boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await? {
        let headers = field.headers().clone();
        let text = |text: &str| text.to_owned();
        let content_type =
            headers.get("content-type").map(|value| String::from_utf8(value.as_bytes().to_vec()).unwrap());
        let (name, file_name) = (field.name().map(text).unwrap(), field.file_name().map(text));
        let content = field.bytes().await?.to_vec();
        parts.push((Read { name, file_name, content_type, content }, headers));
    }
    Ok(parts)
}

/// The bytes that a request has sent.
async fn bytes(request: &mut Request) -> Result<Bytes> {
    let mut body = Vec::new();
    while let Some(piece) = request.body.chunk().await? {
        body.extend_from_slice(&piece);
    }
    Ok(body.into())
}

/// The bodies that a transport has read, with their types.
type Sent = Arc<Mutex<Vec<(String, Bytes)>>>;

/// A session that keeps what it sends, and responds with this status until the last attempt.
fn reading(status: u16, attempts: usize) -> (Acme, Sent) {
    let (memory, sent) = transport(status, attempts);
    (Acme::builder().transport(memory).build().unwrap(), sent)
}

fn transport(status: u16, attempts: usize) -> (Memory, Sent) {
    let sent = Sent::default();
    let kept = Arc::clone(&sent);
    let transport = Memory::new(move |mut request| {
        let kept = Arc::clone(&kept);
        async move {
            let content_type = request.headers["content-type"].to_str().unwrap().to_owned();
            let body = bytes(&mut request).await.map_err(Failure::unknown)?;
            let number = {
                let mut kept = kept.lock().unwrap();
                kept.push((content_type, body));
                kept.len()
            };
            Ok(respond(if number < attempts { status } else { 200 }, ""))
        }
    });
    (transport, sent)
}

/// The parts of the one request that a call sends.
async fn read_of(make: impl FnOnce(&Acme) -> RawCall) -> Vec<Read> {
    let (api, sent) = reading(200, 1);
    make(&api).await.unwrap();
    let (content_type, body) = sent.lock().unwrap().pop().unwrap();
    parse(&content_type, body).await.unwrap().into_iter().map(|(part, _)| part).collect()
}

#[tokio::test]
async fn each_kind_of_part_is_read_as_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("größe \"q1\".csv");
    std::fs::write(&path, "a,b\n").unwrap();
    let parts = Parts::new()
        .with("title", "Minutes – März")
        .with("tag", String::from("a"))
        .with("tag", Part::text("b"))
        .with("meta", Part::json(&[0.1f32]))
        .with("file", Part::file(&path))
        .with("file", Part::bytes([0xff, 0xd8].as_slice()))
        .with("photo", Part::bytes(vec![0xff]).with_file_name("C:\\fakepath\\photo.jpeg"))
        .with(
            "log",
            Part::body(Body::reader(Cursor::new("one")))
                .with_file_name("a.txt")
                .with_content_type("text/x-log"),
        )
        .with("plain", Part::bytes("two").without_file_name())
        .with("empty", "");
    let read = read_of(|api| api.raw().post("/files").multipart(&parts)).await;
    let expected = [
        Read::field("title", "Minutes – März"),
        Read::field("tag", "a"),
        Read::field("tag", "b"),
        Read::json("meta", "[0.1]"),
        Read::file("file", "größe %22q1%22.csv", "text/csv", b"a,b\n"),
        Read::file("file", "file", "application/octet-stream", b"\xff\xd8"),
        Read::file("photo", "photo.jpeg", "image/jpeg", b"\xff"),
        Read::file("log", "a.txt", "text/x-log", b"one"),
        Read::field("plain", "two"),
        Read::field("empty", ""),
    ];
    assert_eq!(read, expected);
    // Without parts it is still a multipart body.
    assert_eq!(read_of(|api| api.raw().post("/files").multipart(&Parts::new())).await, []);
}

#[tokio::test]
async fn the_header_lines_of_a_part_are_those_of_browsers() {
    let (api, sent) = reading(200, 1);
    let part =
        Part::bytes("x").with_file_name("ä\".png").with_header("Content-ID", "<a>").with_header("x-a", "1");
    api.raw().post("/").multipart(&[("one\r\ntwo", part.with_header("x-a", "2"))]).await.unwrap();
    let (content_type, body) = sent.lock().unwrap().pop().unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert!(boundary.len() == 32 && boundary.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{boundary}");
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"one%0D%0Atwo\"; filename=\"ä%22.png\"\r\n\
         Content-Type: image/png\r\ncontent-id: <a>\r\nx-a: 1\r\nx-a: 2\r\n\r\nx\r\n--{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8(body.to_vec()).unwrap(), expected);
}

#[tokio::test]
async fn b6_names_types_and_headers_of_parts_are_made_safe_or_refused() {
    let long = |length: usize| "x".repeat(length - 4) + ".txt";
    // A name, and what the parser reads as it; `None` if nothing is sent.
    let names = [
        ("plain", Some("plain")),
        ("", Some("")),
        ("a\"b", Some("a%22b")),
        ("a\rb", Some("a%0Db")),
        ("a\nb", Some("a%0Ab")),
        ("a\r\n\r\nevil", Some("a%0D%0A%0D%0Aevil")),
        ("a\"; filename=\"evil.sh", Some("a%22; filename=%22evil.sh")),
        ("a\\", Some("a%5C")),
        ("a\\\"", Some("a\\%22")),
        ("größe/日本", Some("größe/日本")),
        ("a\0b", None),
        ("a\u{1b}b", None),
    ];
    for (name, expected) in names {
        let (api, sent) = reading(200, 1);
        let end = api.raw().post("/").multipart(&[(name, Part::text("x"))]).await;
        match expected {
            Some(expected) => {
                end.unwrap();
                let (content_type, body) = sent.lock().unwrap().pop().unwrap();
                let read = parse(&content_type, body).await.unwrap();
                // This parser looks for `filename=` also inside of quotes.
                assert_eq!(
                    (read.len(), read[0].0.name.as_str(), read[0].0.content.as_slice()),
                    (1, expected, b"x".as_slice())
                );
                assert_eq!(read[0].1.len(), 1, "{:?}", read[0].1);
            }
            None => refused(end, &sent, "contains the control character"),
        }
    }
    let files = [
        ("a.txt".to_owned(), Some("a.txt".to_owned())),
        ("/etc/passwd".to_owned(), Some("passwd".to_owned())),
        ("..\\..\\boot.ini".to_owned(), Some("boot.ini".to_owned())),
        ("a\"\r\n.txt".to_owned(), Some("a%22%0D%0A.txt".to_owned())),
        ("日本.txt".to_owned(), Some("日本.txt".to_owned())),
        (long(255), Some(long(255))),
        (long(256), None),
        ("..".to_owned(), None),
        ("/".to_owned(), None),
        (String::new(), None),
        ("a\0.txt".to_owned(), None),
    ];
    for (name, expected) in files {
        let (api, sent) = reading(200, 1);
        let end = api.raw().post("/").multipart(&[("f", Part::bytes("x").with_file_name(&name))]).await;
        match expected {
            Some(expected) => {
                end.unwrap();
                let (content_type, body) = sent.lock().unwrap().pop().unwrap();
                let read: Vec<_> =
                    parse(&content_type, body).await.unwrap().into_iter().map(|(part, _)| part).collect();
                let content_type =
                    if expected.contains('.') { "text/plain" } else { "application/octet-stream" };
                assert_eq!(read, [Read::file("f", &expected, content_type, b"x")]);
            }
            None => refused(end, &sent, "`f` "),
        }
    }
    type Change = fn(Part) -> Part;
    let headers: [(Change, &str); 7] = [
        (
            |part| part.with_content_type("text/plain\r\nx-evil: 1"),
            "has a content type with a control character",
        ),
        (|part| part.with_content_type("text/plain\0"), "has a content type with a control character"),
        (
            |part| part.with_header("x-a", "s3cret\r\nx-evil: 1"),
            "the header `x-a` contains a control character",
        ),
        (|part| part.with_header("x-a", "s3cret\n"), "the header `x-a` contains a control character"),
        (|part| part.with_header("x a", "s3cret"), "`x a` is not a valid header name"),
        (|part| part.with_header("content-length", "3"), "is written by the transport"),
        (|part| part.with_header("Content-Disposition", "s3cret"), "use `with_file_name`"),
    ];
    for (change, expected) in headers {
        let (api, sent) = reading(200, 1);
        let end = api.raw().post("/").multipart(&[("f", change(Part::bytes("x")))]).await;
        refused(end, &sent, expected);
    }
}

#[track_caller]
fn refused(end: Result<Response>, sent: &Sent, expected: &str) {
    let error = end.unwrap_err();
    let message = error.report();
    assert!(
        message.contains(expected) && !message.contains("s3cret") && !message.contains("evil"),
        "{message}"
    );
    assert_eq!((error.kind(), sent.lock().unwrap().len()), (ErrorKind::Argument, 0));
}

/// A part, made at random, and what it is read as.
fn part(random: &mut Rng, files: &[(std::path::PathBuf, Vec<u8>)]) -> (String, Part, Read) {
    // No ending of these has a type.
    const CHARS: [char; 20] = [
        'ø', 'Ö', '0', ' ', '"', '\\', '\r', '\n', ';', '=', '/', '%', 'ß', '日', '🦀', '\t', '-', '.', '\'',
        '*',
    ];
    let word = |random: &mut Rng| -> String {
        let length = random.usize(0..12);
        (0..length).map(|_| random.choice(CHARS).unwrap()).collect()
    };
    let escaped = |name: &str| {
        let plain = name.trim_end_matches('\\');
        let end = "%5C".repeat(name.len() - plain.len());
        plain.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A") + &end
    };
    let name = word(random);
    let sizes = [0, 1, 2, 100, 1_000, 65_535, 65_536, 65_537, 200_000];
    let length = if random.u8(0..20) == 0 { random.choice(sizes).unwrap() } else { random.usize(0..64) };
    // Mostly the bytes that delimiters are made of.
    let alphabet = [b'-', b'\r', b'\n', b'a', 0, 0xff];
    let content: Vec<u8> = (0..length).map(|_| random.choice(alphabet).unwrap()).collect();
    let read = |content: &[u8]| Read::field(&escaped(&name), "").with(content);
    let (part, mut read, file_name) = match random.u8(0..6) {
        0 => {
            let text = word(random);
            (Part::text(&text), read(text.as_bytes()), None)
        }
        1 => {
            let number = random.u32(..);
            let json = Read {
                content_type: Some("application/json".to_owned()),
                ..read(number.to_string().as_bytes())
            };
            (Part::json(&number), json, None)
        }
        2 => {
            let (path, content) = random.choice(files).unwrap();
            let own = path.file_name().unwrap().to_str().unwrap().to_owned();
            (Part::file(path), read(content), Some(own))
        }
        3 if !content.is_empty() => {
            (Part::body(Body::reader(Cursor::new(content.clone()))), read(&content), Some(String::new()))
        }
        4 => {
            let made = content.clone();
            (Part::body(Body::rewindable(move || Cut(made.clone()))), read(&content), Some(String::new()))
        }
        _ => (Part::bytes(content.clone()), read(&content), Some(String::new())),
    };
    let base = |name: &str| {
        name.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
    };
    let is_name = |name: &str| !matches!(name, "" | "." | "..");
    let given = word(random);
    let (part, file_name) = match file_name {
        _ if random.bool() && is_name(&base(&given)) => (part.with_file_name(&given), Some(base(&given))),
        Some(own) if own.is_empty() => {
            (part, Some(Some(base(&name)).filter(|name| is_name(name)).unwrap_or("file".to_owned())))
        }
        file_name => (part, file_name),
    };
    read.file_name = file_name.as_deref().map(escaped);
    let types = ["text/plain; charset=utf-8", "image/png", "x/y"];
    let part = match random.choice(types).filter(|_| random.bool()) {
        Some(content_type) => {
            read.content_type = Some(content_type.to_owned());
            part.with_content_type(content_type)
        }
        None => {
            let guessed = file_name.map(|name| {
                let known = [("a.pdf", "application/pdf"), ("b c.csv", "text/csv")];
                known
                    .into_iter()
                    .find(|known| known.0 == name)
                    .map_or("application/octet-stream", |known| known.1)
                    .to_owned()
            });
            read.content_type = read.content_type.or(guessed);
            part
        }
    };
    (name, part, read)
}

/// A stream of pieces of three bytes.
struct Cut(Vec<u8>);

impl futures_core::Stream for Cut {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        let size = self.0.len().min(3);
        let rest = self.0.split_off(size);
        let piece = std::mem::replace(&mut self.0, rest);
        std::task::Poll::Ready((!piece.is_empty()).then(|| Ok(piece.into())))
    }
}

/// Each form is watched, and not all of them together.
#[tokio::test(crate = "::tokio")]
async fn every_random_form_is_read_as_it_was_made() {
    let seed = env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    let forms = env::var("FORMS").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000);
    println!("SEED={seed}, {forms} forms");
    let mut random = Rng::with_seed(seed);
    let folder = tempfile::tempdir().unwrap();
    let files = [("a.pdf", 10), ("b c.csv", 0), ("none", 70_000)].map(|(name, length)| {
        let content: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
        std::fs::write(folder.path().join(name), &content).unwrap();
        (folder.path().join(name), content)
    });
    let (api, sent) = reading(200, 0);
    let mut read = 0;
    for number in 0..forms {
        let _watchdog = Watchdog::start();
        let mut made = Parts::new();
        let mut expected = Vec::new();
        for _ in 0..random.usize(0..6) {
            let (name, part, read) = part(&mut random, &files);
            made = made.with(&name, part);
            expected.push(read);
        }
        api.raw()
            .post("/files")
            .multipart(&made)
            .await
            .unwrap_or_else(|error| panic!("{number}: {error:#} {expected:?}"));
        let (content_type, body) = sent.lock().unwrap().pop().unwrap();
        let parts: Vec<_> =
            parse(&content_type, body).await.unwrap().into_iter().map(|(part, _)| part).collect();
        assert!(parts == expected, "form {number}: {parts:?} {expected:?}");
        read += parts.len();
    }
    assert!(read > forms, "{read} parts of {forms} forms");
}

#[tokio::test]
async fn the_length_of_a_form_is_sent_where_every_part_has_one() {
    let server = Server::start(|request| {
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}", request.len())
    })
    .await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.txt");
    std::fs::write(&path, "x".repeat(150_000)).unwrap();
    let parts = || {
        Parts::new()
            .with("title", "a")
            .with("file", Part::file(&path))
            .with("rest", Part::bytes("y".repeat(70_000)))
    };
    let response = watched(api.raw().post("/").multipart(&parts())).await.unwrap();
    let text = response.text().unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("\r\ncontent-length: {}", body.len())), "{head} {}", body.len());
    assert!(body.ends_with("--\r\n") && body.len() > 220_000, "{}", body.len());
    // A reader has none, unless it is set.
    for (body, is_known) in
        [(Body::reader(Cursor::new("one")), false), (Body::reader(Cursor::new("one")).with_length(3), true)]
    {
        let (known, sent) = (parts().with("reader", Part::body(body)), Arc::new(Mutex::new(String::new())));
        let kept = Arc::clone(&sent);
        let server = Server::start(move |request| {
            kept.lock().unwrap().push_str(request);
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        })
        .await;
        let api = Acme::builder().base_url(server.url()).build().unwrap();
        let _ = watched(api.raw().post("/").multipart(&known)).await;
        let head = sent.lock().unwrap().to_ascii_lowercase();
        assert_eq!(head.contains("content-length: "), is_known, "{}", &head[..200]);
        assert_eq!(head.contains("transfer-encoding: chunked"), !is_known, "{}", &head[..200]);
    }
}

#[tokio::test]
async fn a_form_is_sent_again_whole_or_never() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "x".repeat(100_000)).unwrap();
    let parts =
        || Parts::new().with("title", "a").with("file", Part::file(&path)).with("file", Part::bytes("b"));
    let (api, sent) = reading(503, 3);
    api.raw().put("/").multipart(&parts()).await.unwrap();
    let sent = sent.lock().unwrap().clone();
    assert!(sent.len() == 3 && sent.iter().all(|attempt| attempt == &sent[0]));
    assert_eq!(
        parse(&sent[0].0, sent[0].1.clone()).await.unwrap()[1].0.content,
        "x".repeat(100_000).as_bytes()
    );
    // With a reader it is sent once, and the parts are not sent by a second call either.
    let once = parts().with("reader", Part::body(Body::reader(Cursor::new("one"))));
    let (api, sent) = reading(503, 3);
    let error = api.raw().put("/").multipart(&once).await.unwrap_err();
    assert_eq!((error.kind(), sent.lock().unwrap().len()), (ErrorKind::BodyNotReplayable, 1), "{error}");
    let error = api.raw().put("/").multipart(&once).await.unwrap_err();
    let known = (error.kind(), error.outcome(), sent.lock().unwrap().len());
    assert_eq!(known, (ErrorKind::BodyNotReplayable, Some(Outcome::NotSent), 1), "{error}");
    // A file that is missing or has changed is named, and nothing of the form is sent.
    let missing = parts().with("scan", Part::file(folder.path().join("missing.pdf")));
    let (api, sent) = reading(503, 3);
    let error = api.raw().put("/").multipart(&missing).await.unwrap_err();
    assert!(error.to_string().contains("the file `missing.pdf` can't be read"), "{error}");
    assert_eq!((error.kind(), sent.lock().unwrap().len()), (ErrorKind::RequestBody, 0));
}

#[tokio::test]
async fn no_other_content_type_replaces_that_of_a_form() {
    let (_, sent) = reading(200, 1);
    let kept = Arc::clone(&sent);
    let transport = Memory::new(move |request| {
        kept.lock().unwrap().push((format!("{:?}", request.headers["content-type"]), Bytes::new()));
        async { Ok(respond(200, "")) }
    });
    let api =
        Acme::builder().transport(transport).header("content-type", "application/json").build().unwrap();
    api.raw()
        .post("/")
        .multipart(&[("a", Part::text("b"))])
        .header("content-type", "text/plain")
        .await
        .unwrap();
    assert!(sent.lock().unwrap()[0].0.contains("multipart/form-data; boundary="));
}

#[derive(Serialize)]
struct Meta {
    ratio: f32,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Color {
    Red,
    Mixed { of: u8 },
}

#[derive(Multipart)]
#[multipart(rename_all = "camelCase")]
struct NewFile<'a> {
    title: &'a str,
    parent_id: Option<u64>,
    missing: Option<&'a Meta>,
    tags: Vec<String>,
    numbers: [u16; 0],
    pair: (u8, bool),
    color: Color,
    mixed: Color,
    meta: Meta,
    metas: Vec<Meta>,
    nested: Vec<Vec<u8>>,
    lists: Vec<Vec<u16>>,
    #[multipart(json)]
    raw_list: Vec<u16>,
    #[multipart(json, rename = "raw-text")]
    text: &'a str,
    token: apisession::Secret,
    bytes: Vec<u8>,
    #[multipart(content_type = "application/pdf", file_name = "a.pdf")]
    declared: Bytes,
    #[multipart(content_type = "application/pdf", file_name = "a.pdf")]
    set: Part,
    files: Vec<Part>,
    no_file: Option<Part>,
    path: std::path::PathBuf,
    value: serde_json::Value,
    r#type: Box<u128>,
}

#[endpoint(path = "/files")]
struct Files;

#[endpoint]
impl Files {
    #[post]
    fn upload(&self, #[multipart] file: &NewFile<'_>) -> Call<Response>;
    #[post]
    fn attach(
        &self,
        #[part] meta: &Meta,
        #[part("no-te")] note: Option<&str>,
        #[part] file: Part,
        #[part] tags: Option<&[&str]>,
        #[part(json, rename = "raw")] source: Option<&str>,
        #[part(file_name = "a.csv")] table: Option<Vec<u8>>,
        #[query] q: Option<u8>,
    ) -> Call<Response>;
    #[post("/optional")]
    fn optional(&self, #[part] note: Option<&str>) -> Call<Response>;
    #[post("/edges")]
    fn edges(
        &self,
        #[cfg(not(test))]
        #[part]
        gone: NoSuchType,
        #[cfg(test)]
        #[part]
        here: u8,
        #[part] list: Option<&[Option<&str>]>,
        #[part] r#type: Option<Part>,
        #[part("a\"\r\n; name=b")] odd: Option<&str>,
        #[part(json)] null: Option<Option<u8>>,
        #[part] nothing: Option<Option<u8>>,
    ) -> Call<Response>;
    #[post("/late")]
    fn late(&self, #[multipart] parts: Option<&[(&str, Part)]>) -> Call<Response>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Vendor {
    session: Session,
    #[endpoint]
    files: Files,
}

/// The parts of the one request that a declared call sends, and the error of the call if there is none.
async fn declared(call: Call<Response>, sent: &Sent) -> Vec<Read> {
    call.await.unwrap();
    let (content_type, body) = sent.lock().unwrap().pop().unwrap();
    parse(&content_type, body).await.unwrap().into_iter().map(|(part, _)| part).collect()
}

/// The same session with endpoints.
fn vendor(status: u16, attempts: usize) -> (Vendor, Sent) {
    let (memory, sent) = transport(status, attempts);
    (Vendor::builder().transport(memory).build().unwrap(), sent)
}

#[tokio::test]
async fn a_struct_is_sent_as_the_parts_that_its_types_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "n").unwrap();
    let file = || NewFile {
        title: "a=b&c",
        parent_id: Some(7),
        missing: None,
        tags: vec!["x".to_owned(), "y".to_owned()],
        numbers: [],
        pair: (1, true),
        color: Color::Red,
        mixed: Color::Mixed { of: 2 },
        meta: Meta { ratio: 0.1 },
        metas: vec![Meta { ratio: 0.2 }, Meta { ratio: 0.3 }],
        nested: vec![vec![1], vec![]],
        lists: vec![vec![1, 2]],
        raw_list: vec![1, 2],
        text: "t",
        token: apisession::Secret::new("s3cret"),
        bytes: vec![0xff],
        declared: Bytes::from_static(b"%PDF"),
        set: Part::bytes("p").with_file_name("b.txt").with_content_type("text/x-b"),
        files: vec![Part::file(&path), Part::text("f")],
        no_file: None,
        path: path.clone(),
        value: serde_json::json!({ "a": null }),
        r#type: Box::new(u128::MAX),
    };
    let any = "application/octet-stream";
    let expected = [
        Read::field("title", "a=b&c"),
        Read::field("parentId", "7"),
        Read::field("tags", "x"),
        Read::field("tags", "y"),
        Read::field("pair", "1"),
        Read::field("pair", "true"),
        Read::field("color", "red"),
        Read::json("mixed", "{\"mixed\":{\"of\":2}}"),
        Read::json("meta", "{\"ratio\":0.1}"),
        Read::json("metas", "{\"ratio\":0.2}"),
        Read::json("metas", "{\"ratio\":0.3}"),
        Read::file("nested", "nested", any, &[1]),
        Read::file("nested", "nested", any, &[]),
        Read::json("lists", "[1,2]"),
        Read::json("rawList", "[1,2]"),
        Read::json("raw-text", "\"t\""),
        Read::field("token", "s3cret"),
        Read::file("bytes", "bytes", any, &[0xff]),
        Read::file("declared", "a.pdf", "application/pdf", b"%PDF"),
        Read::file("set", "b.txt", "text/x-b", b"p"),
        Read::file("files", "notes.txt", "text/plain", b"n"),
        Read::field("files", "f"),
        Read::file("path", "notes.txt", "text/plain", b"n"),
        Read::json("value", "{\"a\":null}"),
        Read::field("type", &u128::MAX.to_string()),
    ];
    let (api, sent) = vendor(200, 0);
    let read = declared(api.files().upload(&file()), &sent).await;
    for (read, expected) in read.iter().zip(&expected) {
        assert_eq!(read, expected);
    }
    assert_eq!(read.len(), expected.len());
    assert_eq!(read_of(|api| api.raw().post("/").multipart(&file())).await, expected);
    // What can't be sent is named.
    let error = api
        .files()
        .upload(&NewFile { set: Part::text("x").with_header("x-a", "\n"), ..file() })
        .await
        .unwrap_err();
    assert!(error.to_string().contains("the part `set` can't have this header"), "{error}");
    // A secret is masked where the server repeats it.
    let memory = Memory::new(|_| async { Ok(respond(400, r#"{"detail":"no token s3cret"}"#)) });
    let api = Vendor::builder().transport(memory).build().unwrap();
    let report = api.files().upload(&file()).await.unwrap_err().report();
    assert!(!report.contains("s3cret"), "{report}");
}

#[tokio::test]
async fn parts_of_an_operation_are_sent_in_order() {
    let (api, sent) = vendor(200, 0);
    let meta = Meta { ratio: 0.5 };
    let file = || Part::bytes("f").with_file_name("f.bin");
    let required = [
        Read::json("meta", "{\"ratio\":0.5}"),
        Read::file("file", "f.bin", "application/octet-stream", b"f"),
    ];
    assert_eq!(declared(api.files().attach(&meta, file()).to_call(), &sent).await, required);
    let call =
        api.files().attach(&meta, file()).tags(&["a", "b"]).note("first").q(1).note("second").source("r");
    let call = call.table(b"1,2".to_vec()).maybe_note(None);
    let optional = [
        Read::field("tags", "a"),
        Read::field("tags", "b"),
        Read::field("no-te", "second"),
        Read::json("raw", "\"r\""),
        Read::file("table", "a.csv", "text/csv", b"1,2"),
    ];
    assert_eq!(declared(call.to_call(), &sent).await, [required.as_slice(), &optional].concat());
    // A call that is made twice sends the same; a reader goes with the first.
    let call = api.files().attach(&meta, Part::body(Body::reader(Cursor::new("once"))));
    call.send().await.unwrap();
    assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::BodyNotReplayable);
    // Without parts there is no body.
    let request = api.files().optional().build().unwrap();
    assert!(request.body.is_empty() && !request.headers.contains_key("content-type"));
    let places: Vec<_> = Files::ATTACH
        .operation()
        .parameters()
        .map(|parameter| (parameter.name(), parameter.place()))
        .collect();
    assert_eq!(places[..2], [("meta", Place::Part), ("no-te", Place::Part)]);
}

#[tokio::test]
async fn parts_at_the_edges_are_read_as_they_were_made() {
    let (api, sent) = vendor(200, 0);
    let edges = || api.files().edges(1);
    let here = Read::field("here", "1");
    let rows = [
        (edges(), vec![]),
        (
            edges().list(&[Some("a"), None, Some("b")]),
            vec![Read::field("list", "a"), Read::field("list", "b")],
        ),
        (edges().list(&[Some("a"), Some("b")]).list(&[Some("c")]), vec![Read::field("list", "c")]),
        (edges().list(&[Some("a")]).list(&[]), vec![]),
        (
            edges().r#type(Part::text("t")).r#type(Part::bytes("u").with_file_name("u.txt")).maybe_type(None),
            vec![Read::file("type", "u.txt", "text/plain", b"u")],
        ),
        (edges().odd("x\r\n--\r\n"), vec![Read::field("a%22%0D%0A; name=b", "x\r\n--\r\n")]),
        (edges().null(None).nothing(None), vec![Read::json("null", "null")]),
    ];
    for (call, expected) in rows {
        let expected = [vec![here.clone()], expected].concat();
        assert_eq!(declared(call.to_call(), &sent).await, expected);
    }
    let (one, two) = ([("a", Part::text("1"))], [("b", Part::text("2")), ("b", Part::text("3"))]);
    let call = api.files().late().parts(&one).parts(&two);
    assert_eq!(declared(call.to_call(), &sent).await, [Read::field("b", "2"), Read::field("b", "3")]);
    assert!(api.files().late().build().unwrap().body.is_empty());
}

/// Types by the names of files, and what `mimetypes.guess_type` of Python 3.11 on Debian returns, if that is not the same. Where it
/// returns nothing, its users send `application/octet-stream`.
const TYPES: [(&str, &str, Option<&str>); 34] = [
    ("a.txt", "text/plain", None),
    ("a.csv", "text/csv", None),
    ("a.html", "text/html", None),
    ("a.md", "text/markdown", None),
    // RFC 7303 has both. Python's own table has `text/xml`, that of Debian the other.
    ("a.xml", "text/xml", Some("application/xml")),
    ("a.json", "application/json", None),
    ("a.js", "text/javascript", None),
    ("a.pdf", "application/pdf", None),
    ("a.zip", "application/zip", None),
    ("a.tar", "application/x-tar", None),
    // Python returns the type of what is compressed, and the compression as an encoding, which a part does not have.
    ("a.gz", "application/gzip", Some("application/octet-stream")),
    ("a.tar.gz", "application/gzip", Some("application/x-tar")),
    ("a.tgz", "application/gzip", Some("application/x-tar")),
    ("a.png", "image/png", None),
    ("a.jpg", "image/jpeg", None),
    ("a.gif", "image/gif", None),
    ("a.svg", "image/svg+xml", None),
    ("a.webp", "image/webp", None),
    ("a.mp3", "audio/mpeg", None),
    ("a.mp4", "video/mp4", None),
    ("a.wav", "audio/wav", Some("audio/x-wav")),
    ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", None),
    ("a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", None),
    ("a.doc", "application/msword", None),
    ("a.bin", "application/octet-stream", None),
    ("a.py", "text/x-python", None),
    ("a.yaml", "application/yaml", Some("application/octet-stream")),
    ("a.wasm", "application/wasm", None),
    ("a.ics", "text/calendar", None),
    ("A.PDF", "application/pdf", None),
    ("README", "application/octet-stream", None),
    ("-", "application/octet-stream", None),
    (".bashrc", "application/octet-stream", None),
    ("a.unknown", "application/octet-stream", None),
];

#[tokio::test]
async fn types_are_guessed_from_names() {
    let parts = TYPES.map(|(name, ..)| ("f", Part::bytes("x").with_file_name(name)));
    let read = read_of(|api| api.raw().post("/").multipart(&parts)).await;
    for ((name, expected, python), read) in TYPES.into_iter().zip(read) {
        assert_eq!(read.content_type.as_deref(), Some(expected), "{name}");
        assert_ne!(python, Some(expected), "{name}: this is no difference");
    }
}
