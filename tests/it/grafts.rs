//! Endpoints below paths with captured values.

use apisession::prelude::*;
use apisession_tests::{Sent, listed, recording, respond, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64) -> Call<()>;

    /// The notes of an event.
    #[graft("/{id}/notes")]
    fn notes(&self, id: u64) -> Notes;
}

#[endpoint]
struct Notes;

#[endpoint]
impl Notes {
    #[post]
    fn create(&self, #[json] note: &str) -> Call<()>;
}

/// A calendar shared with others.
#[endpoint]
struct Shared;

#[endpoint]
impl Shared {
    #[get]
    fn get(&self) -> Call<()>;

    #[graft]
    fn events(&self) -> Events;

    #[cfg(any())]
    #[graft("/never/{x}")]
    fn never(&self, x: Missing) -> Missing;
}

#[endpoint(path = "/folders")]
struct Folders;

#[endpoint]
impl Folders {
    #[get]
    fn list(&self) -> Call<()>;

    /// Folders in a folder, as deep as one likes.
    #[graft("/{name}")]
    fn folder(&self, name: &str) -> Folders;
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test/v1", restricted_paths("/shared/*/*/events/**"))]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
    #[endpoint]
    folders: Folders,
}

#[endpoint]
impl Acme {
    /// A calendar shared with others: a group with captured path parameters.
    #[graft("/shared/{owner}/{calendar}")]
    fn shared(&self, calendar: &str, owner: &str) -> Shared;
}

fn acme() -> (Acme, Sent) {
    let (transport, sent) = recording(|_, _| Ok(respond(404, r#"{"detail":"s3cret"}"#)));
    (Acme::builder().transport(transport).build().unwrap(), sent)
}

#[tokio::test]
async fn path_values_are_captured_by_grafts() {
    let (api, sent) = acme();
    let team = api.shared("the team", "ana/bo");
    let _ = team.get().await;
    let _ = team.events().get(7).await;
    let _ = team.events().notes(7).create("x").await;
    let _ = api.events().notes(8).create("y").await;
    let _ = api.folders().folder("a").folder("b").list().await;
    assert_eq!(
        sent.lines(),
        [
            "GET /v1/shared/ana%2Fbo/the%20team",
            "GET /v1/shared/ana%2Fbo/the%20team/events/7",
            "POST /v1/shared/ana%2Fbo/the%20team/events/7/notes",
            "POST /v1/events/8/notes",
            "GET /v1/folders/a/folders/b/folders",
        ]
    );
}

#[tokio::test]
async fn an_invalid_captured_value_fails_the_call_when_it_is_awaited() {
    let (api, sent) = acme();
    let lost = api.shared("..", "ana").events();
    let error = lost.get(7).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(
        error.to_string().starts_with("Events::get: the path parameter `calendar` is a dot segment"),
        "{error}"
    );
    let error = lost.notes(7).create("x").build().unwrap_err();
    assert!(error.to_string().starts_with("Notes::create: the path parameter `calendar`"), "{error}");
    assert_eq!(sent.lines().len(), 0);
}

#[tokio::test]
async fn a_restricted_path_pattern_matches_the_full_path() {
    let (api, _) = acme();
    let error = api.shared("team", "ana").events().get(7).await.unwrap_err();
    assert!(!error.report().contains("s3cret"), "{}", error.report());
    let error = api.events().get(7).await.unwrap_err();
    assert!(error.report().contains("s3cret"), "{}", error.report());
}

#[test]
fn grafts_are_listed_once_with_their_placeholders() {
    let (api, _) = acme();
    let routes = listed(&api.operations());
    assert_eq!(
        routes,
        [
            "GET /shared/{owner}/{calendar} Shared::get",
            "GET /shared/{owner}/{calendar}/events/{id} Events::get",
            "POST /shared/{owner}/{calendar}/events/{id}/notes Notes::create",
            "GET /events/{id} Events::get",
            "POST /events/{id}/notes Notes::create",
            "GET /folders Folders::list",
        ]
    );
}
