//! The SDK, against a vendor in memory.

use std::sync::{Arc, Mutex};

use acme::{Acme, CalendarError, Login, NewEvent};
use apisession::http::StatusCode;
use apisession::transport::Memory;
use apisession::{Credential, Response};

/// Returns a session that is signed in, and whose requests go to `vendor`.
fn acme(vendor: Memory) -> Acme {
    let token = Credential::bearer("t0k3n").unwrap();
    Acme::builder(Login::new("ana", "s3cret")).credential(token).transport(vendor).build().unwrap()
}

#[test]
fn a_call_is_the_request_that_the_vendor_documents() {
    let api = acme(Memory::new(|_| async { panic!("nothing is sent") }));
    let request = api.events().search("Team & guests").limit(5).build().unwrap();
    assert_eq!(request.method, "GET");
    assert_eq!(
        request.url.as_str(),
        "https://api.acme.example/v1/events/search?title=Team%20%26%20guests&limit=5"
    );
}

#[tokio::test]
async fn a_missing_event_is_an_error_of_its_own() {
    let api = acme(Memory::new(|_| async {
        Ok(Response::new(StatusCode::NOT_FOUND).with_body(r#"{"detail":"there is no event 7"}"#))
    }));
    match api.events().get(7).await {
        Err(CalendarError::NotFound(problem)) => {
            assert_eq!(problem.detail.as_deref(), Some("there is no event 7"));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_is_created_once_even_if_the_vendor_is_busy() {
    let keys = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&keys);
    let api = acme(Memory::new(move |request| {
        let mut keys = seen.lock().unwrap();
        keys.push(request.headers["idempotency-key"].clone());
        let response = match keys.len() {
            1 => Response::new(StatusCode::SERVICE_UNAVAILABLE),
            _ => Response::new(StatusCode::CREATED)
                .with_body(r#"{"id":6,"title":"Launch","day":"2026-12-09"}"#),
        };
        async move { Ok(response) }
    }));
    let launch = NewEvent { title: "Launch".to_owned(), day: "2026-12-09".to_owned() };
    let response = api.events().create(&launch).response().await.unwrap();
    assert_eq!((response.value().id, response.attempts()), (6, 2));
    let keys = keys.lock().unwrap();
    assert_eq!(keys[0], keys[1]);
}
