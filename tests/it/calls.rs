//! What a call sends, and when.

use std::time::Duration;

use apisession::prelude::*;
use apisession::transport::Memory;
use apisession_tests::{Sent, recording, respond, tokio};
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Event {
    id: u64,
    title: String,
}

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Event>;

    #[get]
    fn list(
        &self,
        since: Option<&str>,
        limit: Option<u32>,
        #[query(rename = "tag[]")] tags: Option<&[&str]>,
    ) -> Call<Vec<Event>>;

    #[get("/{id}/notes/{note}")]
    fn note(&self, note: &str, id: u64, #[query] lang: &str, draft: Option<bool>) -> Call<Event>;

    #[post]
    fn create(&self, event: &Event) -> Call<Event>;

    #[put("/{id}")]
    fn replace(&self, id: u64, #[json] event: &Event, notify: Option<bool>) -> Call<Event>;

    #[delete("/{id}")]
    fn delete(&self, id: u64) -> Call<()>;

    #[get("/lists")]
    fn lists(
        &self,
        #[query] plain: &[u8],
        #[query(list = "comma")] comma: &[&str],
        #[query(list = "brackets")] brackets: Option<&[&str]>,
        #[query(list = "comma", rename = "f")] fields: Option<Vec<String>>,
    ) -> Call<Event>;

    #[request(PURGE, "/{id}/cache", name = "Purge")]
    fn purge(
        &self,
        id: u64,
        #[header] if_match: &str,
        #[header("X-Tags")] tags: &[&str],
        #[header("X-Depth")] depth: Option<&[u8]>,
    ) -> Call<()>;

    #[get("/{arguments}/{end}.json", name = "Odd")]
    fn odd(&self, arguments: &str, end: &str, r#type: Option<&str>) -> Call<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", vendor = "Acme", product = "calendar")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

const EVENT: &str = r#"{"id":7,"title":"Standup"}"#;

fn acme() -> (Acme, Sent) {
    let (transport, sent) = recording(|_, seen| match seen.url.path() {
        "/v1/events" if seen.method == "GET" => Ok(respond(200, "[]")),
        _ => Ok(respond(200, EVENT)),
    });
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test]
async fn each_parameter_is_sent_where_it_is_declared() {
    let event = Event { id: 7, title: "Standup".to_owned() };
    let (api, sent) = acme();
    let events = api.events();
    assert_eq!(events.get(7).await.unwrap(), event);
    events.list().await.unwrap();
    events.list().since("2026-01-01").limit(10).tags(&["a b", "c&d"]).await.unwrap();
    events.list().maybe_since(None).maybe_limit(Some(5)).await.unwrap();
    events.list().since("two\r\nlines").await.unwrap();
    events.note("a/b", 7, "é").draft(true).await.unwrap();
    events.create(&event).await.unwrap();
    events.replace(7, &event).notify(false).await.unwrap();
    events.delete(7).await.unwrap();
    events.odd("x", "y").r#type("z").await.unwrap();
    assert_eq!(
        sent.lines(),
        [
            "GET /v1/events/7",
            "GET /v1/events",
            "GET /v1/events?since=2026-01-01&limit=10&tag%5B%5D=a%20b&tag%5B%5D=c%26d",
            "GET /v1/events?limit=5",
            "GET /v1/events?since=two%0D%0Alines",
            "GET /v1/events/7/notes/a%2Fb?lang=%C3%A9&draft=true",
            "POST /v1/events",
            "PUT /v1/events/7?notify=false",
            "DELETE /v1/events/7",
            "GET /v1/events/x/y.json?type=z",
        ]
    );
    let all = sent.all();
    assert_eq!((all[6].body.as_str(), all[6].header("content-type")), (EVENT, "application/json"));
    assert_eq!((all[7].body.as_str(), all[7].header("content-type")), (EVENT, "application/json"));
    assert_eq!((all[8].body.as_str(), all[8].header("content-type")), ("", ""));
    assert_eq!(all[0].header("accept"), "application/json");
    assert!(
        all[0]
            .header("user-agent")
            .starts_with("Integration/1.0 (Acme; calendar; Build/unknown) apisession/")
    );
}

#[tokio::test]
async fn a_list_is_sent_in_the_declared_style() {
    let (api, sent) = acme();
    let fields = || vec!["x".to_owned(), "y".to_owned()];
    api.events()
        .lists(&[1, 2], &["a,b", "c"])
        .brackets(&["d", "e"])
        .fields(vec![])
        .fields(fields())
        .await
        .unwrap();
    api.events().lists(&[], &[]).fields(fields()).fields(vec![]).await.unwrap();
    assert_eq!(
        sent.lines(),
        [
            "GET /v1/events/lists?plain=1&plain=2&comma=a%2Cb,c&brackets%5B%5D=d&brackets%5B%5D=e&f=x,y",
            "GET /v1/events/lists",
        ]
    );
}

#[tokio::test]
async fn custom_methods_and_header_parameters_are_sent() {
    let (api, sent) = acme();
    let call: Purge = api.events().purge(7, "\"v1\"", &["a", "b"]);
    call.depth(&[1, 2]).depth(&[2]).await.unwrap();
    api.events().purge(7, "*", &[]).depth(&[1]).depth(&[]).await.unwrap();
    let all = sent.all();
    assert_eq!(sent.lines(), ["PURGE /v1/events/7/cache", "PURGE /v1/events/7/cache"]);
    let headers =
        |index: usize| ["if-match", "x-tags", "x-depth"].map(|name| all[index].header(name).to_owned());
    assert_eq!(headers(0), ["\"v1\"", "a, b", "2"]);
    assert_eq!(headers(1), ["*", "", ""]);
    let error = api.events().purge(7, "s3cret\n", &[]).await.unwrap_err();
    assert!(
        error.to_string().contains("the header `if-match`") && !error.report().contains("s3cret"),
        "{error}"
    );
}

#[tokio::test]
async fn a_parameter_that_is_set_twice_is_sent_once() {
    let (api, sent) = acme();
    api.events().list().limit(1).since("a").limit(2).tags(&["x", "y"]).tags(&["z"]).await.unwrap();
    assert_eq!(sent.only().line(), "GET /v1/events?since=a&limit=2&tag%5B%5D=z");
}

#[tokio::test]
async fn nothing_is_sent_until_the_call_is_awaited() {
    let (api, sent) = acme();
    drop(api.events().get(7));
    let future = api.events().get(7).send();
    let request = api.events().create(&Event { id: 1, title: String::new() }).build().unwrap();
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.test/v1/events"));
    assert_eq!(request.body.as_bytes().unwrap(), r#"{"id":1,"title":""}"#);
    assert_eq!(sent.lines(), Vec::<String>::new());
    future.await.unwrap();
    assert_eq!(sent.only().line(), "GET /v1/events/7");
}

#[tokio::test]
async fn a_call_owns_what_it_needs() {
    fn owned<T: Send + 'static>(value: T) -> T {
        value
    }
    let (api, sent) = acme();
    let title = String::from("borrowed");
    let mut call = owned(api.events().list().since(&title));
    drop((api, title));
    if sent.all().is_empty() {
        call = call.limit(3);
    }
    let task = tokio::spawn(owned(call.send()));
    assert_eq!(task.await.unwrap().unwrap(), []);
    assert_eq!(sent.only().line(), "GET /v1/events?since=borrowed&limit=3");
}

#[tokio::test]
async fn an_invalid_argument_fails_the_call_when_it_is_awaited() {
    let (api, sent) = acme();
    let rows = [
        ("", "the path parameter `note` is empty"),
        (".", "the path parameter `note` is a dot segment"),
        ("..", "the path parameter `note` is a dot segment"),
        ("a\r\nb", r"the path parameter `note` contains the control character '\r'"),
    ];
    for (note, expected) in rows {
        let error = api.events().note(note, 7, "en").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert_eq!(error.operation().map(ToString::to_string).as_deref(), Some("Events::note"));
        assert!(error.to_string().starts_with(&format!("Events::note: {expected}")), "{error}");
    }
    let error = api.events().get(7).with_header("x-a", "s3cret\n").await.unwrap_err();
    assert!(error.to_string().contains("the header `x-a`"), "{error}");
    assert!(!error.report().contains("s3cret"));
    assert_eq!(sent.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_call_has_several_forms_of_output() {
    let (api, _) = acme();
    let events = api.events();
    let value: serde_json::Value = events.get(7).json_as().await.unwrap();
    assert_eq!(value["title"], "Standup");
    let raw = events.get(7).raw().await.unwrap();
    assert_eq!(raw.body().unwrap(), EVENT);
    let response = events.get(7).response().await.unwrap();
    assert_eq!((response.status().as_u16(), response.attempts()), (200, 1));
    assert_eq!(response.url().unwrap().as_str(), "https://api.test/v1/events/7");
    assert_eq!(response.into_value().id, 7);
    let listed = events.list().limit(1).response().await.unwrap();
    assert_eq!(listed.value().len(), 0);
    let listed: Vec<serde_json::Value> = events.list().limit(1).json_as().await.unwrap();
    assert_eq!(listed.len(), 0);
}

#[tokio::test]
async fn an_option_of_a_call_overrides_the_session() {
    let (transport, sent) = recording(|_, _| Ok(respond(200, EVENT)));
    let api = Acme::builder().transport(transport).header("x-a", "session").header("x-b", "session");
    let api = api.user_agent("Acme/7").build().unwrap();
    api.events().get(7).with_header("x-a", "call").await.unwrap();
    let seen = sent.only();
    assert_eq!((seen.header("x-a"), seen.header("x-b")), ("call", "session"));
    assert_eq!(seen.header("user-agent"), "Acme/7");
}

#[tokio::test(start_paused = true)]
async fn a_timeout_of_a_call_overrides_the_session() {
    let black_hole = || Memory::new(|_| std::future::pending());
    let api = Acme::builder().transport(black_hole()).timeout(Duration::from_secs(7)).build().unwrap();
    for (call, seconds, setting) in [
        (api.events().get(7), 7, "`timeout`"),
        (api.events().get(7).with_timeout(Duration::from_secs(2)), 2, "`timeout`"),
        (
            api.events().get(7).with_attempt_timeout(Duration::from_secs(1)).with_max_attempts(1),
            1,
            "`attempt_timeout`",
        ),
    ] {
        let start = tokio::time::Instant::now();
        let error = call.await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert!(error.to_string().contains(setting), "{error}");
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
}
