//! Bodies from files, readers and standard input: sent whole, or not at all.

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{Outcome, Progress, Request};
use apisession_tests::{Server, respond, tokio, watched};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Acme {
    session: Session,
}

/// The bodies that a transport has read.
type Bodies = Arc<Mutex<Vec<Vec<u8>>>>;

async fn read(request: &mut Request) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(piece) = request.body.chunk().await? {
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// A session whose transport reads each body, and responds by `respond`, which gets the number of the request, from 1.
fn reading(respond: impl Fn(usize) -> Response + Send + Sync + 'static) -> (Acme, Bodies) {
    let bodies = Bodies::default();
    let (kept, respond) = (Arc::clone(&bodies), Arc::new(respond));
    let transport = Memory::new(move |mut request| {
        let (kept, respond) = (Arc::clone(&kept), Arc::clone(&respond));
        async move {
            let body = read(&mut request).await.map_err(Failure::unknown)?;
            let number = {
                let mut bodies = kept.lock().unwrap();
                bodies.push(body);
                bodies.len()
            };
            Ok(respond(number))
        }
    });
    (Acme::builder().transport(transport).build().unwrap(), bodies)
}

fn put(api: &Acme, body: impl Into<Body>) -> apisession::RawCall {
    api.raw().put("/x").body("application/octet-stream", body)
}

fn file(folder: &TempDir, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path
}

/// Bytes that don't repeat within a piece.
fn noise(length: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect()
}

#[tokio::test]
async fn bodies_are_made_of_what_callers_have() {
    let (api, bodies) = reading(|_| respond(200, ""));
    let text = String::from("one");
    let bytes = vec![b'o', b'n', b'e'];
    let own: Vec<Body> = vec![
        Body::from("one"),
        Body::from(text.as_str()),
        Body::from(&text),
        Body::from(text.clone()),
        Body::from(b"one"),
        Body::from(bytes.as_slice()),
        Body::from(&bytes),
        Body::from(bytes),
        Body::from(Bytes::from_static(b"one")),
        Body::reader(Cursor::new("one")),
    ];
    let count = own.len();
    for body in own {
        put(&api, body).await.unwrap();
    }
    assert_eq!(*bodies.lock().unwrap(), vec![b"one".to_vec(); count]);
}

#[tokio::test]
async fn a_file_is_sent_with_its_length_and_again_from_its_start() {
    let server = Server::start(|request| {
        let status = if request.contains("PUT /later") { "503 Later" } else { "200 OK" };
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{request}", request.len())
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    for length in [0, 1, 65_535, 65_536, 65_537, 200_000] {
        let content = "x".repeat(length);
        let path = file(&folder, "notes.txt", content.as_bytes());
        let response = watched(put(&api, Body::file(&path))).await.unwrap();
        let text = response.text().unwrap();
        assert!(text.contains(&format!("content-length: {length}\r\n")), "{}", &text[..text.len().min(300)]);
        assert!(
            !text.contains("transfer-encoding") && text.ends_with(&format!("\r\n\r\n{content}")),
            "{length}"
        );
    }
    for length in [0, 10, 200_000] {
        let content = noise(length);
        let path = file(&folder, "noise", &content);
        let (api, bodies) = reading(|number| respond(if number < 3 { 503 } else { 200 }, ""));
        put(&api, Body::file(&path)).await.unwrap();
        assert!(*bodies.lock().unwrap() == vec![content; 3], "{length}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_sent_is_named_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("reports")).unwrap();
    let mut rows = vec![
        (folder.path().join("missing.pdf"), "the file `missing.pdf` can't be read"),
        (folder.path().join("reports"), "the file `reports` is a directory"),
    ];
    if cfg!(unix) {
        rows.push(("/dev/null".into(), "the file `null` is not a regular file, so its length is not known"));
    }
    if Path::new("/proc/version").exists() {
        rows.push(("/proc/version".into(), "the file `version` is not a regular file"));
    }
    for (path, expected) in rows {
        let (api, bodies) = reading(|_| respond(200, ""));
        let error = put(&api, Body::file(&path)).await.unwrap_err();
        let message = error.to_string();
        assert!(message.contains(expected), "{message}");
        assert!(
            !format!("{error:?} {}", error.report()).contains(folder.path().to_str().unwrap()),
            "{error:?}"
        );
        let known = (error.kind(), error.outcome(), error.attempts());
        assert_eq!(known, (ErrorKind::RequestBody, Some(Outcome::NotSent), 1), "{message}");
        assert!(bodies.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_file_that_changes_during_the_call_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "log.txt", b"first");
    // Between two attempts: longer, shorter, gone, or of the same length.
    type Change = fn(&Path);
    let changes: [(Change, &str); 4] = [
        (|path| fs::write(path, "second").unwrap(), "had 5 bytes, and now has 6"),
        (|path| fs::write(path, "").unwrap(), "had 5 bytes, and now has 0"),
        (|path| fs::remove_file(path).unwrap(), "can't be read"),
        (
            |path| {
                let other = std::time::SystemTime::now() - Duration::from_secs(90);
                fs::File::options().write(true).open(path).unwrap().set_modified(other).unwrap();
            },
            "was modified during the call",
        ),
    ];
    for (change, expected) in changes {
        fs::write(&path, "first").unwrap();
        let changed = path.clone();
        let (api, bodies) = reading(move |_| {
            change(&changed);
            respond(503, "")
        });
        let error = put(&api, Body::file(&path)).await.unwrap_err();
        let message = error.to_string();
        assert!(message.contains("the file `log.txt`") && message.contains(expected), "{message}");
        // The first attempt was sent, and may have been processed.
        let known = (error.kind(), error.outcome(), bodies.lock().unwrap().len());
        assert_eq!(known, (ErrorKind::RequestBody, Some(Outcome::Unknown), 1), "{message}");
    }
    // While it is sent: the last piece is never passed on.
    for (length, expected) in [(10, "bytes, and now has 10"), (300_000, "bytes, and now has 300000")] {
        let path = file(&folder, "large", &noise(200_000));
        let changed = path.clone();
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let transport = Memory::new(move |mut request| {
            let (changed, counted) = (changed.clone(), Arc::clone(&counted));
            async move {
                loop {
                    match request.body.chunk().await {
                        Ok(Some(piece)) => counted.fetch_add(piece.len(), Ordering::SeqCst),
                        Ok(None) => return Ok(respond(200, "")),
                        Err(error) => return Err(Failure::unknown(error)),
                    };
                    fs::File::options().write(true).open(&changed).unwrap().set_len(length).unwrap();
                }
            }
        });
        let api = Acme::builder().transport(transport).build().unwrap();
        let error = put(&api, Body::file(&path)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RequestBody, "{error:#}");
        assert!(format!("{error:#}").contains(expected), "{error:#}");
        assert!(read.load(Ordering::SeqCst) < 200_000);
    }
    // Another call sends what the file is then.
    let path = file(&folder, "log.txt", b"first");
    let (api, bodies) = reading(|_| respond(200, ""));
    let call = put(&api, Body::file(&path));
    call.send().await.unwrap();
    fs::write(&path, "second").unwrap();
    call.send().await.unwrap();
    assert_eq!(*bodies.lock().unwrap(), [b"first".to_vec(), b"second".to_vec()]);
}

#[tokio::test]
async fn a_reader_is_sent_once() {
    let content = noise(200_000);
    let (api, bodies) = reading(|_| respond(200, ""));
    put(&api, Body::reader(Cursor::new(content.clone()))).await.unwrap();
    assert!(*bodies.lock().unwrap() == [content]);
    let refusals: [(u16, &str, &str); 3] = [
        (503, "x-none", ""),
        (429, "retry-after", "0"),
        (401, "www-authenticate", "Digest realm=\"r\", nonce=\"n\""),
    ];
    for (status, name, value) in refusals {
        let (api, bodies) = reading(move |_| respond(status, "").with_header(name, value));
        let call = put(&api, Body::reader(Cursor::new("once")));
        let error = call.with_credential(Credential::digest("ana", "s3cret")).await.unwrap_err();
        assert_eq!(
            (error.kind(), bodies.lock().unwrap().len()),
            (ErrorKind::BodyNotReplayable, 1),
            "{error}"
        );
    }
    // Nor does a second call send an empty body in its place.
    let (api, bodies) = reading(|_| respond(200, ""));
    let call = put(&api, Body::reader(Cursor::new("once")));
    call.send().await.unwrap();
    let error = call.send().await.unwrap_err();
    let known = (error.kind(), error.outcome(), bodies.lock().unwrap().len());
    assert_eq!(known, (ErrorKind::BodyNotReplayable, Some(Outcome::NotSent), 1), "{error}");
}

#[tokio::test]
async fn a_reader_at_its_end_is_no_empty_body() {
    let (api, bodies) = reading(|_| respond(200, ""));
    let mut read_before = Cursor::new("once");
    read_before.set_position(4);
    let error = put(&api, Body::reader(read_before)).await.unwrap_err();
    assert_eq!((error.kind(), bodies.lock().unwrap().len()), (ErrorKind::RequestBody, 0), "{error}");
    assert!(
        format!("{error:#}").contains("the reader is at its end, and was perhaps read before"),
        "{error:#}"
    );
    put(&api, Body::reader(Cursor::new("")).with_length(0)).await.unwrap();
    put(&api, Body::empty()).await.unwrap();
    assert_eq!(*bodies.lock().unwrap(), vec![b"".to_vec(); 2]);
}

/// What a call reports of its progress.
type Reports = Arc<Mutex<Vec<(u64, Option<u64>)>>>;

fn keep(reports: &Reports) -> impl Fn(Progress) + Send + Sync + 'static {
    let reports = Arc::clone(reports);
    move |progress| reports.lock().unwrap().push((progress.sent, progress.total))
}

#[tokio::test]
async fn progress_is_reported_in_pieces_and_anew_for_each_attempt() {
    const PIECE: u64 = 65_536;
    let folder = tempfile::tempdir().unwrap();
    let content = noise(150_000);
    let path = file(&folder, "noise", &content);
    let steps = |total| [0, PIECE, 2 * PIECE, 150_000].map(|sent| (sent, total)).to_vec();
    type Make = fn(&Path, &[u8]) -> Body;
    let rows: [(Make, Option<u64>); 5] = [
        (|_, content| Body::from(content), Some(150_000)),
        (|path, _| Body::file(path), Some(150_000)),
        (|_, content| Body::reader(Cursor::new(content.to_vec())), None),
        (|_, content| Body::reader(Cursor::new(content.to_vec())).with_length(150_000), Some(150_000)),
        (|_, _| Body::empty(), Some(0)),
    ];
    for (row, (make, total)) in rows.into_iter().enumerate() {
        let (api, bodies) = reading(|_| respond(200, ""));
        let reports = Reports::default();
        put(&api, make(&path, &content)).with_progress(keep(&reports)).await.unwrap();
        let expected = if total == Some(0) { vec![(0, total)] } else { steps(total) };
        assert_eq!(*reports.lock().unwrap(), expected, "{row}");
        assert!(total == Some(0) || bodies.lock().unwrap()[0] == content, "{row}");
    }
    // Each attempt begins at 0, and the last report set is the one that is called.
    let (api, bodies) = reading(|number| respond(if number < 3 { 503 } else { 200 }, ""));
    let (reports, unused) = (Reports::default(), Reports::default());
    put(&api, Body::file(&path)).with_progress(keep(&unused)).with_progress(keep(&reports)).await.unwrap();
    let all = steps(Some(150_000)).repeat(3);
    assert_eq!((reports.lock().unwrap().clone(), unused.lock().unwrap().len()), (all, 0));
    assert!(*bodies.lock().unwrap() == vec![content; 3]);
    // A form counts its delimiters.
    let (api, _) = reading(|_| respond(200, ""));
    let reports = Reports::default();
    let call = api.raw().post("/").multipart(&[("title", Part::text("a")), ("file", Part::file(&path))]);
    call.with_progress(keep(&reports)).await.unwrap();
    let reports = reports.lock().unwrap().clone();
    let (last, total) = reports.last().copied().unwrap();
    assert!(total == Some(last) && last > 150_000 && reports[0] == (0, total), "{reports:?}");
    // It is set before the body too, and on a failure of the body it stops.
    let reports = Reports::default();
    let call = api
        .raw()
        .put("/x")
        .with_progress(keep(&reports))
        .body("text/plain", Body::file(folder.path().join("missing")));
    assert_eq!(call.await.unwrap_err().kind(), ErrorKind::RequestBody);
    assert!(reports.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_reports_is_sent_with_its_length_and_signed() {
    let server = Server::start(|request| {
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{request}", request.len())
    })
    .await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    let reports = Reports::default();
    let signature =
        apisession::SigV4::new("AKIAEXAMPLE", "s3cret").region("eu-west-1").service("execute-api");
    let call = put(&api, "x".repeat(100_000)).with_credential(signature).with_progress(keep(&reports));
    let response = watched(call).await.unwrap();
    let text = response.text().unwrap();
    assert!(
        text.contains("content-length: 100000\r\n") && text.contains("authorization: AWS4-HMAC-SHA256"),
        "{}",
        &text[..500]
    );
    assert!(text.ends_with(&"x".repeat(100_000)));
    assert_eq!(reports.lock().unwrap().last(), Some(&(100_000, Some(100_000))));
}

#[derive(serde::Serialize)]
struct Note {
    text: String,
}

#[endpoint(path = "/notes")]
struct Notes;

#[endpoint]
impl Notes {
    #[put("/json", gzip)]
    fn json(&self, note: &Note) -> Call<Response>;
    #[put("/parts", gzip)]
    fn parts(&self, #[part] note: &Note, #[part] file: Part) -> Call<Response>;
    #[put("/optional", gzip)]
    fn optional(&self, #[json] note: Option<&Note>) -> Call<Response>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", retry = RetryPolicy::new().first_delay(Duration::from_millis(1)))]
struct Vendor {
    session: Session,
    #[endpoint]
    notes: Notes,
}

/// What a vendor is sent: the coding, the signature, and the bytes.
type Coded = Arc<Mutex<Vec<(Option<String>, Option<String>, Vec<u8>)>>>;

fn coded(respond: impl Fn(usize) -> Response + Send + Sync + 'static) -> (Vendor, Coded) {
    let sent = Coded::default();
    let (kept, respond) = (Arc::clone(&sent), Arc::new(respond));
    let transport = Memory::new(move |mut request| {
        let (kept, respond) = (Arc::clone(&kept), Arc::clone(&respond));
        async move {
            let header = |name| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
            let (coding, hash) = (header("content-encoding"), header("x-amz-content-sha256"));
            let body = read(&mut request).await.map_err(Failure::unknown)?;
            let number = {
                let mut sent = kept.lock().unwrap();
                sent.push((coding, hash, body));
                sent.len()
            };
            Ok(respond(number))
        }
    });
    (Vendor::builder().transport(transport).build().unwrap(), sent)
}

fn gunzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test]
async fn a_declared_body_is_compressed() {
    let note = Note { text: "again ".repeat(20_000) };
    let json = serde_json::to_vec(&note).unwrap();
    // In memory, so that what is sent is signed.
    let (api, sent) = coded(|number| respond(if number < 3 { 503 } else { 200 }, ""));
    let signature = apisession::SigV4::new("AKIAEXAMPLE", "s3cret").region("eu-west-1").service("s3");
    api.notes().json(&note).with_credential(signature).await.unwrap();
    let attempts = sent.lock().unwrap().clone();
    assert!(attempts.len() == 3 && attempts.iter().all(|attempt| attempt.2 == attempts[0].2));
    let (coding, hash, body) = &attempts[0];
    assert_eq!((coding.as_deref(), gunzipped(body) == json), (Some("gzip"), true));
    assert!(body.len() < json.len() / 50, "{}", body.len());
    let expected: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash.as_deref(), Some(&*expected));
    // From a file, piece by piece, and again from its start.
    let folder = tempfile::tempdir().unwrap();
    let content = noise(300_000);
    let path = file(&folder, "noise", &content);
    let (api, sent) = coded(|number| respond(if number < 3 { 503 } else { 200 }, ""));
    let reports = Reports::default();
    api.notes().parts(&note, Part::file(&path)).with_progress(keep(&reports)).await.unwrap();
    let attempts = sent.lock().unwrap().clone();
    assert!(attempts.len() == 3 && attempts.iter().all(|attempt| attempt.2 == attempts[0].2));
    let (coding, _, body) = &attempts[0];
    let plain = gunzipped(body);
    let has = |wanted: &[u8]| plain.windows(wanted.len()).any(|window| window == wanted);
    assert!(coding.as_deref() == Some("gzip") && has(&json) && has(&content));
    // What is reported is what is sent.
    let length = u64::try_from(body.len()).unwrap();
    assert_eq!(reports.lock().unwrap().last(), Some(&(length, None)));
    // A file that is missing is named, a reader is sent once, and no body has no coding.
    let error = api.notes().parts(&note, Part::file(folder.path().join("missing"))).await.unwrap_err();
    assert!(error.to_string().contains("the file `missing` can't be read"), "{error}");
    let (api, sent) = coded(|_| respond(503, ""));
    let error = api.notes().parts(&note, Part::body(Body::reader(Cursor::new("x")))).await.unwrap_err();
    assert_eq!((error.kind(), sent.lock().unwrap().len()), (ErrorKind::BodyNotReplayable, 1), "{error}");
    let (api, sent) = coded(|_| respond(200, ""));
    api.notes().optional().await.unwrap();
    // What a caller has encoded itself is sent as it is.
    api.notes().json(&note).with_header("content-encoding", "identity").await.unwrap();
    let sent = sent.lock().unwrap();
    assert_eq!((sent[0].0.as_deref(), sent[0].2.as_slice()), (None, b"".as_slice()));
    assert_eq!((sent[1].0.as_deref(), sent[1].2 == json), (Some("identity"), true));
    assert!(Notes::JSON.operation().has_gzip());
}

/// Set in the process that sends its standard input.
const CHILD: &str = "APISESSION_SENDS_STDIN";

/// What the child's standard input is sent as.
fn sends_standard_input(test: &str, input: &str) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn standard_input_is_sent_once_and_stays_open() {
    if std::env::var_os(CHILD).is_none() {
        let rows = [("one\ntwo\n", "sent one\ntwo\n."), ("", "the reader is at its end")];
        for (input, expected) in rows {
            let output = sends_standard_input("uploads::standard_input_is_sent_once_and_stays_open", input);
            assert!(output.contains(expected), "{output}");
            assert!(output.contains("and then it is open, and at its end"), "{output}");
        }
        return;
    }
    let (api, bodies) = reading(|_| respond(200, ""));
    match put(&api, Body::stdin()).await {
        Ok(_) => println!("sent {}.", String::from_utf8_lossy(&bodies.lock().unwrap()[0])),
        Err(error) => println!("{error:#}"),
    }
    let mut line = String::new();
    if std::io::stdin().read_line(&mut line).is_ok_and(|read| read == 0) {
        println!("and then it is open, and at its end");
    }
}
