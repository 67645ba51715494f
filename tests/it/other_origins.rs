//! Endpoints and operations with a `base_url` of their own, or outside of the session's base path.

use apisession::http::Method;
use apisession::prelude::*;
use apisession::{AllowedOrigins, ErrorKind, Secret};
use apisession_tests::{Seen, Sent, offline, recording, respond, tokio};

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test/v1",
    base_path = "/rest",
    headers("x-app" = "of-session", "accept-language" = "de"),
    query("app" = "of-session"),
    redirects = 3,
    restricted_paths("/secret/**"),
    hooks
)]
struct Acme {
    session: Session,
    #[endpoint]
    files: Files,
    #[endpoint]
    uploads: Uploads,
    #[endpoint]
    same: Same,
    #[endpoint]
    outside: Outside,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::header("x-token", "t0k3n")
    }

    fn error_map(&self) -> ErrorMap {
        ErrorMap::new().status(418, Rule::kind(ErrorKind::Locked))
    }
}

const UPLOAD: &str = "https://upload.test/2.0";

#[endpoint(path = "/files", headers("x-endpoint" = "1"), query("endpoint" = 1))]
struct Files;

#[endpoint]
impl Files {
    #[get("/{id}")]
    fn get(&self, id: u8) -> Call<()>;

    #[post("/content", base_url = "https://upload.test/2.0", headers("x-own" = "1"), query("own" = 1))]
    fn upload(&self, #[json] meta: &str, #[header("x-argument")] argument: Option<u8>) -> Call<()>;

    #[get("/{id}/content", base_url = UPLOAD)]
    fn content(&self, id: &Secret) -> Call<()>;

    #[get("/meta", use_base = false)]
    fn meta(&self) -> Call<()>;

    #[get("/asks", base_url = "https://upload.test", auth = session)]
    fn asks(&self) -> Call<()>;

    #[get("/granted", base_url = "https://upload.test", allowed_origins("https://upload.test" = credential))]
    fn granted(&self) -> Call<()>;
}

#[endpoint(path = "/uploads", base_url = "https://upload.test/2.0/", headers("x-endpoint" = "1"), query("endpoint" = 1))]
struct Uploads;

#[endpoint]
impl Uploads {
    #[get("/{id}", restricted_paths)]
    fn get(&self, id: u8) -> Call<()>;

    #[delete("/{id}", idempotency_key)]
    fn remove(&self, id: u8) -> Call<()>;

    #[get("/elsewhere", base_url = "https://third.test")]
    fn elsewhere(&self) -> Call<()>;

    #[get("/newer", base_url = "https://UPLOAD.test:443/3.0")]
    fn newer(&self) -> Call<()>;

    #[get("/same", use_base = false)]
    fn same(&self) -> Call<()>;

    #[graft("/{id}")]
    fn parts(&self, id: u8) -> Parts;
}

#[endpoint(path = "/parts", headers("x-part" = "1"))]
struct Parts;

#[endpoint]
impl Parts {
    #[get]
    fn list(&self) -> Call<()>;
}

#[endpoint(path = "/same", base_url = "https://API.test:443/upload")]
struct Same;

#[endpoint]
impl Same {
    #[get("/{id}")]
    fn get(&self, id: u8) -> Call<()>;

    #[get("/secret")]
    fn secret(&self) -> Call<()>;
}

#[endpoint(path = "/outside", use_base = false)]
struct Outside;

#[endpoint]
impl Outside {
    #[get("/{id}")]
    fn get(&self, id: u8) -> Call<()>;

    #[get("/{id}", use_base)]
    fn back(&self, id: u8) -> Call<()>;

