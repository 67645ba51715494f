//! What may go to another origin: the table of [`AllowedOrigins`], from outside.

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::Failure;
use apisession::{AllowedOrigins, Outcome, Url};
use apisession_tests::{Seen, recording, respond, tokio};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", headers("x-app" = "of-session"), query("app" = "of-session"), redirects = 3, hooks)]
struct Acme {
    session: Session,
    #[session(default)]
    moves_to: Option<String>,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::header("x-token", "of-session")
    }

    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        if let Some(url) = &self.moves_to {
            retry.request().url = Url::parse(url).unwrap();
        }
        Ok(())
    }
}

const OTHER: &str = "https://other.example.test/x";

/// Who names the URL at another origin.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Namer {
    /// A redirect that keeps the method.
    Redirect,
    /// A redirect after which a POST is a GET.
    SeeOther,
    /// A link.
    Link,
    /// The hook before a retry.
    Hook,
    /// The caller.
    Caller,
}

/// What the list says of the other origin.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Granted {
    Nothing,
    Reads,
    Bodies,
    Credential,
}

impl Granted {
    fn list(self) -> AllowedOrigins {
        let list = AllowedOrigins::new().allow("https://third.test");
        match self {
            Self::Nothing => list,
            Self::Reads => list.allow("https://*.example.test"),
            Self::Bodies => list.allow_bodies("https://*.example.test"),
            Self::Credential => list.allow_credential("https://other.example.test"),
        }
    }
}

/// What reaches the other origin: method, body, the session's header, the session's credential.
type Arrived = Option<(Method, bool, bool, bool)>;

/// The table.
fn expected(namer: Namer, granted: Granted, method: &Method, body: bool) -> Arrived {
    let trusted = granted == Granted::Credential;
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    let (method, body) = match namer {
        Namer::SeeOther if !is_read => (Method::GET, false),
        _ => (method.clone(), body),
    };
    let is_read = matches!(method, Method::GET | Method::HEAD) && !body;
    match (namer, granted) {
        (Namer::Caller, _) => Some((method, body, false, trusted)),
        (_, Granted::Nothing) => None,
        (_, Granted::Reads) if !is_read => None,
        _ => Some((method, body, trusted, trusted)),
    }
}

async fn arrived(namer: Namer, granted: Granted, method: &Method, body: bool) -> Result<Arrived> {
    let (transport, sent) = recording(move |number, _| {
        Ok(match (number, namer) {
            (1, Namer::Redirect) => respond(307, "").with_header("location", OTHER),
            (1, Namer::SeeOther) => respond(303, "").with_header("location", OTHER),
            (1, Namer::Hook) => respond(429, ""),
            _ => respond(200, ""),
        })
    });
    let api = Acme::builder().transport(transport).allowed_origins(granted.list());
    let api = if namer == Namer::Hook { api.moves_to(Some(OTHER.to_owned())) } else { api };
    let api = api.build()?;
    let call = match namer {
        Namer::Redirect | Namer::SeeOther | Namer::Hook => api.raw().request(method.clone(), "/start"),
        Namer::Link => api.raw().follow(OTHER),
        Namer::Caller => api.raw().elsewhere(method.clone(), OTHER),
    };
    let call = if body { call.body("text/plain", "of-call") } else { call };
    let end = call.await;
    let there = |seen: &Seen| seen.url.host_str() == Some("other.example.test");
    let all = sent.all();
    let last = all.iter().find(|seen| there(seen));
    assert_eq!(last.is_some(), end.is_ok(), "what is refused is an error: {end:?}");
    if let Err(error) = end {
        assert!(matches!(error.kind(), ErrorKind::Redirect | ErrorKind::Argument), "{error}");
        assert!(error.to_string().contains("allowed_origins"), "{error}");
    }
    Ok(last.map(|seen| {
        assert!(!seen.url.as_str().contains("of-session"), "the query of the session stays: {}", seen.url);
        let has = |name: &str| seen.header(name) == "of-session";
        (seen.method.clone(), !seen.body.is_empty(), has("x-app"), has("x-token"))
    }))
}

