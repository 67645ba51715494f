//! What an SDK does in a build without any feature, over the transport in memory.

use std::sync::{Arc, Mutex};

use apisession::http::{HeaderValue, StatusCode};
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession_minimal::{Acme, Event, EventError, NewEvent};

const EVENT: &str = r#"{"id": 42, "title": "Standup"}"#;

/// What was sent: method, path with query, credential, and body.
type Sent = Arc<Mutex<Vec<(String, String, String, String)>>>;

/// A session with a vendor that responds to the requests, in order, with these statuses and bodies. It signs in without being asked.
fn acme(replies: Vec<(u16, &'static str)>) -> (Acme, Sent) {
    let (sent, replies) = (Sent::default(), Arc::new(Mutex::new(replies.into_iter())));
    let seen = Arc::clone(&sent);
    let vendor = Memory::new(move |request| {
        let (seen, replies) = (Arc::clone(&seen), Arc::clone(&replies));
        async move {
            if request.url.path() == "/v1/login" {
                return Ok(Response::new(StatusCode::OK).with_body(r#""token""#));
            }
            let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
            let path = request.url.path().to_owned() + &query;
            let credential = request.headers.get("authorization").map(|value| value.to_str().unwrap());
            let credential = credential.unwrap_or_default().to_owned();
            let body = String::from_utf8(request.body.as_bytes().unwrap().to_vec()).unwrap();
            seen.lock().unwrap().push((request.method.to_string(), path, credential, body));
            let (status, body) = replies.lock().unwrap().next().expect("no more requests");
            Ok(Response::new(StatusCode::from_u16(status).unwrap()).with_body(body))
        }
    });
    (Acme::builder().transport(vendor).build().unwrap(), sent)
}

fn sent(sent: &Sent) -> Vec<(String, String, String, String)> {
    sent.lock().unwrap().clone()
}

fn row(method: &str, path: &str, body: &str) -> (String, String, String, String) {
    (method.to_owned(), path.to_owned(), "Bearer token".to_owned(), body.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_get_and_a_post_are_sent_with_the_credential_and_decoded() {
    let (api, seen) = acme(vec![(200, EVENT), (200, EVENT), (201, EVENT)]);
    let standup = Event { id: 42, title: "Standup".to_owned() };
    assert_eq!(api.events().get(42).await.unwrap(), standup);
    assert_eq!(
        api.events().get(42).locale("de").with_timeout(Duration::from_secs(5)).await.unwrap(),
        standup
    );
    let new = NewEvent { title: "Standup".to_owned() };
    assert_eq!(api.events().create(&new).await.unwrap(), standup);
    let expected = [
        row("GET", "/v1/events/42", ""),
        row("GET", "/v1/events/42?locale=de", ""),
        row("POST", "/v1/events", r#"{"title":"Standup"}"#),
    ];
    assert_eq!(sent(&seen), expected);
}

#[tokio::test(start_paused = true)]
async fn a_get_is_retried_and_a_post_is_not() {
    let (api, seen) = acme(vec![(503, ""), (200, EVENT), (503, "")]);
    assert_eq!(api.events().get(42).response().await.unwrap().attempts(), 2);
    let error = api.events().create(&NewEvent { title: String::new() }).await.unwrap_err();
    assert!(matches!(&error, EventError::Other(error) if error.attempts() == 1), "{error:?}");
    assert_eq!(sent(&seen).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_known_by_its_status() {
    let (api, _) = acme(vec![(404, ""), (409, r#"{"title": "taken"}"#), (200, r#"{"id": "42"}"#)]);
    let error = api.events().get(7).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(StatusCode::NOT_FOUND)));
    let error = api.events().create(&NewEvent { title: "Standup".to_owned() }).await.unwrap_err();
    assert!(
        matches!(&error, EventError::Taken(problem) if problem.title.as_deref() == Some("taken")),
        "{error:?}"
    );
    assert_eq!(api.events().get(42).await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test(start_paused = true)]
async fn a_401_signs_in_anew_once() {
    let (api, seen) = acme(vec![(401, ""), (200, EVENT), (401, ""), (401, "")]);
    api.events().get(42).await.unwrap();
    assert_eq!(api.events().get(42).await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(sent(&seen).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_call_can_have_a_credential_of_its_own() {
    let signed = Credential::signing(|request, _| {
        request.headers.insert("authorization", HeaderValue::from_static("Signed"));
        Ok(())
    });
    let path = "/v1/events/42";
    let rows = [
        (Credential::basic("ana", "pw").unwrap(), path, "Basic YW5hOnB3"),
        (Credential::bearer("other").unwrap().expires_in(Duration::from_secs(60)), path, "Bearer other"),
        (signed, path, "Signed"),
        (Credential::query("key", "k"), "/v1/events/42?key=k", ""),
        (Credential::none(), path, ""),
    ];
    let (api, seen) = acme(vec![(200, EVENT); rows.len()]);
    for (credential, path, expected) in rows {
        api.events().get(42).with_credential(credential).await.unwrap();
        let (_, sent_to, sent, _) = seen.lock().unwrap().pop().unwrap();
        assert_eq!((sent_to.as_str(), sent.as_str()), (path, expected));
    }
}
