//! Requests without a declared operation.

use apisession::http::Method;
use apisession::prelude::*;
use apisession_tests::{Sent, offline, recording, respond, tokio};
use serde_json::{Value, json};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[graft("/{id}")]
    fn event(&self, id: &str) -> Event;
}

#[endpoint]
struct Event;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", base_path = "/rest", restricted_paths("/login"), hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        let token: Value = self.raw().post("/login").json(&json!({ "user": "ana" })).json_as().await?;
        Credential::bearer(token["token"].as_str().unwrap_or_default())
    }
}

fn acme() -> (Acme, Sent) {
    let (transport, sent) = recording(|_, seen| match seen.url.path() {
        "/v1/rest/login" => Ok(respond(200, r#"{"token":"t"}"#)),
        "/v1/rest/missing" => Ok(respond(404, r#"{"detail":"no such page"}"#)),
        _ => Ok(respond(200, r#"{"id":7}"#)),
    });
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test]
async fn a_raw_request_is_relative_to_its_endpoint_and_authenticated() {
    let (api, sent) = acme();
    let response =
        api.raw().get("/undeclared").query("q", "a&b").query("q", &[1, 2]).header("x-a", "b").await.unwrap();
    assert_eq!(
        (response.status().as_u16(), response.body().unwrap().as_ref()),
        (200, br#"{"id":7}"#.as_slice())
    );
    let value: Value = api.raw().post("undeclared/").json(&json!({ "title": "x" })).json_as().await.unwrap();
    assert_eq!(value["id"], 7);
    let patch = "application/merge-patch+json";
    api.raw().put("/a%20b").use_base(false).header("content-type", patch).json(&1).await.unwrap();
    api.events().raw().patch("/7").await.unwrap();
    api.events().event("a/b").raw().delete("").await.unwrap();
    api.raw().head("/x").await.unwrap();
    api.raw().options("/x").await.unwrap();
    api.raw().request(Method::from_bytes(b"PURGE").unwrap(), "/x").with_max_attempts(1).await.unwrap();
    assert_eq!(
        sent.lines(),
        [
            "POST /v1/rest/login",
            "GET /v1/rest/undeclared?q=a%26b&q=1&q=2",
            "POST /v1/rest/undeclared/",
            "PUT /v1/a%20b",
            "PATCH /v1/rest/events/7",
            "DELETE /v1/rest/events/a%2Fb",
            "HEAD /v1/rest/x",
            "OPTIONS /v1/rest/x",
            "PURGE /v1/rest/x",
        ]
    );
    let all = sent.all();
    assert_eq!((all[0].header("authorization"), all[0].body.as_str()), ("", r#"{"user":"ana"}"#));
    assert!(all[1..].iter().all(|seen| seen.header("authorization") == "Bearer t"));
    assert_eq!((all[3].header("content-type"), all[3].body.as_str()), (patch, "1"));
    assert_eq!((all[1].header("x-a"), all[2].header("content-type")), ("b", "application/json"));
}

#[tokio::test]
async fn u4_a_raw_path_can_not_leave_the_base_url() {
    let (api, sent) = acme();
    let rows = [
        ("https://evil.test/x", "is an absolute URL"),
        ("//evil.test/x", "is an absolute URL"),
        ("/\\evil.test/x", "is an absolute URL"),
        ("\\\\evil.test", "is an absolute URL"),
        ("javascript:alert(1)", "is an absolute URL"),
        ("/a?b=c", "has a query"),
        ("/a#b", "has a fragment"),
        ("/../admin", "would be changed by URL parsing"),
        ("/a/%2e%2e/b", "would be changed by URL parsing"),
        ("/a b", "would be changed by URL parsing"),
        ("/\t/evil.test/x", "would be changed by URL parsing"),
    ];
    for (path, expected) in rows {
        let error = api.raw().get(path).without_credential().await.unwrap_err();
        assert!(
            error.kind() == ErrorKind::Argument && error.to_string().contains(expected),
            "{path}: {error}"
        );
    }
    let lost = api.events().event("..").raw().get("/x").await.unwrap_err();
    assert!(lost.to_string().contains("the path parameter `id` is a dot segment"), "{lost}");
    assert_eq!(sent.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn an_error_of_a_raw_request_has_method_and_url() {
    let (api, _) = acme();
    let error = api.raw().get("/missing").query("token", "s3cret").await.unwrap_err();
    assert_eq!(
        (error.to_string(), error.operation().is_none()),
        ("404 Not Found: no such page".to_owned(), true)
    );
    assert!(
        error.report().contains("GET https://api.test/v1/rest/missing?token=[redacted]"),
        "{}",
        error.report()
    );
    assert_eq!(format!("{:?}", api.raw().get("/missing").query("token", "s3cret")), "Call(GET /missing)");
}

#[tokio::test]
async fn a_link_of_the_same_origin_is_followed() {
    let (transport, sent) = recording(|number, _| {
        let next = match number {
            1 => "</v1/rest/events?page=2&tag=a&tag=b%26c>; rel=\"next\", </v1/rest/events?page=9>; rel=last",
            2 => "<?page=3>; rel=\"prev NEXT\"",
            _ => "<https://evil.test/v1/rest/events>; rel=next",
        };
        Ok(respond(200, "[]").with_header("link", next))
    });
    let api = Acme::builder()
        .transport(transport)
        .query("v", &1)
        .query("page", &1)
        .without_credential()
        .build()
        .unwrap();
    let mut response = api.raw().get("/events").await.unwrap();
    for _ in 0..2 {
        let next = response.link("next").unwrap();
        response = api.raw().follow(&next).retry_on(&[423]).await.unwrap();
    }
    assert_eq!(
        sent.lines(),
        [
            "GET /v1/rest/events?v=1&page=1",
            "GET /v1/rest/events?page=2&tag=a&tag=b%26c",
            "GET /v1/rest/events?page=3"
        ]
    );
    let links = response.links();
    assert_eq!((links.len(), links[0].target.as_str()), (1, "https://evil.test/v1/rest/events"));
    let rows = [
        ("https://evil.test/v1/rest/events", "another origin"),
        ("//evil.test/", "another origin"),
        ("http://api.test/v1", "another origin"),
        ("https://api.test:8443/v1", "another origin"),
        ("https://ana:s3cret@evil.test/v1", "another origin"),
        ("https://[", "is not a URL"),
    ];
    for (link, expected) in rows {
        let error = api.raw().follow(link).await.unwrap_err();
        assert!(
            error.to_string().contains(expected) && !error.report().contains("s3cret"),
            "{link}: {error}"
        );
    }
    assert_eq!(sent.all().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_status_can_be_retried_for_one_request() {
    let (transport, sent) = recording(|number, _| Ok(respond(if number < 3 { 599 } else { 200 }, "")));
    let api = Acme::builder().transport(transport).without_credential().build().unwrap();
    api.raw().get("/x").retry_on(&[599]).await.unwrap();
    assert_eq!(sent.all().len(), 3);
}

#[tokio::test]
async fn a_relative_link_is_resolved_against_its_endpoint() {
    for base in ["https://api.test/v1", "https://api.test/v1/"] {
        let api = Acme::builder().base_url(base).transport(offline()).build().unwrap();
        let rows = [
            (api.raw().follow("events?page=2"), "https://api.test/v1/rest/events?page=2"),
            (api.events().raw().follow("?page=2"), "https://api.test/v1/rest/events/?page=2"),
            (api.events().raw().follow("7"), "https://api.test/v1/rest/events/7"),
            (api.raw().follow("/v1/x"), "https://api.test/v1/x"),
        ];
        for (call, expected) in rows {
            assert_eq!(call.build().unwrap().url.as_str(), expected, "{base}");
        }
    }
}

#[tokio::test]
async fn a_body_can_be_of_any_kind() {
    let (api, sent) = acme();
    let form = api.raw().post("/x").body("application/x-www-form-urlencoded", "a=b&c=d").without_credential();
    form.await.unwrap();
    let seen = sent.only();
    assert_eq!(
        (seen.body.as_str(), seen.header("content-type")),
        ("a=b&c=d", "application/x-www-form-urlencoded")
    );
}
