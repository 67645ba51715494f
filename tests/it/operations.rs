//! Declarations as values: the operations of an API without calling it.

use apisession::__private::Declaration;
use apisession::prelude::*;
use apisession::{Mode, Op, Place};
use apisession_tests::{listed, offline};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Event {
    id: u64,
}

/// Calendar events.
#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    /// Fetches one event.
    ///
    /// It is never a deleted one.
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<Event>;

    #[cfg(any())]
    #[get("/never/{id}")]
    fn never(&self, id: Missing) -> Call<Missing>;

    #[get]
    #[allow(clippy::needless_pass_by_value, reason = "an attribute that stays")]
    fn list(&self, since: Option<&str>) -> Call<Vec<Event>>;

    #[cfg(not(any()))]
    #[patch("/{id}/title")]
    fn rename(&self, id: u64, #[json] title: &str) -> Call<()>;

    #[deprecated = "use `rename`"]
    #[put("/{id}")]
    fn replace(&self, id: u64, event: &Event) -> Call<Option<Event>>;

    /// A constant and a plain fn may stand between the operations.
    const LIMIT: usize = { 100 };

    fn limited(&self) -> usize {
        Self::LIMIT
    }
}

/// An endpoint without operations yet.
#[endpoint(path = "empty/")]
struct Empty;

#[derive(Clone, APISession)]
#[session(base_url = "https://one.test/v1")]
struct One {
    session: Session,
    #[endpoint]
    events: Events,
    #[endpoint]
    empty: Empty,
}

#[endpoint]
impl One {
    /// An operation of the session itself.
    #[get("/health")]
    fn health(&self) -> Call<()>;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://two.test")]
struct Two {
    session: Session,
    #[endpoint]
    appointments: Events,
}

#[test]
fn every_operation_has_a_constant_that_describes_it() {
    let get: Op<Event> = Events::GET;
    let operation = get.operation();
    assert_eq!(operation.to_string(), "Events::get");
    assert_eq!((operation.method(), operation.path()), ("GET", "/{id}"));
    assert_eq!(operation.docs(), "Fetches one event.\n\nIt is never a deleted one.");
    assert_eq!((operation.response(), operation.error()), ("Event", None));
    let parameters: Vec<_> = operation.parameters().map(|p| (p.name(), p.place(), p.is_required())).collect();
    assert_eq!(parameters, [("id", Place::Path, true)]);

    let list: Op<Vec<Event>> = Events::LIST;
    assert_eq!(list.operation().response(), "Vec<Event>");
    let parameter = list.operation().parameters().next().unwrap();
    assert_eq!(
        (parameter.name(), parameter.place(), parameter.is_required()),
        ("since", Place::Query, false)
    );
    #[expect(deprecated)]
    let body = Events::REPLACE.operation().parameters().nth(1).unwrap();
    assert_eq!((body.name(), body.place(), body.is_required()), ("event", Place::Json, true));
}

#[test]
fn a_session_lists_its_operations_with_their_full_paths() {
    let one = One::builder().transport(offline()).build().unwrap();
    let routes = listed(&one.operations());
    assert_eq!(
        routes,
        [
            "GET /health One::health",
            "GET /events/{id} Events::get",
            "GET /events Events::list",
            "PUT /events/{id} Events::replace",
            // An operation under `cfg` is listed after those without.
            "PATCH /events/{id}/title Events::rename",
        ]
    );
}

#[test]
#[allow(deprecated, reason = "the attribute is there, and this is the test of it")]
fn an_endpoint_can_belong_to_two_sessions() {
    let one = One::builder().transport(offline()).build().unwrap();
    let two = Two::builder().transport(offline()).build().unwrap();
    let urls = [
        one.events().get(7).build().unwrap().url,
        two.appointments().get(7).build().unwrap().url,
        one.health().build().unwrap().url,
        one.events().rename(7, "x").build().unwrap().url,
        one.events().replace(7, &Event { id: 7 }).build().unwrap().url,
    ];
    assert_eq!(
        urls.map(String::from),
        [
            "https://one.test/v1/events/7",
            "https://two.test/events/7",
            "https://one.test/v1/health",
            "https://one.test/v1/events/7/title",
            "https://one.test/v1/events/7",
        ]
    );
    assert_eq!(one.events().limited(), 100);
    assert_eq!(format!("{:?} {:?}", one.empty(), one.events().get(7)), "Empty Call(Events::get)");
}

#[test]
fn an_operation_returns_its_values_once_by_default() {
    assert_eq!(Events::GET.operation().mode(), Mode::Once);
    static PAGED: Declaration =
        Declaration::new("GET", "/", 0, "all\u{1f}endpoint=Events").with_mode(Mode::Pages);
    assert_eq!(
        (PAGED.operation().to_string(), PAGED.operation().mode()),
        ("Events::all".to_owned(), Mode::Pages)
    );
}
