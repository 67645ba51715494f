//! Operations at a URL that the server gave: what is sent there, what is not, and an upload whose location changes at each step.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use apisession::prelude::*;
use apisession::{ErrorKind, Link, Outcome, Place, Secret, Url};
use apisession_tests::{Server, offline, recording, respond, tokio, watched};
use sha2::{Digest as _, Sha256};

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test/v1",
    headers("x-app" = "of-session"),
    query("app" = "of-session"),
    restricted_paths("/secret/**"),
    hooks
)]
struct Acme {
    session: Session,
    #[endpoint]
    uploads: Uploads,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::header("x-token", "t0k3n")
    }
}

#[derive(Debug, ApiError)]
enum UploadError {
    #[status(416)]
    Elsewhere(Option<Refusal>),
    #[other]
    Other(apisession::Error),
}

#[derive(Debug, serde::Deserialize)]
struct Refusal {
    offset: u64,
}

/// A name of the author's for a type: the type decides, not its text.
type Place7 = Location;

#[endpoint(path = "/uploads", query("endpoint" = 1), headers("x-endpoint" = "1"))]
struct Uploads;

#[endpoint]
impl Uploads {
    #[post]
    fn start(&self) -> Call<Location>;

    #[post("/{key}")]
    fn start_with(&self, key: &Secret) -> Call<Location>;

    #[patch(at = to)]
    fn append(
        &self,
        to: &Location,
        #[body("application/octet-stream")] bytes: impl Into<Body>,
    ) -> Call<Location, UploadError>;

