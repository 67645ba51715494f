//! A URL of the server, whatever it is, leads to no origin that the table of `allowed_origins` does not grant, and nothing goes along
//! that is not granted there. It can be a `Location`, the URL of an operation, a link, or a redirect.

use std::sync::{Arc, Mutex};

use apisession::http::{Method, StatusCode};
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession::{Link, Request, Url};

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test/v1",
    headers("x-app" = "of-session"),
    max_attempts = 1,
    redirects = 3,
    allowed_origins("https://cdn.test", "https://*.blob.test" = bodies, "https://full.test:8443" = credential),
    hooks
)]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::bearer("t0k3n")
    }
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[post]
    fn start(&self) -> Call<Option<Location>>;

    #[get(redirects = 0)]
    fn list(&self) -> Call<Response<()>>;

    #[get(at = to)]
    fn get(&self, to: &Location) -> Call<()>;

    #[patch(at = to)]
    fn append(&self, to: &Location, #[body("text/plain")] text: &str) -> Call<Option<Location>>;

    #[delete(at = to)]
    fn delete(&self, to: &Link) -> Call<()>;

    #[get(at = to)]
    fn next(&self, to: &Link) -> Call<()>;

    #[put(at = to)]
    fn put(&self, to: &Url, #[query] digest: &str, #[body("text/plain")] text: &str) -> Call<()>;

    #[put]
    fn redirected(&self, #[body("text/plain")] text: &str) -> Call<()>;
}

/// `LOCATIONS=100000` takes some minutes, a few seconds in release.
const LOCATIONS: usize = 3_000;

/// A random target in which whatever could lead a parser to another origin is frequent.
fn target(random: &mut fastrand::Rng) -> String {
    const STARTS: [&str; 12] = [
        "https://",
        "https:",
        "https:/",
        "https:\\\\",
        "HTTPS://",
        "http://",
        "//",
        "/\\",
        "\\\\",
        "/",
        "?",
        "ftp://",
    ];
    const HOSTS: [&str; 18] = [
        "api.test",
        "cdn.test",
        "a.blob.test",
        "full.test:8443",
        "API.test:443",
        "api.test.",
        "api.test:8443",
        "full.test",
        "blob.test",
        "a.b.blob.test",
        "evil.test",
        "cdn.test.evil.test",
        "evilblob.test",
        "ａpi.test",
        "api。test",
        "аpi.test",
        "[::1]",
        "0x7f.1",
    ];
    const ODD: [&str; 24] = [
        "@",
        ":",
        "/",
        "\\",
        "..",
        "%2e",
        "%40",
        "%2F",
        "#",
        "?",
        "&",
        " ",
        "\t",
        "é",
        "\u{202e}",
        "\u{ff0f}",
        "\u{2044}",
        "a",
        "7",
        "=",
        "%",
        ":443",
        "https://evil.test/",
        "@evil.test",
    ];
    let mut text = String::new();
    let odd = |text: &mut String, random: &mut fastrand::Rng, most: usize| {
        for _ in 0..random.usize(0..=most) {
            text.push_str(ODD[random.usize(..ODD.len())]);
        }
    };
    if random.u8(0..8) == 0 {
        odd(&mut text, random, 2);
    }
    text.push_str(STARTS[random.usize(..STARTS.len())]);
    if random.u8(0..4) == 0 {
        odd(&mut text, random, 2);
    }
    text.push_str(HOSTS[random.usize(..HOSTS.len())]);
    if random.u8(0..4) == 0 {
        odd(&mut text, random, 2);
    }
    text.push('/');
    odd(&mut text, random, 4);
    text
}

/// The table, once more: what is granted to the origin of a URL that the server gave.
fn grant(url: &Url) -> Option<&'static str> {
    let host = url.host_str().unwrap_or_default();
    let is_below_blob = host.strip_suffix(".blob.test").is_some_and(|label| !label.contains('.'));
    match (url.scheme(), host, url.port()) {
        ("https", "api.test", None) => Some("own"),
        ("https", "cdn.test", None) => Some("reads"),
        ("https", _, None) if is_below_blob => Some("bodies"),
        ("https", "full.test", Some(8443)) => Some("credential"),
        _ => None,
    }
}

/// Checks a request, and returns what is granted to its origin.
fn check(request: &Request, target: &str) -> &'static str {
    let Request { method, url, headers, .. } = request;
    let shown = || format!("{method} {url} of {target:?}");
    let Some(grant) = grant(url) else { panic!("{} is sent", shown()) };
    let is_trusted = matches!(grant, "own" | "credential");
    for name in ["authorization", "x-app"] {
        assert!(is_trusted || !headers.contains_key(name), "{name} is in {}", shown());
    }
    let is_read = matches!(*method, Method::GET | Method::HEAD) && request.body.is_empty();
    assert!(grant != "reads" || is_read, "{}", shown());
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{}", shown());
    grant
}

