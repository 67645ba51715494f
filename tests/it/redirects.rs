//! Which redirects are followed, and what the next request carries. Names begin with requirement numbers.

use apisession::prelude::*;
use apisession_tests::{Seen, Sent, recording, respond, tokio};

#[endpoint(path = "/a")]
struct Things;

#[endpoint]
impl Things {
    #[get]
    fn get(&self) -> Call<String>;
    #[head]
    fn exists(&self) -> Call<()>;
    #[post]
    fn post(&self, #[json] secret: &str) -> Call<String>;
    #[put(redirects = 3)]
    fn put(&self, #[json] secret: &str) -> Call<String>;
}

#[derive(Clone, APISession)]
#[session(
    base_url = "https://api.test/v1",
    headers("x-apikeys" = "canary"),
    query("key" = "canary"),
    allowed_origins("https://cdn.test"),
    hooks
)]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        Credential::header("x-token", "canary")
    }
}

/// A session whose server redirects the n-th request to the n-th location, and responds to the one after the last with 200.
fn acme(status: u16, places: &[&str]) -> (Acme, Sent) {
    let places: Vec<_> = places.iter().map(|place| (*place).to_owned()).collect();
    let (transport, sent) = recording(move |number, _| {
        Ok(match places.get(number - 1) {
            Some(place) => respond(status, "elsewhere").with_header("location", place),
            None => respond(200, "\"there\""),
        })
    });
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

fn has_canary(seen: &Seen) -> bool {
    format!("{} {:?} {}", seen.url, seen.headers, seen.body).contains("canary")
        || seen.headers.contains_key("x-token")
        || seen.headers.contains_key("referer")
}

#[tokio::test]
async fn rd1_a_redirect_to_another_origin_is_refused() {
    for place in [
        "https://evil.test/",
        "https://api.test:8443/",
        "//evil.test/",
        "/\\evil.test/",
        "\\\\evil.test\\x",
        "https://good@evil.test/",
        "https://api.test@evil.test/",
        "https://api.test./",
        "https://api.test.evil.test/",
        "https://cdn.test:444/",
    ] {
        let (api, sent) = located(302, place);
        let error = api.things().get().await.unwrap_err();
        assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Redirect, 1), "{place}: {error}");
        assert!(error.to_string().contains("another origin"), "{place}: {error}");
    }
}

/// A session whose server redirects every request to one location.
fn located(status: u16, place: &str) -> (Acme, Sent) {
    let place = place.to_owned();
    let (transport, sent) =
        recording(move |_, _| Ok(respond(status, "elsewhere").with_header("location", &place)));
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test]
async fn rd2_rd8_rd10_a_redirect_to_the_same_origin_is_followed_in_every_notation() {
    for place in
        ["/v1/b", "b", "https://API.test/v1/b", "https://api.test:443/v1/b", "https://ana:pw@api.test/v1/b#x"]
    {
        let (api, sent) = acme(302, &[place]);
        let response = api.things().get().response().await.unwrap();
        let all = sent.all();
        assert_eq!((all.len(), all[1].url.path()), (2, "/v1/b"), "{place}");
        assert_eq!((all[1].header("x-token"), all[1].header("x-apikeys")), ("canary", "canary"));
        // RD8, RD10: a password in the location is not sent as a credential, and there is never a `Referer`.
        assert!(!all[1].headers.contains_key("authorization") && !all[1].headers.contains_key("referer"));
        assert_eq!(response.url().unwrap().path(), "/v1/b");
        let history: Vec<_> =
            response.history().iter().map(|(status, url)| (status.as_u16(), url.path())).collect();
        assert_eq!((history, response.attempts()), (vec![(302, "/v1/a")], 1));
    }
}

#[tokio::test]
async fn rd3_what_a_redirect_dropped_is_not_added_again() {
    let (api, sent) = acme(302, &["https://cdn.test/x?y=1", "https://api.test/v1/b"]);
    api.things().get().await.unwrap();
    let all = sent.all();
    assert_eq!(sent.lines()[1..], ["GET /x?y=1", "GET /v1/b"]);
    assert!(has_canary(&all[0]) && !has_canary(&all[1]) && !has_canary(&all[2]));
    assert_eq!(all[2].header("accept"), "application/json");
}

