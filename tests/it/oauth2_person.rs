//! OAuth 2 for people: device flow (RFC 8628), authorization code with PKCE (RFC 7636), and tokens at rest.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{BoxFuture, DeviceCode, OAuth2, StoredTokens, TokenFile, TokenStore, Url};
use apisession_tests::{Seen, Sent, recording, respond, tokio};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", timeout = Duration::from_secs(3600), max_attempts = 1)]
struct Acme {
    session: Session,
}

const DEVICE: &str = "https://login.test/device";
const TOKEN: &str = "https://login.test/token";
const AUTHORIZE: &str = "https://login.test/authorize?prompt=login";
const SECOND: Duration = Duration::from_secs(1);
/// The response of RFC 8628 §3.2.
const GRANTED: &str = r#"{"device_code":"GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS","user_code":"WDJB-MJHT",
    "verification_uri":"https://example.com/device","verification_uri_complete":"https://example.com/device?user_code=WDJB-MJHT",
    "expires_in":1800,"interval":5}"#;

fn token(number: usize) -> String {
    format!(
        r#"{{"access_token":"access-{number}","token_type":"Bearer","expires_in":3600,"refresh_token":"refresh-{number}"}}"#
    )
}

fn field(seen: &Seen, name: &str) -> String {
    let url = Url::parse(&format!("https://form.test/?{}", seen.body)).unwrap();
    url.query_pairs()
        .find(|(other, _)| other == name)
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

fn error(code: &str) -> Response {
    respond(400, &format!(r#"{{"error":"{code}"}}"#))
}

/// An identity server whose token endpoint responds by `respond`, which gets the number of its request.
fn server<F>(token: F) -> (Memory, Sent)
where
    F: Fn(usize, &Seen) -> Result<Response, Failure> + Send + Sync + 'static,
{
    let count = Mutex::new(0);
    recording(move |_, seen| match (seen.url.host_str(), seen.url.path()) {
        (Some("login.test"), "/device") => Ok(respond(200, GRANTED)),
        (Some("login.test"), _) => {
            let number = {
                let mut count = count.lock().unwrap();
                *count += 1;
                *count
            };
            token(number, seen)
        }
        _ => Ok(respond(200, "")),
    })
}

fn tokens(sent: &Sent) -> Vec<Seen> {
    sent.all().into_iter().filter(|seen| seen.url.path() == "/token").collect()
}

fn session(transport: Memory, tokens: OAuth2) -> Acme {
    Acme::builder().transport(transport).credential(tokens).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_person_enters_a_code_on_another_device() {
    let (transport, sent) = server(|number, _| match number {
        1 | 2 => Ok(error("authorization_pending")),
        _ => Ok(respond(200, &token(1))),
    });
    let shown: Arc<Mutex<Vec<DeviceCode>>> = Arc::default();
    let kept = Arc::clone(&shown);
    let person =
        OAuth2::device(DEVICE, TOKEN, "calendar", move |code| kept.lock().unwrap().push(code.clone()));
    let api = session(transport, person.scope("events.read"));
    let start = Instant::now();
    // All calls wait for one person.
    let (one, two) = tokio::join!(api.raw().get("/a").send(), api.raw().get("/b").send());
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(start.elapsed(), 15 * SECOND);
    let shown = shown.lock().unwrap();
    assert_eq!(
        (shown.len(), shown[0].user_code.as_str(), shown[0].expires_in),
        (1, "WDJB-MJHT", 1800 * SECOND)
    );
    assert_eq!(
        shown[0].verification_uri_complete.as_deref(),
        Some("https://example.com/device?user_code=WDJB-MJHT")
    );
    let all = sent.all();
    assert_eq!(
        (field(&all[0], "client_id"), field(&all[0], "scope")),
        ("calendar".into(), "events.read".into())
    );
    let poll = &tokens(&sent)[0];
    assert_eq!(field(poll, "grant_type"), "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!(field(poll, "device_code"), "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS");
    assert_eq!(field(poll, "client_id"), "calendar");
    assert_eq!(all.last().unwrap().header("authorization"), "Bearer access-1");
}

/// When the token endpoint is asked, in seconds, and how it ends.
#[tokio::test(start_paused = true)]
async fn the_device_flow_keeps_the_pace_of_the_server() {
    /// What the token endpoint returns, when it is asked, and how it ends.
    type Row = (&'static str, &'static [&'static str], &'static [u64], Result<(), &'static str>);
    let rows: [Row; 9] = [
        ("at once", &["ok"], &[5], Ok(())),
        ("pending", &["authorization_pending", "ok"], &[5, 10], Ok(())),
        ("slow down", &["slow_down", "authorization_pending", "slow_down", "ok"], &[5, 15, 25, 40], Ok(())),
        ("denied", &["authorization_pending", "access_denied"], &[5, 10], Err("the sign-in was denied")),
        ("expired", &["expired_token"], &[5], Err("the code was not entered in time")),
        ("refused", &["invalid_client"], &[5], Err("`invalid_client`")),
        ("lost", &["lost", "authorization_pending", "ok"], &[5, 15, 25], Ok(())),
        ("out of service", &["503", "ok"], &[5, 15], Ok(())),
        ("no token", &["empty"], &[5], Err("no `access_token`")),
    ];
    for (what, ends, expected, end) in rows {
        let times: Arc<Mutex<Vec<u64>>> = Arc::default();
        let (start, kept) = (Instant::now(), Arc::clone(&times));
        let (transport, _) = server(move |number, _| {
            kept.lock().unwrap().push(start.elapsed().as_secs());
            match ends[number - 1] {
                "ok" => Ok(respond(200, &token(1))),
                "lost" => Err(Failure::unknown("reset")),
                "503" => Ok(respond(503, "")),
                "empty" => Ok(respond(200, "{}")),
                code => Ok(error(code)),
            }
        });
        let api = session(transport, OAuth2::device(DEVICE, TOKEN, "calendar", |_| {}));
        let found = api.raw().get("/x").await;
        assert_eq!(*times.lock().unwrap(), expected, "{what}");
        match (found, end) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(message)) => {
                assert_eq!(error.kind(), ErrorKind::Authentication, "{what}: {error}");
                assert!(error.report().contains(message), "{what}: {}", error.report());
                assert!(!error.report().contains("GmRhmhcx"), "{}", error.report());
            }
            (found, _) => panic!("{what}: {found:?}"),
        }
    }
    // Nobody enters the code.
    let (transport, sent) = server(|_, _| Ok(error("authorization_pending")));
    let api = session(transport, OAuth2::device(DEVICE, TOKEN, "calendar", |_| {}));
    let start = Instant::now();
    let error = api.raw().get("/x").await.unwrap_err();
    assert!(error.to_string().contains("the code was not entered in time"), "{error}");
    assert_eq!((start.elapsed(), tokens(&sent).len()), (1800 * SECOND, 360));
}

/// A call waits no longer than its `timeout`, and a later one gets the token for which the person was asked.
#[tokio::test(start_paused = true)]
async fn a_person_may_take_longer_than_a_call() {
    let (transport, sent) = server(|number, _| match number {
        1..30 => Ok(error("authorization_pending")),
        _ => Ok(respond(200, &token(1))),
    });
    let tokens = OAuth2::device(DEVICE, TOKEN, "calendar", |_| {});
    let builder = Acme::builder().transport(transport).credential(tokens).timeout(60 * SECOND);
    let api = builder.build().unwrap();
    assert_eq!(api.raw().get("/x").await.unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(api.raw().get("/x").await.unwrap_err().kind(), ErrorKind::Timeout);
    api.raw().get("/x").await.unwrap();
    assert_eq!(sent.all().iter().filter(|seen| seen.url.path() == "/device").count(), 1);
}

/// What a browser does at the URL: it is redirected to the program, with this query after the `state` of the URL or another one.
fn browse(url: &Url, query: &str, state: Option<&str>) -> String {
    let value = |name: &str| url.query_pairs().find(|(other, _)| other == name).unwrap().1.into_owned();
    let redirect = Url::parse(&value("redirect_uri")).unwrap();
    let state = state.map_or_else(|| value("state"), str::to_owned);
    let mut stream = TcpStream::connect((redirect.host_str().unwrap(), redirect.port().unwrap())).unwrap();
    write!(stream, "GET /{query}&state={state} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").unwrap();
    // The response arrives when the program has read the request.
    std::thread::spawn(move || stream.read_to_end(&mut Vec::new()));
    redirect.into()
}

#[tokio::test(start_paused = true)]
async fn a_person_signs_in_with_a_browser() {
    let (transport, sent) = server(|_, _| Ok(respond(200, &token(1))));
    let opened: Arc<Mutex<Option<Url>>> = Arc::default();
    let kept = Arc::clone(&opened);
    let person = OAuth2::authorization_code(AUTHORIZE, TOKEN, "calendar", move |url| {
        // A request for something else is no redirect.
        let port = Url::parse(&browse(url, "?code=c0de", None)).unwrap().port().unwrap();
        let _ = TcpStream::connect(("127.0.0.1", port)).unwrap();
        *kept.lock().unwrap() = Some(url.clone());
    });
    let api = session(transport, person.scope("events.read"));
    api.raw().get("/x").await.unwrap();
    let opened = opened.lock().unwrap().take().unwrap();
    let value = |name: &str| opened.query_pairs().find(|(other, _)| other == name).unwrap().1.into_owned();
    assert!(
        opened
            .as_str()
            .starts_with("https://login.test/authorize?prompt=login&response_type=code&client_id=calendar&")
    );
    assert_eq!(
        (value("scope"), value("code_challenge_method")),
        ("events.read".to_owned(), "S256".to_owned())
    );
    let request = &tokens(&sent)[0];
    assert_eq!(
        (field(request, "grant_type"), field(request, "code")),
        ("authorization_code".into(), "c0de".into())
    );
    assert_eq!(
        (field(request, "redirect_uri"), field(request, "client_id")),
        (value("redirect_uri"), "calendar".into())
    );
    // RFC 7636 §4.2.
    let verifier = field(request, "code_verifier");
    assert_eq!((verifier.len(), value("state").len()), (43, 43));
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)), value("code_challenge"));
    assert_eq!(sent.all().last().unwrap().header("authorization"), "Bearer access-1");
}

#[tokio::test(start_paused = true)]
async fn a_redirect_that_is_not_the_expected_one_ends_the_sign_in() {
    let rows: [(&str, Option<&str>, &str); 5] = [
        ("?code=c0de", Some("other"), "the redirect has another `state` than the request"),
        ("?error=access_denied", Some("other"), "the redirect has another `state` than the request"),
        ("?error=access_denied", None, "the sign-in was denied"),
        (
            "?error=server_error&error_description=s3cret",
            None,
            "the authorization endpoint refused the sign-in",
        ),
        ("?code=", None, "the authorization endpoint refused the sign-in"),
    ];
    for (query, state, message) in rows {
        let (transport, sent) = server(|_, _| Ok(respond(200, &token(1))));
        let show = move |url: &Url| drop(browse(url, query, state));
        let api = session(transport, OAuth2::authorization_code(AUTHORIZE, TOKEN, "calendar", show));
        let error = api.raw().get("/x").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{query}: {error}");
        assert!(
            error.to_string().contains(message) && !error.report().contains("s3cret"),
            "{query}: {error}"
        );
        assert!(sent.all().is_empty(), "{query}");
    }
    // Nobody signs in.
    let (transport, _) = server(|_, _| Ok(respond(200, &token(1))));
    let api = session(transport, OAuth2::authorization_code(AUTHORIZE, TOKEN, "calendar", |_| {}));
    let start = Instant::now();
    let error = api.raw().get("/x").await.unwrap_err();
    assert!(error.to_string().contains("nobody has signed in within 600s"), "{error}");
    assert_eq!(start.elapsed(), 600 * SECOND);
}

fn person(file: &Path, asked: &Arc<Mutex<u32>>) -> OAuth2 {
    let asked = Arc::clone(asked);
    OAuth2::device(DEVICE, TOKEN, "calendar", move |_| *asked.lock().unwrap() += 1)
        .stored_in(TokenFile::new(file))
}

#[tokio::test(start_paused = true)]
async fn a_program_that_is_started_again_does_not_sign_in_again() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tokens.json");
    let asked: Arc<Mutex<u32>> = Arc::default();
    let start = || {
        // The first refresh token is accepted once, and the others not.
        let (transport, sent) = server(|_, seen| match field(seen, "refresh_token").as_str() {
            "" => Ok(respond(200, &token(1))),
            "refresh-1" => Ok(respond(200, &token(2))),
            _ => Ok(error("invalid_grant")),
        });
        (session(transport, person(&file, &asked)), sent)
    };
    let (first, sent) = start();
    first.raw().get("/x").await.unwrap();
    assert_eq!(
        (sent.lines(), *asked.lock().unwrap()),
        (vec!["POST /device".into(), "POST /token".into(), "GET /x".to_owned()], 1)
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // The access token is still valid.
    let (second, sent) = start();
    second.raw().get("/x").await.unwrap();
    assert_eq!(
        (sent.lines(), sent.only().header("authorization")),
        (vec!["GET /x".to_owned()], "Bearer access-1")
    );
    // It has expired, and the refresh token is replaced.
    let expired = |refresh: &str| {
        let mut tokens = StoredTokens::new("access-0");
        (tokens.expires_at, tokens.refresh_token) = (Some(SystemTime::now()), Some(refresh.into()));
        tokens
    };
    let store = TokenFile::new(&file);
    store.store(expired("refresh-1")).await.unwrap();
    let (third, sent) = start();
    third.raw().get("/x").await.unwrap();
    assert_eq!((sent.lines(), *asked.lock().unwrap()), (vec!["POST /token".into(), "GET /x".to_owned()], 1));
    assert_eq!(store.load().await.unwrap().unwrap().refresh_token, Some("refresh-2".into()));
    // The server no longer accepts it: the person is asked, and what is stored is replaced.
    store.store(expired("refresh-2")).await.unwrap();
    let (fourth, sent) = start();
    fourth.raw().get("/x").await.unwrap();
    assert_eq!(sent.lines(), ["POST /token", "POST /device", "POST /token", "GET /x"]);
    let stored = store.load().await.unwrap().unwrap();
    assert_eq!((*asked.lock().unwrap(), stored.access_token), (2, "access-1".into()));
    // A stored token that the API refuses is not used again.
    let (transport, sent) = recording(|_, seen| {
        Ok(match seen.url.path() {
            "/token" => respond(200, &token(9)),
            _ => respond(if seen.header("authorization") == "Bearer access-9" { 200 } else { 401 }, ""),
        })
    });
    session(transport, person(&file, &asked)).raw().get("/x").await.unwrap();
    assert_eq!(sent.lines(), ["GET /x", "POST /token", "GET /x"]);
    store.forget().await.unwrap();
    store.forget().await.unwrap();
    assert!(store.load().await.unwrap().is_none() && !file.exists());
}

#[tokio::test(start_paused = true)]
async fn a_file_of_tokens_that_can_not_be_used_is_an_error_that_shows_none() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("tokens.json");
    let asked: Arc<Mutex<u32>> = Arc::default();
    for text in
        ["", "{}", "s3cret", "[\"s3cret\"]", "{\"access_token\":\"\"}", "{\"access_token\":\"s3cret\""]
    {
        std::fs::write(&file, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let (transport, sent) = server(|_, _| Ok(respond(200, &token(1))));
        let error = session(transport, person(&file, &asked)).raw().get("/x").await.unwrap_err();
        assert!(
            error.report().contains("tokens.json") && !error.report().contains("s3cret"),
            "{}",
            error.report()
        );
        assert!(sent.all().is_empty());
    }
    #[cfg(unix)]
    {
        std::fs::write(&file, "{\"access_token\":\"s3cret\"}").unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let error = TokenFile::new(&file).load().await.unwrap_err();
        assert!(error.report().contains("run `chmod 600` on it"), "{}", error.report());
    }
    // What can't be stored is logged, and the call goes on.
    let (transport, _) = server(|_, _| Ok(respond(200, &token(1))));
    session(transport, person(&folder.path().join("no/tokens.json"), &asked)).raw().get("/x").await.unwrap();
    // Other grants have no person.
    let (transport, _) = server(|_, _| Ok(respond(200, &token(1))));
    let other = OAuth2::client_credentials(TOKEN, "a", "b").stored_in(TokenFile::new(&file));
    let error = session(transport, other).raw().get("/x").await.unwrap_err();
    assert!(
        error.to_string().contains("`OAuth2::stored_in` applies to the tokens of a person only"),
        "{error}"
    );
    assert_eq!(format!("{:?}", StoredTokens::new("s3cret")), "StoredTokens { expires_at: None, .. }");
}

/// Tokens can be kept elsewhere: the author's own store.
#[tokio::test(start_paused = true)]
async fn a_store_of_the_author_is_used() {
    #[derive(Clone, Default)]
    struct Held(Arc<Mutex<Option<StoredTokens>>>);
    impl TokenStore for Held {
        fn load(&self) -> BoxFuture<'_, Result<Option<StoredTokens>>> {
            Box::pin(async { Ok(self.0.lock().unwrap().clone()) })
        }
        fn store(&self, tokens: StoredTokens) -> BoxFuture<'_, Result<()>> {
            *self.0.lock().unwrap() = Some(tokens);
            Box::pin(async { Ok(()) })
        }
        fn forget(&self) -> BoxFuture<'_, Result<()>> {
            *self.0.lock().unwrap() = None;
            Box::pin(async { Ok(()) })
        }
    }
    let held = Held::default();
    let (transport, sent) = server(|_, _| Ok(respond(200, &token(1))));
    let person = OAuth2::device(DEVICE, TOKEN, "calendar", |_| {}).stored_in(held.clone());
    let api = session(transport, person);
    api.raw().get("/x").await.unwrap();
    // It is refreshed before it expires, without the person.
    sleep(3600 * SECOND).await;
    api.raw().get("/x").await.unwrap();
    assert_eq!(field(&tokens(&sent)[1], "refresh_token"), "refresh-1");
    assert_eq!(held.0.lock().unwrap().as_ref().unwrap().access_token, "access-1".into());
}