/// What a server gives, and where it led: the grants, and how often each was reached.
#[derive(Default)]
struct Given {
    target: String,
    status: StatusCode,
    reached: [usize; 4],
}

#[tokio::test]
async fn no_url_of_the_server_leads_where_nothing_is_granted() {
    let seed =
        std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    let locations = std::env::var("LOCATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(LOCATIONS);
    let mut random = fastrand::Rng::with_seed(seed);
    let given = Arc::new(Mutex::new(Given::default()));
    let kept = Arc::clone(&given);
    let memory = Memory::new(move |request| {
        let mut given = kept.lock().unwrap();
        let target = given.target.clone();
        let grant = check(&request, &target);
        let is_first = request.url.as_str() == "https://api.test/v1/things";
        let mut response = Response::new(if is_first { given.status } else { StatusCode::OK });
        if is_first {
            response = response
                .with_header("location", &target)
                .with_header("link", &format!("<{target}>; rel=next"));
        } else {
            let index = ["own", "reads", "bodies", "credential"].iter().position(|name| *name == grant);
            given.reached[index.unwrap()] += 1;
        }
        async move { Ok(response) }
    });
    let api = Acme::builder().transport(memory).build().unwrap();
    let things = api.things();
    let mut refused = 0;
    let mut count = |failed: bool| refused += usize::from(failed);
    for _ in 0..locations {
        let target = target(&mut random);
        if let Ok(url) = Url::parse(&target) {
            count(things.put(&url, "1", "text").await.is_err());
        }
        count(api.raw().follow(&target).await.is_err());
        // The properties of the crate are tested with headers of any bytes.
        if !target.is_ascii() {
            continue;
        }
        let give = |status: u16| {
            let mut given = given.lock().unwrap();
            (given.target, given.status) = (target.clone(), StatusCode::from_u16(status).unwrap());
        };
        give(202);
        if let Ok(Some(location)) = things.start().await {
            count(things.get(&location).await.is_err());
            count(things.append(&location, "text").await.is_err());
            // Stored and read again, it is no other.
            let stored: Location = location.expose().parse().unwrap();
            assert_eq!(stored, location);
            let url = Url::parse(location.expose()).unwrap();
            count(things.put(&url, "1", "text").await.is_err());
        }
        give(200);
        for link in things.list().await.unwrap().links() {
            count(things.next(&link).await.is_err());
            count(things.delete(&link).await.is_err());
            count(api.raw().follow(&link.target).await.is_err());
        }
        give([301, 302, 303, 307, 308][random.usize(..5)]);
        count(api.raw().get("/things").await.is_err());
        count(things.redirected("text").await.is_err());
    }
    let reached = given.lock().unwrap().reached;
    println!("{locations} URLs: reached {reached:?} (own, reads, bodies, credential), refused {refused}");
    assert!(reached.iter().all(|count| *count > 0) && refused > 0, "{reached:?} {refused}");
}
