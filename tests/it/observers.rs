//! What the observers of a session are told, and that they harm no call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use apisession::Operation;
use apisession::observe::{
    AttemptEnded, CallEnded, CallStarted, End, ItemReceived, Observer, PageRead, RetryPlanned, TokenFetched,
};
use apisession::prelude::*;
use apisession::transport::{Failure, Memory};
use apisession_tests::{Step, Tree, recording, respond, scripted, tokio};
use serde::Deserialize;
use tracing::Level;

#[derive(Debug, Deserialize)]
struct Event {
    #[expect(dead_code, reason = "it is decoded")]
    id: u64,
}

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Event>;
    #[get("/{id}")]
    fn find(&self, id: u64) -> Call<Option<Event>>;
    #[post]
    fn create(&self, #[json] title: &str) -> Call<Event>;
    #[get("/changes")]
    fn changes(&self) -> Call<Lines<Event>>;
    #[get(page = cursor(items = "/data", next = "/next", param = "after", past_end(404)))]
    fn list(&self) -> Pager<Event>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", hooks)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

impl APISession for Acme {
    async fn authenticate(&self) -> Result<Credential> {
        let token: String = self.raw().post("/token").json_as().await?;
        Credential::bearer(&token)
    }
}

/// Writes down what it is told.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn note(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn name(operation: Option<&Operation>) -> String {
    operation.map_or_else(|| "raw".to_owned(), ToString::to_string)
}

fn number(status: Option<apisession::http::StatusCode>) -> u16 {
    status.map_or(0, |status| status.as_u16())
}

fn end(end: End) -> String {
    match end {
        End::Failure { kind, outcome, .. } => format!("{kind:?} {outcome:?}"),
        end => format!("{end:?}"),
    }
}

impl Observer for Notes {
    fn call_started(&self, event: &CallStarted) {
        self.note(format!("call {} {}", name(event.operation), event.method));
    }

    fn attempt_ended(&self, event: &AttemptEnded) {
        let AttemptEnded { resends, status, host, port, request_size, response_size, duration, .. } = event;
        let (status, end) = (number(*status), end(event.end));
        assert_eq!((&**host, *port), ("api.test", Some(443)));
        self.note(format!(
            "attempt {resends} {status} {end}, sizes {request_size:?} {response_size:?}, {duration:?}"
        ));
    }

    fn retry_planned(&self, event: &RetryPlanned) {
        let RetryPlanned { attempts, kind, status, outcome, delay, .. } = event;
        self.note(format!("retry after {attempts}: {kind:?} {} {outcome:?} in {delay:?}", number(*status)));
    }

    fn call_ended(&self, event: &CallEnded) {
        let CallEnded { status, attempts, duration, .. } = event;
        let (status, end) = (number(*status), end(event.end));
        self.note(format!("end {} {status} {end}, attempts {attempts}, {duration:?}", name(event.operation)));
    }

    fn token_fetched(&self, event: &TokenFetched) {
        self.note(format!("token {:?}, {:?}", event.failure, event.duration));
    }

    fn page_read(&self, event: &PageRead) {
        self.note(format!("page {} of {}: {} items", event.number, name(event.operation), event.items));
    }

    fn item_received(&self, event: &ItemReceived) {
        self.note(format!("item {} of {}", event.number, name(event.operation)));
    }
}

/// A response of lines.
fn lines(script: impl IntoIterator<Item = Step>) -> Response {
    let response = Response::new(apisession::http::StatusCode::OK);
    response.with_header("content-type", "application/x-ndjson").with_body(scripted(script))
}

fn session(
    respond: impl Fn(usize, &apisession_tests::Seen) -> Result<Response, Failure> + Send + Sync + 'static,
) -> (Acme, Arc<Notes>) {
    let notes = Arc::new(Notes::default());
    let builder = Acme::builder().observer(Arc::clone(&notes)).transport(recording(respond).0);
    (builder.build().unwrap(), notes)
}