#[tokio::test(start_paused = true)]
async fn fault_b2_what_goes_to_another_origin_is_what_its_entry_grants() {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"];
    let namers = [Namer::Redirect, Namer::SeeOther, Namer::Link, Namer::Hook, Namer::Caller];
    let grants = [Granted::Nothing, Granted::Reads, Granted::Bodies, Granted::Credential];
    let mut rows = 0;
    for namer in namers {
        for granted in grants {
            for method in methods.iter().filter(|method| namer != Namer::Link || **method == "GET") {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                for body in [false, true] {
                    let found = arrived(namer, granted, &method, body).await.unwrap();
                    let row = format!("{namer:?}, {granted:?}, {method}, body: {body}");
                    assert_eq!(found, expected(namer, granted, &method, body), "{row}");
                    rows += 1;
                }
            }
        }
    }
    assert_eq!(rows, 4 * 2 * (4 * methods.len() + 1));
}

/// A random host, of labels that are easily confused.
fn host(random: &mut fastrand::Rng) -> String {
    let labels = ["a", "b", "blob", "xblob", "example", "test", "evil"];
    let count = random.usize(1..6);
    (0..count).map(|_| labels[random.usize(..labels.len())]).collect::<Vec<_>>().join(".")
}

#[tokio::test]
async fn fault_b2_a_wildcard_is_exactly_one_label() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut reached = 0;
    for _ in 0..3_000 {
        let (rest, mut target) = (host(&mut random), host(&mut random));
        if random.bool() {
            target = format!("{}{rest}", ["a.", "a.b.", "", "x", "evil.test."][random.usize(..5)]);
        }
        let scheme = if random.u8(..8) == 0 { "http" } else { "https" };
        let port = ["", ":443", ":8443"][random.usize(..3)];
        let location = format!("{scheme}://{target}{port}/");
        let (transport, sent) = recording(move |number, _| {
            Ok(if number == 1 {
                respond(302, "").with_header("location", &location)
            } else {
                respond(200, "")
            })
        });
        let list = AllowedOrigins::new().allow(&format!("https://*.{rest}"));
        let build = Acme::builder().transport(transport).allowed_origins(list).build();
        if !rest.contains('.') {
            assert!(build.is_err(), "*.{rest} is a top-level domain");
            continue;
        }
        let end = build.unwrap().raw().get("/start").await;
        let (labels, rest): (Vec<_>, Vec<_>) = (target.split('.').collect(), rest.split('.').collect());
        let allowed =
            labels.len() == rest.len() + 1 && labels[1..] == rest[..] && scheme == "https" && port != ":8443";
        assert_eq!(
            (end.is_ok(), sent.all().len() == 2),
            (allowed, allowed),
            "*.{} and {target}",
            rest.join(".")
        );
        reached += usize::from(allowed);
    }
    assert!(reached > 100, "{reached} were allowed");
}

#[test]
fn fault_b2_an_entry_that_is_no_origin_is_reported_by_build() {
    let rows = [
        AllowedOrigins::new().allow("https://*"),
        AllowedOrigins::new().allow("https://cdn.*.test"),
        AllowedOrigins::new().allow_bodies("https://*.*.example.test"),
        AllowedOrigins::new().allow("https://*cdn.example.test"),
        AllowedOrigins::new().allow_credential("https://*.example.test"),
        AllowedOrigins::new().allow("https://cdn.test/path"),
        AllowedOrigins::from(&["cdn.test"]),
    ];
    for list in rows {
        let shown = format!("{list:?}");
        let error = Acme::builder().allowed_origins(list).build().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{shown}: {error}");
        assert!(error.to_string().contains("allowed origin"), "{shown}: {error}");
    }
}

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test",
    allowed_origins("https://cdn.test", "https://*.blob.test" = bodies, "https://upload.test" = credential),
    redirects = 3
)]
struct Declared {
    session: Session,
}

