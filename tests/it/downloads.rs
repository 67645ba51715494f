//! Downloads: cut and resumed, checked, and never a short success.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use apisession::http::StatusCode;
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession::{BoxError, DownloadToken, Outcome};
use apisession_tests::{Seen, Sent, Server, recording, tokio, watched};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_core::Stream;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;

/// The mode is chosen by the type, whatever its name.
type Content = Download;

#[derive(Debug, ApiError)]
enum FileError {
    #[status(404)]
    Missing(Problem),
    #[other]
    Other(Error),
}

#[endpoint(path = "/files")]
struct Files;

#[endpoint]
impl Files {
    #[get("/{id}")]
    fn content(&self, id: u64) -> Call<Content>;

    #[get("/{id}")]
    fn version(&self, id: u64, version: Option<u32>) -> Call<Download>;

    #[get("/{id}")]
    fn find(&self, id: u64) -> Call<Option<Download>>;

    #[get("/{id}")]
    fn typed(&self, id: u64) -> Call<Download, FileError>;

    #[post("/{id}/export")]
    fn export(&self, id: u64) -> Call<Download>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_in_flight = 1)]
struct Acme {
    session: Session,
    #[endpoint]
    files: Files,
}

fn acme(vendor: impl apisession::transport::Transport + 'static) -> Acme {
    Acme::builder().transport(vendor).without_retry_budget().build().unwrap()
}

/// Bytes that differ everywhere, so that a gap or a repetition changes their digest.
fn random(length: usize, seed: u64) -> Bytes {
    let mut random = fastrand::Rng::with_seed(seed);
    std::iter::repeat_with(|| random.u8(..)).take(length).collect::<Vec<_>>().into()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(bytes)))
}

/// Pieces of random sizes, up to a cut or to the end.
struct Cut {
    rest: Bytes,
    left: usize,
    is_cut: bool,
    random: fastrand::Rng,
}

impl Stream for Cut {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let size = self.random.usize(1..5_000).min(self.left).min(self.rest.len());
        self.left -= size;
        Poll::Ready(match size {
            0 if self.is_cut => Some(Err("the connection was reset".into())),
            0 => None,
            size => Some(Ok(self.rest.split_to(size))),
        })
    }
}