#[tokio::test(start_paused = true)]
async fn an_observer_follows_a_call() {
    let (api, notes) = session(|number, request| {
        Ok(match (request.url.path(), number) {
            ("/token", _) => respond(200, "\"t\""),
            (_, 2) => respond(503, "{}").with_header("retry-after", "7"),
            (_, 3) => respond(302, "").with_header("location", "/a"),
            _ => respond(200, "{\"id\":7}"),
        })
    });
    api.events().get(7).await.unwrap();
    let expected = [
        "call Events::get GET",
        "call raw POST",
        "attempt 0 200 Success, sizes Some(0) Some(3), 0ns",
        "end raw 200 Success, attempts 1, 0ns",
        "token None, 0ns",
        "attempt 0 503 ServiceUnavailable Some(Unknown), sizes Some(0) Some(2), 0ns",
        "retry after 1: ServiceUnavailable 503 Some(Unknown) in 7",
        "attempt 1 302 Success, sizes Some(0) Some(0), 0ns",
        "attempt 2 200 Success, sizes Some(0) Some(8), 0ns",
    ];
    let mut found = notes.take();
    // The delay is spread over some hundred milliseconds.
    found[6].truncate(expected[6].len());
    assert_eq!(found[..9], expected);
    assert!(found[9].starts_with("end Events::get 200 Success, attempts 2, 7"), "{}", found[9]);
    assert_eq!(found.len(), 10, "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn each_call_ends_once_however_it_ends() {
    type Respond = fn() -> Result<Response, Failure>;
    type Make = fn(Acme) -> apisession::BoxFuture<'static, bool>;
    let get: Make = |api| Box::pin(async move { api.events().get(7).await.is_ok() });
    let find: Make = |api| Box::pin(async move { api.events().find(7).await.is_ok() });
    let post: Make = |api| Box::pin(async move { api.events().create("x").await.is_ok() });
    let refused: Make =
        |api| Box::pin(async move { api.events().get(7).with_header("a b", "c").await.is_ok() });
    let response: Make = |api| Box::pin(async move { api.events().find(7).response().await.is_ok() });
    let ok: Respond = || Ok(respond(200, "{\"id\":7}"));
    let missing: Respond = || Ok(respond(404, "{}"));
    let rows: [(&str, Respond, Make, &str); 9] = [
        ("a value", ok, get, "end Events::get 200 Success, attempts 1"),
        ("a 404", missing, get, "end Events::get 404 NotFound None, attempts 1"),
        ("a 404 that is None", missing, find, "end Events::find 404 Success, attempts 1"),
        ("a 404 that is None, with its head", missing, response, "end Events::find 404 Success, attempts 1"),
        ("no JSON", || Ok(respond(200, "{")), get, "end Events::get 200 Decode None, attempts 1"),
        (
            "no JSON of an Option",
            || Ok(respond(200, "{")),
            find,
            "end Events::find 200 Decode None, attempts 1",
        ),
        (
            "no response to a write",
            || Err(Failure::unknown("reset")),
            post,
            "end Events::create 0 Transport Some(Unknown), attempts 1",
        ),
        (
            "no connection",
            || Err(Failure::not_sent("refused")),
            post,
            "end Events::create 0 Connect Some(NotSent), attempts 3",
        ),
        ("an argument", ok, refused, "end Events::get 0 Argument None, attempts 0"),
    ];
    for (what, respond, make, expected) in rows {
        let (api, notes) = session(move |_, _| respond());
        let api = api.with(|settings| settings.without_credential());
        let is_ok = make(api).await;
        let found = notes.take();
        let ends: Vec<_> = found.iter().filter(|note| note.starts_with("end ")).collect();
        assert_eq!(ends.len(), 1, "{what}: {found:?}");
        assert!(ends[0].starts_with(&format!("{expected}, ")), "{what}: {found:?}");
        assert_eq!(is_ok, expected.contains("Success"), "{what}");
        let starts = found.iter().filter(|note| note.starts_with("call ")).count();
        assert_eq!(starts, 1, "{what}: {found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_ends() {
    let notes = Arc::new(Notes::default());
    let memory = Memory::new(|_| std::future::pending());
    let builder = Acme::builder().observer(Arc::clone(&notes)).without_credential().transport(memory);
    let api = builder.build().unwrap();
    drop(api.events().get(7).send());
    assert_eq!(notes.take(), ["call Events::get GET", "end Events::get 0 Dropped, attempts 0, 0ns"]);
    let ended = tokio::time::timeout(Duration::from_secs(1), api.events().get(7).send()).await;
    assert!(ended.is_err());
    let expected = [
        "call Events::get GET",
        "attempt 0 0 Dropped, sizes Some(0) None, 1s",
        "end Events::get 0 Dropped, attempts 0, 1s",
    ];
    assert_eq!(notes.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_that_fails_is_told() {
    let (api, notes) = session(|_, _| Ok(respond(403, "{}")));
    api.events().get(7).await.unwrap_err();
    let found = notes.take();
    assert!(found.contains(&"token Some(Forbidden), 0ns".to_owned()), "{found:?}");
    assert_eq!(found.last().unwrap(), "end Events::get 0 Authentication Some(NotSent), attempts 0, 0ns");
}

#[tokio::test(start_paused = true)]
async fn pages_and_items_are_told() {
    let (api, notes) = session(|number, request| {
        Ok(match (request.url.path(), number) {
            ("/events/changes", _) => {
                let script = [Step::text("{\"id\":1}\n"), Step::text("{\"id\":2}\n{\"id\":3}\n")];
                lines(script)
            }
            (_, 1) => respond(200, "{\"data\":[{\"id\":1},{\"id\":2}],\"next\":\"b\"}"),
            (_, 2) => respond(200, "{\"data\":[{\"id\":3}],\"next\":\"c\"}"),
            _ => respond(404, "{}"),
        })
    });
    let api = api.with(|settings| settings.without_credential());
    assert_eq!(api.events().list().try_collect().await.unwrap().len(), 3);
    let found = notes.take();
    let pages: Vec<_> = found.iter().filter(|note| note.starts_with("page ")).collect();
    assert_eq!(pages, ["page 1 of Events::list: 2 items", "page 2 of Events::list: 1 items"]);
    let ends = found.iter().filter(|note| note.starts_with("end Events::list"));
    let ends: Vec<_> = ends.map(|note| note.split(", ").next().unwrap()).collect();
    // The 404 that ends the list is no failure.
    assert_eq!(
        ends,
        ["end Events::list 200 Success", "end Events::list 200 Success", "end Events::list 404 Success"]
    );

    let mut changes = api.events().changes().await.unwrap();
    let mut count = 0;
    while let Some(change) = changes.next().await {
        change.unwrap();
        count += 1;
    }
    assert_eq!(count, 3);
    let found = notes.take();
    let items: Vec<_> = found.iter().filter(|note| note.starts_with("item ")).collect();
    assert_eq!(
        items,
        ["item 1 of Events::changes", "item 2 of Events::changes", "item 3 of Events::changes"]
    );
}

/// Panics whatever it is told.
struct Panics;

impl Observer for Panics {
    fn call_started(&self, _: &CallStarted) {
        panic!("call_started");
    }

    fn attempt_ended(&self, _: &AttemptEnded) {
        panic!("attempt_ended");
    }

    fn retry_planned(&self, _: &RetryPlanned) {
        panic!("retry_planned");
    }

    fn call_ended(&self, _: &CallEnded) {
        panic!("call_ended");
    }

    fn token_fetched(&self, _: &TokenFetched) {
        panic!("token_fetched");
    }

    fn page_read(&self, _: &PageRead) {
        panic!("page_read");
    }

    fn item_received(&self, _: &ItemReceived) {
        panic!("item_received");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_an_observer_harms_no_call_and_is_logged_once() {
    let tree = Tree::new(Level::ERROR);
    let _guard = tracing::subscriber::set_default(tree.clone());
    let notes = Arc::new(Notes::default());
    let (memory, _) = recording(|number, request| {
        Ok(match (request.url.path(), number) {
            ("/token", _) => respond(200, "\"t\""),
            (_, 2) => respond(503, "{}"),
            ("/events", _) => respond(200, "{\"data\":[{\"id\":1}]}"),
            ("/events/changes", _) => {
                let script = [Step::text("{\"id\":1}\n")];
                lines(script)
            }
            _ => respond(200, "{\"id\":7}"),
        })
    });
    let builder = Acme::builder().observer(Panics).observer(Arc::clone(&notes)).transport(memory);
    let api = builder.build().unwrap();
    api.events().get(7).await.unwrap();
    assert_eq!(api.events().list().try_collect().await.unwrap().len(), 1);
    let mut changes = api.events().changes().await.unwrap();
    changes.next().await.unwrap().unwrap();
    assert!(changes.next().await.is_none());
    // The next observer is told all the same.
    let found = notes.take();
    for kind in ["call ", "attempt ", "retry ", "token ", "page ", "item ", "end "] {
        assert!(found.iter().any(|note| note.starts_with(kind)), "{kind}: {found:?}");
    }
    let errors = tree.events();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].name.starts_with("an observer has panicked"), "{errors:?}");
}
