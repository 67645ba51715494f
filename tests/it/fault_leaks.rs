//! Sixteen secrets go through every kind of call and failure, and appear in nothing that is shown, and at no other origin.
//!
//! `tests/faults/src/leaks.rs` has the secrets and the search. Here the transport is in memory; `tests/faults/tests/leaks.rs` does
//! the same on sockets.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::IntoFuture;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use apisession::__private::{
    BaseUrl, Below, BodyLink, Branch, Cursor, EventKeys, Fact, Form, HeaderLink, InProgress, LastId,
    LineKeys, ListStyle, Nested, NextRequest, Number, Offset, PageLayout, PageParameter, Paging, PartValue,
    Placed, PollRead, PollResult, PollSource, PollTarget, Polling, Probe, Routes, StateMark, Style,
};
use apisession::http::Method;
use apisession::limiter::Slot;
use apisession::middleware::{Middleware, Next};
use apisession::observe::{
    AttemptEnded, CallEnded, CallStarted, End, ItemReceived, Observer, PageRead, RetryPlanned, TokenFetched,
    TraceHeaders,
};
use apisession::prelude::*;
use apisession::tls::{ClientCertificate, Tls, TlsVersion};
use apisession::transport::{Failure, Memory};
use apisession::{
    AllowedOrigins, Body, BoxFuture, Bytes, DeviceCode, DownloadToken, ETag, ErrorMap, FromResponse, Jwt,
    Next as NextPage, OAuth2, Outcome, PageStyle, PageView, Parts, PathPattern, Place, Proxies, RateLimit,
    RawEvent, Request, Resume, RetryPolicy, Rule, Secret, Settings, SigV4, StoredTokens, TokenFile, Window,
    Xml,
};
use apisession_tests::{Seen, Sent, recording, respond, tokio};
use faults::leaks::{self, Search};
use serde_json::json;
use syn::visit::{self, Visit};

/// Where a search of all parts of a test ends up.
type Shared = Arc<Mutex<Search>>;

fn locked(search: &Shared) -> std::sync::MutexGuard<'_, Search> {
    search.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, serde::Deserialize)]
struct Thing {
    #[expect(dead_code, reason = "it is decoded")]
    id: u32,
}

/// A model whose fields are secrets.
#[derive(serde::Serialize, serde::Deserialize, APIModel)]
#[model(on = Acme, path = "/models/{id}")]
struct Model {
    id: String,
    api_key: String,
}

/// A batch whose items are secrets.
struct Job {
    api: Acme,
    secret: &'static str,
}

static CHUNK: Mutex<String> = Mutex::new(String::new());

impl apisession::BatchJob for Job {
    type Item = &'static str;
    type Output = ();
    type Error = Error;
    const CHUNK: usize = 2;

    fn upload(&self, chunk: apisession::Chunk<'_, &'static str>) -> Call<()> {
        *CHUNK.lock().unwrap() = format!("{chunk:?}");
        self.api.raw().post(self.secret).body("text/plain", chunk.items()[0]).to_call().json_as()
    }
    fn commit(&self) -> Call<()> {
        self.api.raw().post("/commit").to_call().json_as()
    }
    fn abort(&self) -> Call<()> {
        self.api.raw().post("/abort").to_call().json_as()
    }
}

#[derive(Debug, ApiError)]
enum ThingError {
    #[status(404)]
    NotFound(Problem),
    #[status(409)]
    Taken(Problem, Error),
    #[other]
    Other(Error),
}

/// A style that keeps what `Debug` shows of a page.
#[derive(Debug)]
struct Shown;

static SHOWN: Mutex<String> = Mutex::new(String::new());

impl PageStyle for Shown {
    fn next(&self, page: &PageView<'_>) -> Result<NextPage> {
        *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = format!("{page:?}");
        Ok(page.next().map_or_else(NextPage::end, NextPage::value))
    }
}

