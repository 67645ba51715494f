//! The value at a place of the body, which an operation with the key `value` returns; and what all calls have in common.

use apisession::ToRequest;
use apisession::prelude::*;
use apisession_tests::{offline, recording, respond, tokio};
use serde::Deserialize;

#[derive(Debug, PartialEq, Deserialize)]
struct Event {
    id: u64,
}

#[endpoint(path = "/things")]
struct Things;

#[endpoint]
impl Things {
    #[get(value = "/data")]
    fn event(&self) -> Call<Event>;
    #[get(value = "/data")]
    fn same(&self, limit: Option<u32>) -> Call<Event>;
    #[get(value = "/data")]
    fn option(&self) -> Call<Option<Event>>;
    #[get(value = "/data/0/user~1name")]
    fn name(&self) -> Call<String>;
    #[get]
    fn whole(&self) -> Call<Event>;
    #[get(page = cursor(items = "/data", next = "/next", param = "after"))]
    fn pages(&self, since: Option<u32>) -> Pager<u64>;
}

#[endpoint(path = "/secret")]
struct Secrets;

#[endpoint]
impl Secrets {
    #[get(value = "/data")]
    fn get(&self) -> Call<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", restricted_paths("/secret"))]
struct Acme {
    session: Session,
    #[endpoint]
    things: Things,
    #[endpoint]
    secrets: Secrets,
}

fn acme(status: u16, content_type: &'static str, body: &'static [u8]) -> Acme {
    let (transport, _) = recording(move |_, _| {
        Ok(Response::new(respond(status, "").status())
            .with_header("content-type", content_type)
            .with_body(body))
    });
    Acme::builder().transport(transport).max_attempts(1).build().unwrap()
}

#[tokio::test]
async fn the_value_at_a_place_is_returned() {
    let utf16: &[u8] = b"\xff\xfe{\0\"\0d\0a\0t\0a\0\"\0:\0{\0\"\0i\0d\0\"\0:\x007\0}\0}\0";
    let bodies: [&[u8]; 6] = [
        br#"{"data":{"id":7}}"#,
        br#" { "other" : [1, {"data": 2}], "data" : {"id" : 7} , "more" : null } "#,
        br#"{"d\u0061ta":{"id":7}}"#,
        b"\xef\xbb\xbf{\"data\":{\"id\":7}}",
        br#"{"data":{"id":7},"data2":{"id":8}}"#,
        utf16,
    ];
    // A charset other than UTF-8 needs its feature.
    for body in bodies.into_iter().filter(|body| cfg!(feature = "charset") || *body != utf16) {
        let things = acme(200, "application/json", body).things();
        let shown = String::from_utf8_lossy(body);
        assert_eq!(things.event().await.unwrap(), Event { id: 7 }, "{shown}");
        assert_eq!(things.same().limit(1).await.unwrap(), Event { id: 7 }, "{shown}");
        assert_eq!(things.option().await.unwrap(), Some(Event { id: 7 }), "{shown}");
        assert_eq!(things.event().response().await.unwrap().value().id, 7, "{shown}");
    }
    let things = acme(200, "text/html", br#"{"data":[{"user/name":"ana"}]}"#).things();
    assert_eq!(things.name().await.unwrap(), "ana");
    // The whole body is there as well.
    let whole: serde_json::Value = things.name().json_as().await.unwrap();
    assert_eq!(whole["data"][0]["user/name"], "ana");
    // An operation of the same type without the key decodes the whole body.
    assert_eq!(
        acme(200, "application/json", br#"{"id":8,"data":{"id":7}}"#).things().whole().await.unwrap().id,
        8
    );
}

#[tokio::test]
async fn a_missing_value_is_none_for_an_option_only() {
    let rows: [(u16, &[u8], &str); 7] = [
        (200, br#"{"data":null}"#, "data: another type or value where struct Event is expected"),
        (200, br#"{"ok":true}"#, "it has no value at `/data`"),
        (200, br#"[1]"#, "it has no value at `/data`"),
        (200, b"7", "it has no value at `/data`"),
        (200, b"", "it has no body"),
        (204, b"", "it has no body"),
        (404, b"{}", "404 Not Found"),
    ];
    for (status, body, expected) in rows {
        let things = acme(status, "application/json", body).things();
        let shown = String::from_utf8_lossy(body);
        assert_eq!(things.option().await.unwrap(), None, "{shown}");
        let error = things.event().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{shown}: {error}");
    }
}

#[tokio::test]
async fn what_is_not_of_the_type_is_named_with_its_place() {
    let rows: [(&[u8], &str); 4] = [
        (br#"{"data":{"id":"s3cret"}}"#, "data.id: another type or value where u64 is expected"),
        (br#"{"data":{}}"#, "missing field `id`"),
        (b"<html>s3cret</html>", "expected value at line 1 column 1"),
        (br#"{"data":{"id":7"#, "EOF while parsing an object"),
    ];
    for (body, expected) in rows {
        let acme = acme(200, "application/json", body);
        for error in [acme.things().event().await.unwrap_err(), acme.things().option().await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        let error = acme.secrets().get().await.unwrap_err().to_string();
        assert!(!error.contains("data") && !error.contains("s3cret"), "{error}");
    }
}

#[test]
fn every_call_can_be_built_as_a_request() {
    fn line(call: impl ToRequest) -> String {
        let request = call.to_request().unwrap();
        format!("{} {}", request.method, request.url.as_str().trim_start_matches("https://api.test"))
    }
    let things = Acme::builder().transport(offline()).build().unwrap().things();
    assert_eq!(line(things.event()), "GET /things");
    assert_eq!(line(things.same().limit(7)), "GET /things?limit=7");
    assert_eq!(line(Box::new(things.event())), "GET /things");
    assert_eq!(line(things.event().raw()), "GET /things");
    assert_eq!(line(things.pages().since(3)), "GET /things?since=3");
    assert_eq!(line(things.pages().to_pager()), "GET /things");
    let call = things.same().limit(7);
    assert_eq!(line(&call), line(call));
}