    #[graft("/{id}")]
    fn parts(&self, id: u8) -> Parts;
}

fn origins(grant: &str) -> AllowedOrigins {
    let third = AllowedOrigins::new().allow("https://third.test");
    match grant {
        "reads" => third.allow("https://upload.test"),
        "bodies" => third.allow_bodies("https://upload.test"),
        "credential" => third.allow_credential("https://upload.test"),
        _ => third,
    }
}

fn acme(grant: &str, redirect: Option<&'static str>) -> (Acme, Sent) {
    let (transport, sent) = recording(move |number, _| {
        Ok(match redirect.filter(|_| number == 1) {
            Some(location) => respond(307, "").with_header("location", location),
            None => respond(200, ""),
        })
    });
    (Acme::builder().transport(transport).allowed_origins(origins(grant)).build().unwrap(), sent)
}

/// The URL, and which headers of the session, the endpoint, the operation and the credential a request has.
fn shown(seen: &Seen) -> String {
    let names = ["x-app", "x-endpoint", "x-part", "x-own", "x-argument", "accept-language", "x-token"];
    let present: Vec<_> = names.into_iter().filter(|name| seen.headers.contains_key(*name)).collect();
    format!("{} {}", seen.url, present.join(" "))
}

#[tokio::test]
async fn what_goes_to_a_declared_origin_is_what_the_declaration_has_and_the_credential_if_it_is_granted() {
    let all = "x-app x-endpoint accept-language x-token";
    for grant in ["none", "reads", "bodies", "credential"] {
        let token = if grant == "credential" { " x-token" } else { "" };
        let (api, sent) = acme(grant, None);
        api.files().get(1).await.unwrap();
        api.files().upload("a").argument(7).await.unwrap();
        api.uploads().get(1).await.unwrap();
        api.uploads().parts(1).list().await.unwrap();
        api.uploads().same().await.unwrap();
        api.uploads().newer().await.unwrap();
        api.uploads().elsewhere().await.unwrap();
        api.uploads().raw().post("/x").json(&1).await.unwrap();
        api.same().get(1).await.unwrap();
        let expected = [
            format!("https://api.test/v1/rest/files/1?app=of-session&endpoint=1 {all}"),
            format!("https://upload.test/2.0/files/content?own=1 x-own x-argument accept-language{token}"),
            format!("https://upload.test/2.0/uploads/1?endpoint=1 x-endpoint accept-language{token}"),
            format!(
                "https://upload.test/2.0/uploads/1/parts?endpoint=1 x-endpoint x-part accept-language{token}"
            ),
            format!("https://upload.test/2.0/uploads/same?endpoint=1 x-endpoint accept-language{token}"),
            format!("https://upload.test/3.0/uploads/newer?endpoint=1 x-endpoint accept-language{token}"),
            "https://third.test/uploads/elsewhere accept-language".to_owned(),
            format!("https://upload.test/2.0/uploads/x?endpoint=1 x-endpoint accept-language{token}"),
            // The session's own origin.
            "https://api.test/upload/same/1?app=of-session x-app accept-language x-token".to_owned(),
        ];
        let found: Vec<_> = sent.all().iter().map(shown).collect();
        assert_eq!(found, expected, "{grant}");
    }
}

#[tokio::test]
async fn a_redirect_from_a_declared_origin_follows_the_same_list() {
    // Grant, location, and what arrives there of an upload: headers and body.
    let own = "https://upload.test/moved x-own x-argument accept-language";
    let rows = [
        ("none", "/moved", Ok(own.to_owned())),
        ("credential", "/moved", Ok(format!("{own} x-token"))),
        // The session's own origin is reached, without what is the session's unless that may go to the origin that names it.
        ("none", "https://api.test/v1/x", Ok("https://api.test/v1/x accept-language".to_owned())),
        ("bodies", "https://api.test/v1/x", Ok("https://api.test/v1/x accept-language".to_owned())),
        (
            "credential",
            "https://api.test/v1/x",
            Ok("https://api.test/v1/x x-own x-argument accept-language x-token".to_owned()),
        ),
        ("none", "https://third.test/x", Err("would send the body to `https://third.test`")),
        ("credential", "https://third.test/x", Err("would send the body to `https://third.test`")),
        ("none", "https://evil.test/x", Err("leads to `https://evil.test`, another origin")),
        ("credential", "https://evil.test/x", Err("leads to `https://evil.test`, another origin")),
        ("credential", "http://upload.test/x", Err("leads to `http://upload.test`")),
    ];
    for (grant, location, expected) in rows {
        let (api, sent) = acme(grant, Some(location));
        let end = api.files().upload("a").argument(7).await;
        match (end, expected) {
            (Ok(()), Ok(expected)) => {
                let last = sent.all().pop().unwrap();
                assert_eq!((shown(&last), last.body.as_str()), (expected, "\"a\""), "{grant} {location}");
            }
            (Err(error), Err(message)) => {
                assert!(error.to_string().contains(message), "{grant} {location}: {error}");
                assert_eq!(sent.all().len(), 1);
            }
            (found, expected) => panic!("{grant} {location}: {found:?} is not {expected:?}"),
        }
    }
    // A read may go to the third origin, with nothing.
    let (api, sent) = acme("credential", Some("https://third.test/x"));
    api.uploads().parts(1).list().await.unwrap();
    assert_eq!(shown(&sent.all()[1]), "https://third.test/x accept-language");
    // From the session's own origin, the declared one is like any other.
    let (api, sent) = acme("reads", Some("https://upload.test/2.0/x"));
    api.files().get(1).await.unwrap();
    assert_eq!(shown(&sent.all()[1]), "https://upload.test/2.0/x accept-language");
    let (api, _) = acme("none", Some("https://upload.test/2.0/x"));
    let error = api.files().get(1).await.unwrap_err();
    assert!(error.to_string().contains("leads to `https://upload.test`, another origin"), "{error}");
}

#[tokio::test]
async fn links_of_an_endpoint_at_another_origin_are_relative_to_it() {
    let rows = [
        ("none", "7", Ok("https://upload.test/2.0/uploads/7 x-endpoint accept-language")),
        ("none", "/x?a=b", Ok("https://upload.test/x?a=b x-endpoint accept-language")),
        ("credential", "7", Ok("https://upload.test/2.0/uploads/7 x-endpoint accept-language x-token")),
        ("none", "https://api.test/v1/x", Ok("https://api.test/v1/x accept-language")),
        (
            "credential",
            "https://api.test/v1/x",
            Ok("https://api.test/v1/x x-endpoint accept-language x-token"),
        ),
        ("none", "https://third.test/x", Ok("https://third.test/x accept-language")),
        ("none", "https://evil.test/x", Err("leads to `https://evil.test`")),
    ];
    for (grant, link, expected) in rows {
        let (api, sent) = acme(grant, None);
        match (api.uploads().raw().follow(link).await, expected) {
            (Ok(_), Ok(expected)) => assert_eq!(shown(&sent.only()), expected, "{grant} {link}"),
            (Err(error), Err(message)) => assert!(error.to_string().contains(message), "{error}"),
            (found, expected) => panic!("{grant} {link}: {found:?} is not {expected:?}"),
        }
    }
    // What goes to a URL that the caller names does not depend on the endpoint.
    let origins = AllowedOrigins::new().allow_credential("https://third.test");
    let (transport, sent) = recording(|_, _| Ok(respond(200, "")));
    let api = Acme::builder().transport(transport).allowed_origins(origins).build().unwrap();
    for raw in [api.raw(), api.uploads().raw()] {
        raw.elsewhere(Method::GET, "https://third.test/x").await.unwrap();
    }
    let found: Vec<_> = sent.all().iter().map(shown).collect();
    assert_eq!(found, ["https://third.test/x accept-language x-token"; 2]);
    // An absolute URL of the endpoint's origin is its own; one of the session's is not.
    let (api, sent) = acme("none", None);
    api.uploads().raw().get("https://upload.test/y?b=c").await.unwrap();
    assert_eq!(shown(&sent.only()), "https://upload.test/y?b=c x-endpoint accept-language");
    let error = api.uploads().raw().get("https://api.test/v1/x").await.unwrap_err();
    assert!(error.to_string().contains("is an absolute URL of another origin"), "{error}");
}

#[tokio::test]
async fn a_credential_of_the_session_is_refused_and_one_of_the_call_is_sent() {
    let (api, sent) = acme("none", None);
    let expected = "a credential of the session is sent to its origin alone";
    let refused = [api.files().asks().await, api.uploads().parts(1).list().with_session_credential().await];
    for end in refused {
        let error = end.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(sent.all().is_empty());
    let own = Credential::header("x-token", "own").unwrap();
    api.uploads().get(1).with_credential(own).await.unwrap();
    api.files().granted().await.unwrap();
    let tokens: Vec<_> = sent.all().iter().map(|seen| seen.header("x-token").to_owned()).collect();
    assert_eq!(tokens, ["own", "t0k3n"]);
}

#[tokio::test(start_paused = true)]
async fn the_sessions_error_map_retries_and_sign_in_apply_at_a_declared_origin() {
    let (transport, sent) = recording(|number, _| Ok(respond(if number == 1 { 503 } else { 418 }, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let error = api.uploads().remove(1).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Locked, 2));
    let keys: Vec<_> = sent.all().iter().map(|seen| seen.header("idempotency-key").to_owned()).collect();
    assert_eq!(keys[0], keys[1]);
    // A refused credential is renewed where it was granted.
    let (transport, sent) = recording(|number, _| Ok(respond(if number == 1 { 401 } else { 200 }, "")));
    let api = Acme::builder().transport(transport).allowed_origins(origins("credential")).build().unwrap();
    api.uploads().get(1).await.unwrap();
    assert_eq!(sent.all().len(), 2);
}

#[tokio::test]
async fn secrets_and_restricted_paths_are_hidden_at_a_declared_origin() {
    let (transport, _) = recording(|_, _| Ok(respond(404, "{\"message\":\"no s3cret\"}")));
    let api = Acme::builder().transport(transport).build().unwrap();
    let error = api.files().content(&Secret::new("s3cret")).await.unwrap_err();
    assert!(!error.report().contains("s3cret"), "{}", error.report());
    assert!(
        error.report().contains("https://upload.test/2.0/files/[redacted]/content"),
        "{}",
        error.report()
    );
    let error = api.uploads().get(42).await.unwrap_err();
    assert!(
        error.report().contains("/2.0/uploads/{id}") && !error.report().contains("42"),
        "{}",
        error.report()
    );
    let error = api.uploads().raw().get("/../secret").await.unwrap_err();
    assert!(error.to_string().contains("would be changed by URL parsing"), "{error}");
}

#[test]
fn use_base_leaves_the_base_path_out() {
    let api = Acme::builder().transport(offline()).build().unwrap();
    let rows = [
        (api.files().meta().build(), "/v1/files/meta"),
        (api.files().get(1).build(), "/v1/rest/files/1"),
        (api.outside().get(1).build(), "/v1/outside/1"),
        (api.outside().back(1).build(), "/v1/rest/outside/1"),
        (api.outside().parts(1).list().build(), "/v1/outside/1/parts"),
        (api.outside().raw().get("/x").build(), "/v1/outside/x"),
        (api.outside().raw().get("/x").use_base(true).build(), "/v1/rest/outside/x"),
        (api.same().get(1).build(), "/upload/same/1"),
        (api.uploads().raw().get("/x").use_base(false).build(), "/2.0/uploads/x"),
    ];
    for (request, expected) in rows {
        assert_eq!(request.unwrap().url.path(), expected);
    }
}

#[test]
fn routes_tell_what_their_paths_are_below() {
    let api = Acme::builder().transport(offline()).build().unwrap();
    let routes = api.operations();
    let shown = |name: &str| {
        let route = routes.iter().find(|route| route.operation().to_string() == name).unwrap();
        (route.base_url(), route.uses_base_path())
    };
    let rows = [
        ("Files::get", (None, true)),
        ("Files::upload", (Some("https://upload.test/2.0"), false)),
        ("Files::content", (Some(UPLOAD), false)),
        ("Files::meta", (None, false)),
        ("Uploads::get", (Some("https://upload.test/2.0/"), false)),
        ("Uploads::elsewhere", (Some("https://third.test"), false)),
        ("Uploads::same", (Some("https://upload.test/2.0/"), false)),
        ("Parts::list", (Some("https://upload.test/2.0/"), false)),
        ("Outside::get", (None, false)),
        ("Outside::back", (None, true)),
    ];
    for (name, expected) in rows {
        assert_eq!(shown(name), expected, "{name}");
    }
}

/// Not a literal, so it is checked when the session is built.
const WRONG: &str = "https://ana:s3cret@upload.test";

#[endpoint(base_url = WRONG)]
struct Wrong;

#[endpoint]
impl Wrong {
    #[get]
    fn get(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Mistaken {
    session: Session,
    #[endpoint]
    wrong: Wrong,
}

#[test]
fn a_base_url_that_can_not_be_one_is_an_error_of_build() {
    let error = Mistaken::builder().transport(offline()).build().map(|api| api.wrong()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let message = error.report();
    assert!(
        message.contains("`base_url` has a user name or password") && message.contains("Wrong::get"),
        "{message}"
    );
    assert!(!message.contains("s3cret"), "{message}");
}
