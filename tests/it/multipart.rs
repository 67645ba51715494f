//! Multipart bodies: an independent parser reads exactly the parts that were sent.

use std::env;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use apisession::http::HeaderMap;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Outcome, Parts, RawCall, Request};
use apisession_tests::{Pieces, Server, Watchdog, respond, tokio, watched};
use fastrand::Rng;

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

/// A session that keeps what it sends, and responds with this status until the last attempt of each call.
fn reading(status: u16, attempts: usize) -> (Acme, Sent) {
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
    (Acme::builder().transport(transport).build().unwrap(), sent)
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
    let headers: [(fn(Part) -> Part, &str); 7] = [
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

#[::tokio::test]
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
    let (head, body) = response.text().unwrap().split_once("\r\n\r\n").unwrap();
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

/// Types by the names of files, and what `mimetypes.guess_type` of Python 3.11 on Debian returns, if that is not the same. Where it
/// returns nothing, its users send `application/octet-stream`.
const TYPES: [(&str, &str, Option<&str>); 34] = [
    ("a.txt", "text/plain", None),
    ("a.csv", "text/csv", None),
    ("a.html", "text/html", None),
    ("a.md", "text/markdown", None),
    // RFC 7303 has both. Python's own table says `text/xml`, that of Debian the other.
    ("a.xml", "text/xml", Some("application/xml")),
    ("a.json", "application/json", None),
    ("a.js", "text/javascript", None),
    ("a.pdf", "application/pdf", None),
    ("a.zip", "application/zip", None),
    ("a.tar", "application/x-tar", None),
    // Python returns the type of what is compressed, and the compression as an encoding, which a part does not have.
    ("a.gz", "application/gzip", Some("application/octet-stream")),
    ("a.tar.gz", "application/gzip", Some("application/x-tar")),
    ("a.tgz", "application/x-compressed", Some("application/x-tar")),
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
    ("a.py", "text/plain", Some("text/x-python")),
    ("a.yaml", "text/x-yaml", Some("application/octet-stream")),
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