#[derive(OpenEnum)]
enum State {
    Open,
    Other(String),
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get("/{id}/{key}")]
    fn get(&self, id: u32, key: &Secret, #[query] token: &str) -> Call<Thing>;
    #[get("/{id}")]
    fn find(&self, id: u32, #[query] token: Option<Secret>) -> Call<Option<Thing>>;
    #[post("/{key}", idempotency_key)]
    fn create(&self, key: &Secret, #[query] token: &str, #[json] body: &str) -> Call<Thing>;
    #[post("/{key}")]
    fn typed(&self, key: &Secret, #[json] body: &str) -> Call<Thing, ThingError>;
    #[delete("/{key}")]
    fn delete(&self, key: &Secret) -> Call<()>;
    #[get("/{key}/list", page = style(Shown, items = "/data", next = "/next", param = "token"))]
    fn list(&self, key: &Secret, token: Option<&Secret>) -> Pager<u32>;
    #[post("/{key}/jobs", poll(read = job("/id"), state = "/status", done("DONE")))]
    fn start(&self, key: &Secret, token: Option<&Secret>) -> Poller<u32>;
    #[get("/jobs/{id}")]
    fn job(&self, id: &str) -> Call<()>;
    #[get("/{key}/text")]
    fn text(&self, key: &Secret) -> Call<Text>;
    #[get("/{key}/content")]
    fn content(&self, key: &Secret) -> Call<Download>;
    #[get("/{key}/events", events)]
    fn events(&self, key: &Secret, #[query] token: &str) -> Call<EventStream<Thing>>;
    #[get("/{key}/rows", lines)]
    fn rows(&self, key: &Secret, #[query] token: &str) -> Call<Lines<Thing>>;
    #[post("/{key}/files")]
    fn upload(&self, key: &Secret, #[part] note: &str, #[part] file: Part) -> Call<Thing>;
    #[post("/private/{key}", restricted_paths)]
    fn private(&self, key: &str, #[json] body: &str) -> Call<Thing>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", hooks, redirects = 2, restricted_paths("/login"))]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
    #[session(default)]
    signs_in: bool,
    #[session(default)]
    search: Shared,
}

#[endpoint]
impl Acme {
    #[graft("/bot{token}")]
    fn bot(&self, token: &Secret) -> Things;
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        if !self.signs_in {
            return Ok(Credential::none());
        }
        let basic = Credential::basic("ana", leaks::REPEATED)?;
        let login = self.session.raw().post("/login").with_credential(basic);
        let token: serde_json::Value =
            login.json(&json!({ "password": leaks::REPEATED, "token": leaks::BODY })).json_as().await?;
        Credential::bearer(token["access_token"].as_str().unwrap_or("t0ken"))
    }

    async fn deauthenticate(&self, credential: &Credential) -> Result<()> {
        locked(&self.search).debug("credential", credential);
        let logout = self.session.raw().post("/logout").with_credential(credential.clone());
        logout.await.map(drop)
    }

    async fn retry_request(&self, retry: &mut Retry<'_>) -> Result<()> {
        let mut search = locked(&self.search);
        search.debug("retry", retry);
        search.error("retry", retry.error());
        search.debug("request of a retry", retry.request());
        Ok(())
    }
}

/// Searches what a middleware can show.
struct Looks(Shared);

impl Middleware for Looks {
    fn handle<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        locked(&self.0).debug("request of a middleware", &request);
        locked(&self.0).text("curl", &request.to_curl());
        locked(&self.0).debug("next", &next);
        Box::pin(async move {
            let end = next.run(request).await;
            match &end {
                Ok(response) => locked(&self.0).debug("response of a middleware", response),
                Err(error) => locked(&self.0).text("error of a middleware", &error.report()),
            }
            end
        })
    }
}

/// The ways in which a session proves who it is.
fn credentials() -> Vec<(&'static str, Option<Credential>)> {
    let token = "https://login.test/token";
    let client = || OAuth2::client_credentials(token, "id", leaks::CLIENT_SECRET);
    vec![
        ("bearer", Some(Credential::bearer(leaks::BEARER).unwrap())),
        ("basic", Some(Credential::basic("ana", leaks::BASIC).unwrap())),
        ("a key as the user", Some(Credential::basic(leaks::BASIC, "").unwrap())),
        ("header", Some(Credential::header("x-apikeys", leaks::API_KEY).unwrap())),
        ("query", Some(Credential::query("key", leaks::QUERY))),
        ("cookie", Some(Credential::cookie("sid", leaks::COOKIE).unwrap())),
        ("digest", Some(Credential::digest("ana", leaks::REPEATED))),
        ("sigv4", Some(sigv4().into())),
        ("client", Some(client().into())),
        ("client in the body", Some(client().secret_in_body().into())),
        (
            "refresh token",
            Some(OAuth2::refresh_token(token, leaks::REFRESH).client("id", leaks::CLIENT_SECRET).into()),
        ),
        ("assertion", Some(OAuth2::jwt_bearer(token, Secret::new(leaks::REFRESH)).into())),
        (
            "provider",
            Some(Credential::provided_by(|session: Session| async move {
                let basic = Credential::basic("ana", leaks::REPEATED)?;
                let call =
                    session.raw().elsewhere(Method::POST, "https://login.test/login").with_credential(basic);
                let token: serde_json::Value =
                    call.json(&json!({ "password": leaks::REPEATED })).json_as().await?;
                Credential::bearer(token["access_token"].as_str().unwrap_or("t0ken"))
            })),
        ),
        ("hook", None),
    ]
}

fn sigv4() -> SigV4 {
    SigV4::new("id", leaks::CLIENT_SECRET).session_token(leaks::BEARER).region("r").service("s")
}

fn is_sign_in(seen: &Seen) -> bool {
    seen.url.host_str() == Some("login.test") || seen.url.path() == "/v1/login"
}

/// The secrets of a request that its server can repeat: all but its body, of which a message of the server may tell.
fn repeated(seen: &Seen) -> String {
    let mut carried = Search::default();
    let body = if is_sign_in(seen) { seen.body.clone() } else { String::new() };
    carried.text("", &wire(&Seen { body, ..seen.clone() }));
    let texts = carried.secrets().into_iter().filter(|secret| *secret != leaks::BODY);
    let mut texts: Vec<_> = texts.map(str::to_owned).collect();
    texts.extend(seen.header("authorization").split_once(' ').map(|(_, value)| value.to_owned()));
    format!("<{}>", texts.join(" "))
}

/// What a server does: a name, and its response to a request of this number.
type Behavior = (&'static str, fn(usize, &Seen) -> Result<Response, Failure>);

/// A response with every header that this crate reads, each with a secret.
fn decorated(seen: &Seen, response: Response) -> Response {
    let link = format!(
        "<https://ana:{}@api.test/v1/next/{}?t={}>; rel=next",
        leaks::USER_INFO,
        leaks::PATH,
        leaks::QUERY
    );
    let response = response.with_header("set-cookie", &format!("sid={}; Secure", leaks::SET_COOKIE));
    response
        .with_header("link", &link)
        .with_header("x-token", leaks::RESPONSE)
        .with_header("x-request-id", &repeated(seen))
}

fn responding(seen: &Seen, status: u16, body: &str) -> Result<Response, Failure> {
    Ok(decorated(seen, respond(status, body)))
}

fn moved(seen: &Seen, status: u16, location: &str) -> Result<Response, Failure> {
    Ok(decorated(seen, respond(status, &repeated(seen))).with_header("location", location))
}

const OWN: &str = "https://api.test/v1/moved/";

fn behaviors() -> Vec<Behavior> {
    vec![
        ("success", |_, seen| {
            responding(seen, 200, &json!({ "id": 7, "token": leaks::RESPONSE }).to_string())
        }),
        ("text", |_, seen| responding(seen, 200, &repeated(seen))),
        ("null", |_, seen| responding(seen, 200, "null")),
        ("empty", |_, seen| responding(seen, 200, "")),
        ("half", |_, seen| responding(seen, 200, &format!(r#"{{"id":"{}"#, leaks::RESPONSE))),
        ("another type", |_, seen| responding(seen, 200, &json!({ "id": leaks::RESPONSE }).to_string())),
        ("a list", |_, seen| responding(seen, 200, &json!([leaks::RESPONSE, repeated(seen)]).to_string())),
        ("another field", |_, seen| {
            responding(seen, 200, &json!({ (leaks::PATH): leaks::RESPONSE }).to_string())
        }),
        ("html", |_, seen| {
            Ok(decorated(seen, Response::new(apisession::http::StatusCode::OK))
                .with_header("content-type", &format!("text/{}", leaks::RESPONSE))
                .with_body(format!("<title>{}</title>", repeated(seen))))
        }),
        (
            "coding",
            |_, seen| Ok(responding(seen, 200, "7")?.with_header("content-encoding", leaks::RESPONSE)),
        ),
        ("not gzip", |_, seen| {
            Ok(responding(seen, 200, leaks::RESPONSE)?.with_header("content-encoding", "gzip"))
        }),
        ("400", |_, seen| {
            responding(seen, 400, &json!({ "message": repeated(seen), "token": leaks::RESPONSE }).to_string())
        }),
        ("401", |_, seen| {
            Ok(responding(seen, 401, &json!({ "error": { "message": repeated(seen) } }).to_string())?
                .with_header(
                    "www-authenticate",
                    &format!("Bearer realm=\"{}\", error=\"{}\"", leaks::RESPONSE, leaks::BEARER),
                ))
        }),
        ("401 digest", |_, seen| {
            Ok(responding(seen, 401, "")?.with_header(
                "www-authenticate",
                &format!(
                    "Digest realm=\"{}\", nonce=\"{}\", algorithm=NONE",
                    leaks::RESPONSE,
                    leaks::RESPONSE
                ),
            ))
        }),
        ("403", |_, seen| {
            responding(
                seen,
                403,
                &json!({ "detail": [{ "loc": ["query", "token"], "msg": repeated(seen) }] }).to_string(),
            )
        }),
        ("404", |_, seen| {
            let problem = json!({
                "type": format!("https://api.test/{}", leaks::PATH),
                "title": repeated(seen),
                "detail": repeated(seen),
                "instance": format!("/x?token={}", leaks::QUERY),
                "token": leaks::RESPONSE,
            });
            responding(seen, 404, &problem.to_string())
        }),
        ("409", |_, seen| {
            responding(seen, 409, &json!({ "title": "Taken", "detail": repeated(seen) }).to_string())
        }),
        ("422", |_, seen| responding(seen, 422, &format!("<html>{}</html>", repeated(seen)))),
        ("429", |_, seen| {
            Ok(responding(seen, 429, &json!({ "error": repeated(seen) }).to_string())?
                .with_header("retry-after", leaks::RESPONSE)
                .with_header("ratelimit", leaks::RESPONSE))
        }),
        ("500", |_, seen| responding(seen, 500, &json!(repeated(seen)).to_string())),
        ("503, then success", |number, seen| {
            if number % 2 == 1 {
                responding(seen, 503, &repeated(seen))
            } else {
                responding(seen, 200, r#"{"id":7}"#)
            }
        }),
        ("not sent", |_, _| Err(Failure::not_sent("the port is closed"))),
        ("rejected", |_, _| Err(Failure::rejected("the stream is refused"))),
        ("lost", |_, _| Err(Failure::unknown("the connection is lost"))),
        ("breaks off", |_, seen| {
            Ok(decorated(seen, respond(200, "").with_body(Body::stream(Breaks(false)))))
        }),
        ("stalls", |_, seen| Ok(decorated(seen, respond(200, "").with_body(Body::stream(Stalls))))),
        ("too large", |_, seen| responding(seen, 200, &leaks::RESPONSE.repeat(100))),
        ("no location", |_, seen| responding(seen, 302, &repeated(seen))),
        ("301", |_, seen| moved(seen, 301, &format!("{OWN}{}?token={}", leaks::PATH, leaks::QUERY))),
        ("302 with user info", |_, seen| {
            moved(seen, 302, &format!("https://ana:{}@api.test/v1/moved/x", leaks::USER_INFO))
        }),
        ("303", |_, seen| moved(seen, 303, &format!("{OWN}x?access_token={}", leaks::QUERY))),
        ("307", |number, seen| {
            moved(seen, 307, &format!("{OWN}{number}/{}#{}", leaks::PATH, leaks::RESPONSE))
        }),
        ("308, then 500", |number, seen| {
            if number % 2 == 1 {
                moved(seen, 308, &format!("{OWN}{}", leaks::PATH))
            } else {
                responding(seen, 500, &repeated(seen))
            }
        }),
        ("302 elsewhere", |_, seen| {
            moved(seen, 302, &format!("https://evil.test/{}?t={}", leaks::PATH, leaks::QUERY))
        }),
        ("307 elsewhere", |_, seen| moved(seen, 307, &format!("https://{}.evil.test/", leaks::PATH))),
        ("308 elsewhere with user info", |_, seen| {
            moved(seen, 308, &format!("//ana:{}@evil.test/", leaks::USER_INFO))
        }),
        ("307 to an allowed origin", |_, seen| to_allowed(seen, 307, "https://reads.test/x")),
        ("303 to an allowed origin", |_, seen| to_allowed(seen, 303, "https://reads.test/x")),
        ("308 with bodies", |_, seen| to_allowed(seen, 308, "https://bodies.test/x")),
        ("302 and back", |_, seen| match seen.url.host_str() {
            Some("reads.test") => moved(seen, 302, "https://api.test/v1/back"),
            Some(_) if seen.url.path() == "/v1/back" => responding(seen, 500, &repeated(seen)),
            _ => moved(seen, 302, "https://reads.test/x"),
        }),
        ("302 to plain http", |_, seen| {
            moved(seen, 302, &format!("http://api.test/{}?{}", leaks::PATH, leaks::QUERY))
        }),
        ("302 to no URL", |_, seen| moved(seen, 302, &format!("https://[{}", leaks::PATH))),
        ("302 to another scheme", |_, seen| {
            moved(seen, 302, &format!("{}:{}", leaks::RESPONSE, leaks::PATH))
        }),
        ("302 to a long URL", |_, seen| moved(seen, 302, &format!("/{}", leaks::RESPONSE.repeat(1000)))),
    ]
}

fn to_allowed(seen: &Seen, status: u16, target: &str) -> Result<Response, Failure> {
    if seen.url.host_str() == Some("api.test") {
        moved(seen, status, target)
    } else {
        responding(seen, 500, &repeated(seen))
    }
}

/// A body that breaks off after its first piece, or whether it has.
struct Breaks(bool);

impl futures_core::Stream for Breaks {
    type Item = Result<Bytes, apisession::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let is_broken = std::mem::replace(&mut self.0, true);
        let piece =
            if is_broken { Err("the connection was reset".into()) } else { Ok(leaks::RESPONSE.into()) };
        Poll::Ready(Some(piece))
    }
}

/// A body of which nothing arrives.
struct Stalls;

impl futures_core::Stream for Stalls {
    type Item = Result<Bytes, apisession::BoxError>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

/// What the sign-in servers do: the token endpoint, and that of the login.
fn sign_ins() -> Vec<Behavior> {
    vec![
        ("success", |_, seen| {
            responding(seen, 200, &json!({
            "access_token": leaks::BEARER, "token_type": "Bearer", "expires_in": 600, "refresh_token": leaks::REFRESH,
        }).to_string())
        }),
        ("400", |_, seen| {
            responding(
                seen,
                400,
                &json!({ "error": "invalid_client", "error_description": repeated(seen) }).to_string(),
            )
        }),
        ("400 in error", |_, seen| {
            responding(
                seen,
                400,
                &json!({ "error": repeated(seen), "error_uri": leaks::RESPONSE }).to_string(),
            )
        }),
        ("401", |_, seen| responding(seen, 401, &json!({ "message": repeated(seen) }).to_string())),
        ("error in 200", |_, seen| {
            responding(
                seen,
                200,
                &json!({ "error": "invalid_grant", "error_description": repeated(seen) }).to_string(),
            )
        }),
        ("no token in 200", |_, seen| {
            responding(
                seen,
                200,
                &json!({ "token_type": leaks::RESPONSE, "refresh_token": leaks::REFRESH }).to_string(),
            )
        }),
        ("another type in 200", |_, seen| {
            responding(
                seen,
                200,
                &json!({ "access_token": { "x": leaks::BEARER }, "token_type": "Bearer" }).to_string(),
            )
        }),
        ("another kind of token", |_, seen| {
            responding(
                seen,
                200,
                &json!({ "access_token": leaks::BEARER, "token_type": format!("{} mac", leaks::BEARER) })
                    .to_string(),
            )
        }),
        ("a token with a line break", |_, seen| {
            responding(
                seen,
                200,
                &json!({ "access_token": format!("{}\n", leaks::BEARER), "token_type": "Bearer" })
                    .to_string(),
            )
        }),
        ("half", |_, seen| responding(seen, 200, &format!("{{\"access_token\":\"{}", leaks::BEARER))),
        ("html", |_, seen| responding(seen, 200, &repeated(seen))),
        ("500", |_, seen| responding(seen, 500, &repeated(seen))),
        ("429", |_, seen| {
            Ok(responding(seen, 429, &json!({ "message": repeated(seen) }).to_string())?
                .with_header("retry-after", "7"))
        }),
        ("redirect", |_, seen| moved(seen, 307, &format!("https://evil.test/{}", leaks::REFRESH))),
        ("own redirect", |_, seen| moved(seen, 302, &format!("/moved?token={}", leaks::REFRESH))),
        ("not sent", |_, _| Err(Failure::not_sent("the port is closed"))),
        ("lost", |_, _| Err(Failure::unknown("the connection is lost"))),
        ("breaks off", |_, seen| {
            Ok(decorated(seen, respond(200, "").with_body(Body::stream(Breaks(false)))))
        }),
    ]
}

/// A request as it is on the wire, without hiding anything.
fn wire(seen: &Seen) -> String {
    let headers: Vec<_> = seen
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    format!("{} {}\n{}\n\n{}", seen.method, seen.url, headers.join("\n"), seen.body)
}

/// Searches the requests to origins that are not the session's.
fn search_other_origins(search: &mut Search, place: &str, sent: &Sent) {
    for seen in sent.all() {
        let allowed: &[&str] = match seen.url.host_str().unwrap_or_default() {
            "api.test" => continue,
            // What the sign-in is for.
            "login.test" => &["client secret", "refresh token", "repeated password", "bearer token"],
            "bodies.test" => &["request body", "file name"],
            _ => &[],
        };
        search.text_but(
            allowed,
            &format!("{place}: {}", seen.url.origin().ascii_serialization()),
            &wire(&seen),
        );
    }
}

/// A session with everything secret, whose servers do these things.
fn acme(credential: Option<Credential>, api: Behavior, login: Behavior, search: &Shared) -> (Acme, Sent) {
    let counts = Mutex::new((0, 0));
    let (transport, sent) = recording(move |_, seen| {
        let is_login = is_sign_in(seen);
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let (behavior, count) = if is_login { (login.1, &mut counts.1) } else { (api.1, &mut counts.0) };
        *count += 1;
        behavior(*count, seen)
    });
    let mut builder = Acme::builder()
        .transport(transport)
        .search(Arc::clone(search))
        .header("x-api-key", leaks::API_KEY)
        .header("cookie", &format!("sid={}", leaks::COOKIE))
        .query("api_key", leaks::QUERY)
        .per_call(Looks(Arc::clone(search)))
        .per_attempt(Looks(Arc::clone(search)))
        .allowed_origins(
            AllowedOrigins::new().allow("https://reads.test").allow_bodies("https://bodies.test"),
        )
        .max_body(1_000)
        .timeout(Duration::from_secs(20))
        .idle_timeout(Duration::from_secs(2))
        .attempt_timeout(Duration::from_secs(5))
        .max_attempts(2)
        .signs_in(credential.is_none());
    if let Some(credential) = credential {
        builder = builder.credential(credential);
    }
    locked(search).debug("builder", &builder);
    (builder.build().unwrap(), sent)
}

/// Searches a call, what becomes of it, and its future.
async fn search_call<T: Debug + Send + 'static>(search: &Shared, place: &str, call: Call<T>) {
    locked(search).debug(&format!("{place}: call"), &call);
    let future = call.response();
    locked(search).debug(&format!("{place}: future"), &future);
    let end = future.await;
    let mut search = locked(search);
    match end {
        Ok(response) => {
            search.debug(&format!("{place}: response"), &response);
            search.debug(&format!("{place}: links"), &response.links());
            search.debug(&format!("{place}: quota"), &response.quota());
        }
        Err(error) => search.error(&format!("{place}: error"), &error),
    }
}

/// Makes calls that read and write, and signs out.
async fn search_calls(search: &Shared, place: &str, api: &Acme) {
    let key = Secret::new(leaks::PATH);
    search_call(search, &format!("{place}: get"), api.bot(&key).get(7, &key, leaks::QUERY)).await;
    search_call(search, &format!("{place}: create"), api.things().create(&key, leaks::QUERY, leaks::BODY))
        .await;
    if let Err(error) = api.session.close().await {
        locked(search).error(&format!("{place}: close"), &error);
    }
}

/// Makes every other kind of call.
async fn search_all_calls(search: &Shared, place: &str, api: &Acme) {
    let (key, token) = (Secret::new(leaks::PATH), leaks::QUERY);
    locked(search).debug("session", &api.session);
    locked(search).debug("endpoint", &api.bot(&key));
    locked(search).debug("raw", &api.bot(&key).raw());
    search_call(search, &format!("{place}: get"), api.things().get(7, &key, token)).await;
    let setters = api.things().find(7).token(key.clone());
    locked(search).debug("setters", &setters);
    search_call(search, &format!("{place}: find"), setters.to_call()).await;
    search_call(search, &format!("{place}: delete"), api.things().delete(&key)).await;
    search_call(search, &format!("{place}: text"), api.things().text(&key)).await;
    search_call(search, &format!("{place}: private"), api.things().private(leaks::PATH, leaks::BODY)).await;
    match api.things().typed(&key, leaks::BODY).await {
        Ok(_) => {}
        Err(error) => {
            locked(search).debug(&format!("{place}: typed"), &error);
            locked(search).error_texts(&format!("{place}: typed"), &error);
            locked(search).error(&format!("{place}: typed"), &Error::from(error));
        }
    }
    let form = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\r\n{}\r\n--b--\r\n",
        leaks::FILE_NAME,
        leaks::BODY
    );
    let raw = api.raw().put("/files").body("multipart/form-data; boundary=b", form).query("token", token);
    match raw.to_call().build() {
        Ok(request) => {
            locked(search).debug("built", &request);
            locked(search).text("curl", &request.to_curl());
        }
        Err(error) => locked(search).error("built", &error),
    }
    search_call(search, &format!("{place}: raw"), raw.with_redirects(2).to_call()).await;
    let link = format!("https://ana:{}@api.test/v1/next?token={token}", leaks::USER_INFO);
    search_call(search, &format!("{place}: link"), api.raw().follow(&link).to_call()).await;
    let link = format!("https://ana:{}@reads.test/next", leaks::USER_INFO);
    search_call(search, &format!("{place}: link away"), api.raw().follow(&link).to_call()).await;
}

/// Runs `run` with a subscriber of all levels, and searches its lines.
async fn traced<T>(search: &Shared, run: impl Future<Output = T>) -> T {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let kept = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || kept.clone())
        .with_ansi(false)
        .finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    let end = run.await;
    drop(guard);
    let text = String::from_utf8_lossy(&lines.0.lock().unwrap()).into_owned();
    text.lines().for_each(|line| locked(search).text("log", line));
    end
}

/// Prints the number of places, and fails if there is a secret in one.
fn conclude(name: &str, search: &Shared) {
    let search = std::mem::take(&mut *locked(search));
    println!("{name}: {} secrets in {} places", leaks::CANARIES.len(), search.places);
    assert!(search.found.is_empty(), "{search}");
}

#[tokio::test(start_paused = true)]
async fn l1_no_call_shows_a_secret_or_sends_it_to_another_origin_whatever_the_server_does() {
    let search = Shared::default();
    let good = sign_ins()[0];
    traced(&search, async {
        for behavior in behaviors() {
            let (kind, credential) = credentials().remove(0);
            let place = format!("{kind}, {}", behavior.0);
            let (api, sent) = acme(credential, behavior, good, &search);
            search_all_calls(&search, &place, &api).await;
            assert!(!sent.all().is_empty(), "{place}");
            search_other_origins(&mut locked(&search), &place, &sent);
        }
    })
    .await;
    conclude("calls", &search);
}

/// Reads lists, streams and downloads to their end, and uploads.
async fn search_streams(search: &Shared, place: &str, api: &Acme) {
    let (key, token) = (Secret::new(leaks::PATH), leaks::QUERY);
    let part =
        || Part::bytes(leaks::BODY).with_file_name(leaks::FILE_NAME).with_header("x-api-key", leaks::API_KEY);
    match api.things().upload(&key, leaks::BODY, part()).build() {
        Ok(request) => locked(search).text("curl", &request.to_curl()),
        Err(error) => locked(search).error("built", &error),
    }
    search_call(search, &format!("{place}: upload"), api.things().upload(&key, leaks::BODY, part())).await;
    let stream = Body::stream(Breaks(false));
    let raw = api.raw().post("/files").body("text/plain", stream).query("token", token);
    search_call(search, &format!("{place}: streamed upload"), raw.to_call()).await;
    let mut items = api.things().list(&key).token(&key).items();
    for _ in 0..5 {
        match items.next().await {
            Some(Ok(_)) => locked(search).debug(&format!("{place}: items"), &items),
            Some(Err(error)) => {
                locked(search).error(&format!("{place}: items"), &error);
                break;
            }
            None => break,
        }
    }
    match api.things().events(&key, token).await {
        Ok(mut events) => {
            if let Some(Err(error)) = events.next().await {
                locked(search).error(&format!("{place}: event"), &error);
            }
            locked(search).debug(&format!("{place}: events"), &events);
        }
        Err(error) => locked(search).error(&format!("{place}: events"), &error),
    }
    match api.things().rows(&key, token).await {
        Ok(mut rows) => {
            if let Some(Err(error)) = rows.next().await {
                locked(search).error(&format!("{place}: row"), &error);
            }
            locked(search).debug(&format!("{place}: rows"), &rows);
        }
        Err(error) => locked(search).error(&format!("{place}: rows"), &error),
    }
    match api.things().content(&key).await {
        Ok(download) => {
            if let Err(error) = download.bytes(1_000).await {
                locked(search).error(&format!("{place}: download"), &error);
            }
        }
        Err(error) => locked(search).error(&format!("{place}: download"), &error),
    }
}

#[tokio::test(start_paused = true)]
async fn l1_no_list_stream_or_upload_shows_a_secret_whatever_the_server_does() {
    let search = Shared::default();
    let good = sign_ins()[0];
    traced(&search, async {
        let of_streams: [Behavior; 3] = [
            ("a page", |_, seen| {
                responding(seen, 200, &json!({ "data": [1, "x"], "next": leaks::RESPONSE }).to_string())
            }),
            ("events", |_, seen| {
                let events = format!("id: {}\ndata: {{\"id\":\"{}\"}}\n\n", leaks::RESPONSE, repeated(seen));
                Ok(responding(seen, 200, &events)?.with_header("content-type", "text/event-stream"))
            }),
            ("rows", |_, seen| {
                responding(seen, 200, &format!("{{\"id\":7}}\n{}\n", json!({ "id": repeated(seen) })))
            }),
        ];
        for behavior in behaviors().into_iter().chain(of_streams) {
            let place = format!("streams, {}", behavior.0);
            let (api, sent) = acme(credentials().remove(0).1, behavior, good, &search);
            search_streams(&search, &place, &api).await;
            assert!(!sent.all().is_empty(), "{place}");
            search_other_origins(&mut locked(&search), &place, &sent);
        }
    })
    .await;
    conclude("streams", &search);
}

/// Searches calls with these credentials, by their index.
async fn search_credentials(name: &str, are_searched: impl Fn(usize) -> bool) {
    let search = Shared::default();
    let good = sign_ins()[0];
    traced(&search, async {
        for (number, behavior) in behaviors().into_iter().enumerate() {
            for (index, (kind, credential)) in credentials().into_iter().enumerate() {
                // Each credential meets a third of the behaviors, and each behavior a third of the credentials.
                if number % 3 != index % 3 || !are_searched(index) {
                    continue;
                }
                let place = format!("{kind}, {}", behavior.0);
                let (api, sent) = acme(credential, behavior, good, &search);
                search_calls(&search, &place, &api).await;
                assert!(!sent.all().is_empty(), "{place}");
                search_other_origins(&mut locked(&search), &place, &sent);
            }
        }
    })
    .await;
    conclude(name, &search);
}

/// How many credentials are not fetched.
const FIXED: usize = 8;

#[tokio::test(start_paused = true)]
async fn l1_no_credential_is_shown_or_gets_to_another_origin_whatever_the_server_does() {
    search_credentials("credentials", |index| index < FIXED).await;
}

#[tokio::test(start_paused = true)]
async fn l1_no_fetched_credential_is_shown_or_gets_to_another_origin_whatever_the_server_does() {
    search_credentials("fetched credentials", |index| index >= FIXED).await;
}

#[tokio::test(start_paused = true)]
async fn l1_no_secret_of_a_sign_in_is_shown() {
    let search = Shared::default();
    let behaviors = behaviors();
    traced(&search, async {
        for login in sign_ins() {
            for behavior in behaviors.iter().filter(|behavior| ["another type", "401"].contains(&behavior.0))
            {
                // A sign-in is a call: those of the last credentials.
                for (kind, credential) in credentials().into_iter().skip(FIXED) {
                    let place = format!("{kind}, sign-in {}, {}", login.0, behavior.0);
                    let (api, sent) = acme(credential, *behavior, login, &search);
                    let key = Secret::new(leaks::PATH);
                    let call = || api.things().get(7, &key, leaks::QUERY);
                    search_call(&search, &place, call()).await;
                    // Two calls share a failure.
                    let (one, two) = tokio::join!(call(), call());
                    for end in [one, two] {
                        match end {
                            Ok(thing) => locked(&search).debug(&place, &thing),
                            Err(error) => locked(&search).error(&place, &error),
                        }
                    }
                    if let Err(error) = api.session.close().await {
                        locked(&search).error(&place, &error);
                    }
                    search_other_origins(&mut locked(&search), &place, &sent);
                }
            }
        }
    })
    .await;
    conclude("sign-ins", &search);
}

/// What an error shows of a response that repeats a text in its message, its id, and the host of a redirect.
async fn shown(text: &str, call: impl Fn(&Acme) -> Call<Thing>) -> String {
    let mut shown = String::new();
    for status in [400, 302] {
        let text = text.to_owned();
        let (transport, _) = recording(move |_, _| {
            let response = respond(status, &json!({ "message": text }).to_string());
            let response = response.with_header("location", &format!("https://{text}.evil.test/"));
            Ok(response.with_header("x-request-id", &text))
        });
        let api = Acme::builder().transport(transport).max_attempts(1).build().unwrap();
        let error = call(&api).await.unwrap_err();
        shown.push_str(&format!("{error:#} {error:?} {} ", error.report()));
    }
    shown
}

#[tokio::test]
async fn fault_leaks_what_a_request_has_is_masked_by_the_name_of_its_place() {
    const TEXT: &str = "S3cret-Te-xt";
    // The name of a header and of a parameter, and whether a secret stands there.
    let rows = [
        ("x-api-key", true),
        ("X-ApiKeys", true),
        ("private-token", true),
        ("x-auth-token", true),
        ("access_token", true),
        ("client_secret", true),
        ("sid", true),
        ("version", false),
        ("x-impersonate", false),
        ("keyword", false),
        ("idempotency-key", false),
    ];
    for (name, is_secret) in rows {
        let by_header = shown(TEXT, |api| api.raw().post("/x").header(name, TEXT).json_as()).await;
        let by_query = shown(TEXT, |api| api.raw().post("/x").query(name, TEXT).json_as()).await;
        let by_setting = shown(TEXT, |api| {
            let settings = |settings: Settings| settings.header(name, TEXT).query(name, TEXT);
            api.with(settings).raw().post("/x").json_as()
        });
        for shown in [by_header, by_query, by_setting.await] {
            assert_eq!(shown.contains("400 Bad Request: [redacted]"), is_secret, "{name}: {shown}");
            assert_eq!(shown.to_lowercase().contains(&TEXT.to_lowercase()), !is_secret, "{name}: {shown}");
        }
    }
    let key = Secret::new(TEXT);
    type Make<'a> = &'a dyn Fn(&Acme) -> Call<Thing>;
    let rows: [(&str, Make<'_>); 3] = [
        ("a secret in the path", &|api| api.bot(&key).raw().post("/x").json_as()),
        ("the value of a restricted path", &|api| api.things().private(TEXT, "x")),
        ("the query of a restricted path", &|api| api.raw().post("/login").query("q", TEXT).json_as()),
    ];
    for (name, call) in rows {
        let shown = shown(TEXT, call).await.to_lowercase();
        assert!(!shown.contains(&TEXT.to_lowercase()) && shown.contains("[redacted]"), "{name}: {shown}");
    }
}

/// Public types that only a call makes. The tests above search them, except for the numbers of `Progress`.
const OF_CALLS: [&str; 3] = ["Next", "Progress", "Retry"];

/// The names of the public types, and what `Debug` shows of values with secrets.
async fn public_types(search: &mut Search) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::from(OF_CALLS);
    let mut row = |name: &'static str, value: &dyn Debug| {
        names.insert(name);
        search.debug(name, value);
    };
    let (key, secret) = (Secret::new(leaks::PATH), || Secret::new(leaks::CLIENT_SECRET));
    let token_url = format!("https://ana:{}@login.test/token?token={}", leaks::USER_INFO, leaks::QUERY);
    let (transport, _) =
        recording(|number, seen| responding(seen, if number == 1 { 200 } else { 404 }, &repeated(seen)));
    let settings = || {
        let settings = Settings::new().header("x-api-key", leaks::API_KEY).query("token", leaks::QUERY);
        let settings = settings.header("authorization", &format!("Bearer {}", leaks::BEARER));
        let settings = settings.add_user_agent(&format!("plugin/{}", leaks::API_KEY));
        settings.credential(Credential::basic("ana", leaks::BASIC).unwrap())
    };
    let built = Acme::builder().transport(transport).header("x-api-key", leaks::API_KEY).max_attempts(1);
    row("generated: builder", &built);
    row("SessionBuilder", &*built);
    let api = built.build().unwrap().with(|_| settings());
    row("generated: endpoint", &api.bot(&key));
    row("generated: setters", &api.things().find(7).token(key.clone()));
    row("Session", &api.session);
    row("Settings", &settings());
    row(
        "Options",
        &apisession::Options::new().header("x-api-key", leaks::API_KEY).query("token", leaks::QUERY),
    );
    row("Handle", &api.bot(&key).handle());
    row("Branch", &Branch::new(&api, "/bot{token}").path(&key));
    row("Raw", &api.bot(&key).raw());
    let body = || api.raw().post("/files").query("token", leaks::QUERY).body("text/plain", leaks::BODY);
    row("RawCall", &body());
    row("OpenCall", &*body());
    row("Call", &body().to_call());
    row("Sending", &body().to_call().send());
    row("Responding", &body().to_call().response());
    row("Request", &body().to_call().build().unwrap());
    let response = api.bot(&key).raw().get("/x").query("token", leaks::QUERY).await.unwrap();
    row("Response", &response);
    row("Link", &response.links());
    let place = Response::new(response.status())
        .with_header("location", &format!("https://api.test/?t={}", leaks::QUERY));
    row("Location", &place.location().unwrap());
    let asking = Response::new(response.status())
        .with_header("www-authenticate", &format!("Bearer realm=\"https://a.test/?t={}\"", leaks::QUERY));
    row("Challenge", &asking.challenges());
    row("Asks", &Probe::<Location>::ASKS);
    row("Reads", &ByteStream::READS);
    let graphql = format!(
        r#"{{"data":{{"a":"{0}"}},"errors":[{{"message":"{0}","path":["{0}"],"type":"{0}","locations":[{{"line":1,"column":2}}],"extensions":{{"code":"{0}"}}}}]}}"#,
        leaks::RESPONSE
    );
    let errors: apisession::GraphQlErrors = serde_json::from_str(&graphql).unwrap();
    row("GraphQlErrors", &errors);
    row("GraphQlError", &errors.errors[0]);
    row("GraphQlLocation", &errors.errors[0].locations[0]);
    let graphql = Response::new(response.status()).with_body(graphql);
    row("GraphQl", &apisession::GraphQl::<serde_json::Value>::from_response(graphql).unwrap());
    row("GraphQlDocument", &apisession::GraphQlDocument::new("{ a }", None, &[], true));
    let model = || Model { id: leaks::PATH.to_owned(), api_key: leaks::API_KEY.to_owned() };
    let job = || Job { api: api.clone(), secret: leaks::API_KEY };
    row("Batch", &apisession::Batch::new(job()));
    apisession::Batch::new(job())
        .run(async |batch| {
            batch.add(leaks::BODY).await?;
            row("BatchItems", batch);
            Ok(())
        })
        .await
        .unwrap_err();
    row("Chunk", &CHUNK.lock().unwrap());
    row("Cached", &apisession::Cached::<&str>::new(Duration::from_secs(1)));
    row("ModelCall", &model().save(&api));
    row("Replacement", &apisession::__private::Replacement(Some(leaks::API_KEY)));
    row("ModelSending", &model().save(&api).into_future());
    row("ModelResponding", &model().save(&api).response());
    let streamed = Response::new(response.status()).with_header("x-secret", leaks::RESPONSE);
    row("ByteStream", &ByteStream::from_response(streamed.with_body(leaks::BODY)).unwrap());
    let download = || {
        let file = Response::new(response.status()).with_header("etag", &format!("\"{}\"", leaks::RESPONSE));
        let name = format!("attachment; filename={}", leaks::RESPONSE);
        let file = file.with_header("content-disposition", &name);
        Download::from_response(file.with_body(leaks::BODY)).unwrap()
    };
    row("Download", &download());
    row("ToWriter", &download().to_writer(Vec::new()));
    let folder = tempfile::tempdir().unwrap();
    row("ToFile", &download().to_folder(folder.path()));
    row("Saved", &download().to_folder(folder.path()).await.unwrap());
    let shown = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&shown);
    let reporting = download().to_file(folder.path().join("a"));
    reporting
        .with_progress(move |progress| seen.lock().unwrap().push(format!("{progress:?}")))
        .await
        .unwrap();
    row("DownloadProgress", &shown.lock().unwrap());
    let token: DownloadToken = "1.5.9.ZSJ2MSI".parse().unwrap();
    row("DownloadToken", &token);
    row("Resuming", &api.bot(&key).content(&key).resume(&token));
    let events = |body: &str| {
        let response = Response::new(response.status()).with_header("content-type", "text/event-stream");
        EventStream::<RawEvent>::from_response(response.with_body(body.to_owned())).unwrap()
    };
    let mut stream = events(&format!("id: {}\ndata: {}\n\n", leaks::RESPONSE, leaks::BODY));
    row("RawEvent", &stream.next().await.unwrap().unwrap());
    row("EventStream", &stream);
    let lines = Response::new(response.status()).with_header("x-secret", leaks::RESPONSE);
    row("Lines", &Lines::<String>::from_response(lines.with_body(leaks::BODY)).unwrap());
    row("EventKeys", &EventKeys::NONE.done(&["[DONE]"]));
    row("LineKeys", &LineKeys::NONE.each("/row"));
    row("Form", &Form::Array("/rows"));
    row("Resume", &Resume::new().query("since", leaks::RESPONSE).header("x-secret", leaks::RESPONSE));
    lists(&mut row, &key).await;
    jobs(&mut row, &key).await;
    observed(&mut row, &key).await;
    row("Error", &api.raw().get("/x").query("token", leaks::QUERY).await.unwrap_err());
    let tag: ETag = format!("\"{}\"", leaks::RESPONSE).parse().unwrap();
    row("ETag", &tag);
    let conditional = body().if_none_match(&tag);
    row("Checking", &conditional.send());
    row("Conditional", &conditional);
    row("Body", &Body::from(leaks::BODY));
    row("Body", &Body::stream(Breaks(false)));
    row(
        "Part",
        &Part::text(leaks::BODY).with_file_name(leaks::PATH).with_header("x-api-key", leaks::API_KEY),
    );
    row("Parts", &Parts::new().with(leaks::QUERY, leaks::BODY));
    row("PartValue", &PartValue::value(leaks::BODY));
    row("Text", &Text(leaks::RESPONSE.to_owned()));
    row("Xml", &Xml(Text(leaks::RESPONSE.to_owned())));
    let secret_text = leaks::REPEATED;
    let problem = json!({ "type": secret_text, "title": secret_text, "detail": secret_text, "instance": secret_text, "x": secret_text });
    row("Problem", &serde_json::from_value::<Problem>(problem).unwrap());
    row("Quota", &respond(200, "").with_header("x-ratelimit-remaining", "5").quota());
    row("Secret", &key);
    for credential in credentials().into_iter().filter_map(|(_, credential)| credential) {
        row("Credential", &credential);
    }
    let environment = || apisession::Environment::of([("ACME_TOKEN", leaks::BEARER)]);
    let profile = || apisession::Profile::new("acme").file("/nowhere/acme.ini").environment(environment());
    let mechanism = || apisession::Mechanism::basic("username", "password");
    let chain = apisession::Chain::new().mechanism(mechanism()).given("username", Some(leaks::BASIC));
    let chain = chain.command("vault", &[leaks::CLIENT_SECRET], Duration::from_secs(1)).profile(profile());
    row("Chain", &chain.environment(environment()));
    let jar = apisession::CookieJar::new();
    assert!(jar.set(&"https://api.test".parse().unwrap(), &format!("sid={}", leaks::SET_COOKIE)));
    row("CookieJar", &jar);
    row("StoredCookie", &jar.cookies());
    row("CredentialSource", &api.session.credential_source());
    row("Environment", &environment());
    row("Mechanism", &mechanism());
    row("Netrc", &apisession::Netrc::new().login("ana"));
    row("Profile", &profile());
    row("SaveConfig", &profile().save_config([("token", leaks::BEARER)]));
    row("OAuth2", &OAuth2::client_credentials(&*token_url, "id", secret()).parameter("code", leaks::REFRESH));
    row("OAuth2", &OAuth2::refresh_token(leaks::QUERY, leaks::REFRESH).client("id", secret()));
    let shown: Arc<Mutex<Vec<DeviceCode>>> = Arc::default();
    let kept = Arc::clone(&shown);
    let show = move |code: &DeviceCode| kept.lock().unwrap().push(code.clone());
    let person = OAuth2::device("https://login.test/device", &*token_url, leaks::QUERY, show);
    row("OAuth2", &person);
    let (login, _) = recording(|_, seen| {
        let device = json!({ "device_code": leaks::QUERY, "user_code": leaks::REPEATED, "verification_uri": leaks::QUERY, "expires_in": 1 });
        Ok(respond(
            200,
            if seen.url.path() == "/device" { device.to_string() } else { String::new() }.as_str(),
        ))
    });
    let asking = Acme::builder().transport(login).credential(person.danger_allow_http()).build();
    let _ = asking.unwrap().raw().get("/x").await;
    row("DeviceCode", &*shown.lock().unwrap());
    let mut stored = StoredTokens::new(leaks::REFRESH);
    stored.refresh_token = Some(leaks::REFRESH.into());
    row("StoredTokens", &stored);
    row("TokenFile", &TokenFile::new("tokens.json"));
    row("SigV4", &sigv4());
    row("Jwt", &Jwt::hs256(leaks::CLIENT_KEY).claim("token", leaks::BODY).subject(leaks::BASIC));
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", leaks::CLIENT_KEY);
    row("ClientCertificate", &ClientCertificate::pem(&pem));
    row("ClientCertificate", &ClientCertificate::pkcs12_file("client.p12", leaks::CLIENT_KEY));
    let tls = || Tls::new().add_ca_pem(leaks::CLIENT_KEY).client_certificate(ClientCertificate::pem(&pem));
    row("CertificateFacts", &ClientCertificate::pem(&pem).facts().err());
    row("Tls", &tls());
    row("TlsVersion", &TlsVersion::Tls13);
    let proxies = || Proxies::new().all(format!("http://ana:{}@proxy.test", leaks::PROXY));
    row("Proxies", &proxies());
    row("Proxies", &Proxies::new().all(format!("ana:{}@proxy.test", leaks::PROXY)));
    row("Hyper", &apisession::transport::Hyper::new().proxies(proxies()).tls(tls()));
    // In a build without reqwest this is hyper once more.
    row("Reqwest", &apisession_tests::wire().proxies(proxies()).tls(tls()));
    row("Network", &apisession::transport::Network::default());
    row("Memory", &Memory::new(|_| async { Ok(respond(200, leaks::RESPONSE)) }));
    row("Failure", &Failure::unknown(format!("can't send to {token_url}")));
    let declared = api.operations();
    row("Route", &declared);
    row("Declaration", &declared);
    row("Routes", &Routes::default());
    let operation = declared[0].operation();
    row("Operation", operation);
    row("Parameters", &operation.parameters());
    row("Parameter", &operation.parameters().next());
    row("Mode", &operation.mode());
    row("Description", &Acme::description());
    row("Group", &declared[0].groups().next());
    row("Facts", &apisession::Facts::NONE);
    row("Constant", &operation.constants().next());
    row("Cases", &operation.errors());
    row("Case", &operation.errors().next());
    row("BodyKind", &operation.body());
    row("Deprecation", &operation.deprecation());
    row("ResponseKind", &operation.response_kind());
    row("Types", &apisession::__private::Types::new(Probe::<Location>::ASKS, ""));
    row("Place", &Place::Path);
    row("Op", &Things::GET);
    row("Probe", &Probe::<String>::new());
    row("Style", &Style::default());
    row("BaseUrl", &BaseUrl::new("https://upload.test/2.0"));
    row("Below", &Below::Session { use_base: true });
    row("ListStyle", &ListStyle::default());
    row("Nested", &Nested::default());
    row("PathPattern", &PathPattern::new("/login/*"));
    row("AllowedOrigins", &AllowedOrigins::new().allow("https://*.test"));
    row("AllowedOrigins", &AllowedOrigins::new().allow(&token_url));
    row("ErrorMap", &ErrorMap::new().status(409, Rule::default().retryable(true)));
    row("Rule", &Rule::default());
    row("RetryPolicy", &RetryPolicy::new());
    row("RateLimit", &RateLimit::new(1, Duration::from_secs(1)));
    row("Window", &Window { requests: 1, span: Duration::from_secs(1) });
    row("Slot", &Slot::TooLate(Duration::from_secs(1)));
    row("Outcome", &Outcome::Unknown);
    row("Values", &<State as apisession::OpenEnum>::VALUES);
    row("RawJson", &serde_json::from_str::<RawJson>(&format!("{:?}", leaks::QUERY)).unwrap());
    row("Patch", &Patch::Set(secret()));
    row("ErrorKind", &ErrorKind::Timeout);
    row("Attempt", &api.raw().get("/x").query("token", leaks::QUERY).await.unwrap_err().attempt_log());
    names
}

/// Finds the public types that implement `Debug` in the sources.
#[derive(Default)]
struct Types {
    public: BTreeSet<String>,
    shown: BTreeSet<String>,
}

impl Types {
    fn add(&mut self, name: &syn::Ident, visibility: &syn::Visibility, attributes: &[syn::Attribute]) {
        if matches!(visibility, syn::Visibility::Public(_)) {
            self.public.insert(name.to_string());
        }
        let derives = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
        let mut tokens =
            derives.filter_map(|derive| Some(derive.meta.require_list().ok()?.tokens.to_string()));
        if tokens.any(|tokens| tokens.contains("Debug")) {
            self.shown.insert(name.to_string());
        }
    }

    fn read(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.read(&path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.visit_file(&syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Types {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.add(&item.ident, &item.vis, &item.attrs);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add(&item.ident, &item.vis, &item.attrs);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let (Some((of, _)), syn::Type::Path(to)) = (&item.trait_, &*item.self_ty) else { return };
        let last = |path: &syn::Path| path.segments.last().map(|segment| segment.ident.to_string());
        if last(of).as_deref() == Some("Debug") {
            self.shown.extend(last(&to.path));
        }
    }

    /// `__open_call! { pub RawCall(Response, Error) { … } }`, whose `Debug` is in the macro.
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if item.mac.path.segments.last().is_some_and(|segment| segment.ident == "__open_call") {
            let words: Vec<_> = item.mac.tokens.clone().into_iter().map(|token| token.to_string()).collect();
            let name =
                words.windows(2).find(|words| words[0] == "pub").map(|words| words[1].clone()).unwrap();
            self.public.insert(name.clone());
            self.shown.insert(name);
        }
        visit::visit_item_macro(self, item);
    }
}

/// The types of lists in pages.
async fn lists(row: &mut impl FnMut(&'static str, &dyn Debug), key: &Secret) {
    let vendor = Memory::new(|_| async {
        let page = json!({ "data": [1, 2], "next": leaks::QUERY });
        Ok(Response::new(apisession::http::StatusCode::OK).with_body(page.to_string()))
    });
    let api = Acme::builder().transport(vendor).header("x-api-key", leaks::API_KEY).build().unwrap();
    let list = api.things().list(key).token(key).with_query("q", leaks::QUERY);
    row("OpenPager", &*list);
    row("generated: pager", &list);
    row("Pager", &list.to_pager());
    let mut items = list.items();
    items.next().await.unwrap().unwrap();
    row("Items", &items);
    row("PageToken", &items.resume_token());
    let mut pages = list.pages();
    row("Page", &pages.next().await.unwrap().unwrap());
    row("Pages", &pages);
    row("PageView", &SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone());
    row("Next", &NextPage::value(leaks::QUERY));
    row("Next", &NextPage::link(leaks::QUERY));
    // What a declaration has.
    row("Paging", &Paging::new(&Offset));
    row("PageLayout", &PageLayout::LIST);
    row("Fact", &Fact::Header("x-next"));
    row("PageParameter", &PageParameter::Query("after"));
    row("Offset", &Offset);
    row("Number", &Number { first: 1 });
    row("Cursor", &Cursor { empty_ends: false });
    row("LastId", &LastId);
    row("HeaderLink", &HeaderLink { relation: "next" });
    row("BodyLink", &BodyLink);
    row("Connection", &apisession::__private::Connection);
    row("NextRequest", &NextRequest(|_| Ok(NextPage::end())));
}

/// The types of jobs, whose states have secrets.
async fn jobs(row: &mut impl FnMut(&'static str, &dyn Debug), key: &Secret) {
    let vendor = Memory::new(|_| async {
        let body = json!({ "id": leaks::QUERY, "status": leaks::BODY, "chunks": [leaks::QUERY] });
        Ok(Response::new(apisession::http::StatusCode::OK).with_body(body.to_string()))
    });
    let api = Acme::builder().transport(vendor).header("x-api-key", leaks::API_KEY).build().unwrap();
    let start = api.things().start(key).token(key).with_query("q", leaks::QUERY);
    row("OpenPoller", &*start);
    row("generated: poller", &start);
    row("Poller", &start.to_poller());
    row("Starting", &start.start());
    // A state that is running, whatever it is.
    static POLLING: Polling = Polling {
        state: Some("/status"),
        running: InProgress::Any,
        ..Polling::new(PollRead::Operation(PollTarget { of: Things::JOB.row(), path: &["/id"] }))
    };
    let mut job =
        Things::START.on(&api.things()).path(key).poller(&api.things(), &POLLING).start().await.unwrap();
    let state = job.next().await.unwrap().unwrap();
    row("Job", &job);
    row("JobState", &state);
    row("JobToken", &job.token());
    row("Chunks", &job.chunks("/chunks", 1, |id: String| std::future::ready(Ok::<_, Error>(id))));
    // What a declaration has.
    row("Polling", &POLLING);
    row("PollRead", &PollRead::Itself);
    row("PollTarget", &PollTarget { of: Things::JOB.row(), path: &["/id"] });
    row("Row", &Things::JOB.row());
    row("PollSource", &PollSource::Location);
    row("PollResult", &PollResult::Whole);
    row("StateMark", &StateMark::Status(404));
    row("InProgress", &InProgress::Usual);
}

/// Keeps what it is told of.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Event>>>);

/// The name of a type of events, and one of them.
type Event = (&'static str, Box<dyn Debug + Send>);

macro_rules! kept {
    ($($method:ident($type:ident))*) => {
        impl Observer for Kept {
            $(fn $method(&self, event: &$type) {
                self.0.lock().unwrap().push((stringify!($type), Box::new(event.clone())));
            })*
        }
    };
}

kept! {
    call_started(CallStarted) attempt_ended(AttemptEnded) retry_planned(RetryPlanned) call_ended(CallEnded)
    token_fetched(TokenFetched) page_read(PageRead) item_received(ItemReceived)
}

/// What an observer sees of calls with secrets: one that signs in, one that is sent again, a list and lines.
async fn observed(row: &mut impl FnMut(&'static str, &dyn Debug), key: &Secret) {
    let vendor = Memory::new(|request: Request| async move {
        let body = match request.url.path().rsplit('/').next() {
            Some("login") => json!({ "access_token": leaks::BODY }),
            Some("rows") => json!({ "id": 1 }),
            _ => json!({ "data": [1], "next": null }),
        };
        let status = if request.method == Method::PUT { 503 } else { 200 };
        Ok(respond(status, &body.to_string()).with_header("content-type", "application/json"))
    });
    let kept = Kept::default();
    let api = Acme::builder().signs_in(true).transport(vendor).observer(kept.clone()).build().unwrap();
    api.things().list(key).token(key).try_collect().await.unwrap();
    let mut rows = api.things().rows(key, leaks::QUERY).await.unwrap();
    while let Some(thing) = rows.next().await {
        thing.unwrap();
    }
    let retried = RetryPolicy::new().max_delay(Duration::ZERO);
    let put = api.raw().put(&format!("/things/{}", key.expose())).with_retry(retried);
    put.body("text/plain", leaks::BODY).await.unwrap_err();
    for (name, event) in kept.0.lock().unwrap().iter() {
        row(name, event);
    }
    row("End", &End::Dropped);
    let headers = TraceHeaders::new("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
    row("TraceHeaders", &headers.with_state("a=b"));
}

#[tokio::test]
async fn l2_debug_of_every_public_type_shows_no_secret() {
    let mut types = Types::default();
    types.read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../apisession/src"));
    let search = Shared::default();
    let mut found = Search::default();
    let listed = public_types(&mut found).await;
    locked(&search).add(found);
    let mut declared: BTreeSet<_> = types.public.intersection(&types.shown).map(String::as_str).collect();
    // It has no field, and its feature is not one of this build.
    declared.remove("OpenTelemetry");
    let missing: Vec<_> = declared.difference(&listed).collect();
    assert!(missing.is_empty(), "add these public types to `public_types`: {missing:?}");
    let unknown: Vec<_> =
        listed.difference(&declared).filter(|name| !name.starts_with("generated")).collect();
    assert!(unknown.is_empty(), "these are no public types with `Debug`: {unknown:?}");
    println!("{} public types", listed.len());
    conclude("types", &search);
}