#[tokio::test]
async fn a_redirect_to_another_origin_keeps_range_and_conditions_and_drops_the_cookie() {
    let kept = [
        ("accept-language", "de"),
        ("range", "bytes=0-9"),
        ("if-match", "\"a\""),
        ("if-none-match", "\"a\""),
        ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("if-range", "\"a\""),
    ];
    let dropped = [
        ("authorization", "Basic mine"),
        ("cookie", "sid=canary"),
        ("proxy-authorization", "Basic mine"),
        ("origin", "https://app.test"),
        ("x-tenant", "7"),
    ];
    let (api, sent) = acme(302, &["https://cdn.test/x"]);
    let call = kept
        .iter()
        .chain(&dropped)
        .fold(api.things().get(), |call, (name, value)| call.with_header(name, value));
    call.await.unwrap();
    let all = sent.all();
    assert_eq!(all.len(), 2);
    for (name, value) in kept.iter().chain(&dropped) {
        assert_eq!(all[0].header(name), *value, "{name}");
    }
    for (name, value) in kept {
        assert_eq!(all[1].header(name), value, "{name}");
    }
    for (name, _) in dropped {
        assert!(!all[1].headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn rd4_a_redirect_from_https_to_http_is_refused() {
    let (transport, sent) =
        recording(|_, _| Ok(respond(302, "").with_header("location", "http://cdn.test/")));
    let api = Acme::builder().transport(transport).allowed_origins(&["http://cdn.test"]).build().unwrap();
    let error = api.things().get().await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::InsecureRedirect, 1));
}

#[tokio::test]
async fn rd5_a_write_follows_redirects_only_if_configured() {
    let (api, sent) = acme(307, &["/v1/b"]);
    assert_eq!(api.things().post("s").await.unwrap_err().kind(), ErrorKind::Redirect);
    assert_eq!(sent.all().len(), 1);
    assert_eq!(api.things().post("s").with_redirects(1).await.unwrap(), "there");

    for (status, method, body) in [
        (301, "PUT", "\"s\""),
        (302, "GET", ""),
        (303, "GET", ""),
        (307, "PUT", "\"s\""),
        (308, "PUT", "\"s\""),
    ] {
        let (api, sent) = acme(status, &["/v1/b"]);
        api.things().put("s").await.unwrap();
        let seen = &sent.all()[1];
        assert_eq!((seen.method.as_str(), seen.body.as_str()), (method, body), "{status}");
        assert_eq!(seen.headers.contains_key("content-type"), !body.is_empty(), "{status}");
    }
    // Its body never goes to another origin, allowed or not.
    for place in ["https://cdn.test/", "https://evil.test/"] {
        let (api, sent) = located(307, place);
        assert_eq!(api.things().put("canary").await.unwrap_err().kind(), ErrorKind::Redirect);
        assert_eq!(sent.all().len(), 1);
    }
}

#[tokio::test]
async fn rd6_an_invalid_location_is_an_error() {
    let long = format!("/{}", "a".repeat(9_000));
    for (place, expected) in [
        ("file:///etc/passwd", "scheme `file`"),
        ("javascript:alert(1)", "scheme `javascript`"),
        ("https://[", "is not a URL"),
        (long.as_str(), "longer than 8 KiB"),
        ("/a\tb", "control character"),
    ] {
        let (api, sent) = located(302, place);
        let error = api.things().get().await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Redirect, 1));
    }
    let (transport, _) = recording(|_, _| Ok(respond(302, "")));
    let api = Acme::builder().transport(transport).build().unwrap();
    assert!(api.things().get().await.unwrap_err().to_string().contains("has no `Location`"));
    // One of exactly 8 KiB is followed.
    let longest = format!("/{}", "a".repeat(8 * 1024 - 1));
    let (api, sent) = acme(302, &[&longest]);
    assert_eq!((api.things().get().await.unwrap().as_str(), sent.all().len()), ("there", 2));
}

#[tokio::test]
async fn rd7_a_loop_ends() {
    let (api, sent) = located(302, "/v1/a");
    let error = api.things().get().with_redirects(5).await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len(), error.attempts()), (ErrorKind::TooManyRedirects, 6, 1));
    let error = api.things().exists().await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::TooManyRedirects, 6 + 11));
    let error = api.things().get().with_redirects(0).await.unwrap_err();
    assert_eq!((error.kind(), sent.all().len()), (ErrorKind::Redirect, 18));
}

#[tokio::test]
async fn u5_a_link_to_an_allowed_origin_carries_nothing_of_the_session() {
    let (api, sent) = acme(302, &[]);
    let call = api.raw().follow("https://cdn.test/file?sig=1").header("x-more", "canary");
    call.await.unwrap();
    let seen = sent.only();
    assert!(!has_canary(&seen), "{seen:?}");
    assert_eq!(seen.url.as_str(), "https://cdn.test/file?sig=1");
}