#[tokio::test]
async fn fault_b2_a_declaration_grants_each_origin_its_own() {
    let rows = [
        ("https://cdn.test/", false, false),
        ("https://eu.blob.test/", true, false),
        ("https://upload.test/", true, true),
    ];
    for (place, body, credential) in rows {
        let (transport, sent) = recording(move |number, _| {
            Ok(if number == 1 { respond(308, "").with_header("location", place) } else { respond(200, "") })
        });
        let credential_of = Credential::header("x-token", "canary").unwrap();
        let api = Declared::builder().transport(transport).credential(credential_of).build().unwrap();
        let end = api.raw().put("/x").json(&1).await;
        assert_eq!(end.is_ok(), body, "{place}");
        let last = sent.all().pop().unwrap();
        let is_there = last.url.host_str() != Some("api.test");
        assert_eq!((is_there, is_there && last.header("x-token") == "canary"), (body, credential), "{place}");
    }
}

#[endpoint]
struct Keyed;

#[endpoint]
impl Keyed {
    #[post("/start", idempotency_key)]
    fn post(&self, #[json] text: &str) -> Call<()>;
    #[patch("/start", idempotency_key)]
    fn patch(&self, #[json] text: &str) -> Call<()>;
    #[put("/start", idempotency_key)]
    fn put(&self, #[json] text: &str) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", redirects = 3)]
struct Writer {
    session: Session,
    #[endpoint]
    keyed: Keyed,
}

#[tokio::test(start_paused = true)]
async fn fault_a2_a_write_that_loses_its_key_at_another_origin_is_not_sent_there() {
    type Make = fn(&Keyed) -> Call<()>;
    let (post, patch, put): (Make, Make, Make) =
        (|keyed| keyed.post("text"), |keyed| keyed.patch("text"), |keyed| keyed.put("text"));
    // The call, what happened to the first attempt, what the other origin is granted, and whether the second one gets there.
    let rows = [
        (post, Outcome::Unknown, Granted::Bodies, false),
        (patch, Outcome::Unknown, Granted::Bodies, false),
        // The key goes along.
        (post, Outcome::Unknown, Granted::Credential, true),
        // The first attempt had no effect, or may be repeated without a key.
        (post, Outcome::Rejected, Granted::Bodies, true),
        (post, Outcome::NotSent, Granted::Bodies, true),
        (put, Outcome::Unknown, Granted::Bodies, true),
    ];
    for status in [307, 308] {
        for (make, outcome, granted, arrives) in rows {
            let (transport, sent) = recording(move |number, _| match (number, outcome) {
                (1, Outcome::Unknown) => Err(Failure::unknown("the connection was lost")),
                (1, Outcome::NotSent) => Err(Failure::not_sent("no connection")),
                (1, _) => Ok(respond(429, "")),
                (2, _) => Ok(respond(status, "").with_header("location", OTHER)),
                _ => Ok(respond(200, "")),
            });
            let api = Writer::builder().transport(transport).allowed_origins(granted.list()).build().unwrap();
            let row = format!("{status}, {:?}, {outcome:?}, {granted:?}", make(&api.keyed()));
            let end = make(&api.keyed()).await;
            let all = sent.all();
            let sent_key = all[0].header("idempotency-key").to_owned();
            assert_eq!((all[1].header("idempotency-key"), sent_key.is_empty()), (&*sent_key, false), "{row}");
            let there: Vec<_> = all.iter().filter(|seen| seen.url.as_str() == OTHER).collect();
            assert_eq!((end.is_ok(), there.len()), (arrives, usize::from(arrives)), "{row}: {end:?}");
            let key = if granted == Granted::Credential { &*sent_key } else { "" };
            assert!(there.iter().all(|seen| seen.header("idempotency-key") == key), "{row}");
            if let Err(error) = end {
                let facts = (error.kind(), error.outcome(), error.attempts());
                assert_eq!(facts, (ErrorKind::Redirect, Some(Outcome::Unknown), 2), "{row}");
                assert!(error.to_string().contains("does not get the idempotency key"), "{row}: {error}");
            }
        }
    }
}
