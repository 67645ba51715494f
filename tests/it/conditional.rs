//! Conditional requests.

use std::time::{Duration, SystemTime};

use apisession::prelude::*;
use apisession::{Conditional, ETag};
use apisession_tests::{offline, recording, respond, tokio};

#[endpoint(path = "/events")]
struct Events;

#[endpoint]
impl Events {
    #[get("/{id}")]
    fn get(&self, id: u64, full: Option<bool>) -> Call<String>;

    #[get("/{id}/title")]
    fn title(&self, id: u64) -> Call<Text, EventError>;

    #[put("/{id}")]
    fn replace(&self, id: u64, #[json] event: &str) -> Call<()>;
}

#[derive(Debug, ApiError)]
enum EventError {
    #[default]
    Api(serde_json::Value, Error),
    #[other]
    Other(Error),
}

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test", max_attempts = 1)]
struct Acme {
    session: Session,
    #[endpoint]
    events: Events,
}

fn offline_events() -> Events {
    Acme::builder().transport(offline()).build().unwrap().events()
}

#[tokio::test]
async fn a_resource_that_has_not_changed_is_none() {
    let (transport, requests) = recording(|_, seen| {
        let is_known =
            seen.header("if-none-match") == "\"v1\"" || !seen.header("if-modified-since").is_empty();
        let response = if is_known { respond(304, "") } else { respond(200, "\"Standup\"") };
        Ok(response
            .with_header("etag", "\"v1\"")
            .with_header("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"))
    });
    let events = Acme::builder().transport(transport).build().unwrap().events();
    let first = events.get(42).full(true).response().await.unwrap();
    let (tag, modified) = (first.etag().unwrap(), first.last_modified().unwrap());
    assert!(events.get(42).full(true).if_none_match(&tag).await.unwrap().is_none());
    assert!(events.get(42).if_modified_since(modified + Duration::from_millis(700)).await.unwrap().is_none());
    assert!(events.title(42).if_none_match(&tag).await.unwrap().is_none());
    // Options and setters can be mixed with it.
    let timed: Conditional<String> = events.get(42).if_none_match(&tag).with_timeout(Duration::from_secs(1));
    assert!(timed.send().await.unwrap().is_none());
    let newer = events.get(42).if_none_match(&"\"v0\"".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((newer.value().as_str(), newer.etag()), ("Standup", Some(tag)));
    let sent = requests.all();
    assert_eq!(sent[1].line(), "GET /events/42?full=true");
    assert_eq!(sent[2].header("if-modified-since"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

#[tokio::test]
async fn a_304_that_was_not_asked_for_is_an_error() {
    let (transport, _) = recording(|_, _| Ok(respond(304, "")));
    let events = Acme::builder().transport(transport).build().unwrap().events();
    assert_eq!(events.get(1).await.unwrap_err().status().unwrap().as_u16(), 304);
    // Any other failure stays one.
    let (transport, _) = recording(|_, _| Ok(respond(404, "")));
    let events = Acme::builder().transport(transport).build().unwrap().events();
    let tag = "\"v1\"".parse().unwrap();
    assert!(events.get(1).if_none_match(&tag).await.unwrap_err().is_not_found());
    assert!(matches!(events.title(1).if_none_match(&tag).await, Err(EventError::Other(_))));
}

#[tokio::test]
async fn a_condition_that_fails_is_a_kind_of_its_own() {
    let (transport, requests) = recording(|_, _| Ok(respond(412, "")));
    let events = Acme::builder().transport(transport).build().unwrap().events();
    let tag: ETag = "\"v1\"".parse().unwrap();
    let error = events.replace(42, "Standup").with_if_match(&tag).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PreconditionFailed);
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_999);
    events.get(42).full(true).with_if_unmodified_since(time).full(false).await.unwrap_err();
    let sent = requests.all();
    assert_eq!(sent[0].header("if-match"), "\"v1\"");
    assert_eq!(sent[1].header("if-unmodified-since"), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(sent[1].line(), "GET /events/42?full=false");
}

#[test]
fn strong_and_weak_tags_are_kept_apart() {
    let (strong, weak): (ETag, ETag) = ("\"v1\"".parse().unwrap(), "W/\"v1\"".parse().unwrap());
    assert!(strong != weak && weak.is_weak() && !strong.is_weak());
    let sent = |call: Conditional<String>| call.build().unwrap().headers["if-none-match"].clone();
    assert_eq!(sent(offline_events().get(1).if_none_match(&weak)), "W/\"v1\"");
    let error = offline_events().replace(1, "x").with_if_match(&weak).build().unwrap_err();
    assert!(error.kind() == ErrorKind::Argument && error.to_string().contains("is weak"), "{error}");
    for text in [
        "",
        "v1",
        "\"",
        "\"v1",
        "v1\"",
        "w/\"v1\"",
        "W/v1",
        "\"a\"b\"",
        "\"a b\"",
        "\"a\n\"",
        "*",
        "\"a\", \"b\"",
    ] {
        assert!(text.parse::<ETag>().is_err(), "{text:?}");
    }
    for text in ["\"\"", "\"a,b\"", "\"\u{e9}\"", "W/\"\""] {
        assert_eq!(text.parse::<ETag>().unwrap().to_string(), text);
    }
}

#[test]
fn a_date_that_http_has_no_form_for_is_an_error() {
    let year = Duration::from_secs(366 * 24 * 3600);
    for time in [SystemTime::UNIX_EPOCH - year, SystemTime::UNIX_EPOCH + year * 9000] {
        let error = offline_events().get(1).if_modified_since(time).build().unwrap_err();
        assert!(error.to_string().contains("1970 to 9999"), "{error}");
    }
}
