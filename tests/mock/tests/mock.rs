//! The helper crate: what it expects of a call, and what it does not accept.

use std::panic::{AssertUnwindSafe, catch_unwind};

use apisession::prelude::*;
use apisession_mock::{Expectation, Reply, expect};
use httpmock::MockServer;
use serde::{Deserialize, Serialize};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Event {
    title: String,
}

#[derive(Debug, ApiError)]
enum EventError {
    #[status(409)]
    Taken(Event),
    #[other]
    Other(Error),
}

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: &str) -> Call<Event>;
    #[get]
    fn list(&self, limit: Option<u32>, tags: Option<&[&str]>) -> Call<Vec<Event>>;
    #[post(idempotency_key, headers("x-api" = "2"))]
    fn create(&self, event: &Event) -> Call<Event, EventError>;
    #[put("/{id}/note")]
    fn note(&self, id: u32, #[body("text/plain")] note: impl Into<Body>) -> Call<()>;
    #[post("/{id}/file")]
    fn attach(&self, id: u32, #[part] file: Part) -> Call<()>;
    #[get("/all", page = link(items = ""))]
    fn all(&self) -> Pager<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1")]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn acme(server: &MockServer) -> Acme {
    let quickly = RetryPolicy::new().first_delay(Duration::ZERO);
    Acme::builder().base_url(server.url("/v1")).retry(quickly).build().unwrap()
}

fn event(title: &str) -> Event {
    Event { title: title.to_owned() }
}

#[tokio::test]
async fn each_kind_of_request_is_expected_and_met() {
    let server = MockServer::start();
    let events = acme(&server).events();
    let standup = event("Standup");
    let get = expect(&server, events.get("a/b ü")).json(&standup);
    let list = expect(&server, events.list().limit(7).tags(&["x", "y z"])).json(&[&standup]);
    let create = expect(&server, events.create(&standup)).json(&standup);
    let note = expect(&server, events.note(7, "Bring the slides.")).status(204);
    let attach = expect(&server, events.attach(7, Part::bytes("%PDF"))).status(204);
    let all = expect(&server, events.all()).json(&[&standup]);
    assert_eq!(events.get("a/b ü").await.unwrap(), standup);
    assert_eq!(events.list().limit(7).tags(&["x", "y z"]).await.unwrap().len(), 1);
    assert_eq!(events.create(&standup).await.unwrap(), standup);
    events.note(7, "Bring the slides.").await.unwrap();
    events.attach(7, Part::bytes("%PDF")).await.unwrap();
    assert_eq!(events.all().try_collect().await.unwrap().len(), 1);
    Expectation::assert_in_order(&[&get, &list, &create, &note, &attach, &all]);
}

#[tokio::test]
async fn replies_follow_each_other() {
    let server = MockServer::start();
    let events = acme(&server).events();
    let standup = event("Standup");
    let replies = [Reply::status(503), Reply::bytes(429, "text/plain", "later"), Reply::json(200, &standup)];
    let get = expect(&server, events.get("7")).replies(replies);
    assert_eq!(events.get("7").response().await.unwrap().attempts(), 3);
    get.assert();
    let taken = expect(&server, events.create(&standup)).error(409, &event("Retro"));
    match events.create(&standup).await.unwrap_err() {
        EventError::Taken(other) => assert_eq!(other, event("Retro")),
        other => panic!("{other:?}"),
    }
    taken.assert();
}

#[tokio::test]
async fn another_request_is_not_accepted() {
    let server = MockServer::start();
    let events = acme(&server).events();
    let standup = event("Standup");
    let list = expect(&server, events.list().limit(7)).json(&[&standup]);
    let create = expect(&server, events.create(&standup)).json(&standup);
    let note = expect(&server, events.note(7, "a")).status(204);
    let signed = expect(&server, events.get("7")).with_header("authorization", "Bearer t0k3n").json(&standup);
    let statuses = [
        events.list().await.map(drop),
        events.list().limit(8).await.map(drop),
        events.list().limit(7).tags(&["x"]).await.map(drop),
        events.create(&event("Retro")).await.map(drop).map_err(Error::from),
        events.create(&standup).with_header("x-api", "3").await.map(drop).map_err(Error::from),
        events.note(7, "b").await,
        events.note(8, "a").await,
        events.get("7").await.map(drop),
    ];
    for status in statuses {
        assert_eq!(status.unwrap_err().kind(), ErrorKind::NotFound);
    }
    for unmet in [&list, &create, &note, &signed] {
        assert!(catch_unwind(AssertUnwindSafe(|| unmet.assert())).is_err());
    }
    let token = Credential::bearer("t0k3n").unwrap();
    assert_eq!(events.get("7").with_credential(token).await.unwrap(), standup);
    signed.assert();
    // The same expectation again is one too many, and another order is noticed.
    events.note(7, "a").await.unwrap();
    Expectation::assert_in_order(&[&signed, &note]);
    assert!(catch_unwind(AssertUnwindSafe(|| Expectation::assert_in_order(&[&note, &signed]))).is_err());
    events.note(7, "a").await.unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| note.assert())).is_err());
}

#[tokio::test]
async fn a_session_of_another_server_is_a_mistake() {
    let server = MockServer::start();
    let api = Acme::builder().base_url("http://127.0.0.1:1").build().unwrap();
    let made = catch_unwind(AssertUnwindSafe(|| drop(expect(&server, api.events().get("7")))));
    let message = *made
        .unwrap_err()
        .downcast::<String>()
        .unwrap_or_else(|other| Box::new((*other.downcast::<&str>().unwrap()).to_owned()));
    assert!(message.contains("base_url(server.base_url())"), "{message}");
}

/// The book shows the crate whole.
#[test]
fn the_book_shows_the_crate() {
    let page = include_str!("../../../book/src/testing.md");
    assert!(
        page.contains(include_str!("../src/lib.rs")),
        "copy `tests/mock/src/lib.rs` to `book/src/testing.md`"
    );
}