    #[put(at = to)]
    fn finish(&self, to: &Location, #[query] digest: &str) -> Call<()>;

    #[get(at = next, headers("x-own" = "1"), query("own" = 1))]
    fn page(&self, next: &Link, limit: Option<u8>) -> Call<()>;

    #[get(at = url, auth = none)]
    fn fetch(&self, #[header("x-argument")] argument: u8, url: &Url) -> Call<()>;

    #[delete(at = r#where)]
    fn cancel(&self, r#where: Place7) -> Call<()>;

    #[request(PURGE, at = to, restricted_paths)]
    fn purge(&self, to: &Location) -> Call<()>;

    #[get(at = to, base_url = "https://upload.test/2.0")]
    fn elsewhere(&self, to: &Link) -> Call<()>;

    #[put(at = to)]
    fn write(&self, to: &Url, #[header("content-range")] range: &str, #[json] value: &[u8]) -> Call<()>;
}

/// A link, as a response without a request has it: not resolved.
fn link(target: &str) -> Link {
    respond(200, "").with_header("link", &format!("<{target}>; rel=next")).links().remove(0)
}

fn location(url: &str) -> Location {
    url.parse().unwrap()
}

#[test]
fn the_url_is_the_servers_and_the_rest_is_the_operations() {
    let api = Acme::builder().transport(offline()).build().unwrap();
    let uploads = api.uploads();
    let url = |text: &str| Url::parse(text).unwrap();
    let rows = [
        (
            uploads.finish(&location("https://api.test/u/7?a=%2f+b&c&&d=%3D"), "x:1").build(),
            "PUT https://api.test/u/7?a=%2f+b&c&&d=%3D&digest=x%3A1",
        ),
        (uploads.finish(&location("https://api.test/u/7"), "1").build(), "PUT https://api.test/u/7?digest=1"),
        (
            uploads.finish(&location("https://api.test/?digest=0#top"), "1").build(),
            "PUT https://api.test/?digest=0&digest=1",
        ),
        (uploads.append(&location("https://api.test/u/7?"), "x").build(), "PATCH https://api.test/u/7?"),
        (uploads.page(&link("?page=2")).build(), "GET https://api.test/v1/uploads/?page=2&own=1"),
        (uploads.page(&link("2?a")).limit(7).build(), "GET https://api.test/v1/uploads/2?a&own=1&limit=7"),
        (uploads.page(&link("/2")).build(), "GET https://api.test/2?own=1"),
        (uploads.page(&link("//api.test/2")).build(), "GET https://api.test/2?own=1"),
        (uploads.fetch(1, &url("https://ana:s3cret@API.test:443/x?q")).build(), "GET https://api.test/x?q"),
        (uploads.cancel(location("https://api.test/u/7?x")).build(), "DELETE https://api.test/u/7?x"),
        (uploads.purge(&location("https://api.test/u/7?x")).build(), "PURGE https://api.test/u/7?x"),
        (uploads.elsewhere(&link("7?x")).build(), "GET https://upload.test/2.0/uploads/7?x"),
    ];
    for (request, expected) in rows {
        let request = request.unwrap();
        assert_eq!(format!("{} {}", request.method, request.url), expected);
    }
}

#[tokio::test]
async fn settings_credential_and_headers_are_those_of_the_operation() {
    let (memory, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(memory).build().unwrap();
    let uploads = api.uploads();
    uploads.page(&link("/2")).await.unwrap();
    uploads.fetch(7, &Url::parse("https://api.test/x").unwrap()).await.unwrap();
    uploads
        .append(&location("https://api.test/u"), "bytes")
        .with_timeout(Duration::from_secs(1))
        .raw()
        .await
        .unwrap();
    let found: Vec<_> = sent
        .all()
        .iter()
        .map(|seen| {
            ["x-app", "x-endpoint", "x-own", "x-argument", "x-token", "content-type"]
                .map(|name| seen.header(name).to_owned())
                .join(",")
        })
        .collect();
    assert_eq!(
        found,
        ["of-session,1,1,,t0k3n,", "of-session,1,,7,,", "of-session,1,,,t0k3n,application/octet-stream"]
    );
    assert_eq!(sent.all()[2].body, "bytes");
}

#[tokio::test]
async fn a_text_goes_through_the_guard_and_typed_errors_are_the_operations() {
    let (memory, sent) = recording(|_, seen| {
        Ok(match seen.url.path() {
            "/v1/uploads" => respond(202, "").with_header("location", "../u/7?state=1"),
            "/u/7" => respond(416, r#"{"offset":3}"#),
            _ => respond(308, "").with_header("location", "?state=2"),
        })
    });
    let api = Acme::builder().transport(memory).build().unwrap();
    let first = api.uploads().start().await.unwrap();
    assert_eq!(first.expose(), "https://api.test/u/7?state=1");
    let stored = first.expose().to_owned();
    match api.uploads().append(&location(&stored), "x").await {
        Err(UploadError::Elsewhere(Some(Refusal { offset: 3 }))) => {}
        other => panic!("{other:?}"),
    }
    // Resolved against the URL of the request, which is no path of the endpoint. A redirect is a location, too.
    let next = api.uploads().append(&location("https://api.test/u/8?state=1"), "x").await.unwrap();
    assert_eq!(next.expose(), "https://api.test/u/8?state=2");
    let other = location("https://evil.test/u/7?state=s3cret");
    let Err(UploadError::Other(error)) = api.uploads().append(&other, "x").await else {
        panic!("it is sent")
    };
    assert_eq!(error.kind(), ErrorKind::Argument);
    let text = format!("{error} {error:?} {}", error.report());
    assert!(text.contains("the link leads to `https://evil.test`") && !text.contains("s3cret"), "{text}");
    assert_eq!(sent.all().len(), 3);
}

#[tokio::test]
async fn what_goes_along_to_another_origin_is_what_is_granted() {
    let (memory, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(memory).allowed_origins([
        ("https://cdn.test", ""),
        ("https://*.blob.test", "bodies"),
        ("https://full.test", "credential"),
    ]);
    let api = api.build().unwrap();
    let uploads = api.uploads();
    // A GET without a body, a DELETE, and a PUT with one; what each has of the session and of the call.
    let rows = [
        ("https://api.test/x?q", ["t0k3n of-session", "t0k3n of-session", "t0k3n of-session bytes 0-1/2"]),
        ("https://cdn.test/x?q", ["", "refused", "refused"]),
        ("https://a.blob.test/x?q", ["", "", "  bytes 0-1/2"]),
        ("https://full.test/x?q", ["t0k3n of-session", "t0k3n of-session", "t0k3n of-session bytes 0-1/2"]),
        ("https://evil.test/x?q", ["refused"; 3]),
        ("https://api.test:8443/x?q", ["refused"; 3]),
        ("http://api.test/x?q", ["refused"; 3]),
        ("https://upload.test/x?q", ["refused"; 3]),
    ];
    for (url, expected) in rows {
        let body = [1];
        let calls = [
            uploads.page(&link(url)).raw(),
            uploads.cancel(location(url)).raw(),
            uploads.write(&Url::parse(url).unwrap(), "bytes 0-1/2", &body).raw(),
        ];
        for (call, expected) in calls.into_iter().zip(expected) {
            match call.await {
                Ok(_) => {
                    let seen = sent.all().pop().unwrap();
                    let found = ["x-token", "x-app", "content-range"].map(|name| seen.header(name)).join(" ");

                    assert_eq!(found.trim_end(), expected, "{url}");
                    assert!(seen.url.as_str().starts_with(url), "{}", seen.url);
                }
                Err(error) => {
                    assert_eq!((error.kind(), expected), (ErrorKind::Argument, "refused"), "{url}: {error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_location_repeats_no_secret_where_it_is_shown() {
    let (memory, _) = recording(|_, seen| {
        Ok(match seen.url.path() {
            "/v1/uploads/s3cret-key" => respond(202, "").with_header("location", "/u/s3cret-key?state=1"),
            _ => respond(500, r#"{"message":"no upload s3cret-key"}"#),
        })
    });
    let api = Acme::builder().transport(memory).build().unwrap();
    let first = api.uploads().start_with(&Secret::from("s3cret-key")).await.unwrap();
    // Another session with another memory.
    let (memory, _) = recording(|_, _| Ok(respond(500, r#"{"message":"no upload s3cret-key"}"#)));
    let other = Acme::builder().transport(memory).max_attempts(1).build().unwrap();
    for error in [
        api.uploads().finish(&first, "1").with_max_attempts(1).await.unwrap_err(),
        other.uploads().finish(&first, "1").await.unwrap_err(),
    ] {
        let text = format!("{error} {error:?} {}", error.report());
        assert!(text.contains("no upload") && !text.contains("s3cret"), "{text}");
    }
    // Those of a path: by the session's pattern, or by the operation.
    let rows = [
        (
            other.uploads().finish(&location("https://api.test/v1/secret/s3cret?a=s3cret"), "1").await,
            "https://api.test/v1/secret/**",
        ),
        (
            other.uploads().purge(&location("https://api.test/u/s3cret?a=s3cret")).await,
            "https://api.test/v1/**",
        ),
    ];
    for (result, shown) in rows {
        let error = result.unwrap_err();
        let text = format!("{error} {error:?} {}", error.report());
        assert!(text.contains(shown) && !text.contains("s3cret"), "{shown}: {text}");
    }
}

#[test]
fn the_descriptor_has_the_place_of_the_url() {
    let operation = Uploads::FINISH.operation();
    let parameters: Vec<_> = operation
        .parameters()
        .map(|parameter| (parameter.name(), parameter.place(), parameter.is_required()))
        .collect();
    assert_eq!(parameters, [("to", Place::Url, true), ("digest", Place::Query, true)]);
    assert_eq!(operation.path(), "");
    assert_eq!(Uploads::CANCEL.operation().parameters().next().unwrap().name(), "where");
}

/// A registry of blobs, as its author would declare it.
#[derive(Clone, APISession)]
#[session(base_url = "https://declared.test", base_path = "/v2", max_attempts = 20)]
#[session(retry = RetryPolicy::new().first_delay(Duration::from_millis(1)).max_delay(Duration::from_millis(2)))]
struct Registry {
    session: Session,
    #[endpoint]
    blobs: Blobs,
}

#[endpoint(path = "/blobs")]
struct Blobs;

#[endpoint]
impl Blobs {
    #[post("/uploads/")]
    fn start(&self) -> Call<Location>;
    #[patch(at = to)]
    fn append(
        &self,
        to: &Location,
        #[body("application/octet-stream")] bytes: impl Into<Body>,
    ) -> Call<Location>;
    #[put(at = to)]
    fn finish(&self, to: &Location, #[query] digest: &str) -> Call<()>;

    /// Asks how far an upload is, and where it goes on.
    #[get(at = to)]
    fn progress(&self, to: &Location) -> Call<Response<()>>;

    /// Asks whether a blob is there.
    #[head("/{digest}")]
    fn exists(&self, digest: &str) -> Call<Option<()>>;

    /// Uploads a blob in pieces.
    async fn upload(&self, blob: &[u8]) -> Result<String> {
        let digest = digest(blob);
        let mut at = self.begin().await?;
        let mut sent = 0;
        while sent < blob.len() {
            let piece = &blob[sent..blob.len().min(sent + 300)];
            match self.append(&at, piece).await {
                Ok(next) => (at, sent) = (next, sent + piece.len()),
                // Only the server knows how much of the piece it has.
                Err(error) if is_open(&error) => (at, sent) = self.resume(&at).await?,
                Err(error) => return Err(error),
            }
        }
        match self.finish(&at, &digest).await {
            // An earlier attempt, whose response was lost, has ended the upload.
            Err(error) if error.is_not_found() && self.exists(&digest).await?.is_some() => Ok(digest),
            result => result.map(|()| digest),
        }
    }

    /// Starts an upload. One whose location is lost is never used, so another can be started.
    async fn begin(&self) -> Result<Location> {
        loop {
            match self.start().await {
                Err(error) if is_open(&error) => {}
                result => return result,
            }
        }
    }

    async fn resume(&self, at: &Location) -> Result<(Location, usize)> {
        let response = self.progress(at).await?;
        let offset =
            response.headers().get("upload-offset").and_then(|offset| offset.to_str().ok()?.parse().ok());
        Ok((
            response.location().ok_or_else(|| Error::other("the upload has no location"))?,
            offset.ok_or_else(|| Error::other("the upload has no offset"))?,
        ))
    }
}

/// Whether the server may have processed the request, or would at another time.
fn is_open(error: &apisession::Error) -> bool {
    error.outcome() == Some(Outcome::Unknown)
        && !error.status().is_some_and(|status| status.is_client_error())
}

fn digest(blob: &[u8]) -> String {
    let digest = Sha256::digest(blob);
    digest.iter().fold(String::from("sha256:"), |text, byte| text + &format!("{byte:02x}"))
}

/// The state of the test's registry.
struct Store {
    random: fastrand::Rng,
    started: usize,
    uploads: HashMap<usize, Stored>,
    blobs: HashMap<String, String>,
    /// How often each of the faults happened.
    faults: [usize; 7],
    /// The pieces that came to a location of an earlier step.
    stale: usize,
}

#[derive(Default)]
struct Stored {
    content: String,
    step: usize,
}

impl Store {
    /// Responds to a request, or fails to.
    fn respond(&mut self, request: &str) -> String {
        let fault = self.random.usize(0..14);
        match fault {
            0 => self.failed(fault, String::new()),
            1 => self.failed(fault, text("503 Service Unavailable", "", "later")),
            2 => {
                self.processed(request, 2);
                self.failed(fault, String::new())
            }
            3 | 4 => {
                let whole = closing(&self.processed(request, 1));
                let least = whole.find(CLOSE).map_or(0, |at| at + CLOSE.len());
                let cut = if fault == 3 { least } else { least.max(whole.len() * 3 / 4) };
                self.failed(fault, whole[..cut].to_owned())
            }
            5 => {
                self.processed(request, 1);
                self.failed(
                    fault,
                    text("502 Bad Gateway", "content-type: text/html\r\n", "<h1>Bad Gateway</h1>"),
                )
            }
            6 => {
                let whole = self.processed(request, 1);
                self.failed(fault, whole.replace("content-length: ", "content-length: 9"))
            }
            _ => self.processed(request, 1),
        }
    }

    /// Counts a fault. The server closes the connection after it.
    fn failed(&mut self, fault: usize, response: String) -> String {
        self.faults[fault] += 1;
        if response.contains(CLOSE) { response } else { closing(&response) }
    }

    /// Processes a request. Of a piece, only the first `part`-th is kept.
    fn processed(&mut self, request: &str, part: usize) -> String {
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let (method, target) = head.split_once(' ').unwrap();
        let target = target.split(' ').next().unwrap();
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        if (method, target) == ("POST", "/v2/blobs/uploads/") {
            self.started += 1;
            let id = self.started;
            self.uploads.insert(id, Stored::default());
            return self.moved("202 Accepted", id, host);
        }
        if let Some(digest) = target.strip_prefix("/v2/blobs/sha256:") {
            let there = self.blobs.contains_key(&format!("sha256:{digest}"));
            return text(if there { "200 OK" } else { "404 Not Found" }, "", "");
        }
        // `/u/{id}/{step}?state={step}%2f&&a+b`, exactly.
        let (place, query) = target.strip_prefix("/u/").and_then(|rest| rest.split_once('?')).unwrap();
        let (id, step) =
            place.split_once('/').map(|(id, step)| (id.parse().unwrap(), step.parse().unwrap())).unwrap();
        let rest = query.strip_prefix(&state(step)).unwrap_or_else(|| panic!("{target}"));
        let Some(upload) = self.uploads.get_mut(&id) else { return text("404 Not Found", "", "") };
        match method {
            "GET" => return self.moved("204 No Content", id, host),
            "PATCH" | "PUT" if step != upload.step => {
                self.stale += 1;
                return text("416 Range Not Satisfiable", "", "");
            }
            "PATCH" => {
                upload.content.push_str(&body[..body.len() / part]);
                upload.step += 1;
                return self.moved("202 Accepted", id, host);
            }
            "PUT" => {}
            _ => panic!("{request}"),
        }
        let wanted = rest.strip_prefix("&digest=").unwrap().replace("%3A", ":");
        assert_eq!(digest(upload.content.as_bytes()), wanted);
        let content = self.uploads.remove(&id).map(|upload| upload.content).unwrap();
        let earlier = self.blobs.insert(wanted, content);
        assert!(earlier.is_none());
        text("201 Created", "", "")
    }

    /// The location of an upload, in one of the forms that servers write.
    fn moved(&mut self, status: &str, id: usize, host: &str) -> String {
        let Stored { content, step } = &self.uploads[&id];
        let path = format!("u/{id}/{step}?{}", state(*step));
        let location = match self.random.u8(0..4) {
            0 => format!("http://{host}/{path}"),
            1 => format!("//{host}/{path}#top"),
            2 => format!("/{path}"),
            // From the paths of uploads and from that which starts them.
            _ => format!("../../../{path}"),
        };
        text(status, &format!("location: {location}\r\nupload-offset: {}\r\n", content.len()), "")
    }
}

const CLOSE: &str = "connection: close";

/// The response after which the server closes the connection, as it does after an empty one.
fn closing(response: &str) -> String {
    response.replacen("\r\n", &format!("\r\n{CLOSE}\r\n"), 1)
}

fn state(step: usize) -> String {
    format!("state={step}%2f&&a+b")
}

fn text(status: &str, headers: &str, body: &str) -> String {
    let length =
        if status.starts_with("204") { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("HTTP/1.1 {status}\r\n{headers}{length}\r\n{body}")
}

#[tokio::test]
async fn an_upload_survives_a_server_that_moves_loses_responses_and_drops_connections() {
    let seed =
        std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let store = Arc::new(Mutex::new(Store {
        random: random.fork(),
        started: 0,
        uploads: HashMap::new(),
        blobs: HashMap::new(),
        faults: [0; 7],
        stale: 0,
    }));
    let served = Arc::clone(&store);
    let server = Server::start(move |request| served.lock().unwrap().respond(request)).await;
    // Half of all requests fail, which no budget allows for long.
    let registry = Registry::builder().base_url(server.url()).without_retry_budget().build().unwrap();
    let mut blobs = HashMap::new();
    while store.lock().unwrap().faults.iter().sum::<usize>() < 100 {
        let length = random.usize(100..3_000);
        let blob: String = std::iter::repeat_with(|| random.alphanumeric()).take(length).collect();
        let digest = watched(registry.blobs().upload(blob.as_bytes())).await.unwrap();
        blobs.insert(digest, blob);
    }
    let store = store.lock().unwrap();
    println!("faults: {:?}", store.faults);
    assert!(store.faults.iter().all(|count| *count > 0), "{:?}", store.faults);
    assert_eq!(store.stale, 0, "a piece was sent to a location of an earlier step");
    // Each byte once, and in order.
    assert_eq!(store.blobs, blobs);
}
