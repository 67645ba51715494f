//! Credentials that a server asks for by challenges, on the paused clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession::{AllowedOrigins, Body, Bytes, Challenge, OAuth2, Outcome, Secret};
use apisession_tests::{Pieces, Seen, Sent, recording, respond, tokio};
use tokio::task::JoinSet;
use tokio::time::sleep;

const SECOND: Duration = Duration::from_secs(1);
const REALM: &str = "https://auth.test/token";

/// A shelf of books.
#[endpoint(path = "/books")]
struct Books;

#[endpoint]
impl Books {
    #[get("/{id}")]
    fn get(&self, id: u32) -> Call<()>;

    #[get("/{id}/text", scope = "shelf:{name}:read")]
    fn text(&self, id: u32) -> Call<(), ShelfError>;

    #[post("/{id}", scope = "shelf:{name}:write book:{id}")]
    fn write(&self, id: u32, #[body("text/plain")] text: Body) -> Call<()>;

    #[get("/all", scope = "shelf:{shelf}:read")]
    fn all(&self) -> Call<()>;
}

#[derive(Debug, ApiError)]
enum ShelfError {
    #[other]
    Other(apisession::Error),
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", allowed_origins("https://auth.test"))]
struct Library {
    session: Session,
}

#[endpoint]
impl Library {
    #[graft("/shelves/{name}")]
    fn shelf(&self, name: &str) -> Books;
}

/// What the server of the shelves does.
#[derive(Clone, Default)]
struct Vendor(Arc<State>);

#[derive(Default)]
struct State {
    /// How many tokens were given, and the number from which on they are accepted.
    given: AtomicUsize,
    accepted: AtomicUsize,
    /// The scope that the realm refuses.
    refused: Mutex<String>,
}

impl Vendor {
    fn respond(&self, seen: &Seen) -> Response {
        if seen.url.host_str() == Some("auth.test") {
            return self.token(seen);
        }
        // `/v1/shelves/{name}/…`
        let name = seen.url.path_segments().and_then(|mut path| path.nth(2)).unwrap_or_default().to_owned();
        let right = if seen.method == Method::GET { "read" } else { "write" };
        let scope = format!("shelf:{name}:{right}");
        let token = seen.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
        let (number, granted) = token.split_once('@').unwrap_or_default();
        let is_current =
            number.parse().is_ok_and(|number: usize| number >= self.0.accepted.load(Ordering::SeqCst));
        if is_current && granted.split('+').any(|granted| granted == scope) {
            return respond(200, "");
        }
        let challenge = format!("Bearer realm=\"{REALM}\",service=\"shelves\",scope=\"{scope}\"");
        respond(401, "").with_header("www-authenticate", &challenge)
    }

    fn token(&self, seen: &Seen) -> Response {
        let pairs: Vec<_> = seen.url.query_pairs().into_owned().collect();
        let value =
            |name| pairs.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value.as_str());
        let scope = value("scope");
        if scope.contains(&*self.0.refused.lock().unwrap()) && !self.0.refused.lock().unwrap().is_empty() {
            return respond(403, r#"{"message":"the reader has no card"}"#);
        }
        let number = self.0.given.fetch_add(1, Ordering::SeqCst) + 1;
        respond(200, &format!("\"{number}@{}\"", scope.replace(' ', "+")))
    }