/// What a server does with a request for its file.
#[derive(Clone)]
struct Vendor {
    content: Bytes,
    /// Headers of each response.
    headers: Vec<(&'static str, String)>,
    /// After how many bytes the response with this number breaks off.
    cuts: BTreeMap<usize, usize>,
    /// Whether it knows ranges, and compares `If-Range` with its `etag`.
    has_ranges: bool,
    /// The length that it announces, if it is not that of the content.
    length: Option<usize>,
}

impl Vendor {
    fn new(content: &Bytes) -> Self {
        let headers = vec![("etag", "\"v1\"".to_owned())];
        Self { content: content.clone(), headers, cuts: BTreeMap::new(), has_ranges: true, length: None }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    fn without(mut self, name: &'static str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self
    }

    fn cut(mut self, response: usize, at: usize) -> Self {
        self.cuts.insert(response, at);
        self
    }

    fn without_ranges(mut self) -> Self {
        self.has_ranges = false;
        self
    }

    fn with_length(mut self, length: usize) -> Self {
        self.length = Some(length);
        self
    }

    fn respond(&self, number: usize, request: &Seen) -> Response {
        let etag = self.headers.iter().find(|(name, _)| *name == "etag").map_or("", |(_, value)| value);
        let modified =
            self.headers.iter().find(|(name, _)| *name == "last-modified").map_or("", |(_, value)| value);
        let if_range = request.header("if-range");
        assert!(!if_range.starts_with("W/"), "a weak tag went into If-Range");
        let range = request.header("range").strip_prefix("bytes=").and_then(|range| range.split_once('-'));
        let is_current = if_range.is_empty() || if_range == etag || if_range == modified;
        let total = self.content.len();
        let (status, bytes, mut headers) = match range.filter(|_| self.has_ranges && is_current) {
            Some((first, last)) => {
                let (first, last): (usize, usize) =
                    (first.parse().unwrap(), last.parse().unwrap_or(total - 1));
                if first >= total {
                    let response = Response::new(StatusCode::RANGE_NOT_SATISFIABLE);
                    return response.with_header("content-range", &format!("bytes */{total}"));
                }
                let bytes = self.content.slice(first..=last.min(total - 1));
                let range = format!("bytes {first}-{}/{total}", first + bytes.len() - 1);
                (StatusCode::PARTIAL_CONTENT, bytes, vec![("content-range", range)])
            }
            None => (StatusCode::OK, self.content.clone(), Vec::new()),
        };
        headers.push(("content-length", self.length.unwrap_or(bytes.len()).to_string()));
        headers.extend(self.headers.clone());
        let cut = self.cuts.get(&number).copied();
        let stream = Cut {
            left: cut.unwrap_or(usize::MAX),
            is_cut: cut.is_some(),
            rest: bytes,
            random: fastrand::Rng::with_seed(7),
        };
        let response = headers
            .iter()
            .filter(|(_, value)| value != "-")
            .fold(Response::new(status), |response, (name, value)| response.with_header(name, value));
        response.with_body(Body::stream(stream))
    }
}

/// A server that changes what it does with the number of the request, from 1.
fn vendor(at: impl Fn(usize) -> Vendor + Send + Sync + 'static) -> (Memory, Sent) {
    recording(move |number, seen| Ok(at(number).respond(number, seen)))
}

/// The files of a folder, the hidden ones too.
fn listed(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn pieces(mut download: Download) -> (Vec<u8>, Option<Error>) {
    let mut all = Vec::new();
    while let Some(piece) = download.next().await {
        match piece {
            Ok(piece) => all.extend_from_slice(&piece),
            Err(error) => {
                assert!(download.next().await.is_none(), "after an error there is no other piece");
                assert_eq!(error.received(), Some(all.len() as u64));
                return (all, Some(error));
            }
        }
    }
    (all, None)
}

#[tokio::test(start_paused = true)]
async fn f2_a_download_resumes_after_200_cuts_at_random_offsets() {
    let content = random(3_000_000, 1);
    let mut random = fastrand::Rng::with_seed(2);
    let cuts: Arc<BTreeMap<usize, usize>> =
        Arc::new((1..=200).map(|number| (number, random.usize(1..25_000))).collect());
    let folder = tempfile::tempdir().unwrap();
    for to_file in [false, true] {
        let (vendor_content, cuts) = (content.clone(), Arc::clone(&cuts));
        let (transport, sent) =
            vendor(move |_| Vendor { cuts: (*cuts).clone(), ..Vendor::new(&vendor_content) });
        let download = acme(transport).files().content(7).with_max_attempts(2).await.unwrap();
        let received = if to_file {
            let saved =
                download.with_sha256(&sha256(&content)).to_file(folder.path().join("a.bin")).await.unwrap();
            assert_eq!(saved.length(), content.len() as u64);
            std::fs::read(saved.path()).unwrap()
        } else {
            let (received, error) = pieces(download).await;
            assert!(error.is_none(), "{error:?}");
            received
        };
        assert_eq!(sha256(&received), sha256(&content));
        let requests = sent.all();
        assert_eq!(requests.len(), 201);
        assert!(requests[0].header("range").is_empty());
        assert!(
            requests[1..]
                .iter()
                .all(|seen| seen.header("if-range") == "\"v1\"" && !seen.header("range").is_empty())
        );
    }
    assert_eq!(listed(folder.path()), ["a.bin"]);
}

/// How a download ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// It has the content of this version.
    Whole(u64),
    /// It fails with this kind.
    Fails(ErrorKind),
}

#[tokio::test(start_paused = true)]
async fn f1_every_fault_of_a_server_has_the_right_end() {
    use End::{Fails, Whole};
    let first = random(100_000, 1);
    let second = random(90_000, 2);
    let old = "Sat, 28 Nov 2026 10:00:00 GMT";
    let now = "Sat, 28 Nov 2026 12:00:00 GMT";
    type At = Box<dyn Fn(usize) -> Vendor + Send + Sync>;
    let v1 = {
        let first = first.clone();
        move || Vendor::new(&first)
    };
    let v2 = {
        let second = second.clone();
        move || Vendor::new(&second).with("etag", "\"v2\"")
    };
    let row = |what: &'static str, at: At, file: End, pieces: End| (what, Arc::<At>::new(at), file, pieces);
    let cases =
        {
            let one = || {
                let v1 = v1.clone();
                move || v1()
            };
            let two = || {
                let v2 = v2.clone();
                move || v2()
            };
            vec![
                row(
                    "no fault",
                    {
                        let a = one();
                        Box::new(move |_| a())
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a cut",
                    {
                        let a = one();
                        Box::new(move |_| a().cut(1, 30_000))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a cut before the first byte",
                    {
                        let a = one();
                        Box::new(move |_| a().cut(1, 0))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a cut after the last byte",
                    {
                        let a = one();
                        Box::new(move |_| a().cut(1, 100_000))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a cut at every attempt, with progress",
                    {
                        let a = one();
                        Box::new(move |n| a().cut(n, 20_000))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a cut, and no progress after it",
                    {
                        let a = one();
                        Box::new(move |n| a().cut(n, if n == 1 { 9 } else { 0 }))
                    },
                    Fails(ErrorKind::Transport),
                    Fails(ErrorKind::Transport),
                ),
                row(
                    "a changed entity tag",
                    {
                        let (a, b) = (one(), two());
                        Box::new(move |n| if n == 1 { a().cut(1, 30_000) } else { b() })
                    },
                    Whole(2),
                    Fails(ErrorKind::Changed),
                ),
                row(
                    "another version in a part",
                    {
                        let (a, b) = (one(), two());
                        Box::new(move |n| match n {
                            1 => a().cut(1, 30_000),
                            2 => b().with("content-range", "bytes 30000-89999/90000"),
                            _ => b(),
                        })
                    },
                    Whole(2),
                    Fails(ErrorKind::Changed),
                ),
                row(
                    "a server without ranges, the same tag",
                    {
                        let a = one();
                        Box::new(move |_| a().without_ranges().cut(1, 30_000))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a server without ranges or tags",
                    {
                        let a = one();
                        Box::new(move |_| a().without_ranges().without("etag").cut(1, 30_000))
                    },
                    Whole(1),
                    Fails(ErrorKind::Transport),
                ),
                row(
                    "a server that accepts no ranges",
                    {
                        let a = one();
                        Box::new(move |_| a().without_ranges().with("accept-ranges", "none").cut(1, 30_000))
                    },
                    Whole(1),
                    Fails(ErrorKind::Transport),
                ),
                row(
                    "a weak tag",
                    {
                        let a = one();
                        Box::new(move |_| a().with("etag", "W/\"v1\"").cut(1, 30_000))
                    },
                    Whole(1),
                    Fails(ErrorKind::Transport),
                ),
                row(
                    "a date",
                    {
                        let a = one();
                        Box::new(move |_| {
                            a().without("etag").with("last-modified", old).with("date", now).cut(1, 30_000)
                        })
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a date of this minute",
                    {
                        let a = one();
                        Box::new(move |_| {
                            a().without("etag").with("last-modified", now).with("date", now).cut(1, 30_000)
                        })
                    },
                    Whole(1),
                    Fails(ErrorKind::Transport),
                ),
                row(
                    "a length that is too large",
                    {
                        let a = one();
                        Box::new(move |_| a().with_length(100_009))
                    },
                    Fails(ErrorKind::RangeNotSatisfiable),
                    Fails(ErrorKind::RangeNotSatisfiable),
                ),
                row(
                    "a length that is too small",
                    {
                        let a = one();
                        Box::new(move |_| a().with_length(99_000))
                    },
                    Fails(ErrorKind::Protocol),
                    Fails(ErrorKind::Protocol),
                ),
                row(
                    "a wrong digest",
                    {
                        let (a, other) = (one(), second.clone());
                        Box::new(move |_| a().with("repr-digest", digest(&other)))
                    },
                    Fails(ErrorKind::Digest),
                    Fails(ErrorKind::Digest),
                ),
                row(
                    "a wrong digest of the content",
                    {
                        let (a, other) = (one(), second.clone());
                        Box::new(move |_| a().with("content-digest", digest(&other)))
                    },
                    Fails(ErrorKind::Digest),
                    Fails(ErrorKind::Digest),
                ),
                row(
                    "a right digest, over a cut",
                    {
                        let (a, own) = (one(), first.clone());
                        Box::new(move |_| a().with("repr-digest", digest(&own)).cut(1, 30_000))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "an MD5 that is wrong",
                    {
                        let a = one();
                        Box::new(move |_| a().with("content-md5", STANDARD.encode([7; 16])))
                    },
                    Fails(ErrorKind::Digest),
                    Fails(ErrorKind::Digest),
                ),
                row(
                    "an old digest that is wrong",
                    {
                        let (a, other) = (one(), second.clone());
                        Box::new(move |_| {
                            a().with("digest", format!("SHA-256={}", STANDARD.encode(Sha256::digest(&other))))
                        })
                    },
                    Fails(ErrorKind::Digest),
                    Fails(ErrorKind::Digest),
                ),
                row(
                    "a digest that can't be read",
                    {
                        let a = one();
                        Box::new(move |_| a().with("repr-digest", "sha-256=:not base64:, unixsum=:AAA=:"))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "a part with a gap",
                    {
                        let a = one();
                        Box::new(move |n| {
                            if n == 1 {
                                a().cut(1, 30_000)
                            } else {
                                a().with("content-range", "bytes 40000-99999/100000")
                            }
                        })
                    },
                    Whole(1),
                    Fails(ErrorKind::Changed),
                ),
                row(
                    "no tag after a cut, and no ranges",
                    {
                        let a = one();
                        Box::new(move |n| {
                            if n == 1 { a().cut(1, 30_000) } else { a().without_ranges().without("etag") }
                        })
                    },
                    Whole(1),
                    Fails(ErrorKind::Changed),
                ),
                row(
                    "no length",
                    {
                        let a = one();
                        Box::new(move |_| a().with("content-length", "-").cut(1, 30_000))
                    },
                    Whole(1),
                    Whole(1),
                ),
                row(
                    "no length, and a cut after the last byte",
                    {
                        let a = one();
                        Box::new(move |n| a().with("content-length", "-").cut(n, 100_000))
                    },
                    Whole(1),
                    Whole(1),
                ),
            ]
        };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    for (what, at, file, in_pieces) in cases {
        let make = |at: &Arc<At>| {
            let at = Arc::clone(at);
            vendor(move |number| at(number))
        };
        let end = |received: &[u8], error: Option<Error>| match error {
            Some(error) => {
                assert_eq!(
                    error.operation().map(ToString::to_string).as_deref(),
                    Some("Files::content"),
                    "{what}"
                );
                Fails(error.kind())
            }
            None if received == &first[..] => Whole(1),
            None if received == &second[..] => Whole(2),
            None => panic!("{what}: {} bytes that are no version", received.len()),
        };
        let (transport, sent) = make(&at);
        let (received, error) = pieces(acme(transport).files().content(7).await.unwrap()).await;
        let shown = error.as_ref().map(ToString::to_string);
        if error.is_some() {
            assert!(first.starts_with(&received), "{what}: what was passed on is of the first version");
        }
        assert_eq!(end(&received, error), in_pieces, "{what}, in pieces: {shown:?}, {:?}", sent.lines());
        std::fs::write(&path, "old").unwrap();
        let (transport, sent) = make(&at);
        let saved = acme(transport).files().content(7).await.unwrap().to_file(&path).await;
        let shown = saved.as_ref().err().map(ToString::to_string);
        assert_eq!(listed(folder.path()), ["report.pdf"], "{what}");
        let stored = std::fs::read(&path).unwrap();
        if saved.is_err() {
            assert_eq!(stored, b"old", "{what}: the file is as it was");
        }
        assert_eq!(end(&stored, saved.err()), file, "{what}, to a file: {shown:?}, {:?}", sent.lines());
    }
}

/// A server whose file is cut off at every third of its length.
fn thirds(content: &Bytes) -> (Memory, Sent) {
    let content = content.clone();
    vendor(move |_| Vendor::new(&content).cut(1, content.len() / 3).cut(2, content.len() / 3))
}

#[tokio::test(start_paused = true)]
async fn awaiting_gives_the_head_or_the_error() {
    let rows =
        [(401, ErrorKind::Unauthorized), (404, ErrorKind::NotFound), (429, ErrorKind::TooManyRequests)];
    for (status, kind) in rows {
        let (transport, _) =
            recording(move |_, _| Ok(apisession_tests::respond(status, r#"{"title":"No"}"#)));
        let api = acme(transport);
        let error = api.files().content(7).with_max_attempts(1).await.unwrap_err();
        assert_eq!((error.kind(), error.body().unwrap().len()), (kind, 14), "{error}");
        let found = api.files().find(7).with_max_attempts(1).await;
        assert_eq!(found.map(|download| download.is_none()).ok(), (status == 404).then_some(true));
        match api.files().typed(7).with_max_attempts(1).await.unwrap_err() {
            FileError::Missing(problem) => {
                assert_eq!((status, problem.title.as_deref()), (404, Some("No")));
            }
            FileError::Other(error) => assert_eq!(error.kind(), kind),
        }
    }
    let content = random(9_000, 1);
    let api = acme(thirds(&content).0);
    let response = api.files().content(7).response().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.etag().unwrap().to_string()),
        (200, "\"v1\"".to_owned())
    );
    let download = response.into_value();
    assert_eq!((download.status().as_u16(), download.total(), download.received()), (200, Some(9_000), 0));
    assert_eq!(&*download.bytes(9_000).await.unwrap(), &*content);
    // A task, and every other way to read.
    let api = acme(thirds(&content).0);
    let task = tokio::spawn(async move { api.files().find(7).await?.unwrap().bytes(9_000).await });
    assert_eq!(task.await.unwrap().unwrap(), content);
    let api = acme(thirds(&content).0);
    let mut read = Vec::new();
    api.files().typed(7).await.unwrap().read_to_end(&mut read).await.unwrap();
    assert_eq!(read, content);
    let (mut written, mut reports) = (Vec::new(), Vec::new());
    let download = acme(thirds(&content).0).files().version(7).version(2).await.unwrap();
    let writing = download.to_writer(&mut written).with_progress(|progress| reports.push(progress));
    assert_eq!(writing.await.unwrap(), 9_000);
    assert_eq!(written, content);
    assert!(reports.is_sorted_by_key(|progress| progress.received));
    assert!(reports.iter().all(|progress| progress.total == Some(9_000)));
    assert_eq!((reports[0].received, reports.last().unwrap().received), (0, 9_000));
    let error = acme(thirds(&content).0).files().content(7).await.unwrap().bytes(8_999).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BodyTooLarge, "{error}");
    assert_eq!(error.operation().map(ToString::to_string).as_deref(), Some("Files::content"));
}

#[tokio::test(start_paused = true)]
async fn the_sha256_of_the_caller_is_checked() {
    let content = random(9_000, 1);
    let right = sha256(&content);
    let rows = [
        (right.clone(), None),
        (right.to_uppercase(), None),
        (sha256(b"other"), Some(ErrorKind::Digest)),
        (right[1..].to_owned(), Some(ErrorKind::Argument)),
        (format!("{}zz", &right[2..]), Some(ErrorKind::Argument)),
        (String::new(), Some(ErrorKind::Argument)),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (expected, kind) in rows {
        let get = async || acme(thirds(&content).0).files().content(7).await.unwrap().with_sha256(&expected);
        assert_eq!(get().await.bytes(9_000).await.err().map(|error| error.kind()), kind, "{expected}");
        let saved = get().await.to_file(folder.path().join("a")).await;
        assert_eq!(saved.err().map(|error| error.kind()), kind, "{expected}");
        assert_eq!(listed(folder.path()), if kind.is_none() { vec!["a"] } else { Vec::new() });
        let _ = std::fs::remove_file(folder.path().join("a"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_goes_on_in_another_process() {
    let content = random(9_000, 1);
    let second = random(9_000, 2);
    for at in [0, 1, 4_000] {
        let mut download = acme(thirds(&content).0).files().content(7).await.unwrap();
        let mut stored = Vec::new();
        while stored.len() < at {
            stored.extend_from_slice(&download.next().await.unwrap().unwrap());
        }
        let token = download.resume_token().unwrap().to_string();
        drop(download);
        let token: DownloadToken = token.parse().unwrap();
        assert_eq!(token.position(), stored.len() as u64);
        let by_serde: DownloadToken = serde_json::from_str(&serde_json::to_string(&token).unwrap()).unwrap();
        assert_eq!(by_serde, token);
        let (transport, sent) = thirds(&content);
        let rest = acme(transport).files().version(7).resume(&token).await.unwrap();
        rest.to_writer(&mut stored).await.unwrap();
        assert_eq!(stored, content);
        assert_eq!((sent.all()[0].header("if-range"), &*sent.lines()[0]), ("\"v1\"", "GET /files/7"));
        // A file of the rest alone would not be whole.
        if at > 0 {
            let folder = tempfile::tempdir().unwrap();
            let rest = acme(thirds(&content).0).files().content(7).resume(&token).await.unwrap();
            let error = rest.to_file(folder.path().join("a")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
            assert!(listed(folder.path()).is_empty());
        }
        // Another version is an error, and never another end of the same file.
        let second = second.clone();
        let (transport, _) = vendor(move |_| Vendor::new(&second).with("etag", "\"v2\""));
        let error = acme(transport).files().content(7).resume(&token).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed, "{error}");
    }
    for (name, value) in [("etag", "W/\"v1\""), ("accept-ranges", "none")] {
        let own = content.clone();
        let (transport, _) = vendor(move |_| Vendor::new(&own).with(name, value));
        assert!(acme(transport).files().content(7).await.unwrap().resume_token().is_none());
    }
    let wrong = [
        "",
        "1",
        "2.5.9.ZSJ2MSI",
        "1.9.5.ZSJ2MSI",
        "1.5.9.!",
        "1.5.9.ZVcvInYxIg",
        "1.5.9.ZSJ2MSI.x",
        "1.-5.9.ZSJ2MSI",
    ];
    for text in wrong {
        assert_eq!(text.parse::<DownloadToken>().unwrap_err().kind(), ErrorKind::Argument, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_range_of_the_caller_gives_that_part() {
    let content = random(9_000, 1);
    let rows = [("bytes=1000-6999", 1_000..7_000), ("bytes=1000-", 1_000..9_000), ("bytes=0-0", 0..1)];
    for (range, expected) in rows {
        for has_ranges in [true, false] {
            let own = content.clone();
            let (transport, sent) = vendor(move |number| match has_ranges || number == 1 {
                true => Vendor::new(&own).cut(1, 500).cut(2, 700),
                // After a cut all of it comes, and the rest of the part is taken from it.
                false => Vendor::new(&own).without_ranges(),
            });
            let download = acme(transport).files().content(7).with_header("range", range).await.unwrap();
            assert_eq!((download.status().as_u16(), download.total()), (206, Some(expected.len() as u64)));
            assert_eq!(download.bytes(9_000).await.unwrap(), content.slice(expected.clone()), "{range}");
            if expected.end == 7_000 {
                assert_eq!(sent.all()[1].header("range"), "bytes=1500-6999");
            }
        }
    }
    // Beyond the end, the server states what it has.
    let own = content.clone();
    let (transport, _) = vendor(move |_| Vendor::new(&own));
    let error = acme(transport).files().content(7).with_header("range", "bytes=9000-").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RangeNotSatisfiable);
    assert!(error.to_string().contains("has 9000 bytes"), "{error}");
    // A part that nobody asked for is no short success.
    let (transport, _) = recording(|_, _| {
        let response = Response::new(StatusCode::PARTIAL_CONTENT);
        Ok(response.with_header("content-range", "bytes 0-4/9").with_body("12345"))
    });
    let error = acme(transport).files().content(7).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_cut_is_a_retry_as_any_other() {
    let content = random(9_000, 1);
    // Without progress it is within `max_attempts`.
    for max in [1, 2, 5] {
        let own = content.clone();
        let (transport, sent) =
            vendor(move |number| Vendor::new(&own).cut(number, if number == 1 { 4_000 } else { 0 }));
        let download = acme(transport).files().content(7).with_max_attempts(max).await.unwrap();
        let (received, error) = pieces(download).await;
        let error = error.unwrap();
        assert_eq!((received.len(), sent.all().len() as u32), (4_000, max));
        let facts = (error.kind(), error.outcome(), error.attempts());
        assert_eq!(facts, (ErrorKind::Transport, Some(Outcome::Unknown), max));
        assert!(error.report().contains("received:   4000 bytes"), "{}", error.report());
    }
    // An error of the request for the rest is the end, with the bytes so far.
    let own = content.clone();
    let (transport, _) = recording(move |number, seen| match number {
        1 => Ok(Vendor::new(&own).cut(1, 4_000).respond(1, seen)),
        _ => Ok(apisession_tests::respond(410, "")),
    });
    let (_, error) = pieces(acme(transport).files().content(7).await.unwrap()).await;
    assert_eq!(error.map(|error| (error.kind(), error.received())), Some((ErrorKind::Gone, Some(4_000))));
    // The budget counts it.
    let own = content.clone();
    let (transport, _) = vendor(move |number| Vendor::new(&own).cut(number, 0));
    let api = Acme::builder().transport(transport).retry_budget(20).build().unwrap();
    let (_, error) = pieces(api.files().content(7).with_max_attempts(9).await.unwrap()).await;
    assert!(error.is_some());
    // A POST is not made twice, unless it is idempotent; then it begins again.
    let folder = tempfile::tempdir().unwrap();
    for (idempotent, end) in [(false, (None, 1)), (true, (Some(9_000), 2))] {
        let own = content.clone();
        let (transport, sent) = vendor(move |_| Vendor::new(&own).cut(1, 4_000));
        let call = acme(transport).files().export(7).with_idempotent(idempotent);
        let saved = call.await.unwrap().to_file(folder.path().join("a")).await;
        assert_eq!((saved.ok().map(|saved| saved.length()), sent.all().len()), end);
        assert!(sent.all().iter().all(|seen| seen.header("range").is_empty()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_download_has_an_idle_timeout_and_no_other() {
    let slow = |gap: u64| {
        recording(move |_, _| {
            let pieces = std::iter::repeat_n(Bytes::from_static(&[b'x'; 65_536]), 100);
            let stream = apisession_tests::Pieces::new(pieces, Duration::from_secs(gap));
            Ok(Response::new(StatusCode::OK).with_body(Body::stream(stream)))
        })
    };
    // Longer than a call may take, and larger than a body may be.
    let download = acme(slow(20).0).files().content(7).with_max_body(10).await.unwrap();
    assert_eq!(download.bytes(usize::MAX).await.unwrap().len(), 6_553_600);
    let (transport, sent) = slow(31);
    let download = acme(transport).files().content(7).with_max_attempts(1).await.unwrap();
    let error = download.bytes(usize::MAX).await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Timeout, 1), "{error}");
    // Dropping it gives its place back.
    let api = acme(slow(20).0);
    let download = api.files().content(7).await.unwrap();
    assert!(api.files().content(7).with_timeout(Duration::from_secs(5)).await.is_err());
    drop(download);
    drop(api.files().content(7).await.unwrap().to_file("never/written"));
    api.files().content(7).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn b7_a_file_gets_its_name_once_it_is_whole() {
    let content = random(2_000_000, 1);
    let get = async || acme(thirds(&content).0).files().content(7).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (reports, looked, at) = (Arc::clone(&seen), folder.path().to_owned(), path.clone());
    let saving = get().await.to_file(&path).durable().with_progress(move |progress| {
        assert!(
            !at.exists() && listed(&looked).len() == 1,
            "there is no file under the name before it is whole"
        );
        reports.lock().unwrap().push(progress.received);
    });
    let saved = saving.await.unwrap();
    assert_eq!((saved.path(), saved.length()), (&*path, 2_000_000));
    assert_eq!(std::fs::read(&path).unwrap(), content);
    let reported = seen.lock().unwrap().clone();
    assert_eq!((reported[0], *reported.last().unwrap()), (0, 2_000_000));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        let plain = folder.path().join("plain");
        std::fs::File::create(&plain).unwrap();
        assert_eq!(mode(&path), mode(&plain));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        get().await.to_file(&path).await.unwrap();
        assert_eq!(mode(&path) & 0o777, 0o640);
        std::fs::remove_file(plain).unwrap();
    }
    let error = get().await.to_file(&path).with_overwrite(false).await.unwrap_err();
    assert!(error.to_string().contains("exists already"), "{error}");
    for bad in [folder.path().to_owned(), folder.path().join("no/such/folder"), "/".into()] {
        let error = get().await.to_file(bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Output, "{error}");
    }
    // Files of other processes for the same target: one that was left behind is removed, one that is locked is in use, and another
    // name is not ours.
    let left_behind = ".report.pdf.0123456789abcdef.apisession";
    let in_use = ".report.pdf.abcdef0123456789.apisession";
    let others = [
        ".report.0123456789abcdef.apisession",
        ".report.pdf.0123.apisession",
        ".report.pdf.0123456789abcdef",
    ];
    for name in others.into_iter().chain([left_behind, in_use]) {
        std::fs::write(folder.path().join(name), "x").unwrap();
    }
    let lock = std::fs::File::open(folder.path().join(in_use)).unwrap();
    lock.lock().unwrap();
    get().await.to_file(&path).await.unwrap();
    let expected = [others[0], others[1], others[2], in_use, "report.pdf"];
    assert_eq!(listed(folder.path()), expected);
    drop(lock);
    get().await.to_file(&path).await.unwrap();
    assert_eq!(listed(folder.path()), [others[0], others[1], others[2], "report.pdf"]);
}

#[tokio::test(start_paused = true)]
async fn b7_what_gets_the_name_while_a_download_arrives_is_not_replaced_unless_asked() {
    type Make = fn(&Path);
    // (what is made, whether a download may replace it)
    let rows: &[(&str, Make, bool)] = &[
        ("nothing", |_| {}, true),
        ("file", |path| std::fs::write(path, "other").unwrap(), true),
        ("folder", |path| std::fs::create_dir(path).unwrap(), false),
        #[cfg(unix)]
        ("link", |path| std::os::unix::fs::symlink("other", path).unwrap(), true),
    ];
    let content = random(2_000_000, 1);
    for (what, make, can_be_replaced) in rows {
        for replaces in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let (path, is_made) = (folder.path().join("a"), AtomicUsize::new(0));
            let (at, make) = (path.clone(), *make);
            let download = acme(thirds(&content).0).files().content(7).await.unwrap();
            let saving = download.to_file(&path).with_overwrite(replaces).with_progress(move |progress| {
                if progress.received > 0 && is_made.fetch_add(1, Ordering::Relaxed) == 0 {
                    make(&at);
                }
            });
            let end = saving.await;
            assert_eq!(listed(folder.path()), ["a"], "{what}");
            let is_written = *what == "nothing" || replaces && *can_be_replaced;
            assert_eq!(end.is_ok(), is_written, "{what}: {end:?}");
            match end {
                Ok(_) => assert_eq!(std::fs::read(&path).unwrap(), content),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Output);
                    assert_eq!(error.to_string().contains("exists already"), !replaces, "{what}: {error}");
                    let is_untouched = match *what {
                        "file" => std::fs::read(&path).unwrap() == b"other",
                        "folder" => path.is_dir(),
                        _ => path.is_symlink(),
                    };
                    assert!(is_untouched, "{what}");
                }
            }
        }
    }
}

#[tokio::test]
async fn two_downloads_to_one_file_leave_one_whole_file() {
    let contents = [random(3_000_000, 1), random(2_000_000, 2)];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let tasks = contents.clone().map(|content| {
        let path = path.clone();
        tokio::spawn(async move {
            let (transport, _) = vendor(move |_| Vendor::new(&content));
            acme(transport).files().content(7).await?.to_file(path).await
        })
    });
    for task in tasks {
        watched(task).await.unwrap().unwrap();
    }
    assert!(contents.contains(&std::fs::read(&path).unwrap().into()));
    assert_eq!(listed(folder.path()), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn b7_the_name_of_a_server_is_used_only_where_asked_and_made_safe() {
    let content = random(90, 1);
    let rows = [
        ("attachment; filename=\"../../etc/report.pdf\"", "report.pdf"),
        ("attachment; filename*=UTF-8''%2e%2e%2fna%C3%AFve.txt; filename=x", "na\u{ef}ve.txt"),
        ("attachment; filename=.bashrc", "bashrc"),
        ("attachment; filename=con.txt", "_con.txt"),
        ("attachment; filename=\"..\"", "7"),
        ("-", "7"),
    ];
    for (value, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let get = async || {
            let own = content.clone();
            let (transport, _) = vendor(move |_| Vendor::new(&own).with("content-disposition", value));
            acme(transport).files().content(7).await.unwrap()
        };
        assert_eq!(get().await.file_name().as_deref(), (expected != "7").then_some(expected));
        let saved = get().await.to_folder(&inner).await.unwrap();
        assert_eq!(saved.path(), inner.join(expected));
        let error = get().await.to_folder(&inner).await.unwrap_err();
        assert!(error.to_string().contains("exists already"), "{error}");
        get().await.to_folder(&inner).with_overwrite(true).await.unwrap();
        get().await.to_file(folder.path().join("mine")).await.unwrap();
        assert_eq!(
            (listed(&inner), listed(folder.path())),
            (vec![expected.to_owned()], vec!["inner".to_owned(), "mine".to_owned()])
        );
    }
}

#[tokio::test]
async fn f1_an_end_that_may_be_a_cut_is_an_error_without_tls() {
    // (head, body, whether its end is known)
    let rows = [
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", "12345", false),
        ("HTTP/1.0 200 OK\r\n\r\n", "12345", false),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
            "5\r\n12345\r\n0\r\n\r\n",
            true,
        ),
        ("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\n", "12345", true),
        // A digest proves the end too.
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-md5: gnzLDuqKcGxMNKFokfhOew==\r\n\r\n",
            "12345",
            true,
        ),
    ];
    for (head, body, is_known) in rows {
        let server = Server::closing(move |_| format!("{head}{body}")).await;
        let api = Acme::builder().base_url(server.url()).max_attempts(1).build().unwrap();
        let end = watched(api.files().content(7).await.unwrap().bytes(9)).await;
        match end {
            Ok(bytes) => assert!(is_known && &*bytes == b"12345", "{head}"),
            Err(error) => {
                assert!(!is_known && error.to_string().contains("with_unknown_end"), "{head}: {error:#}");
                assert_eq!(error.kind(), ErrorKind::Transport);
            }
        }
        let accepted = watched(api.files().content(7).await.unwrap().with_unknown_end().bytes(9)).await;
        assert_eq!(&*accepted.unwrap(), b"12345");
    }
}

#[tokio::test]
async fn m4_a_download_is_what_came_and_nothing_that_follows_it() {
    // A page, an empty body, a byte order mark, bytes that are no text: a download does not decode. What comes after its length is not
    // of the next response.
    let bodies: [&[u8]; 5] = [b"<!doctype html>", b"", b"\xef\xbb\xbf{}", b"\xff\xfe", b"{\"a\":1} trailing"];
    for body in bodies {
        let server = Server::start(move |request| {
            let mut response =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
            response.extend_from_slice(body);
            if request.starts_with("GET /files/7 ") {
                response.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
            }
            response
        })
        .await;
        let api = Acme::builder().base_url(server.url()).build().unwrap();
        for id in [7, 8] {
            let bytes = watched(api.files().content(id).await.unwrap().bytes(99)).await.unwrap();
            assert_eq!(&*bytes, body);
        }
        let found = watched(api.files().find(8)).await.unwrap().unwrap();
        assert_eq!(watched(found.bytes(99)).await.unwrap(), body);
    }
    let server = Server::start(|_| "HTTP/1.1 204 No Content\r\n\r\n").await;
    let api = Acme::builder().base_url(server.url()).build().unwrap();
    assert!(watched(api.files().find(8)).await.unwrap().is_none());
    assert!(watched(api.files().content(8).await.unwrap().bytes(9)).await.unwrap().is_empty());
}

/// A body of 64 KiB pieces, which counts what it has given out.
struct Counted {
    left: usize,
    given: Arc<AtomicUsize>,
}

impl Stream for Counted {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        static PIECE: [u8; 65_536] = [b'x'; 65_536];
        let Some(left) = self.left.checked_sub(1) else { return Poll::Ready(None) };
        self.left = left;
        self.given.fetch_add(PIECE.len(), Ordering::Relaxed);
        Poll::Ready(Some(Ok(Bytes::from_static(&PIECE))))
    }
}

/// A writer that takes little at a time, and checks how much more the server has given out.
struct Slow {
    given: Arc<AtomicUsize>,
    written: usize,
    is_ready: bool,
}

impl tokio::io::AsyncWrite for Slow {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.is_ready = !self.is_ready;
        if !self.is_ready {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let ahead = self.given.load(Ordering::Relaxed) - self.written;
        assert!(ahead <= 1024 * 1024, "{ahead} bytes are held for a slow writer");
        let size = bytes.len().min(16_000);
        self.written += size;
        Poll::Ready(Ok(size))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn f3_no_more_than_a_mebibyte_is_held_for_a_slow_reader() {
    const PIECES: usize = 16 * 1024;
    let given = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&given);
    let (vendor, _) = recording(move |_, _| {
        counter.store(0, Ordering::Relaxed);
        let body = Counted { left: PIECES, given: Arc::clone(&counter) };
        let response =
            Response::new(StatusCode::OK).with_header("content-length", &(PIECES * 65_536).to_string());
        Ok(response.with_body(Body::stream(body)))
    });
    let api = acme(vendor);
    let mut download = api.files().content(7).await.unwrap();
    let mut received = 0;
    while let Some(piece) = download.next().await {
        received += piece.unwrap().len();
        assert!(given.load(Ordering::Relaxed) - received <= 1024 * 1024);
    }
    assert_eq!(received, 1024 * 1024 * 1024);
    let writer = Slow { given: Arc::clone(&given), written: 0, is_ready: false };
    let download = api.files().content(7).await.unwrap();
    assert_eq!(download.to_writer(writer).await.unwrap(), 1024 * 1024 * 1024);
    let mut download = api.files().content(7).await.unwrap();
    let mut buffer = [0; 1000];
    let mut received = 0;
    for _ in 0..10_000 {
        received += download.read(&mut buffer).await.unwrap();
        assert!(given.load(Ordering::Relaxed) - received <= 1024 * 1024);
    }
}