    /// From now on all tokens are refused that were given so far.
    fn end_tokens(&self) {
        self.0.accepted.store(self.0.given.load(Ordering::SeqCst) + 1, Ordering::SeqCst);
    }
}

/// Fetches a token from the realm of the challenge in a second.
async fn fetch(session: Session, challenge: Challenge) -> Result<Credential> {
    sleep(SECOND).await;
    let realm = challenge.realm().unwrap_or(REALM.into());
    let call = session.raw().follow(&realm).query("service", &challenge.get("service"));
    let token: Secret = call.query("scope", &challenge.scope()).json_as().await?;
    Ok(Credential::bearer(token)?.expires_in(600 * SECOND))
}

fn library() -> (Library, Vendor, Sent) {
    let vendor = Vendor::default();
    let (transport, sent) = {
        let vendor = vendor.clone();
        recording(move |_, seen| Ok(vendor.respond(seen)))
    };
    (built(transport), vendor, sent)
}

fn built(transport: Memory) -> Library {
    Library::builder()
        .transport(transport)
        .credential(Credential::challenged("Bearer", fetch))
        .build()
        .unwrap()
}

fn token_requests(sent: &Sent) -> Vec<String> {
    let requests = sent.all().into_iter().filter(|seen| seen.url.host_str() == Some("auth.test"));
    requests.map(|seen| seen.url.query().unwrap_or_default().to_owned()).collect()
}

/// The requests to the vendor: those without a token, and those with one.
fn calls(sent: &Sent) -> (usize, usize) {
    let calls = sent.all().into_iter().filter(|seen| seen.url.host_str() == Some("api.test"));
    let (with, without): (Vec<_>, Vec<_>) = calls.partition(|seen| !seen.header("authorization").is_empty());
    (without.len(), with.len())
}

async fn at_once<T: Send + 'static>(calls: impl IntoIterator<Item = Call<T>>) -> Vec<Result<T>> {
    let mut all = JoinSet::new();
    for call in calls {
        all.spawn(call.send());
    }
    all.join_all().await
}

#[tokio::test(start_paused = true)]
async fn thirty_cold_calls_of_one_scope_fetch_one_token() {
    let (api, _, sent) = library();
    let shelf = api.shelf("a");
    let all = at_once((0..30).map(|id| shelf.get(id))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(token_requests(&sent), ["service=shelves&scope=shelf%3Aa%3Aread"]);
    assert_eq!(calls(&sent), (30, 30));
    // The same requests carry the token at once, and others are asked for it once more, without another fetch.
    at_once((0..30).map(|id| shelf.get(id))).await;
    shelf.get(30).await.unwrap();
    assert_eq!((calls(&sent), token_requests(&sent).len()), ((31, 61), 1));
}

#[tokio::test(start_paused = true)]
async fn thirty_cold_calls_of_a_stated_scope_need_no_401() {
    let (api, _, sent) = library();
    let shelf = api.shelf("a");
    let mut all = JoinSet::new();
    for id in 0..30 {
        all.spawn(shelf.text(id).send());
    }
    assert!(all.join_all().await.iter().all(|end| end.is_ok()));
    // No server has named a service.
    assert_eq!((token_requests(&sent), calls(&sent)), (vec!["scope=shelf%3Aa%3Aread".to_owned()], (0, 30)));
}

#[tokio::test(start_paused = true)]
async fn two_scopes_fetch_two_tokens_at_the_same_time() {
    let (api, _, sent) = library();
    let start = tokio::time::Instant::now();
    let (a, b) = (api.shelf("a"), api.shelf("b"));
    let all = at_once((0..15).flat_map(|id| [a.get(id), b.get(id)])).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    let mut fetched = token_requests(&sent);
    fetched.sort();
    assert_eq!(fetched, ["service=shelves&scope=shelf%3Aa%3Aread", "service=shelves&scope=shelf%3Ab%3Aread"]);
    assert_eq!(start.elapsed(), SECOND);
    // Each keeps its own.
    at_once([a.get(0), b.get(0)]).await;
    assert_eq!((calls(&sent), token_requests(&sent).len()), ((30, 32), 2));
}

#[tokio::test(start_paused = true)]
async fn a_refused_scope_is_one_typed_error_for_all_who_asked() {
    let (api, vendor, sent) = library();
    *vendor.0.refused.lock().unwrap() = "shelf:b".to_owned();
    let (a, b) = (api.shelf("a"), api.shelf("b"));
    let mut all = JoinSet::new();
    for id in 0..30 {
        all.spawn(b.text(id).send());
    }
    for end in all.join_all().await {
        let ShelfError::Other(error) = end.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Authentication, Some(Outcome::NotSent)),
            "{error}"
        );
        let inner = error.inner().unwrap();
        assert_eq!((inner.status().unwrap().as_u16(), inner.kind()), (403, ErrorKind::Forbidden));
        assert!(error.to_string().contains("the reader has no card"), "{error}");
    }
    assert_eq!((token_requests(&sent).len(), calls(&sent)), (1, (0, 0)));
    // The other shelf is not affected.
    a.text(1).await.unwrap();
    // After a 401, the request is known to have been refused.
    sleep(2 * SECOND).await;
    let error = b.get(1).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Authentication, Some(Outcome::Rejected)));
    // Nothing of it is remembered: the next one asks again.
    sleep(2 * SECOND).await;
    vendor.0.refused.lock().unwrap().clear();
    b.get(1).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_request_is_repeated_whatever_its_method() {
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        let (api, _, sent) = library();
        let call = api.raw().request(method.clone(), "/shelves/a/books/1").body("text/plain", "Once.");
        call.with_max_attempts(1).await.unwrap();
        let bodies: Vec<_> = sent.all().iter().map(|seen| seen.body.clone()).collect();
        assert_eq!(bodies, ["Once.", "", "Once."], "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_token_ends_in_the_middle_goes_on() {
    let (api, vendor, sent) = library();
    let shelf = api.shelf("a");
    for part in 1..=4 {
        if part == 3 {
            vendor.end_tokens();
        }
        shelf.write(7, Body::from(format!("part {part}"))).await.unwrap();
    }
    let parts: Vec<_> =
        sent.all().iter().filter(|seen| seen.method == Method::POST).map(|seen| seen.body.clone()).collect();
    assert_eq!(parts, ["part 1", "part 2", "part 3", "part 3", "part 4"]);
    assert_eq!(token_requests(&sent)[0], "scope=shelf%3Aa%3Awrite%20book%3A7");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_was_sent_with_a_refused_token_is_not_sent_again() {
    let given = Arc::new(AtomicUsize::new(0));
    let transport = Memory::new(move |mut request| {
        let given = Arc::clone(&given);
        async move {
            if request.url.host_str() == Some("auth.test") {
                return Ok(respond(200, &format!("\"{}\"", given.fetch_add(1, Ordering::SeqCst) + 1)));
            }
            while request.body.chunk().await.map_err(Failure::unknown)?.is_some() {}
            let is_good = request.headers.get("authorization").is_some_and(|value| value == "Bearer 2");
            let challenge = "Bearer realm=\"https://auth.test/token\",scope=\"shelf:a:write book:7\"";
            Ok(respond(if is_good { 200 } else { 401 }, "").with_header("www-authenticate", challenge))
        }
    });
    let shelf = built(transport).shelf("a");
    let streamed = || Body::stream(Pieces::new([Bytes::from_static(b"part 5")], SECOND));
    let error = shelf.write(7, streamed()).await.unwrap_err();
    let known = (error.kind(), error.outcome(), error.attempts());
    assert_eq!(known, (ErrorKind::BodyNotReplayable, Some(Outcome::Rejected), 1), "{error}");
    // The server has named the realm, for which there is another token.
    shelf.write(7, streamed()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_fetched_once_more() {
    let (api, vendor, sent) = library();
    let shelf = api.shelf("a");
    shelf.get(1).await.unwrap();
    vendor.end_tokens();
    let all = at_once((0..30).map(|_| shelf.get(1))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    // The first one notices it, and the others wait for its token.
    assert_eq!((token_requests(&sent).len(), calls(&sent)), (2, (1, 32)));
    // If that is refused as well, the call fails.
    vendor.0.accepted.store(usize::MAX, Ordering::SeqCst);
    let error = shelf.get(1).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.kind()), (401, ErrorKind::Unauthorized));
    assert_eq!((token_requests(&sent).len(), calls(&sent)), (3, (1, 34)));
}

/// A realm at another origin is reached as `allowed_origins` grants it to URLs that the server names.
#[tokio::test(start_paused = true)]
async fn a_realm_at_another_origin_is_granted_or_refused() {
    const REFUSED: &str = "the link leads to `https://auth.test`, another origin";
    let rows: [(Option<&str>, Method, Result<&str, &str>); 6] = [
        (None, Method::GET, Err(REFUSED)),
        (None, Method::POST, Err(REFUSED)),
        (Some(""), Method::GET, Ok("")),
        (Some(""), Method::POST, Err("allowed_origins(\"https://auth.test\" = bodies)")),
        (Some("bodies"), Method::POST, Ok("")),
        (Some("credential"), Method::POST, Ok("Basic YW5hOnMzY3JldA==")),
    ];
    for (grant, method, expected) in rows {
        let vendor = Vendor::default();
        let (transport, sent) = recording(move |_, seen| Ok(vendor.respond(seen)));
        let by = method.clone();
        let tokens = Credential::challenged("bearer", move |session: Session, challenge: Challenge| {
            let by = by.clone();
            async move {
                let call = session.raw().follow_with(by, &challenge.realm().unwrap());
                let call = call
                    .query("scope", &challenge.scope())
                    .with_credential(Credential::basic("ana", "s3cret")?);
                Credential::bearer(call.json_as::<Secret>().await?)
            }
        });
        let api = Library::builder().transport(transport).header("x-acme", "1").credential(tokens);
        let origins = match grant {
            Some(grant) => AllowedOrigins::from([("https://auth.test", grant)]),
            None => AllowedOrigins::from(&["https://other.test"]),
        };
        let api = api.allowed_origins(origins).build().unwrap();
        let end = api.shelf("a").get(1).await;
        let sent = sent.all();
        match expected {
            Ok(authorization) => {
                end.unwrap();
                assert_eq!(sent[1].header("authorization"), authorization, "{grant:?} {method}");
                assert_eq!(sent[1].header("x-acme").is_empty(), grant != Some("credential"));
                assert_eq!(sent.len(), 3);
            }
            Err(why) => {
                let error = end.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
                assert!(error.to_string().contains(why), "{grant:?} {method}: {error}");
                assert_eq!(sent.len(), 1, "{grant:?} {method}");
            }
        }
    }
}

/// Which challenges are responded to, with how many requests to the vendor and for tokens.
#[tokio::test(start_paused = true)]
async fn a_call_responds_to_challenges_of_its_scheme() {
    const CHALLENGE: &str = "Bearer realm=\"https://auth.test/token\", scope=\"s\"";
    /// What is sent, the status, the challenges, and the requests to the vendor and for tokens.
    type Row = (&'static str, u16, &'static [&'static str], (usize, usize));
    let rows: [Row; 10] = [
        ("of the scheme", 401, &[CHALLENGE], (2, 1)),
        (
            "after others in one header",
            401,
            &["Negotiate YII=, Basic realm=\"x\", BEARER scope=\"s\""],
            (2, 1),
        ),
        ("in a header of its own", 401, &["Basic realm=\"x\"", CHALLENGE], (2, 1)),
        ("after what can't be read", 401, &["@, Bearer scope=s"], (2, 1)),
        ("without parameters", 401, &["Bearer"], (2, 1)),
        ("of another scheme", 401, &["Basic realm=\"x\""], (1, 0)),
        ("none", 401, &[], (1, 0)),
        ("with a 403 for the scope", 403, &["Bearer scope=\"s\", error=\"insufficient_scope\""], (2, 1)),
        ("with a 403 for another reason", 403, &["Bearer scope=\"s\", error=\"invalid_token\""], (1, 0)),
        ("with a status that is no refusal", 404, &[CHALLENGE], (1, 0)),
    ];
    for (what, status, headers, expected) in rows {
        let (transport, sent) = recording(move |_, seen| {
            let is_good = !seen.header("authorization").is_empty();
            let response = respond(if is_good { 200 } else { status }, "\"t0ken\"");
            Ok(match seen.url.host_str() {
                Some("auth.test") => respond(200, "\"t0ken\""),
                _ if is_good => response,
                _ => headers
                    .iter()
                    .fold(response, |response, value| response.with_header("www-authenticate", value)),
            })
        });
        let end = built(transport).raw().delete("/x").await;
        assert_eq!(end.is_ok(), expected.1 == 1, "{what}: {end:?}");
        let (bare, with) = calls(&sent);
        assert_eq!((bare + with, token_requests(&sent).len()), expected, "{what}");
    }
    // A server that always wants something else is given up.
    let count = AtomicUsize::new(0);
    let (transport, sent) = recording(move |_, seen| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        Ok(match seen.url.host_str() {
            Some("auth.test") => respond(200, "\"t0ken\""),
            _ => respond(401, "").with_header("www-authenticate", &format!("Bearer scope=\"s{number}\"")),
        })
    });
    built(transport).raw().get("/x").await.unwrap_err();
    let (bare, with) = calls(&sent);
    assert_eq!((bare + with, token_requests(&sent).len()), (4, 3));
}

/// A server gets no response to the challenge of another one, and a call with its own `Authorization` responds to none.
#[tokio::test(start_paused = true)]
async fn a_challenge_is_for_the_origin_of_the_credential_alone() {
    let (transport, sent) = recording(|_, _| {
        Ok(respond(401, "").with_header("www-authenticate", "Bearer realm=\"https://auth.test/token\""))
    });
    let api = built(transport);
    api.raw().elsewhere(Method::GET, "https://other.test/x").await.unwrap_err();
    api.raw().follow("https://auth.test/x").await.unwrap_err();
    api.raw().get("/x").header("authorization", "Basic Og==").await.unwrap_err();
    api.raw().get("/x").without_credential().await.unwrap_err();
    assert_eq!(sent.all().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_stated_scope_takes_values_of_the_path_and_of_the_query() {
    let rows = [
        ("shelf:a:read", Some("shelf:a:read")),
        ("shelf:{name}:{id}", Some("shelf:caf/e:7")),
        ("of:{one} {id}", Some("of:1 7")),
        ("order:{q}", None),
        ("of:{two}", None),
        ("{nobody}", None),
    ];
    #[endpoint(path = "/things")]
    struct Things;
    #[endpoint]
    impl Things {
        #[get("/{id}")]
        fn get(&self, id: u32, #[query] one: u32, #[query] two: &[u32], #[query] q: &str) -> Call<()>;
    }
    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test/v1")]
    struct Shop {
        session: Session,
    }
    #[endpoint]
    impl Shop {
        #[graft("/shops/{name}")]
        fn shop(&self, name: &str) -> Things;
    }
    for (scope, expected) in rows {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
        let tokens = {
            let asked = Arc::clone(&asked);
            Credential::challenged("Bearer", move |_: Session, challenge: Challenge| {
                asked.lock().unwrap().push(challenge.scope().map(|scope| scope.into_owned()));
                async move { Credential::bearer("t") }
            })
        };
        let api = Shop::builder().transport(transport).credential(tokens).build().unwrap();
        let end = api.shop("caf/e").get(7, 1, &[1, 2], "x y").with_scope(scope).await;
        match expected {
            Some(expected) => {
                end.unwrap();
                assert_eq!(*asked.lock().unwrap(), [Some(expected.to_owned())], "{scope}");
            }
            None => {
                let error = end.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
                assert!(error.to_string().contains(scope) && !error.to_string().contains("x y"), "{error}");
                assert!(sent.all().is_empty() && asked.lock().unwrap().is_empty());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_nobody_can_fill_is_an_argument_error() {
    let (api, _, sent) = library();
    let error = api.shelf("a").all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    let message = "`{shelf}` in the scope `shelf:{shelf}:read` is no parameter of the call's path, of a graft on the way, or of the query";
    assert!(error.to_string().contains(message), "{error}");
    for name in ["a:write", "a b", "\u{e9}"] {
        let ShelfError::Other(error) = api.shelf(name).text(1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument, "{name}: {error}");
    }
    assert!(sent.all().is_empty());
    // Without a challenged credential nobody asks for a scope.
    api.shelf("a").all().with_credential(Credential::bearer("1@shelf:a:read").unwrap()).await.unwrap();
    // A scope is checked where it is set.
    let error = api.raw().get("/x").with_scope("shelf:{name").await.unwrap_err();
    assert!(
        error.to_string().contains("the scope `shelf:{name` has a placeholder that is not closed"),
        "{error}"
    );
    assert!(Library::builder().scope(" ").build().err().unwrap().to_string().contains("the scope is empty"));
}

/// `respond` can wait for a 401 that names the realm, which is remembered for the server.
#[tokio::test(start_paused = true)]
async fn a_realm_that_is_not_known_is_learned_from_the_first_401() {
    let vendor = Vendor::default();
    let (transport, sent) = recording(move |_, seen| Ok(vendor.respond(seen)));
    let tokens = Credential::challenged("Bearer", |session: Session, challenge: Challenge| async move {
        match challenge.realm() {
            Some(_) => fetch(session, challenge.clone()).await,
            None => Ok(Credential::none()),
        }
    });
    let api = Library::builder().transport(transport).credential(tokens).build().unwrap();
    let (a, b) = (api.shelf("a"), api.shelf("b"));
    let mut all = JoinSet::new();
    for id in 0..30 {
        all.spawn(a.text(id).send());
    }
    assert!(all.join_all().await.iter().all(|end| end.is_ok()));
    assert_eq!((calls(&sent), token_requests(&sent).len()), ((30, 30), 1));
    a.text(31).await.unwrap();
    b.text(1).await.unwrap();
    assert_eq!(calls(&sent), (30, 32));
    assert_eq!(token_requests(&sent)[1], "service=shelves&scope=shelf%3Ab%3Aread");
}

/// A token expires as any other, and is renewed for its scope alone. `close` passes each to the hook.
#[tokio::test(start_paused = true)]
async fn tokens_of_scopes_expire_and_are_signed_out() {
    #[derive(Clone, APISession)]
    #[session(base_url = "https://api.test/v1", allowed_origins("https://auth.test"), hooks)]
    struct Hooked {
        session: Session,
        ended: Arc<Mutex<Vec<String>>>,
    }
    impl APISession for Hooked {
        async fn authenticate(&self) -> Result<Credential> {
            Ok(Credential::challenged("Bearer", fetch))
        }
        async fn deauthenticate(&self, credential: &Credential) -> Result<()> {
            self.ended.lock().unwrap().push(credential.bearer_token().unwrap().expose().to_owned());
            Ok(())
        }
    }
    let vendor = Vendor::default();
    let (transport, sent) = recording(move |_, seen| Ok(vendor.respond(seen)));
    let api = Hooked::builder(Arc::default()).transport(transport).build().unwrap();
    for name in ["a", "b", "a"] {
        api.raw().get(&format!("/shelves/{name}")).await.unwrap();
    }
    assert_eq!(token_requests(&sent).len(), 2);
    sleep(600 * SECOND).await;
    api.raw().get("/shelves/a").await.unwrap();
    assert_eq!(token_requests(&sent).len(), 3);
    api.close().await.unwrap();
    let mut ended = api.ended.lock().unwrap().clone();
    ended.sort();
    assert_eq!(ended, ["2@shelf:b:read", "3@shelf:a:read"]);
}

#[tokio::test(start_paused = true)]
async fn an_invalidated_credential_is_fetched_again() {
    // Of a provider, and of challenges.
    let (api, vendor, sent) = library();
    let tokens = Credential::challenged("Bearer", fetch);
    let with = |id| api.shelf("a").get(id).with_credential(tokens.clone());
    with(1).await.unwrap();
    vendor.end_tokens();
    tokens.invalidate();
    with(1).await.unwrap();
    assert_eq!((token_requests(&sent).len(), calls(&sent)), (2, (1, 2)));

    let logins = Arc::new(AtomicUsize::new(0));
    let given = Arc::new(Mutex::new(Vec::new()));
    let provided = {
        let (logins, given) = (Arc::clone(&logins), Arc::clone(&given));
        Credential::provided_by(move |_: Session| {
            let (number, given) = (logins.fetch_add(1, Ordering::SeqCst) + 1, Arc::clone(&given));
            async move {
                sleep(SECOND).await;
                let credential = Credential::bearer(format!("{number}"))?;
                given.lock().unwrap().push(credential.clone());
                Ok(credential)
            }
        })
    };
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Library::builder().transport(transport).credential(provided.clone()).build().unwrap();
    api.raw().get("/x").await.unwrap();
    // What the provider returned stands for itself alone: many who notice it at once make one fetch.
    given.lock().unwrap()[0].invalidate();
    at_once((0..30).map(|_| api.raw().get("/x").to_call())).await;
    given.lock().unwrap()[0].invalidate();
    api.raw().get("/x").await.unwrap();
    assert_eq!(logins.load(Ordering::SeqCst), 2);
    provided.invalidate();
    api.raw().get("/x").await.unwrap();
    assert_eq!(logins.load(Ordering::SeqCst), 3);
    assert_eq!(sent.all().last().unwrap().header("authorization"), "Bearer 3");

    // Of OAuth 2, whose clones share it.
    let (transport, sent) =
        recording(|number, _| Ok(respond(200, &format!(r#"{{"access_token":"{number}"}}"#))));
    let tokens = OAuth2::client_credentials("https://auth.test/token", "a", "b");
    let api = Library::builder().transport(transport).credential(tokens.clone()).build().unwrap();
    for _ in 0..2 {
        api.raw().get("/x").await.unwrap();
        tokens.invalidate();
    }
    let lines = sent.lines();
    assert_eq!(lines, ["POST /token", "GET /v1/x", "POST /token", "GET /v1/x"]);
}

/// The life of a token that use extends, in minutes: at which it is used, and how many logins there are then.
#[tokio::test(start_paused = true)]
async fn a_token_whose_life_use_extends_expires_when_it_is_idle() {
    let minutes = |count: u64| Duration::from_secs(60 * count);
    /// The whole lifetime, and the uses.
    type Row = (Option<u64>, &'static [(u64, usize)]);
    let rows: [Row; 3] = [
        (None, &[(0, 1), (19, 1), (38, 1), (57, 1), (76, 1), (96, 2), (97, 2), (117, 3)]),
        (None, &[(0, 1), (20, 2)]),
        // The whole lifetime is limited as well.
        (Some(60), &[(0, 1), (15, 1), (30, 1), (45, 1), (60, 2)]),
    ];
    for (whole, uses) in rows {
        let logins = Arc::new(AtomicUsize::new(0));
        let provided = {
            let logins = Arc::clone(&logins);
            Credential::provided_by(move |_: Session| {
                let number = logins.fetch_add(1, Ordering::SeqCst) + 1;
                async move {
                    let login = Credential::cookie("sid", number.to_string())?.expires_idle(minutes(20));
                    Ok(match whole {
                        Some(whole) => login.expires_in(minutes(whole)),
                        None => login,
                    })
                }
            })
        };
        let (transport, _) = recording(|_, _| Ok(respond(200, "")));
        let api = Library::builder().transport(transport).credential(provided).build().unwrap();
        let start = tokio::time::Instant::now();
        for (minute, expected) in uses {
            tokio::time::sleep_until(start + minutes(*minute)).await;
            api.raw().get("/x").await.unwrap();
            assert_eq!(logins.load(Ordering::SeqCst), *expected, "{whole:?}: minute {minute} of {uses:?}");
        }
    }
}
